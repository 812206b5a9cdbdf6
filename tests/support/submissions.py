"""Make submissions for tests: an ordinary accepted one, with any field changed."""

from __future__ import annotations

from typing import Any

from routing.events import Segment, Submission
from routing.message import FIELDS, Message, begin

AT = 1_772_000_000.0
"""Business time of the submissions: 2026-02-25 06:13:20 UTC."""
MESSAGE_ID = 1 << 60
ADVERTISEMENT = "【示例警务】周年大促，全场五折，点击 http://example.invalid/a 抢购，拒收请回复R"
TEXT = "【示例警务】紧急提醒482913：您可能正在遭遇电信网络诈骗，请立即停止转账汇款。"


def submission(**changes: Any) -> Submission:
    """Give a one-part message to an ordinary recipient, valid for a day."""
    fields: dict[str, Any] = {
        "at": AT,
        "message_id": MESSAGE_ID,
        "account": "police",
        "session_id": 1,
        "sequence_number": 1,
        "service": "ordinary",
        "sender": "106590990371",
        "recipient": "13300000001",
        "text": TEXT,
        "data_coding": 8,
        "esm_class": 0,
        "registered_delivery": 1,
        "validity_at": AT + 86400.0,
        "carrier": "telecom",
    }
    return Submission(**{**fields, **changes})


def in_flight(**changes: Any) -> Message:
    """Give a message in flight; `changes` are fields of the submission or of the message."""
    own = {name: changes.pop(name) for name in FIELDS[FIELDS.index("state") :] if name in changes}
    message = begin(submission(**changes))
    for name, value in own.items():
        setattr(message, name, value)
    return message


def parts(*registered_delivery: int, first_id: int = MESSAGE_ID) -> tuple[Segment, ...]:
    """Give the segments of a concatenated message, one for each registered_delivery."""
    return tuple(
        Segment(first_id + n, n + 1, octet, f"w{n + 1}")
        for n, octet in enumerate(registered_delivery)
    )
