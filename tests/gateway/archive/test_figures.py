"""Hold the counts of the quality index to the journal, whatever happened to the archive."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from concurrent.futures import Future
from datetime import date
from pathlib import Path

import pytest

import gateway.archive.figures as figures_module
from gateway.archive.builder import ArchiveBuilder
from gateway.archive.database import archive_file, delete_archive
from gateway.archive.figures import FiguresReader, by_classes, refused_classes
from gateway.journal.reader import SqliteJournalReader
from gateway.policy import compile_policy
from metrics.sla import Classes, Readings, SlaLedger, SlaView, Window
from routing.carry_over import CarriedOver
from routing.events import JournalEvent, Outcome
from tests.support.inprocess import settings_of
from tests.support.journals import write_journal
from tests.support.submissions import AT, MESSAGE_ID, submission

DAY = Window(date(2026, 2, 25), date(2026, 2, 25))


def message(number: int, liability: str = "ok") -> list[JournalEvent]:
    state = 2 if liability == "ok" else 5
    return [
        submission(message_id=MESSAGE_ID + number),
        Outcome(AT + 1, MESSAGE_ID + number, state, "000", liability, "telecom", 1),
    ]


def write(data: Path, *batches: list[JournalEvent]) -> None:
    write_journal(data, [(AT, events) for events in batches])


def build(data: Path) -> None:
    builder = ArchiveBuilder(data, SqliteJournalReader(data), {})
    while builder.advance():
        pass
    builder.close()


async def counted(data: Path) -> Classes:
    ledger = await FiguresReader(data, SqliteJournalReader(data), by_classes({})).ledger()
    return SlaView(ledger, Readings()).counts(DAY, AT + 60).classes()


async def test_what_the_archive_has_not_seen_is_counted_from_the_journal(tmp_path: Path) -> None:
    write(tmp_path, message(1), message(2, "carrier"))
    assert (await counted(tmp_path)).ok == 1
    build(tmp_path)
    found = await counted(tmp_path)
    assert (found.ok, found.carrier) == (1, 1)


async def test_counts_go_on_where_they_were_written_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # One batch for each transaction, and counts that are never due: only the close writes them.
    monkeypatch.setattr("gateway.archive.builder.TRANSACTION_EVENTS", 1)
    monkeypatch.setattr(figures_module, "WRITE_S", 1e9)
    batches = [message(n) for n in range(1, 5)]
    write(tmp_path, *batches)
    journal = SqliteJournalReader(tmp_path)
    builder = ArchiveBuilder(tmp_path, journal, {})
    assert builder.advance()
    assert builder.advance()
    # It dies here: the rows are ahead of the counts.
    builder._connection.close()
    assert (await counted(tmp_path)).ok == 4
    build(tmp_path)
    assert (await counted(tmp_path)).ok == 4
    with sqlite3.connect(archive_file(tmp_path)) as connection:
        assert connection.execute("SELECT sequence FROM figures").fetchone() == (4,)


async def test_counts_that_cannot_be_read_are_folded_again(tmp_path: Path) -> None:
    write(tmp_path, message(1), message(2))
    build(tmp_path)
    with sqlite3.connect(archive_file(tmp_path)) as connection:
        connection.execute("UPDATE figures SET content = x'00'")
    assert (await counted(tmp_path)).ok == 2
    build(tmp_path)
    assert (await counted(tmp_path)).ok == 2


async def test_without_an_archive_the_journal_has_all(tmp_path: Path) -> None:
    write(tmp_path, message(1))
    build(tmp_path)
    delete_archive(tmp_path)
    assert (await counted(tmp_path)).ok == 1


class CountingJournal:
    """Read a journal and count the batches that are read."""

    def __init__(self, data: Path) -> None:
        self._reader = SqliteJournalReader(data)
        self.batches = 0

    def read(self, after_sequence: int) -> Iterator[tuple[int, float, list[JournalEvent]]]:
        for batch in self._reader.read(after_sequence):
            self.batches += 1
            yield batch

    def hash_of(self, sequence: int) -> bytes | None:
        return self._reader.hash_of(sequence)

    def carried_over(self, after_sequence: int) -> CarriedOver | None:
        return self._reader.carried_over(after_sequence)


def ok(ledger: SlaLedger) -> int:
    return SlaView(ledger, Readings()).counts(DAY, AT + 60).classes().ok


async def test_questions_at_one_time_share_a_fold_and_later_ones_go_on_from_it(
    tmp_path: Path,
) -> None:
    write(tmp_path, message(1), message(2))
    journal = CountingJournal(tmp_path)
    reader = FiguresReader(tmp_path, journal, by_classes({}))
    found = await asyncio.gather(*(reader.ledger() for _ in range(20)))
    # The first one began before the others had asked; all of those share the second.
    assert [ok(ledger) for ledger in found] == [2] * 20
    assert journal.batches == 2
    write(tmp_path, message(3))
    assert ok(await reader.ledger()) == 3
    assert journal.batches == 3
    assert ok(found[0]) == 2


async def test_a_question_sees_what_was_stored_before_it_while_a_fold_runs(tmp_path: Path) -> None:
    write(tmp_path, message(1))
    data = tmp_path

    class Growing(CountingJournal):
        def read(self, after_sequence: int) -> Iterator[tuple[int, float, list[JournalEvent]]]:
            yield from super().read(after_sequence)
            if after_sequence == 0:
                write(data, message(2))
                asked.append(asyncio.run_coroutine_threadsafe(reader.ledger(), loop))

    asked: list[Future[SlaLedger]] = []
    loop = asyncio.get_running_loop()
    reader = FiguresReader(tmp_path, Growing(tmp_path), by_classes({}))
    assert ok(await reader.ledger()) == 1
    assert ok(await asyncio.wrap_future(asked[0])) == 2


async def test_the_archive_is_read_again_where_it_is_far_ahead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, message(1))
    journal = CountingJournal(tmp_path)
    reader = FiguresReader(tmp_path, journal, by_classes({}))
    await reader.ledger()
    write(tmp_path, *(message(number) for number in range(2, 7)))
    build(tmp_path)
    monkeypatch.setattr(figures_module, "FAR_AHEAD", 3)
    assert ok(await reader.ledger()) == 6
    assert journal.batches == 1


def test_who_answers_for_a_refusal_is_looked_up_as_the_table_of_codes_says() -> None:
    codes = compile_policy(settings_of()).codes
    classes = refused_classes(codes)
    assert classes["9A1"] == "party_a"
    assert "" not in classes
    assert {by_classes(classes)(8, error) == kind for error, kind in classes.items()} == {True}
    assert by_classes(classes)(8, "unknown") == "party_a"
