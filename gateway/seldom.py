"""Say now and then what happens often: what a peer can bring about must not fill a disk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

PERIOD_S: Final = 1.0


class Seldom:
    """Let one remark of each kind through in a period; kinds are a closed list of the caller's."""

    def __init__(self, now: Callable[[], float], period_s: float = PERIOD_S) -> None:
        """`now` gives monotonic seconds."""
        self._now = now
        self._period_s = period_s
        self._next: dict[str, float] = {}
        self._left_out: dict[str, int] = {}

    def due(self, kind: str) -> int | None:
        """Give how many were left out since the last one, or None when this one is to be, too."""
        now = self._now()
        if now < self._next.get(kind, now):
            self._left_out[kind] = self._left_out.get(kind, 0) + 1
            return None
        self._next[kind] = now + self._period_s
        return self._left_out.pop(kind, 0)
