"""Keep what is due later in coarse buckets of time.

A heap of a million entries costs a comparison chain per entry; here an entry costs one list
append, and only the bucket numbers live in a heap. Entries of one bucket keep their order.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Generic, TypeVar

T = TypeVar("T")


class Wheel(Generic[T]):
    """Hold items by due time, in buckets of `tick_s` seconds; times are monotonic seconds."""

    __slots__ = ("_buckets", "_count", "_taken", "_ticks", "tick_s")

    def __init__(self, tick_s: float = 0.01) -> None:
        self.tick_s = tick_s
        self._buckets: dict[int, list[T]] = {}
        self._ticks: list[int] = []
        self._taken: dict[int, int] = {}
        """Tick → items at the beginning of its bucket that were given out already."""
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, due: float, item: T) -> None:
        """Keep `item` until `due`; it is given out at the end of that bucket's tick."""
        tick = int(due / self.tick_s) + 1
        bucket = self._buckets.get(tick)
        if bucket is None:
            self._buckets[tick] = [item]
            heappush(self._ticks, tick)
        else:
            bucket.append(item)
        self._count += 1

    def next_due(self) -> float | None:
        """Give the time at which `take` has something, None when empty."""
        return self._ticks[0] * self.tick_s if self._ticks else None

    def take(self, now: float, most: int) -> list[T]:
        """Remove and give up to about `most` due items, oldest bucket first.

        A bucket larger than what is left of `most` is cut; its rest stays due.
        """
        taken: list[T] = []
        ticks = self._ticks
        while ticks and len(taken) < most and ticks[0] * self.tick_s <= now:
            tick = ticks[0]
            bucket = self._buckets[tick]
            start = self._taken.pop(tick, 0)
            end = start + most - len(taken)
            taken += bucket[start:end]
            if end >= len(bucket):
                del self._buckets[heappop(ticks)]
            else:
                self._keep_rest(tick, bucket, end)
        self._count -= len(taken)
        return taken

    def _keep_rest(self, tick: int, bucket: list[T], end: int) -> None:
        # Moving the rest to the front each time would cost the square of a large bucket.
        if end > len(bucket) // 2:
            del bucket[:end]
        else:
            self._taken[tick] = end
