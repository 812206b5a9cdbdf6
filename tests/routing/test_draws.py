from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from routing.draws import LATENCY, TROUBLE, draw, mixed, purpose_of, stream, uniform

INTEGERS = st.integers(min_value=-(1 << 70), max_value=1 << 70)


@given(INTEGERS, INTEGERS, st.integers(min_value=0, max_value=1 << 20))
def test_every_draw_lies_between_zero_and_one(seed: int, key: int, purpose: int) -> None:
    assert 0.0 <= draw(seed, key, purpose) < 1.0


def test_a_draw_never_changes_between_versions() -> None:
    # SplitMix64's published sequence for seed 0 begins with 0xE220A8397B1DCDAF: the stream begun
    # at 0 gives its first number for key 1.
    assert uniform(0, 1) == (0xE220A8397B1DCDAF >> 11) * 2.0**-53
    assert draw(1, 1 << 60, LATENCY) == 0.436453069447474


def test_the_finaliser_is_a_permutation_of_what_it_was_tried_on() -> None:
    assert len({mixed(n) for n in range(10_000)}) == 10_000


def test_draws_are_spread_evenly() -> None:
    start = stream(7, LATENCY)
    counts = [0] * 10
    for key in range(20_000):
        counts[int(uniform(start, (1 << 60) + key) * 10)] += 1
    # 2000 expected in each; the standard deviation is 42.
    assert all(1800 < count < 2200 for count in counts)


def test_seed_purpose_and_attempt_give_unrelated_draws() -> None:
    streams = [
        stream(seed, purpose)
        for seed in (0, 1, 2)
        for purpose in (LATENCY, TROUBLE, purpose_of(TROUBLE, 1), purpose_of(TROUBLE, 2))
    ]
    for n, first in enumerate(streams):
        for second in streams[n + 1 :]:
            both = sum(uniform(first, k) < 0.5 and uniform(second, k) < 0.5 for k in range(2000))
            assert 400 < both < 600
