"""Name the classes of results and compute with them exactly.

Every segment, down (MT) or up (MO), has one class (clause 3.2.4). Shares are fractions of integers:
they are compared as they are and cut off, never rounded, when they are printed.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final, NamedTuple

CLASSES: Final = (
    "ok", "carrier", "exempt", "ported", "party_a", "force_majeure", "pending",
)  # fmt: skip
"""Classes, in the order of the fields of `Classes`."""

SYMBOLS: Final[dict[str, str]] = {
    "ok": "OK",
    "carrier": "CL",
    "exempt": "EX",
    "ported": "NP",
    "party_a": "PA",
    "force_majeure": "FM",
    "pending": "PEND",
}
"""Short names, as in statements."""

INDEX: Final[dict[str, int]] = {name: place for place, name in enumerate(CLASSES)}

DECIMALS: Final = 8
"""Digits after the point of a printed rate."""


class Classes(NamedTuple):
    """Count results by class."""

    ok: int = 0
    carrier: int = 0
    """Liable failures: all that was not delivered and is excused by nothing."""
    exempt: int = 0
    """The user's handset or subscription."""
    ported: int = 0
    """Number portability (clause 3.2.3)."""
    party_a: int = 0
    force_majeure: int = 0
    """Force majeure and orders of the government (clauses 9.1 and 9.2)."""
    pending: int = 0
    """Not final."""

    @property
    def total(self) -> int:
        """Count all of them."""
        return sum(self)

    def plus(self, other: Classes) -> Classes:
        """Add class by class."""
        return Classes(*(mine + more for mine, more in zip(self, other, strict=True)))


@dataclass(slots=True, frozen=True)
class Rate:
    """Be an exact share; one of nothing (`whole` 0) is no number and counts as met."""

    part: int
    whole: int

    def reaches(self, objective: str) -> bool:
        """Say whether it is at least a decimal such as "0.99"; exactly that is enough."""
        wanted = Fraction(objective)
        return self.part * wanted.denominator >= wanted.numerator * self.whole

    def decimal(self) -> str:
        """Give it as a decimal cut off after `DECIMALS` digits, or `n/a`."""
        if not self.whole:
            return "n/a"
        digits = self.part * 10**DECIMALS // self.whole
        return f"{digits // 10**DECIMALS}.{digits % 10**DECIMALS:0{DECIMALS}d}"

    def below(self, other: Rate) -> bool:
        """Say whether it is less than another; one of nothing is less than none."""
        if not self.whole or not other.whole:
            return bool(self.whole)
        return self.part * other.whole < other.part * self.whole
