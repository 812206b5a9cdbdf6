"""Show what others on the machine, and other machines, can reach: nothing unless told (X14)."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.gateway_process import Address
from tests.support.wire import SUBMIT, Wire, pdu, submit_body

from .victim import ROOT, Victim, settings, until

LISTEN = "0A"
LOOPBACK_4, LOOPBACK_6 = "0100007F", "00000000000000000000000001000000"
OPEN_MODES = stat.S_IRWXG | stat.S_IRWXO


def listening(pid: int) -> set[str]:
    """Give the addresses, as /proc/net/tcp writes them, on which a process listens."""
    sockets = set()
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = os.readlink(entry)
        except OSError:
            continue
        if target.startswith("socket:["):
            sockets.add(target[8:-1])
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text("ascii").splitlines()[1:]:
            fields = line.split()
            if fields[3] == LISTEN and fields[9] in sockets:
                found.add(fields[1].rpartition(":")[0])
    return found


@pytest.mark.slow
def test_files_are_the_user_s_alone_though_the_folder_is_open(
    victims: Callable[..., Victim], tmp_path: Path
) -> None:
    pdus = tmp_path / "pdus"
    data = tmp_path / "shown"
    data.mkdir(mode=0o755)
    # The widest umask there is: what the gateway makes must not depend on it.
    victim = victims(
        settings(),
        data=data,
        arguments=("--log-pdus", str(pdus)),
        limit=("/bin/sh", "-c", 'umask 000; exec "$@"', "sh"),
    )
    victim.start()
    with Wire(Address("127.0.0.1", victim.port)) as wire:
        wire.bind()
        assert wire.ask(pdu(SUBMIT, submit_body(), sequence=2)).command_status in range(0x100)
    until(lambda: any(data.glob("archive*")), 10, "an archive")
    while_running = {path.name: path.stat().st_mode for path in data.rglob("*")}
    assert victim.terminate() == 0
    modes = while_running | {path.name: path.stat().st_mode for path in data.rglob("*")}
    assert any(name.startswith("journal-") for name in modes)
    assert {name: oct(mode) for name, mode in modes.items() if mode & OPEN_MODES} == {}
    assert not pdus.stat().st_mode & (stat.S_IRWXO | stat.S_IWGRP)
    # The control: a file made as the gateway was started is open to all.
    made = tmp_path / "made"
    subprocess.run(["/bin/sh", "-c", f"umask 000; : > {made}"], check=True)
    assert made.stat().st_mode & OPEN_MODES


@pytest.mark.slow
def test_nothing_listens_off_loopback_unless_told(tmp_path: Path) -> None:
    from tests.support.gateway_process import running_gateway

    with running_gateway(tmp_path / "default") as gateway:
        assert listening(gateway.pid) == {LOOPBACK_4}
    defaults = _defaults()
    assert defaults == {"127.0.0.1:2775", "127.0.0.1:3550", "127.0.0.1:8775"}


def _defaults() -> set[str]:
    """Give where the gateway listens when nobody says anything."""
    from config.loader import load_settings

    found = load_settings(None, {})
    return {str(found.smpp.listen), str(found.smpp.tls.listen), str(found.http.listen)}


@pytest.mark.slow
@pytest.mark.parametrize("address", ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"])
def test_an_api_without_token_does_not_open_where_others_can_reach_it(
    address: str, tmp_path: Path
) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "gateway", "serve", "--smpp", "127.0.0.1:0"),
            *("--http", address, "--data", str(tmp_path / "data")),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 3
    assert "tokens" in done.stderr
    assert not (tmp_path / "data").exists(), "refused before anything is opened"
    # The control: with a token the same settings are in order.
    token = '[[http.tokens]]\nname = "a"\nrole = "viewer"\ntoken = "t0ken"\n'
    (tmp_path / "smsgw.toml").write_text(f'{token}[http]\nlisten = "{address}"\n', "utf-8")
    checked = subprocess.run(
        [sys.executable, "-m", "gateway", "check", "--config", str(tmp_path / "smsgw.toml")],
        cwd=ROOT,
        capture_output=True,
        timeout=30,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr
