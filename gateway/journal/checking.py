"""Check the hash chain through all files of a journal, and the chain against its anchors.

`docs/journal.md` says how to do the same without this program.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from .anchors import FILE, Anchor, read_anchors
from .files import FORMAT, GENESIS, Position, chain, journal_files, month_in, month_of, reading
from .reader import StoredBatch

_SELECT: Final = "SELECT sequence, at, hash, events FROM batch ORDER BY sequence"
_SEGMENT: Final = "SELECT format, month, after_sequence, previous_hash FROM segment"
_KEEP: Final = 100
"""Problems kept; the rest is counted. The first one is what matters."""


@dataclass(slots=True, frozen=True)
class Problem:
    """Say what is wrong, in which file and at which batch (0: not at one)."""

    file: str
    sequence: int
    what: str

    def __str__(self) -> str:
        place = f"{self.file}: batch {self.sequence}" if self.sequence else self.file
        return f"{place}: {self.what}"


class Problems:
    """Collect problems in the order they are found."""

    def __init__(self) -> None:
        self.kept: list[Problem] = []
        self.count = 0

    def add(self, file: str, sequence: int, what: str) -> None:
        """Note one problem."""
        self.count += 1
        if len(self.kept) < _KEEP:
            self.kept.append(Problem(file, sequence, what))


class ChainCheck:
    """Walk the chain once. `end` is the position behind the last readable batch so far."""

    def __init__(self, data_dir: Path, problems: Problems, anchors: Path | None = None) -> None:
        self.end = Position(0, GENESIS)
        self.begins = 0
        """Sequence before the oldest batch: above 0 when retention removed whole files."""
        self._data_dir = data_dir
        self._problems = problems
        found, bad = read_anchors(anchors or data_dir / FILE)
        self._anchors = {anchor.position.sequence: anchor for anchor in found}
        self._anchor_file = (anchors or data_dir / FILE).name
        for line in bad:
            problems.add(self._anchor_file, 0, f"line {line} is no anchor")

    def batches(self) -> Iterator[StoredBatch]:
        """Yield every readable batch in order, noting each break of the chain."""
        for number, path in enumerate(journal_files(self._data_dir)):
            try:
                with reading(path) as connection:
                    if self._segment(path, connection, first=number == 0):
                        yield from self._file(path, connection)
            except (sqlite3.DatabaseError, ValueError) as error:
                self._problems.add(path.name, self.end.sequence + 1, f"can't be read: {error}")
        self._missing_end()

    def _segment(self, path: Path, connection: sqlite3.Connection, *, first: bool) -> bool:
        """Check where a file says that it begins; False when it holds nothing yet."""
        tables = "SELECT count(*) FROM sqlite_schema WHERE name IN ('segment', 'batch')"
        if connection.execute(tables).fetchone()[0] == 0 and path == self._newest():
            return False
        damage = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if damage != "ok":
            self._problems.add(path.name, 0, f"the database is damaged: {damage}")
        rows = connection.execute(_SEGMENT).fetchall()
        if len(rows) != 1:
            self._problems.add(path.name, 0, f"{len(rows)} segment rows, 1 expected")
            return True
        version, month, after, previous = rows[0]
        if version != FORMAT or month != month_in(path):
            self._problems.add(path.name, 0, f"format {version} and month {month} in the segment")
        begins = Position(after, previous)
        if first:
            self.begins, self.end = after, begins
            if after == 0 and previous != GENESIS:
                self._problems.add(path.name, 0, "doesn't begin with the empty hash")
        elif begins != self.end:
            self._problems.add(
                path.name,
                after,
                f"continues batch {after}, but the file before ends with another: "
                f"batch {self.end.sequence}",
            )
        return True

    def _file(self, path: Path, connection: sqlite3.Connection) -> Iterator[StoredBatch]:
        for row in connection.execute(_SELECT):
            batch = StoredBatch(path, *row)
            self._batch(batch)
            self.end = Position(batch.sequence, batch.hash)
            yield batch

    def _batch(self, batch: StoredBatch) -> None:
        note = self._problems.add
        expected = self.end.sequence + 1
        if batch.sequence != expected:
            note(batch.path.name, expected, f"missing; batch {batch.sequence} follows")
        elif chain(self.end.hash, batch.sequence, batch.at, batch.blob) != batch.hash:
            note(batch.path.name, batch.sequence, "its hash doesn't fit its content")
        if month_of(batch.at) > month_in(batch.path):
            note(batch.path.name, batch.sequence, f"its time is in {month_of(batch.at)}")
        anchor = self._anchors.pop(batch.sequence, None)
        if anchor is not None and anchor.position.hash != batch.hash:
            note(batch.path.name, batch.sequence, f"its hash isn't the one in {self._anchor_file}")

    def _missing_end(self) -> None:
        """Compare the end with the anchors: a chain with its tail cut off is still a chain."""
        beyond: list[Anchor] = [
            anchor for sequence, anchor in self._anchors.items() if sequence > self.end.sequence
        ]
        if beyond:
            last = max(anchor.position.sequence for anchor in beyond)
            newest = self._newest()
            self._problems.add(
                newest.name if newest else self._anchor_file,
                self.end.sequence + 1,
                f"missing; {self._anchor_file} knows batch {last}",
            )

    def _newest(self) -> Path | None:
        files = journal_files(self._data_dir)
        return files[-1] if files else None
