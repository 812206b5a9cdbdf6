"""Read and write TLVs (optional parameters): the table of SMPP 3.4 and 5.0, and the octets.

A TLV is two octets of tag, two of length, then the value (SMPP 3.4 §3.2.4.1). Values stay octet
strings, in the order they came, duplicates included, so that every well-formed PDU encodes to
the octets it was decoded from. Lengths are checked against the table only for the tags that the
PDU expects: "if the SMPP entity receives a TLV it does not recognise or does not expect, it
shall ignore it" (3.4 §3.3).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from struct import Struct
from struct import error as struct_error
from typing import Final, NamedTuple

from .constants import CommandStatus, TlvTag
from .errors import DecodeError, EncodeError

MAX_TLVS: Final = 1000
"""TLVs accepted in one PDU. A PDU of 64 KiB could hold 16,000 empty ones; no use needs them."""

_TAG_AND_LENGTH: Final = Struct(">HH")
_pack: Final = _TAG_AND_LENGTH.pack
_unpack: Final = _TAG_AND_LENGTH.unpack_from
_new: Final = tuple.__new__
"""Makes a Tlv in half the time that its own constructor takes."""

_INVALID_STREAM: Final = CommandStatus.ESME_RINVTLVSTREAM.value
_INVALID_LENGTH: Final = CommandStatus.ESME_RINVTLVLEN.value
_MAX_VALUE: Final = 0xFFFF


class Tlv(NamedTuple):
    """Hold one optional parameter: its tag and its value, byte for byte."""

    tag: int
    value: bytes


class TlvKind(Enum):
    """Give the type of a TLV's value (SMPP 3.4 §3.1)."""

    INTEGER = "Integer"
    C_OCTET_STRING = "C-Octet String"
    OCTET_STRING = "Octet String"


@dataclass(frozen=True, slots=True)
class TlvSpec:
    """Describe one TLV of the specification; lengths are octets of the value.

    `since` is the version that brought it ("3.4" or "5.0"), `section` where it is defined there.
    """

    tag: TlvTag
    name: str
    kind: TlvKind
    minimum: int
    maximum: int
    since: str
    section: str

    def lengths(self) -> str:
        """Say in words which lengths are allowed."""
        if self.minimum == self.maximum:
            return f"exactly {self.minimum}"
        return f"{self.minimum} to {self.maximum}"


def _spec(
    tag: TlvTag,
    kind: TlvKind,
    minimum: int,
    maximum: int,
    section: str,
    since: str = "3.4",
) -> TlvSpec:
    return TlvSpec(tag, tag.name.lower(), kind, minimum, maximum, since, section)


_INTEGER = TlvKind.INTEGER
_C_OCTETS = TlvKind.C_OCTET_STRING
_OCTETS = TlvKind.OCTET_STRING

# Lengths are the union of both versions where 5.0 widened a TLV of 3.4 (ms_validity,
# alert_on_message_delivery).
TLVS: Final[dict[int, TlvSpec]] = {
    spec.tag.value: spec
    for spec in (
        _spec(TlvTag.DEST_ADDR_SUBUNIT, _INTEGER, 1, 1, "5.3.2.1"),
        _spec(TlvTag.SOURCE_ADDR_SUBUNIT, _INTEGER, 1, 1, "5.3.2.2"),
        _spec(TlvTag.DEST_NETWORK_TYPE, _INTEGER, 1, 1, "5.3.2.3"),
        _spec(TlvTag.SOURCE_NETWORK_TYPE, _INTEGER, 1, 1, "5.3.2.4"),
        _spec(TlvTag.DEST_BEARER_TYPE, _INTEGER, 1, 1, "5.3.2.5"),
        _spec(TlvTag.SOURCE_BEARER_TYPE, _INTEGER, 1, 1, "5.3.2.6"),
        _spec(TlvTag.DEST_TELEMATICS_ID, _INTEGER, 2, 2, "5.3.2.7"),
        _spec(TlvTag.SOURCE_TELEMATICS_ID, _INTEGER, 1, 1, "5.3.2.8"),
        _spec(TlvTag.QOS_TIME_TO_LIVE, _INTEGER, 4, 4, "5.3.2.9"),
        _spec(TlvTag.PAYLOAD_TYPE, _INTEGER, 1, 1, "5.3.2.10"),
        _spec(TlvTag.ADDITIONAL_STATUS_INFO_TEXT, _C_OCTETS, 1, 256, "5.3.2.11"),
        _spec(TlvTag.RECEIPTED_MESSAGE_ID, _C_OCTETS, 1, 65, "5.3.2.12"),
        _spec(TlvTag.MS_MSG_WAIT_FACILITIES, _INTEGER, 1, 1, "5.3.2.13"),
        _spec(TlvTag.PRIVACY_INDICATOR, _INTEGER, 1, 1, "5.3.2.14"),
        _spec(TlvTag.SOURCE_SUBADDRESS, _OCTETS, 2, 23, "5.3.2.15"),
        _spec(TlvTag.DEST_SUBADDRESS, _OCTETS, 2, 23, "5.3.2.16"),
        _spec(TlvTag.USER_MESSAGE_REFERENCE, _INTEGER, 2, 2, "5.3.2.17"),
        _spec(TlvTag.USER_RESPONSE_CODE, _INTEGER, 1, 1, "5.3.2.18"),
        _spec(TlvTag.LANGUAGE_INDICATOR, _INTEGER, 1, 1, "5.3.2.19"),
        _spec(TlvTag.SOURCE_PORT, _INTEGER, 2, 2, "5.3.2.20"),
        _spec(TlvTag.DESTINATION_PORT, _INTEGER, 2, 2, "5.3.2.21"),
        _spec(TlvTag.SAR_MSG_REF_NUM, _INTEGER, 2, 2, "5.3.2.22"),
        _spec(TlvTag.SAR_TOTAL_SEGMENTS, _INTEGER, 1, 1, "5.3.2.23"),
        _spec(TlvTag.SAR_SEGMENT_SEQNUM, _INTEGER, 1, 1, "5.3.2.24"),
        _spec(TlvTag.SC_INTERFACE_VERSION, _INTEGER, 1, 1, "5.3.2.25"),
        _spec(TlvTag.DISPLAY_TIME, _INTEGER, 1, 1, "5.3.2.26"),
        _spec(TlvTag.MS_VALIDITY, _OCTETS, 1, 4, "5.3.2.27"),
        _spec(TlvTag.DPF_RESULT, _INTEGER, 1, 1, "5.3.2.28"),
        _spec(TlvTag.SET_DPF, _INTEGER, 1, 1, "5.3.2.29"),
        _spec(TlvTag.MS_AVAILABILITY_STATUS, _INTEGER, 1, 1, "5.3.2.30"),
        _spec(TlvTag.NETWORK_ERROR_CODE, _OCTETS, 3, 3, "5.3.2.31"),
        _spec(TlvTag.MESSAGE_PAYLOAD, _OCTETS, 0, _MAX_VALUE, "5.3.2.32"),
        _spec(TlvTag.DELIVERY_FAILURE_REASON, _INTEGER, 1, 1, "5.3.2.33"),
        _spec(TlvTag.MORE_MESSAGES_TO_SEND, _INTEGER, 1, 1, "5.3.2.34"),
        _spec(TlvTag.MESSAGE_STATE, _INTEGER, 1, 1, "5.3.2.35"),
        _spec(TlvTag.CALLBACK_NUM, _OCTETS, 4, 19, "5.3.2.36"),
        _spec(TlvTag.CALLBACK_NUM_PRES_IND, _INTEGER, 1, 1, "5.3.2.37"),
        _spec(TlvTag.CALLBACK_NUM_ATAG, _OCTETS, 0, 65, "5.3.2.38"),
        _spec(TlvTag.NUMBER_OF_MESSAGES, _INTEGER, 1, 1, "5.3.2.39"),
        _spec(TlvTag.SMS_SIGNAL, _INTEGER, 2, 2, "5.3.2.40"),
        _spec(TlvTag.ALERT_ON_MESSAGE_DELIVERY, _OCTETS, 0, 1, "5.3.2.41"),
        _spec(TlvTag.ITS_REPLY_TYPE, _INTEGER, 1, 1, "5.3.2.42"),
        _spec(TlvTag.ITS_SESSION_INFO, _OCTETS, 2, 2, "5.3.2.43"),
        _spec(TlvTag.USSD_SERVICE_OP, _OCTETS, 1, 1, "5.3.2.44"),
        _spec(TlvTag.CONGESTION_STATE, _INTEGER, 1, 1, "4.8.4.18", "5.0"),
        _spec(TlvTag.BROADCAST_CHANNEL_INDICATOR, _INTEGER, 1, 1, "4.8.4.7", "5.0"),
        _spec(TlvTag.BROADCAST_CONTENT_TYPE, _OCTETS, 3, 3, "4.8.4.8", "5.0"),
        _spec(TlvTag.BROADCAST_CONTENT_TYPE_INFO, _OCTETS, 1, 255, "4.8.4.6", "5.0"),
        _spec(TlvTag.BROADCAST_MESSAGE_CLASS, _INTEGER, 1, 1, "4.8.4.12", "5.0"),
        _spec(TlvTag.BROADCAST_REP_NUM, _INTEGER, 2, 2, "4.8.4.13", "5.0"),
        _spec(TlvTag.BROADCAST_FREQUENCY_INTERVAL, _OCTETS, 3, 3, "4.8.4.11", "5.0"),
        _spec(TlvTag.BROADCAST_AREA_IDENTIFIER, _OCTETS, 1, 255, "4.8.4.4", "5.0"),
        _spec(TlvTag.BROADCAST_ERROR_STATUS, _INTEGER, 4, 4, "4.8.4.10", "5.0"),
        _spec(TlvTag.BROADCAST_AREA_SUCCESS, _INTEGER, 1, 1, "4.8.4.5", "5.0"),
        _spec(TlvTag.BROADCAST_END_TIME, _C_OCTETS, 1, 17, "4.8.4.9", "5.0"),
        _spec(TlvTag.BROADCAST_SERVICE_GROUP, _OCTETS, 1, 255, "4.8.4.14", "5.0"),
        _spec(TlvTag.BILLING_IDENTIFICATION, _OCTETS, 1, 1024, "4.8.4.3", "5.0"),
        _spec(TlvTag.SOURCE_NETWORK_ID, _C_OCTETS, 7, 65, "4.8.4.57", "5.0"),
        _spec(TlvTag.DEST_NETWORK_ID, _C_OCTETS, 7, 65, "4.8.4.27", "5.0"),
        _spec(TlvTag.SOURCE_NODE_ID, _OCTETS, 6, 6, "4.8.4.59", "5.0"),
        _spec(TlvTag.DEST_NODE_ID, _OCTETS, 6, 6, "4.8.4.29", "5.0"),
        _spec(TlvTag.DEST_ADDR_NP_RESOLUTION, _INTEGER, 1, 1, "4.8.4.22", "5.0"),
        _spec(TlvTag.DEST_ADDR_NP_INFORMATION, _OCTETS, 10, 10, "4.8.4.21", "5.0"),
        _spec(TlvTag.DEST_ADDR_NP_COUNTRY, _OCTETS, 1, 5, "4.8.4.20", "5.0"),
    )
}
"""Every TLV of SMPP 3.4 §5.3.2 and SMPP 5.0 §4.8.4, by tag."""


def specs_of(tags: Iterable[int]) -> dict[int, TlvSpec]:
    """Return the rows of these tags, by tag: what a PDU expects."""
    return {int(tag): TLVS[tag] for tag in tags}


def tlv_name(tag: int) -> str:
    """Return the specification's name of `tag`, or its number in hexadecimal."""
    spec = TLVS.get(tag)
    return spec.name if spec is not None else f"0x{tag:04x}"


def decode_tlvs(
    data: bytes, at: int, end: int, expected: Mapping[int, TlvSpec], start: int
) -> tuple[Tlv, ...]:
    """Return the TLVs in `data[at:end]`, in order; `start` is where the PDU begins.

    Raises DecodeError: ESME_RINVTLVSTREAM for octets that make no TLV or for too many TLVs,
    ESME_RINVTLVLEN when a TLV that is `expected` in this PDU has a length its row forbids.
    """
    found: list[Tlv] = []
    while at < end:
        left = end - at - 4
        if left < 0:
            detail = f"{left + 4} octets left over, a TLV has at least 4"
            raise DecodeError(_INVALID_STREAM, "tlvs", detail, at - start)
        if len(found) == MAX_TLVS:
            detail = f"more than {MAX_TLVS}, at most {MAX_TLVS}"
            raise DecodeError(_INVALID_STREAM, "tlvs", detail, at - start)
        tag, length = _unpack(data, at)
        if length > left:
            detail = f"length {length}, the PDU has {left} octets left"
            raise DecodeError(_INVALID_STREAM, tlv_name(tag), detail, at - start)
        spec = expected.get(tag)
        if spec is not None and not spec.minimum <= length <= spec.maximum:
            detail = f"length {length}, {spec.lengths()} octets allowed"
            raise DecodeError(_INVALID_LENGTH, spec.name, detail, at - start)
        stop = at + 4 + length
        found.append(_new(Tlv, (tag, data[at + 4 : stop])))
        at = stop
    return tuple(found)


def encode_tlvs(tlvs: Sequence[Tlv], expected: Mapping[int, TlvSpec]) -> bytes:
    """Return the octets of `tlvs`, in the order given.

    Raises EncodeError for a tag or length that does not fit 16 bits, for more than `MAX_TLVS`,
    and for a length its row forbids when the TLV is `expected` in this PDU.
    """
    if len(tlvs) > MAX_TLVS:
        raise EncodeError("tlvs", f"{len(tlvs)}, at most {MAX_TLVS}")
    octets: list[bytes] = []
    try:
        for tag, value in tlvs:
            length = len(value)
            spec = expected.get(tag)
            if spec is not None and not spec.minimum <= length <= spec.maximum:
                raise EncodeError(spec.name, f"{length} octets, {spec.lengths()} allowed")
            octets.append(_pack(tag, length) + value)
    except (TypeError, ValueError, struct_error) as error:
        raise EncodeError(
            "tlvs", "each is (tag 0 to 0xffff, value of at most 65535 octets)"
        ) from error
    return b"".join(octets)


def tlv_value(tlvs: Sequence[Tlv], tag: int) -> bytes | None:
    """Return the value of the first TLV with this tag, or None. Later duplicates are ignored."""
    for found, value in tlvs:
        if found == tag:
            return value
    return None


def integer_tlv(tag: TlvTag, value: int) -> Tlv:
    """Make a TLV of an integer, in the width the table gives. Raises EncodeError."""
    spec = TLVS[tag.value]
    if spec.kind is not TlvKind.INTEGER:
        raise EncodeError(spec.name, f"{spec.kind.value}, not an integer")
    if not 0 <= value < 1 << (8 * spec.maximum):
        raise EncodeError(spec.name, f"{value}, 0 to {(1 << (8 * spec.maximum)) - 1} allowed")
    return Tlv(tag.value, value.to_bytes(spec.maximum, "big"))


def text_tlv(tag: TlvTag, value: bytes) -> Tlv:
    """Make a TLV of a C-octet string: `value` without its NUL. Raises EncodeError."""
    spec = TLVS[tag.value]
    if spec.kind is not TlvKind.C_OCTET_STRING:
        raise EncodeError(spec.name, f"{spec.kind.value}, not a C-Octet String")
    if b"\0" in value:
        raise EncodeError(spec.name, "a NUL within the value")
    if not spec.minimum <= len(value) + 1 <= spec.maximum:
        raise EncodeError(spec.name, f"{len(value) + 1} octets, {spec.lengths()} allowed")
    return Tlv(tag.value, value + b"\0")
