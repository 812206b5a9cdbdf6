"""Count the contract's days and months, in Asia/Shanghai.

The day on which a period is set off does not count, and the period ends at 24:00 of its last day:
fourteen days from any hour of 1 March end when 15 March does. Months end with the day of the same
number, or with the last day of a shorter month. All instants are UTC seconds since the epoch.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from config.section import SHANGHAI
from config.term import add_months

DAY_S: Final = 86400.0
_SHIFT_S: Final = 8 * 3600.0


def day_number(at: float) -> int:
    """Number the day of an instant; cheap, since it is asked for each message."""
    return int((at + _SHIFT_S) // DAY_S)


def day_of(at: float) -> date:
    """Give the day of an instant."""
    return datetime.fromtimestamp(at, UTC).astimezone(SHANGHAI).date()


def start_of(day: date) -> float:
    """Give 00:00 of a day."""
    return datetime.combine(day, time(), SHANGHAI).timestamp()


def end_of(day: date) -> float:
    """Give 24:00 of a day."""
    return start_of(day) + DAY_S


def days_after(at: float, days: int) -> float:
    """Give the end of a period of whole days that `at` sets off."""
    return end_of(day_of(at) + timedelta(days=days))


def months_after(at: float, months: int) -> float:
    """Give the end of a period of calendar months that `at` sets off."""
    return end_of(add_months(day_of(at), months))


def start_of_month(at: float) -> float:
    """Give the beginning of the calendar month that holds an instant."""
    return start_of(day_of(at).replace(day=1))


def start_of_year_to(at: float) -> float:
    """Give the beginning of the twelve months that end with the day of an instant."""
    return end_of(add_months(day_of(at), -12))
