"""Hold the yearly assessment of clause 3.1.15: its years, inputs, result and rectification."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import interpretation
from config.term import ServiceTerm
from metrics.assessment import (
    DAY_S,
    AssessmentRegister,
    Entry,
    YearAssessment,
    assess_year,
    years_of,
)
from metrics.entries import EntryError
from metrics.incidents import Incident
from metrics.sla import Readings, SlaLedger, SlaView, Window, assess
from routing.assessment_events import AssessmentEntered, AssessmentEvent, AssessmentMoved
from tests.metrics.sla.traffic import HOUR_S, folded, instant, mt

YEAR = Window(date(2023, 12, 1), date(2024, 11, 30))
NAME = "2023-12-01"
MIDDLE = instant("2024-06-15T12:00")
AFTER = instant("2024-12-10T00:00")
GOOD = folded(mt(1, MIDDLE, "ok", 1000))
BAD = folded(mt(1, MIDDLE, "ok", 495), mt(2, MIDDLE, "carrier", 505))


def fault(number: int, at: float, took_h: float | None = None, side: str = "party_b") -> Incident:
    resolved = 0.0 if took_h is None else at + took_h * HOUR_S
    return Incident(number, "police", side, "fault", False, at, resolved_at=resolved)


def assessed(
    *faults: Incident, book: SlaLedger = GOOD, support: int | None = 80,
    satisfaction: int | None = 90, at: float = AFTER, complaints: int = 0, **figures: Any,
) -> YearAssessment:  # fmt: skip
    times = [MIDDLE] * complaints
    index = assess(SlaView(book, Readings()), YEAR, at, times)
    entry = Entry(NAME, support, satisfaction)
    return assess_year(interpretation.Assessment(**figures), index, faults, entry, at)


def scores(found: YearAssessment) -> dict[str, Fraction | None]:
    return {one.name: one.score for one in found.inputs}


# -- years ----------------------------------------------------------------------------------------


def test_contract_years_run_from_the_first_day_of_the_term() -> None:
    term = ServiceTerm(date(2023, 12, 1), date(2026, 11, 30))
    found = list(years_of(term, instant("2027-03-01T00:00")))
    assert [(one.first, one.last) for one in found] == [
        (date(2023, 12, 1), date(2024, 11, 30)),
        (date(2024, 12, 1), date(2025, 11, 30)),
        (date(2025, 12, 1), date(2026, 11, 30)),
    ]


def test_a_year_is_there_from_its_first_instant_on() -> None:
    term = ServiceTerm(date(2023, 12, 1), date(2026, 11, 30))
    assert list(years_of(term, instant("2023-12-01T00:00") - 1)) == []
    assert len(list(years_of(term, instant("2024-12-01T00:00") - 1))) == 1
    assert len(list(years_of(term, instant("2024-12-01T00:00")))) == 2


def test_a_renewed_contract_has_further_years() -> None:
    term = ServiceTerm(date(2023, 12, 1), date(2026, 11, 30), 12)
    assert len(list(years_of(term, instant("2027-03-01T00:00")))) == 4


# -- inputs and result ----------------------------------------------------------------------------


def test_the_score_is_the_weighted_mean_of_the_five_inputs() -> None:
    found = assessed(fault(1, MIDDLE, 2), fault(2, MIDDLE, 30))
    assert scores(found) == {
        "sla": 100, "fault_count": 80, "fault_resolution": 50, "support": 80, "satisfaction": 90,
    }  # fmt: skip
    assert found.score == Fraction(40 * 100 + 15 * (80 + 50 + 80 + 90), 100)
    assert (found.state, found.missing) == ("qualified", ())


def test_a_missed_index_scores_nothing_or_its_share_of_the_objective() -> None:
    missed = assessed(book=BAD, complaints=11)
    assert scores(missed)["sla"] == 0
    assert scores(assessed(book=BAD, complaints=11, index_score="rate"))["sla"] == 50
    assert scores(assessed(book=BAD, complaints=10))["sla"] == 100


def test_a_missed_index_with_a_good_rate_never_scores_more_than_all() -> None:
    index = assess(SlaView(GOOD, Readings(logic="and")), YEAR, AFTER, [MIDDLE] * 11)
    figures = interpretation.Assessment(index_score="rate")
    found = assess_year(figures, index, (), Entry(NAME), AFTER)
    assert not index.met
    assert scores(found)["sla"] == 100


def test_faults_of_the_other_side_and_of_other_years_do_not_count() -> None:
    found = assessed(
        fault(1, MIDDLE, 1, "party_a"), fault(2, YEAR.starts_at - 1, 1),
        fault(3, YEAR.ends_at, 1), fault(4, YEAR.starts_at, 1), fault(5, YEAR.ends_at - 1, 1),
    )  # fmt: skip
    assert [one.incident for one in found.faults] == [4, 5]


def test_allowed_faults_cost_nothing_and_the_score_ends_at_zero() -> None:
    many = [fault(number, MIDDLE, 1) for number in range(1, 13)]
    assert scores(assessed(*many))["fault_count"] == 0
    assert scores(assessed(*many, faults_allowed=12))["fault_count"] == 100
    assert scores(assessed(*many, faults_allowed=10, fault_points=7))["fault_count"] == 86


def test_exactly_the_limit_is_in_time_and_an_open_fault_waits_for_it() -> None:
    def in_time(took_h: float | None, began: float = MIDDLE) -> bool | None:
        return assessed(fault(1, began, took_h)).faults[0].in_time

    assert in_time(24) is True
    assert in_time(24.001) is False
    assert in_time(None) is False
    waiting = assessed(fault(1, MIDDLE), fault(2, MIDDLE - 90_000, 1), at=MIDDLE + DAY_S)
    assert [one.in_time for one in waiting.faults] == [True, None]
    assert scores(waiting)["fault_resolution"] == 100


def test_what_is_missing_is_named_and_bounds_the_score() -> None:
    found = assessed(support=None, satisfaction=None)
    assert found.missing == ("support", "satisfaction")
    assert found.score is None
    assert [found.with_missing(0), found.with_missing(100)] == [70, 100]
    assert (found.passes, found.state) == (True, "qualified")
    assert assessed(support=None, pass_score=90).state == "incomplete"
    assert assessed(support=None, pass_score=100).state == "not_qualified"


def test_an_input_without_weight_is_never_missing() -> None:
    found = assessed(support=None, weight_support=0)
    assert (found.missing, found.score) == ((), Fraction(40 * 100 + 15 * 290, 85))


def test_the_pass_score_is_reached_exactly_or_not_at_all() -> None:
    measured = ("weight_sla", "weight_fault_count", "weight_fault_resolution")
    weights: dict[str, Any] = dict.fromkeys(measured, 0)
    even = assessed(support=60, satisfaction=60, **weights)
    assert even.score == 60
    assert even.state == "qualified"
    under = assessed(support=59, satisfaction=60, weight_satisfaction=10_000_000, **weights)
    assert under.score is not None
    assert 59.999 < under.score < 60
    assert under.state == "not_qualified"


def test_a_year_that_runs_has_no_result_yet() -> None:
    found = assessed(at=YEAR.ends_at - 1)
    assert (found.name, found.ended, found.state) == (NAME, False, "running")
    assert assessed(at=YEAR.ends_at).state == "qualified"


@given(st.lists(st.integers(0, 100), min_size=5, max_size=5), st.lists(st.integers(0, 9)))
def test_a_score_lies_between_the_least_and_the_most_of_its_inputs(
    values: list[int], faults: list[int]
) -> None:
    found = assessed(
        *(fault(number, MIDDLE, hours * 10) for number, hours in enumerate(faults, 1)),
        support=values[0], satisfaction=values[1],
    )  # fmt: skip
    each = [one.score for one in found.inputs if one.score is not None]
    assert found.score is not None
    assert min(each) <= found.score <= max(each)


# -- what people enter ----------------------------------------------------------------------------


def register(*events: AssessmentEvent) -> AssessmentRegister:
    found = AssessmentRegister()
    for event in events:
        found.check(event)
        found.apply(event)
    return found


def moved(action: str, at: float, **more: Any) -> AssessmentMoved:
    return AssessmentMoved(at, NAME, action, "desk", **{"why": "faults", **more})


ORDER = moved("order", AFTER, deadline=AFTER + 30 * DAY_S)


def test_a_later_entry_replaces_what_it_names_and_leaves_the_rest() -> None:
    found = register(
        AssessmentEntered(1.0, NAME, "desk", 70, 60),
        AssessmentEntered(2.0, NAME, "desk", satisfaction=0),
    ).of(NAME)
    assert (found.support, found.satisfaction, len(found.history)) == (70, 0, 2)


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (AssessmentEntered(1.0, NAME, "", 70), "who"),
        (AssessmentEntered(1.0, NAME, "desk"), "at least one score"),
        (AssessmentEntered(1.0, NAME, "desk", 101), "support: 101, 0 to 100"),
        (AssessmentEntered(1.0, NAME, "desk", 1, -2), "satisfaction: -2"),
        (moved("complete", AFTER), "only order"),
        (moved("order", AFTER, deadline=AFTER), "deadline"),
        (moved("order", AFTER, deadline=AFTER + 1, why=""), "why"),
    ],
)
def test_an_entry_that_cannot_be_is_refused(event: AssessmentEvent, words: str) -> None:
    with pytest.raises(EntryError, match=words):
        register(event)


def test_a_rectification_is_ordered_completed_rejected_and_accepted() -> None:
    book = register(ORDER)
    assert [one.year for one in book.open()] == [NAME]
    steps = [
        moved("complete", AFTER + 9, moment=AFTER + 5),
        moved("reject", AFTER + 10, deadline=AFTER + 40 * DAY_S),
        moved("complete", AFTER + 20),
        moved("accept", AFTER + 30),
    ]
    for step in steps:
        book.check(step)
        book.apply(step)
    found = book.of(NAME)
    assert (found.state, found.completed_at, found.accepted_at) == (
        "accepted", AFTER + 20, AFTER + 30,
    )  # fmt: skip
    assert found.deadline == AFTER + 40 * DAY_S
    assert book.open() == ()


def test_a_rejection_without_a_deadline_keeps_the_one_there_was() -> None:
    book = register(ORDER, moved("complete", AFTER + 1), moved("reject", AFTER + 2))
    assert (book.of(NAME).deadline, book.of(NAME).completed_at) == (ORDER.deadline, 0.0)
    book = register(ORDER, moved("complete", AFTER + 1))
    with pytest.raises(EntryError, match="deadline"):
        book.check(moved("reject", AFTER + 2, deadline=AFTER))


def test_a_rectification_is_overdue_after_its_deadline() -> None:
    found = register(ORDER).of(NAME)
    assert not found.overdue(ORDER.deadline)
    assert found.overdue(ORDER.deadline + 1)
    late = register(ORDER, moved("complete", ORDER.deadline + 1)).of(NAME)
    assert late.overdue(ORDER.deadline + 2)
    in_time = register(ORDER, moved("complete", ORDER.deadline)).of(NAME)
    assert not in_time.overdue(ORDER.deadline + 9)
    withdrawn = register(ORDER, moved("withdraw", AFTER + 1)).of(NAME)
    assert not withdrawn.overdue(ORDER.deadline + 9)


def test_one_that_was_withdrawn_can_be_ordered_again() -> None:
    again = moved("order", AFTER + 2, deadline=AFTER + 3)
    assert register(ORDER, moved("withdraw", AFTER + 1), again).of(NAME).deadline == AFTER + 3
    with pytest.raises(EntryError, match="ordered"):
        register(ORDER, again)
