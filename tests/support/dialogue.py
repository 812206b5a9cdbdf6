"""Make the PDUs and steps that the dialogues of the session tests have in common."""

from __future__ import annotations

from smpp.codec import reply
from smpp.constants import BindMode, CommandStatus
from smpp.pdus import (
    BindTransceiver,
    BindTransceiverResp,
    DeliverSm,
    GenericNack,
    SubmitSm,
    SubmitSmResp,
)
from smpp.session import Event, Session, SessionLimits
from smpp.states import Role

LIMITS = SessionLimits()
ROK = CommandStatus.ESME_ROK
BIND = BindTransceiver(b"esme", b"secret08", sequence_number=1)
BIND_RESP = BindTransceiverResp(b"mc", sequence_number=1)


def opened(role: Role = Role.MC, limits: SessionLimits = LIMITS) -> Session:
    return Session(role, limits, 0.0)


def submit(sequence_number: int) -> SubmitSm:
    return SubmitSm(short_message=b"hello", sequence_number=sequence_number)


def submit_resp(sequence_number: int) -> SubmitSmResp:
    return SubmitSmResp(b"77", sequence_number=sequence_number)


def deliver(sequence_number: int) -> DeliverSm:
    return DeliverSm(short_message=b"hello", sequence_number=sequence_number)


def header(command_id: int, sequence_number: int, *, length: int = 16, status: int = 0) -> bytes:
    return b"".join(
        value.to_bytes(4, "big") for value in (length, command_id, status, sequence_number)
    )


def accept(session: Session, _now: float) -> None:
    session.answer_bind(BIND_RESP, BindMode.TRX, 0x34)


def refuse(session: Session, _now: float) -> None:
    session.answer_bind(reply(BIND, CommandStatus.ESME_RBINDFAIL), BindMode.TRX, 0)


def resume(session: Session, now: float) -> list[Event]:
    return session.resume(now)


def nacked(status: CommandStatus, sequence_number: int) -> GenericNack:
    return GenericNack(command_status=status, sequence_number=sequence_number)
