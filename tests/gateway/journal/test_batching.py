"""The contract of every journal, run on memory and on SQLite alike."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from gateway.clock import ManualClock
from gateway.journal.batching import BatchingJournal, CommitObserved
from gateway.journal.lock import DataLock
from gateway.journal.memory import MemoryStore, open_memory_journal
from gateway.journal.reader import SqliteJournalReader
from gateway.journal.sqlite import open_journal
from gateway.ports import Journal
from routing.events import JournalEvent, Stopped, Submission
from tests.support.journals import message
from tests.support.submissions import AT, MESSAGE_ID

Reading = Callable[[], Iterator[tuple[int, float, list[JournalEvent]]]]


@dataclass
class Subject:
    """One journal under test and everything it told."""

    journal: BatchingJournal
    read: Reading
    observed: list[CommitObserved]
    failures: list[Exception] = field(default_factory=list)

    def stored(self) -> list[int]:
        return [_number(event) for _, _, events in self.read() for event in events]


def _number(event: JournalEvent) -> int:
    assert isinstance(event, Submission)
    return event.message_id - MESSAGE_ID


@pytest.fixture(params=["memory", "sqlite"])
async def subject(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Subject]:
    observed: list[CommitObserved] = []
    failures: list[Exception] = []
    clock = ManualClock(at=AT)
    watch: dict[str, Any] = {"on_failure": failures.append, "observe": observed.append}
    if request.param == "memory":
        journal, store = open_memory_journal(clock, **watch, limits=(100, 1 << 20))
        yield Subject(journal, lambda: store.read(0), observed, failures)
        await journal.close()
        return
    with DataLock.acquire(tmp_path / "data") as lock:
        journal = await open_journal(lock, clock, **watch, limits=(100, 1 << 20))
        reader = SqliteJournalReader(lock.data_dir)
        yield Subject(journal, lambda: reader.read(0), observed, failures)
        await journal.close()


async def test_what_is_appended_is_read_back_in_order(subject: Subject) -> None:
    journal: Journal = subject.journal
    journal.append(message(1))
    journal.extend([message(2), message(3)])
    await subject.journal.flush()
    journal.append(message(4))
    await subject.journal.flush()
    assert subject.stored() == [1, 2, 3, 4]
    assert [(s, at) for s, at, _ in subject.read()] == [(1, AT), (2, AT)]


async def test_events_of_one_turn_of_the_loop_are_one_batch(subject: Subject) -> None:
    for number in range(50):
        subject.journal.append(message(number))
    await subject.journal.flush()
    assert [(o.events, o.sequence) for o in subject.observed] == [(50, 1)]


async def test_events_that_gather_during_a_commit_are_the_next_batch(subject: Subject) -> None:
    subject.journal.append(message(0))
    for number in range(1, 4):
        await asyncio.sleep(0)
        subject.journal.append(message(number))
    await subject.journal.flush()
    assert subject.stored() == [0, 1, 2, 3]
    assert 2 <= len(subject.observed) <= 4
    assert subject.journal.sequence == len(subject.observed)


async def test_callbacks_run_in_order_after_the_events_before_them_are_stored(
    subject: Subject,
) -> None:
    told: list[tuple[int, bool, int]] = []

    def note(number: int) -> Callable[[bool], None]:
        return lambda stored: told.append((number, stored, len(subject.stored())))

    for number in range(6):
        subject.journal.append(message(number))
        subject.journal.after_commit(note(number))
        if number % 2:
            await asyncio.sleep(0)
    await subject.journal.flush()
    assert [number for number, _, _ in told] == [0, 1, 2, 3, 4, 5]
    assert all(stored and seen > number for number, stored, seen in told)


async def test_no_callback_runs_before_the_loop_is_given_back(subject: Subject) -> None:
    told: list[bool] = []
    subject.journal.after_commit(told.append)
    subject.journal.append(message(1))
    subject.journal.after_commit(told.append)
    assert told == []
    await subject.journal.flush()
    await asyncio.sleep(0)
    assert told == [True, True]


async def test_a_callback_without_new_events_waits_for_the_earlier_ones(subject: Subject) -> None:
    told: list[str] = []
    subject.journal.append(message(1))
    await asyncio.sleep(0)
    subject.journal.after_commit(lambda _: told.append("while under way"))
    subject.journal.append(message(2))
    await asyncio.sleep(0)
    subject.journal.after_commit(lambda _: told.append("while waiting"))
    await subject.journal.flush()
    assert told == ["while under way", "while waiting"]


async def test_events_appended_by_a_callback_are_stored_too(subject: Subject) -> None:
    subject.journal.append(message(1))
    subject.journal.after_commit(lambda _: subject.journal.append(message(2)))
    await subject.journal.flush()
    await subject.journal.flush()
    assert subject.stored() == [1, 2]


async def test_one_failing_callback_costs_the_others_nothing(subject: Subject) -> None:
    reported: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context))
    told: list[bool] = []

    def fail(stored: bool) -> None:
        raise LookupError("owner's mistake")

    subject.journal.append(message(1))
    subject.journal.after_commit(fail)
    subject.journal.after_commit(told.append)
    await subject.journal.flush()
    assert told == [True]
    assert "owner's mistake" in str(reported[0]["exception"])


async def test_a_journal_with_too_much_waiting_is_full_and_recovers(subject: Subject) -> None:
    journal = subject.journal
    for number in range(99):
        journal.append(message(number))
    assert not journal.full()
    journal.append(message(99))
    assert journal.full()
    await asyncio.sleep(0)
    assert journal.full()
    await journal.flush()
    assert not journal.full()


async def test_octets_that_wait_make_it_full_as_well(subject: Subject) -> None:
    subject.journal.append(Stopped(AT, "x" * (1 << 20)))
    await asyncio.sleep(0)
    assert subject.journal.full()
    await subject.journal.flush()
    assert not subject.journal.full()


async def test_much_at_once_becomes_several_batches_in_order(subject: Subject) -> None:
    subject.journal.extend([Stopped(AT, f"{n}" * 100_000) for n in range(10)] * 3)
    await subject.journal.flush()
    reasons = [e.reason[0] for _, _, events in subject.read() for e in events]  # type: ignore[union-attr] # all are Stopped
    assert "".join(reasons) == "0123456789" * 3
    assert len(subject.observed) >= 3


async def test_an_event_that_cannot_be_encoded_is_not_stored_and_stops_nothing(
    subject: Subject,
) -> None:
    asyncio.get_running_loop().set_exception_handler(lambda _, context: None)
    told: list[bool] = []
    subject.journal.append(Stopped(AT, "\ud800"))
    subject.journal.after_commit(told.append)
    await subject.journal.flush()
    await asyncio.sleep(0)
    subject.journal.append(message(7))
    subject.journal.after_commit(told.append)
    await subject.journal.flush()
    assert told == [False, True]
    assert subject.stored() == [7]


async def test_batches_of_every_head_size_are_read_back(subject: Subject) -> None:
    for count in (1, 15, 16, 70_000):
        subject.journal.extend([Stopped(AT, "")] * count)
        await subject.journal.flush()
    assert sum(len(events) for _, _, events in subject.read()) == 70_032


class TestMemory:
    """What only a store that fails on demand can show; SQLite's own failures have tests too."""

    def open(self) -> tuple[BatchingJournal, MemoryStore, list[Exception]]:
        failures: list[Exception] = []
        journal, store = open_memory_journal(ManualClock(at=AT), on_failure=failures.append)
        return journal, store, failures

    async def test_want_of_space_answers_false_and_keeps_the_journal_alive(self) -> None:
        journal, store, failures = self.open()
        told: list[bool] = []
        store.refuse(True)
        assert journal.full()
        assert journal.short_of_space()
        journal.append(message(1))
        journal.after_commit(told.append)
        await journal.flush()
        store.refuse(False)
        assert not journal.full()
        journal.append(message(2))
        journal.after_commit(told.append)
        await journal.flush()
        assert told == [False, True]
        assert [_number(e) for _, _, events in store.read(0) for e in events] == [2]
        assert failures == []

    async def test_a_broken_store_ends_all_acknowledgement(self) -> None:
        journal, store, failures = self.open()
        told: list[bool] = []
        journal.append(message(1))
        await asyncio.sleep(0)
        journal.after_commit(told.append)
        journal.append(message(2))
        journal.after_commit(told.append)
        store.break_down(OSError("fsync"))
        with pytest.raises(OSError, match="fsync"):
            await journal.flush()
        journal.append(message(3))
        journal.after_commit(told.append)
        await asyncio.sleep(0)
        assert told == []
        assert journal.failed is failures[0]
        assert journal.full()
        journal.broken(OSError("again"))
        assert len(failures) == 1
        await journal.close()
        assert store.closed

    async def test_an_unencodable_event_during_a_commit_does_not_end_the_wait_for_it(self) -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: None)
        journal, store, _ = self.open()
        journal.append(message(1))
        await asyncio.sleep(0)
        journal.append(Stopped(AT, "\ud800"))
        await journal.flush()
        assert len(store.batches) == 1
