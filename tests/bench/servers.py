"""Start the message centres that are measured: the gateway as set up, npm `smpp`, and an echo."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.checks import CHECK_NAMES
from tests.support.gateway_process import ROOT, GatewayProcess, running_gateway

from . import lists

NPM = Path(__file__).parent / "npm"
NPM_BUILD = ROOT / "build" / "bench-npm"
_CHECKS_OFF = "[checks]\n" + "".join(f'{name} = "off"\n' for name in CHECK_NAMES)
_NOT_DURABLE = '[data]\ndurability = "none"\n'
_MANY_BINDS = """
[smpp.limits]
max_connections = 20000
[[account]]
system_id = "police"
password = "secret08"
max_binds = 20000
"""
SETUPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "bare": (_NOT_DURABLE + _CHECKS_OFF, ("--contract", "none")),
    "checks": (_NOT_DURABLE, ()),
    "durable": ("", ()),
    "many binds": (_MANY_BINDS, ("--contract", "none")),
}
"""Name → settings file, arguments."""


@contextmanager
def gateway(setup: str, folder: Path) -> Iterator[GatewayProcess]:
    """Run a gateway of one of SETUPS, with data of its own below `folder`."""
    settings, arguments = SETUPS[setup]
    with tempfile.TemporaryDirectory(dir=folder, prefix="bench-") as name:
        data = Path(name)
        config = data / "smsgw.toml"
        config.write_text(settings, "utf-8")
        with running_gateway(data / "data", "--config", str(config), *arguments) as running:
            yield running


@contextmanager
def with_lists(sizes: lists.Sizes, folder: Path) -> Iterator[GatewayProcess]:
    """Run a gateway whose registries are of these sizes, with data of its own below `folder`."""
    with tempfile.TemporaryDirectory(dir=folder, prefix="bench-lists-") as name:
        place = Path(name)
        config = place / "smsgw.toml"
        config.write_text(lists.make(place, sizes), "utf-8")
        with running_gateway(place / "data", "--config", str(config)) as running:
            yield running


def install_npm_smpp() -> str:
    """Install the pinned npm `smpp` below `build/`; give why it can't be measured, or ""."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "node or npm is not installed: apt-get install nodejs npm"
    wanted = (NPM / "package.json").read_text("utf-8")
    NPM_BUILD.mkdir(parents=True, exist_ok=True)
    installed = NPM_BUILD / "node_modules" / "smpp" / "package.json"
    pinned = json.loads(wanted)["dependencies"]["smpp"]
    if installed.exists() and json.loads(installed.read_text("utf-8"))["version"] == pinned:
        return ""
    (NPM_BUILD / "package.json").write_text(wanted, "utf-8")
    quiet = ("--no-package-lock", "--no-audit", "--no-fund", "--silent")
    tried = subprocess.run(
        ["npm", "install", *quiet, "--prefix", str(NPM_BUILD)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    if tried.returncode:
        return f"npm install failed: {(tried.stderr or tried.stdout).strip()[-200:]}"
    return ""


@contextmanager
def npm_smpp() -> Iterator[int]:
    """Run the npm server; give its port."""
    with _listening("node", str(NPM / "server.js"), str(NPM_BUILD)) as port:
        yield port


@contextmanager
def echo(*, receipts: bool) -> Iterator[int]:
    """Run the cheapest acceptor there is; give its port."""
    extra = ("--receipts",) if receipts else ()
    with _listening(sys.executable, "-m", "tests.bench.echo", *extra) as port:
        yield port


@contextmanager
def _listening(*command: str) -> Iterator[int]:
    """Run a server that prints {"port": n} and ends when its stdin does."""
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield int(json.loads(process.stdout.readline())["port"])
        finally:
            process.stdin.close()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
