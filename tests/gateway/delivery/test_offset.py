"""Notice that the clock was set, and know by which clock a time was read."""

from __future__ import annotations

import pytest

from gateway.clock import ManualClock
from gateway.delivery.offset import Offset

AT, NOW = 1_780_000_000.0, 5_000.0


def test_business_time_is_monotonic_time_and_the_offset() -> None:
    clock = ManualClock(AT, NOW)
    offset = Offset(clock)
    clock.advance(60.0)
    assert offset.look() == NOW + 60.0
    assert offset.look() + offset.current == clock.at()


@pytest.mark.parametrize("seconds", [-1.0, 3600.0, -86400.0, 10 * 365.25 * 86400.0])
def test_a_clock_that_is_set_moves_the_offset(seconds: float) -> None:
    clock = ManualClock(AT, NOW)
    offset = Offset(clock)
    before = offset.current
    clock.jump(seconds)
    now = offset.look()
    assert offset.current == before + seconds
    assert offset.of(AT, now) == before
    assert offset.of(clock.at(), now) == offset.current


def test_what_two_readings_differ_by_is_no_step() -> None:
    clock = ManualClock(AT, NOW)
    offset = Offset(clock)
    before = offset.current
    clock.jump(0.0005)
    offset.look()
    assert offset.current == before


class Interrupted(ManualClock):
    """Be kept waiting for a while each time business time has been asked for."""

    def at(self) -> float:
        self.advance(0.05)
        return super().at()


def test_an_interruption_between_the_readings_is_no_step() -> None:
    clock = Interrupted(AT, NOW)
    offset = Offset(clock)
    before = offset.current
    clock.jump(30.0)
    offset.look()
    assert offset.current == before
