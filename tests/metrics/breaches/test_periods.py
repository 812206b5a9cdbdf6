"""Hold days and months to the calendar of Asia/Shanghai."""

from __future__ import annotations

from datetime import datetime

import pytest

from config.section import SHANGHAI
from metrics.breaches.periods import (
    DAY_S,
    day_number,
    day_of,
    days_after,
    months_after,
    start_of_month,
    start_of_year_to,
)


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).timestamp()


@pytest.mark.parametrize("hour", ["00:00:00", "10:00:00", "23:59:59.999"])
def test_fourteen_days_end_with_the_fourteenth_day_after(hour: str) -> None:
    assert days_after(at(f"2026-03-01 {hour}"), 14) == at("2026-03-16 00:00")


def test_thirty_days_run_over_the_end_of_february() -> None:
    assert days_after(at("2026-02-10 12:00"), 30) == at("2026-03-13 00:00")


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-01-15 09:00", "2026-07-16 00:00"),
        ("2026-08-31 09:00", "2027-03-01 00:00"),
        ("2027-08-31 09:00", "2028-03-01 00:00"),
        ("2026-02-28 09:00", "2026-08-29 00:00"),
    ],
)
def test_six_months_end_with_the_same_day_or_the_last_of_a_shorter_month(
    start: str, end: str
) -> None:
    assert months_after(at(start), 6) == at(end)


def test_a_day_changes_at_midnight_in_shanghai() -> None:
    last, first = at("2026-03-01 23:59:59"), at("2026-03-02 00:00:00")
    assert day_number(first) == day_number(last) + 1
    assert (day_of(last).day, day_of(first).day) == (1, 2)
    assert day_number(first) == day_number(first + DAY_S - 1)


def test_a_month_begins_on_its_first_day() -> None:
    assert start_of_month(at("2026-03-01 00:00")) == at("2026-03-01 00:00")
    assert start_of_month(at("2026-02-28 23:59:59")) == at("2026-02-01 00:00")


def test_twelve_months_end_with_today() -> None:
    assert start_of_year_to(at("2026-11-24 12:00")) == at("2025-11-25 00:00")
    assert start_of_year_to(at("2024-02-29 12:00")) == at("2023-03-01 00:00")
