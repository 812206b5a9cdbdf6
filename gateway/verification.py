"""Verify a data directory: the journal's chain, what it says, and that the archive agrees.

Memory is bounded: what has to be known of every message lies in a temporary database.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec

from gateway.archive.database import archive_file, progress_of, reading_archive
from gateway.journal.checking import ChainCheck, Problem, Problems
from gateway.journal.reader import SqliteJournalReader, StoredBatch
from routing.carry_over import CarryOverError
from routing.events import (
    MoAcknowledged,
    MoDropped,
    MoReceived,
    Outcome,
    Retained,
    SegmentHeld,
    Submission,
    decode_batch,
)

_OPEN: Final = 1
_REJECTED: Final = 8
_DELIVERED: Final = 2
_UNDELIVERABLE: Final = 5

_FACTS: Final = """
CREATE TABLE facts (id INTEGER PRIMARY KEY, state INTEGER NOT NULL, batch INTEGER NOT NULL);
CREATE TABLE parts (id INTEGER PRIMARY KEY);
CREATE TABLE copied (id INTEGER PRIMARY KEY, state INTEGER NOT NULL);
"""
_CLOSE: Final = "UPDATE facts SET state = ? WHERE id = ? AND state = 1"
_DIFFERENCES: Final = """
SELECT facts.id, facts.state, copied.state FROM facts LEFT JOIN copied USING (id)
WHERE facts.state IS NOT copied.state AND (copied.id IS NOT NULL OR facts.batch > ?)
UNION ALL
SELECT copied.id, NULL, copied.state FROM copied LEFT JOIN facts USING (id)
WHERE facts.id IS NULL AND ? ORDER BY 1 LIMIT 100
"""


@dataclass(slots=True)
class Report:
    """Say what was looked at and what is wrong; the first problem comes first.

    `archive` is agrees, differs, missing, or unreadable; `archive_sequence` how far it was.
    """

    batches: int = 0
    events: int = 0
    messages: int = 0
    last_sequence: int = 0
    last_hash: str = ""
    archive: str = "missing"
    archive_sequence: int = 0
    problem_count: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Say whether nothing is wrong."""
        return self.problem_count == 0


def verify(data_dir: Path, anchors: Path | None = None) -> Report:
    """Verify everything in a data directory, which no gateway needs to have left cleanly.

    `anchors` is a copy of the anchors kept elsewhere; otherwise the directory's own are used.
    """
    return _Verification(data_dir, anchors).run()


class _Verification:
    def __init__(self, data_dir: Path, anchors: Path | None) -> None:
        self._data_dir = data_dir
        self._problems = Problems()
        self._chain = ChainCheck(data_dir, self._problems, anchors)
        self._report = Report()
        self._facts = sqlite3.connect("", isolation_level=None)
        self._facts.executescript(_FACTS)
        self._archive_hash = b""
        self._sequence = 0
        self._removed = 0
        """Last batch of the months whose removal is on record; the archive may be rid of them."""
        self._carried_from = 0
        # Each takes the one event class it is listed under; it gives what is wrong, or "".
        self._checks: dict[type, Callable[[Any], str]] = {
            Submission: self._submitted,
            SegmentHeld: lambda event: self._held(event.message_id),
            MoReceived: lambda event: self._begun(event.mo_id, _OPEN),
            Outcome: lambda event: self._closed(event.message_id, event.state),
            MoAcknowledged: lambda event: self._closed(event.mo_id, _DELIVERED),
            MoDropped: lambda event: self._closed(event.mo_id, _UNDELIVERABLE),
            Retained: self._retained,
        }

    def run(self) -> Report:
        report = self._report
        try:
            self._open_archive()
            self._facts.execute("BEGIN")
            for batch in self._chain.batches():
                report.batches += 1
                self._batch(batch)
                if batch.sequence == report.archive_sequence:
                    self._compare(batch)
            self._archive_left_over()
            self._carry_over()
        finally:
            self._facts.close()
        report.last_sequence = self._chain.end.sequence
        report.last_hash = self._chain.end.hash.hex()
        report.problems = self._problems.kept
        report.problem_count = self._problems.count
        return report

    def _batch(self, batch: StoredBatch) -> None:
        try:
            events = decode_batch(batch.blob)
        except msgspec.MsgspecError as error:
            self._problems.add(batch.path.name, batch.sequence, f"can't be decoded: {error}")
            return
        self._report.events += len(events)
        self._sequence = batch.sequence
        for event in events:
            check = self._checks.get(type(event))
            what = "" if check is None else check(event)
            if what:
                self._problems.add(batch.path.name, batch.sequence, what)

    def _submitted(self, event: Submission) -> str:
        return self._begun(event.message_id, _OPEN if event.accepted else _REJECTED)

    def _begun(self, message_id: int, state: int) -> str:
        self._report.messages += 1
        sql = "INSERT OR IGNORE INTO facts VALUES (?, ?, ?)"
        if self._facts.execute(sql, (message_id, state, self._sequence)).rowcount:
            return ""
        return f"message {message_id} is there twice"

    def _held(self, message_id: int) -> str:
        sql = "INSERT OR IGNORE INTO parts VALUES (?)"
        if self._facts.execute(sql, (message_id,)).rowcount:
            return ""
        return f"part {message_id} is there twice"

    def _closed(self, message_id: int, state: int) -> str:
        if self._facts.execute(_CLOSE, (state, message_id)).rowcount:
            return ""
        known = self._facts.execute("SELECT 1 FROM facts WHERE id = ?", (message_id,)).fetchone()
        if known is None:
            # Retention may have removed the month in which the message was submitted.
            return "" if self._chain.begins else f"an outcome of unknown message {message_id}"
        return f"message {message_id} has a second outcome"

    def _retained(self, event: Retained) -> str:
        self._removed = event.last_sequence
        self._carried_from = event.carried_from
        return ""

    def _carry_over(self) -> None:
        """Check that the journal still says what must stay known of the months that are gone."""
        begins = self._chain.begins
        if not begins or not self._carried_from:
            return
        try:
            found = SqliteJournalReader(self._data_dir).carried_over(0)
        except (sqlite3.DatabaseError, msgspec.MsgspecError, CarryOverError) as error:
            self._problems.add("journal", self._carried_from, str(error))
            return
        if found is None or found.upto < begins:
            upto = 0 if found is None else found.upto
            what = f"months up to batch {begins} are gone, carried over are those up to {upto}"
            self._problems.add("journal", self._carried_from, what)

    def _open_archive(self) -> None:
        """Copy what the archive says of each message, to compare it when the fold is as far."""
        if not archive_file(self._data_dir).exists():
            return
        name = archive_file(self._data_dir).name
        try:
            with reading_archive(self._data_dir) as archive:
                archive.execute("BEGIN")
                progress = progress_of(archive)
                rows = archive.execute("SELECT id, state FROM messages ORDER BY id")
                self._facts.execute("BEGIN")
                self._facts.executemany("INSERT INTO copied VALUES (?, ?)", rows)
                self._facts.execute("COMMIT")
        except sqlite3.DatabaseError as error:
            self._report.archive = "unreadable"
            self._problems.add(name, 0, f"can't be read: {error}")
            return
        if progress is None:
            self._report.archive = "unreadable"
            self._problems.add(name, 0, "has a format of another version; it will be built again")
            return
        self._archive_hash = progress.hash
        self._report.archive_sequence = progress.sequence
        self._report.archive = "agrees"

    def _compare(self, batch: StoredBatch) -> None:
        """Compare the archive with the journal as it was when the archive took in its last."""
        name = archive_file(self._data_dir).name
        if self._archive_hash != batch.hash:
            self._differs(name, batch.sequence, "was built from another journal")
            return
        # What retention removed from the journal may still be in the archive.
        whole = self._chain.begins == 0
        for message_id, told, kept in self._facts.execute(_DIFFERENCES, (self._removed, whole)):
            what = f"message {message_id} has state {kept}, the journal says {told}"
            self._differs(name, batch.sequence, what)

    def _archive_left_over(self) -> None:
        report = self._report
        if report.archive == "agrees" and report.archive_sequence > self._chain.end.sequence:
            what = f"knows batches up to {report.archive_sequence}, which the journal has lost"
            self._differs(archive_file(self._data_dir).name, self._chain.end.sequence + 1, what)

    def _differs(self, name: str, sequence: int, what: str) -> None:
        self._report.archive = "differs"
        self._problems.add(name, sequence, what)
