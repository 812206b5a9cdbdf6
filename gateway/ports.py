"""State what the areas of the gateway need of each other, as small Protocols.

Areas never import one another; the composition root (`gateway.app`) hands each the objects that
fulfil these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from routing.events import JournalEvent


class Clock(Protocol):
    """Tell both kinds of time."""

    def now(self) -> float:
        """Give monotonic seconds, for timers."""

    def at(self) -> float:
        """Give business time: UTC seconds since the epoch."""


class Journal(Protocol):
    """Append events and learn when they are on disk.

    `append` never blocks. Everything appended in one loop iteration (or while the last commit
    ran) becomes one batch and one durable commit off the loop. `on_durable` callbacks run on the
    loop, in the order of their appends, after the commit and never before. When a commit fails
    the journal is dead: no callback runs again, `failed` holds the error, and the process must
    stop (an fsync error can't be retried).
    """

    failed: BaseException | None

    def append(self, event: JournalEvent) -> None:
        """Add one event to the gathering batch."""

    def extend(self, events: list[JournalEvent]) -> None:
        """Add several events to the gathering batch, in order."""

    def after_commit(self, callback: Callable[[bool], None]) -> None:
        """Run `callback(stored)` once everything appended so far is on disk (True), or was

        refused for want of space and is not stored (False).
        """

    def full(self) -> bool:
        """Say whether the disk refused the last batch for want of space (see I15)."""


class JournalReader(Protocol):
    """Read batches back, in order."""

    def read(self, after_sequence: int) -> Iterator[tuple[int, float, list[JournalEvent]]]:
        """Yield (sequence, at, events) of each batch after the given one."""
