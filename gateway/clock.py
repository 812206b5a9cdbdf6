"""Tell monotonic and business time: the machine's, or a test's.

Only this file reads the machine's clocks; everything else takes a `gateway.ports.Clock`.
"""

from __future__ import annotations

import time
from typing import Final


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
