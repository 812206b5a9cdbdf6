"""Name what a session tells its driver, and what it may use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from .pdus import Pdu, SubmitSm, Values


@dataclass(frozen=True)
class SessionLimits:
    """Bound what one session may use. Times are seconds, sizes octets."""

    max_pdu_bound: int = 70_000
    max_pdu_unbound: int = 1_024
    window: int = 1_000
    quantum: int = 64
    session_init_s: float = 30.0
    pdu_read_s: float = 30.0
    enquire_link_s: float = 30.0
    inactivity_s: float = 300.0
    response_s: float = 60.0


class Answered(Values):
    """Tell that the peer answered a request of ours (`pdu` may be a GenericNack)."""

    FIELDS: ClassVar[tuple[str, ...]] = ("context", "pdu", "sent_at")
    __slots__ = FIELDS

    def __init__(self, context: object, pdu: Pdu, sent_at: float) -> None:
        self.context = context
        self.pdu = pdu
        self.sent_at = sent_at


class TimedOut(Values):
    """Tell that a request of ours got no answer within the response time, or ever."""

    FIELDS: ClassVar[tuple[str, ...]] = ("context", "sent_at")
    __slots__ = FIELDS

    def __init__(self, context: object, sent_at: float) -> None:
        self.context = context
        self.sent_at = sent_at


class Refused(Values):
    """Tell that the session answered a PDU with an error by itself.

    `pdu` holds the first octets of the PDU, at most 256.
    """

    FIELDS: ClassVar[tuple[str, ...]] = (
        "command_id",
        "sequence_number",
        "command_status",
        "detail",
        "pdu",
    )
    __slots__ = FIELDS

    def __init__(
        self, command_id: int, sequence_number: int, command_status: int, detail: str, pdu: bytes
    ) -> None:
        self.command_id = command_id
        self.sequence_number = sequence_number
        self.command_status = command_status
        self.detail = detail
        self.pdu = pdu


class Closed(Values):
    """Tell that the dialogue is over: write what is left, send FIN, drain, close.

    `reason` is one of: unbind, unbind_by_us, session_init, pdu_read, inactivity, enquire_link,
    command_length, eof.
    """

    FIELDS: ClassVar[tuple[str, ...]] = ("reason",)
    __slots__ = FIELDS

    def __init__(self, reason: str) -> None:
        self.reason = reason


Event: TypeAlias = Pdu | Answered | TimedOut | Refused | Closed


def end_of_run(events: list[Event], index: int) -> int:
    """Find the end of the run of like events that begins at `index`.

    A run is of submit_sm, of answers (Answered and TimedOut), or one event of another kind.
    """
    kind = type(events[index])
    end, count = index + 1, len(events)
    if kind is SubmitSm:
        while end < count and type(events[end]) is SubmitSm:
            end += 1
    elif kind is Answered or kind is TimedOut:
        while end < count and (type(events[end]) is Answered or type(events[end]) is TimedOut):
            end += 1
    return end
