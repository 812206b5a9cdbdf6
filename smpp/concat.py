"""Cut long texts into segments, recognise segments, put them together, and count them.

A message longer than one short message travels as segments in one of three ways: a user data
header with an 8- or 16-bit reference (3GPP TS 23.040 §9.2.3.24), the sar_* TLVs (SMPP 3.4
§5.3.2.22 to 24), or uncut in the message_payload TLV (§5.3.2.32).

One short message holds 140 octets. A header takes 6 or 7 of them (its own length included), and
a 7-bit alphabet packs eight characters into seven octets:

    header           octets   UCS2 characters   septets
    none                140                70       160
    8-bit reference     134                67       153
    16-bit reference    133                66       152

With sar_* TLVs the message centre makes the header, of 8 bits as a rule, so they hold as much.

Counting knows two rules. `pdu` counts what travels, by the table above. `domestic` is how
mainland carriers bill: every character counts one whatever its alphabet, up to 70 are one
segment, more are ceil(n / 67). Characters are UTF-16 code units, as on the handset: an emoji
outside the Basic Multilingual Plane counts two.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from . import gsm0338
from .constants import ESM_UDHI, CommandStatus, TlvTag
from .errors import DecodeError, EncodeError
from .text import alphabet_of, encode_in, encoding_alphabet, utf16_length
from .tlvs import Tlv
from .udh import (
    CONCAT_8_OCTETS,
    CONCAT_16_OCTETS,
    Concatenation,
    build_udh,
    concat_element,
    concat_of,
    parse_udh,
)

PartKind = Literal["udh8", "udh16", "sar"]
SplitMethod = Literal["udh8", "udh16", "sar", "payload"]
CountingRule = Literal["domestic", "pdu"]

MESSAGE_OCTETS: Final = 140
"""User data of one short message, its header included (3GPP TS 23.040 §9.2.3.16)."""
DOMESTIC_SINGLE: Final = 70
DOMESTIC_SEGMENT: Final = 67
MAX_SEGMENTS: Final = 255
MAX_PAYLOAD: Final = 0xFFFF
"""Octets in a message_payload TLV."""

_MESSAGE_PAYLOAD: Final = TlvTag.MESSAGE_PAYLOAD.value
_SAR_REFERENCE: Final = TlvTag.SAR_MSG_REF_NUM.value
_SAR_TOTAL: Final = TlvTag.SAR_TOTAL_SEGMENTS.value
_SAR_INDEX: Final = TlvTag.SAR_SEGMENT_SEQNUM.value
_SAR_OCTETS: Final = {_SAR_REFERENCE: 2, _SAR_TOTAL: 1, _SAR_INDEX: 1}
_SAR_NAMES: Final = {
    _SAR_REFERENCE: "sar_msg_ref_num",
    _SAR_TOTAL: "sar_total_segments",
    _SAR_INDEX: "sar_segment_seqnum",
}
_SEPTET_ALPHABETS: Final = frozenset({"gsm0338", "gsm0338-packed", "ascii"})
_HEADER_OCTETS: Final[dict[str, int]] = {
    "udh8": CONCAT_8_OCTETS,
    "udh16": CONCAT_16_OCTETS,
    "sar": CONCAT_8_OCTETS,
}
_MAX_REFERENCE: Final[dict[str, int]] = {"udh8": 0xFF, "udh16": 0xFFFF, "sar": 0xFFFF}


@dataclass(frozen=True, slots=True)
class Part:
    """Hold one segment of a concatenated message: its place, and its text without the header.

    Segments belong together when sender, recipient, `kind`, `reference` and `total` agree.
    """

    reference: int
    total: int
    index: int
    payload: bytes
    kind: PartKind


class SplitPart(NamedTuple):
    """Hold what one PDU of a split text needs; `esm_class` has the bits to set beside others."""

    short_message: bytes
    esm_class: int
    tlvs: tuple[Tlv, ...]


class _Sar(NamedTuple):
    """Hold the values of the three sar_* TLVs."""

    reference: int
    total: int
    segment: int


def content_of(short_message: bytes, tlvs: Iterable[Tlv]) -> bytes:
    """Give the user data, header included: short_message, or message_payload in its place.

    Raises DecodeError (ESME_RTLVNOTALLWD, 0xC1) where both carry octets: SMPP 3.4 §5.3.2.32
    wants sm_length 0 beside message_payload, and neither may be dropped.
    """
    for tlv in tlvs:
        if tlv.tag != _MESSAGE_PAYLOAD:
            continue
        if short_message and tlv.value:
            raise DecodeError(
                CommandStatus.ESME_RTLVNOTALLWD.value,
                "message_payload",
                f"{len(tlv.value)} octets beside a short_message of {len(short_message)}: "
                "only one of both is allowed",
                0,
            )
        return tlv.value or short_message
    return short_message


def payload_of(esm_class: int, short_message: bytes, tlvs: Iterable[Tlv]) -> bytes:
    """Give the octets of the text alone, without a user data header.

    For a message that is no segment; a Part has its own payload. Where esm_class lacks UDHI and
    there are no TLVs this is short_message itself, and a hot loop need not call.
    Raises DecodeError as `content_of` and `udh.parse_udh` do.
    """
    content = content_of(short_message, tlvs)
    return parse_udh(content).payload if esm_class & ESM_UDHI else content


def part_of(esm_class: int, short_message: bytes, tlvs: Sequence[Tlv]) -> Part | None:
    """Recognise a segment of a concatenated message; None for a message of its own.

    Of the sar_* TLVs all three count or none (SMPP 3.4 §5.3.2.22: "otherwise this parameter
    shall be ignored"). A header and sar_* may both be there if they agree; the header's
    reference is taken. A total of 1 is reported like any other.

    Raises DecodeError: ESME_RINVESMCLASS for a malformed header, or in it a total of 0 or an
    index of 0 or above the total; ESME_RINVTLVVAL for the same in sar_*, or where these
    contradict the header; ESME_RINVTLVLEN for a sar_* TLV of wrong length; ESME_RTLVNOTALLWD for
    short_message and message_payload at once.
    """
    if not tlvs:
        if not esm_class & ESM_UDHI:
            return None
        found = concat_of(short_message)
        return None if found is None else _part_of_header(found, short_message)
    content = content_of(short_message, tlvs)
    sar = _sar_of(tlvs)
    if not esm_class & ESM_UDHI:
        return None if sar is None else Part(*sar, content, "sar")
    found = concat_of(content)
    if found is None:
        return None if sar is None else Part(*sar, parse_udh(content).payload, "sar")
    if sar is not None and (sar.segment, sar.total) != (found.index, found.total):
        raise DecodeError(
            CommandStatus.ESME_RINVTLVVAL.value,
            "sar_segment_seqnum",
            f"segment {sar.segment} of {sar.total}, but the user data header says "
            f"{found.index} of {found.total}",
            0,
        )
    return _part_of_header(found, content)


def _part_of_header(found: Concatenation, content: bytes) -> Part:
    return Part(
        found.reference,
        found.total,
        found.index,
        content[found.offset :],
        "udh16" if found.wide else "udh8",
    )


def _sar_of(tlvs: Iterable[Tlv]) -> _Sar | None:
    """Read the sar_* TLVs; None unless all three are there."""
    values: dict[int, int] = {}
    for tag, value in tlvs:
        octets = _SAR_OCTETS.get(tag)
        if octets is None:
            continue
        if len(value) != octets:
            raise DecodeError(
                CommandStatus.ESME_RINVTLVLEN.value,
                _SAR_NAMES[tag],
                f"{len(value)} octets: exactly {octets}",
                0,
            )
        values[tag] = int.from_bytes(value, "big")
    if len(values) < len(_SAR_OCTETS):
        return None
    sar = _Sar(values[_SAR_REFERENCE], values[_SAR_TOTAL], values[_SAR_INDEX])
    if not 0 < sar.segment <= sar.total:
        raise DecodeError(
            CommandStatus.ESME_RINVTLVVAL.value,
            _SAR_NAMES[_SAR_INDEX],
            f"segment {sar.segment} of {sar.total}: the index runs from 1 to a total of 1 to 255",
            0,
        )
    return sar


def join(parts: Iterable[Part]) -> bytes:
    """Put the payloads of all segments of one message together, in the order of their index.

    Decode the text only then: clients cut characters in two. Packed 7-bit text is the exception:
    each of its segments starts on an octet, so unpack it first (`gsm0338.unpack`).
    Raises ValueError where a segment is missing, comes twice or has another total.
    """
    ordered = sorted(parts, key=_index_of)
    total = ordered[0].total if ordered else 0
    expected = list(range(1, total + 1))
    seen = [part.index for part in ordered]
    if not ordered or seen != expected or any(part.total != total for part in ordered):
        raise ValueError(f"segments {seen} of {total}: each of 1 to {total} must be there once")
    return b"".join([part.payload for part in ordered])


def _index_of(part: Part) -> int:
    return part.index


def split(
    text: str,
    data_coding: int,
    default_alphabet: str = "gsm0338",
    method: SplitMethod = "udh8",
    reference: int = 0,
    *,
    gb18030: bool = False,
) -> list[SplitPart]:
    """Encode a text and cut it into as many short messages as it needs, at least one.

    A surrogate pair, an escape sequence or a character of several octets is never cut. A text
    that fits one short message gets no header and no sar_* TLVs. With method "payload" all of
    it goes into one message_payload TLV. `reference` is 0-255 for "udh8", else 0-65535.

    Raises EncodeError for a text or data_coding that `text.encode_text` refuses, a reference out
    of range, more than 255 segments, or more than 65,535 octets of message_payload.
    """
    alphabet = encoding_alphabet(data_coding, default_alphabet, gb18030)
    if method == "payload":
        return [_payload_part(encode_in(text, alphabet))]
    if not 0 <= reference <= _MAX_REFERENCE[method]:
        raise EncodeError(
            "reference", f"{reference}: allowed are 0 to {_MAX_REFERENCE[method]} with {method}"
        )
    pieces = _cut(text, alphabet, _HEADER_OCTETS[method])
    total = len(pieces)
    if total == 1:
        return [SplitPart(encode_in(text, alphabet), 0, ())]
    if total > MAX_SEGMENTS:
        raise EncodeError("short_message", f"{total} segments: at most {MAX_SEGMENTS}")
    if method == "sar":
        return [
            SplitPart(encode_in(piece, alphabet), 0, _sar_tlvs(reference, total, index))
            for index, piece in enumerate(pieces, 1)
        ]
    wide = method == "udh16"
    parts = []
    for index, piece in enumerate(pieces, 1):
        header = build_udh([concat_element(reference, total, index, wide=wide)])
        if alphabet == "gsm0338-packed":
            fill_bits = gsm0338.fill_bits_after(len(header))
            body = gsm0338.pack(gsm0338.encode(piece), fill_bits)
        else:
            body = encode_in(piece, alphabet)
        parts.append(SplitPart(header + body, ESM_UDHI, ()))
    return parts


def segment_count(
    text: str,
    data_coding: int,
    rule: CountingRule = "domestic",
    default_alphabet: str = "gsm0338",
    *,
    gb18030: bool = False,
) -> int:
    """Count the segments of a whole text, at least 1, by the rule of the contract.

    Binary text (hexadecimal digits) has no characters and counts by `pdu` under both rules.
    A message that its client cut itself is billed by its parts, not by this.
    Raises EncodeError as `split` does for "pdu" and for binary text, ValueError for an unknown
    rule.
    """
    if rule == "domestic":
        if alphabet_of(data_coding, default_alphabet, gb18030) != "binary":
            characters = utf16_length(text)
            if characters <= DOMESTIC_SINGLE:
                return 1
            return -(-characters // DOMESTIC_SEGMENT)
    elif rule != "pdu":
        raise ValueError(f"segment rule {rule!r}: allowed are domestic, pdu")
    alphabet = encoding_alphabet(data_coding, default_alphabet, gb18030)
    return len(_cut(text, alphabet, CONCAT_8_OCTETS))


def _capacity(alphabet: str, header_octets: int) -> int:
    """Give what one short message holds beside a header, in units of `_encoded_units`."""
    octets = MESSAGE_OCTETS - header_octets
    return octets * 8 // 7 if alphabet in _SEPTET_ALPHABETS else octets


def _encoded_units(text: str, alphabet: str) -> bytes:
    """Encode so that each octet is one unit of `_capacity`: a septet or an octet."""
    return encode_in(text, "gsm0338" if alphabet == "gsm0338-packed" else alphabet)


def _cut(text: str, alphabet: str, header_octets: int) -> list[str]:
    """Cut a text into the longest pieces that each fit one short message with its header."""
    encoded = _encoded_units(text, alphabet)
    if len(encoded) <= _capacity(alphabet, 0):
        return [text]
    capacity = _capacity(alphabet, header_octets)
    if alphabet == "binary":
        return [
            encoded[start : start + capacity].hex() for start in range(0, len(encoded), capacity)
        ]
    shortest = 2 if alphabet == "ucs2" else 1
    if len(encoded) == shortest * len(text):
        step = capacity // shortest
        return [text[start : start + step] for start in range(0, len(text), step)]
    return _cut_by_character(text, alphabet, capacity)


def _cut_by_character(text: str, alphabet: str, capacity: int) -> list[str]:
    pieces: list[str] = []
    start = used = 0
    for position, character in enumerate(text):
        units = len(_encoded_units(character, alphabet))
        if used + units > capacity:
            pieces.append(text[start:position])
            start, used = position, 0
        used += units
    pieces.append(text[start:])
    return pieces


def _payload_part(content: bytes) -> SplitPart:
    if len(content) > MAX_PAYLOAD:
        raise EncodeError("message_payload", f"{len(content)} octets: at most {MAX_PAYLOAD}")
    return SplitPart(b"", 0, (Tlv(_MESSAGE_PAYLOAD, content),))


def _sar_tlvs(reference: int, total: int, index: int) -> tuple[Tlv, ...]:
    return (
        Tlv(_SAR_REFERENCE, reference.to_bytes(2, "big")),
        Tlv(_SAR_TOTAL, bytes((total,))),
        Tlv(_SAR_INDEX, bytes((index,))),
    )
