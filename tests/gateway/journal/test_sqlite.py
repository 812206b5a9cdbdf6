from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.clock import ManualClock, SystemClock
from gateway.journal.anchors import FILE, read_anchors
from gateway.journal.batching import BatchingJournal
from gateway.journal.lock import DataLock
from gateway.journal.reader import SqliteJournalReader
from gateway.journal.sqlite import JournalFailedError, SqliteStore, open_journal
from tests.support.journals import message
from tests.support.submissions import AT

DAY_S = 86_400.0


@pytest.fixture
def lock(tmp_path: Path) -> Iterator[DataLock]:
    with DataLock.acquire(tmp_path / "data") as held:
        yield held


async def opened(lock: DataLock, clock: ManualClock, failures: list[Exception]) -> BatchingJournal:
    return await open_journal(lock, clock, on_failure=failures.append)


async def store(journal: BatchingJournal, number: int) -> None:
    journal.append(message(number))
    await journal.flush()


async def test_a_restart_continues_sequence_and_chain(lock: DataLock) -> None:
    clock = ManualClock(at=AT)
    for number in range(3):
        journal = await opened(lock, clock, [])
        assert journal.sequence == number
        await store(journal, number)
        await journal.close()
    assert [sequence for sequence, _, _ in SqliteJournalReader(lock.data_dir).read(0)] == [1, 2, 3]


async def test_each_month_of_shanghai_has_its_file_and_the_chain_goes_on(lock: DataLock) -> None:
    clock = ManualClock(at=AT)  # 2026-02-25 14:13 in Shanghai
    journal = await opened(lock, clock, [])
    for number in range(5):
        await store(journal, number)
        clock.advance(20 * DAY_S)
    clock.jump(-60 * DAY_S)
    await store(journal, 5)
    await journal.close()
    names = [path.name for path in sorted(lock.data_dir.glob("journal-*.sqlite3"))]
    assert names == [f"journal-2026-0{month}.sqlite3" for month in (2, 3, 4, 5)]
    reader = SqliteJournalReader(lock.data_dir)
    stored = list(reader.read_stored(0))
    assert [batch.sequence for batch in stored] == [1, 2, 3, 4, 5, 6]
    assert stored[-1].path.name == "journal-2026-05.sqlite3", "a clock set back opens no old file"
    with sqlite3.connect(stored[1].path) as connection:
        row = connection.execute("SELECT after_sequence, previous_hash FROM segment").fetchone()
    connection.close()
    assert row == (1, stored[0].hash)


async def test_a_restart_in_a_later_month_continues_the_chain(lock: DataLock) -> None:
    clock = ManualClock(at=AT)
    journal = await opened(lock, clock, [])
    await store(journal, 1)
    await journal.close()
    clock.advance(40 * DAY_S)
    journal = await opened(lock, clock, [])
    await store(journal, 2)
    await journal.close()
    first, second = SqliteJournalReader(lock.data_dir).read_stored(0)
    assert (first.path.name, second.path.name) == (
        "journal-2026-02.sqlite3",
        "journal-2026-04.sqlite3",
    )


async def test_files_belong_to_the_owner_alone(lock: DataLock) -> None:
    journal = await opened(lock, ManualClock(at=AT), [])
    await store(journal, 1)
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in lock.data_dir.iterdir()}
    await journal.close()
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(lock.data_dir.stat().st_mode) == 0o700


async def test_a_clean_stop_leaves_an_anchor_and_no_wal(lock: DataLock) -> None:
    journal = await opened(lock, ManualClock(at=AT), [])
    await store(journal, 1)
    await store(journal, 2)
    await journal.close()
    anchors, _ = read_anchors(lock.data_dir / FILE)
    assert anchors[-1].position == SqliteJournalReader(lock.data_dir).last()
    assert anchors[-1].position.sequence == 2


async def test_each_day_is_anchored(lock: DataLock) -> None:
    clock = ManualClock(at=AT)
    journal = await opened(lock, clock, [])
    for number in range(6):
        await store(journal, number)
        clock.advance(DAY_S / 2)
    await journal.close()
    anchors, _ = read_anchors(lock.data_dir / FILE)
    assert [anchor.position.sequence for anchor in anchors] == [1, 2, 4, 6]


async def test_nothing_can_be_changed_or_deleted_by_sql(lock: DataLock) -> None:
    journal = await opened(lock, ManualClock(at=AT), [])
    await store(journal, 1)
    await journal.close()
    connection = sqlite3.connect(lock.data_dir / "journal-2026-02.sqlite3")
    for statement in ("DELETE FROM batch", "UPDATE batch SET at = 0"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute(statement)
    connection.close()


async def test_the_death_of_the_committer_ends_all_acknowledgement(lock: DataLock) -> None:
    failures: list[Exception] = []
    journal = await opened(lock, ManualClock(at=AT), failures)
    await store(journal, 1)
    told: list[bool] = []
    held = journal._store
    assert isinstance(held, SqliteStore)
    os.kill(held.pid, signal.SIGSTOP)
    journal.append(message(2))
    journal.after_commit(told.append)
    await asyncio.sleep(0)
    os.kill(held.pid, signal.SIGKILL)
    with pytest.raises(JournalFailedError, match=r"unasked \(killed by signal 9\)"):
        await journal.flush()
    journal.append(message(3))
    journal.after_commit(told.append)
    await journal.close()
    assert told == []
    assert journal.failed is failures[0]


async def test_a_stop_signal_to_the_whole_group_leaves_the_committer_to_its_gateway(
    lock: DataLock,
) -> None:
    journal = await opened(lock, ManualClock(at=AT), [])
    held = journal._store
    assert isinstance(held, SqliteStore)
    for number in (signal.SIGINT, signal.SIGTERM):
        os.kill(held.pid, number)
    await store(journal, 1)
    await journal.close()
    assert SqliteJournalReader(lock.data_dir).last().sequence == 1


async def test_a_damaged_journal_is_named_at_the_start(lock: DataLock) -> None:
    path = lock.data_dir / "journal-2026-02.sqlite3"
    path.write_bytes(b"no database" * 1000)
    with pytest.raises(JournalFailedError, match=r"journal-2026-02\.sqlite3: file is not a data"):
        await opened(lock, ManualClock(at=AT), [])


async def test_a_journal_of_a_later_format_is_refused(lock: DataLock) -> None:
    journal = await opened(lock, ManualClock(at=AT), [])
    await journal.close()
    connection = sqlite3.connect(lock.data_dir / "journal-2026-02.sqlite3")
    connection.execute("UPDATE segment SET format = 9")
    connection.commit()
    connection.close()
    with pytest.raises(JournalFailedError, match="format 9 seen, 1 is known to this version"):
        await opened(lock, ManualClock(at=AT), [])


async def test_it_continues_behind_a_month_that_was_never_completed(lock: DataLock) -> None:
    clock = ManualClock(at=AT)
    journal = await opened(lock, clock, [])
    await store(journal, 1)
    await journal.close()
    (lock.data_dir / "journal-2026-03.sqlite3").touch()
    clock.advance(10 * DAY_S)
    journal = await opened(lock, clock, [])
    await store(journal, 2)
    await journal.close()
    assert [s for s, _, _ in SqliteJournalReader(lock.data_dir).read(0)] == [1, 2]


@pytest.mark.parametrize("synchronous", ["full", "normal"])
async def test_the_wal_stays_small_under_load(lock: DataLock, synchronous: Any) -> None:
    def fail(error: Exception) -> None:
        raise AssertionError(error)

    journal = await open_journal(lock, SystemClock(), on_failure=fail, synchronous=synchronous)
    for turn in range(60):
        journal.extend([message(turn * 1000 + n) for n in range(1000)])
        await journal.flush()
    (wal,) = lock.data_dir.glob("*-wal")
    size = wal.stat().st_size
    await journal.close()
    assert size < 8 << 20
