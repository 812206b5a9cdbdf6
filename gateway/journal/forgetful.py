"""Keep nothing: a journal for speed tests and throw-away simulators (durability "none").

It obeys the same contract about callbacks, so everything above it runs as it always does; only
nothing survives the process, and `smsgw serve` says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from gateway.ports import Carry
from routing.events import JournalEvent

from .batching import Follower


class ForgetfulJournal:
    """Answer every commit at once, with nothing stored."""

    def __init__(self, follower: Follower | None = None) -> None:
        self.failed: Exception | None = None
        self.sequence = 0
        self._loop = asyncio.get_running_loop()
        self._follower = follower

    def append(self, event: JournalEvent) -> None:
        """Forget one event."""
        self.extend((event,))

    def extend(self, events: Sequence[JournalEvent]) -> None:
        """Forget several events."""
        if self._follower is not None:
            noted = self._follower.look(events)
            if noted is not None:
                self._follower.stored(noted)

    def after_commit(self, callback: Callable[[bool], None]) -> None:
        """Run `callback(True)` in the next turn of the loop."""
        self._loop.call_soon(callback, True)

    def full(self) -> bool:
        return False

    def short_of_space(self) -> bool:
        return False

    async def retain(self, before: float, who: str, carry: Carry | None = None) -> tuple[str, ...]:
        """Have nothing to remove."""
        return ()

    async def flush(self) -> None:
        """Have nothing to wait for."""

    async def close(self) -> None:
        """Have nothing to close."""
