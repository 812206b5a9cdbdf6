"""Define the archive's message row: its columns, how events change it, how it looks in JSON."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any, Final

import msgspec

from routing.events import (
    Attempted,
    Failure,
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
    Submission,
)
from routing.reasons import REASONS
from smpp.constants import CommandStatus, MessageState

SHANGHAI: Final = timezone(timedelta(hours=8), "Asia/Shanghai")

ENROUTE: Final = int(MessageState.ENROUTE)
DELIVERED: Final = int(MessageState.DELIVERED)
UNDELIVERABLE: Final = int(MessageState.UNDELIVERABLE)
REJECTED: Final = int(MessageState.REJECTED)

RECEIPT_BITS: Final = 0b11
"""Of registered_delivery: whether a final receipt was asked for (SMPP 3.4 §5.2.17)."""

_ENCODER: Final = msgspec.msgpack.Encoder()
_FAILURES: Final = msgspec.msgpack.Decoder(tuple[Failure, ...])


class MessageRow(msgspec.Struct, gc=False):
    """Be one row of `messages`; its fields are the table's columns, in their order.

    Up to `batch` a row never changes. `receipt_state` is none (not asked), waiting (for the
    outcome), pending, acknowledged or dropped. `liability` is empty for a rejected message.
    `begun_ms` is when the delivery begins, by which a message counts for the quality index.
    """

    id: int
    direction: str
    account: str
    session_id: int
    sequence_number: int
    service: str
    sender: str
    recipient: str
    data_coding: int
    carrier: str
    submitted_ms: int
    accepted: int
    status: int
    reason: str
    registered_delivery: int
    wire_id: str
    fault: str
    batch: int
    state: int
    error: str
    liability: str
    final_ms: int | None
    attempts: int
    receipt_state: str
    receipt_attempts: int
    receipt_ms: int | None
    segments: int
    validity_ms: int | None
    schedule_ms: int | None
    begun_ms: int
    failures: bytes | None
    text: str


COLUMNS: Final = MessageRow.__struct_fields__
CHANGING: Final = ("carrier", *COLUMNS[COLUMNS.index("state") :])


def milliseconds(at: float) -> int:
    """Give a business time as whole milliseconds."""
    return round(at * 1000)


def iso(ms: int | None) -> str | None:
    """Write milliseconds since the epoch as ISO 8601 in Asia/Shanghai."""
    if ms is None:
        return None
    whole = datetime.fromtimestamp(ms // 1000, SHANGHAI)
    return whole.replace(microsecond=ms % 1000 * 1000).isoformat(timespec="milliseconds")


def submitted(event: Submission, batch: int) -> MessageRow:
    """Begin the row of a submission. A rejected one is final at once."""
    at = milliseconds(event.at)
    waits = event.accepted or not event.status
    asked = any(
        octet & RECEIPT_BITS
        for octet in (event.registered_delivery, *(s.registered_delivery for s in event.segments))
    )
    return MessageRow(
        id=event.message_id,
        direction="mt",
        account=event.account,
        session_id=event.session_id,
        sequence_number=event.sequence_number,
        service=event.service,
        sender=event.sender,
        recipient=event.recipient,
        data_coding=event.data_coding,
        carrier=event.carrier,
        submitted_ms=at,
        accepted=int(event.accepted),
        status=event.status,
        reason=event.reason,
        registered_delivery=event.registered_delivery,
        wire_id=event.wire_id,
        fault=event.fault,
        batch=batch,
        state=ENROUTE if event.accepted else REJECTED,
        error=event.error,
        liability="pending" if event.accepted else "",
        final_ms=None if event.accepted else at,
        attempts=0,
        receipt_state="waiting" if asked and waits else "none",
        receipt_attempts=0,
        receipt_ms=None,
        segments=event.segment_count,
        validity_ms=milliseconds(event.validity_at) if event.validity_at else None,
        schedule_ms=milliseconds(event.schedule_at) if event.schedule_at else None,
        begun_ms=max(at, milliseconds(event.schedule_at)) if event.accepted else at,
        failures=_ENCODER.encode(event.failures) if event.failures else None,
        text=event.text,
    )


def received(event: MoReceived, batch: int) -> MessageRow:
    """Begin the row of an uplink message."""
    return MessageRow(
        id=event.mo_id,
        direction="mo",
        account=event.account,
        session_id=0,
        sequence_number=0,
        service="",
        sender=event.sender,
        recipient=event.access_number,
        data_coding=event.data_coding,
        carrier="",
        submitted_ms=milliseconds(event.at),
        accepted=1,
        status=0,
        reason="none",
        registered_delivery=0,
        wire_id="",
        fault="",
        batch=batch,
        state=ENROUTE,
        error="",
        liability="",
        final_ms=None,
        attempts=0,
        receipt_state="none",
        receipt_attempts=0,
        receipt_ms=None,
        segments=event.segment_count,
        validity_ms=None,
        schedule_ms=None,
        begun_ms=milliseconds(event.at),
        failures=None,
        text=event.text,
    )


def _attempted(row: MessageRow, event: Attempted) -> None:
    if row.final_ms is None:
        row.attempts = event.attempt
        row.error = event.error


def _outcome(row: MessageRow, event: Outcome) -> None:
    if row.final_ms is None:
        row.carrier = event.carrier
        row.state = event.state
        row.error = event.error
        row.liability = event.liability
        row.attempts = event.attempts
        row.final_ms = milliseconds(event.at)
        row.begun_ms = min(row.begun_ms, row.final_ms)


def _replaced(row: MessageRow, event: Replaced) -> None:
    if row.final_ms is None:
        row.text = event.text
        row.segments = event.segment_count
        row.validity_ms = milliseconds(event.validity_at) if event.validity_at else None
        row.schedule_ms = milliseconds(event.schedule_at) if event.schedule_at else None
        row.begun_ms = row.schedule_ms or min(row.begun_ms, milliseconds(event.at))


def _receipt_acknowledged(row: MessageRow, event: ReceiptAcknowledged) -> None:
    row.receipt_ms = milliseconds(event.at)
    row.receipt_attempts = max(row.receipt_attempts, event.attempts)


def _receipt_refused(row: MessageRow, event: ReceiptRefused) -> None:
    row.receipt_attempts = max(row.receipt_attempts, event.attempts)


def _receipt_dropped(row: MessageRow, event: ReceiptDropped) -> None:
    row.receipt_state = "dropped"


def _mo_acknowledged(row: MessageRow, event: MoAcknowledged) -> None:
    if row.final_ms is None:
        row.state = DELIVERED
        row.attempts = event.attempts
        row.final_ms = milliseconds(event.at)


def _mo_refused(row: MessageRow, event: MoRefused) -> None:
    row.attempts = max(row.attempts, event.attempts)


def _mo_dropped(row: MessageRow, event: MoDropped) -> None:
    if row.final_ms is None:
        row.state = UNDELIVERABLE
        row.error = event.reason
        row.final_ms = milliseconds(event.at)


# Each takes the one event class that it is listed under.
CHANGES: Final[dict[type, Callable[[MessageRow, Any], None]]] = {
    Attempted: _attempted,
    Outcome: _outcome,
    Replaced: _replaced,
    ReceiptAcknowledged: _receipt_acknowledged,
    ReceiptRefused: _receipt_refused,
    ReceiptDropped: _receipt_dropped,
    MoAcknowledged: _mo_acknowledged,
    MoRefused: _mo_refused,
    MoDropped: _mo_dropped,
}
"""Event class → what it changes in the row of its message."""


def subject_of(event: JournalEvent) -> int:
    """Give the id of the message, part or uplink message an event is about; 0 when about none."""
    subject: int = getattr(event, "message_id", 0) or getattr(event, "mo_id", 0)
    return subject


def to_json(row: MessageRow, enterprise_code: str) -> dict[str, object]:
    """Give a message in the JSON shape of docs/api.md, unmasked."""
    return {
        "id": str(row.id),
        "account": row.account,
        "enterprise_code": enterprise_code,
        "direction": row.direction,
        "service": row.service or None,
        "sender": row.sender,
        "recipient": row.recipient,
        "text": row.text,
        "data_coding": row.data_coding,
        "segments": row.segments,
        "carrier": row.carrier,
        "submitted_at": iso(row.submitted_ms),
        "verdict": _verdict(row),
        "state": MessageState(row.state).name,
        "error": row.error,
        "liability": row.liability or None,
        "final_at": iso(row.final_ms),
        "receipt": {
            "state": row.receipt_state,
            "attempts": row.receipt_attempts,
            "acknowledged_at": iso(row.receipt_ms),
        },
        "fee": None,
        "attempts": row.attempts,
        "validity_at": iso(row.validity_ms),
        "schedule_at": iso(row.schedule_ms),
        "session_id": row.session_id,
        "sequence_number": row.sequence_number,
        "registered_delivery": row.registered_delivery,
        "wire_id": row.wire_id,
        "fault": row.fault,
    }


def _verdict(row: MessageRow) -> dict[str, object]:
    failures = _FAILURES.decode(row.failures) if row.failures else ()
    return {
        "accepted": bool(row.accepted),
        "status": row.status,
        "status_name": _status_name(row.status),
        "reason": row.reason,
        "clause": _clause(row.reason),
        "checks": [
            {
                "name": failure.reason,
                "passed": False,
                "mode": failure.mode,
                "clause": _clause(failure.reason),
                "detail": failure.detail,
                "detail_zh": failure.detail_zh,
                "seen": failure.seen,
                "allowed": failure.allowed,
                "breach_rows": list(failure.rows or ()),
            }
            for failure in failures
        ],
    }


def _clause(reason: str) -> str:
    return REASONS[reason].clause if reason in REASONS else ""


def _status_name(status: int) -> str:
    try:
        return CommandStatus(status).name
    except ValueError:
        return f"0x{status:08X}"
