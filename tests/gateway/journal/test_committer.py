from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from gateway.journal import committer
from gateway.journal.committer import Chain, JournalError, NoSpaceError
from gateway.journal.files import Position, file_of
from gateway.journal.reader import SqliteJournalReader
from tests.support.submissions import AT

SMALL = memoryview(b"\x90")
LARGE = memoryview(b"\xc4" + bytes(300_000))


def limit(chain: Chain, pages: int) -> None:
    """Let the open file grow to so many pages: SQLite then says SQLITE_FULL, as a disk does."""
    assert chain._segment is not None
    count = chain._segment._connection.execute("PRAGMA page_count").fetchone()[0]
    statement = "PRAGMA max_page_count = " + str(count + pages)
    chain._segment._connection.execute(statement)


def test_a_batch_without_space_leaves_no_trace_and_the_next_one_may_fit(tmp_path: Path) -> None:
    chain = Chain(tmp_path, "full")
    chain.commit(AT, SMALL)
    before = chain.position
    limit(chain, 5)
    with pytest.raises(NoSpaceError, match="full"):
        chain.commit(AT, LARGE)
    assert chain.position == before
    chain.commit(AT, SMALL)
    limit(chain, 10_000)
    chain.commit(AT, LARGE)
    chain.close(AT)
    stored = list(SqliteJournalReader(tmp_path).read_stored(0))
    assert [(batch.sequence, len(batch.blob)) for batch in stored] == [
        (1, 1),
        (2, 1),
        (3, 300_001),
    ]


def test_an_error_other_than_want_of_space_is_no_such_answer(tmp_path: Path) -> None:
    chain = Chain(tmp_path, "full")
    chain.commit(AT, SMALL)
    assert chain._segment is not None
    chain._segment._connection.execute("PRAGMA query_only = ON")
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        chain.commit(AT, SMALL)


def test_a_new_month_without_space_is_refused_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = Chain(tmp_path, "full")
    chain.commit(AT, SMALL)
    file_of(tmp_path, "2026-04").mkdir()  # so that opening it fails
    later = AT + 40 * 86_400
    with pytest.raises(sqlite3.OperationalError, match="unable to open"):
        chain.commit(later, SMALL)
    monkeypatch.setattr(committer, "LOW_OCTETS", 1 << 62)
    monkeypatch.setattr(committer, "ENOUGH_OCTETS", 1 << 62)
    with pytest.raises(NoSpaceError, match="unable to open"):
        chain.commit(later, SMALL)
    file_of(tmp_path, "2026-04").rmdir()
    chain.commit(later, SMALL)
    chain.close(later)
    assert SqliteJournalReader(tmp_path).last().sequence == 2


def test_shortage_ends_later_than_it_began(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free = committer.LOW_OCTETS
    monkeypatch.setattr(committer, "free_octets", lambda _: free)
    assert not committer.short_of_space(tmp_path, already=False)
    assert committer.short_of_space(tmp_path, already=True)
    monkeypatch.setattr(committer, "free_inodes", lambda _: 3)
    free = 1 << 40
    assert committer.short_of_space(tmp_path, already=False)


def test_a_file_that_does_not_continue_the_chain_is_refused(tmp_path: Path) -> None:
    chain = Chain(tmp_path, "full")
    chain.commit(AT, SMALL)
    chain.close(AT)
    other = Chain(tmp_path, "full")
    other.position = Position(7, bytes(32))
    with pytest.raises(JournalError, match="does not continue the file before it"):
        other.commit(AT, SMALL)
