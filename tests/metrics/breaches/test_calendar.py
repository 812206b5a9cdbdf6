"""Hold the calendar: each open case has its next date, the earliest first."""

from __future__ import annotations

from metrics.breaches.calendar import calendar
from metrics.breaches.cases import ENDED, MOVES
from tests.support.breaches import DAY, START, Desk, moment


def clauses(desk: Desk) -> list[tuple[float, int, str]]:
    return [(due.at, due.case, due.clause) for due in desk.ledger.calendar()]


def test_a_suspicion_waits_for_a_decision() -> None:
    desk = Desk()
    desk.open(START, 16)
    assert clauses(desk) == [(START, 1, "7.5")]


def test_an_explanation_is_due_and_then_its_decision() -> None:
    desk = Desk()
    desk.open(START, 16)
    desk.order(1, "suspend", START)
    assert clauses(desk) == [(moment("2026-03-08 00:00:00"), 1, "7.5")]
    desk.order(1, "explain", START + DAY)
    assert clauses(desk) == [(START + DAY, 1, "7.5")]


def test_each_step_of_rectification_has_its_date() -> None:
    desk = Desk()
    case = desk.confirmed(START, 5)
    assert clauses(desk) == [(START, 1, "11.9.1")]
    desk.order(1, "notice", START + 1.0)
    assert clauses(desk) == [(START + 1.0, 1, "11.9.2")]
    desk.order(1, "deliver", START + DAY)
    assert clauses(desk) == [(case.rectify_by, 1, "7.3")]
    desk.order(1, "submit", START + DAY)
    assert clauses(desk) == [(case.rectify_by, 1, "7.3")]
    desk.order(1, "pass", START + DAY)
    assert clauses(desk) == [(case.release_at, 1, "7.3")]
    desk.settle(case.release_at)
    assert clauses(desk) == []


def test_a_failed_rectification_waits_for_a_decision() -> None:
    desk = Desk()
    case = desk.confirmed(START, 5)
    desk.order(1, "notice", START)
    desk.order(1, "deliver", START)
    desk.order(1, "fail", case.rectify_by)
    assert clauses(desk) == [(case.rectify_by, 1, "7.3")]


def test_a_freeze_outlives_its_case() -> None:
    desk = Desk()
    case = desk.confirmed(START, 23)
    before = clauses(desk)
    desk.order(1, "terminate", START)
    assert clauses(desk) == before == [(case.frozen_until, 1, "7.3.3")]


def test_the_earliest_comes_first_and_accounts_can_be_told_apart() -> None:
    desk = Desk()
    desk.open(START + DAY, 16)
    event = desk.ledger.open_case(START, "other", 16, who="operator", why="seen")
    desk.happen(event)
    assert [due.case for due in desk.ledger.calendar()] == [2, 1]
    assert [due.case for due in desk.ledger.calendar("other")] == [2]


def test_every_state_that_is_no_end_has_an_entry() -> None:
    desk = Desk()
    case = desk.open(START, 16)
    for state in MOVES:
        case.state = state
        assert bool(calendar([case])) is (state not in ENDED)
