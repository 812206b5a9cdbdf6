"""Hold a message in flight: what was submitted and how far its delivery has come.

States follow SMPP 3.4 §5.2.28 (5.0 §4.7.15 adds SCHEDULED). A message is ENROUTE from its
acceptance to its one final outcome; after that it only waits for its receipts to be acknowledged.

    SCHEDULED ─► ENROUTE ─► DELIVERED | EXPIRED | DELETED | UNDELIVERABLE | ACCEPTED | UNKNOWN
                        └─► REJECTED                                               (no way back)

A million of these are in memory at once, so a message is one slotted structure without garbage
collector bookkeeping, `slimmed` shares the strings that repeat and the PDU is dropped as soon as
the journal has it.
"""

from __future__ import annotations

from copy import copy
from sys import intern
from typing import Final

import msgspec

from smpp.constants import MessageState

from .events import Attempted, Outcome, Replaced, Segment, Submission

SCHEDULED: Final = int(MessageState.SCHEDULED)
ENROUTE: Final = int(MessageState.ENROUTE)
DELIVERED: Final = int(MessageState.DELIVERED)
EXPIRED: Final = int(MessageState.EXPIRED)
DELETED: Final = int(MessageState.DELETED)
UNDELIVERABLE: Final = int(MessageState.UNDELIVERABLE)
ACCEPTED: Final = int(MessageState.ACCEPTED)
UNKNOWN: Final = int(MessageState.UNKNOWN)
REJECTED: Final = int(MessageState.REJECTED)

OUTCOMES: Final = frozenset(
    {DELIVERED, EXPIRED, DELETED, UNDELIVERABLE, ACCEPTED, UNKNOWN, REJECTED}
)
"""States a message can end in. UNKNOWN is one here: a message of which the network never reports
is closed with it, so that every message has exactly one outcome."""
TRANSITIONS: Final[dict[int, frozenset[int]]] = {
    SCHEDULED: frozenset({ENROUTE, EXPIRED, DELETED, REJECTED}),
    ENROUTE: OUTCOMES,
    **{state: frozenset[int]() for state in OUTCOMES},
}
"""State → the states that may follow it."""

_VERSION_5_0: Final = 0x50


class Message(msgspec.Struct, array_like=True, gc=False):
    """Be one message in flight. Times are business seconds; 0.0 means none yet.

    `due_at` is the next attempt's time (0.0: ask the network's `first_due`). `owed` has bit
    n − 1 set while the receipt of segment n is not acknowledged; it is set by the final outcome.
    `receipt_attempts` counts the sendings of the receipts still owed. `offset` is what the clock
    by which the other times were set was ahead of monotonic time; it means nothing on disk.
    """

    submission: Submission
    state: int = ENROUTE
    attempts: int = 0
    due_at: float = 0.0
    error: str = ""
    final_at: float = 0.0
    owed: int = 0
    receipt_attempts: int = 0
    offset: float = 0.0

    @property
    def message_id(self) -> int:
        """Give the id of the message, which is its first segment's."""
        return self.submission.message_id

    @property
    def final(self) -> bool:
        """Say whether the outcome is known."""
        return self.state > ENROUTE


def begin(submission: Submission) -> Message:
    """Put a submission in flight.

    One rejected at the receipt stage (accepted false, status 0) is final at once: REJECTED.
    The caller owes its receipts as after any outcome.
    """
    message = Message(submission)
    if not submission.accepted:
        message.state = REJECTED
        message.error = submission.error
        message.final_at = submission.at
    return message


def note_attempt(message: Message, event: Attempted) -> None:
    """Take in an attempt that failed for the moment; without effect on a final message."""
    if message.final or event.attempt < message.attempts:
        return
    message.attempts = event.attempt
    message.error = event.error
    message.due_at = event.next_at


def finish(message: Message, event: Outcome) -> bool:
    """Take in the final outcome; False when the message has one already.

    Raises ValueError when the outcome's state is not a final one.
    """
    if message.final:
        return False
    if event.state not in TRANSITIONS[message.state]:
        raise ValueError(
            f"outcome of message {event.message_id}: state {event.state}, "
            f"one of {sorted(TRANSITIONS[message.state])}"
        )
    message.state = event.state
    message.attempts = event.attempts
    message.error = event.error
    message.final_at = event.at
    return True


def revise(message: Message, event: Replaced) -> None:
    """Take in a replace_sm (SMPP 3.4 §4.10); without effect on a final message.

    The submission is copied, never changed: the journal may not have written it yet. A changed
    schedule moves the next attempt: before the first one `due_at` becomes 0.0, so that the
    network is asked again; later ones are only put off.
    """
    if message.final:
        return
    old = message.submission
    new = copy(old)
    new.text = event.text
    new.data_coding = event.data_coding
    new.registered_delivery = event.registered_delivery
    new.segment_count = event.segment_count
    new.validity_at = event.validity_at
    new.schedule_at = event.schedule_at
    message.submission = new
    if event.schedule_at != old.schedule_at:
        message.due_at = max(message.due_at, event.schedule_at) if message.attempts else 0.0


def slimmed(submission: Submission) -> Submission:
    """Give a copy for the time in flight: without the PDU, repeating strings shared."""
    slim = copy(submission)
    slim.pdu = b""
    slim.account = intern(submission.account)
    slim.service = intern(submission.service)
    slim.sender = intern(submission.sender)
    slim.carrier = intern(submission.carrier)
    slim.service_type = intern(submission.service_type)
    return slim


def release_pdu(message: Message) -> None:
    """Drop the PDU of a message whose submission is on disk; call it after the commit."""
    message.submission.pdu = b""


def segments_of(submission: Submission) -> tuple[Segment, ...]:
    """Give the segments, for a message of one PDU too."""
    if submission.segments:
        return submission.segments
    return (Segment(submission.message_id, 1, submission.registered_delivery, submission.wire_id),)


def queried_state(message: Message, at: float, interface_version: int) -> int:
    """Give the message_state that query_sm reports at `at`.

    Only SMPP 5.0 knows SCHEDULED; to others a message waiting for its schedule is ENROUTE.
    """
    waits = message.state == ENROUTE and at < message.submission.schedule_at
    return SCHEDULED if waits and interface_version >= _VERSION_5_0 else message.state
