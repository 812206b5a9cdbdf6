"""Know how far business time is ahead of monotonic time, and notice when the clock is set.

A message's times (submission, schedule, validity) are business times of the clock as it was when
the message came. `Message.offset` keeps that clock's distance from monotonic time, so that
"monotonic time + offset" is the message's own business time to its end: setting the clock, a leap
second or a correction by NTP makes nothing early, late or expired.
"""

from __future__ import annotations

from gateway.ports import Clock

STEP_S = 0.001
"""A smaller difference is no step: the two clocks are read one after the other."""


class Offset:
    """Follow the distance from monotonic to business time."""

    __slots__ = ("_before", "_clock", "current")

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        now = clock.now()
        self.current = clock.at() - now
        self._before = self.current

    def look(self) -> float:
        """Read both clocks and give the monotonic time; `current` holds after it."""
        clock = self._clock
        now = clock.now()
        found = clock.at() - now
        # Interrupted between the two readings, we would see a step that is none.
        if abs(found - self.current) > STEP_S and clock.now() - now <= STEP_S:
            self._before, self.current = self.current, found
        return now

    def of(self, at: float, now: float) -> float:
        """Give the offset that held when the business time `at` was read, a moment before `now`.

        Between the reading and the commit of a submission the clock may have been set.
        """
        if abs(now + self.current - at) <= abs(now + self._before - at):
            return self.current
        return self._before
