"""Make contracts, periods and counts for the tests of the settlement."""

from __future__ import annotations

from datetime import date
from typing import Any

from config.contract import Contract
from config.loader import load_contract
from metrics.settlement.fees import Count
from metrics.settlement.periods import Period, periods_of
from metrics.settlement.quality import Measured, Observed, Quality, Results, judge

CONTRACT = load_contract("henan")
PERIOD: Period = periods_of(CONTRACT).named("2024-06-01")

MEASURED = Measured(
    Results(ok=1_212_500, carrier=20_000, exempt=15_000, party_a=2_500),
    Results(ok=49_800, carrier=200),
)
"""Results of the period from 2024-06-01, 1,300,000 segments together."""


def read(**tables: dict[str, Any]) -> Contract:
    """Give the contract under another reading: sla={"logic": "and"}."""
    changed = {
        name: getattr(CONTRACT, name).model_copy(update=keys) for name, keys in tables.items()
    }
    return CONTRACT.model_copy(update=changed)


def counts(mt: int = 1_212_500, mo: int = 49_800) -> list[Count]:
    """Spread the successes of the period over its months and services."""
    found = []
    for index, month in enumerate(PERIOD.months):
        last = index == len(PERIOD.months) - 1
        mt_share = mt - 5 * (mt // 6) if last else mt // 6
        mo_share = mo - 5 * (mo // 6) if last else mo // 6
        instant = mt_share // 10
        found += [
            Count(month, "ordinary", "mt", mt_share - instant),
            Count(month, "instant", "mt", instant),
            Count(month, "ordinary", "mo", mo_share),
        ]
    return found


def month(number: int) -> date:
    """Give the first day of a month of 2024."""
    return date(2024, number, 1)


def judged(complaints: int = 14, measured: Measured = MEASURED) -> Quality:
    """Judge the period as the contract is read by default."""
    return judge(CONTRACT.sla, Observed(measured, complaints))
