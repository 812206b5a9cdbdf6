"""Read the ledger's days as classes, under one reading of the contract.

Which window a segment belongs to: that of the day its delivery began, if its receipt came within
`billing.cut_off_days` after the end of that day's settlement period. A later receipt changes
nothing in a period that is settled: with `sla.no_receipt_h` over by then, the segment had no
receipt in time and stays a failure of its day; with them not over, it was pending and counts on
the day of the receipt. So every segment counts exactly once, and windows can be added up.

A message in flight is a carrier-liable failure once `sla.no_receipt_h` are over (counted by whole
minutes), until a receipt within the cut-off says otherwise. So figures of a settled period stand
where the cut-off is no shorter than the wait, as it is by default; else those still in flight may
add failures to it. Uplink messages know neither: they end
when party A acknowledges them.

A window of relief takes over the carrier-liable failures whose delivery began or ended inside it;
delivered segments stay successes, and failures with another cause keep it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from .classes import INDEX, Classes
from .days import INDEX_BITS, INDEX_MASK, Day, Failure, Traffic, lag_and_hour
from .ledger import DELIVERED, SlaLedger
from .readings import Readings
from .relief import NoRelief, Relief
from .windows import DAY_S, SHIFT_S, Window, date_of, number_of, period_of

_HOUR_S: Final = 3600
_MINUTE_S: Final = 60


class Group(NamedTuple):
    """Say whose and which segments a count is of."""

    account: str
    service: str
    direction: str
    accepted: bool
    """False for what the checks refused."""


class Verdict(NamedTuple):
    """Say how a reading classes one message that failed or came late."""

    day: int
    """Number of the day it counts on."""
    liability: str
    traffic: Traffic
    error: str
    failure: Failure


@dataclass(slots=True)
class Counts:
    """Count segments and messages by group and class."""

    segments: dict[Group, Classes] = field(default_factory=dict)
    messages: dict[Group, Classes] = field(default_factory=dict)

    def add(self, group: Group, liability: str, messages: int, segments: int) -> None:
        """Count some more of one class."""
        place = INDEX[liability]
        for counts, number in ((self.messages, messages), (self.segments, segments)):
            row = list(counts.get(group, _NOTHING))
            row[place] += number
            counts[group] = Classes(*row)

    def take(self, other: Counts) -> None:
        """Add another one to this."""
        for mine, more in ((self.segments, other.segments), (self.messages, other.messages)):
            for group, classes in more.items():
                mine[group] = mine.get(group, _NOTHING).plus(classes)

    def classes(
        self,
        *,
        account: str | None = None,
        service: str | None = None,
        direction: str | None = None,
        accepted: bool | None = None,
        unit: str = "segment",
    ) -> Classes:
        """Add up the groups asked for; None is all. `unit` is segment or message."""
        wanted = (account, service, direction, accepted)
        found = _NOTHING
        for group, classes in (self.messages if unit == "message" else self.segments).items():
            if all(one is None or one == own for one, own in zip(wanted, group, strict=True)):
                found = found.plus(classes)
        return found


_NOTHING: Final = Classes()


class SlaView:
    """Read a ledger under one reading; what has been read of a day is kept until it changes."""

    __slots__ = ("_classes", "_days", "_ledger", "_readings", "_relief", "_token")

    def __init__(self, ledger: SlaLedger, readings: Readings, relief: Relief | None = None) -> None:
        self._ledger = ledger
        self._readings = readings
        self._relief: Relief = relief or NoRelief()
        self._token: Hashable = None
        self._classes = dict(readings.code_class)
        self._days: dict[int, tuple[Day, int, dict[int, Counts]]] = {}
        """Day → the one read, its revision and its counts by the day they count on."""

    def follow(self, ledger: SlaLedger, relief: Relief | None = None) -> SlaView:
        """Give a view of another ledger under the same reading that goes on from this one.

        What has been read of days that both ledgers share is not read again.
        """
        view = SlaView(ledger, self._readings, relief)
        view._token, view._days = self._token, dict(self._days)
        return view

    @property
    def readings(self) -> Readings:
        """Give the reading it applies."""
        return self._readings

    def counts(self, window: Window, at: float) -> Counts:
        """Count the results of a window, of all events folded so far.

        `at` (UTC seconds since the epoch) decides how long messages in flight have waited.
        Takes time for the days of the window and for days that have changed since the last call.
        """
        token = self._relief.token()
        if token != self._token:
            self._days.clear()
            self._token = token
        first, last = number_of(window.first), number_of(window.last)
        found = Counts()
        for day in self._between(self._earliest(first), last):
            for booked, counts in self._of(day).items():
                if first <= booked <= last:
                    found.take(counts)
            if day.number >= first and day.pending:
                self._pending(day, at, found)
        return found

    def failures(self, window: Window) -> Iterator[Verdict]:
        """Give the messages of a window that failed or came late and are final, by day.

        Left out are those that the checks refused by party A's doing, however many; the archive
        has them.
        """
        for _day, _place, found in self.failures_from(window):
            if found is not None:
                yield found

    def failures_from(
        self, window: Window, day: int = 0, place: int = 0
    ) -> Iterator[tuple[int, int, Verdict | None]]:
        """Give what `failures` gives from a place on, with the place after each.

        `day` is the number of the day on which deliveries began, `place` how many of it are passed
        over; one that counts in another window is None. A place stays the same while the ledger
        grows.
        """
        first, last = number_of(window.first), number_of(window.last)
        for one_day in self._between(max(self._earliest(first), day), last):
            begin = place if one_day.number == day else 0
            for number, one in enumerate(one_day.failures(begin), begin + 1):
                found = self._judge(one_day, one)
                yield one_day.number, number, found if first <= found.day <= last else None

    def hidden(self, window: Window) -> Iterator[tuple[int, Traffic]]:
        """Give the messages that a handset hid and that `failures` doesn't give, with ids."""
        first, last = number_of(window.first), number_of(window.last)
        for day in self._between(first, last):
            for message_id, cell in day.hidden.items():
                result = self._ledger.results[cell & INDEX_MASK]
                if cell <= INDEX_MASK:
                    yield message_id, self._ledger.traffics[result.traffic]

    def waiting(self, window: Window, at: float) -> Iterator[tuple[int, int, str, Traffic]]:
        """Give the messages in flight of a window at `at`: id, day, class, traffic."""
        first, last = number_of(window.first), number_of(window.last)
        for message_id, started_at, traffic in self._ledger.waiting():
            day, second = divmod(int(started_at) + SHIFT_S, DAY_S)
            if first <= day <= last:
                key = second // _MINUTE_S << INDEX_BITS
                yield message_id, day, self._waiting_class(day, key, traffic, at), traffic

    def class_of_settled(self, state: int, error: str, liability: str) -> str:
        """Give the class of a message that ended on the day it began and isn't among failures."""
        return liability if state == DELIVERED else self._classes.get(error, liability)

    def refused(self, reason: str, error: str) -> str | None:
        """Give the class of a message that the checks refused, None where `failures` gives it."""
        liability, error = self._ledger.refused_as(reason, error)
        return None if liability == "carrier" else self._classes.get(error, liability)

    def _between(self, first: int, last: int) -> Iterator[Day]:
        days = self._ledger.days
        if last - first > len(days):
            yield from (days[number] for number in sorted(days) if first <= number <= last)
        else:
            yield from (days[number] for number in range(first, last + 1) if number in days)

    def _earliest(self, first: int) -> int:
        """Give the first day of which something may count on `first` or later."""
        return first - self._ledger.longest

    # -- one day ------------------------------------------------------------------------------

    def _of(self, day: Day) -> dict[int, Counts]:
        known = self._days.get(day.number)
        if known is not None and known[0] is day and known[1] == day.revision:
            return known[2]
        found: dict[int, Counts] = {}
        cut_off = self._cut_off(day.number)
        for cell, number in day.cells.items():
            booked, liability, traffic, _error = self._class_of(day.number, cell, cut_off)
            _add(found, booked, liability, traffic, number)
        if self._readings.handset_intercept == "exempt":
            for cell in day.hidden.values():
                booked, liability, traffic, _error = self._class_of(day.number, cell, cut_off)
                if liability == "ok":
                    _add(found, booked, "ok", traffic, -1)
                    _add(found, booked, "exempt", traffic, 1)
        if self._touched(day):
            self._relieve(day, found)
        self._days[day.number] = (day, day.revision, found)
        return found

    def _cut_off(self, number: int) -> int:
        """Give the number of the first day that is too late for a receipt."""
        readings = self._readings
        period = period_of(date_of(number), readings.anchor, readings.period_months)
        return number_of(period.last) + 1 + readings.cut_off_days

    def _class_of(self, number: int, cell: int, cut_off: int) -> tuple[int, str, Traffic, str]:
        """Give the day it counts on, the class, the traffic and the error of a cell."""
        result = self._ledger.results[cell & INDEX_MASK]
        traffic = self._ledger.traffics[result.traffic]
        lag, hour = lag_and_hour(cell)
        ended = number + lag
        liability = result.liability
        if traffic.direction == "mo":
            if result.sent and self._readings.mo_success == "sent":
                liability = "ok"
        elif ended >= cut_off and (cut_off - number) * 24 - hour > self._readings.no_receipt_h:
            return number, "carrier", traffic, "no_receipt"
        elif result.state != DELIVERED:
            liability = self._classes.get(result.error, liability)
        return (number if ended < cut_off else ended), liability, traffic, result.error

    # -- windows of relief --------------------------------------------------------------------

    def _touched(self, day: Day) -> bool:
        """Say whether a delivery that began on this day may lie in a window."""
        start = day.number * DAY_S - SHIFT_S
        end = start + (self._ledger.longest + 1) * DAY_S
        return any(begun < end and start < ended for begun, ended in self._relief.spans())

    def _relieve(self, day: Day, found: dict[int, Counts]) -> None:
        cut_off = self._cut_off(day.number)
        for one in day.failures():
            booked, liability, traffic, _error = self._class_of(day.number, one.cell, cut_off)
            if liability == "carrier" and (relieved := self._relieved(one)) != "carrier":
                _add(found, booked, "carrier", traffic, -1)
                _add(found, booked, relieved, traffic, 1)

    def _relieved(self, one: Failure) -> str:
        number = str(one.number) if one.number else ""
        return (
            self._relief.class_at(one.started_at, number)
            or self._relief.class_at(one.ended_at, number)
            or "carrier"
        )

    def _judge(self, day: Day, one: Failure) -> Verdict:
        cut_off = self._cut_off(day.number)
        booked, liability, traffic, error = self._class_of(day.number, one.cell, cut_off)
        if liability == "carrier":
            liability = self._relieved(one)
        elif liability == "ok" and self._readings.handset_intercept == "exempt":
            liability = "exempt" if one.message_id in day.hidden else "ok"
        return Verdict(booked, liability, traffic, error, one)

    # -- in flight ----------------------------------------------------------------------------

    def _pending(self, day: Day, at: float, found: Counts) -> None:
        for key, number in day.pending.items():
            traffic = self._ledger.traffics[key & INDEX_MASK]
            group = Group(traffic.account, traffic.service, traffic.direction, traffic.accepted)
            liability = self._waiting_class(day.number, key, traffic, at)
            found.add(group, liability, number, number * traffic.segments)

    def _waiting_class(self, day: int, key: int, traffic: Traffic, at: float) -> str:
        """Give the class of messages in flight that began in one minute of a day."""
        begun = day * DAY_S - SHIFT_S + ((key >> INDEX_BITS) + 1) * _MINUTE_S
        late = traffic.direction == "mt" and at - begun >= self._readings.no_receipt_h * _HOUR_S
        return "carrier" if late else "pending"


def _add(
    found: dict[int, Counts], day: int, liability: str, traffic: Traffic, messages: int
) -> None:
    group = Group(traffic.account, traffic.service, traffic.direction, traffic.accepted)
    counts = found.get(day)
    if counts is None:
        counts = found[day] = Counts()
    counts.add(group, liability, messages, messages * traffic.segments)
