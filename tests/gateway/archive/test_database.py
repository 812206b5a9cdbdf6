from __future__ import annotations

import sqlite3
import stat
from pathlib import Path

import pytest

from gateway.archive.builder import ArchiveBuilder
from gateway.archive.database import Progress, archive_file, open_archive, reading_archive
from gateway.journal.files import file_of
from gateway.journal.reader import SqliteJournalReader
from tests.support.journals import message, write_journal
from tests.support.submissions import AT


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """Hold a journal of 3 batches and an archive of all of them."""
    write_journal(tmp_path, [(AT, [message(number)]) for number in range(3)])
    builder = ArchiveBuilder(tmp_path, SqliteJournalReader(tmp_path), {})
    while builder.advance():
        pass
    builder.close()
    return tmp_path


def reopened(data_dir: Path) -> Progress:
    connection, progress = open_archive(data_dir, SqliteJournalReader(data_dir))
    connection.close()
    return progress


def test_an_archive_of_this_journal_is_continued(data_dir: Path) -> None:
    assert reopened(data_dir).sequence == 3
    assert stat.S_IMODE(archive_file(data_dir).stat().st_mode) == 0o600


def test_an_archive_behind_the_journal_is_continued(data_dir: Path) -> None:
    write_journal(data_dir, [(AT, [message(7)])])
    assert reopened(data_dir).sequence == 3


def test_an_archive_ahead_of_the_journal_begins_anew(data_dir: Path) -> None:
    file_of(data_dir, "2026-02").unlink()
    write_journal(data_dir, [(AT, [message(0)])])
    assert reopened(data_dir) == Progress()


def test_an_archive_of_another_journal_begins_anew(data_dir: Path) -> None:
    file_of(data_dir, "2026-02").unlink()
    write_journal(data_dir, [(AT, [message(number + 50)]) for number in range(3)])
    assert reopened(data_dir) == Progress()


def test_an_archive_of_another_format_begins_anew(data_dir: Path) -> None:
    connection = sqlite3.connect(archive_file(data_dir), isolation_level=None)
    connection.execute("UPDATE progress SET format = 0")
    connection.close()
    assert reopened(data_dir) == Progress()


@pytest.mark.parametrize("content", [b"", b"no database" * 1000])
def test_what_is_no_archive_begins_anew(data_dir: Path, content: bytes) -> None:
    archive_file(data_dir).write_bytes(content)
    assert reopened(data_dir) == Progress()


def test_reading_changes_nothing_and_creates_nothing(data_dir: Path, tmp_path: Path) -> None:
    with reading_archive(data_dir) as connection, pytest.raises(sqlite3.OperationalError):
        connection.execute("DELETE FROM messages")
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(sqlite3.OperationalError), reading_archive(empty) as connection:
        connection.execute("SELECT 1")
    assert list(empty.iterdir()) == []
