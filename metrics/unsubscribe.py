"""Judge the unsubscribe interface that party A gives to party B's service staff (clause 4.3).

The user's unsubscription must be complete in the time agreed; the gateway itself blocks in any
case. Failing calls are a sign of row 2 of the breaches, and so is a message after a confirmed one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil, isfinite
from typing import Final, NamedTuple

from routing.office_events import UnsubscribeCalled
from routing.registry_events import OptedOut

from .breaches.periods import day_number
from .entries import EntryError, given, moment_of, one_of

RESULTS: Final[dict[str, bool]] = {
    "done": True,
    "not_subscribed": True,
    "accepted": True,
    "refused": False,
    "timeout": False,
    "unreachable": False,
    "invalid_answer": False,
}
"""What came of a call → whether the interface worked; `accepted` is done later."""

DONE: Final = frozenset({"done", "not_subscribed"})
ENDED: Final = DONE | {"accepted", "refused"}
"""Results after which party A isn't called again."""
PARTY_A: Final = "party_a"
"""Source of the refusals that party A made itself, and knows of."""
DEADLINE_S: Final = 24 * 3600.0
MOST_WANTED: Final = 100_000
"""Requests kept for party A; of more than these it isn't told. The gateway blocks in any case."""


class Request(NamedTuple):
    """Be one refusal that party A is to be told of; UTC seconds since the epoch."""

    number: str
    access_number: str
    """"" = every one."""
    categories: tuple[str, ...]
    """() = every one."""
    source: str
    requested_at: float


class Open(NamedTuple):
    """Be one unsubscription that party A has not completed; UTC seconds since the epoch."""

    due_at: float
    account: str
    number: str
    overdue: bool


class Statistics(NamedTuple):
    """Say how the interface worked; latencies are seconds, None without a call."""

    calls: int
    failed: int
    late: int
    """Completed after the agreed time."""
    median_s: float | None
    p95_s: float | None
    max_s: float | None


@dataclass(slots=True)
class _Day:
    failed: int = 0
    late: int = 0
    latencies: list[float] = field(default_factory=list)


@dataclass(slots=True)
class Unsubscriptions:
    """Fold the calls of the interface; `check` refuses an event before it is recorded."""

    deadline_s: float = DEADLINE_S
    """Agreed time from the user's request to its completion; exactly that is in time."""
    _days: dict[tuple[str, int], _Day] = field(default_factory=dict)
    _open: dict[tuple[str, str], float] = field(default_factory=dict)
    """Time of the first request that is not complete, by account and number."""

    wanted: dict[str, Request] = field(default_factory=dict)
    """Requests that party A has not answered for good, by number, the oldest first."""

    def refuse(self, event: OptedOut) -> None:
        """Note a user's refusal, of which party A is to be told unless it is its own."""
        if event.source != PARTY_A and len(self.wanted) < MOST_WANTED:
            self.wanted[event.number] = Request(
                event.number,
                event.access_number,
                event.categories,
                event.source,
                event.refused_at or event.at,
            )

    def check(self, event: UnsubscribeCalled) -> None:
        """Raise EntryError for an event that can't be, saying what is allowed."""
        given(account=event.account, number=event.number)
        one_of("result", event.result, RESULTS)
        moment_of("requested_at", event.requested_at, event.at)
        if not (isfinite(event.latency_s) and event.latency_s >= 0):
            raise EntryError(f"latency_s: {event.latency_s}, 0 or more is allowed")
        if event.attempts < 1:
            raise EntryError(f"attempts: {event.attempts}, 1 or more is allowed")

    def apply(self, event: UnsubscribeCalled) -> None:
        """Take a recorded call in."""
        key = (event.account, event.number)
        day = self._days.setdefault((event.account, day_number(event.at)), _Day())
        day.latencies.append(event.latency_s)
        day.failed += not RESULTS[event.result]
        requested_at = self._open.get(key, event.requested_at or event.at)
        if event.result in DONE:
            self._open.pop(key, None)
            day.late += event.at - requested_at > self.deadline_s
        else:
            self._open[key] = requested_at
        if event.result in ENDED:
            self.wanted.pop(event.number, None)

    def open(self, at: float) -> tuple[Open, ...]:
        """Give what is not complete, the first due first."""
        found = [
            Open(since + self.deadline_s, account, number, at - since > self.deadline_s)
            for (account, number), since in self._open.items()
        ]
        return tuple(sorted(found))

    def statistics(self, account: str, first_day: int, last_day: int) -> Statistics:
        """Sum up the calls of days, both counted in, numbered as by `periods.day_number`."""
        days = [
            day
            for (owner, number), day in self._days.items()
            if owner == account and first_day <= number <= last_day
        ]
        latencies = sorted(value for day in days for value in day.latencies)
        return Statistics(
            len(latencies),
            sum(day.failed for day in days),
            sum(day.late for day in days),
            _nearest(latencies, 50),
            _nearest(latencies, 95),
            latencies[-1] if latencies else None,
        )


def _nearest(ascending: list[float], percent: int) -> float | None:
    """Give a percentile by nearest rank."""
    if not ascending:
        return None
    return ascending[ceil(len(ascending) * percent / 100) - 1]
