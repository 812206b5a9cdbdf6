"""Make the events that tests of the quality index fold."""

from __future__ import annotations

from datetime import datetime

from metrics.sla import SlaLedger
from routing.events import (
    JournalEvent,
    MoAcknowledged,
    MoDropped,
    MoReceived,
    MoRefused,
    Outcome,
    Submission,
)

DAY_S = 86400.0
HOUR_S = 3600.0
RECIPIENT = "13300000001"
STATES = {"ok": 2, "carrier": 5, "exempt": 3, "ported": 5, "party_a": 5, "force_majeure": 5}
ERRORS = {
    "ok": "000", "carrier": "609", "exempt": "602", "ported": "NP1", "party_a": "640",
    "force_majeure": "609",
}  # fmt: skip


def instant(text: str) -> float:
    """Give an instant of Asia/Shanghai, such as 2024-06-01T00:00."""
    return datetime.fromisoformat(f"{text}+08:00").timestamp()


def refused_class(state: int, error: str) -> str:
    """Be a table of codes: the gateway's own errors are the carrier's, others party A's."""
    return "carrier" if error in ("9B9", "") else "party_a"


def ledger() -> SlaLedger:
    return SlaLedger(refused_class)


def submission(
    message_id: int, at: float, segments: int = 1, *, recipient: str = RECIPIENT,
    schedule_at: float = 0.0, account: str = "police", service: str = "ordinary",
) -> Submission:  # fmt: skip
    return Submission(
        at, message_id, account, 1, message_id, service, "106590990371", recipient, "", 8, 0, 1,
        segment_count=segments, schedule_at=schedule_at,
    )  # fmt: skip


def refusal(message_id: int, at: float, reason: str, segments: int = 1) -> Submission:
    event = submission(message_id, at, segments)
    event.accepted, event.reason, event.status = False, reason, 0x45
    return event


def outcome(message_id: int, at: float, liability: str = "ok") -> Outcome:
    return Outcome(at, message_id, STATES[liability], ERRORS[liability], liability, "telecom")


def mt(
    message_id: int, at: float, liability: str = "ok", segments: int = 1, *, after: float = 5.0,
    recipient: str = RECIPIENT,
) -> list[JournalEvent]:  # fmt: skip
    """Give a downlink message that ends some seconds after it was submitted."""
    return [
        submission(message_id, at, segments, recipient=recipient),
        outcome(message_id, at + after, liability),
    ]


def mo(
    mo_id: int, at: float, end: str = "ok", segments: int = 1, *, account: str = "police",
    tries: int = 0,
) -> list[JournalEvent]:  # fmt: skip
    """Give an uplink message: acknowledged (`ok`), dropped for a reason, or open (``)."""
    received = MoReceived(at, mo_id, account, RECIPIENT, "106590990371", "", segments, "api")
    events: list[JournalEvent] = [received]
    events += [MoRefused(at + 1, mo_id, 1, 8, "", number + 1) for number in range(tries)]
    if end == "ok":
        events.append(MoAcknowledged(at + 2, mo_id, 1, at + 1))
    elif end:
        events.append(MoDropped(at + 2, mo_id, end))
    return events


def folded(*groups: list[JournalEvent]) -> SlaLedger:
    found = ledger()
    for event in (event for group in groups for event in group):
        found.apply(event)
    return found
