"""Decide which receipts a message owes, what they say and when they are sent again.

registered_delivery (SMPP 3.4 §5.2.17, 5.0 §4.7.21) is honoured by its bits, never as a whole
octet, since clients set others beside them:

    bits 1-0   delivered   not delivered
    0          –           –
    1          receipt     receipt
    2          –           receipt
    3          receipt     –              5.0; reserved in 3.4, where it is read as 1: the client
                                          asks for a receipt, and 1 is the nearest defined value
    bit 4      a notification (esm_class 0x20) for every attempt that fails for the moment

Bits 3-2 ask the handset for acknowledgements, which a simulated one doesn't write.

A concatenated message gets one receipt for each segment that asked (`segment`), or one for the
message, with the id of the first or of the last segment that asked (`first`, `last`). A message
rejected at submission owes none; one rejected at the receipt stage owes REJECTD.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import msgspec

from smpp.constants import (
    INTERMEDIATE_NOTIFICATION,
    RECEIPT_ALWAYS,
    RECEIPT_MASK,
    RECEIPT_NONE,
    RECEIPT_ON_FAILURE,
    RECEIPT_ON_SUCCESS,
    RECEIPT_WORDS,
    CommandStatus,
)

from .events import Segment
from .liability import CodeTable
from .message import DELIVERED, Message, segments_of

Multipart = Literal["segment", "first", "last"]

NO_RECEIPT: Final = "no_receipt"
RECEIPT_TWICE: Final = "receipt_twice"
_VERSION_5_0: Final = 0x50
_TEXT_CHARACTERS: Final = 20

_ASKED: Final[dict[tuple[int, bool], bool]] = {
    (RECEIPT_NONE, True): False,
    (RECEIPT_NONE, False): False,
    (RECEIPT_ALWAYS, True): True,
    (RECEIPT_ALWAYS, False): True,
    (RECEIPT_ON_FAILURE, True): False,
    (RECEIPT_ON_FAILURE, False): True,
    (RECEIPT_ON_SUCCESS, True): True,
    (RECEIPT_ON_SUCCESS, False): False,
}
"""(bits 1-0, delivered) → a receipt is owed."""

LASTING_REFUSALS: Final = frozenset(
    {int(CommandStatus.ESME_RX_P_APPN), int(CommandStatus.ESME_RX_R_APPN)}
)
"""Statuses of a deliver_sm_resp after which the receipt isn't sent again (SMPP 3.4 §5.1.3)."""


@dataclass(frozen=True)
class ReceiptPolicy:
    """Say how an account gets its receipts.

    `retries_s` are the seconds from a sending without acknowledgement to the next; the last entry
    repeats. After `max_age_s` from the final outcome a receipt is given up. `digits_only` gives
    errors that have letters in their three-digit form.
    """

    multipart: Multipart = "segment"
    digits_only: bool = False
    retries_s: tuple[float, ...] = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)
    max_age_s: float = 72 * 3600.0


class ReceiptFields(msgspec.Struct, frozen=True, gc=False):
    """Hold everything a receipt says, before it becomes text and TLVs.

    `message_id` and `wire_id` name the segment (`wire_id` empty: derive it from the number by the
    account's dialect). `submitted` and `delivered` are the `sub:` and `dlvrd:` counts. Times are
    business seconds. `text` has at most 20 characters. `network_error_code` is the TLV's value.
    """

    message_id: int
    wire_id: str
    submitted: int
    delivered: int
    submitted_at: float
    done_at: float
    stat: str
    err: str
    text: str
    network_error_code: bytes
    message_state: int


def asked(registered_delivery: int, delivered: bool, interface_version: int) -> bool:
    """Say whether these bits ask for a final receipt of this outcome."""
    bits = registered_delivery & RECEIPT_MASK
    if bits == RECEIPT_ON_SUCCESS and interface_version < _VERSION_5_0:
        bits = RECEIPT_ALWAYS
    return _ASKED[bits, delivered]


def owed(message: Message, state: int, multipart: Multipart = "segment") -> tuple[int, ...]:
    """Give the indexes (from 1) of the segments whose receipts the outcome `state` owes."""
    if message.fault == NO_RECEIPT:
        return ()
    delivered = state == DELIVERED
    version = message.interface_version
    if not message.segments:
        return (1,) if asked(message.registered_delivery, delivered, version) else ()
    indexes = tuple(
        segment.index
        for segment in message.segments
        if asked(segment.registered_delivery, delivered, version)
    )
    return _chosen(indexes, multipart)


def notified(message: Message, multipart: Multipart = "segment") -> tuple[int, ...]:
    """Give the indexes of the segments that asked for a notification of each failed attempt."""
    if message.fault == NO_RECEIPT:
        return ()
    indexes = tuple(
        segment.index
        for segment in segments_of(message)
        if segment.registered_delivery & INTERMEDIATE_NOTIFICATION
    )
    return _chosen(indexes, multipart)


def _chosen(indexes: tuple[int, ...], multipart: Multipart) -> tuple[int, ...]:
    if multipart == "segment":
        return indexes
    return indexes[:1] if multipart == "first" else indexes[-1:]


def owe(message: Message, multipart: Multipart = "segment") -> bool:
    """Set the receipts that a final message owes; False when it owes none and is done with."""
    for index in owed(message, message.state, multipart):
        message.owed |= 1 << (index - 1)
    return message.owed != 0


def settle(message: Message, segment_id: int) -> bool:
    """Strike off the receipt of one segment; False when it wasn't owed."""
    if not message.segments:  # the common case, without making a Segment
        owed_one = message.owed == 1 and segment_id == message.message_id
        if owed_one:
            message.owed = 0
        return owed_one
    for segment in message.segments:
        bit = 1 << (segment.index - 1)
        if segment.message_id == segment_id and message.owed & bit:
            message.owed ^= bit
            return True
    return False


def owed_segments(message: Message) -> tuple[Segment, ...]:
    """Give the segments whose receipts aren't acknowledged yet, in order."""
    if not message.owed:
        return ()
    return tuple(
        segment for segment in segments_of(message) if message.owed >> (segment.index - 1) & 1
    )


def copies(message: Message) -> int:
    """Say how many times each receipt is sent: 2 for the magic recipient of that fault."""
    return 2 if message.fault == RECEIPT_TWICE else 1


def send_again_at(policy: ReceiptPolicy, attempts: int, at: float) -> float:
    """Give the time of the next sending after `attempts` without acknowledgement, the last at `at`.

    `attempts` is at least 1.
    """
    return at + policy.retries_s[min(attempts, len(policy.retries_s)) - 1]


def too_old(policy: ReceiptPolicy, final_at: float, at: float) -> bool:
    """Say whether a receipt is given up at `at` because of its age."""
    return at - final_at > policy.max_age_s


def receipt_fields(
    message: Message,
    index: int,
    codes: CodeTable,
    policy: ReceiptPolicy,
    *,
    done_at: float | None = None,
) -> ReceiptFields:
    """Gather what the receipt of segment `index` (from 1) says.

    For an intermediate notification pass the time of the attempt as `done_at`; the message's
    state is ENROUTE then and its error that of the attempt. When an account gets one receipt for
    a whole message, `submitted` and `delivered` count its segments; else they are 1.
    """
    message_id, wire_id, count = message.message_id, message.wire_id, 1
    if message.segments:
        segment = next(part for part in message.segments if part.index == index)
        message_id, wire_id = segment.message_id, segment.wire_id
        if policy.multipart != "segment":
            count = len(message.segments)
    error = message.error or "000"
    return ReceiptFields(
        message_id=message_id,
        wire_id=wire_id,
        submitted=count,
        delivered=count if message.state == DELIVERED else 0,
        submitted_at=message.at,
        done_at=message.final_at if done_at is None else done_at,
        stat=RECEIPT_WORDS[message.state],
        err=codes.digits(error) if policy.digits_only else error,
        text=message.text[:_TEXT_CHARACTERS],
        network_error_code=codes.network_error_code(error),
        message_state=message.state,
    )
