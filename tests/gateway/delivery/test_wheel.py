"""Keep items until they are due; times are arithmetic."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.delivery.wheel import Wheel


def test_an_empty_wheel_has_nothing_due() -> None:
    wheel: Wheel[str] = Wheel()
    assert (len(wheel), wheel.next_due(), wheel.take(1e9, 10)) == (0, None, [])


def test_an_item_is_given_at_the_end_of_its_tick_and_not_before() -> None:
    wheel: Wheel[str] = Wheel(0.5)
    wheel.add(10.2, "item")
    assert wheel.next_due() == 10.5
    assert wheel.take(10.4, 10) == []
    assert wheel.take(10.5, 10) == ["item"]
    assert wheel.next_due() is None


def test_older_buckets_come_first_and_each_keeps_its_order() -> None:
    wheel: Wheel[str] = Wheel(1.0)
    for due, item in ((5.1, "c"), (3.1, "a"), (3.9, "b"), (5.0, "d")):
        wheel.add(due, item)
    assert wheel.take(100.0, 10) == ["a", "b", "c", "d"]


def test_a_large_bucket_is_given_in_portions() -> None:
    wheel: Wheel[int] = Wheel(1.0)
    for item in range(10):
        wheel.add(0.5, item)
    portions = [wheel.take(1.0, 3) for _ in range(5)]
    assert portions == [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9], []]
    assert len(wheel) == 0


def test_what_comes_while_a_bucket_is_given_is_given_too() -> None:
    wheel: Wheel[int] = Wheel(1.0)
    for item in range(4):
        wheel.add(5.5, item)
    assert wheel.take(6.0, 1) == [0]
    wheel.add(5.6, 4)
    wheel.add(2.0, 5)
    assert wheel.take(6.0, 2) == [5, 1]
    assert wheel.take(6.0, 9) == [2, 3, 4]


@given(
    st.lists(st.floats(0.0, 50.0), max_size=60),
    st.lists(st.tuples(st.floats(0.0, 20.0), st.integers(1, 7)), max_size=40),
)
def test_every_item_is_given_once_and_never_early(
    dues: list[float], turns: list[tuple[float, int]]
) -> None:
    wheel: Wheel[tuple[int, float]] = Wheel(0.25)
    for number, due in enumerate(dues):
        wheel.add(due, (number, due))
    now, given_out = 0.0, []
    for step, most in [*turns, (100.0, 1_000)]:
        now += step
        taken = wheel.take(now, most)
        assert len(taken) <= most
        assert all(due <= now for _number, due in taken)
        given_out += taken
        assert len(wheel) == len(dues) - len(given_out)
    assert sorted(given_out) == list(enumerate(dues))
