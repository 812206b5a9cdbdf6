"""Stand in for the specialised functions: the table walk under their names."""

from __future__ import annotations

from typing import cast

from .constants import CommandId
from .interpreter import decode_body, encode_by_table
from .pdus import DeliverSm, DeliverSmResp, SubmitSm, SubmitSmResp
from .tables import PDUS


def decode_submit_sm(data: bytes, start: int, end: int, sequence_number: int) -> SubmitSm:
    return cast(
        SubmitSm, decode_body(PDUS[CommandId.SUBMIT_SM], data, start, end, 0, sequence_number)
    )


def decode_deliver_sm(data: bytes, start: int, end: int, sequence_number: int) -> DeliverSm:
    return cast(
        DeliverSm, decode_body(PDUS[CommandId.DELIVER_SM], data, start, end, 0, sequence_number)
    )


def decode_submit_sm_resp(
    data: bytes, start: int, end: int, command_status: int, sequence_number: int
) -> SubmitSmResp:
    spec = PDUS[CommandId.SUBMIT_SM_RESP]
    return cast(SubmitSmResp, decode_body(spec, data, start, end, command_status, sequence_number))


def decode_deliver_sm_resp(
    data: bytes, start: int, end: int, command_status: int, sequence_number: int
) -> DeliverSmResp:
    spec = PDUS[CommandId.DELIVER_SM_RESP]
    return cast(DeliverSmResp, decode_body(spec, data, start, end, command_status, sequence_number))


def encode_submit_sm_resp(sequence_number: int, message_id: bytes) -> bytes:
    return encode_by_table(SubmitSmResp(message_id=message_id, sequence_number=sequence_number))


def encode_deliver_sm(pdu: DeliverSm) -> bytes:
    return encode_by_table(pdu)


def encode_submit_sm(pdu: SubmitSm) -> bytes:
    return encode_by_table(pdu)
