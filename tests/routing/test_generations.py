from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.generations import Generations


@given(st.lists(st.tuples(st.floats(0, 50), st.integers(0, 3)), max_size=60))
def test_what_was_set_within_the_span_is_known(steps: list[tuple[float, int]]) -> None:
    recent = Generations[int, float](10.0)
    last: dict[int, float] = {}
    at = 0.0
    for wait, key in steps:
        at += wait
        recent.set(key, at, at)
        last[key] = at
        for known, moment in last.items():
            if moment + 10.0 > at:
                assert recent.get(known) == moment


def test_a_key_is_forgotten_after_two_spans() -> None:
    recent = Generations[str, int](10.0)
    recent.set("a", 1, 0.0)
    recent.set("b", 2, 10.0)
    assert recent.get("a") == 1
    recent.set("c", 3, 20.0)
    assert recent.get("a") is None
    assert recent.get("b") == 2
    assert len(recent) == 2


def test_a_long_silence_forgets_everything_at_once() -> None:
    recent = Generations[str, int](10.0)
    recent.set("a", 1, 0.0)
    recent.set("b", 2, 20.0)
    assert recent.get("a") is None
    assert len(recent) == 1


def test_a_key_that_is_set_again_is_held_once() -> None:
    recent = Generations[str, int](10.0)
    recent.set("a", 1, 0.0)
    recent.set("a", 2, 10.0)
    assert recent.get("a") == 2
    assert len(recent) == 1


def test_a_clock_that_steps_back_forgets_nothing() -> None:
    recent = Generations[str, int](10.0)
    recent.set("a", 1, 100.0)
    recent.set("b", 2, 5.0)
    recent.set("c", 3, 105.0)
    assert [recent.get(key) for key in "abc"] == [1, 2, 3]


def test_a_full_generation_ends_early() -> None:
    recent = Generations[int, int](10.0, most=3)
    for key in range(100):
        recent.set(key, key, 0.0)
    assert len(recent) <= 6
    assert recent.get(99) == 99
    assert recent.get(0) is None


def test_forgotten_keys_are_freed_little_by_little() -> None:
    recent = Generations[int, int](10.0)
    for key in range(40):
        recent.set(key, key, 0.0)
    recent.set(100, 1, 25.0)
    waiting = recent._leaving
    assert sum(map(len, waiting)) == 36
    for key in range(200, 209):
        recent.set(key, 1, 25.0)
    assert waiting == []


@pytest.mark.parametrize(("span_s", "most"), [(0.0, 0), (-1.0, 0), (1.0, -1)])
def test_bad_bounds_are_refused(span_s: float, most: int) -> None:
    with pytest.raises(ValueError, match="a span above 0, most from 0"):
        Generations[int, int](span_s, most=most)
