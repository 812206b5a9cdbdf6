"""Read the journal back, batch by batch, beside a gateway that writes it or without one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from routing.carry_over import CarriedOver, put_together
from routing.events import Carried, JournalEvent, Retained, decode_batch

from .files import START, Position, journal_files, last_position, reading

_ROWS = 8
"""Batches taken per query: a query that stays open would keep the WAL from being used again."""

_SELECT = (
    "SELECT sequence, at, hash, events FROM batch WHERE sequence > ? ORDER BY sequence LIMIT ?"
)

_BEGINS = "SELECT after_sequence FROM segment"


@dataclass(slots=True, frozen=True)
class StoredBatch:
    """Hold one row of the journal as it lies on disk, and the file it lies in."""

    path: Path
    sequence: int
    at: float
    hash: bytes
    blob: bytes


class SqliteJournalReader:
    """Implement `gateway.ports.JournalReader` over the files of a data directory."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir

    def read(self, after_sequence: int) -> Iterator[tuple[int, float, list[JournalEvent]]]:
        """Yield (sequence, at, events) of each batch after the given one, up to the last.

        Raises sqlite3.Error when a file can't be read, msgspec.DecodeError when a blob can't.
        """
        for batch in self.read_stored(after_sequence):
            yield batch.sequence, batch.at, decode_batch(batch.blob)

    def read_stored(self, after_sequence: int) -> Iterator[StoredBatch]:
        """Yield each batch after the given one as stored. Raises sqlite3.Error."""
        for path in _files_after(journal_files(self._data_dir), after_sequence):
            with reading(path) as connection:
                while rows := connection.execute(_SELECT, (after_sequence, _ROWS)).fetchall():
                    for row in rows:
                        yield StoredBatch(path, *row)
                    after_sequence = rows[-1][0]

    def last(self) -> Position:
        """Give the position behind the last batch. Raises sqlite3.Error."""
        for path in reversed(journal_files(self._data_dir)):
            position = _last_in(path)
            if position is not None:
                return position
        return START

    def carried_over(self, after_sequence: int) -> CarriedOver | None:
        """Give what was carried over from removed months; see `routing.carry_over`.

        None where the journal still holds every batch after the given one, and where nothing was
        carried over. Raises CarryOverError, and as `read` does.
        """
        if self.begins_after() <= after_sequence:
            return None
        for path in reversed(journal_files(self._data_dir)):
            removal = _last_removal(path)
            if removal is not None:
                sequence, carried_from = removal
                return put_together(self._carried(carried_from, sequence))
        return None

    def begins_after(self) -> int:
        """Give the sequence before the oldest batch: 0 where nothing was removed.

        Raises sqlite3.Error.
        """
        for path in journal_files(self._data_dir):
            if _last_in(path) is not None:
                with reading(path) as connection:
                    return int(connection.execute(_BEGINS).fetchone()[0])
        return 0

    def _carried(self, carried_from: int, until: int) -> Iterator[Carried]:
        for sequence, _, events in self.read(carried_from - 1):
            if sequence > until:
                return
            yield from (event for event in events if isinstance(event, Carried))

    def last_at(self) -> float:
        """Give the time of the last batch, UTC seconds; 0 for none. Raises sqlite3.Error."""
        sequence = self.last().sequence
        return max((batch.at for batch in self.read_stored(sequence - 1)), default=0.0)

    def hash_of(self, sequence: int) -> bytes | None:
        """Give the stored hash of one batch; None when the journal doesn't hold it."""
        for path in _files_after(journal_files(self._data_dir), sequence - 1):
            with reading(path) as connection:
                query = "SELECT hash FROM batch WHERE sequence = ?"
                row = connection.execute(query, (sequence,)).fetchone()
            if row is not None:
                return bytes(row[0])
        return None


def _last_removal(path: Path) -> tuple[int, int] | None:
    """Give the batch of the last removal with a carry-over, and the batch that this begins in."""
    found: tuple[int, int] | None = None
    with reading(path) as connection:
        if last_position(connection) is None:
            return None
        for sequence, blob in connection.execute("SELECT sequence, events FROM batch"):
            for event in decode_batch(blob):
                if isinstance(event, Retained) and event.carried_from:
                    found = (sequence, event.carried_from)
    return found


def _last_in(path: Path) -> Position | None:
    try:
        with reading(path) as connection:
            return last_position(connection)
    except sqlite3.OperationalError as error:
        # A power cut between the birth of a month's file and its first commit.
        if "no such table" in str(error):
            return None
        raise


def _files_after(files: list[Path], after_sequence: int) -> list[Path]:
    """Leave out the files whose batches all come before: each begins where the last one ended."""
    kept: list[Path] = []
    for path in reversed(files):
        if _last_in(path) is None:
            continue
        kept.append(path)
        with reading(path) as connection:
            begins = connection.execute(_BEGINS).fetchone()[0]
        if begins <= after_sequence:
            break
    return kept[::-1]
