"""Start a real `smsgw serve` in a process of its own, and stop it.

For tests that need the whole system: sockets, disk, signals. Ports are free ones, the data lies in
a folder of the test, the settings are those of a new user unless arguments say otherwise.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN_S = 30.0
STOPPED_WITHIN_S = 15.0


class GatewayFailedError(AssertionError):
    """Report that the gateway did not start; carries what it wrote to stderr."""


@dataclass(frozen=True, slots=True)
class Address:
    """Name one end of a TCP connection."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Address:
        host, _colon, port = text.rpartition(":")
        return cls(host.strip("[]"), int(port))


class GatewayProcess:
    """Own one process of `smsgw serve` that has said it is ready."""

    def __init__(
        self, process: subprocess.Popen[str], ready: Mapping[str, Any], stderr_file: Path
    ) -> None:
        self._process = process
        self._stderr_file = stderr_file
        self.smpp = Address.parse(ready["smpp"])
        self.http = Address.parse(ready["http"])
        self.data = Path(ready["data"])
        self.pid: int = ready["pid"]

    @property
    def url(self) -> str:
        return f"http://{self.http.host}:{self.http.port}"

    def stderr(self) -> str:
        """Give everything it has written to stderr so far."""
        return self._stderr_file.read_text("utf-8", "replace")

    def client(self) -> httpx.Client:
        """Give a client of its HTTP API; close it after use."""
        return httpx.Client(base_url=self.url, timeout=30.0, trust_env=False)

    def get(self, path: str, **parameters: str | int) -> Any:
        """Give the JSON of `GET path`; raises httpx.HTTPStatusError on any error status."""
        with self.client() as client:
            return client.get(path, params=parameters).raise_for_status().json()

    def post(self, path: str, body: object) -> Any:
        """Give the JSON answer to `POST path`; raises httpx.HTTPStatusError on errors."""
        with self.client() as client:
            return client.post(path, json=body).raise_for_status().json()

    def ask_to_stop(self) -> None:
        """Send SIGTERM and return at once."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)

    def terminate(self) -> int:
        """Ask it to stop and give its exit status; kill it when it does not obey."""
        self.ask_to_stop()
        try:
            return self._process.wait(STOPPED_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def kill(self) -> int:
        """End it at once (SIGKILL), as a crash would."""
        if self._process.poll() is None:
            self._process.kill()
        return self._process.wait()

    @property
    def alive(self) -> bool:
        return self._process.poll() is None


def start_gateway(
    data: Path, *arguments: str, environ: Mapping[str, str] | None = None
) -> GatewayProcess:
    """Start `smsgw serve` on free loopback ports with its data in `data`; wait until it is ready.

    `arguments` follow on the command line; `environ` is added to the environment, from which the
    caller's own SMSGW_ variables are taken away. Raises GatewayFailedError with its stderr.
    """
    data.mkdir(parents=True, exist_ok=True)
    stderr_file = data.with_name(data.name + ".stderr")
    command = [
        *(sys.executable, "-m", "gateway", "serve", "--json"),
        *("--smpp", "127.0.0.1:0", "--http", "127.0.0.1:0", "--data", str(data)),
        *arguments,
    ]
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("SMSGW_")}
    with stderr_file.open("a") as stderr:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=inherited | dict(environ or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_pump, args=(process, lines), daemon=True).start()
    try:
        ready = json.loads(lines.get(timeout=READY_WITHIN_S))
        return GatewayProcess(process, ready, stderr_file)
    except (queue.Empty, ValueError, KeyError) as error:
        process.kill()
        status = process.wait()
        raise GatewayFailedError(
            f"no ready line within {READY_WITHIN_S:.0f} s ({error!r}); exit status {status};"
            f" stderr:\n{stderr_file.read_text('utf-8', 'replace')}"
        ) from error


@contextmanager
def running_gateway(
    data: Path, *arguments: str, environ: Mapping[str, str] | None = None
) -> Iterator[GatewayProcess]:
    """Run `start_gateway` for the length of a `with`, then stop it."""
    gateway = start_gateway(data, *arguments, environ=environ)
    try:
        yield gateway
    finally:
        gateway.terminate()


def _pump(process: subprocess.Popen[str], lines: queue.SimpleQueue[str]) -> None:
    """Read stdout to its end, so that the process never waits for us; an empty line ends it."""
    assert process.stdout is not None
    with process.stdout as stdout:
        for line in stdout:
            lines.put(line)
    lines.put("")
