"""Remove months: the oldest, whole ones alone, recorded first, and the chain stays whole."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.clock import ManualClock
from gateway.journal.batching import BatchingJournal
from gateway.journal.files import file_of, journal_files, month_ends, month_in
from gateway.journal.lock import DataLock
from gateway.journal.memory import MemoryStore, open_memory_journal
from gateway.journal.reader import SqliteJournalReader
from gateway.journal.retention import Ended, ended, remove
from gateway.journal.sqlite import open_journal
from gateway.verification import verify
from routing.events import JournalEvent, Retained, Stopped
from tests.support.journals import message, write_journal
from tests.support.rules import shanghai

MONTHS = ("2026-01", "2026-02", "2026-03", "2026-04")
LIMIT = shanghai("2026-04-15T00:00:00")
"""What came from here on must be kept."""
Batches = Iterator[tuple[int, float, list[JournalEvent]]]


def noon(month: str, day: int = 10) -> float:
    return shanghai(f"{month}-{day:02d}T12:00:00")


@dataclass(slots=True)
class Subject:
    """Hold a journal under test with two batches in each of four months."""

    journal: BatchingJournal
    clock: ManualClock
    read: Callable[[], Batches]

    def sequences(self) -> list[int]:
        return [sequence for sequence, _at, _events in self.read()]

    def retained(self) -> list[Retained]:
        events = [event for _sequence, _at, batch in self.read() for event in batch]
        return [event for event in events if isinstance(event, Retained)]


@pytest.fixture(params=["memory", "sqlite"])
async def subject(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Subject]:
    clock = ManualClock(at=noon(MONTHS[0]))
    failures: list[Exception] = []
    if request.param == "memory":
        journal, store = open_memory_journal(
            clock, on_failure=failures.append, kept_from=lambda _at: LIMIT
        )
        await fill(journal, clock)
        yield Subject(journal, clock, lambda: store.read(0))
        await journal.close()
    else:
        with DataLock.acquire(tmp_path) as lock:
            journal = await open_journal(
                lock, clock, on_failure=failures.append, kept_from=lambda _at: LIMIT
            )
            await fill(journal, clock)
            reader = SqliteJournalReader(tmp_path)
            yield Subject(journal, clock, lambda: reader.read(0))
            await journal.close()
        assert verify(tmp_path).problems == []
    assert failures == []


async def fill(journal: BatchingJournal, clock: ManualClock) -> None:
    for month in MONTHS:
        clock.advance(noon(month) - clock.at())
        for _ in range(2):
            journal.append(Stopped(clock.at(), "signal"))
            await journal.flush()


async def test_whole_months_before_the_time_are_removed_and_recorded(subject: Subject) -> None:
    removed = await subject.journal.retain(month_ends("2026-02"), "operator")
    assert removed == ("2026-01", "2026-02")
    assert subject.sequences() == [5, 6, 7, 8, 9]
    (event,) = subject.retained()
    assert (event.who, event.months, event.last_sequence) == ("operator", removed, 4)
    assert (event.at, event.before) == (subject.clock.at(), month_ends("2026-02"))


async def test_a_month_that_is_not_over_by_then_stays_whole(subject: Subject) -> None:
    assert await subject.journal.retain(month_ends("2026-02") - 1.0, "operator") == ("2026-01",)
    assert subject.sequences() == [3, 4, 5, 6, 7, 8, 9]


async def test_with_nothing_to_remove_nothing_is_recorded(subject: Subject) -> None:
    assert await subject.journal.retain(noon("2026-01"), "operator") == ()
    assert subject.sequences() == [1, 2, 3, 4, 5, 6, 7, 8]


async def test_nothing_that_must_be_kept_is_removed(subject: Subject) -> None:
    with pytest.raises(ValueError, match=r"before: \d+ seen, at most \d+ allowed"):
        await subject.journal.retain(LIMIT + 1.0, "operator")
    assert subject.sequences() == [1, 2, 3, 4, 5, 6, 7, 8]


async def test_the_newest_month_stays_whatever_the_time(subject: Subject) -> None:
    removed = await subject.journal.retain(LIMIT, "operator")
    assert removed == MONTHS[:3]
    assert subject.sequences() == [7, 8, 9]


async def test_the_journal_goes_on_after_a_removal(subject: Subject) -> None:
    await subject.journal.retain(LIMIT, "operator")
    subject.clock.advance(31 * 86400.0)
    subject.journal.append(Stopped(subject.clock.at(), "signal"))
    await subject.journal.flush()
    assert subject.sequences() == [7, 8, 9, 10]
    assert await subject.journal.retain(LIMIT, "operator") == ()


async def test_a_journal_that_was_given_no_limit_keeps_everything() -> None:
    clock = ManualClock(at=noon(MONTHS[0]))
    journal, store = open_memory_journal(clock, on_failure=lambda _error: None)
    await fill(journal, clock)
    with pytest.raises(ValueError, match="at most -inf allowed"):
        await journal.retain(0.0, "operator")
    assert len(store.batches) == 8


async def filled_memory() -> tuple[BatchingJournal, MemoryStore]:
    clock = ManualClock(at=noon(MONTHS[0]))
    journal, store = open_memory_journal(
        clock, on_failure=lambda _error: None, kept_from=lambda _at: LIMIT
    )
    await fill(journal, clock)
    return journal, store


async def test_what_can_not_be_recorded_is_not_removed() -> None:
    journal, store = await filled_memory()
    store.refuse(True)
    assert await journal.retain(LIMIT, "operator") == ()
    assert len(store.batches) == 8
    store.refuse(False)
    assert await journal.retain(LIMIT, "operator") == MONTHS[:3]


async def test_a_journal_that_dies_over_the_record_removes_nothing() -> None:
    journal, store = await filled_memory()
    store.break_down(OSError("fsync"))
    for _ in range(2):
        with pytest.raises(OSError, match="fsync"):
            await journal.retain(LIMIT, "operator")
    assert len(store.batches) == 8


# -- the files -----------------------------------------------------------------------------------


@pytest.fixture
def data(tmp_path: Path) -> Path:
    batches = [(noon(month), [message(number)]) for number, month in enumerate(MONTHS)]
    write_journal(tmp_path, batches)
    return tmp_path


def test_months_are_found_up_to_the_first_that_is_not_over(data: Path) -> None:
    assert ended(data, 0.0) == Ended()
    assert ended(data, month_ends("2026-01")) == Ended(("2026-01",), 1)
    assert ended(data, month_ends("2030-12")) == Ended(MONTHS[:3], 3)


def test_the_end_of_the_chain_stays_while_the_newest_file_has_no_position(data: Path) -> None:
    sqlite3.connect(file_of(data, "2026-05")).close()
    file_of(data, "2026-05").touch()
    assert ended(data, month_ends("2030-12")) == Ended(MONTHS[:3], 3)


def test_a_file_that_is_no_database_is_an_error(data: Path) -> None:
    file_of(data, "2026-02").write_bytes(b"no database, whatever it is called" * 100)
    with pytest.raises(sqlite3.DatabaseError):
        ended(data, month_ends("2026-03"))


def test_files_go_with_what_belongs_to_them_and_the_rest_is_sound(data: Path) -> None:
    for suffix in ("-wal", "-shm"):
        Path(f"{file_of(data, '2026-01')}{suffix}").touch()
    remove(data, ("2026-01", "2026-02"))
    assert [month_in(path) for path in journal_files(data)] == ["2026-03", "2026-04"]
    assert [path.name for path in data.iterdir() if "2026-01" in path.name] == []
    assert verify(data).problems == []


@pytest.mark.parametrize("unlinked", range(4))
def test_a_removal_that_is_cut_off_leaves_a_sound_journal_and_can_be_done_again(
    data: Path, monkeypatch: pytest.MonkeyPatch, unlinked: int
) -> None:
    steps = iter([None] * unlinked)
    unlink = Path.unlink

    def cut_off(self: Path, missing_ok: bool = False) -> None:
        next(steps)
        unlink(self, missing_ok)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", cut_off)
        with pytest.raises(StopIteration):
            remove(data, ("2026-01", "2026-02"))
    assert verify(data).problems == []
    remove(data, ended(data, month_ends("2026-02")).months)
    assert [month_in(path) for path in journal_files(data)] == ["2026-03", "2026-04"]


def test_months_that_are_gone_already_are_no_error(data: Path) -> None:
    remove(data, ("2026-01",))
    remove(data, ("2026-01", "2026-02"))
    assert [month_in(path) for path in journal_files(data)] == ["2026-03", "2026-04"]
