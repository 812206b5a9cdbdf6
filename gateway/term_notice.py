"""Remind of the end of the contract: at the start, and once a day (clauses 4.4, 10.1, 11.11)."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from gateway.ports import Clock
from routing.finding import Finding
from routing.standing import StandingBook

from .log import Log

DAY_S: Final = 86400.0
IN_FORCE: Final = "in force"


@dataclass(slots=True, frozen=True)
class Notice:
    """Say how the contract stands for some accounts; `urgent` unless it renews itself."""

    accounts: tuple[str, ...]
    finding: Finding
    urgent: bool


def notices(standing: StandingBook, accounts: Iterable[str], at: float) -> list[Notice]:
    """Give what is to be said of accounts at a moment; those that are told the same go together.

    From 90 days before its end on the contract is warned of, and when it is out of force.
    """
    said: dict[Finding, list[str]] = {}
    for account in accounts:
        finding = standing.not_in_force(account, at) or standing.warning(account, at)
        if finding is not None:
            said.setdefault(finding, []).append(account)
    return [
        Notice(tuple(names), finding, standing.ends_at(names[0]) < math.inf)
        for finding, names in said.items()
    ]


def sentence(standing: StandingBook, accounts: Iterable[str], at: float) -> str:
    """Say in one line how the contract stands."""
    found = notices(standing, accounts, at)
    return " ".join(f"{', '.join(one.accounts)}: {one.finding.en}" for one in found) or IN_FORCE


async def remind(
    standing: Callable[[], StandingBook], accounts: Callable[[], Iterable[str]], clock: Clock,
    log: Log,
) -> None:  # fmt: skip
    """Log the notices at once, and again every day; for a task of its own."""
    while True:
        for notice in notices(standing(), accounts(), clock.at()):
            write = log.warning if notice.urgent else log.info
            write("contract.term", accounts=", ".join(notice.accounts), why=notice.finding.en)
        await asyncio.sleep(DAY_S)
