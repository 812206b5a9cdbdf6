"""State what the areas of the gateway need of each other, as small Protocols.

Areas never import one another; the composition root (`gateway.app`) hands each the objects that
fulfil these.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Protocol, TypeAlias

from routing.events import JournalEvent

Carry: TypeAlias = Callable[[int], Awaitable[int]]
"""Last batch of the months to be removed → the batch from which on their carry-over lies."""


class Clock(Protocol):
    """Tell both kinds of time."""

    def now(self) -> float:
        """Give monotonic seconds, for timers."""

    def at(self) -> float:
        """Give business time: UTC seconds since the epoch."""


class Journal(Protocol):
    """Append events and learn when they are on disk.

    `append` never blocks. Everything appended in one loop iteration (or while the last commit
    ran) becomes one batch and one durable commit off the loop. Callbacks run on the loop, in the
    order of their registration, after the commit and never before. When the fate of a batch is
    unknown (an fsync error can't be retried) the journal is dead: no callback runs again,
    `failed` holds the error, further events are ignored, and the process must stop.
    """

    @property
    def failed(self) -> BaseException | None:
        """Give the error that killed the journal, None while it lives."""

    def append(self, event: JournalEvent) -> None:
        """Add one event to the gathering batch."""

    def extend(self, events: Sequence[JournalEvent]) -> None:
        """Add several events to the gathering batch, in order."""

    def after_commit(self, callback: Callable[[bool], None]) -> None:
        """Run `callback(stored)` once everything appended so far has its answer.

        `stored` is True when it is on disk. It is False when the disk had no space: the events
        are not stored and never will be, unless their owner appends them again.
        """

    def full(self) -> bool:
        """Say whether to refuse new messages: too much waits for the disk, or space runs out.

        What must be recorded in any case (outcomes, acknowledgements) may still be appended: the
        gateway stops taking messages while some space is left.
        """

    async def retain(self, before: float, who: str, carry: Carry | None = None) -> tuple[str, ...]:
        """Keep what came from `before` on (UTC seconds), and remove the whole months before it.

        `carry` is called first, with the last batch that goes. It journals what must stay known,
        waits until that is on disk, and gives a batch from which on it lies there.

        Gives the months removed, oldest first: none when nothing ended by then, or when the
        record of the removal, which comes first and names `who`, found no space. Nothing that is
        open may be older; that is the caller's care. Raises ValueError for a `before` later than
        what has to be kept, and the error that killed the journal.
        """


class JournalReader(Protocol):
    """Read batches back, in order."""

    def read(self, after_sequence: int) -> Iterator[tuple[int, float, list[JournalEvent]]]:
        """Yield (sequence, at, events) of each batch after the given one."""
