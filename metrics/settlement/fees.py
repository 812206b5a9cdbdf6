"""Charge the successful units of each month, service and direction (clauses 5.2 and 5.3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple, TypeAlias

from config.interpretation import Pricing
from config.section import Service

from .amounts import SettlementError
from .free_month import FreeMonth
from .periods import Period
from .quality import DIRECTIONS, Direction

SERVICES: Final[tuple[Service, ...]] = ("ordinary", "instant")
"""Every service, in the order of clause 2.1."""


class Count(NamedTuple):
    """Count the successful units of one month, service and direction.

    A unit is a segment or a message, as `billing.unit` reads it. `free` is how many of them lie
    in free days; it is needed only where a month is free in part.
    """

    month: date
    """First day of the month, as the period names it."""
    service: Service
    direction: Direction
    successful: int
    free: int | None = None


@dataclass(slots=True, frozen=True)
class Line:
    """Be the fee of one month, service and direction."""

    month: date
    service: Service
    direction: Direction
    successful: int
    free: int
    price_fen: int

    @property
    def fee_fen(self) -> int:
        """Give what is charged for the units that aren't free."""
        return (self.successful - self.free) * self.price_fen


_Key: TypeAlias = tuple[date, Service, Direction]


def charge(
    period: Period,
    counts: Iterable[Count],
    pricing: Pricing,
    *,
    services: Iterable[Service] = SERVICES,
    free_month: FreeMonth | None = None,
) -> tuple[Line, ...]:
    """Give a line for each month, service and direction of a period, those without units too.

    A service that isn't among `services` has lines when it has units. Raises SettlementError for
    counts that occur twice, lie outside the period, are negative, or leave open what is free.
    """
    given: dict[_Key, Count] = {}
    for count in counts:
        _check(period, count)
        key = (count.month, count.service, count.direction)
        if key in given:
            raise SettlementError(f"{_named(count)}: counted twice, once is allowed")
        given[key] = count
    wanted = {*services, *(service for _, service, _ in given)}
    prices: dict[Direction, int] = {"mt": pricing.mt_fen, "mo": pricing.mo_fen}
    found = (
        given.get((month, service, direction), Count(month, service, direction, 0, 0))
        for month in period.months
        for service in SERVICES
        if service in wanted
        for direction in DIRECTIONS
    )
    return tuple(
        Line(
            count.month, count.service, count.direction, count.successful,
            _free_of(period, count, free_month), prices[count.direction],
        )
        for count in found
    )  # fmt: skip


def _check(period: Period, count: Count) -> None:
    """Refuse counts of other months, and those that can't be."""
    if count.month not in period.months:
        raise SettlementError(
            f"{_named(count)}: the period {period.name} has the months "
            f"{', '.join(month.isoformat() for month in period.months)}"
        )
    if count.successful < 0:
        raise SettlementError(f"{_named(count)}: {count.successful} successful, at least 0")


def _free_of(period: Period, count: Count, free_month: FreeMonth | None) -> int:
    """Give how many units of a count are free."""
    share: bool | None = False
    if free_month is not None:
        share = free_month.share_of(count.month, period.end_of_month(count.month))
    lowest = count.successful if share else 0
    highest = 0 if share is False else count.successful
    if lowest == highest and count.free is None:
        return lowest
    if count.free is None or not lowest <= count.free <= highest:
        seen = "not given" if count.free is None else count.free
        raise SettlementError(f"{_named(count)}: free units {seen}, {lowest} to {highest} allowed")
    return count.free


def _named(count: Count) -> str:
    return f"{count.month} {count.service} {count.direction}"
