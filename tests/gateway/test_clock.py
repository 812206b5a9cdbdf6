from __future__ import annotations

import time

import pytest

from gateway.clock import ManualClock, SystemClock
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
