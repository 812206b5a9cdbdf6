"""Fold events into what is still open: what a restart has to take up again.

Open are: messages without a final outcome, receipts without an acknowledgement, parts of
concatenated messages that wait for the others, uplink messages without an acknowledgement.
Everything else is forgotten as soon as it is closed.

The fold depends on nothing but the events and their order. Each event may come twice in a row,
and any stretch of the journal may be folded again after it was folded once, in order: both end in
the same state. So an archive that is ahead of its checkpoint does no harm.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from .events import (
    Attempted,
    JournalEvent,
    MoAcknowledged,
    MoDropped,
    MoReceived,
    MoRefused,
    Outcome,
    ReceiptAcknowledged,
    ReceiptDropped,
    ReceiptRefused,
    Replaced,
    Segment,
    SegmentHeld,
    Submission,
)
from .message import Message, begin, finish, note_attempt, revise
from .receipts import Multipart, owe, settle


class OpenMo(msgspec.Struct, array_like=True, gc=False):
    """Be one uplink message that its account hasn't acknowledged."""

    received: MoReceived
    attempts: int = 0


_ENCODER: Final = msgspec.msgpack.Encoder()
_MESSAGES: Final = msgspec.msgpack.Decoder(
    tuple[
        int, float, str, str, str, str, str, str,
        int, int, int, float, float,
        int, int, int, int, int, str,
        tuple[Segment, ...], str, str, str, int,
        int, int, float, str, float, int, int, float,
    ]
)  # fmt: skip
"""The fields of a message, in the order of `routing.message.FIELDS`."""


def encode_open(message: Message) -> bytes:
    """Write an open message compactly, for the archive."""
    return _ENCODER.encode(message.values())


def decode_open(blob: bytes) -> Message:
    """Read a message written by `encode_open`. Raises msgspec.DecodeError when it isn't one."""
    return Message(*_MESSAGES.decode(blob))


class OpenMessages:
    """Hold what is open.

    `messages` is keyed by message id, `held` by the id of the waiting part, `mo` by uplink id.
    """

    __slots__ = ("_handlers", "_multipart", "_whole", "held", "messages", "mo")

    def __init__(self, multipart: Mapping[str, Multipart] | None = None) -> None:
        """Begin empty. `multipart` is the receipt policy by account; others get `segment`."""
        self.messages: dict[int, Message] = {}
        self.held: dict[int, SegmentHeld] = {}
        self.mo: dict[int, OpenMo] = {}
        self._multipart: Mapping[str, Multipart] = multipart or {}
        self._whole: dict[int, int] = {}
        # Each handler takes the one event class that it is listed under.
        self._handlers: dict[type, Callable[[Any], None]] = {
            Submission: self._submission,
            SegmentHeld: self._segment_held,
            Attempted: self._attempted,
            Outcome: self._outcome,
            Replaced: self._replaced,
            ReceiptAcknowledged: self._receipt_closed,
            ReceiptDropped: self._receipt_closed,
            ReceiptRefused: self._receipt_refused,
            MoReceived: self._mo_received,
            MoAcknowledged: self._mo_closed,
            MoDropped: self._mo_closed,
            MoRefused: self._mo_refused,
        }

    def apply(self, event: JournalEvent) -> None:
        """Take in one event; those that open or close nothing are passed over.

        The event isn't changed and not kept, except a SegmentHeld and a MoReceived.
        """
        handler = self._handlers.get(type(event))
        if handler is not None:
            handler(event)

    def restore(self, message: Message) -> None:
        """Put back a message read from the archive."""
        self.messages[message.message_id] = message
        for segment in message.segments:
            self._whole[segment.message_id] = message.message_id

    def message_of(self, segment_id: int) -> Message | None:
        """Give the open message that a segment's id (or the message's own) belongs to."""
        return self.messages.get(self._whole.get(segment_id, segment_id))

    def _submission(self, event: Submission) -> None:
        for segment in event.segments:
            self.held.pop(segment.message_id, None)
        if event.message_id in self.messages or (not event.accepted and event.status):
            return
        message = begin(event)
        if message.final and not owe(message, self._policy(event.account)):
            return
        self.restore(message)

    def _segment_held(self, event: SegmentHeld) -> None:
        if event.message_id not in self._whole:
            self.held[event.message_id] = event

    def _attempted(self, event: Attempted) -> None:
        message = self.messages.get(event.message_id)
        if message is not None:
            note_attempt(message, event)

    def _outcome(self, event: Outcome) -> None:
        message = self.messages.get(event.message_id)
        if message is None or not finish(message, event):
            return
        if not owe(message, self._policy(message.account)):
            self.forget(message)

    def _replaced(self, event: Replaced) -> None:
        message = self.messages.get(event.message_id)
        if message is not None:
            revise(message, event)

    def _receipt_closed(self, event: ReceiptAcknowledged | ReceiptDropped) -> None:
        message = self.message_of(event.message_id)
        if message is not None and settle(message, event.message_id) and not message.owed:
            self.forget(message)

    def _receipt_refused(self, event: ReceiptRefused) -> None:
        message = self.message_of(event.message_id)
        if message is not None:
            message.receipt_attempts = max(message.receipt_attempts, event.attempts)

    def _mo_received(self, event: MoReceived) -> None:
        if event.mo_id not in self.mo:
            self.mo[event.mo_id] = OpenMo(event)

    def _mo_closed(self, event: MoAcknowledged | MoDropped) -> None:
        self.mo.pop(event.mo_id, None)

    def _mo_refused(self, event: MoRefused) -> None:
        waiting = self.mo.get(event.mo_id)
        if waiting is not None:
            waiting.attempts = max(waiting.attempts, event.attempts)

    def _policy(self, account: str) -> Multipart:
        return self._multipart.get(account, "segment")

    def forget(self, message: Message) -> None:
        """Let go of a message that is closed; harmless when it is gone already."""
        self.messages.pop(message.message_id, None)
        for segment in message.segments:
            self._whole.pop(segment.message_id, None)
