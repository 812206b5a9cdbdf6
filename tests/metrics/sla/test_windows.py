"""Hold the windows of the index: months, settlement periods, contract years, twelve months."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.breaches.periods import day_of, end_of, start_of
from metrics.sla.windows import (
    Window,
    date_at,
    date_of,
    month_of,
    named,
    number_at,
    number_of,
    period_of,
    trailing_to,
    year_of,
)

ANCHOR = date(2023, 12, 1)
DAYS = st.dates(date(2015, 1, 1), date(2040, 12, 31))


def window(first: str, last: str) -> Window:
    return Window(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    ("name", "day", "first", "last"),
    [
        ("month", "2024-02-29", "2024-02-01", "2024-02-29"),
        ("month", "2025-12-31", "2025-12-01", "2025-12-31"),
        ("period", "2023-12-01", "2023-12-01", "2024-05-31"),
        ("period", "2024-05-31", "2023-12-01", "2024-05-31"),
        ("period", "2024-06-01", "2024-06-01", "2024-11-30"),
        ("period", "2026-11-30", "2026-06-01", "2026-11-30"),
        ("period", "2023-11-30", "2023-06-01", "2023-11-30"),
        ("year", "2024-11-30", "2023-12-01", "2024-11-30"),
        ("year", "2024-12-01", "2024-12-01", "2025-11-30"),
        ("trailing12", "2024-11-30", "2023-12-01", "2024-11-30"),
        ("trailing12", "2024-02-29", "2023-03-01", "2024-02-29"),
        ("trailing12", "2025-02-28", "2024-03-01", "2025-02-28"),
        ("trailing12", "2026-06-15", "2025-06-16", "2026-06-15"),
    ],
)
def test_a_named_window_holds_its_day(name: str, day: str, first: str, last: str) -> None:
    found = named(name, date.fromisoformat(day), anchor=ANCHOR, months=6, term_from=ANCHOR)
    assert found == window(first, last)


def test_another_name_is_refused_with_those_allowed() -> None:
    with pytest.raises(ValueError, match=r"'week', one of month, period, year, trailing12"):
        named("week", ANCHOR, anchor=ANCHOR, months=6, term_from=ANCHOR)


def test_a_window_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match=r"last day: 2024-01-01, 2024-01-02 or later"):
        window("2024-01-02", "2024-01-01")


def test_days_are_those_of_shanghai() -> None:
    day = window("2024-06-01", "2024-06-01")
    assert day.starts_at == start_of(day.first)
    assert day.ends_at == end_of(day.first)
    assert number_at(day.starts_at) == number_at(day.ends_at - 1e-6) == number_of(day.first)
    assert number_at(day.ends_at) == number_of(day.first) + 1


def test_a_range_touches_whole_months() -> None:
    assert list(window("2024-01-31", "2024-03-01").months()) == [
        window("2024-01-01", "2024-01-31"),
        window("2024-02-01", "2024-02-29"),
        window("2024-03-01", "2024-03-31"),
    ]


@given(st.floats(0, 4e9))
def test_the_day_of_an_instant_agrees_with_the_calendar(at: float) -> None:
    assert date_at(at) == day_of(at)
    assert date_of(number_at(at)) == date_at(at)


@given(DAYS, DAYS, st.integers(1, 120))
def test_periods_follow_one_another_without_gap(day: date, anchor: date, months: int) -> None:
    found = period_of(day, anchor, months)
    assert found.first <= day <= found.last
    assert period_of(found.last, anchor, months) == found
    assert period_of(found.first, anchor, months) == found
    following = period_of(found.last + timedelta(days=1), anchor, months)
    assert following.first == found.last + timedelta(days=1)


@given(DAYS)
def test_contract_years_hold_two_periods(day: date) -> None:
    year = year_of(day, ANCHOR)
    assert period_of(year.first, ANCHOR).first == year.first
    assert period_of(year.last, ANCHOR).last == year.last


@given(DAYS)
def test_twelve_months_end_with_their_day(day: date) -> None:
    found = trailing_to(day)
    assert found.last == day
    assert 365 <= (found.last - found.first).days + 1 <= 366
    assert month_of(day).last >= found.last
