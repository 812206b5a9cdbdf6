"""Know what the journal has of messages whose replacements wait for the disk.

A replacement holds at once, so that an attempt from then on carries what the journal says from then
on. When a full disk refuses it, the message goes back to what the journal has, with those of its
replacements that may still be stored; also when it has become final meanwhile, since its receipts
must say the same after a restart, which knows nothing but the journal.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from routing.events import Replaced
from routing.message import Message, revise, take_back


@dataclass(slots=True)
class _Known:
    """Hold a message as the journal has it, and its replacements without an answer, in order."""

    stored: Message
    waiting: deque[Replaced] = field(default_factory=deque)


class Replacements:
    """Own the replacements on their way to the disk; their answers come in order."""

    def __init__(self) -> None:
        self._known: dict[int, _Known] = {}

    def begin(self, message: Message, event: Replaced) -> None:
        """Let a replacement hold from here on; the caller journals it."""
        known = self._known.get(message.message_id)
        if known is None:
            known = self._known[message.message_id] = _Known(message.twin())
        known.waiting.append(event)
        revise(message, event)

    def stored(self, message: Message) -> None:
        """Learn that the oldest waiting replacement of a message is on disk."""
        known, event = self._answered(message)
        revise(known.stored, event)

    def refused(self, message: Message) -> bool:
        """Take back the oldest waiting replacement of a message.

        True when its next attempt has to be planned again; an attempt that was made meanwhile
        has set the time of the next one.
        """
        known, _event = self._answered(message)
        found = known.stored.twin()
        for event in known.waiting:
            revise(found, event)
        take_back(message, found)
        if message.final or message.attempts != found.attempts:
            return False
        message.due_at = found.due_at
        return True

    def _answered(self, message: Message) -> tuple[_Known, Replaced]:
        known = self._known[message.message_id]
        event = known.waiting.popleft()
        if not known.waiting:
            del self._known[message.message_id]
        return known, event
