"""Limit the messages of a day and of a month for each account (clause 3.1.1).

Days and months are those of the calendar in Asia/Shanghai. Accepted messages are counted, by
message or by segment, on the day of their submission. What is kept is two counts for each account,
so a restart counts the messages of the running month again.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from config.content import Quota
from config.section import SHANGHAI
from config.term import add_months

from .finding import Finding

_NEVER: Final = float("-inf")


@dataclass
class _Used:
    """Hold what an account has used of the running day and month; ends are excluded."""

    day_ends: float = _NEVER
    month_ends: float = _NEVER
    today: int = 0
    this_month: int = 0


def day_end(at: float) -> float:
    """Give the end of the day in Asia/Shanghai that holds `at`; UTC seconds since the epoch."""
    day = _day_of(at) + timedelta(days=1)
    return datetime.combine(day, time(), SHANGHAI).timestamp()


def month_end(at: float) -> float:
    """Give the end of the month in Asia/Shanghai that holds `at`; UTC seconds since the epoch."""
    first = add_months(_day_of(at).replace(day=1), 1)
    return datetime.combine(first, time(), SHANGHAI).timestamp()


def month_start(at: float) -> float:
    """Give the start of the month in Asia/Shanghai: what a restart counts again begins there."""
    first = _day_of(at).replace(day=1)
    return datetime.combine(first, time(), SHANGHAI).timestamp()


def _day_of(at: float) -> date:
    # A datetime is rounded to microseconds, which could be into the next day.
    return datetime.fromtimestamp(math.floor(at), SHANGHAI).date()


class QuotaBook:
    """Count what each account has used, and judge the next message.

    `judge` changes nothing. `count` is called once for every accepted message, and after a restart
    for those from `month_start` on. A message of a day that has passed counts as of the running
    one, so a clock that steps back gives nothing away.
    """

    __slots__ = ("_accounts", "_by_segment", "_daily", "_monthly", "limited")

    def __init__(self, rules: Quota) -> None:
        """Start with nothing used."""
        self._accounts: dict[str, _Used] = {}
        self.adopt(rules)

    def adopt(self, rules: Quota) -> None:
        """Go on with other limits; the counts stay, so another unit needs a new book."""
        self._daily = rules.daily or math.inf
        self._monthly = rules.monthly or math.inf
        self._by_segment = rules.unit == "segment"
        self.limited = min(self._daily, self._monthly) < math.inf
        """Whether there is any limit."""

    def judge(self, account: str, segments: int, at: float) -> Finding | None:
        """Judge a message of so many segments at `at` (UTC seconds since the epoch)."""
        units = segments if self._by_segment else 1
        used_today, used_month = self.used(account, at)
        if used_today + units <= self._daily and used_month + units <= self._monthly:
            return None
        return self._finding(account, units, at)

    def count(self, account: str, segments: int, at: float) -> None:
        """Count an accepted message."""
        used = self._accounts.get(account)
        if used is None:
            used = self._accounts[account] = _Used()
        if at >= used.day_ends:
            used.today = 0
            used.day_ends = day_end(at)
            if at >= used.month_ends:
                used.this_month = 0
                used.month_ends = month_end(at)
        units = segments if self._by_segment else 1
        used.today += units
        used.this_month += units

    def used(self, account: str, at: float) -> tuple[int, int]:
        """Give what was used of the day and of the month that hold `at`."""
        used = self._accounts.get(account)
        if used is None or at >= used.month_ends:
            return 0, 0
        return 0 if at >= used.day_ends else used.today, used.this_month

    def _finding(self, account: str, units: int, at: float) -> Finding:
        used_today, used_month = self.used(account, at)
        monthly = used_month + units > self._monthly
        used, limit = (used_month, self._monthly) if monthly else (used_today, self._daily)
        unit, unit_zh = ("segments", "段") if self._by_segment else ("messages", "条")
        of, of_zh = ("month", "本月") if monthly else ("day", "当日")
        return Finding(
            en=f"The account may send {limit:.0f} {unit} a {of}, has sent {used}, and this "
            f"message counts {units}.",
            zh=f"{of_zh}配额{limit:.0f}{unit_zh}，已用{used}{unit_zh}，本条计{units}{unit_zh}。",
            seen=f"{account}: {used} + {units} of {limit:.0f} {unit} a {of}",
            allowed=self._allowed(account, units, at),
        )

    def _allowed(self, account: str, units: int, at: float) -> str:
        """Say when so many units would pass, if nothing else is sent until then."""
        if units > min(self._daily, self._monthly):
            return ""
        _, used_month = self.used(account, at)
        end = month_end if used_month + units > self._monthly else day_end
        # Where the clock has stepped back, the running day is the one that counts.
        running = self._accounts[account].day_ends - 1
        free_at = end(max(at, running))
        return f"from {datetime.fromtimestamp(free_at, SHANGHAI).isoformat(' ')} on"
