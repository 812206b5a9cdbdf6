"""Turn octets into PDUs and back: the way in and out for everybody but the session's hot path.

`decode` and `encode` take the specialised functions of `smpp.codec_hot` where there are any, and
walk the tables otherwise; what they accept, return and raise is the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from .codec_hot import (
    decode_data_sm,
    decode_deliver_sm,
    decode_deliver_sm_resp,
    decode_submit_sm,
    decode_submit_sm_resp,
    encode_data_sm,
    encode_deliver_sm,
    encode_submit_sm,
)
from .constants import HEADER_OCTETS, RESPONSE_BIT, CommandId, CommandStatus
from .errors import DecodeError, LocalProtocolError, UnknownCommand
from .interpreter import HEADER, decode_body, encode_by_table, may_be_bodiless
from .pdus import CLASSES, GenericNack, Pdu
from .tables import PDUS
from .tlvs import tlv_value

_HOT_REQUESTS: Final[dict[int, Callable[[bytes, int, int, int, int], Pdu]]] = {
    CommandId.SUBMIT_SM: decode_submit_sm,
    CommandId.DELIVER_SM: decode_deliver_sm,
    CommandId.DATA_SM: decode_data_sm,
}
_HOT_RESPONSES: Final[dict[int, Callable[[bytes, int, int, int, int], Pdu]]] = {
    CommandId.SUBMIT_SM_RESP: decode_submit_sm_resp,
    CommandId.DELIVER_SM_RESP: decode_deliver_sm_resp,
}
_HOT_ENCODERS: Final[dict[int, Callable[[Any], bytes]]] = {
    CommandId.SUBMIT_SM: encode_submit_sm,
    CommandId.DELIVER_SM: encode_deliver_sm,
    CommandId.DATA_SM: encode_data_sm,
}


def decode(data: bytes, start: int = 0, end: int | None = None) -> Pdu:
    """Decode the one PDU that `data[start:end]` holds, its 16-octet header included.

    Raises DecodeError (for whatever octets, and nothing else) with the status to answer;
    UnknownCommand when the command_id is none of SMPP 3.4 and 5.0.
    """
    if end is None:
        end = len(data)
    command_id, command_status, sequence_number = read_header(data, start, end)
    request = _HOT_REQUESTS.get(command_id)
    if request is not None:
        return request(data, start, end, sequence_number, command_status)
    response = _HOT_RESPONSES.get(command_id)
    if response is not None:
        return response(data, start, end, command_status, sequence_number)
    spec = PDUS.get(command_id)
    if spec is None:
        raise UnknownCommand(command_id)
    return decode_body(spec, data, start, end, command_status, sequence_number)


def read_header(data: bytes, start: int, end: int) -> tuple[int, int, int]:
    """Return (command_id, command_status, sequence_number) of the PDU in `data[start:end]`.

    Raises DecodeError ESME_RINVCMDLEN when command_length is not the length of the PDU.
    """
    if not 0 <= start <= end <= len(data):
        raise ValueError(f"[{start}:{end}] is no part of {len(data)} octets")
    if end - start < HEADER_OCTETS:
        raise DecodeError(
            CommandStatus.ESME_RINVCMDLEN.value,
            "command_length",
            f"the PDU has {end - start} octets, at least {HEADER_OCTETS}",
            0,
        )
    length, command_id, command_status, sequence_number = HEADER.unpack_from(data, start)
    if length != end - start:
        raise DecodeError(
            CommandStatus.ESME_RINVCMDLEN.value,
            "command_length",
            f"{length}, the PDU has {end - start} octets",
            0,
        )
    return command_id, command_status, sequence_number


def encode(pdu: Pdu) -> bytes:
    """Encode a PDU, header included. Raises EncodeError for a value that does not fit."""
    return _HOT_ENCODERS.get(pdu.command_id, encode_by_table)(pdu)


def command_name(command_id: int) -> str:
    """Return the specification's name of an operation, or its number in hexadecimal."""
    spec = PDUS.get(command_id)
    return spec.name if spec is not None else f"0x{command_id:08x}"


def response_to(command_id: int) -> int | None:
    """Return the command_id of the response to a request; None when it has none.

    None for responses, for outbind and alert_notification, and for unknown commands.
    """
    response = command_id | RESPONSE_BIT
    return response if command_id != response and response in _RESPONSES else None


_RESPONSES: Final = frozenset(
    command_id
    for command_id in PDUS
    if command_id & RESPONSE_BIT and command_id != CommandId.GENERIC_NACK
)


def reply(request: Pdu, command_status: int = 0, **fields: Any) -> Pdu:
    """Make the response to `request`: its sequence_number, a status, and the fields named.

    With a non-zero status and no fields the response has no body, as 3.4 does it. A request of
    which SMPP knows no response (outbind, alert_notification, responses) raises
    LocalProtocolError: it must not be answered.
    """
    response = response_to(request.command_id)
    if response is None:
        raise LocalProtocolError(f"{command_name(request.command_id)} has no response")
    made: Callable[..., Pdu] = CLASSES[response]
    if command_status and not fields and may_be_bodiless(PDUS[response], command_status):
        fields["bodiless"] = True
    return made(
        command_status=int(command_status), sequence_number=request.sequence_number, **fields
    )


def refusal(command_id: int, sequence_number: int, command_status: int) -> bytes:
    """Encode the answer to a PDU that could not be decoded: a header with a status.

    It is the operation's response, or generic_nack when the operation is unknown, has no
    response, or when the status says so (ESME_RINVCMDID). `command_status` must not be 0.
    """
    response = response_to(command_id)
    if response is None or command_status == CommandStatus.ESME_RINVCMDID:
        response = GenericNack.command_id
    return HEADER.pack(HEADER_OCTETS, response, command_status, sequence_number)


def tlv(pdu: Pdu, tag: int) -> bytes | None:
    """Return the value of the PDU's first TLV with this tag, or None."""
    return tlv_value(pdu.tlvs, tag)


def tlv_int(pdu: Pdu, tag: int) -> int | None:
    """Return the first TLV with this tag as an unsigned integer; None when absent or empty."""
    value = tlv_value(pdu.tlvs, tag)
    return int.from_bytes(value, "big") if value else None


def tlv_text(pdu: Pdu, tag: int) -> bytes | None:
    """Return the first TLV with this tag as a C-octet string: up to its NUL, if it has one."""
    value = tlv_value(pdu.tlvs, tag)
    return value.split(b"\0", 1)[0] if value is not None else None
