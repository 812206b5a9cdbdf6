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
    StoreListener,
)


class MemoryStore:
    """Hold batches in a list; fail the way a disk does when told to."""

    def __init__(self, listener: StoreListener) -> None:
        self.batches: list[tuple[int, float, bytes]] = []
        self.closed = False
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
        for sequence, at, blob in self.batches[after_sequence:]:
            yield sequence, at, decode_batch(blob)

    def _commit(self, at: float, blob: bytes) -> None:
        if self._error is not None:
            self._listener.broken(self._error)
            return
        if not self._refusing:
            self.batches.append((len(self.batches) + 1, at, blob))
        self._listener.committed(Committed(not self._refusing, 0.0, len(self.batches)))


def open_memory_journal(
    clock: BusinessClock,
    *,
    on_failure: Callable[[Exception], None],
    observe: Callable[[CommitObserved], None] | None = None,
    limits: tuple[int, int] = (LIMIT_EVENTS, LIMIT_OCTETS),
) -> tuple[BatchingJournal, MemoryStore]:
    """Open an empty journal in memory; the store shows what it holds and can be made to fail."""
    journal = BatchingJournal(clock, on_failure=on_failure, observe=observe, limits=limits)
    store = MemoryStore(journal)
    journal.use(store)
    return journal, store
