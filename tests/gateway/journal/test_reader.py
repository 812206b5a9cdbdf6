from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from gateway.journal.files import START
from gateway.journal.reader import SqliteJournalReader
from tests.support.journals import message, write_journal
from tests.support.submissions import AT

DAY_S = 86_400.0


@pytest.fixture
def journal(tmp_path: Path) -> SqliteJournalReader:
    """Hold 12 batches in three months."""
    batches = [(AT + number * 5 * DAY_S, [message(number)]) for number in range(12)]
    write_journal(tmp_path, batches)
    return SqliteJournalReader(tmp_path)


@pytest.mark.parametrize("after", [0, 1, 5, 11, 12, 99])
def test_reading_begins_after_any_batch(journal: SqliteJournalReader, after: int) -> None:
    assert [s for s, _, _ in journal.read(after)] == list(range(after + 1, 13))


def test_times_and_events_come_back(journal: SqliteJournalReader) -> None:
    sequence, at, events = next(iter(journal.read(3)))
    assert (sequence, at, events) == (4, AT + 15 * DAY_S, [message(3)])


def test_the_last_position_and_each_hash_are_found(journal: SqliteJournalReader) -> None:
    hashes = {batch.sequence: batch.hash for batch in journal.read_stored(0)}
    assert len(hashes) == 12
    assert all(journal.hash_of(sequence) == digest for sequence, digest in hashes.items())
    assert (journal.last().sequence, journal.last().hash) == (12, hashes[12])
    assert journal.hash_of(13) is None
    assert journal.last_at() == AT + 11 * 5 * DAY_S


def test_an_empty_directory_is_an_empty_journal(tmp_path: Path) -> None:
    journal = SqliteJournalReader(tmp_path)
    assert list(journal.read(0)) == []
    assert journal.last() == START
    assert journal.last_at() == 0.0
    assert journal.hash_of(1) is None


def test_a_month_that_was_never_completed_is_passed_over(
    journal: SqliteJournalReader, tmp_path: Path
) -> None:
    (tmp_path / "journal-2026-12.sqlite3").touch()
    assert len(list(journal.read(0))) == 12
    assert journal.last().sequence == 12


def test_a_file_that_is_no_database_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "journal-2026-12.sqlite3").write_bytes(b"no database" * 100)
    with pytest.raises(sqlite3.DatabaseError):
        list(SqliteJournalReader(tmp_path).read(0))
