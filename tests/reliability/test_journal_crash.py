"""What was acknowledged survives SIGKILL, power cuts, fsync errors and full disks (I1, I2, I15-17).

The ledger is the appending process's standard output: one line per acknowledged message, written
the moment its callback ran. Afterwards the journal alone is asked.
"""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.clock import SystemClock
from gateway.journal.lock import DataLock
from gateway.journal.reader import SqliteJournalReader
from gateway.journal.sqlite import open_journal
from gateway.verification import verify
from routing.events import Stopped, Submission
from tests.support.submissions import MESSAGE_ID

_ROOT = Path(__file__).resolve().parents[2]
_SHIM = Path(__file__).with_name("power_cut.c")


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Compile the library that forgets what was not fsynced."""
    compiler = shutil.which("cc")
    if compiler is None:
        if os.environ.get("CI") == "true":
            pytest.fail("cc is missing: install gcc (Debian: apt-get install gcc libc6-dev)")
        pytest.skip("no C compiler: install gcc (Debian: apt-get install gcc libc6-dev)")
    library = tmp_path_factory.mktemp("shim") / "power_cut.so"
    options = ["-O2", "-shared", "-fPIC", "-o", str(library), str(_SHIM), "-ldl"]
    subprocess.run([compiler, *options], check=True)
    return library


class Appender:
    """Run tests.support.appending and read its ledger."""

    def __init__(self, data_dir: Path, first: int, *options: str, **environment: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.appending", str(data_dir), str(first), *options],
            cwd=_ROOT,
            env={**os.environ, "PYTHONPATH": str(_ROOT), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        self._out = self._process.stdout
        self.lines: list[str] = []

    def kill_after(self, lines: int) -> list[int]:
        """Kill it at a random moment after so many lines; give what it has acknowledged."""
        for _ in range(lines):
            line = self._out.readline()
            assert line, self._process.communicate()[1].decode()
            self.lines.append(line.decode().strip())
        self._process.send_signal(signal.SIGKILL)
        return self._rest()

    def to_the_end(self, lines: int) -> tuple[list[int], int]:
        """Wait until it ends, or kill it after so many lines; give ledger and exit code."""
        while len(self.lines) < lines and (line := self._out.readline()):
            self.lines.append(line.decode().strip())
        if len(self.lines) == lines:
            self._process.send_signal(signal.SIGKILL)
        return self._rest(), self._process.returncode

    def _rest(self) -> list[int]:
        # Standard error is the committer's too: at its end, both are gone.
        out, _ = self._process.communicate(timeout=30)
        self.lines += out.decode().splitlines()
        # A line is torn when SIGKILL comes within its write.
        return [int(line) for line in self.lines if line.isdigit()]


def stored(data_dir: Path) -> list[int]:
    return [
        event.message_id - MESSAGE_ID
        for _, _, events in SqliteJournalReader(data_dir).read(0)
        for event in events
        if isinstance(event, Submission)
    ]


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_by_sigkill(tmp_path: Path) -> None:
    dice = random.Random(1)
    acknowledged: set[int] = set()
    for cycle in range(20):
        appender = Appender(tmp_path / "data", cycle * 1_000_000)
        acknowledged |= set(appender.kill_after(dice.randint(1, 120)))
    DataLock.acquire(tmp_path / "data").close()
    found = stored(tmp_path / "data")
    assert len(acknowledged) > 20
    assert acknowledged <= set(found)
    assert len(found) == len(set(found))
    report = verify(tmp_path / "data")
    assert report.problems == []


def power_cuts(shim: Path, tmp_path: Path, cycles: int, *options: str) -> int:
    """Cut the power so many times; give how many acknowledged messages were lost in all."""
    dice = random.Random(2)
    lost = 0
    data, shadow = tmp_path / "data", tmp_path / "shadow"
    acknowledged: set[int] = set()
    for cycle in range(cycles):
        shutil.rmtree(shadow, ignore_errors=True)
        data.mkdir(exist_ok=True)
        # What survived the last cut is on the disk, synced or not.
        shutil.copytree(data, shadow)
        environment = {"LD_PRELOAD": str(shim), "SHADOW_DIR": str(shadow)}
        appender = Appender(data, cycle * 1_000_000, *options, **environment)
        acknowledged |= set(appender.kill_after(dice.randint(4, 100)))
        shutil.rmtree(data)
        shutil.copytree(shadow, data, ignore=shutil.ignore_patterns("*.tmp*", "*-shm"))
        report = verify(data)
        assert report.problems == [] or options, str(report.problems[:1])
        found = set(stored(data))
        lost += len(acknowledged - found)
        acknowledged &= found
    return lost


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_by_power_cuts(shim: Path, tmp_path: Path) -> None:
    assert power_cuts(shim, tmp_path, 10) == 0


@pytest.mark.slow
def test_the_same_power_cuts_lose_without_full_synchronisation(shim: Path, tmp_path: Path) -> None:
    """The negative control: without it the test above would prove nothing."""
    assert power_cuts(shim, tmp_path, 4, "normal") > 0


DIRECTORY_SYNCS = {*range(1, 9), 14}
"""Syncs of a start among which those of the directory are."""


@pytest.mark.slow
@pytest.mark.parametrize("failing", [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 14, 19, 27, 40])
def test_after_a_failed_fsync_nothing_is_acknowledged(
    shim: Path, tmp_path: Path, failing: int
) -> None:
    data = tmp_path / "data"
    appender = Appender(data, 0, LD_PRELOAD=str(shim), FAIL_SYNC_AT=str(failing))
    acknowledged, code = appender.to_the_end(lines=2000)
    # SQLite passes over errors when it syncs the directory after making or removing a file, which
    # the committer then syncs itself; every other sync counts.
    passed_over = (-signal.SIGKILL,) if failing in DIRECTORY_SYNCS else ()
    assert code in (3, 4, *passed_over)
    if code == 3:
        assert appender.lines[-1] == "failed"
    again = Appender(data, 1_000_000)
    later = again.kill_after(3)
    DataLock.acquire(data).close()
    found = stored(data)
    assert set(acknowledged) | set(later) <= set(found)
    assert len(found) == len(set(found))
    assert verify(data).problems == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a file system of 20 MB."""
    mount = tmp_path / "disk"
    mount.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", str(mount)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"can't mount a small tmpfs, which needs root: {done.stderr.strip()}")
    yield mount
    subprocess.run(["umount", "-l", str(mount)], check=True)


async def until(condition: object, seconds: float) -> None:
    """Wait for a condition that another process brings about."""
    assert callable(condition)
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - there is nothing that tells us
            await asyncio.sleep(0.01)


async def test_a_full_disk_refuses_and_recovers_without_restart(small_disk: Path) -> None:
    told: dict[str, bool] = {}
    failures: list[Exception] = []
    with DataLock.acquire(small_disk / "data") as lock:
        journal = await open_journal(lock, SystemClock(), on_failure=failures.append)

        async def store(name: str) -> None:
            journal.append(Stopped(0.0, f"{name} " + "x" * 200_000))
            journal.after_commit(lambda stored: told.update({name: stored}))
            await journal.flush()

        filler = small_disk / "filler"
        filler.write_bytes(bytes(8 << 20))
        count = 0
        while not journal.full():
            await store(f"below the mark {count}")
            count += 1
        assert all(told.values()), "intake is refused before the disk is full"
        for reserve in range(60):
            await store(f"reserve {reserve}")
        assert told["reserve 0"], "what must be recorded still finds room"
        assert not told["reserve 59"]
        assert journal.full()
        assert journal.short_of_space()
        began = time.monotonic()
        filler.unlink()
        await until(lambda: not journal.full(), 5)
        await store("after")
        assert told["after"]
        assert time.monotonic() - began < 5
        await journal.close()
        assert failures == []
        names = {
            event.reason.split(" x")[0]
            for _, _, events in SqliteJournalReader(lock.data_dir).read(0)
            for event in events
            if isinstance(event, Stopped)
        }
    assert names == {name for name, stored in told.items() if stored}
    assert verify(small_disk / "data").problems == []
