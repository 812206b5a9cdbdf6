"""Decode and encode any PDU by walking its row of `smpp.tables`.

This is the codec: `smpp.codec` adds the header, and `smpp.codec_hot` repeats the well-formed case
of the busiest PDUs without the walk. Work is linear in the octets of the PDU, and nothing is
allocated for a length or count that the PDU does not hold.
"""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct
from typing import Any, Final

from .constants import (
    DEST_FLAG_DISTRIBUTION_LIST,
    DEST_FLAG_SME_ADDRESS,
    HEADER_OCTETS,
    CommandStatus,
)
from .errors import DecodeError, EncodeError
from .pdus import CLASSES, DestAddress, Destination, DistributionList, Pdu, UnsuccessSme
from .tables import (
    DEST_ADDRESS_FIELDS,
    DISTRIBUTION_LIST_FIELDS,
    PDUS,
    UNSUCCESS_SME_FIELDS,
    Bodiless,
    Field,
    Kind,
    PduSpec,
)
from .tlvs import decode_tlvs, encode_tlvs

HEADER: Final = Struct(">IIII")
"""command_length, command_id, command_status, sequence_number (SMPP 3.4 §3.2)."""

MAX_UINT32: Final = 0xFFFFFFFF

_TRUNCATED: Final = CommandStatus.ESME_RINVCMDLEN.value
_INVALID_FLAG: Final = CommandStatus.ESME_RINVDESTFLAG.value

Value = Any
"""int, bytes, or a tuple of the list classes of `smpp.pdus`: what the field's kind says."""


# -- reading: (data, position, end of the PDU, field, start of the PDU) -> (value, next position) --


def truncated(field: str, missing: int, offset: int) -> DecodeError:
    """Make the error of a PDU that ends `missing` octets before the field does."""
    return DecodeError(_TRUNCATED, field, f"cut off, {missing} more octets needed", offset)


def _read_integer(data: bytes, at: int, end: int, field: Field, start: int) -> tuple[Value, int]:
    stop = at + field.size
    if stop > end:
        raise truncated(field.name, stop - end, at - start)
    return int.from_bytes(data[at:stop], "big"), stop


def _read_c_octet_string(
    data: bytes, at: int, end: int, field: Field, start: int
) -> tuple[Value, int]:
    stop = data.find(0, at, min(at + field.size, end))
    if stop >= 0:
        return data[at:stop], stop + 1
    if end - at < field.size:
        raise DecodeError(
            _TRUNCATED,
            field.name,
            f"cut off after {end - at} octets, without a NUL",
            at - start,
        )
    stop = data.find(0, at, end)
    seen = f"{stop + 1 - at} octets" if stop >= 0 else f"no NUL in {end - at} octets"
    raise DecodeError(field.status.value, field.name, f"{seen}, at most {field.size}", at - start)


def _read_short_message(
    data: bytes, at: int, end: int, field: Field, start: int
) -> tuple[Value, int]:
    if at >= end:
        raise truncated("sm_length", 1, at - start)
    length = data[at]
    stop = at + 1 + length
    if stop > end:
        raise DecodeError(
            field.status.value,
            "sm_length",
            f"{length}, the PDU has {end - at - 1} octets left",
            at - start,
        )
    return data[at + 1 : stop], stop


def _read_entry(
    data: bytes, at: int, end: int, fields: tuple[Field, ...], start: int
) -> tuple[list[Value], int]:
    values: list[Value] = []
    for field in fields:
        value, at = READERS[field.kind](data, at, end, field, start)
        values.append(value)
    return values, at


def _read_destinations(
    data: bytes, at: int, end: int, field: Field, start: int
) -> tuple[Value, int]:
    if at >= end:
        raise truncated("number_of_dests", 1, at - start)
    count = data[at]
    if count == 0:
        raise DecodeError(
            field.status.value, "number_of_dests", f"0, allowed 1 to {field.size}", at - start
        )
    at += 1
    destinations: list[Destination] = []
    for _ in range(count):
        if at >= end:
            raise truncated("dest_flag", 1, at - start)
        kind = DESTINATION_KINDS.get(data[at])
        if kind is None:
            raise DecodeError(_INVALID_FLAG, "dest_flag", f"{data[at]}, allowed 1 or 2", at - start)
        made, fields = kind
        values, at = _read_entry(data, at + 1, end, fields, start)
        destinations.append(made(*values))
    return tuple(destinations), at


def _read_unsuccess(data: bytes, at: int, end: int, field: Field, start: int) -> tuple[Value, int]:
    if at >= end:
        raise truncated("no_unsuccess", 1, at - start)
    entries: list[UnsuccessSme] = []
    count = data[at]
    at += 1
    for _ in range(count):
        values, at = _read_entry(data, at, end, UNSUCCESS_SME_FIELDS, start)
        entries.append(UnsuccessSme(*values))
    return tuple(entries), at


DESTINATION_KINDS: Final[dict[int, tuple[Callable[..., Destination], tuple[Field, ...]]]] = {
    DEST_FLAG_SME_ADDRESS: (DestAddress, DEST_ADDRESS_FIELDS),
    DEST_FLAG_DISTRIBUTION_LIST: (DistributionList, DISTRIBUTION_LIST_FIELDS),
}
"""The class and fields that follow each dest_flag."""

READERS: Final[dict[Kind, Callable[[bytes, int, int, Field, int], tuple[Value, int]]]] = {
    Kind.INTEGER: _read_integer,
    Kind.C_OCTET_STRING: _read_c_octet_string,
    Kind.SHORT_MESSAGE: _read_short_message,
    Kind.DESTINATIONS: _read_destinations,
    Kind.UNSUCCESS: _read_unsuccess,
}


def may_be_bodiless(spec: PduSpec, command_status: int) -> bool:
    """Say whether a PDU of this kind and status may be a bare header."""
    return spec.bodiless is Bodiless.ALWAYS or (
        spec.bodiless is Bodiless.ON_ERROR and command_status != 0
    )


def decode_body(
    spec: PduSpec,
    data: bytes,
    start: int,
    end: int,
    command_status: int,
    sequence_number: int,
) -> Pdu:
    """Decode the PDU in `data[start:end]`, whose header has been read already.

    Raises DecodeError with the status the specification gives for the first field that is wrong.
    """
    at = start + HEADER_OCTETS
    made: Callable[..., Pdu] = CLASSES[spec.command_id.value]
    if at == end and may_be_bodiless(spec, command_status):
        return made(command_status=command_status, sequence_number=sequence_number, bodiless=True)
    values, at = _read_entry(data, at, end, spec.fields, start)
    tlvs = decode_tlvs(data, at, end, spec.tlvs, start)
    return made(*values, tlvs, command_status, sequence_number)


# -- writing: (value, field) -> octets -------------------------------------------------------------


def _write_integer(value: Value, field: Field) -> bytes:
    if not isinstance(value, int):
        raise EncodeError(field.name, f"{type(value).__name__}, int expected")
    if not 0 <= value < 1 << (8 * field.size):
        raise EncodeError(field.name, f"{value}, 0 to {(1 << (8 * field.size)) - 1} allowed")
    return value.to_bytes(field.size, "big")


def _octets(value: Value, name: str) -> bytes:
    if not isinstance(value, bytes):
        raise EncodeError(name, f"{type(value).__name__}, bytes expected")
    return value


def _write_c_octet_string(value: Value, field: Field) -> bytes:
    octets = _octets(value, field.name)
    if b"\0" in octets:
        raise EncodeError(field.name, "a NUL within the value")
    if len(octets) >= field.size:
        raise EncodeError(field.name, f"{len(octets) + 1} octets, at most {field.size}")
    return octets + b"\0"


def _write_short_message(value: Value, field: Field) -> bytes:
    octets = _octets(value, field.name)
    if len(octets) > field.size:
        raise EncodeError(field.name, f"{len(octets)} octets, at most {field.size}")
    return bytes((len(octets),)) + octets


def _write_entry(entry: Value, fields: tuple[Field, ...]) -> bytes:
    return b"".join(WRITERS[field.kind](getattr(entry, field.name), field) for field in fields)


def _write_destinations(value: Value, field: Field) -> bytes:
    if not 1 <= len(value) <= field.size:
        raise EncodeError("number_of_dests", f"{len(value)}, allowed 1 to {field.size}")
    parts = [bytes((len(value),))]
    for destination in value:
        for flag, (made, fields) in DESTINATION_KINDS.items():
            if type(destination) is made:
                parts.append(bytes((flag,)) + _write_entry(destination, fields))
                break
        else:
            raise EncodeError(
                field.name,
                f"{type(destination).__name__}, DestAddress or DistributionList expected",
            )
    return b"".join(parts)


def _write_unsuccess(value: Value, field: Field) -> bytes:
    if len(value) > field.size:
        raise EncodeError("no_unsuccess", f"{len(value)}, at most {field.size}")
    for entry in value:
        if type(entry) is not UnsuccessSme:
            raise EncodeError(field.name, f"{type(entry).__name__}, UnsuccessSme expected")
    entries = [_write_entry(entry, UNSUCCESS_SME_FIELDS) for entry in value]
    return bytes((len(value),)) + b"".join(entries)


WRITERS: Final[dict[Kind, Callable[[Value, Field], bytes]]] = {
    Kind.INTEGER: _write_integer,
    Kind.C_OCTET_STRING: _write_c_octet_string,
    Kind.SHORT_MESSAGE: _write_short_message,
    Kind.DESTINATIONS: _write_destinations,
    Kind.UNSUCCESS: _write_unsuccess,
}


def encode_by_table(pdu: Pdu) -> bytes:
    """Encode any PDU, header included.

    Raises EncodeError for a value that does not fit its field.
    """
    spec = PDUS[pdu.command_id]
    if getattr(pdu, "bodiless", False):
        body = _no_body(spec, pdu)
    else:
        body = _write_entry(pdu, spec.fields) + encode_tlvs(pdu.tlvs, spec.tlvs)
    for name in ("command_status", "sequence_number"):
        value = getattr(pdu, name)
        if not isinstance(value, int) or not 0 <= value <= MAX_UINT32:
            raise EncodeError(name, f"{value!r}, 0 to {MAX_UINT32} allowed")
    return (
        HEADER.pack(
            HEADER_OCTETS + len(body), spec.command_id, pdu.command_status, pdu.sequence_number
        )
        + body
    )


def _no_body(spec: PduSpec, pdu: Pdu) -> bytes:
    if not may_be_bodiless(spec, pdu.command_status):
        raise EncodeError("bodiless", f"{spec.name} without a body needs an error status")
    if pdu.tlvs:
        raise EncodeError("bodiless", "a PDU without a body carries no TLVs")
    for field in spec.fields:
        if getattr(pdu, field.name):
            raise EncodeError("bodiless", f"a PDU without a body carries no {field.name}")
    return b""
