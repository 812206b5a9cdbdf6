"""Say at which hours a category of messages may be sent (clauses 3.1.1 and 3.1.8).

A window opens at its first moment and is closed at its last: 08:00 to 22:00 holds 21:59:59.999.
One that closes before it opens, or at the same time, goes on over midnight; 24:00 is the midnight
at the end of the day. Several windows of a category and service add up. A category has no limit
for a service that none of its windows names.

Emergencies have no hours, and neither have one-time codes over the instant service, whatever the
windows say: a user waits for them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import floor
from typing import Final

from config.content import TimeWindow
from config.section import SHANGHAI

from .category_masks import TITLES_ZH
from .finding import Finding

EXEMPT: Final[frozenset[tuple[str, str]]] = frozenset(
    {("emergency", "ordinary"), ("emergency", "instant"), ("verification", "instant")}
)
"""Category and service without hours."""

_DAY_S: Final = 86400
_OFFSET_S: Final = 8 * 3600
"""Asia/Shanghai is UTC+8 the whole year."""


@dataclass(slots=True, frozen=True)
class _Hours:
    """Hold the open times of a day, disjoint and in order, in seconds since midnight."""

    opens: tuple[int, ...]
    closes: tuple[int, ...]

    def waits(self, second: int) -> int:
        """Give the seconds from a second of the day until it is open, 0 where it is."""
        index = bisect_right(self.opens, second)
        if index and second < self.closes[index - 1]:
            return 0
        if index < len(self.opens):
            return self.opens[index] - second
        return _DAY_S + self.opens[0] - second

    def in_words(self) -> str:
        """Give the form `08:00-12:00, 14:00-22:00`."""
        spans = zip(self.opens, self.closes, strict=True)
        return ", ".join(f"{_clock(opens)}-{_clock(closes)}" for opens, closes in spans)


class Hours:
    """Hold the windows of the contract, compiled."""

    __slots__ = ("_hours",)

    def __init__(self, windows: Iterable[TimeWindow]) -> None:
        """Compile the windows, in any order, overlaps allowed."""
        spans: dict[tuple[str, str], list[tuple[int, int]]] = {}
        for window in windows:
            for service in window.services:
                if (window.category, service) not in EXEMPT:
                    spans.setdefault((window.category, service), []).extend(_spans(window))
        self._hours: Mapping[tuple[str, str], _Hours] = {
            key: _merged(found) for key, found in spans.items()
        }

    @property
    def limited(self) -> bool:
        """Say whether there is any limit."""
        return bool(self._hours)

    def judge(self, category: str, service: str, at: float) -> Finding | None:
        """Judge a message that goes out at `at` (UTC seconds since the epoch)."""
        hours = self._hours.get((category, service))
        if hours is None:
            return None
        # Windows change at whole minutes, so whole seconds decide, and nothing is rounded.
        second = floor(at)
        waits = hours.waits((second + _OFFSET_S) % _DAY_S)
        if not waits:
            return None
        return _finding(category, hours, second, second + waits)

    def next_open(self, category: str, service: str, at: float) -> float:
        """Give the first moment from `at` on at which a message may go out."""
        hours = self._hours.get((category, service))
        if hours is None:
            return at
        second = floor(at)
        waits = hours.waits((second + _OFFSET_S) % _DAY_S)
        return float(second + waits) if waits else at


def _finding(category: str, hours: _Hours, second: int, opens_at: int) -> Finding:
    seen = datetime.fromtimestamp(second, SHANGHAI).isoformat(" ", "seconds")
    opens = datetime.fromtimestamp(opens_at, SHANGHAI).isoformat(" ", "minutes")
    words = hours.in_words()
    return Finding(
        en=f"Messages of category {category} are sent at {words} (Asia/Shanghai) only.",
        zh=f"{TITLES_ZH[category]}类短信仅可在北京时间{words}发送。",
        seen=seen,
        allowed=f"from {opens} on",
    )


def _spans(window: TimeWindow) -> tuple[tuple[int, int], ...]:
    opens, closes = _seconds(window.opens) % _DAY_S, _seconds(window.closes)
    if opens < closes:
        return ((opens, closes),)
    over_midnight = ((opens, _DAY_S), (0, closes))
    return over_midnight if closes else over_midnight[:1]


def _seconds(time_of_day: str) -> int:
    return int(time_of_day[:2]) * 3600 + int(time_of_day[3:]) * 60


def _clock(second: int) -> str:
    return f"{second // 3600:02d}:{second // 60 % 60:02d}"


def _merged(spans: Iterable[tuple[int, int]]) -> _Hours:
    opens: list[int] = []
    closes: list[int] = []
    for first, last in sorted(spans):
        if closes and first <= closes[-1]:
            closes[-1] = max(closes[-1], last)
        else:
            opens.append(first)
            closes.append(last)
    return _Hours(tuple(opens), tuple(closes))
