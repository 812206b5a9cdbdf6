"""Run an event loop by a clock that a program moves, so that timers obey simulated time.

`loop.time()` is the clock's monotonic reading. What is due rings when the clock has come to it;
what the operating system does (the journal's process, the archiver, sockets) goes on as ever.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, Final, Protocol, TypeVar

_T = TypeVar("_T")

LOOK_S: Final = 0.05
"""Longest real wait of a loop: a clock moved from outside is noticed within it."""


class PacedClock(Protocol):
    """Say how simulated time passes."""

    def now(self) -> float:
        """Give simulated monotonic seconds."""

    @property
    def scale(self) -> float:
        """Give the simulated seconds in a real one; 0 where time only moves by orders."""


class SimulatedLoop(asyncio.SelectorEventLoop):
    """Ring timers when the simulated clock has come to them."""

    def __init__(self, clock: PacedClock) -> None:
        super().__init__(_PacedSelector(lambda: clock.scale))
        self._simulated_now = clock.now

    def time(self) -> float:
        """Give simulated monotonic seconds."""
        return self._simulated_now()


class _PacedSelector(selectors.DefaultSelector):
    """Wait for as long as simulated time takes, in real seconds."""

    def __init__(self, scale: Callable[[], float]) -> None:
        super().__init__()
        self._scale = scale

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is not None and timeout > 0.0:
            scale = self._scale()
            timeout = min(timeout / scale, LOOK_S) if scale > 0.0 else LOOK_S
        return super().select(timeout)


def run_simulated(main: Coroutine[Any, Any, _T], clock: PacedClock) -> _T:
    """Run a coroutine to its end on a loop of simulated time, as `asyncio.run` does."""
    with asyncio.Runner(loop_factory=lambda: SimulatedLoop(clock)) as runner:
        return runner.run(main)
