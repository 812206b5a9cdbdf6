"""Give the days over which the quality index is taken; all days are those of Asia/Shanghai.

Settlement periods run from an anchor on (`billing.anchor`), contract years from the first day of
the term. A window of both is the one that holds a day, before the anchor as well as after it.

`config.term` and `metrics.breaches.periods` count months alike, but bring pydantic with them, and
the process that folds the journal is to stay small.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

EPOCH_ORDINAL: Final = date(1970, 1, 1).toordinal()
DAY_S: Final = 86400
SHIFT_S: Final = 8 * 3600
"""What Asia/Shanghai is ahead of UTC; it has had no summer time since 1991."""
WINDOWS: Final = ("month", "period", "year", "trailing12")
"""Names of the windows that a day decides."""


@dataclass(slots=True, frozen=True, order=True)
class Window:
    """Be some days in a row, the first and the last counted in.

    Raises ValueError when the last day is before the first.
    """

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"last day: {self.last}, {self.first} or later is allowed")

    @property
    def starts_at(self) -> float:
        """Give its first instant, UTC seconds since the epoch."""
        return float(number_of(self.first) * DAY_S - SHIFT_S)

    @property
    def ends_at(self) -> float:
        """Give the first instant after it, UTC seconds since the epoch."""
        return float((number_of(self.last) + 1) * DAY_S - SHIFT_S)

    def months(self) -> Iterator[Window]:
        """Give the whole calendar months that it touches, the first one first."""
        day = self.first
        while day <= self.last:
            found = month_of(day)
            yield found
            day = found.last + timedelta(days=1)


def number_of(day: date) -> int:
    """Number a day, 0 for 1970-01-01."""
    return day.toordinal() - EPOCH_ORDINAL


def date_of(number: int) -> date:
    """Give the day of a number."""
    return date.fromordinal(number + EPOCH_ORDINAL)


def number_at(at: float) -> int:
    """Number the day that holds an instant (UTC seconds since the epoch)."""
    return int((at + SHIFT_S) // DAY_S)


def date_at(at: float) -> date:
    """Give the day that holds an instant (UTC seconds since the epoch)."""
    return date_of(number_at(at))


def months_on(day: date, months: int) -> date:
    """Give the same day some calendar months later, or the last one of a shorter month."""
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = date(year + (month0 == 11), (month0 + 1) % 12 + 1, 1)
    return min(date(year, month0 + 1, 1) + timedelta(days=day.day - 1), following - timedelta(1))


def month_of(day: date) -> Window:
    """Give the calendar month of a day."""
    first = day.replace(day=1)
    return Window(first, months_on(first, 1) - timedelta(days=1))


def period_of(day: date, anchor: date, months: int = 6) -> Window:
    """Give the settlement period that holds a day (clause 5.3)."""
    number = ((day.year - anchor.year) * 12 + day.month - anchor.month) // months
    if months_on(anchor, number * months) > day:
        number -= 1
    first = months_on(anchor, number * months)
    return Window(first, months_on(anchor, (number + 1) * months) - timedelta(days=1))


def year_of(day: date, anchor: date) -> Window:
    """Give the contract year that holds a day, counted from the first day of the term."""
    return period_of(day, anchor, 12)


def trailing_to(day: date, months: int = 12) -> Window:
    """Give the months that end with a day: of 30 November, those from 1 December on."""
    return Window(months_on(day + timedelta(days=1), -months), day)


def named(name: str, day: date, *, anchor: date, months: int, term_from: date) -> Window:
    """Give the window of a name (one of `WINDOWS`) that holds a day.

    Raises ValueError for another name.
    """
    if name == "month":
        return month_of(day)
    if name == "period":
        return period_of(day, anchor, months)
    if name == "year":
        return year_of(day, term_from)
    if name == "trailing12":
        return trailing_to(day)
    raise ValueError(f"window: {name!r}, one of {', '.join(WINDOWS)}")
