"""Say when many breaches make a graver one: rows 9 and 25 of clause 7.3.

"Several one after another" counts confirmed cases of a grade within a number of days by the time
of their first breach, each for one escalation only. "On a large scale" looks at one day of one
row: an absolute number at once, a share of the day's messages when the day is over, since before
that nobody knows what it is a share of. Days are those of Asia/Shanghai.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from config.interpretation import Escalation, Grade

from .cases import COLLECTING, Case
from .evidence import Evidence
from .periods import DAY_S
from .rows import ROWS

ESCALATED: Final[dict[Grade, int]] = {"general": 9, "serious": 25}
"""Grade of the many → row of the one they make."""


@dataclass(slots=True)
class DailyFigures:
    """Count each day's accepted messages by account, and its breaches by account and row.

    Days older than the window of escalation are forgotten as later ones come.
    """

    window_days: int
    newest: int = 0
    messages: dict[tuple[str, int], int] = field(default_factory=dict)
    """By account and day number (see `periods.day_number`)."""
    breaches: dict[tuple[str, int, int], Evidence] = field(default_factory=dict)
    """By account, day number and row."""

    def message(self, account: str, day: int, count: int = 1) -> None:
        """Count accepted messages."""
        if day > self.newest:
            self._turn(day)
        key = (account, day)
        self.messages[key] = self.messages.get(key, 0) + count

    def breach(self, account: str, day: int, row: int) -> Evidence:
        """Give what a breach of that day is to be added to."""
        if day > self.newest:
            self._turn(day)
        key = (account, day, row)
        found = self.breaches.get(key)
        if found is None:
            found = self.breaches[key] = Evidence(account, row)
        return found

    def large(self, rules: Escalation, today: int) -> list[tuple[int, Evidence]]:
        """Give day and evidence of each row that reached the scale of rows 9 or 25.

        A limit of 0 is none.
        """
        return [
            (day, found)
            for (account, day, row), found in self.breaches.items()
            if ROWS[row].grade in ESCALATED
            and row not in ESCALATED.values()
            and self._is_large(found, rules, day, ended=day < today)
        ]

    def _is_large(self, found: Evidence, rules: Escalation, day: int, *, ended: bool) -> bool:
        if rules.daily_messages and found.breaches >= rules.daily_messages:
            return True
        if not (rules.daily_share and ended):
            return False
        # As written: 7 of 100 reach 0.07, though the float is a little above it.
        share = Fraction(str(rules.daily_share))
        return found.breaches >= share * self.messages.get((found.account, day), 0)

    def _turn(self, day: int) -> None:
        self.newest = day
        oldest = day - self.window_days
        for messages in [key for key in self.messages if key[1] < oldest]:
            del self.messages[messages]
        for breaches in [key for key in self.breaches if key[1] < oldest]:
            del self.breaches[breaches]


def trigger_of(day: int, row: int) -> str:
    """Name the one escalation that a row's scale of one day can cause."""
    return f"day {day} row {row}"


def series(cases: Iterable[Case], rules: Escalation) -> list[tuple[Case, ...]]:
    """Give the cases that together make a graver breach, by account and grade, oldest first.

    They are confirmed and lie within the window: exactly its length apart is no longer within.
    One that served an escalation before, whatever became of that, is left out.
    """
    ordered = sorted(cases, key=lambda case: (case.first_at, case.number))
    used = {number for case in ordered for number in case.causes}
    groups: dict[tuple[str, Grade], list[Case]] = {}
    for case in ordered:
        counts = case.confirmed_at and case.state not in COLLECTING and case.state != "dismissed"
        if counts and case.grade in ESCALATED and case.number not in used:
            groups.setdefault((case.account, case.grade), []).append(case)
    found = []
    for (_account, grade), group in groups.items():
        least = rules.general_cases if grade == "general" else rules.serious_cases
        together = _within(group, least, rules.window_days * DAY_S)
        if together:
            found.append(together)
    return found


def _within(group: list[Case], least: int, window_s: float) -> tuple[Case, ...]:
    """Give the first cases of which `least` lie within the window, and all that follow in it."""
    for start, case in enumerate(group):
        together = [each for each in group[start:] if each.first_at - case.first_at < window_s]
        if len(together) >= least:
            return tuple(together)
    return ()
