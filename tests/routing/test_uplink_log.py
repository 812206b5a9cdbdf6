from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.uplink_log import UplinkLog, UplinkWindows

NUMBER = "13300000001"
PORT = "106590990371"
NOON = 1_772_337_600.0


def written(at: float = NOON) -> UplinkLog:
    log = UplinkLog(UplinkWindows())
    log.record(NUMBER, PORT, at)
    return log


def test_an_answer_within_a_day_is_triggered_by_the_user() -> None:
    log = written()
    assert log.triggered(NUMBER, PORT, NOON)
    assert log.triggered(NUMBER, PORT, NOON + 86399.999)
    assert not log.triggered(NUMBER, PORT, NOON + 86400)


def test_a_request_is_the_consent_to_a_code_for_ten_minutes() -> None:
    log = written()
    assert log.code_requested(NUMBER, PORT, NOON + 599.999)
    assert not log.code_requested(NUMBER, PORT, NOON + 600)


def test_an_answer_outside_the_scope_has_a_time_of_its_own() -> None:
    log = UplinkLog(UplinkWindows(trigger_s=60, code_s=60, reply_s=3600))
    log.record(NUMBER, PORT, NOON)
    assert log.reply_allowed(NUMBER, PORT, NOON + 3599)
    assert not log.triggered(NUMBER, PORT, NOON + 3599)
    assert log.horizon_s == 3600


def test_numbers_and_access_numbers_are_apart() -> None:
    log = written()
    assert not log.triggered("13300000002", PORT, NOON)
    assert not log.triggered(NUMBER, "106590990372", NOON)
    assert log.last(NUMBER, PORT) == NOON
    assert log.last("13300000002", PORT) is None


def test_it_counts_for_the_next_verdict_even_if_the_clock_steps_back() -> None:
    assert written().triggered(NUMBER, PORT, NOON - 0.001)


def test_an_earlier_message_told_later_changes_nothing() -> None:
    log = written()
    log.record(NUMBER, PORT, NOON - 500)
    assert log.last(NUMBER, PORT) == NOON


def test_a_time_of_zero_counts_nothing() -> None:
    log = UplinkLog(UplinkWindows(trigger_s=0, code_s=0, reply_s=0))
    log.record(NUMBER, PORT, NOON)
    assert not log.triggered(NUMBER, PORT, NOON)
    assert not log.triggered(NUMBER, PORT, NOON - 1)


def test_a_flood_of_numbers_is_bounded() -> None:
    log = UplinkLog(UplinkWindows(), most=100)
    for step in range(10_000):
        log.record(str(13_300_000_000 + step), PORT, NOON + step)
    assert len(log) <= 200
    assert log.triggered(str(13_300_009_999), PORT, NOON + 10_000)


def test_a_negative_time_is_refused() -> None:
    with pytest.raises(ValueError, match="none below 0"):
        UplinkLog(UplinkWindows(code_s=-1))


@given(
    st.lists(
        st.tuples(st.sampled_from([0.0, 1.0, 30.0, 59.0, 61.0, 300.0]), st.integers(0, 3)),
        max_size=60,
    )
)
def test_a_naive_list_of_all_messages_agrees(steps: list[tuple[float, int]]) -> None:
    log = UplinkLog(UplinkWindows(trigger_s=60, code_s=30, reply_s=120))
    sent: list[tuple[float, int]] = []
    at = NOON
    for wait, number in steps:
        at += wait
        for asked in range(4):
            ages = [at - when for when, who in sent if who == asked]
            age = min(ages, default=1e9)
            assert log.triggered(str(asked), PORT, at) == (age < 60)
            assert log.code_requested(str(asked), PORT, at) == (age < 30)
            assert log.reply_allowed(str(asked), PORT, at) == (age < 120)
        log.record(str(number), PORT, at)
        sent.append((at, number))
