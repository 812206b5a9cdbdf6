"""Say when the contract is in force: its term, its renewal, and the warning before its end.

Clause 10.1 gives the term in whole days of Asia/Shanghai. Its last day counts to 24:00, so the
first instant out of force is 00:00 of the day after. Clause 11.11 allows renewal for a length to
be agreed: it repeats at every end, and the original end stays known.
"""

from __future__ import annotations

import math
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from .section import SHANGHAI

WARNING_DAYS: Final = 90
"""Clause 4.4: the end of the service is announced 90 days before."""
_DAY_S: Final = 86400.0


@dataclass(frozen=True, slots=True)
class TermStatus:
    """Say how the term stands at one instant; all times are UTC seconds since the epoch."""

    in_force: bool
    original_ends_at: float
    current_ends_at: float
    """End of the term or renewal period that holds the instant (or of the last one)."""
    renewals: int
    days_left: int
    """Whole days until `current_ends_at`, 0 when it has passed; without an end, to that of the
    calendar."""
    warning: bool
    """Whether the end of the current period is at most 90 days away."""


@dataclass(frozen=True, slots=True)
class ServiceTerm:
    """Hold the first day, the last day and the months of each renewal (0: none)."""

    first_day: date
    last_day: date
    renewal_months: int = 0

    @property
    def starts_at(self) -> float:
        """Give the first instant in force, UTC seconds since the epoch."""
        return _midnight(self.first_day)

    @property
    def original_ends_at(self) -> float:
        """Give the first instant after the term as signed, UTC seconds since the epoch."""
        return _midnight_after(self.last_day)

    @property
    def ends_at(self) -> float:
        """Give the first instant out of force; infinite when the term renews itself."""
        return math.inf if self.renewal_months else self.original_ends_at

    def in_force(self, at: float) -> bool:
        """Say whether the contract is in force at `at` (UTC seconds since the epoch)."""
        return self.starts_at <= at < self.ends_at

    def status(self, at: float) -> TermStatus:
        """Say how the term stands at `at` (UTC seconds since the epoch)."""
        end, renewals = self._period(at)
        return TermStatus(
            in_force=self.in_force(at),
            original_ends_at=self.original_ends_at,
            current_ends_at=end,
            renewals=renewals,
            days_left=max(0, math.floor((min(end, _LAST_MIDNIGHT) - at) / _DAY_S)),
            warning=at >= end - WARNING_DAYS * _DAY_S,
        )

    def _period(self, at: float) -> tuple[float, int]:
        """Give the end of the period that holds `at` and the renewals before it."""
        renewals = 0
        end = self.original_ends_at
        while self.renewal_months and at >= end:
            renewals += 1
            end = _midnight_after(self.last_day, renewals * self.renewal_months)
        return end, renewals


def add_months(day: date, months: int) -> date:
    """Give the same day some calendar months later, or the last one of a shorter month.

    The calendar ends with the year 9999: what lies behind it is its last day.
    """
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > date.max.year:
        return date.max
    return date(year, month0 + 1, min(day.day, monthrange(year, month0 + 1)[1]))


def _midnight(day: date) -> float:
    return datetime.combine(day, time(), SHANGHAI).timestamp()


_LAST_MIDNIGHT: Final = _midnight(date.max)


def _midnight_after(last_day: date, months: int = 0) -> float:
    """Give 24:00 of a last day moved by months: the months run from the day after it."""
    if last_day == date.max:
        return math.inf
    return _midnight(add_months(last_day + timedelta(days=1), months))
