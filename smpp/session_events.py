"""Name what a session tells its driver, and what it may use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from .pdus import Pdu


@dataclass(frozen=True, slots=True)
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


@dataclass(slots=True)
class Answered:
    """Tell that the peer answered a request of ours (`pdu` may be a GenericNack)."""

    context: object
    pdu: Pdu
    sent_at: float


@dataclass(slots=True)
class TimedOut:
    """Tell that a request of ours got no answer within the response time, or ever."""

    context: object
    sent_at: float


@dataclass(slots=True)
class Refused:
    """Tell that the session answered a PDU with an error by itself."""

    command_id: int
    sequence_number: int
    command_status: int
    detail: str
    pdu: bytes
    """The first octets of the PDU, at most 256."""


@dataclass(slots=True)
class Closed:
    """Tell that the dialogue is over: write what is left, send FIN, drain, close.

    `reason` is one of: unbind, unbind_by_us, session_init, pdu_read, inactivity, enquire_link,
    command_length, eof.
    """

    reason: str


Event: TypeAlias = Pdu | Answered | TimedOut | Refused | Closed
