"""Give Prometheus the figures of the registers kept beside the traffic, read at each scrape."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from config.account import Account

from .office import Office


@dataclass(slots=True, frozen=True)
class OfficeGauges:
    """Hold what one scrape shows."""

    breaches: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """Cases by (grade, state)."""
    ports_blocked: int = 0
    """Access numbers from which nothing may be submitted, by cases and stops at once."""
    complaints: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """By (window, kind): all of this month, and those of clause 3.2.4 in twelve months."""
    objective: float = 0.0
    """Success rate of clause 3.2.4 that is promised."""


def gauges_of(office: Office, at: float, accounts: Mapping[str, Account]) -> OfficeGauges:
    """Read the registers at `at` (UTC seconds since the epoch)."""
    register = office.complaints
    blocked = {
        port
        for hold in office.holds(at)
        for port in hold.ports or _ports_of(accounts, hold.account)
    }
    return OfficeGauges(
        Counter((case.grade, case.state) for case in office.ledger.cases.values()),
        len(blocked),
        {
            ("month", "all"): sum(register.month(name, at) for name in accounts),
            ("trailing12", "sla"): sum(register.trailing(name, at) for name in accounts),
        },
        float(register.sla.success_rate),
    )


def _ports_of(accounts: Mapping[str, Account], name: str) -> tuple[str, ...]:
    account = accounts.get(name)
    return () if account is None else tuple(account.access_numbers)
