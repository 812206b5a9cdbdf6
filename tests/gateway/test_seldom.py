"""Say what happens often once in a period."""

from __future__ import annotations

from gateway.clock import ManualClock
from gateway.seldom import Seldom


def test_one_of_each_kind_comes_through_in_a_period_with_the_number_left_out() -> None:
    clock = ManualClock(0.0, 100.0)
    remarks = Seldom(clock.now, period_s=1.0)
    assert [remarks.due("limit") for _ in range(3)] == [0, None, None]
    assert remarks.due("address") == 0
    clock.advance(1.0)
    assert remarks.due("limit") == 2
    clock.advance(1.0)
    assert remarks.due("limit") == 0
