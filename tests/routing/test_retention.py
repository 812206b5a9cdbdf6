from __future__ import annotations

import pytest

from config.interpretation import Retention, RetentionStep
from routing.retention import kept_from
from tests.support.rules import shanghai

SHIPPED = Retention().schedule


@pytest.mark.parametrize(
    ("now", "since"),
    [
        ("2026-04-30T23:59:59", "2025-11-30T00:00:00"),  # five months
        ("2026-05-01T00:00:00", "2025-11-01T00:00:00"),  # six from that day on
        ("2026-08-31T12:00:00", "2026-02-28T00:00:00"),  # February has no 31st
        ("2028-08-31T12:00:00", "2028-02-29T00:00:00"),
        ("2025-07-31T00:00:00", "2025-02-28T00:00:00"),
        ("2026-01-01T00:00:00", "2025-08-01T00:00:00"),
    ],
)
def test_months_are_counted_back_in_the_calendar(now: str, since: str) -> None:
    assert kept_from(SHIPPED, shanghai(now)) == shanghai(since)


def test_of_the_steps_in_force_the_longest_counts() -> None:
    steps = [
        RetentionStep.model_validate({"from": day, "months": months})
        for day, months in (("2026-01-01", 6), ("2025-01-01", 12), ("2030-01-01", 24))
    ]
    assert kept_from(steps, shanghai("2026-07-01T00:00:00")) == shanghai("2025-07-01T00:00:00")


def test_before_the_first_step_the_first_counts() -> None:
    steps = [RetentionStep.model_validate({"from": "2026-01-01", "months": 6})]
    assert kept_from(steps, shanghai("2025-07-01T00:00:00")) == shanghai("2025-01-01T00:00:00")
