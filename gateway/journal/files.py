"""Lay out the journal on disk: one SQLite file per calendar month and one hash chain through all.

`docs/journal.md` describes the format for somebody who wants to check a journal without this
program; this file is its source. Standard library only: the committer's process stays small.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""The contract's time zone. China has had no summer time since 1991, so a fixed offset is exact
and needs no time zone database."""

GENESIS = bytes(32)
"""What the first batch of a journal is chained to."""

FORMAT = 1

SCHEMA = """
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS segment (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  format INTEGER NOT NULL,
  month TEXT NOT NULL,
  after_sequence INTEGER NOT NULL,
  previous_hash BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS batch (
  sequence INTEGER PRIMARY KEY,
  at REAL NOT NULL,
  hash BLOB NOT NULL,
  events BLOB NOT NULL
) STRICT;
CREATE TRIGGER IF NOT EXISTS batch_is_never_changed BEFORE UPDATE ON batch
  BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER IF NOT EXISTS batch_is_never_deleted BEFORE DELETE ON batch
  BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
"""
"""Begin a transaction and lay out a file in it; the file's first row belongs to the same one."""

INSERT_SEGMENT = "INSERT OR IGNORE INTO segment VALUES (1, ?, ?, ?, ?)"

INSERT_BATCH = "INSERT INTO batch (sequence, at, hash, events) VALUES (?, ?, ?, ?)"

_FILE = re.compile(r"journal-(\d{4}-\d{2})\.sqlite3")
_HASHED = struct.Struct(">qd")


@dataclass(slots=True, frozen=True)
class Position:
    """Point behind one batch: its sequence (0 before the first) and its hash."""

    sequence: int
    hash: bytes


START = Position(0, GENESIS)


def month_of(at: float) -> str:
    """Give the calendar month in Asia/Shanghai, as YYYY-MM, of UTC seconds since the epoch."""
    return datetime.fromtimestamp(at, SHANGHAI).strftime("%Y-%m")


def month_ends(month: str) -> float:
    """Give the first instant, in UTC seconds since the epoch, after a month YYYY-MM."""
    year, number = (int(part) for part in month.split("-"))
    year, number = (year + 1, 1) if number == 12 else (year, number + 1)
    return datetime(year, number, 1, tzinfo=SHANGHAI).timestamp()


def file_of(data_dir: Path, month: str) -> Path:
    """Name the file of a month."""
    return data_dir / f"journal-{month}.sqlite3"


def month_in(path: Path) -> str:
    """Read the month back from a file's name; an empty string when it is no journal file's."""
    match = _FILE.fullmatch(path.name)
    return match[1] if match else ""


def journal_files(data_dir: Path) -> list[Path]:
    """List the journal's files, oldest first."""
    return sorted(path for path in data_dir.glob("journal-*.sqlite3") if month_in(path))


def chain(previous: bytes, sequence: int, at: float, events: bytes | memoryview) -> bytes:
    """Give the hash of a batch: SHA-256 over the previous hash, the sequence, the time, the blob.

    The sequence is a signed 64-bit and the time an IEEE 754 double, both big-endian.
    """
    digest = hashlib.sha256(previous + _HASHED.pack(sequence, at))
    digest.update(events)
    return digest.digest()


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a journal file for reading alone.

    Raises sqlite3.Error when it can't be opened or is no database.
    """
    connection = sqlite3.connect(
        f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=10
    )
    try:
        yield connection
    finally:
        connection.close()


def last_position(connection: sqlite3.Connection) -> Position | None:
    """Find the end of an open journal file; None when its layout was never completed."""
    row = connection.execute("SELECT sequence, hash FROM batch ORDER BY sequence DESC LIMIT 1")
    found = row.fetchone()
    if found is None:
        found = connection.execute("SELECT after_sequence, previous_hash FROM segment").fetchone()
    return None if found is None else Position(found[0], found[1])
