"""Count money exactly: integer fen, shares as fractions, and one rule of rounding.

A share of money is rounded half up to the fen, once, at the end. Nothing here is a float.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple


class SettlementError(ValueError):
    """Say what in a settlement's input is wrong, and what is allowed."""


class TaxSplit(NamedTuple):
    """Split an amount that contains its tax (clause 5.5), fen; the two add up to it."""

    net_fen: int
    vat_fen: int


def half_up(exact: Fraction) -> int:
    """Round to the nearest whole number, halves away from zero."""
    if exact < 0:
        return -half_up(-exact)
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)


def split_tax(amount_fen: int, vat_rate: str) -> TaxSplit:
    """Say how much of an amount is tax, at a decimal rate such as "0.06"; for display only."""
    rate = Fraction(vat_rate)
    vat_fen = half_up(amount_fen * rate / (1 + rate))
    return TaxSplit(amount_fen - vat_fen, vat_fen)


def yuan(amount_fen: int) -> str:
    """Write fen as yuan: 3786900 as 37,869.00."""
    whole, fen = divmod(abs(amount_fen), 100)
    return f"{'-' if amount_fen < 0 else ''}{whole:,}.{fen:02d}"


def share_text(share: Fraction, digits: int = 8) -> str:
    """Write a share of at least 0 as a decimal, cut off and never rounded up: 0.01575048."""
    whole, rest = divmod(share.numerator * 10**digits // share.denominator, 10**digits)
    return f"{whole}.{rest:0{digits}d}"
