"""Encode and decode the GSM 7-bit default alphabet (3GPP TS 23.038 §6.2.1, formerly GSM 03.38).

A *septet* is a number 0-127. SMPP carries septets *unpacked*, one per octet; the radio path, and
a few message centres, carry them *packed*, eight in seven octets. Characters of the extension
table (`^{}\\[~]|`, euro and form feed) take two septets: the escape 0x1B and a second one.
Only the default language tables are known; the national ones (§6.2.1.2.4) are not.
"""

from __future__ import annotations

import codecs
from typing import Final, NamedTuple

ESCAPE: Final = 0x1B

_BASIC: Final = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION: Final = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}

# U+FFFE marks "undefined" in the tables of codecs.charmap_*; the escape is no character.
_DECODE_MAP: Final = _BASIC.replace("\x1b", "\ufffe")
_ENCODE_MAP: Final[dict[int, int | bytes]] = {
    **{ord(character): septet for septet, character in enumerate(_BASIC) if septet != ESCAPE},
    **{ord(character): bytes((ESCAPE, septet)) for septet, character in _EXTENSION.items()},
}

EXTENSION_CHARACTERS: Final = frozenset(_EXTENSION.values())
"""The characters that cost two septets."""


class Gsm0338Error(ValueError):
    """Say which character or octet is outside the alphabet, and where it stands."""


class LenientText(NamedTuple):
    """Hold a text decoded by the rule for receivers, and how many escapes were not understood."""

    text: str
    unknown_escapes: int


def encode(text: str) -> bytes:
    """Encode to unpacked septets, one per octet.

    Raises Gsm0338Error for the first character that the alphabet lacks.
    """
    try:
        return codecs.charmap_encode(text, "strict", _ENCODE_MAP)[0]
    except UnicodeEncodeError as error:
        character = text[error.start]
        raise Gsm0338Error(
            f"U+{ord(character):04X} at character {error.start + 1} of {len(text)}: "
            "the GSM 03.38 default alphabet has no such character"
        ) from error


def decode(septets: bytes) -> str:
    """Decode unpacked septets, one per octet.

    Raises Gsm0338Error for an octet above 0x7F, for an escape that nothing follows, and for an
    escape followed by a septet that the extension table leaves open.
    """
    try:
        return codecs.charmap_decode(septets, "strict", _DECODE_MAP)[0]
    except UnicodeDecodeError:
        text, unknown = _decode_escaped(septets)
    if unknown:
        raise Gsm0338Error(
            f"escape without a character of the extension table at octet {unknown[0] + 1} "
            f"of {len(septets)}"
        )
    return text


def decode_lenient(septets: bytes) -> LenientText:
    """Decode as a handset shows it, counting the escapes that could not be understood.

    3GPP TS 23.038 §6.2.1.1: after an escape, a septet that the extension table leaves open is
    shown as in the main table; a doubled or trailing escape is shown as a space.
    Raises Gsm0338Error for an octet above 0x7F.
    """
    text, unknown = _decode_escaped(septets)
    return LenientText(text, len(unknown))


def _decode_escaped(septets: bytes) -> tuple[str, list[int]]:
    """Decode septets with escapes; give the text and the positions of escapes not understood."""
    characters: list[str] = []
    unknown: list[int] = []
    position = 0
    while position < len(septets):
        septet = septets[position]
        if septet > 0x7F:
            raise Gsm0338Error(
                f"octet 0x{septet:02X} at {position + 1} of {len(septets)}: "
                "unpacked GSM 03.38 text has octets 0x00-0x7F only"
            )
        if septet != ESCAPE:
            characters.append(_BASIC[septet])
            position += 1
            continue
        following = septets[position + 1] if position + 1 < len(septets) else ESCAPE
        character = _EXTENSION.get(following)
        if character is not None:
            characters.append(character)
            position += 2
            continue
        unknown.append(position)
        if following == ESCAPE:
            characters.append(" ")
            position += 2
        else:
            position += 1
    return "".join(characters), unknown


def is_encodable(text: str) -> bool:
    """Say whether every character is in the default alphabet or its extension table."""
    try:
        encode(text)
    except Gsm0338Error:
        return False
    return True


def septet_count(text: str) -> int:
    """Count septets: one per character, two for those of the extension table.

    Raises Gsm0338Error for a character that the alphabet lacks.
    """
    return len(encode(text))


def fill_bits_after(header_length: int) -> int:
    """Give the number of bits (0-6) between a header and packed text, which starts on a septet.

    `header_length` counts the octets of the user data header with its length octet
    (3GPP TS 23.040 §9.2.3.24).
    """
    return -header_length * 8 % 7


def pack(septets: bytes, fill_bits: int = 0) -> bytes:
    """Pack unpacked septets, eight in seven octets, least significant bit first (§6.1.2.1).

    `fill_bits` zero bits stand before the first septet; spare bits at the end are zero.
    Raises Gsm0338Error for an octet above 0x7F.
    """
    bits = 0
    for position in range(len(septets) - 1, -1, -1):
        septet = septets[position]
        if septet > 0x7F:
            raise Gsm0338Error(f"octet 0x{septet:02X} at {position + 1}: a septet is 0x00-0x7F")
        bits = bits << 7 | septet
    length = (fill_bits + 7 * len(septets) + 7) // 8
    return (bits << fill_bits).to_bytes(length, "little")


def unpack(data: bytes, count: int | None = None, fill_bits: int = 0) -> bytes:
    """Unpack to one septet per octet, so that `decode` reads it.

    `count` is the number of septets where it is known. SMPP has no field for it: without it, a
    last septet of zero that fills exactly the seven spare bits is taken as padding and not as
    "@" (a text of 8, 16, ... septets that ends in "@" can't be told from it).
    Raises Gsm0338Error where `data` is too short for `count` septets.
    """
    available = max(0, len(data) * 8 - fill_bits) // 7
    if count is not None and not 0 <= count <= available:
        raise Gsm0338Error(f"{count} septets in {len(data)} octets: at most {available} fit")
    bits = int.from_bytes(data, "little") >> fill_bits
    length = available if count is None else count
    septets = bytearray(length)
    for position in range(length):
        septets[position] = bits & 0x7F
        bits >>= 7
    spare_filled = (len(data) * 8 - fill_bits) % 7 == 0
    if count is None and spare_filled and length and septets[-1] == 0:
        del septets[-1]
    return bytes(septets)
