"""List the messages behind a figure of the quality index, page by page, under one reading.

A figure comes from five places, gone through one after the other:

- failures: those that failed or came late, which the ledger keeps one by one;
- hidden: those that a handset's software hid, where the reading takes them for exempt;
- waiting: those in flight, pending or a failure for want of a receipt;
- refused, at_once, later: what the ledger only counts and a store knows: messages that the checks
  refused, and those that ended well on the day they began, at once or by schedule.

A page ends when it is full or when enough was looked through, so it takes bounded time and memory.
A cursor names the place where the next one begins. Places stay as they are while messages come:
what belongs to the figure all along is listed exactly once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from heapq import nsmallest
from typing import Final, Literal, NamedTuple, TypeAlias, cast, get_args

from .classes import CLASSES
from .counts import SlaView
from .days import Traffic
from .windows import DAY_S, SHIFT_S, Window

Kind = Literal["refused", "at_once", "later"]
Source = Literal["failures", "hidden", "waiting", "refused", "at_once", "later"]
SOURCES: Final[tuple[Source, ...]] = get_args(Source)
Place: TypeAlias = tuple[int, int]
"""Where one is in a source: day and place of a failure, 0 and an id, or milliseconds and an id."""

LOOKED_THROUGH: Final = 20_000
"""Messages that one page looks at, at most."""
_SLICE: Final = 2000


class CursorError(ValueError):
    """Say that a cursor is none."""


class Settled(NamedTuple):
    """Be one message as a store knows it; `at_ms` is when it counts from."""

    id: int
    at_ms: int
    account: str
    service: str
    direction: str
    segments: int
    accepted: int
    state: int
    error: str
    reason: str
    liability: str


SettledSource: TypeAlias = Callable[[Kind, Place, int, int], list[Settled]]
"""Gives messages of a kind after a place, before a time in milliseconds, at most so many."""


class Listed(NamedTuple):
    """Be one message behind a figure: the day it counts on, and its segments."""

    id: int
    day: int
    segments: int
    direction: str


@dataclass(slots=True, frozen=True)
class Question:
    """Ask for the messages of one class in a window; None asks for all accounts or services."""

    wanted: str
    """One of `CLASSES`."""
    window: Window
    account: str | None = None
    service: str | None = None
    limit: int = 50

    def takes(self, traffic: Traffic | Settled, direction: str | None) -> bool:
        """Say whether it asks for messages of a traffic; `direction` is that of the reading."""
        return (
            self.account in (None, traffic.account)
            and self.service in (None, traffic.service)
            and direction in (None, traffic.direction)
        )


@dataclass(slots=True, frozen=True)
class Cursor:
    """Say where a page begins, and the time at which the first page was asked for."""

    at: float
    source: int = 0
    place: Place = (0, 0)

    def text(self) -> str:
        """Write it for the caller."""
        numbers = (round(self.at * 1000), self.source, *self.place)
        return ".".join(str(number) for number in numbers)

    @classmethod
    def read(cls, text: str) -> Cursor:
        """Read what `text` wrote. Raises CursorError."""
        parts = text.split(".")
        if len(parts) != 4 or not all(
            part.isascii() and part.isdigit() and len(part) < 20 for part in parts
        ):
            raise CursorError(f"cursor: {text[:40]!r} seen, `next` of the page before allowed")
        at_ms, source, first, second = (min(int(part), 2**63 - 1) for part in parts)
        if source >= len(SOURCES):
            raise CursorError(f"cursor: {text[:40]!r} seen, `next` of the page before allowed")
        return cls(at_ms / 1000, source, (first, second))


@dataclass(slots=True)
class Page:
    """Hold one page; `next` is None on the last one."""

    items: list[Listed] = field(default_factory=list)
    next: Cursor | None = None


@dataclass(slots=True)
class _Work:
    """Hold what one page has done so far."""

    view: SlaView
    question: Question
    at: float
    settled: SettledSource
    left: int
    found: list[Listed] = field(default_factory=list)

    @property
    def enough(self) -> bool:
        return self.left <= 0 or len(self.found) >= self.question.limit

    def look(self, one: Traffic | Settled, message_id: int, day: int, liability: str) -> None:
        """Take a message in if it is asked for."""
        direction = self.view.readings.direction
        if liability == self.question.wanted and self.question.takes(one, direction):
            self.found.append(Listed(message_id, day, one.segments, one.direction))


def page_of(view: SlaView, question: Question, cursor: Cursor, settled: SettledSource) -> Page:
    """Give the page that begins at a cursor.

    Raises ValueError for a class that isn't one of `CLASSES`.
    """
    if question.wanted not in CLASSES:
        raise ValueError(f"class: {question.wanted!r} seen, one of {', '.join(CLASSES)} allowed")
    work = _Work(view, question, cursor.at, settled, LOOKED_THROUGH)
    source, place = cursor.source, cursor.place
    while source < len(SOURCES):
        ended = _STEPS[SOURCES[source]](work, SOURCES[source], place)
        if ended is not None:
            return Page(work.found, Cursor(cursor.at, source, ended))
        source, place = source + 1, (0, 0)
    return Page(work.found)


# Each goes through one source from a place on, and gives the place where it stopped with the page
# being full, or None where the source is at its end.


def _failures(work: _Work, _source: Source, place: Place) -> Place | None:
    """Go through the failures; the place is that behind the last one looked at."""
    for day, number, verdict in work.view.failures_from(work.question.window, *place):
        if work.enough:
            return place
        work.left -= 1
        place = (day, number)
        if verdict is not None:
            work.look(verdict.traffic, verdict.failure.message_id, verdict.day, verdict.liability)
    return None


def _hidden(work: _Work, _source: Source, place: Place) -> Place | None:
    view, window = work.view, work.question.window
    if work.question.wanted != "exempt" or view.readings.handset_intercept != "exempt":
        return None
    entries = ((one, 0, "exempt", traffic) for one, traffic in view.hidden(window))
    return _by_id(work, entries, place)


def _waiting(work: _Work, _source: Source, place: Place) -> Place | None:
    if work.question.wanted not in ("pending", "carrier"):
        return None
    return _by_id(work, work.view.waiting(work.question.window, work.at), place)


def _by_id(
    work: _Work, entries: Iterator[tuple[int, int, str, Traffic]], place: Place
) -> Place | None:
    """Take in the next ones by id; all of them are in memory."""
    if work.enough:
        return place
    direction = work.view.readings.direction
    question = work.question
    room = question.limit - len(work.found)
    chosen = (
        entry
        for entry in entries
        if entry[0] > place[1]
        and entry[2] == question.wanted
        and question.takes(entry[3], direction)
    )
    first = nsmallest(room + 1, chosen, key=lambda entry: entry[0])
    for message_id, day, liability, traffic in first[:room]:
        work.look(traffic, message_id, day, liability)
    return (0, first[room - 1][0]) if len(first) > room else None


def _settled(work: _Work, source: Source, place: Place) -> Place | None:
    view, question = work.view, work.question
    kind = cast("Kind", source)
    if not _may_hold(view, kind, question.wanted):
        return None
    hidden: frozenset[int] = frozenset()
    if kind != "refused" and view.readings.handset_intercept == "exempt":
        hidden = frozenset(one for one, _ in view.hidden(question.window))
    until_ms = round(question.window.ends_at * 1000)
    place = max(place, (round(question.window.starts_at * 1000), 0))
    while True:
        if work.enough:
            return place
        # Most messages are of the class: what is read is what the page has room for.
        size = min(_SLICE, work.left, max(50, 2 * (question.limit - len(work.found))))
        rows = work.settled(kind, place, until_ms, size)
        for row in rows:
            if work.enough:
                return place
            work.left -= 1
            place = (row.at_ms, row.id)
            liability = _class_of(view, row)
            if row.id not in hidden and liability is not None:
                work.look(row, row.id, (row.at_ms // 1000 + SHIFT_S) // DAY_S, liability)
        if len(rows) < size:
            return None


def _class_of(view: SlaView, row: Settled) -> str | None:
    if not row.accepted:
        return view.refused(row.reason, row.error)
    return view.class_of_settled(row.state, row.error, row.liability)


def _may_hold(view: SlaView, kind: Kind, wanted: str) -> bool:
    """Say whether messages of a kind can be of a class."""
    changed = {name for _, name in view.readings.code_class}
    if kind == "refused":
        return wanted not in ("pending", "ok") or wanted in changed
    return wanted == "ok" or wanted in changed


_STEPS: Final[dict[Source, Callable[[_Work, Source, Place], Place | None]]] = {
    "failures": _failures,
    "hidden": _hidden,
    "waiting": _waiting,
    "refused": _settled,
    "at_once": _settled,
    "later": _settled,
}
