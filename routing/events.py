"""Name everything the journal can record: one frozen-by-use structure per kind of fact.

The journal is the only truth, so this file is the schema of everything that is ever shown,
billed or proved. Rules for changing it:

1. An event is encoded as a MessagePack array whose first element is its integer tag. Fields are
   positional: append new ones at the end, with a default; never reorder, remove or reuse a tag.
2. Times named `at` are business time, UTC seconds since the epoch (float, from the passed clock).
3. `message_id` is the gateway's own 63-bit number (see `gateway.ids`); what the ESME sees is its
   dialect form, kept in `wire_id` only where it can't be derived from the number.
4. Structures hold atoms and tuples of atoms, so the garbage collector need not track them
   (`gc=False`): a million messages in flight cost no collection pauses.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias, get_args

import msgspec

from .alert_events import AlertEvent
from .assessment_events import AssessmentEvent
from .breach_events import BreachEvent
from .event import Event
from .office_events import OfficeEvent
from .registry_events import RegistryEvent
from .settlement_events import SettlementEvent
from .standing_events import ScopeEvent, StandingEvent
from .template_events import TemplateEvent


class Failure(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """Say why one check failed: the reason name, its mode and a sentence for the developer.

    `reason` is one of the closed list of `routing.reasons`, whose table gives clause and status.
    `mode` is "enforce" or "monitor" (recorded, message accepted).
    """

    reason: str
    mode: str
    detail: str
    detail_zh: str = ""
    seen: str = ""
    """The span of the text or the value that decided."""
    allowed: str = ""
    """The nearest value that would have passed."""
    rows: tuple[int, ...] | None = None
    """Rows of clause 7.3 that it shows; None: those of its reason."""


class Segment(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """Describe one PDU's worth of a concatenated message, in the order of `index` (from 1)."""

    message_id: int
    index: int
    registered_delivery: int
    wire_id: str = ""


class Submission(Event, tag=1, gc=False):
    """Record what an ESME submitted and what the checks said: the verdict is part of it.

    One Submission is one message: a single submit_sm, one destination of a submit_multi, or a
    concatenated message after reassembly (then `segments` names each part and `message_id` is
    the first part's). `accepted` with an empty `failures` is the common case.
    `status` is the command_status answered (0 for accepted; for a message rejected after
    reassembly it is 0 as well, and the receipt says REJECTD with `error`).
    """

    message_id: int
    account: str
    session_id: int
    sequence_number: int
    service: str
    sender: str
    recipient: str
    text: str
    data_coding: int
    esm_class: int
    registered_delivery: int
    protocol_id: int = 0
    priority: int = 0
    segment_count: int = 1
    """Segments billed for this message by the contract's counting rule."""
    validity_at: float = 0.0
    """Business time at which the message expires."""
    schedule_at: float = 0.0
    """Business time of a scheduled delivery; 0 = at once."""
    carrier: str = ""
    accepted: bool = True
    status: int = 0
    reason: str = "none"
    error: str = ""
    """Three-character receipt error of a message rejected at the receipt stage."""
    failures: tuple[Failure, ...] = ()
    segments: tuple[Segment, ...] = ()
    wire_id: str = ""
    service_type: str = ""
    user_message_reference: int = -1
    rules: int = 0
    """Version of the contract and settings in force (see ContractLoaded)."""
    fault: str = ""
    """Name of the injected fault or magic number that touched this message."""
    source_ton: int = 0
    source_npi: int = 0
    dest_ton: int = 0
    dest_npi: int = 0
    pdu: bytes = b""
    """The submit PDU as received (the parts' PDUs one after another)."""
    interface_version: int = 0x34
    """Of the submitting session: registered_delivery value 3 means something from 0x50 on."""


class SegmentHeld(Event, tag=2, gc=False):
    """Record one part of a concatenated message that waits for the others."""

    message_id: int
    account: str
    session_id: int
    sequence_number: int
    sender: str
    recipient: str
    reference: int
    total: int
    index: int
    registered_delivery: int
    pdu: bytes
    wire_id: str = ""
    kind: str = ""
    """Where the reference stands: `udh8`, `udh16` or `sar`."""


class Started(Event, tag=3, gc=False):
    node: int
    version: str
    seed: int
    profile: str
    contract: str


class Stopped(Event, tag=4, gc=False):
    reason: str


class ContractLoaded(Event, tag=5, gc=False):
    """Record the contract and the checks' modes in force from here on."""

    rules: int
    contract: str
    sha256: str
    modes: tuple[tuple[str, str], ...] = ()


class Bound(Event, tag=6, gc=False):
    session_id: int
    account: str
    mode: str
    interface_version: int
    peer: str
    system_type: str = ""
    address_range: str = ""


class Unbound(Event, tag=7, gc=False):
    session_id: int
    account: str
    reason: str


class BindRefused(Event, tag=8, gc=False):
    system_id: str
    peer: str
    status: int
    detail: str


class PduRefused(Event, tag=9, gc=False):
    """Record a PDU that was answered with an error status by the protocol itself."""

    session_id: int
    account: str
    command_id: int
    status: int
    detail: str
    pdu: bytes
    """The first octets of the PDU (at most 256)."""


class Attempted(Event, tag=10, gc=False):
    """Record a delivery attempt that failed for the moment; the next one is at `next_at`."""

    message_id: int
    attempt: int
    error: str
    next_at: float


class Outcome(Event, tag=11, gc=False):
    """Record the one final outcome of a message.

    `state` is SMPP's message_state number, `error` the carrier's three-character code,
    `liability` one of ok, exempt, ported, party_a, carrier, force_majeure.
    """

    message_id: int
    state: int
    error: str
    liability: str
    carrier: str
    attempts: int = 1


class ReceiptAcknowledged(Event, tag=12, gc=False):
    """Record that the ESME answered a receipt with ESME_ROK (`message_id` of the segment)."""

    message_id: int
    session_id: int
    sent_at: float
    attempts: int = 1


class ReceiptRefused(Event, tag=13, gc=False):
    """Record a receipt that was refused or not answered; it will be sent again."""

    message_id: int
    session_id: int
    status: int
    detail: str
    attempts: int


class ReceiptDropped(Event, tag=14, gc=False):
    """Record a receipt given up; `reason` is `age`, `refused` (for good) or `unsendable`."""

    message_id: int
    reason: str


class MoReceived(Event, tag=15, gc=False):
    """Record an uplink message from a handset; `account` is empty when nobody owns the number."""

    mo_id: int
    account: str
    sender: str
    access_number: str
    text: str
    segment_count: int
    source: str
    data_coding: int = 8


class MoAcknowledged(Event, tag=16, gc=False):
    mo_id: int
    session_id: int
    sent_at: float
    attempts: int = 1


class MoRefused(Event, tag=17, gc=False):
    mo_id: int
    session_id: int
    status: int
    detail: str
    attempts: int


class MoDropped(Event, tag=18, gc=False):
    mo_id: int
    reason: str


class UplinkAnswered(Event, tag=92, gc=False):
    """Record what the carrier itself answered to a user's keyword: not billed, not in the index."""

    mo_id: int
    number: str
    access_number: str
    text: str


class Replaced(Event, tag=19, gc=False):
    """Record a replace_sm: the message's new content and times."""

    message_id: int
    text: str
    data_coding: int
    registered_delivery: int
    segment_count: int
    validity_at: float
    schedule_at: float


class OperatorAction(Event, tag=20, gc=False):
    """Record what a person did through API, CLI or pages."""

    who: str
    action: str
    target: str
    detail: str


class Retained(Event, tag=21, gc=False):
    """Record that whole months of the journal are removed, those that ended by `before`."""

    who: str
    before: float
    months: tuple[str, ...]
    """YYYY-MM, oldest first."""
    last_sequence: int
    """Last batch of them."""
    carried_from: int = 0
    """First batch of what is carried over from them, 0 for nothing."""


class Carried(Event, tag=87, gc=False):
    """Carry over, before months are removed, a part of what they say and must stay known.

    `routing.carry_over` puts the parts together. Those that no `Retained` follows mean nothing.
    """

    kind: Literal["numbers", "lasting", "figures"]
    upto: int
    """Last batch that it covers."""
    content: bytes


JournalEvent: TypeAlias = (
    Submission
    | SegmentHeld
    | Started
    | Stopped
    | ContractLoaded
    | Bound
    | Unbound
    | BindRefused
    | PduRefused
    | Attempted
    | Outcome
    | ReceiptAcknowledged
    | ReceiptRefused
    | ReceiptDropped
    | MoReceived
    | MoAcknowledged
    | MoRefused
    | MoDropped
    | UplinkAnswered
    | Replaced
    | OperatorAction
    | Retained
    | Carried
    | TemplateEvent
    | RegistryEvent
    | StandingEvent
    | ScopeEvent
    | BreachEvent
    | OfficeEvent
    | AssessmentEvent
    | SettlementEvent
    | AlertEvent
)

LASTING: Final[tuple[type[Event], ...]] = (
    Retained,
    *get_args(TemplateEvent),
    *get_args(RegistryEvent),
    *get_args(StandingEvent),
    *get_args(ScopeEvent),
    *get_args(BreachEvent),
    *get_args(OfficeEvent),
    *get_args(AssessmentEvent),
    *get_args(SettlementEvent),
    *get_args(AlertEvent),
)
"""What a restart folds again, whole and in order; of everything else it takes up what is open."""

_ENCODER = msgspec.msgpack.Encoder()
_DECODER: msgspec.msgpack.Decoder[list[JournalEvent]] = msgspec.msgpack.Decoder(list[JournalEvent])


def encode_batch(events: list[JournalEvent]) -> bytes:
    """Encode the events of one durable batch as one blob."""
    return _ENCODER.encode(events)


def decode_batch(blob: bytes) -> list[JournalEvent]:
    """Decode a blob made by `encode_batch`.

    Raises msgspec.DecodeError when the blob is not one.
    """
    try:
        return _DECODER.decode(blob)
    except UnicodeDecodeError as error:
        raise msgspec.DecodeError(str(error)) from error
