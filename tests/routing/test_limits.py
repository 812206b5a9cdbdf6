from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.limits import TokenBucket, slice_of


def test_full_bucket_gives_its_burst_and_then_refuses() -> None:
    bucket = TokenBucket(10.0, 3.0, 0.0)
    assert [bucket.take(0.0) for _ in range(4)] == [True, True, True, False]


def test_tokens_come_back_at_the_rate() -> None:
    bucket = TokenBucket(10.0, 1.0, 0.0)
    assert bucket.take(0.0)
    assert not bucket.take(0.09)
    assert bucket.take(0.1000001)


def test_idle_time_never_gives_more_than_the_burst() -> None:
    bucket = TokenBucket(10.0, 2.0, 0.0)
    assert [bucket.take(1000.0) for _ in range(3)] == [True, True, False]


def test_clock_that_steps_back_gives_nothing() -> None:
    bucket = TokenBucket(1.0, 1.0, 100.0)
    assert bucket.take(100.0)
    assert not bucket.take(50.0)
    assert not bucket.take(100.5)
    assert bucket.take(101.0)


def test_message_above_the_burst_waits_for_a_full_bucket_and_leaves_a_debt() -> None:
    bucket = TokenBucket(1.0, 2.0, 0.0)
    assert bucket.take(0.0, 5)
    assert not bucket.take(3.5)
    assert bucket.take(4.0)
    assert not bucket.take(5.0, 5)


def test_refused_take_costs_nothing() -> None:
    bucket = TokenBucket(1.0, 3.0, 0.0)
    assert bucket.take(0.0, 2)
    assert not bucket.take(0.0, 2)
    assert bucket.take(0.0, 1)


def test_wait_is_the_time_until_take_succeeds() -> None:
    bucket = TokenBucket(10.0, 2.0, 0.0)
    assert bucket.wait(0.0, 2) == 0.0
    bucket.take(0.0, 2)
    assert bucket.wait(0.0, 1) == pytest.approx(0.1)
    assert bucket.wait(0.05, 1) == pytest.approx(0.05)
    assert bucket.wait(0.0, 50) == pytest.approx(0.2)


def test_copy_is_drained_alone() -> None:
    bucket = TokenBucket(1.0, 1.0, 0.0)
    assert bucket.copy().take(0.0)
    assert bucket.take(0.0)
    assert not bucket.copy().take(0.0)


@pytest.mark.parametrize(("rate", "burst"), [(0.0, 1.0), (-1.0, 1.0), (float("nan"), 1.0)])
def test_rate_must_be_positive(rate: float, burst: float) -> None:
    with pytest.raises(ValueError, match="more than 0"):
        TokenBucket(rate, burst, 0.0)


def test_burst_must_hold_one_message() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        TokenBucket(1.0, 0.5, 0.0)


def test_drawing_takes_what_is_not_there_and_later_ones_wait_for_it() -> None:
    bucket = TokenBucket(10.0, 5.0, 0.0)
    bucket.draw(0.0, 4)
    assert bucket.wait(0.0) == 0.0
    bucket.draw(0.0, 6)
    assert bucket.wait(0.0) == pytest.approx(0.6)
    assert not bucket.take(0.59)
    bucket.draw(0.6, 1)
    assert bucket.wait(0.6, 2) == pytest.approx(0.2)


@pytest.mark.parametrize(("rate", "pdus"), [(0.01, 1), (399.0, 1), (400.0, 2), (10_000.0, 50)])
def test_what_comes_due_in_a_moment_is_read_together(rate: float, pdus: int) -> None:
    assert slice_of(rate) == pdus


@given(
    rate=st.floats(0.1, 1000),
    burst=st.integers(1, 50),
    steps=st.lists(st.tuples(st.floats(0, 2), st.integers(1, 3)), max_size=60),
)
def test_over_every_span_accepted_stays_within_rate_and_burst(
    rate: float, burst: int, steps: list[tuple[float, int]]
) -> None:
    bucket = TokenBucket(rate, float(burst), 0.0)
    now, taken = 0.0, [(0.0, 0)]
    for gap, tokens in steps:
        now += gap
        needed = min(tokens, burst)
        if bucket.take(now, needed):
            taken.append((now, needed))
    for start in range(len(taken)):
        total = 0
        for at, tokens in taken[start:]:
            total += tokens
            assert total <= burst + rate * (at - taken[start][0]) + 1e-6
