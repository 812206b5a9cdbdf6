"""Read from the archive the messages behind a figure of the quality index, a slice at a time.

The ledger names those that failed, came late or are in flight (`metrics.sla.behind`); what it only
counts is here: the messages that the checks refused, and those that ended well on the day on which
their delivery began. Each slice goes along an index from where the one before ended.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Final

from metrics.sla.behind import Kind, Place, Settled

from .rows import MessageRow

_COLUMNS: Final = (
    "id, {when}, account, CASE direction WHEN 'mo' THEN 'ordinary' ELSE service END, direction, "
    "segments, accepted, state, error, reason, "
    "CASE direction WHEN 'mo' THEN 'ok' ELSE liability END"
)
_ENDED_WELL: Final = (
    "accepted = 1 AND account <> '' AND final_ms IS NOT NULL "
    "AND (liability = 'ok' OR direction = 'mo' AND state = 2) "
    "AND (final_ms + 28800000) / 86400000 = (begun_ms + 28800000) / 86400000"
)
"""Ended well on the day of Asia/Shanghai on which it began."""
_KINDS: Final[dict[Kind, tuple[str, str]]] = {
    "refused": ("submitted_ms", "accepted = 0"),
    "at_once": ("submitted_ms", f"begun_ms = submitted_ms AND {_ENDED_WELL}"),
    "later": ("begun_ms", f"begun_ms <> submitted_ms AND {_ENDED_WELL}"),
}
"""Kind → the time by which it counts, and which messages it is."""
_SELECTS: Final[dict[Kind, str]] = {
    kind: " ".join((
        "SELECT", _COLUMNS.format(when=when), "FROM messages WHERE", chosen,
        f"AND {when} >= ? AND {when} < ? AND ({when} > ? OR id > ?) ORDER BY {when}, id LIMIT ?",
    ))
    for kind, (when, chosen) in _KINDS.items()
}  # fmt: skip

_SELECT_ENDED: Final = " ".join((
    "SELECT", _COLUMNS.format(when="begun_ms"), ", final_ms FROM messages",
    "WHERE id IN (SELECT value FROM json_each(?)) AND final_ms IS NOT NULL ORDER BY id",
))  # fmt: skip


def settled_slice(
    connection: sqlite3.Connection, kind: Kind, place: Place, until_ms: int, limit: int
) -> list[Settled]:
    """Give at most `limit` messages of a kind after a place and before a time, in order."""
    at_ms, message_id = place
    values = (at_ms, until_ms, at_ms, message_id, limit)
    return [Settled(*row) for row in connection.execute(_SELECTS[kind], values)]


def settled_of(connection: sqlite3.Connection, ids: Sequence[int]) -> list[tuple[Settled, int]]:
    """Give the messages of some ids that have ended, and when, in milliseconds."""
    rows = connection.execute(_SELECT_ENDED, (json.dumps(ids),))
    return [(Settled(*row[:-1]), row[-1]) for row in rows]


def rows_of(
    connection: sqlite3.Connection, select: str, ids: Sequence[int]
) -> dict[int, MessageRow]:
    """Give the rows of messages by id; those that are kept no more are left out.

    `select` is the SELECT of all columns without a condition.
    """
    sql = " ".join((select, "WHERE id IN (SELECT value FROM json_each(?))"))
    rows = (MessageRow(*row) for row in connection.execute(sql, (json.dumps(ids),)))
    return {row.id: row for row in rows}
