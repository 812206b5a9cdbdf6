"""Divide the service term into settlement periods (clause 5.3) and say what belongs to which.

Periods have a fixed number of months and are counted from an anchor, in days of Asia/Shanghai.
The term cuts the first and the last one. A message belongs to the period in which it was
submitted, as long as its result comes before the cut-off; a later result is an adjustment in the
first period that isn't cut off yet. Instants are UTC seconds since the epoch.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from config.contract import Contract
from config.term import add_months

from ..breaches.periods import DAY_S, day_of, end_of, start_of
from .amounts import SettlementError

_ONE_DAY: Final = timedelta(days=1)
_YEARS: Final = range(100, 9900)
"""Years whose periods can be reckoned: the calendar ends soon outside them."""


@dataclass(slots=True, frozen=True)
class Period:
    """Be one settlement period, both days counted in."""

    first_day: date
    last_day: date
    months: tuple[date, ...]
    """First day of each of its months."""

    @property
    def name(self) -> str:
        """Give its first day as YYYY-MM-DD, by which it is known."""
        return self.first_day.isoformat()

    @property
    def starts_at(self) -> float:
        """Give its first instant."""
        return start_of(self.first_day)

    @property
    def ends_at(self) -> float:
        """Give the first instant after it."""
        return end_of(self.last_day)

    def month_of(self, day: date) -> date:
        """Give the first day of the month that holds a day of the period.

        Raises SettlementError for any other day.
        """
        if not self.first_day <= day <= self.last_day:
            raise SettlementError(
                f"day {day}: the settlement period is {self.first_day} to {self.last_day}"
            )
        return max(month for month in self.months if month <= day)

    def end_of_month(self, month: date) -> date:
        """Give the day after the last one of a month, which is named by its first day."""
        later = [other for other in self.months if other > month]
        return min(later, default=self.last_day + _ONE_DAY)


@dataclass(slots=True, frozen=True)
class Periods:
    """Know every period of a contract; `last_day` None is a term that renews itself."""

    anchor: date
    period_months: int
    cut_off_days: int
    first_day: date
    last_day: date | None

    def holding(self, day: date) -> Period:
        """Give the period that holds a day.

        Raises SettlementError for a day outside the service term.
        """
        if day < self.first_day or (self.last_day is not None and day > self.last_day):
            raise SettlementError(
                f"day {day}: the service term is {self.first_day} to {self.last_day or 'open'}"
            )
        if day.year not in _YEARS:
            raise SettlementError(f"day {day}: years {_YEARS[0]} to {_YEARS[-1]} can be settled")
        months = (day.year - self.anchor.year) * 12 + day.month - self.anchor.month
        if add_months(self.anchor, months) > day:
            months -= 1
        return self._numbered(months // self.period_months)

    def named(self, name: str) -> Period:
        """Give the period that is known by its first day, YYYY-MM-DD.

        Raises SettlementError saying which period holds the day instead.
        """
        try:
            day = date.fromisoformat(name)
        except ValueError:
            raise SettlementError(
                f"settlement period {name!r}: its first day is asked for, such as {self.first_day}"
            ) from None
        period = self.holding(day)
        if period.first_day != day:
            raise SettlementError(
                f"settlement period {name}: none begins on that day; the one that holds it is "
                f"{period.name}"
            )
        return period

    def begun_by(self, day: date) -> Iterator[Period]:
        """Give every period that has begun by a day, in order."""
        last = day if self.last_day is None else min(day, self.last_day)
        first = self.first_day
        while first <= last:
            period = self.holding(first)
            yield period
            first = period.last_day + _ONE_DAY

    def cut_off_at(self, period: Period) -> float:
        """Give the first instant at which a result comes too late for a period."""
        return period.ends_at + self.cut_off_days * DAY_S

    def settled_in(self, submitted_at: float, final_at: float) -> Period:
        """Give the period on whose statement a result belongs.

        It is an adjustment there unless the message was submitted in the same period. After the
        last period's cut-off a result belongs to that period still, in a correction. Raises
        SettlementError for a message submitted outside the service term.
        """
        period = self.holding(day_of(submitted_at))
        while final_at >= self.cut_off_at(period) and period.last_day != self.last_day:
            period = self.holding(period.last_day + _ONE_DAY)
        return period

    def _numbered(self, number: int) -> Period:
        """Give the period that begins so many periods after the anchor."""
        first = number * self.period_months
        whole = [add_months(self.anchor, first + month) for month in range(self.period_months)]
        end = add_months(self.anchor, first + self.period_months) - _ONE_DAY
        end = end if self.last_day is None else min(end, self.last_day)
        months = [*whole, end + _ONE_DAY]
        inside = [
            max(month, self.first_day)
            for month, following in pairwise(months)
            if month <= end and following > self.first_day
        ]
        return Period(inside[0], end, tuple(inside))


def periods_of(contract: Contract) -> Periods:
    """Read the periods out of a contract."""
    term = contract.service_term()
    billing = contract.billing
    return Periods(
        anchor=billing.anchor,
        period_months=billing.period_months,
        cut_off_days=billing.cut_off_days,
        first_day=term.first_day,
        last_day=None if term.renewal_months else term.last_day,
    )
