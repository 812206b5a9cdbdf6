"""Tell monotonic and business time: the machine's, a simulation's, or a test's.

Only this file reads the machine's clocks; everything else takes a `gateway.ports.Clock`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

HIGHEST_SCALE: Final = 100_000.0


class SystemClock:
    """Read the machine's clocks.

    Both readings are the built-in functions themselves, without a Python frame around them: they
    are taken for every PDU.
    """

    __slots__ = ()

    now = staticmethod(time.monotonic)
    """Monotonic seconds, for timers."""

    at = staticmethod(time.time)  # noqa: TID251 - the one place that reads business time
    """Business time: UTC seconds since the epoch."""


class SimulatedClock:
    """Start at any time, run at any pace and be put forward, both readings alike.

    It never goes back. `scale` is the simulated seconds in a real one; at 0 it stands still.
    """

    __slots__ = ("_at", "_from", "_now", "_real", "scale")

    def __init__(self, at: float, real: Callable[[], float] = time.monotonic) -> None:
        """Run as fast as the machine's clock, from `at` on (UTC seconds since the epoch).

        `real` gives the machine's monotonic seconds.
        """
        self._real = real
        self._from = real()
        self._now = self._from
        self._at = at - self._from
        self.scale = 1.0

    def now(self) -> float:
        """Give simulated monotonic seconds."""
        return self._now + (self._real() - self._from) * self.scale

    def at(self) -> float:
        """Give simulated business time: UTC seconds since the epoch."""
        return self._at + self.now()

    def advance(self, seconds: float) -> None:
        """Put the clock forward. Raises ValueError when `seconds` is negative."""
        if not seconds >= 0:
            raise ValueError(f"advance: {seconds} s seen, 0 or more allowed: time never goes back")
        self._now += seconds

    def pace(self, scale: float) -> None:
        """Let it run so many times as fast as the machine's from now on.

        Raises ValueError for a scale that is negative or above `HIGHEST_SCALE`.
        """
        if not 0 <= scale <= HIGHEST_SCALE:
            raise ValueError(f"scale: {scale:g} seen, 0 to {HIGHEST_SCALE:g} allowed")
        self._now, self._from = self.now(), self._real()
        self.scale = scale


class ManualClock:
    """Stand still until told otherwise, so that months pass in milliseconds.

    `at` is business time (UTC seconds since the epoch), `now` monotonic seconds.
    """

    __slots__ = ("_at", "_now")

    scale: Final = 0.0
    """Simulated seconds in a real one (`gateway.simulation.loop`)."""

    def __init__(self, at: float = 0.0, now: float = 0.0) -> None:
        self._at = at
        self._now = now

    def now(self) -> float:
        """Give monotonic seconds, for timers."""
        return self._now

    def at(self) -> float:
        """Give business time: UTC seconds since the epoch."""
        return self._at

    def advance(self, seconds: float) -> None:
        """Let time pass: both readings move by `seconds`.

        Raises ValueError when `seconds` is negative: monotonic time never goes back.
        """
        if seconds < 0:
            raise ValueError(f"advance: {seconds} s seen, 0 or more allowed; jump() sets it back")
        self._at += seconds
        self._now += seconds

    def jump(self, seconds: float) -> None:
        """Set business time forward or back, as an operator or NTP does; timers don't notice."""
        self._at += seconds
