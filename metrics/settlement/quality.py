"""Judge the quality index of clause 3.2.4 from plain counts, for the rebate it leads to.

The clause takes the rebate from the fee and the failure rate of the settled period, whatever time
the index itself is measured over. What fails and out of how many depends on the reading:

- `ok_carrier`: failures that party B answers for, out of these and the successes
- `accepted`: the same failures, out of all messages that were accepted
- `attempts`: everything that didn't succeed, out of everything that was submitted

Rates are compared as exact fractions; a time without messages counts as met.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from fractions import Fraction
from typing import Final, Literal, NamedTuple

from config.interpretation import Sla

from .amounts import SettlementError

Direction = Literal["mt", "mo"]
DIRECTIONS: Final[tuple[Direction, ...]] = ("mt", "mo")


@dataclass(slots=True, frozen=True)
class Results:
    """Count the final results of one direction by their class, in billed units."""

    ok: int = 0
    carrier: int = 0
    """Failures that party B answers for."""
    exempt: int = 0
    ported: int = 0
    party_a: int = 0
    force_majeure: int = 0
    refused: int = 0
    """How many of those of party A were refused at submission, so never accepted."""

    def __post_init__(self) -> None:
        """Raise SettlementError for counts that can't be."""
        for one in fields(self):
            if getattr(self, one.name) < 0:
                raise SettlementError(f"{one.name}: {getattr(self, one.name)}, at least 0")
        if self.refused > self.party_a:
            raise SettlementError(
                f"refused: {self.refused}, at most the {self.party_a} that party A answers for"
            )

    @property
    def submitted(self) -> int:
        """Count all results."""
        return (
            self.ok + self.carrier + self.exempt + self.ported + self.party_a + self.force_majeure
        )

    def __add__(self, other: Results) -> Results:
        """Count two directions or times together."""
        sums = {
            one.name: getattr(self, one.name) + getattr(other, one.name) for one in fields(self)
        }
        return Results(**sums)


class Measured(NamedTuple):
    """Hold the results of both directions over one time."""

    mt: Results
    mo: Results

    def taken(self, directions: Literal["both", "mt", "mo"]) -> Results:
        """Give the results of the directions that a reading looks at."""
        chosen = {"both": self.mt + self.mo, "mt": self.mt, "mo": self.mo}
        return chosen[directions]


class Observed(NamedTuple):
    """Hold what the index is judged by.

    `windows` are the times that the rate is measured over where that isn't the period itself:
    each of its months, or the twelve months that end with it; every one must reach the rate.
    """

    period: Measured
    complaints: int
    """Those that the index counts, of the twelve months up to the period's end."""
    windows: tuple[Measured, ...] = ()


class _Shares(NamedTuple):
    failures: Callable[[Results], int]
    base: Callable[[Results], int]


_SHARES: Final[dict[str, _Shares]] = {
    "ok_carrier": _Shares(lambda r: r.carrier, lambda r: r.ok + r.carrier),
    "accepted": _Shares(lambda r: r.carrier, lambda r: r.submitted - r.refused),
    "attempts": _Shares(lambda r: r.submitted - r.ok, lambda r: r.submitted),
}

_LOGIC: Final[dict[str, Callable[[bool, bool], bool]]] = {
    "or": lambda rate, complaints: rate or complaints,
    "and": lambda rate, complaints: rate and complaints,
    "rate_only": lambda rate, complaints: rate,
    "complaints_only": lambda rate, complaints: complaints,
}


@dataclass(slots=True, frozen=True)
class Quality:
    """Say how a period fared; `failures` and `base` are those the rebate is reckoned with."""

    ok: int
    failures: int
    base: int
    complaints: int
    rate_met: bool
    complaints_met: bool
    met: bool

    @property
    def success_rate(self) -> Fraction | None:
        """Give the period's share of successes, None where there is nothing to take it of."""
        return Fraction(self.ok, self.base) if self.base else None

    @property
    def failure_rate(self) -> Fraction:
        """Give the period's share of failures, 0 where there is nothing to take it of."""
        return Fraction(self.failures, self.base) if self.base else Fraction(0)


def judge(sla: Sla, observed: Observed) -> Quality:
    """Judge a period.

    Raises SettlementError where the windows are missing, or given but not asked for.
    """
    period, complaints, windows = observed
    if complaints < 0:
        raise SettlementError(f"complaints: {complaints}, at least 0")
    if (sla.rate_window == "period") == bool(windows):
        raise SettlementError(
            f"rate window {sla.rate_window}: results of {len(windows)} other times are given, "
            f"{'none' if windows else 'at least one'} allowed"
        )
    shares = _SHARES[sla.base]
    results = period.taken(sla.directions)
    least = Fraction(sla.success_rate)
    judged = [one.taken(sla.directions) for one in windows or (period,)]
    rate_met = all(one.ok >= least * shares.base(one) for one in judged)
    complaints_met = complaints <= sla.complaints
    return Quality(
        ok=results.ok,
        failures=shares.failures(results),
        base=shares.base(results),
        complaints=complaints,
        rate_met=rate_met,
        complaints_met=complaints_met,
        met=_LOGIC[sla.logic](rate_met, complaints_met),
    )
