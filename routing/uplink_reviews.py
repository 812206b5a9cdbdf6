"""Keep the uplink messages that a person has to read, since they only mention a refusal."""

from __future__ import annotations

from typing import Final

from .registry_events import ReviewOpened, ReviewSettled

DECISIONS: Final = ("opt_out", "opt_out_all", "none")
"""What a person can read in a message; the refusal that follows has an event of its own."""


class UplinkReviews:
    """Hold the messages that wait for a person; changed by `apply` alone."""

    __slots__ = ("_waiting",)

    def __init__(self) -> None:
        """Start without any message."""
        self._waiting: dict[int, ReviewOpened] = {}

    def apply(self, event: ReviewOpened | ReviewSettled) -> None:
        """Take in one event.

        Raises ValueError for a decision that is none, and for a message that doesn't wait.
        """
        if isinstance(event, ReviewOpened):
            self._waiting[event.mo_id] = event
            return
        if event.decision not in DECISIONS:
            raise ValueError(f"decision {event.decision!r}: one of {', '.join(DECISIONS)}")
        if self._waiting.pop(event.mo_id, None) is None:
            raise ValueError(f"uplink message {event.mo_id}: not one that waits for a review")

    def waiting(self) -> tuple[ReviewOpened, ...]:
        """Give the messages that wait, the one received first in front."""
        return tuple(self._waiting.values())
