"""Test the division of the term into settlement periods."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.loader import load_contract
from metrics.breaches.periods import DAY_S, start_of
from metrics.settlement.amounts import SettlementError
from metrics.settlement.periods import Periods, periods_of

FIRST, LAST = date(2023, 12, 1), date(2026, 11, 30)
PERIODS = Periods(FIRST, 6, 3, FIRST, LAST)
DAYS = st.dates(FIRST, LAST)


def test_the_contract_has_six_periods_of_six_months() -> None:
    found = tuple(PERIODS.begun_by(date(2030, 1, 1)))
    assert [period.name for period in found] == [
        "2023-12-01", "2024-06-01", "2024-12-01", "2025-06-01", "2025-12-01", "2026-06-01",
    ]  # fmt: skip
    assert [len(period.months) for period in found] == [6] * 6
    assert found[-1].last_day == LAST


def test_the_shipped_contract_is_read() -> None:
    contract = load_contract("henan")
    found = periods_of(contract)
    assert found == replace(PERIODS, last_day=None), "it renews itself"
    unrenewed = contract.model_copy(
        update={"renewal": contract.renewal.model_copy(update={"mode": "none"})}
    )
    assert periods_of(unrenewed) == PERIODS


def test_a_period_that_has_not_begun_is_not_listed() -> None:
    assert len(tuple(PERIODS.begun_by(date(2024, 5, 31)))) == 1
    assert len(tuple(PERIODS.begun_by(date(2024, 6, 1)))) == 2
    assert tuple(PERIODS.begun_by(date(2023, 11, 30))) == ()


def test_a_period_begins_and_ends_at_midnight_in_shanghai() -> None:
    period = PERIODS.named("2024-06-01")
    assert period.starts_at == start_of(date(2024, 6, 1))
    assert period.ends_at == start_of(date(2024, 12, 1))
    assert period.starts_at % DAY_S == 16 * 3600


@given(DAYS)
def test_every_day_of_the_term_is_in_one_month_of_one_period(day: date) -> None:
    period = PERIODS.holding(day)
    assert period.first_day <= day <= period.last_day
    assert PERIODS.named(period.name) == period
    month = period.month_of(day)
    assert month <= day < period.end_of_month(month)


@given(
    st.dates(date(2020, 1, 1), date(2030, 12, 31)),
    st.integers(1, 24),
    st.dates(date(2021, 1, 1), date(2023, 1, 1)),
    st.integers(0, 2000),
)
def test_periods_join_without_gap_or_overlap(
    anchor: date, months: int, first: date, length: int
) -> None:
    last = first + timedelta(days=length)
    found = tuple(Periods(anchor, months, 3, first, last).begun_by(last))
    assert found[0].first_day == first
    assert found[-1].last_day == last
    for one, following in pairwise(found):
        assert one.last_day + timedelta(days=1) == following.first_day
    for one in found:
        assert one.months[0] == one.first_day
        assert list(one.months) == sorted(set(one.months))
        assert len(one.months) <= months


def test_the_term_cuts_the_last_period() -> None:
    cut = Periods(FIRST, 6, 3, FIRST, date(2024, 8, 15)).holding(date(2024, 7, 1))
    assert cut.last_day == date(2024, 8, 15)
    assert cut.months == (date(2024, 6, 1), date(2024, 7, 1), date(2024, 8, 1))
    assert cut.end_of_month(date(2024, 8, 1)) == date(2024, 8, 16)


def test_a_term_that_renews_itself_has_no_last_period() -> None:
    assert Periods(FIRST, 6, 3, FIRST, None).holding(date(2040, 1, 1)).name == "2039-12-01"


def test_other_days_and_names_are_refused() -> None:
    with pytest.raises(SettlementError, match="the service term is 2023-12-01 to 2026-11-30"):
        PERIODS.holding(date(2026, 12, 1))
    with pytest.raises(SettlementError, match="the one that holds it is 2024-06-01"):
        PERIODS.named("2024-07-01")
    with pytest.raises(SettlementError, match="'soon': its first day is asked for"):
        PERIODS.named("soon")
    with pytest.raises(SettlementError, match="years 100 to 9899 can be settled"):
        Periods(FIRST, 6, 3, FIRST, None).named("9999-12-01")
    with pytest.raises(SettlementError, match="is 2024-06-01 to 2024-11-30"):
        PERIODS.named("2024-06-01").month_of(date(2024, 12, 1))


def test_a_result_before_the_cut_off_belongs_to_the_period_of_submission() -> None:
    submitted = start_of(date(2024, 11, 30))
    cut_off = start_of(date(2024, 12, 4))
    assert PERIODS.cut_off_at(PERIODS.holding(date(2024, 11, 30))) == cut_off
    assert PERIODS.settled_in(submitted, cut_off - 1).name == "2024-06-01"
    assert PERIODS.settled_in(submitted, cut_off).name == "2024-12-01"
    assert PERIODS.settled_in(submitted, start_of(date(2025, 6, 4))).name == "2025-06-01"


def test_a_result_after_the_last_cut_off_stays_with_the_last_period() -> None:
    submitted = start_of(LAST)
    assert PERIODS.settled_in(submitted, start_of(date(2027, 6, 1))).name == "2026-06-01"
