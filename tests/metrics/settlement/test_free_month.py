"""Test when the month without fee is granted."""

from __future__ import annotations

from datetime import date

import pytest

from config.interpretation import Billing
from config.term import ServiceTerm
from metrics.breaches.periods import DAY_S, start_of
from metrics.settlement.amounts import SettlementError
from metrics.settlement.free_month import FreeMonth, agreed_free_month, announced_free_month

TERM = ServiceTerm(date(2023, 12, 1), date(2026, 11, 30), 12)
AUGUST = FreeMonth(date(2024, 8, 1), date(2024, 8, 31))
IN_TIME = start_of(date(2024, 8, 1)) - 30 * DAY_S


def test_a_notice_thirty_days_before_is_in_time() -> None:
    assert announced_free_month(Billing(), TERM, date(2024, 8, 1), IN_TIME) == AUGUST


def test_a_late_notice_is_refused_with_the_earliest_month() -> None:
    with pytest.raises(SettlementError, match="the earliest possible begins on 2024-09-01"):
        announced_free_month(Billing(), TERM, date(2024, 8, 1), IN_TIME + 1)


@pytest.mark.parametrize(("late_s", "earliest"), [(1, "2024-08-11"), (DAY_S, "2024-08-11")])
def test_thirty_days_may_begin_on_any_day(late_s: float, earliest: str) -> None:
    billing = Billing(free_month="days30")
    first = date(2024, 8, 10)
    in_time = start_of(first) - 30 * DAY_S
    granted = announced_free_month(billing, TERM, first, in_time)
    assert granted == FreeMonth(first, date(2024, 9, 8))
    with pytest.raises(SettlementError, match=f"begins on {earliest}"):
        announced_free_month(billing, TERM, first, in_time + late_s)


def test_a_calendar_month_begins_on_its_first_day() -> None:
    with pytest.raises(SettlementError, match="a calendar month begins on the first day"):
        announced_free_month(Billing(), TERM, date(2024, 8, 2), 0.0)


def test_there_is_one_in_the_term() -> None:
    with pytest.raises(SettlementError, match="granted from 2024-08-01 to 2024-08-31"):
        announced_free_month(Billing(), TERM, date(2025, 8, 1), 0.0, AUGUST)


@pytest.mark.parametrize("first_day", [date(2023, 11, 1), date(2026, 12, 1)])
def test_it_lies_in_the_term_as_signed(first_day: date) -> None:
    with pytest.raises(SettlementError, match="which is 2023-12-01 to 2026-11-30"):
        announced_free_month(Billing(), TERM, first_day, 0.0)


def test_thirty_days_must_end_in_the_term() -> None:
    billing = Billing(free_month="days30")
    last = announced_free_month(billing, TERM, date(2026, 11, 1), 0.0)
    assert last.last_day == date(2026, 11, 30)
    with pytest.raises(SettlementError, match="it lies in the term"):
        announced_free_month(billing, TERM, date(2026, 11, 2), 0.0)


def test_a_contract_can_be_read_without_one() -> None:
    billing = Billing(free_month="none", free_month_first_day=date(2024, 8, 1))
    assert agreed_free_month(billing, TERM) is None
    with pytest.raises(SettlementError, match="read without one"):
        announced_free_month(billing, TERM, date(2024, 8, 1), 0.0)


def test_the_contract_file_can_name_it() -> None:
    assert agreed_free_month(Billing(), TERM) is None
    assert agreed_free_month(Billing(free_month_first_day=date(2024, 8, 1)), TERM) == AUGUST
    with pytest.raises(SettlementError, match="a calendar month begins"):
        agreed_free_month(Billing(free_month_first_day=date(2024, 8, 2)), TERM)


@pytest.mark.parametrize(
    ("first", "after", "share"),
    [
        (date(2024, 8, 1), date(2024, 9, 1), True),
        (date(2024, 7, 1), date(2024, 8, 1), False),
        (date(2024, 9, 1), date(2024, 10, 1), False),
        (date(2024, 7, 31), date(2024, 8, 31), None),
        (date(2024, 8, 31), date(2024, 9, 2), None),
    ],
)
def test_days_are_free_wholly_or_not_or_in_part(
    first: date, after: date, share: bool | None
) -> None:
    assert AUGUST.share_of(first, after) is share
