"""Give out message ids: 63-bit numbers, unique for ever and across nodes without coordination.

From the highest bit: 41 bits of milliseconds since 2020-01-01 UTC (until 2089), 10 bits of node,
12 bits of counter. As a decimal an id has at most 19 digits, so it fits a message_id of
SMPP 3.4 §5.2.23 and a signed 64-bit column.

Ids of one source rise strictly. More than 4,096 in a millisecond, or a clock set back, let the
time part run ahead of the clock instead of waiting for it: the time in an id is a hint, its
order is a promise. After a restart the source starts above the highest id of the journal.
"""

from __future__ import annotations

from collections.abc import Callable

EPOCH_S = 1_577_836_800
"""2020-01-01T00:00:00Z in seconds since the Unix epoch."""

NODE_LIMIT = 1 << 10
_COUNTER_MASK = (1 << 12) - 1
_TIME_SHIFT = 22
_NODE_SHIFT = 12
_HIGHEST = (1 << 63) - 1


class MessageIds:
    """Give out rising ids for one node.

    `at` reads business time (seconds since the Unix epoch), `floor` is the highest id ever given
    out by this node as far as the journal knows. Raises ValueError for a node outside 0..1023
    or a floor outside 0..2**63-1.
    """

    __slots__ = ("_at", "_free", "_last", "_node", "_tick")

    def __init__(self, at: Callable[[], float], node: int = 0, floor: int = 0) -> None:
        if not 0 <= node < NODE_LIMIT:
            raise ValueError(f"node: {node} seen, 0 to {NODE_LIMIT - 1} allowed")
        if not 0 <= floor <= _HIGHEST:
            raise ValueError(f"floor: {floor} seen, 0 to {_HIGHEST} allowed")
        self._at = at
        self._node = node << _NODE_SHIFT
        self._tick = floor >> _TIME_SHIFT
        self._last = floor
        self._free = 0
        """How many ids are left in the millisecond `_tick`; 0 forces the next one."""

    def next(self) -> int:
        """Give one id above all earlier ones."""
        tick = int((self._at() - EPOCH_S) * 1000)
        if tick > self._tick or not self._free:
            return self._open(tick)
        self._free -= 1
        self._last += 1
        return self._last

    def next_many(self, count: int) -> list[int]:
        """Give `count` ids in rising order, above all earlier ones."""
        return [self.next() for _ in range(count)]

    def _open(self, tick: int) -> int:
        """Begin the first millisecond that is neither used up nor before the clock's."""
        self._tick = max(tick, self._tick + 1)
        self._free = _COUNTER_MASK
        self._last = self._tick << _TIME_SHIFT | self._node
        return self._last


def created_at(message_id: int) -> float:
    """Give the business time carried in an id, in seconds since the Unix epoch (a hint)."""
    return (message_id >> _TIME_SHIFT) / 1000 + EPOCH_S
