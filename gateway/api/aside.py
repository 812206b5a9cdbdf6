"""Do long reckoning in another thread, one at a time, with a line that is only so long.

Reckoning in threads shares one interpreter with the loop that serves SMPP: several at once would
end no sooner and slow everybody else down.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, TypeVar

from .ports import RefusedError

MOST_WAITING: Final = 64
_T = TypeVar("_T")


class Aside:
    """Give each piece of work its turn."""

    __slots__ = ("_most", "_turn", "_waiting")

    def __init__(self, most_waiting: int = MOST_WAITING) -> None:
        """`most_waiting` pieces of work wait for the one that is done; more are refused."""
        self._turn = asyncio.Lock()
        self._most = most_waiting
        self._waiting = 0

    async def run(self, work: Callable[[], _T]) -> _T:
        """Do the work when its turn comes. Raises RefusedError (503) when too many wait."""
        if self._waiting > self._most:
            wait = f"{self._waiting - 1} questions for figures wait, {self._most} allowed"
            raise RefusedError(503, f"{wait}: ask again later")
        self._waiting += 1
        try:
            async with self._turn:
                return await asyncio.to_thread(work)
        finally:
            self._waiting -= 1
