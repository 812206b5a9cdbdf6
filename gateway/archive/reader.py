"""Answer questions about messages from the archive, and from the journal where it only points.

Every question opens the archive for itself, in a thread: a rebuilt archive is seen at once, and
the loop never waits. A question that would read on and on is cut off.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from metrics.sla.behind import Kind, Place, Settled
from routing.events import JournalEvent, Submission
from routing.query import Query

from .behind import rows_of, settled_of, settled_slice
from .builder import SELECT_ROWS
from .database import JournalSource, reading_archive
from .rows import MessageRow, iso, milliseconds, subject_of, to_json

MAX_LIMIT: Final = 1000
_STEPS: Final = 100_000
_TURNS: Final = 3000
"""A question may take `_STEPS` × `_TURNS` steps of SQLite's machine, some seconds."""

_HIGHEST: Final = 1 << 63

_T = TypeVar("_T")


class ArchiveUnavailableError(Exception):
    """Say that the archive can't answer at the moment (it is being rebuilt, or damaged)."""


class QuestionTooLargeError(Exception):
    """Say that a question was cut off because it reads too much."""


@dataclass(slots=True, frozen=True)
class Found:
    """Be one page of messages in JSON shape, newest first; `next` is None on the last page."""

    items: list[dict[str, object]]
    next: str | None


@dataclass(slots=True, frozen=True)
class StoredPdu:
    """Be one PDU as it was received, at business time `at`."""

    at: float
    octets: bytes


class ArchiveReader:
    """Read messages. Every method may raise ArchiveUnavailableError or QuestionTooLargeError."""

    def __init__(self, data_dir: Path, journal: JournalSource, enterprise_code: str = "") -> None:
        self._data_dir = data_dir
        self._journal = journal
        self._enterprise_code = enterprise_code

    async def find(self, query: Query, *, limit: int, cursor: str | None) -> Found:
        """Give the messages that match, newest first, `limit` (1 to 1000) at a time.

        `cursor` is the `next` of an earlier page: a page never repeats or leaves out a message
        because others came meanwhile. Raises ValueError for a malformed limit or cursor.
        """
        if not 1 <= limit <= MAX_LIMIT:
            raise ValueError(f"limit: {limit} seen, 1 to {MAX_LIMIT} allowed")
        before = _HIGHEST - 1 if cursor is None else _read_cursor(cursor)
        return await self._ask(lambda connection: self._page(connection, query, limit, before))

    async def count(self, query: Query) -> int:
        """Count the messages that match."""
        sql = " ".join(("SELECT count(*) FROM messages WHERE", query.where))
        rows = await self._ask(lambda c: c.execute(sql, query.parameters).fetchone())
        return int(rows[0])

    async def get(self, message_id: int) -> dict[str, object] | None:
        """Give one message by its id or the id of one of its parts; None when there is none."""
        row = await self._ask(lambda connection: _row_of(connection, message_id))
        return None if row is None else to_json(row, self._enterprise_code)

    async def id_of(self, wire_id: str) -> int | None:
        """Find the id behind a form that can't be derived from it; None when there is none."""
        return await self._ask(lambda connection: _behind(connection, wire_id))

    async def timeline(self, message_id: int) -> list[dict[str, object]] | None:
        """Give what happened to a message and its parts, in order; None when there is none.

        Each entry has `at` (ISO 8601), `event` (submission, outcome, …) and the event's fields.
        """
        events = await self._ask(lambda connection: self._events(connection, message_id))
        return None if events is None else [_told(event) for event in events]

    async def pdus(self, message_id: int) -> list[StoredPdu] | None:
        """Give the PDUs a message was submitted by, in order; None when there is none."""
        events = await self._ask(lambda connection: self._events(connection, message_id))
        if events is None:
            return None
        return [
            StoredPdu(event.at, octets)
            for event in events
            if isinstance(event, Submission)
            for octets in _split(event.pdu)
        ]

    async def settled(self, kind: Kind, place: Place, until_ms: int, limit: int) -> list[Settled]:
        """Give a slice of the messages that the quality index only counts, see `behind`."""
        return await self._ask(lambda c: settled_slice(c, kind, place, until_ms, limit))

    async def settled_of(self, ids: Sequence[int]) -> list[tuple[Settled, int]]:
        """Give the messages of some ids that have ended, and when, in milliseconds."""
        return await self._ask(lambda connection: settled_of(connection, ids))

    async def shown(self, ids: Sequence[int]) -> dict[int, dict[str, object]]:
        """Give messages by id in JSON shape; those that are kept no more are left out."""
        rows = await self._ask(lambda connection: rows_of(connection, SELECT_ROWS, ids))
        return {one: to_json(row, self._enterprise_code) for one, row in rows.items()}

    async def _ask(self, question: Callable[[sqlite3.Connection], _T]) -> _T:
        return await asyncio.to_thread(self._answer, question)

    def _answer(self, question: Callable[[sqlite3.Connection], _T]) -> _T:
        try:
            with reading_archive(self._data_dir) as connection, _bounded(connection):
                connection.execute("BEGIN")
                return question(connection)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
                text = "the question reads too many messages; narrow it, by time for example"
                raise QuestionTooLargeError(text) from error
            raise ArchiveUnavailableError(f"archive: {error}") from error
        except sqlite3.DatabaseError as error:
            raise ArchiveUnavailableError(f"archive: {error}") from error

    def _page(self, connection: sqlite3.Connection, query: Query, limit: int, before: int) -> Found:
        sql = " ".join(
            (SELECT_ROWS, "WHERE (", query.where, ") AND id < ? ORDER BY id DESC LIMIT ?")
        )
        values = (*query.parameters, before, limit + 1)
        rows = [MessageRow(*found) for found in connection.execute(sql, values)]
        items = [to_json(row, self._enterprise_code) for row in rows[:limit]]
        return Found(items, str(rows[limit - 1].id) if len(rows) > limit else None)

    def _events(self, connection: sqlite3.Connection, message_id: int) -> list[JournalEvent] | None:
        row = _row_of(connection, message_id)
        if row is None:
            return None
        parts = "SELECT id FROM segments WHERE message_id = ?"
        ids = {row.id, *(found[0] for found in connection.execute(parts, (row.id,)))}
        pointers = "SELECT batch FROM timeline WHERE id = ?"
        batches = {found[0] for one in ids for found in connection.execute(pointers, (one,))}
        return [
            event
            for batch in sorted(batches)
            for event in self._batch(batch)
            if subject_of(event) in ids
        ]

    def _batch(self, sequence: int) -> list[JournalEvent]:
        for found, _, events in self._journal.read(sequence - 1):
            return events if found == sequence else []
        return []


@contextmanager
def _bounded(connection: sqlite3.Connection) -> Iterator[None]:
    """Interrupt a question after so much work (an amount of work needs no clock)."""
    turns = iter(range(_TURNS))
    connection.set_progress_handler(lambda: next(turns, None) is None, _STEPS)
    yield


def _read_cursor(cursor: str) -> int:
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 20):
        raise ValueError(f"cursor: {cursor[:40]!r} seen, the next of an earlier page allowed")
    return min(int(cursor), _HIGHEST - 1)


def _row_of(connection: sqlite3.Connection, message_id: int) -> MessageRow | None:
    if not 0 <= message_id < _HIGHEST:
        return None
    part = connection.execute("SELECT message_id FROM segments WHERE id = ?", (message_id,))
    whole = part.fetchone()
    sql = " ".join((SELECT_ROWS, "WHERE id = ?"))
    found = connection.execute(sql, (whole[0] if whole else message_id,)).fetchone()
    return None if found is None else MessageRow(*found)


def _behind(connection: sqlite3.Connection, wire_id: str) -> int | None:
    if not wire_id:
        return None
    for sql in (
        "SELECT id FROM messages WHERE wire_id = ? AND wire_id <> '' ORDER BY id DESC LIMIT 1",
        "SELECT id FROM segments WHERE wire_id = ? AND wire_id <> '' ORDER BY id DESC LIMIT 1",
    ):
        found = connection.execute(sql, (wire_id,)).fetchone()
        if found is not None:
            return int(found[0])
    return None


def _told(event: JournalEvent) -> dict[str, object]:
    """Give an event as JSON: its kind in snake case, and its fields; PDUs have their own page."""
    fields = {
        name: _plain(value)
        for name, value in msgspec.structs.asdict(event).items()
        if name != "pdu"
    }
    kind = "".join(f"_{c.lower()}" if c.isupper() else c for c in type(event).__name__)
    return {**fields, "at": iso(milliseconds(event.at)), "event": kind.lstrip("_")}


def _plain(value: object) -> object:
    if isinstance(value, msgspec.Struct):
        return {name: _plain(part) for name, part in msgspec.structs.asdict(value).items()}
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return value


def _split(pdus: bytes) -> list[bytes]:
    """Cut PDUs that follow one another, each by its command_length (SMPP 3.4 §3.2)."""
    found: list[bytes] = []
    while len(pdus) >= 4:
        length = int.from_bytes(pdus[:4], "big")
        if not 16 <= length <= len(pdus):
            break
        found.append(pdus[:length])
        pdus = pdus[length:]
    if pdus:
        found.append(pdus)
    return found
