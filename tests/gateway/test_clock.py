from __future__ import annotations

import time

import pytest

from gateway.clock import HIGHEST_SCALE, ManualClock, SimulatedClock, SystemClock
from gateway.ports import Clock


def test_the_system_clock_reads_both_clocks_of_the_machine() -> None:
    clock: Clock = SystemClock()
    before = (time.monotonic(), time.time())  # noqa: TID251 - compared with the machine's clock
    read = (clock.now(), clock.at())
    after = (time.monotonic(), time.time())  # noqa: TID251 - compared with the machine's clock
    assert before[0] <= read[0] <= after[0]
    assert before[1] <= read[1] <= after[1]


def test_a_manual_clock_stands_still_until_advanced() -> None:
    clock = ManualClock(at=1000.0, now=5.0)
    assert (clock.at(), clock.now()) == (1000.0, 5.0)
    clock.advance(2.5)
    assert (clock.at(), clock.now()) == (1002.5, 7.5)


def test_a_jump_of_business_time_leaves_timers_alone() -> None:
    clock: ManualClock = ManualClock(at=1000.0, now=5.0)
    clock.jump(-86_400)
    assert (clock.at(), clock.now()) == (-85_400.0, 5.0)


def test_monotonic_time_never_goes_back() -> None:
    with pytest.raises(ValueError, match=r"-1 s seen, 0 or more allowed"):
        ManualClock().advance(-1)


class Seconds:
    """Be the machine's clock, moved by hand."""

    def __init__(self) -> None:
        self.now = 7.0

    def __call__(self) -> float:
        return self.now


def test_a_simulated_clock_runs_from_its_start_as_fast_as_the_machine() -> None:
    real = Seconds()
    clock: SimulatedClock = SimulatedClock(1000.0, real)
    real.now += 2.5
    assert (clock.at(), clock.now()) == (1002.5, 9.5)


def test_a_simulated_clock_is_put_forward_and_paced_without_a_step() -> None:
    real = Seconds()
    clock = SimulatedClock(1000.0, real)
    clock.advance(3600.0)
    clock.pace(60.0)
    assert clock.at() == 4600.0
    real.now += 1.0
    assert (clock.at(), clock.now()) == (4660.0, 3667.0)
    clock.pace(0.0)
    real.now += 50.0
    assert clock.at() == 4660.0


def test_a_simulated_clock_never_goes_back() -> None:
    clock = SimulatedClock(0.0)
    with pytest.raises(ValueError, match="time never goes back"):
        clock.advance(-1.0)
    for scale in (-1.0, HIGHEST_SCALE * 2, float("nan")):
        with pytest.raises(ValueError, match="0 to 100000 allowed"):
            clock.pace(scale)
