"""Keep a journal in memory, for tests and for gateways that shall leave nothing behind.

It keeps the same promises as the one on disk, as far as memory can: the same batching, the same
order of answers, the same failures on demand.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

from routing.events import JournalEvent, decode_batch

from .batching import (
    LIMIT_EVENTS,
    LIMIT_OCTETS,
    BatchingJournal,
    BusinessClock,
    CommitObserved,
    Committed,
    Follower,
    StoreListener,
    everything,
)
from .files import month_ends, month_of
from .retention import Ended


class MemoryStore:
    """Hold batches in a list; fail the way a disk does when told to."""

    def __init__(self, listener: StoreListener) -> None:
        self.batches: list[tuple[int, float, bytes]] = []
        self.closed = False
        self._sequence = 0
        self._listener = listener
        self._loop = asyncio.get_running_loop()
        self._refusing = False
        self._error: Exception | None = None

    def begin(self, at: float, blob: bytes) -> None:
        """Take a batch; answer in the next turn of the loop."""
        self._loop.call_soon(self._commit, at, blob)

    async def close(self, at: float) -> None:
        """Take no more batches."""
        self.closed = True

    def refuse(self, short: bool) -> None:
        """Behave like a full disk until told that space is back."""
        self._refusing = short
        self._listener.space(short)

    def break_down(self, error: Exception) -> None:
        """Fail the next commit the way a broken disk does."""
        self._error = error

    def read(self, after_sequence: int) -> Iterator[tuple[int, float, list[JournalEvent]]]:
        """Yield (sequence, at, events) of each batch after the given one."""
        for sequence, at, blob in self.batches:
            if sequence > after_sequence:
                yield sequence, at, decode_batch(blob)

    async def ended(self, before: float) -> Ended:
        """Find the months that ended by `before`, without the newest."""
        months = sorted({month_of(at) for _sequence, at, _blob in self.batches})[:-1]
        found = tuple(month for month in months if month_ends(month) <= before)
        inside = [sequence for sequence, at, _blob in self.batches if month_of(at) in found]
        return Ended(found, max(inside, default=0))

    async def remove(self, months: tuple[str, ...]) -> None:
        """Forget those months."""
        self.batches = [batch for batch in self.batches if month_of(batch[1]) not in months]

    def _commit(self, at: float, blob: bytes) -> None:
        if self._error is not None:
            self._listener.broken(self._error)
            return
        if not self._refusing:
            self._sequence += 1
            self.batches.append((self._sequence, at, blob))
        self._listener.committed(Committed(not self._refusing, 0.0, self._sequence))


def open_memory_journal(
    clock: BusinessClock,
    *,
    on_failure: Callable[[Exception], None],
    observe: Callable[[CommitObserved], None] | None = None,
    limits: tuple[int, int] = (LIMIT_EVENTS, LIMIT_OCTETS),
    kept_from: Callable[[float], float] = everything,
    follower: Follower | None = None,
) -> tuple[BatchingJournal, MemoryStore]:
    """Open an empty journal in memory; the store shows what it holds and can be made to fail."""
    journal = BatchingJournal(
        clock,
        on_failure=on_failure,
        observe=observe,
        limits=limits,
        kept_from=kept_from,
        follower=follower,
    )
    store = MemoryStore(journal)
    journal.use(store, store)
    return journal, store
