"""Track the highest numbers in the journal, above which a restarted gateway goes on."""

from __future__ import annotations

from typing import Final

from routing.events import Bound, JournalEvent, MoReceived, SegmentHeld, Submission

from .database import Progress

_SHORT_DIGITS: Final = 8


class Highest:
    """Hold the highest message, session and short ids seen."""

    __slots__ = ("message_id", "session_id", "short_id")

    def __init__(self, message_id: int = 0, session_id: int = 0, short: int = 0) -> None:
        self.message_id = message_id
        self.session_id = session_id
        self.short_id = short

    @classmethod
    def after(cls, progress: Progress) -> Highest:
        """Go on from the archive's progress."""
        return cls(progress.highest_id, progress.highest_session_id, progress.highest_short_id)

    def note(self, event: JournalEvent) -> None:
        """Take in one event."""
        if isinstance(event, Submission | SegmentHeld):
            self._id(event.message_id, event.wire_id)
            if isinstance(event, Submission):
                for segment in event.segments:
                    self._id(segment.message_id, segment.wire_id)
        elif isinstance(event, MoReceived):
            self._id(event.mo_id, "")
        elif isinstance(event, Bound):
            self.session_id = max(self.session_id, event.session_id)

    def progress(self, sequence: int, digest: bytes) -> Progress:
        """Give the archive's progress at a batch."""
        return Progress(sequence, digest, self.message_id, self.session_id, self.short_id)

    def _id(self, message_id: int, wire_id: str) -> None:
        self.message_id = max(self.message_id, message_id)
        if wire_id:
            self.short_id = max(self.short_id, short_id(wire_id))


def short_id(wire_id: str) -> int:
    """Read a wire id of at most 8 hexadecimal digits as a number; 0 when it is none.

    Ids of at most 8 octets are for ESMEs that bound with a version before 3.4 (SMPP 3.4 §3.4).
    """
    if not 0 < len(wire_id) <= _SHORT_DIGITS:
        return 0
    try:
        return int(wire_id, 16)
    except ValueError:
        return 0
