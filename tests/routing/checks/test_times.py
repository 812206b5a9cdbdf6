from __future__ import annotations

import pytest

from routing.checks.times import expired_validity, schedule
from routing.facts import Facts
from routing.rules import VerdictLimits
from tests.support.findings import english
from tests.support.rules import FACTS, rules
from tests.support.submissions import AT, in_flight

RULES = rules(limits=VerdictLimits(max_validity_s=1000.0, max_schedule_s=500.0))


@pytest.mark.parametrize("validity_at", [0.0, AT + 0.1, AT + 1000.0])
def test_validity_in_the_future_within_the_limit_passes(validity_at: float) -> None:
    assert expired_validity(in_flight(validity_at=validity_at), RULES, FACTS) is None


@pytest.mark.parametrize(
    ("validity_at", "words"),
    [
        (AT, "ended 0 s before the submission"),
        (AT - 60.0, "ended 60 s before the submission"),
        (AT + 1001.0, "ends in 1001 s, at most 1000 s are kept"),
    ],
)
def test_validity_past_or_too_long_is_refused(validity_at: float, words: str) -> None:
    detail = expired_validity(in_flight(validity_at=validity_at), RULES, FACTS)
    assert detail is not None
    assert words in english(detail)


def test_unreadable_validity_is_refused_in_the_reader_s_words() -> None:
    facts = Facts()
    facts.validity_error = "validity_period: 15 characters, 16 are needed"
    assert english(expired_validity(in_flight(), RULES, facts)) == facts.validity_error


@pytest.mark.parametrize("schedule_at", [0.0, AT - 60.0, AT, AT + 500.0])
def test_schedule_within_the_limits_passes(schedule_at: float) -> None:
    subject = in_flight(schedule_at=schedule_at, validity_at=AT + 1000.0)
    assert schedule(subject, RULES, FACTS) is None


@pytest.mark.parametrize(
    ("schedule_at", "validity_at", "words"),
    [
        (AT - 61.0, AT + 1000.0, "is 61 s in the past"),
        (AT + 501.0, AT + 1000.0, "is 501 s ahead, at most 500"),
        (AT + 300.0, AT + 200.0, "is 100 s after the end of validity_period"),
        (AT + 200.0, AT + 200.0, "is 0 s after the end of validity_period"),
    ],
)
def test_schedule_past_too_far_or_after_validity_is_refused(
    schedule_at: float, validity_at: float, words: str
) -> None:
    subject = in_flight(schedule_at=schedule_at, validity_at=validity_at)
    detail = schedule(subject, RULES, FACTS)
    assert detail is not None
    assert words in english(detail)


def test_schedule_without_a_validity_passes() -> None:
    assert schedule(in_flight(schedule_at=AT + 300.0, validity_at=0.0), RULES, FACTS) is None


def test_unreadable_schedule_is_refused_in_the_reader_s_words() -> None:
    facts = Facts()
    facts.schedule_error = "schedule_delivery_time: month 13"
    assert english(schedule(in_flight(), RULES, facts)) == facts.schedule_error
