"""Stop a business at once, where the contract allows it without a case of clause 7.3."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from routing.breach_events import BusinessStopped

from .cases import OPEN_END, Block
from .consequences import SYSTEM
from .facts import Facts
from .periods import day_of, start_of_month

GROUNDS: Final[dict[str, tuple[str, str]]] = {
    "7.2": ("Late payment", "逾期付费"),
    "7.7": ("A list of bad credit", "列入失信名单"),
    "9.2": ("An order of the government", "政府命令"),
    "annex 1.12": ("A major security accident", "重大安全事故"),
    "annex 1.13": ("A broken promise of the annex", "违反承诺书"),
    "annex 1.14": ("Complaints of all channels in a month", "当月各渠道投诉举报达到上限"),
}
"""Clause → what it is about."""


@dataclass(slots=True)
class Stop:
    """Hold one stop; `since` <= at < `until`, UTC seconds since the epoch."""

    number: int
    account: str
    ground: str
    since: float
    who: str
    why: str
    ports: tuple[str, ...] = ()
    trigger: str = ""
    until: float = OPEN_END
    """Infinite until a person lifts it."""

    def block(self) -> Block:
        """Give its block, under its negative number."""
        return Block(
            self.account, self.ports, self.since, self.until, -self.number, "suspended",
            self.ground, self.why, 0.0,
        )  # fmt: skip


def stop_right(facts: Facts, account: str, at: float) -> bool:
    """Say whether the month's complaints reach the line of annex 1 item 14."""
    count = facts.monthly.get((account, start_of_month(at)), 0)
    return count >= facts.terms.monthly_stop > 0


def stops_due(facts: Facts, stops: Mapping[int, Stop], at: float) -> Iterator[BusinessStopped]:
    """Give the stops that follow by themselves (`complaints.monthly_auto_stop`), once a month."""
    if not facts.terms.monthly_auto_stop:
        return
    month = f"{day_of(at):%Y-%m}"
    stopped = {stop.account for stop in stops.values() if stop.trigger == month}
    accounts = sorted({account for account, _start in facts.monthly} - stopped)
    reached = [account for account in accounts if stop_right(facts, account, at)]
    for number, account in enumerate(reached, len(stops) + 1):
        count = facts.monthly[account, start_of_month(at)]
        yield BusinessStopped(
            at, number, account, "annex 1.14", SYSTEM, f"{count} complaints in {month}",
            trigger=month,
        )  # fmt: skip
