"""Remove from the archive, little by little, what the journal holds no more (clause 3.1.11).

Ids rise with time, and so do batches, so what goes lies at the beginning of each table. A few rows
go with each transaction of the archiver: a month at once would keep everybody waiting.
"""

from __future__ import annotations

import sqlite3
from typing import Final

AT_ONCE: Final = 10_000
"""Messages removed in one transaction."""

_UPTO: Final = "SELECT batch, before_ms FROM removed WHERE only = 1"
_NOTE: Final = "INSERT OR REPLACE INTO removed VALUES (1, ?, ?)"
_DONE: Final = "DELETE FROM removed"
_OLDEST: Final = "SELECT id, batch FROM messages ORDER BY id LIMIT ?"
_STILL_OPEN: Final = "SELECT id FROM open_messages UNION ALL SELECT id FROM open_mo"
_MESSAGE: Final = "DELETE FROM messages WHERE id = ?"
_SEGMENTS: Final = (
    "DELETE FROM segments WHERE id <= ? AND message_id NOT IN (SELECT id FROM messages)"
)
_TIMELINE: Final = "DELETE FROM timeline WHERE id <= ? AND batch <= ?"
_SESSIONS: Final = "DELETE FROM sessions WHERE unbound_ms < ?"


class Forgetting:
    """Know up to which batch the journal was removed, and what of that is still here."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Go on where an earlier process stopped. Raises sqlite3.DatabaseError."""
        self._connection = connection
        row: tuple[int, int] | None = connection.execute(_UPTO).fetchone()
        self._batch, self._before_ms = row or (0, 0)

    @property
    def pending(self) -> bool:
        """Say whether there is something to remove."""
        return self._batch > 0

    def note(self, last_sequence: int, before_ms: int) -> None:
        """Learn, in the open transaction, that batches were removed and what they ended before."""
        self._batch, self._before_ms = last_sequence, before_ms
        self._connection.execute(_NOTE, (last_sequence, before_ms))

    def some(self) -> None:
        """Remove the oldest rows, inside the open transaction. Raises sqlite3.DatabaseError."""
        execute = self._connection.execute
        oldest = execute(_OLDEST, (AT_ONCE,)).fetchall()
        gone = [one for one, batch in oldest if batch <= self._batch]
        if gone:
            # Nothing that is under way is removed; a row of it would be needed.
            under_way = {one for (one,) in execute(_STILL_OPEN)}
            gone = [one for one in gone if one not in under_way]
        self._connection.executemany(_MESSAGE, [(one,) for one in gone])
        if gone:
            execute(_SEGMENTS, (gone[-1],))
            execute(_TIMELINE, (gone[-1], self._batch))
        else:
            execute(_SESSIONS, (self._before_ms,))
            execute(_DONE)
            self._batch = 0
