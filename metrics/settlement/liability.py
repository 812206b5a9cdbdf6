"""Limit what party B is liable for (clause 7.8): a share of the fees of the latest months.

The clause takes the fees collected, of which a month may have none when payment comes each six
months. The reading says whether fees accrued stand in for them. A limit is rounded down, since it
isn't to be exceeded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from fractions import Fraction
from math import floor
from typing import Final, NamedTuple

from config.interpretation import LiabilityRules
from config.term import add_months

from .amounts import SettlementError
from .late_fees import Payment


class Fees(NamedTuple):
    """Hold the fees of the latest months, which the limit is taken of."""

    collected_fen: int
    accrued_fen: int


_BASES: Final[dict[str, Callable[[Fees], int]]] = {
    "collected": lambda fees: fees.collected_fen,
    "accrued": lambda fees: fees.accrued_fen,
    "collected_or_accrued": lambda fees: fees.collected_fen or fees.accrued_fen,
}


def latest_fees(
    rules: LiabilityRules,
    payments: Iterable[Payment],
    month_fees: Mapping[date, int],
    on: date,
) -> Fees:
    """Add up the fees of the latest months before the end of a day.

    Collected are the payments of fees in so many months up to the day, accrued the fees of so
    many months that are over, `month_fees` by the first day of each, fen.
    """
    since = add_months(on, -rules.cap_months)
    collected = sum(
        one.amount_fen for one in payments if one.purpose == "fee" and since < one.paid_on <= on
    )
    over = sorted(month for month in month_fees if add_months(month, 1) <= on)
    latest = over[len(over) - min(rules.cap_months, len(over)) :]
    return Fees(collected, sum(month_fees[month] for month in latest))


def cap_fen(rules: LiabilityRules, fees: Fees) -> int:
    """Give the most that party B is liable for."""
    return floor(_BASES[rules.cap_base](fees) * Fraction(rules.cap_share))


def liable_fen(rules: LiabilityRules, claim_fen: int, cap: int, rebate_fen: int = 0) -> int:
    """Give how much of a claim party B is liable for, beside the rebate it gave.

    Raises SettlementError for a claim below 0.
    """
    if claim_fen < 0:
        raise SettlementError(f"claim: {claim_fen} fen, at least 0")
    room = cap - rebate_fen if rules.cap_includes_rebate else cap
    return min(claim_fen, max(room, 0))
