"""Judge the quality index of clause 3.2.4 from plain counts, for the rebate it leads to.

The clause takes the rebate from the fee and the failure rate of the settled period, whatever time
the index itself is measured over. The base of both rates depends on the reading, `sla.base`: the
successes and the failures that party B answers for; with what is exempt, ported or party A's own
besides, of the messages that were accepted; or the same of all that were submitted. Force majeure
is in no base (clauses 9.1 and 9.2). Failures are those that party B answers for, or as a further
reading all of the base that didn't succeed. Rates are compared as exact fractions; a time without
messages counts as met.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from fractions import Fraction
from typing import Final, Literal, NamedTuple

from config.interpretation import Sla

from .amounts import SettlementError

Direction = Literal["mt", "mo"]
Failures = Literal["carrier", "all"]
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


_BASES: Final[dict[str, Callable[[Results], int]]] = {
    "ok_carrier": lambda r: r.ok + r.carrier,
    "accepted": lambda r: r.ok + r.carrier + r.exempt + r.ported + r.party_a - r.refused,
    "attempts": lambda r: r.ok + r.carrier + r.exempt + r.ported + r.party_a,
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


def judge(sla: Sla, observed: Observed, failures: Failures = "carrier") -> Quality:
    """Judge a period, with the failures of the rebate's rate as they are read.

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
    base_of = _BASES[sla.base]
    results = period.taken(sla.directions)
    base = base_of(results)
    least = Fraction(sla.success_rate)
    judged = [one.taken(sla.directions) for one in windows or (period,)]
    rate_met = all(one.ok >= least * base_of(one) for one in judged)
    complaints_met = complaints <= sla.complaints
    return Quality(
        ok=results.ok,
        failures=base - results.ok if failures == "all" else results.carrier,
        base=base,
        complaints=complaints,
        rate_met=rate_met,
        complaints_met=complaints_met,
        met=_LOGIC[sla.logic](rate_met, complaints_met),
    )
