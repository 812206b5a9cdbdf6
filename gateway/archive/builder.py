"""Take batches of the journal into the archive, many in one transaction.

One transaction:

1. gather batches up to `TRANSACTION_EVENTS` events, and the ids that their events are about;
2. load the rows and the open messages of those ids, as far as they lie in the archive already;
3. let every event, in order, change rows (`gateway.archive.rows`) and what is open
   (`routing.open_messages`, the fold that a restart uses);
4. write new and changed rows, what is open, and the progress, and commit.

So memory is bounded by one transaction, whatever is in flight, and the archive is always exactly
what the journal says up to its progress.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from gateway.failpoints import reach
from routing.events import (
    LASTING,
    Bound,
    JournalEvent,
    MoReceived,
    Retained,
    SegmentHeld,
    Submission,
    Unbound,
    decode_batch,
    encode_batch,
)
from routing.message import Message
from routing.open_messages import OpenMessages, OpenMo, decode_open, encode_open
from routing.receipts import Multipart

from .database import JournalSource, Progress, open_archive
from .figures import FiguresBuilder, by_classes, stored
from .forgetting import Forgetting
from .highest import Highest
from .rows import CHANGES, CHANGING, COLUMNS, MessageRow, milliseconds, received, subject_of
from .rows import submitted as submitted_row

TRANSACTION_EVENTS: Final = 30_000
"""Enough that most messages begin and end in one: their rows are then written once."""
_LASTING: Final = frozenset(LASTING)

_DAMAGE: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})

_ENCODER: Final = msgspec.msgpack.Encoder()
_HELD: Final = msgspec.msgpack.Decoder(SegmentHeld)
_MO: Final = msgspec.msgpack.Decoder(OpenMo)

_LISTED: Final = ", ".join(COLUMNS)
_MARKS: Final = ", ".join("?" for _ in COLUMNS)
_SET: Final = ", ".join(f"{column} = ?" for column in CHANGING)
_INSERT: Final = " ".join(("INSERT OR IGNORE INTO messages (", _LISTED, ") VALUES (", _MARKS, ")"))
_UPDATE: Final = " ".join(("UPDATE messages SET", _SET, "WHERE id = ?"))
SELECT_ROWS: Final = " ".join(("SELECT", _LISTED, "FROM messages"))
_SELECT_SOME: Final = " ".join((SELECT_ROWS, "WHERE id IN (SELECT value FROM json_each(?))"))
_SEGMENTS: Final = (
    "SELECT id, message_id FROM segments WHERE id IN (SELECT value FROM json_each(?))"
)
_OPEN: Final = "SELECT content FROM open_messages WHERE id IN (SELECT value FROM json_each(?))"
_OPEN_MO: Final = "SELECT id, content FROM open_mo WHERE id IN (SELECT value FROM json_each(?))"
_BOUND: Final = "INSERT OR REPLACE INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?, NULL, NULL)"
_UNBOUND: Final = "UPDATE sessions SET unbound_ms = ?, reason = ? WHERE id = ?"
_LAST: Final = "INSERT OR IGNORE INTO lasting VALUES (?, ?, ?)"
_PROGRESS: Final = (
    "UPDATE progress SET sequence = ?, hash = ?, highest_id = ?, highest_session_id = ?, "
    "highest_short_id = ? WHERE only = 1 AND sequence = ?"
)


class ArchiveConflictError(Exception):
    """Say that another process has moved the archive: there must be one archiver."""


class ArchiveDamagedError(Exception):
    """Say that the archive's file is broken: delete it, it will be built again."""


@dataclass(slots=True, frozen=True)
class Batch:
    """Be one batch of the journal."""

    sequence: int
    events: list[JournalEvent]


class ArchiveBuilder:
    """Own the archive's file and bring it up to the journal.

    `multipart` is the receipt policy by account (routing.receipts).
    """

    def __init__(
        self,
        data_dir: Path,
        journal: JournalSource,
        multipart: Mapping[str, Multipart],
        refused: Mapping[str, str] | None = None,
    ) -> None:
        """`refused` gives the liability of a refused submission by its error."""
        self._journal = journal
        self._multipart = multipart
        self._connection, self.progress = open_archive(data_dir, journal)
        try:
            self._take_over()
            counted = stored(self._connection, journal, by_classes(refused or {}))
            self._forgetting = Forgetting(self._connection)
        except sqlite3.DatabaseError as error:
            self._connection.close()
            raise _told(error) from error
        self._figures = FiguresBuilder(
            self._connection, counted, journal.read(counted[0]), self.progress.sequence
        )

    def advance(self) -> bool:
        """Take in one transaction's worth of batches; False when there was nothing.

        Raises sqlite3.Error, msgspec.DecodeError for a journal that can't be read,
        ArchiveDamagedError and ArchiveConflictError.
        """
        batches: list[Batch] = []
        events = 0
        for sequence, _, found in self._journal.read(self.progress.sequence):
            batches.append(Batch(sequence, found))
            events += len(found)
            if events >= TRANSACTION_EVENTS:
                break
        if not batches:
            return self._forget()
        digest = self._journal.hash_of(batches[-1].sequence)
        if digest is None:
            return False
        highest = Highest.after(self.progress)
        work = _Transaction(self._connection, highest, self._multipart)
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            work.load(batches)
            for batch in batches:
                work.apply(batch)
                self._figures.apply(batch.sequence, batch.events)
            work.write()
            self._figures.write()
            if work.removed is not None:
                self._forgetting.note(*work.removed)
            if self._forgetting.pending:
                self._forgetting.some()
            self.progress = self._moved(highest.progress(batches[-1].sequence, digest))
            reach("archive.before")
            self._connection.execute("COMMIT")
            reach("archive.after")
        except sqlite3.DatabaseError as error:
            raise _told(error) from error
        finally:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        return True

    def _forget(self) -> bool:
        """Remove some of what the journal holds no more; False when there is nothing of it."""
        if not self._forgetting.pending:
            return False
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            self._forgetting.some()
            reach("archive.before")
            self._connection.execute("COMMIT")
            reach("archive.after")
        except sqlite3.DatabaseError as error:
            raise _told(error) from error
        finally:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        return True

    def close(self) -> None:
        """Close the archive; its counts are written down first, where nothing is in the way."""
        # Where that fails they are folded again: the journal has everything.
        with suppress(sqlite3.Error):
            self._figures.write(at_once=True)
        self._connection.close()

    def _take_over(self) -> None:
        """Begin a new archive with what the journal carries over from removed months."""
        found = None if self.progress.sequence else self._journal.carried_over(0)
        if found is None:
            return
        self.progress = Progress(
            highest_id=found.message_id,
            highest_session_id=found.session_id,
            highest_short_id=found.short_id,
        )
        self._connection.executemany(_LAST, found.lasting)

    def _moved(self, to: Progress) -> Progress:
        values = (
            to.sequence,
            to.hash,
            to.highest_id,
            to.highest_session_id,
            to.highest_short_id,
            self.progress.sequence,
        )
        if self._connection.execute(_PROGRESS, values).rowcount != 1:
            raise ArchiveConflictError("archive: another process writes it")
        return to


def _told(error: sqlite3.DatabaseError) -> Exception:
    """Tell damage, for which there is a remedy, from any other error."""
    damaged = error.sqlite_errorcode & 0xFF in _DAMAGE
    return ArchiveDamagedError(str(error)) if damaged else error


class _Transaction:
    """Hold the rows and open messages that one transaction touches."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        highest: Highest,
        multipart: Mapping[str, Multipart],
    ) -> None:
        self.highest = highest
        self._connection = connection
        self._open = OpenMessages(multipart)
        self._rows: dict[int, MessageRow] = {}
        self._new: set[int] = set()
        self._changed: set[int] = set()
        self._whole: dict[int, int] = {}
        self._segments: list[tuple[int, int, int, str]] = []
        self._timeline: dict[tuple[int, int], None] = {}
        self._held: set[int] = set()
        self._lasting: list[tuple[int, int, bytes]] = []
        self.removed: tuple[int, int] | None = None
        """Last batch of the journal's removed months, and the milliseconds that they end before."""

    def load(self, batches: Iterable[Batch]) -> None:
        """Load what the archive holds of the ids that the events are about."""
        subjects = {subject_of(event) for batch in batches for event in batch.events}
        wanted = json.dumps(sorted(subjects))
        self._whole.update(self._connection.execute(_SEGMENTS, (wanted,)))
        wanted = json.dumps(sorted(subjects | set(self._whole.values())))
        for values in self._connection.execute(_SELECT_SOME, (wanted,)):
            row = MessageRow(*values)
            self._rows[row.id] = row
        for (content,) in self._connection.execute(_OPEN, (wanted,)):
            self._open.restore(decode_open(content))
        for mo_id, content in self._connection.execute(_OPEN_MO, (wanted,)):
            self._open.mo[mo_id] = _MO.decode(content)

    def apply(self, batch: Batch) -> None:
        """Let the events of a batch change rows and what is open."""
        for place, event in enumerate(batch.events):
            kind = type(event)
            if isinstance(event, Retained):
                self.removed = (event.last_sequence, milliseconds(event.before))
            if kind in _LASTING:
                self._lasting.append((batch.sequence, place, encode_batch([event])))
                continue
            self._open.apply(event)
            change = CHANGES.get(kind)
            subject = subject_of(event)
            if subject:
                self._timeline[subject, batch.sequence] = None
            if change is not None:
                whole = self._whole.get(subject, subject)
                row = self._rows.get(whole)
                if row is not None:
                    change(row, event)
                    self._changed.add(whole)
            else:
                self._begun(event, batch.sequence)

    def write(self) -> None:
        """Write everything that has changed, inside the open transaction."""
        self._settle_receipts()
        many = self._connection.executemany
        many(_INSERT, [msgspec.structs.astuple(self._rows[one]) for one in sorted(self._new)])
        changed = [self._rows[one] for one in sorted(self._changed - self._new)]
        many(_UPDATE, [(*(getattr(row, c) for c in CHANGING), row.id) for row in changed])
        many("INSERT OR IGNORE INTO segments VALUES (?, ?, ?, ?)", self._segments)
        many("INSERT OR IGNORE INTO timeline VALUES (?, ?)", sorted(self._timeline))
        many(_LAST, self._lasting)
        self._write_open()

    def _begun(self, event: JournalEvent, batch: int) -> None:
        """Take in an event with which something begins, or a session ends."""
        if isinstance(event, Submission):
            self._submitted(event, batch)
        elif isinstance(event, SegmentHeld):
            self._held.add(event.message_id)
        elif isinstance(event, MoReceived):
            self._begin(received(event, batch))
        elif isinstance(event, Bound | Unbound):
            self._session(event)
        self.highest.note(event)

    def _begin(self, row: MessageRow) -> None:
        if row.id not in self._rows:
            self._rows[row.id] = row
            self._new.add(row.id)

    def _submitted(self, event: Submission, batch: int) -> None:
        self._begin(submitted_row(event, batch))
        for segment in event.segments:
            self._whole[segment.message_id] = event.message_id
            self._held.add(segment.message_id)
            part = (segment.message_id, event.message_id, segment.index, segment.wire_id)
            self._segments.append(part)

    def _session(self, event: Bound | Unbound) -> None:
        at = milliseconds(event.at)
        if isinstance(event, Bound):
            values: tuple[object, ...] = (
                event.session_id,
                event.account,
                event.mode,
                event.interface_version,
                event.peer,
                event.system_type,
                at,
            )
            self._connection.execute(_BOUND, values)
        else:
            self._connection.execute(_UNBOUND, (at, event.reason, event.session_id))

    def _settle_receipts(self) -> None:
        """Say where the receipts of the touched messages stand: the fold of what is open knows."""
        for one in self._new | self._changed:
            row = self._rows[one]
            if row.direction == "mo" or row.final_ms is None or row.receipt_state == "dropped":
                continue
            if one in self._open.messages:
                row.receipt_state = "pending"
            else:
                row.receipt_state = "none" if row.receipt_ms is None else "acknowledged"

    def _write_open(self) -> None:
        touched = self._new | self._changed
        still = self._open.messages
        many = self._connection.executemany
        gone = [(one,) for one in sorted(touched) if one not in still]
        many("DELETE FROM open_messages WHERE id = ?", gone)
        mo = self._open.mo
        many("DELETE FROM open_mo WHERE id = ?", [one for one in gone if one[0] not in mo])
        many(
            "INSERT OR REPLACE INTO open_messages VALUES (?, ?)",
            [(one, encode_open(still[one])) for one in sorted(touched) if one in still],
        )
        many(
            "INSERT OR REPLACE INTO open_mo VALUES (?, ?)",
            [(one, _ENCODER.encode(waiting)) for one, waiting in mo.items()],
        )
        held = self._open.held
        closed = [(one,) for one in sorted(self._held) if one not in held]
        many("DELETE FROM open_segments WHERE id = ?", closed)
        many(
            "INSERT OR REPLACE INTO open_segments VALUES (?, ?)",
            [(one, _ENCODER.encode(segment)) for one, segment in held.items()],
        )


def load_lasting(connection: sqlite3.Connection) -> Iterator[JournalEvent]:
    """Read back what the archive keeps whole, in order. Raises sqlite3.DatabaseError."""
    for (content,) in connection.execute("SELECT content FROM lasting ORDER BY batch, place"):
        yield from decode_batch(content)


def load_uplinks(connection: sqlite3.Connection, since: float) -> Iterator[MoReceived]:
    """Read back the uplink messages received from `since` on (UTC seconds), in order."""
    if since == math.inf:
        return
    rows = connection.execute(
        "SELECT submitted_ms, id, account, sender, recipient, text, segments, data_coding "
        "FROM messages WHERE direction = 'mo' AND submitted_ms >= ? ORDER BY submitted_ms, id",
        (milliseconds(since),),
    )
    for at_ms, mo_id, account, sender, number, text, segments, data_coding in rows:
        at = at_ms / 1000
        yield MoReceived(at, mo_id, account, sender, number, text, segments, "", data_coding)


def load_accepted(connection: sqlite3.Connection, since: float) -> Iterator[Message]:
    """Read back the messages accepted from `since` on (UTC seconds), in order of time and id.

    They are as submitted, as far as the archive knows: with the text of the last replace_sm, and
    with times to the millisecond; what only delivery needs is left out.
    """
    if since == math.inf:
        return
    rows = connection.execute(
        "SELECT submitted_ms, id, account, service, sender, recipient, carrier, text, data_coding, "
        "segments FROM messages "
        "WHERE direction = 'mt' AND accepted = 1 AND submitted_ms >= ? ORDER BY submitted_ms, id",
        (milliseconds(since),),
    )
    for at_ms, one, account, service, sender, recipient, carrier, text, coding, segments in rows:
        # fmt: off
        yield Message(
            one, at_ms / 1000, account, service, sender, recipient, carrier, text, coding,
            0, 0, 0.0, 0.0, 0, 0, 0, 0, 0, "", segment_count=segments,
        )
        # fmt: on


def load_open(connection: sqlite3.Connection, multipart: Mapping[str, Multipart]) -> OpenMessages:
    """Read back everything that is open in the archive. Raises sqlite3.DatabaseError."""
    found = OpenMessages(multipart)
    for (content,) in connection.execute("SELECT content FROM open_messages ORDER BY id"):
        found.restore(decode_open(content))
    for one, content in connection.execute("SELECT id, content FROM open_segments ORDER BY id"):
        found.held[one] = _HELD.decode(content)
    for one, content in connection.execute("SELECT id, content FROM open_mo ORDER BY id"):
        found.mo[one] = _MO.decode(content)
    return found
