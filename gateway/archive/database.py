"""Open the archive's file, or make it again when it can't be trusted."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from gateway.failpoints import reach
from routing.carry_over import CarriedOver
from routing.events import JournalEvent

FORMAT: Final = 7
"""Raised with every change of the schema or of what the columns mean; the archive is rebuilt."""

FILE: Final = "archive.sqlite3"
_SCHEMA: Final = Path(__file__).with_name("schema.sql")
_FILES: Final = (FILE, f"{FILE}-wal", f"{FILE}-shm")


class JournalSource(Protocol):
    """Read the journal: what the archive is built from and compared with."""

    def read(self, after_sequence: int) -> Iterator[tuple[int, float, list[JournalEvent]]]:
        """Yield (sequence, at, events) of each batch after the given one."""

    def hash_of(self, sequence: int) -> bytes | None:
        """Give the hash of one batch; None when the journal doesn't hold it."""

    def carried_over(self, after_sequence: int) -> CarriedOver | None:
        """Give what removed months said and must stay known.

        None where every batch after the given one is there. Raises CarryOverError.
        """


@dataclass(slots=True, frozen=True)
class Progress:
    """Say how far the journal has been taken in, and the highest numbers seen there.

    `hash` is that of batch `sequence`; `highest_short_id` that of ids of at most 8 hex digits.
    """

    sequence: int = 0
    hash: bytes = bytes(32)
    highest_id: int = 0
    highest_session_id: int = 0
    highest_short_id: int = 0


def archive_file(data_dir: Path) -> Path:
    """Name the archive's file."""
    return data_dir / FILE


def open_archive(data_dir: Path, journal: JournalSource) -> tuple[sqlite3.Connection, Progress]:
    """Open the archive for writing and say how far it is. It begins anew when it is missing,
    damaged, of another format, or knows batches that the journal doesn't hold (any more).

    Raises sqlite3.Error or OSError when even a new one can't be written.
    """
    path = archive_file(data_dir)
    if path.exists():
        connection = sqlite3.connect(path, isolation_level=None, timeout=10)
        try:
            _configure(connection)
            progress = progress_of(connection)
        except sqlite3.DatabaseError:
            # A damaged archive is no loss: the journal has everything.
            progress = None
        if progress is not None and continues(progress, journal):
            return connection, progress
        connection.close()
        delete_archive(data_dir)
    return _created(path), Progress()


def continues(progress: Progress, journal: JournalSource) -> bool:
    """Say whether an archive was built from this very journal and is not ahead of it."""
    return progress.sequence == 0 or journal.hash_of(progress.sequence) == progress.hash


def progress_of(connection: sqlite3.Connection) -> Progress | None:
    """Read how far an archive is; None when it has another format or was never completed.

    Raises sqlite3.DatabaseError when it is no archive.
    """
    query = (
        "SELECT sequence, hash, highest_id, highest_session_id, highest_short_id FROM progress "
        "WHERE format = ?"
    )
    row = connection.execute(query, (FORMAT,)).fetchone()
    return None if row is None else Progress(*row)


def delete_archive(data_dir: Path) -> None:
    """Remove the archive's files, the database first: without it the others mean nothing."""
    for name in _FILES:
        (data_dir / name).unlink(missing_ok=True)


@contextmanager
def reading_archive(data_dir: Path) -> Iterator[sqlite3.Connection]:
    """Open the archive for reading alone.

    Raises sqlite3.OperationalError when there is none.
    """
    uri = f"{archive_file(data_dir).resolve().as_uri()}?mode=ro"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=5)
    try:
        yield connection
    finally:
        connection.close()


def _configure(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    # A power cut may take the last transactions, whole: the journal still has them.
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA cache_size = -16000")
    connection.execute("PRAGMA trusted_schema = OFF")


def _created(path: Path) -> sqlite3.Connection:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    connection = sqlite3.connect(path, isolation_level=None, timeout=10)
    _configure(connection)
    reach("archive_schema.before")
    connection.executescript(_SCHEMA.read_text(encoding="utf-8"))
    reach("archive_schema.tables")
    empty = Progress()
    connection.execute(
        "INSERT INTO progress VALUES (1, ?, ?, ?, ?, ?, ?)",
        (
            FORMAT,
            empty.sequence,
            empty.hash,
            empty.highest_id,
            empty.highest_session_id,
            empty.highest_short_id,
        ),
    )
    reach("archive_schema.after")
    return connection
