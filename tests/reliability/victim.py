"""Start a real `smsgw serve` on a port that stays the same, end it in every way, start it again."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN_S = 30.0
_PORTS = range(21_000 + os.getpid() % 1_000, 31_000, 97)
"""Below 32768, where the kernel takes the ports of outgoing connections from; by process, so that
two test runs at once do not choose alike."""

SETTINGS = """
[smpp.timers]
response_s = {response_s}
[smpp.reassembly]
timeout_s = {reassembly_s}
[data]
durability = "{durability}"
"""


def settings(
    *, durability: str = "full", response_s: float = 5.0, reassembly_s: float = 2.0
) -> str:
    """Write a settings file: the demo account, and times short enough for a test."""
    return SETTINGS.format(durability=durability, response_s=response_s, reassembly_s=reassembly_s)


def free_port(above: int = 0) -> int:
    """Find a port that nobody listens on, above one that somebody is about to take."""
    for port in (port for port in _PORTS if port > above):
        with socket.socket() as probe:
            # What ended connections have left behind keeps nobody from listening.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError(f"every port of {_PORTS} is in use")


def until(condition: Callable[[], object], within_s: float, what: str = "") -> None:
    """Wait for a condition that another process brings about; fail after so many seconds."""
    pause = threading.Event()
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, f"not within {within_s:g} s: {what or condition}"
        pause.wait(0.01)


def pause(seconds: float) -> None:
    """Let time pass where its passing is what the test is about."""
    threading.Event().wait(seconds)


@dataclass(slots=True)
class Victim:
    """Own a gateway's folder and port, and the process of the moment."""

    folder: Path
    toml: str = field(default_factory=settings)
    environ: Mapping[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    data: Path = field(default_factory=Path)
    port: int = field(default_factory=free_port)
    host: str = "127.0.0.1"
    ready: dict[str, Any] = field(default_factory=dict)
    recovery_s: list[float] = field(default_factory=list)
    """Seconds from each start to readiness."""
    limit: tuple[str, ...] = ()
    """A command that goes before the gateway's, such as prlimit's."""
    _process: subprocess.Popen[str] | None = None

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.data == Path():
            self.data = self.folder / "data"
        (self.folder / "smsgw.toml").write_text(self.toml, "utf-8")

    @property
    def process(self) -> subprocess.Popen[str]:
        assert self._process is not None, "not started"
        return self._process

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def url(self) -> str:
        return f"http://{self.ready['http']}"

    @property
    def errors(self) -> str:
        """Give everything it has written to standard error."""
        return (self.folder / "stderr").read_text("utf-8", "replace")

    def spawn(self) -> None:
        """Start the process and don't wait."""
        inherited = {key: v for key, v in os.environ.items() if not key.startswith("SMSGW_")}
        command = [
            *(*self.limit, sys.executable, "-m", "gateway", "serve", "--json"),
            *("--config", str(self.folder / "smsgw.toml"), "--data", str(self.data)),
            *("--smpp", f"{self.host}:{self.port}", "--http", "127.0.0.1:0", *self.arguments),
        ]
        with (self.folder / "stderr").open("a") as errors:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**inherited, **self.environ},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                start_new_session=True,
            )

    def start(self) -> None:
        """Start the process and wait until it is ready."""
        began = time.monotonic()
        self.spawn()
        # A gateway that hangs must not hang the test.
        watch = threading.Timer(READY_WITHIN_S, self.process.kill)
        watch.start()
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        watch.cancel()
        assert line, f"it did not start (exit {self.process.wait()}):\n{self.errors[-3000:]}"
        self.recovery_s.append(time.monotonic() - began)
        self.ready = json.loads(line)

    def kill(self) -> None:
        """Kill the gateway alone, as the kernel or an operator would."""
        self.process.kill()
        self._gone()

    def cut(self) -> None:
        """Stop everything at once, as a power cut would."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self._gone()

    def terminate(self, within_s: float = 15.0) -> int:
        """Send SIGTERM and give the exit code."""
        if self.process.poll() is None:
            self.process.terminate()
        return self.wait(within_s)

    def wait(self, within_s: float) -> int:
        """Wait for its end and give the exit code; kill it when there is none."""
        try:
            code = self.process.wait(within_s)
        except subprocess.TimeoutExpired:
            self.cut()
            raise
        self._gone()
        return code

    def close(self) -> None:
        """Leave no process behind."""
        if self._process is not None and self._process.poll() is None:
            self.cut()

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """Ask its HTTP API."""
        with httpx.Client(base_url=self.url, timeout=10.0, trust_env=False) as client:
            return client.get(path, headers=headers)

    def post(self, path: str, body: object) -> httpx.Response:
        """Ask its HTTP API with JSON."""
        with httpx.Client(base_url=self.url, timeout=10.0, trust_env=False) as client:
            return client.post(path, json=body)

    def metric(self, name: str, **labels: str) -> float:
        """Add up the samples of a metric that have these labels."""
        wanted = [f'{key}="{value}"' for key, value in labels.items()]
        lines = self.get("/metrics").text.splitlines()
        found = [
            float(line.rpartition(" ")[2])
            for line in lines
            if line.startswith((f"{name}{{", f"{name} ")) and all(part in line for part in wanted)
        ]
        assert found, f"no samples of {name} with {labels}"
        return sum(found)

    def logged(self, event: str) -> list[dict[str, Any]]:
        """Give the log's lines about an event."""
        lines = [line for line in self.errors.splitlines() if line.startswith("{")]
        return [found for found in map(json.loads, lines) if found["event"] == event]

    def reload(self, toml: str, event: str = "settings.reloaded") -> dict[str, Any]:
        """Write other settings, send SIGHUP, and give the line of log that says what came of it."""
        (self.folder / "smsgw.toml").write_text(toml, "utf-8")
        before = len(self.logged(event))
        self.process.send_signal(signal.SIGHUP)
        until(lambda: len(self.logged(event)) > before, 15, event)
        return self.logged(event)[-1]

    def descriptors(self) -> int:
        """Count the open files of the gateway's main process."""
        return len(list(Path(f"/proc/{self.pid}/fd").iterdir()))

    def idle_descriptors(self) -> int:
        """Count them without the files that a start or a look at figures reads for a moment."""
        pause = threading.Event()
        counts = []
        for _ in range(20):
            counts.append(self.descriptors())
            pause.wait(0.025)
        return min(counts)

    def memory_octets(self) -> int:
        """Give the resident memory of the gateway's main process."""
        pages = Path(f"/proc/{self.pid}/statm").read_text("ascii").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def open_files(self) -> int:
        """Count the descriptors its main process holds."""
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def processor_s(self) -> float:
        """Give the processor time its main process has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text("ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _gone(self) -> None:
        """Wait until the last process that held the data has ended: they die with the first."""
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()
        until(lambda: not _group_lives(self.process.pid), 10, "the committer's end")


def _group_lives(group: int) -> bool:
    """Say whether a process of the group still runs: one that ended holds no file and no lock,
    though it is counted until somebody reaps it, which some containers do once a second."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return any(_runs_in(group, stat) for stat in Path("/proc").glob("[0-9]*/stat"))


def _runs_in(group: int, stat: Path) -> bool:
    try:
        state, _parent, of = stat.read_text("ascii", "replace").rpartition(")")[2].split()[:3]
    except OSError:
        return False  # it ended while we looked
    return int(of) == group and state not in ("Z", "X")


class PowerCut:
    """Run a victim so that a cut leaves of each file what was fsynced (see power_cut.c)."""

    def __init__(self, victim: Victim, shim: Path) -> None:
        self._victim = victim
        self._shadow = victim.folder / "shadow"
        victim.environ = {"LD_PRELOAD": str(shim), "SHADOW_DIR": str(self._shadow)}
        victim.data.mkdir(exist_ok=True)
        self.spread()

    def spread(self) -> None:
        """Take what is on the disk as synced: it survived the last cut."""
        shutil.rmtree(self._shadow, ignore_errors=True)
        shutil.copytree(self._victim.data, self._shadow)

    def cut(self) -> None:
        """Cut the power: everything ends, and what was not fsynced is gone."""
        self._victim.cut()
        shutil.rmtree(self._victim.data)
        torn = shutil.ignore_patterns("*.tmp*", "*-shm")
        shutil.copytree(self._shadow, self._victim.data, ignore=torn)
        self.spread()
