"""Say what must be kept (clause 3.1.11): the records of the latest months, counted back in time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time

from config.interpretation import RetentionStep
from config.section import SHANGHAI
from config.term import add_months


def kept_from(schedule: Iterable[RetentionStep], at: float) -> float:
    """Give the instant from which on everything is kept, as of `at`; both UTC seconds.

    It is the beginning, in Asia/Shanghai, of the same day some calendar months before, or of the
    last day of a shorter month. Of the steps in force by then the longest counts, and before the
    first step the first.
    """
    today = datetime.fromtimestamp(at, UTC).astimezone(SHANGHAI).date()
    steps = sorted(schedule, key=lambda step: step.from_)
    in_force = [step.months for step in steps if step.from_ <= today] or [steps[0].months]
    day = add_months(today, -max(in_force))
    return datetime.combine(day, time(), SHANGHAI).timestamp()
