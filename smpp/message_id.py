"""Write and read the forms of a message_id.

The gateway numbers messages; each account sees the number in a form of its own, and perhaps in
another one in receipts. Every form holds the number itself, so reading it back needs no table.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, Literal

from .constants import CommandStatus
from .errors import DecodeError, EncodeError

MessageIdForm = Literal["decimal", "hex", "hex_upper", "padded", "uuid"]
"""decimal; hex, hex_upper: as short as it goes; padded: 20 digits; uuid: 36 characters."""

MAX_NUMBER: Final = 10**20 - 1
_MAX_DIGITS: Final = 20
_UUID_LOW_BITS: Final = 62
_UUID: Final = re.compile(
    r"([0-9a-f]{8})-([0-9a-f]{4})-8([0-9a-f]{3})-([89ab][0-9a-f]{3})-([0-9a-f]{12})"
)


def _format_decimal(number: int) -> bytes:
    return b"%d" % number


def _format_hex(number: int) -> bytes:
    return b"%x" % number


def _format_hex_upper(number: int) -> bytes:
    return b"%X" % number


def _format_padded(number: int) -> bytes:
    return b"%020d" % number


def _format_uuid(number: int) -> bytes:
    # RFC 9562 §5.8, version 8: 48 and 12 bits of ours, the variant 0b10, 62 bits of ours.
    low = number & (1 << _UUID_LOW_BITS) - 1 | 2 << _UUID_LOW_BITS
    high = number >> _UUID_LOW_BITS
    digits = b"%012x8%03x%016x" % (high >> 12, high & 0xFFF, low)
    return b"-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _parse_decimal(value: str) -> int | None:
    return int(value) if value.isdigit() and len(value) <= _MAX_DIGITS else None


def _parse_hex(value: str) -> int | None:
    if not 0 < len(value) <= _MAX_DIGITS or value.strip("0123456789abcdefABCDEF"):
        return None
    return int(value, 16)


def _parse_uuid(value: str) -> int | None:
    match = _UUID.fullmatch(value.lower())
    if match is None:
        return None
    high = int(match[1] + match[2], 16) << 12 | int(match[3], 16)
    low = int(match[4] + match[5], 16) & (1 << _UUID_LOW_BITS) - 1
    return high << _UUID_LOW_BITS | low


_FORMATTERS: Final[dict[str, Callable[[int], bytes]]] = {
    "decimal": _format_decimal,
    "hex": _format_hex,
    "hex_upper": _format_hex_upper,
    "padded": _format_padded,
    "uuid": _format_uuid,
}
_PARSERS: Final[dict[str, Callable[[str], int | None]]] = {
    "decimal": _parse_decimal,
    "hex": _parse_hex,
    "hex_upper": _parse_hex,
    "padded": _parse_decimal,
    "uuid": _parse_uuid,
}


def message_id_formatter(form: MessageIdForm) -> Callable[[int], bytes]:
    """Give the function that writes a number (0 to 10**20 - 1, unchecked) in a form.

    For hot loops, which look it up once. Raises ValueError for an unknown form.
    """
    formatter = _FORMATTERS.get(form)
    if formatter is None:
        raise ValueError(f"message_id form {form!r}: allowed are {', '.join(_FORMATTERS)}")
    return formatter


def format_message_id(number: int, form: MessageIdForm = "decimal") -> bytes:
    """Write a number as message_id.

    Raises ValueError for an unknown form, EncodeError for a number of more than 20 digits.
    """
    if not 0 <= number <= MAX_NUMBER:
        raise EncodeError("message_id", f"{number}: allowed are 0 to {MAX_NUMBER}")
    return message_id_formatter(form)(number)


def parse_message_id(message_id: bytes | str, form: MessageIdForm = "decimal") -> int:
    """Read a message_id back: the inverse of `format_message_id`.

    Decimal forms accept leading zeros lost or added, hexadecimal ones both cases: clients
    convert. Raises DecodeError (ESME_RINVMSGID) for anything else, ValueError for an unknown
    form.
    """
    message_id_formatter(form)
    value = message_id.decode("latin-1") if isinstance(message_id, bytes) else message_id
    number = _PARSERS[form](value) if value.isascii() else None
    if number is None or number > MAX_NUMBER:
        raise DecodeError(
            CommandStatus.ESME_RINVMSGID.value,
            "message_id",
            f"{value[:40]!r} is not a message_id of the form {form}",
            0,
        )
    return number
