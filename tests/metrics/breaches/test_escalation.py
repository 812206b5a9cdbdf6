"""Hold when many breaches make a graver one: numbers, windows, shares of a day."""

from __future__ import annotations

from typing import Any

import pytest

from config.interpretation import Escalation
from metrics.breaches.cases import Case
from metrics.breaches.escalation import DailyFigures, series, trigger_of
from metrics.breaches.evidence import Evidence
from metrics.breaches.rows import ROWS
from tests.support.breaches import ACCOUNT, DAY, PORT

RULES = Escalation()
TODAY = 20_000


def case(number: int, day: float, row: int = 5, **changes: Any) -> Case:
    at = (TODAY + day) * DAY
    made = Case(
        number, ACCOUNT, row, ROWS[row].grade, at, at, Evidence(ACCOUNT, row),
        state="rectification", confirmed_at=at,
    )  # fmt: skip
    for name, value in changes.items():
        setattr(made, name, value)
    return made


def numbers(cases: list[Case], rules: Escalation = RULES) -> list[tuple[int, ...]]:
    return [tuple(each.number for each in group) for group in series(cases, rules)]


def test_three_general_cases_in_thirty_days_escalate() -> None:
    assert numbers([case(1, 0), case(2, 10), case(3, 29.99)]) == [(1, 2, 3)]


def test_exactly_thirty_days_apart_is_no_longer_within() -> None:
    assert numbers([case(1, 0), case(2, 10), case(3, 30)]) == []


def test_two_general_cases_are_not_enough() -> None:
    assert numbers([case(1, 0), case(2, 0)]) == []


def test_two_serious_cases_are_enough_and_grades_are_not_mixed() -> None:
    assert numbers([case(1, 0, 16), case(2, 1, 13)]) == [(1, 2)]
    assert numbers([case(1, 0, 16), case(2, 1, 5), case(3, 2, 5)]) == []


def test_the_window_slides() -> None:
    assert numbers([case(1, 0), case(2, 25), case(3, 35), case(4, 50)]) == [(2, 3, 4)]


def test_what_follows_within_the_window_belongs_to_the_series() -> None:
    assert numbers([case(1, 0), case(2, 1), case(3, 2), case(4, 3), case(5, 40)]) == [(1, 2, 3, 4)]


@pytest.mark.parametrize(
    "change",
    [
        {"state": "suspected", "confirmed_at": 0.0},
        {"state": "dismissed"},
        {"account": "other"},
        {"grade": "major"},
    ],
)
def test_only_confirmed_cases_of_one_account_and_grade_count(change: dict[str, Any]) -> None:
    assert numbers([case(1, 0), case(2, 1), case(3, 2, **change)]) == []


def test_a_closed_case_still_counts() -> None:
    assert numbers([case(1, 0, state="closed"), case(2, 1), case(3, 2)]) == [(1, 2, 3)]


def test_a_case_serves_one_escalation_only() -> None:
    cases = [case(1, 0), case(2, 1), case(3, 2), case(4, 2, 9, causes=(1, 2, 3))]
    assert numbers(cases) == []
    assert numbers([*cases, case(5, 3), case(6, 3)]) == []
    assert numbers([*cases, case(5, 3), case(6, 3), case(7, 3)]) == [(5, 6, 7)]


def test_escalated_cases_escalate_again() -> None:
    assert numbers([case(1, 2, 9, causes=(7, 8, 9)), case(2, 3, 16)]) == [(1, 2)]


def test_the_numbers_are_configurable() -> None:
    rules = Escalation(general_cases=2, serious_cases=3, window_days=1)
    assert numbers([case(1, 0), case(2, 0.9)], rules) == [(1, 2)]
    assert numbers([case(1, 0, 16), case(2, 0, 16)], rules) == []


def day_with(breaches: int, messages: int, row: int = 6, day: int = TODAY) -> DailyFigures:
    daily = DailyFigures(30)
    for _each in range(messages):
        daily.message(ACCOUNT, day)
    for number in range(breaches):
        daily.breach(ACCOUNT, day, row).breach(day * DAY, (PORT,), message_id=number + 1)
    return daily


def large(daily: DailyFigures, rules: Escalation = RULES, today: int = TODAY) -> list[int]:
    return [found.row for _day, found in daily.large(rules, today)]


@pytest.mark.parametrize(("breaches", "rows"), [(999, []), (1000, [6])])
def test_a_thousand_breaches_in_a_day_are_on_a_large_scale_at_once(
    breaches: int, rows: list[int]
) -> None:
    assert large(day_with(breaches, 200_000)) == rows


@pytest.mark.parametrize(("breaches", "rows"), [(9, []), (10, [6])])
def test_one_in_a_hundred_messages_is_a_large_scale(breaches: int, rows: list[int]) -> None:
    assert large(day_with(breaches, 1000), today=TODAY + 1) == rows


def test_a_share_is_judged_only_when_the_day_is_over() -> None:
    daily = day_with(10, 1000)
    assert large(daily, today=TODAY) == []
    assert large(daily, today=TODAY + 1) == [6]


def test_a_share_is_exact() -> None:
    rules = Escalation(daily_share=0.07)
    assert large(day_with(7, 100), rules, TODAY + 1) == [6]
    assert large(day_with(6, 100), rules, TODAY + 1) == []


def test_a_limit_of_nothing_is_none() -> None:
    rules = Escalation(daily_share=0, daily_messages=0)
    assert large(day_with(1000, 1000), rules, TODAY + 1) == []


def test_major_rows_do_not_escalate() -> None:
    assert large(day_with(1000, 1000, row=23)) == []


def test_serious_rows_escalate() -> None:
    assert large(day_with(1000, 1000, row=16)) == [16]


def test_rows_9_and_25_make_no_further_one_by_scale() -> None:
    assert large(day_with(1000, 1000, row=9)) == []


def test_days_older_than_the_window_are_forgotten() -> None:
    daily = day_with(1, 1)
    daily.message(ACCOUNT, TODAY + 30)
    assert len(daily.messages) == 2
    daily.breach(ACCOUNT, TODAY + 31, 6)
    assert list(daily.messages) == [(ACCOUNT, TODAY + 30)]
    assert list(daily.breaches) == [(ACCOUNT, TODAY + 31, 6)]


def test_a_late_event_of_an_earlier_day_counts_for_that_day() -> None:
    daily = day_with(1, 1)
    daily.message(ACCOUNT, TODAY - 1)
    assert (daily.newest, daily.messages[ACCOUNT, TODAY - 1]) == (TODAY, 1)


def test_a_days_escalation_has_a_name_of_its_own() -> None:
    assert trigger_of(1, 23) != trigger_of(12, 3)
