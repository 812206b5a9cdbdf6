"""Grant the one month of the term without communication fee (clause 5.2).

Party A chooses it by a written notice at least thirty days before; it frees both directions and
lies inside the term as signed. What a month is depends on the reading: a calendar month, or any
thirty days.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from config.interpretation import Billing
from config.term import ServiceTerm, add_months

from ..breaches.periods import DAY_S, day_of, start_of
from ..notices import earliest_free_month
from .amounts import SettlementError

_DAYS30: Final = timedelta(days=30)
_ONE_DAY: Final = timedelta(days=1)


@dataclass(slots=True, frozen=True)
class FreeMonth:
    """Be the days without fee, both ends counted in."""

    first_day: date
    last_day: date

    def share_of(self, first: date, after: date) -> bool | None:
        """Say whether the days from `first` to before `after` are all free, none are, or some.

        None stands for some.
        """
        if first > self.last_day or after <= self.first_day:
            return False
        return True if self.first_day <= first and after - _ONE_DAY <= self.last_day else None


def agreed_free_month(billing: Billing, term: ServiceTerm) -> FreeMonth | None:
    """Give the free month that the contract file itself names, None for none.

    Raises SettlementError for days that can't be it.
    """
    if billing.free_month == "none" or billing.free_month_first_day is None:
        return None
    return _from(billing, term, billing.free_month_first_day)


def announced_free_month(
    billing: Billing,
    term: ServiceTerm,
    first_day: date,
    delivered_at: float,
    granted: FreeMonth | None = None,
) -> FreeMonth:
    """Grant the free month that a notice asks for; `granted` is one that party A has already.

    `delivered_at` is UTC seconds since the epoch. Raises SettlementError with the reason,
    for a late notice with the earliest day that it is in time for.
    """
    if billing.free_month == "none":
        raise SettlementError(f"free month from {first_day}: the contract is read without one")
    if granted is not None:
        raise SettlementError(
            f"free month from {first_day}: there is one in the term, and it is granted from "
            f"{granted.first_day} to {granted.last_day}"
        )
    free = _from(billing, term, first_day)
    days = billing.free_month_notice_days
    if delivered_at > start_of(first_day) - days * DAY_S:
        earliest = _earliest(billing, delivered_at)
        raise SettlementError(
            f"free month from {first_day}: the notice came on {day_of(delivered_at)}, less than "
            f"{days} days before; the earliest possible begins on {earliest}"
        )
    return free


def _from(billing: Billing, term: ServiceTerm, first_day: date) -> FreeMonth:
    """Give the month that begins on a day, if there is one and it is in the term."""
    after = first_day + _DAYS30
    if billing.free_month == "calendar":
        if first_day.day != 1:
            raise SettlementError(
                f"free month from {first_day}: a calendar month begins on the first day"
            )
        after = add_months(first_day, 1)
    free = FreeMonth(first_day, after - _ONE_DAY)
    if free.first_day < term.first_day or free.last_day > term.last_day:
        raise SettlementError(
            f"free month from {first_day} to {free.last_day}: it lies in the term, which is "
            f"{term.first_day} to {term.last_day}"
        )
    return free


def _earliest(billing: Billing, delivered_at: float) -> date:
    """Give the first day that a notice is in time for."""
    days = billing.free_month_notice_days
    if billing.free_month == "calendar":
        return earliest_free_month(delivered_at, days)
    day = day_of(delivered_at + days * DAY_S)
    return day if start_of(day) >= delivered_at + days * DAY_S else day + _ONE_DAY
