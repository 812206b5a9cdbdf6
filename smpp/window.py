"""Keep the requests of ours that the peer has not answered, with their deadlines.

All requests of a session share one response time, so the oldest is always the first to run out:
an insertion-ordered dict is the whole timer structure.
"""

from __future__ import annotations

from typing import Final

from .constants import BindMode


class Window:
    """Hold outstanding requests by sequence_number (SMPP 3.4 §2.7, §2.9)."""

    __slots__ = ("_outstanding", "limit", "response_s")

    def __init__(self, limit: int, response_s: float) -> None:
        self.limit = limit
        self.response_s = response_s
        self._outstanding: dict[int, tuple[object, float]] = {}

    def __len__(self) -> int:
        return len(self._outstanding)

    def __contains__(self, sequence_number: int) -> bool:
        return sequence_number in self._outstanding

    @property
    def free(self) -> int:
        """Count the requests that may still be sent before the limit is reached."""
        return self.limit - len(self._outstanding)

    def add(self, sequence_number: int, context: object, now: float) -> None:
        self._outstanding[sequence_number] = (context, now)

    def take(self, sequence_number: int) -> tuple[object, float] | None:
        """Remove and give (context, sent at) of the request a response names; None if unknown."""
        return self._outstanding.pop(sequence_number, None)

    def next_deadline(self) -> float | None:
        """Give the time at which the oldest request runs out of patience."""
        for _context, sent_at in self._outstanding.values():
            return sent_at + self.response_s
        return None

    def expire(self, now: float) -> list[tuple[int, object, float]]:
        """Remove and give every (sequence_number, context, sent at) whose time has run out."""
        expired: list[tuple[int, object, float]] = []
        for sequence_number, (context, sent_at) in self._outstanding.items():
            if sent_at + self.response_s > now:
                break
            expired.append((sequence_number, context, sent_at))
        for sequence_number, _context, _sent_at in expired:
            del self._outstanding[sequence_number]
        return expired

    def drain(self) -> list[tuple[int, object, float]]:
        """Remove and give everything outstanding, oldest first (the session has ended)."""
        drained = [
            (sequence_number, context, sent_at)
            for sequence_number, (context, sent_at) in self._outstanding.items()
        ]
        self._outstanding.clear()
        return drained


class OwnRequest:
    """Mark requests of the session's own; `ends` is why it closes when one is not answered."""

    __slots__ = ("ends",)

    def __init__(self, ends: str) -> None:
        self.ends: Final = ends


ENQUIRE: Final = OwnRequest("enquire_link")
UNBIND: Final = OwnRequest("unbind_by_us")


class BindRequest:
    """Remember the mode asked for, beside the caller's own context."""

    __slots__ = ("context", "mode")

    def __init__(self, mode: BindMode, context: object) -> None:
        self.mode: Final = mode
        self.context: Final = context


def callers_context(context: object) -> object:
    """Give the context that the caller handed in with a request."""
    return context.context if isinstance(context, BindRequest) else context
