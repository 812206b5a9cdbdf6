"""Hold a message in flight: what was submitted and how far its delivery has come.

States follow SMPP 3.4 §5.2.28 (5.0 §4.7.15 adds SCHEDULED). A message is ENROUTE from its
acceptance to its one final outcome; after that it only waits for its receipts to be acknowledged.

    SCHEDULED ─► ENROUTE ─► DELIVERED | EXPIRED | DELETED | UNDELIVERABLE | ACCEPTED | UNKNOWN
                        └─► REJECTED                                               (no way back)

A million of these are in memory at once, and each is read some fifty times on its way. So a message
keeps, of its submission, what its delivery and its receipts need and nothing else, and is a plain
class: compiled, its attributes are read without a look-up, and the garbage collector leaves it
alone.
"""

from __future__ import annotations

from sys import intern
from typing import Final

from mypy_extensions import mypyc_attr, u8

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


FIELDS: Final = (
    "message_id",
    "at",
    "account",
    "service",
    "sender",
    "recipient",
    "carrier",
    "text",
    "data_coding",
    "esm_class",
    "registered_delivery",
    "validity_at",
    "schedule_at",
    "interface_version",
    "source_ton",
    "source_npi",
    "dest_ton",
    "dest_npi",
    "service_type",
    "segments",
    "wire_id",
    "fault",
    "reason",
    "segment_count",
    "state",
    "attempts",
    "due_at",
    "error",
    "final_at",
    "owed",
    "receipt_attempts",
    "offset",
)
"""A message's attributes, in the order of its constructor's arguments."""


@mypyc_attr(acyclic=True)
class Message:  # noqa: PLW1641  # it changes, so it has no hash
    """Be one message in flight. Times are business seconds; 0.0 means none yet.

    Up to `segment_count` the fields are those of the submission (routing.events); `reason` is
    other than "none" for a message rejected at the receipt stage. `due_at` is the next attempt's
    time (0.0: ask the network's `first_due`). `owed` has bit n − 1 set while the receipt of
    segment n is not acknowledged; it is set by the final outcome. `receipt_attempts` counts the
    sendings of the receipts still owed. `offset` is what the clock by which the other times were
    set was ahead of monotonic time; it means nothing on disk.
    """

    __slots__ = FIELDS

    def __init__(  # noqa: PLR0913, PLR0917  # one argument for each field
        self,
        message_id: int,
        at: float,
        account: str,
        service: str,
        sender: str,
        recipient: str,
        carrier: str,
        text: str,
        data_coding: u8,
        esm_class: u8,
        registered_delivery: u8,
        validity_at: float,
        schedule_at: float,
        interface_version: u8,
        source_ton: u8,
        source_npi: u8,
        dest_ton: u8,
        dest_npi: u8,
        service_type: str,
        segments: tuple[Segment, ...] = (),
        wire_id: str = "",
        fault: str = "",
        reason: str = "none",
        segment_count: int = 1,
        state: u8 = ENROUTE,
        attempts: int = 0,
        due_at: float = 0.0,
        error: str = "",
        final_at: float = 0.0,
        owed: int = 0,
        receipt_attempts: int = 0,
        offset: float = 0.0,
    ) -> None:
        self.message_id = message_id
        self.at = at
        self.account = account
        self.service = service
        self.sender = sender
        self.recipient = recipient
        self.carrier = carrier
        self.text = text
        self.data_coding = data_coding
        self.esm_class = esm_class
        self.registered_delivery = registered_delivery
        self.validity_at = validity_at
        self.schedule_at = schedule_at
        self.interface_version = interface_version
        self.source_ton = source_ton
        self.source_npi = source_npi
        self.dest_ton = dest_ton
        self.dest_npi = dest_npi
        self.service_type = service_type
        self.segments = segments
        self.wire_id = wire_id
        self.fault = fault
        self.reason = reason
        self.segment_count = segment_count
        self.state = state
        self.attempts = attempts
        self.due_at = due_at
        self.error = error
        self.final_at = final_at
        self.owed = owed
        self.receipt_attempts = receipt_attempts
        self.offset = offset

    @property
    def final(self) -> bool:
        """Say whether the outcome is known."""
        return self.state > ENROUTE

    def values(self) -> list[object]:
        """Give all fields, in the order of `FIELDS`."""
        return [
            self.message_id,
            self.at,
            self.account,
            self.service,
            self.sender,
            self.recipient,
            self.carrier,
            self.text,
            self.data_coding,
            self.esm_class,
            self.registered_delivery,
            self.validity_at,
            self.schedule_at,
            self.interface_version,
            self.source_ton,
            self.source_npi,
            self.dest_ton,
            self.dest_npi,
            self.service_type,
            self.segments,
            self.wire_id,
            self.fault,
            self.reason,
            self.segment_count,
            self.state,
            self.attempts,
            self.due_at,
            self.error,
            self.final_at,
            self.owed,
            self.receipt_attempts,
            self.offset,
        ]

    def twin(self) -> Message:
        """Give a copy that shares nothing that changes."""
        return Message(
            self.message_id,
            self.at,
            self.account,
            self.service,
            self.sender,
            self.recipient,
            self.carrier,
            self.text,
            self.data_coding,
            self.esm_class,
            self.registered_delivery,
            self.validity_at,
            self.schedule_at,
            self.interface_version,
            self.source_ton,
            self.source_npi,
            self.dest_ton,
            self.dest_npi,
            self.service_type,
            self.segments,
            self.wire_id,
            self.fault,
            self.reason,
            self.segment_count,
            self.state,
            self.attempts,
            self.due_at,
            self.error,
            self.final_at,
            self.owed,
            self.receipt_attempts,
            self.offset,
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Message) and self.values() == other.values()

    def __repr__(self) -> str:
        named = zip(FIELDS, self.values(), strict=True)
        return f"Message({', '.join(f'{name}={value!r}' for name, value in named)})"


def begin(submission: Submission) -> Message:
    """Put a submission in flight; strings that repeat are shared.

    One rejected at the receipt stage (accepted false, status 0) is final at once: REJECTED.
    The caller owes its receipts as after any outcome.
    """
    message = Message(
        submission.message_id,
        submission.at,
        intern(submission.account),
        intern(submission.service),
        intern(submission.sender),
        submission.recipient,
        intern(submission.carrier),
        submission.text,
        submission.data_coding,
        submission.esm_class,
        submission.registered_delivery,
        submission.validity_at,
        submission.schedule_at,
        submission.interface_version,
        submission.source_ton,
        submission.source_npi,
        submission.dest_ton,
        submission.dest_npi,
        intern(submission.service_type),
        submission.segments,
        submission.wire_id,
        submission.fault,
        submission.reason,
        submission.segment_count,
    )
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

    A changed schedule moves the next attempt: before the first one `due_at` becomes 0.0, so that
    the network is asked again; later ones are only put off.
    """
    if message.final:
        return
    before = message.schedule_at
    message.text = event.text
    message.data_coding = event.data_coding
    message.registered_delivery = event.registered_delivery
    message.segment_count = event.segment_count
    message.validity_at = event.validity_at
    message.schedule_at = event.schedule_at
    if event.schedule_at != before:
        message.due_at = max(message.due_at, event.schedule_at) if message.attempts else 0.0


def take_back(message: Message, before: Message) -> None:
    """Give a message again what `revise` changed of its content and times, as they were."""
    message.text = before.text
    message.data_coding = before.data_coding
    message.registered_delivery = before.registered_delivery
    message.segment_count = before.segment_count
    message.validity_at = before.validity_at
    message.schedule_at = before.schedule_at


def segments_of(message: Message) -> tuple[Segment, ...]:
    """Give the segments, for a message of one PDU too."""
    if message.segments:
        return message.segments
    return (Segment(message.message_id, 1, message.registered_delivery, message.wire_id),)


def queried_state(message: Message, at: float, interface_version: int) -> int:
    """Give the message_state that query_sm reports at `at`.

    Only SMPP 5.0 knows SCHEDULED; to others a message waiting for its schedule is ENROUTE.
    """
    waits = message.state == ENROUTE and at < message.schedule_at
    return SCHEDULED if waits and interface_version >= _VERSION_5_0 else message.state
