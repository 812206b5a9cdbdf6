"""Count messages by month in several independent ways, and say where the ways differ.

The journal is folded once more, event by event, with nothing kept but what is under way; the
archive and the ledger of the quality index are counted as they are. A message belongs to the month
of Asia/Shanghai in which its delivery begins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, Final, NamedTuple

from routing.events import (
    JournalEvent,
    MoAcknowledged,
    MoDropped,
    MoReceived,
    Outcome,
    Replaced,
    Submission,
)

from .breaches.periods import day_of
from .sla.days import INDEX_MASK
from .sla.ledger import MO_SERVICE, SlaLedger
from .sla.windows import date_of

DELIVERED: Final = "ok"


class Key(NamedTuple):
    """Say of which messages a count is; `month` is YYYY-MM, `direction` mt or mo."""

    month: str
    account: str
    service: str
    direction: str


class Figures(NamedTuple):
    """Count the messages of a key; `segments` are those of messages that were delivered."""

    refused: int = 0
    ended: int = 0
    """Accepted, with a final result."""
    delivered: int = 0
    segments: int = 0
    under_way: int = 0


Table = dict[Key, Figures]
_NOTHING: Final = Figures()


class Difference(NamedTuple):
    """Say of one figure what each way of counting gives."""

    key: Key
    figure: str
    counts: dict[str, int]
    """By the name of the way."""

    @property
    def most(self) -> int:
        """Give how far the ways lie apart."""
        return max(self.counts.values()) - min(self.counts.values())


def month_name(day: date) -> str:
    """Give the month of a day as YYYY-MM."""
    return f"{day:%Y-%m}"


def add(table: Table, key: Key, **more: int) -> None:
    """Count some more of a key."""
    old = table.get(key, _NOTHING)
    table[key] = old._replace(**{name: getattr(old, name) + n for name, n in more.items()})


class _Open(NamedTuple):
    began_at: float
    account: str
    service: str
    direction: str
    segments: int


class JournalCount:
    """Fold the journal's events into a table; its memory is what is under way."""

    def __init__(self) -> None:
        self.table: Table = {}
        self._open: dict[int, _Open] = {}
        # Each handler takes the one event class that it is listed under.
        self._handlers: dict[type, Callable[[Any], None]] = {
            Submission: self._submitted,
            Replaced: self._replaced,
            Outcome: lambda event: self._ended(event.message_id, event.at, event.liability),
            MoReceived: self._received,
            MoAcknowledged: lambda event: self._ended(event.mo_id, event.at, DELIVERED),
            MoDropped: lambda event: self._ended(event.mo_id, event.at, ""),
        }

    def apply(self, event: JournalEvent) -> None:
        """Take in one event."""
        handler = self._handlers.get(type(event))
        if handler is not None:
            handler(event)

    def finished(self) -> Table:
        """Give the table with what is under way counted in."""
        table = dict(self.table)
        for one in self._open.values():
            add(table, _key(one, one.began_at), under_way=1)
        return table

    def _submitted(self, event: Submission) -> None:
        began_at = max(event.at, event.schedule_at) if event.accepted else event.at
        one = _Open(began_at, event.account, event.service, "mt", event.segment_count)
        if event.accepted:
            self._open[event.message_id] = one
        else:
            add(self.table, _key(one, began_at), refused=1)

    def _received(self, event: MoReceived) -> None:
        if event.account:
            count = event.segment_count
            self._open[event.mo_id] = _Open(event.at, event.account, MO_SERVICE, "mo", count)

    def _replaced(self, event: Replaced) -> None:
        one = self._open.get(event.message_id)
        if one is not None:
            began_at = event.schedule_at or min(one.began_at, event.at)
            self._open[event.message_id] = one._replace(
                began_at=began_at, segments=event.segment_count
            )

    def _ended(self, message_id: int, at: float, liability: str) -> None:
        one = self._open.pop(message_id, None)
        if one is not None:
            well = liability == DELIVERED
            key = _key(one, min(one.began_at, at))
            add(self.table, key, ended=1, delivered=well, segments=one.segments * well)


def _key(one: _Open, at: float) -> Key:
    # The archive and the index go by whole milliseconds.
    month = month_name(day_of(round(at * 1000) / 1000))
    return Key(month, one.account, one.service, one.direction)


def ledger_table(ledger: SlaLedger) -> Table:
    """Give the table of the quality index's counts, whatever a handset hid counted as delivered."""
    table: Table = {}
    for number, day in ledger.days.items():
        month = month_name(date_of(number))
        for cell, count in day.cells.items():
            result = ledger.results[cell & INDEX_MASK]
            traffic = ledger.traffics[result.traffic]
            key = Key(month, traffic.account, traffic.service, traffic.direction)
            if not traffic.accepted:
                add(table, key, refused=count)
                continue
            well = count * (result.liability == DELIVERED)
            add(table, key, ended=count, delivered=well, segments=well * traffic.segments)
        for place, count in day.pending.items():
            traffic = ledger.traffics[place & INDEX_MASK]
            key = Key(month, traffic.account, traffic.service, traffic.direction)
            add(table, key, under_way=count)
    return table


def differences(tables: Mapping[str, Table], since: str = "") -> list[Difference]:
    """Give every figure on which the tables differ, by month, of the months from `since` on."""
    keys = {key for table in tables.values() for key in table if key.month >= since}
    found: list[Difference] = []
    for key in sorted(keys):
        rows = {name: table.get(key, _NOTHING) for name, table in tables.items()}
        for figure in Figures._fields:
            counts = {name: int(getattr(row, figure)) for name, row in rows.items()}
            if len(set(counts.values())) > 1:
                found.append(Difference(key, figure, counts))
    return found


def apart(found: Iterable[Difference]) -> int:
    """Add up how far the ways lie apart; 0 where they agree."""
    return sum(one.most for one in found)
