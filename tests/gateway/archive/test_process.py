from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from gateway.archive.process import ArchiveProcess
from gateway.archive.reader import ArchiveReader
from gateway.archiver import archiver_command
from gateway.clock import ManualClock
from gateway.journal.batching import BatchingJournal, CommitObserved
from gateway.journal.lock import DataLock
from gateway.journal.reader import SqliteJournalReader
from gateway.journal.sqlite import open_journal
from gateway.tasks import Tasks
from tests.support.journals import message, write_journal
from tests.support.submissions import AT, MESSAGE_ID

PATIENCE_S = 20.0


@asynccontextmanager
async def running(
    data_dir: Path,
    deaths: list[int],
    command: tuple[list[str], dict[str, str]] | None = None,
    patience_s: float = PATIENCE_S,
) -> AsyncIterator[ArchiveProcess]:
    failures: list[tuple[str, BaseException]] = []
    tasks = Tasks(lambda name, error: failures.append((name, error)))
    started_by = command or archiver_command(data_dir, {})
    archive = ArchiveProcess(*started_by, deaths.append, patience_s=patience_s)
    task = tasks.start(archive.run(), "archive")
    try:
        yield archive
    finally:
        await archive.close()
        await asyncio.wait_for(task, PATIENCE_S)
        assert failures == []


async def test_what_is_committed_can_be_read_after_a_bounded_wait(tmp_path: Path) -> None:
    deaths: list[int] = []
    data_dir = tmp_path / "data"
    with DataLock.acquire(data_dir) as lock:
        async with running(data_dir, deaths) as archive:

            def observe(commit: CommitObserved) -> None:
                archive.committed(commit.sequence, commit.events)

            clock = ManualClock(at=AT)
            journal: BatchingJournal = await open_journal(
                lock, clock, on_failure=lambda _: None, observe=observe
            )
            reader = ArchiveReader(data_dir, SqliteJournalReader(data_dir))
            for number in range(5):
                before = archive.version()
                journal.append(message(number))
                await journal.flush()
                assert await archive.wait_for(journal.sequence, PATIENCE_S)
                assert archive.version() > before
                assert await reader.get(MESSAGE_ID + number) is not None
            assert archive.lag_events() == 0
            await journal.close()
    assert deaths == []


async def test_an_archiver_that_died_is_started_again_and_catches_up(tmp_path: Path) -> None:
    deaths: list[int] = []
    write_journal(tmp_path, [(AT, [message(number)]) for number in range(3)])
    async with running(tmp_path, deaths) as archive:
        assert await archive.wait_for(3, PATIENCE_S)
        pid = archive.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        write_journal(tmp_path, [(AT, [message(9)])])
        assert await archive.wait_for(4, PATIENCE_S)
        assert archive.pid != pid
    assert deaths == [-signal.SIGKILL]


async def test_a_wait_that_is_too_long_ends_without_an_answer(tmp_path: Path) -> None:
    async with running(tmp_path, []) as archive:
        assert not await archive.wait_for(99, 0.05)
        await archive.changed(archive.version() + 5, 0.05)


async def test_the_lag_is_counted_in_events(tmp_path: Path) -> None:
    asleep = ([sys.executable, "-c", "import sys; sys.stdin.read()"], dict(os.environ))
    async with running(tmp_path, [], asleep) as archive:
        archive.committed(1, 10)
        archive.committed(2, 5)
        assert archive.lag_events() == 15


async def test_a_program_that_fails_at_once_is_restarted_with_pauses(tmp_path: Path) -> None:
    deaths: list[int] = []
    failing = ([sys.executable, "-c", "import sys; sys.exit(7)"], dict(os.environ))
    async with running(tmp_path, deaths, failing) as archive:
        archive.committed(1, 1)
        assert not await archive.wait_for(1, 0.6)
    assert set(deaths) == {7}
    assert len(deaths) <= 4


async def test_an_archiver_that_does_not_end_is_killed(tmp_path: Path) -> None:
    code = "import time, sys; print(1, flush=True)\nwhile True: time.sleep(9)"
    deaf = ([sys.executable, "-c", code], dict(os.environ))
    async with running(tmp_path, [], deaf, patience_s=0.05) as archive:
        assert await archive.wait_for(1, PATIENCE_S)


async def test_whoever_waits_for_the_start_is_told_of_the_process(tmp_path: Path) -> None:
    write_journal(tmp_path, [(AT, [message(1)])])
    async with running(tmp_path, []) as archive:
        assert archive.pid is None
        assert await archive.started(PATIENCE_S)
        assert archive.pid is not None
    assert not await archive.started(0.0)
