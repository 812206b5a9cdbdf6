"""Turn the octets of a short message into text and back, by data_coding and account.

data_coding (SMPP 3.4 §5.2.19, GSM 03.38 §4) names the alphabet, with two gaps that an account
fills: 0 is "the message centre's default alphabet", which differs from one to the next, and 15
is reserved but means GB18030 with mainland carriers. Binary text is shown as hexadecimal digits.

Nothing is lost silently: octets that no character can stand for are an error, and a text that
was decoded but looks damaged carries notes.

The hot loop calls `decode_ucs2` where data_coding is 8 and the body is not empty of surprises:

    try:
        text = decode_ucs2(short_message)
    except UnicodeDecodeError:
        decoded = decode_text(short_message, 8)

which gives the same text as `decode_text` and leaves out the notes.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable
from typing import Final, NamedTuple

from . import gsm0338
from .constants import CommandStatus, DataCoding
from .errors import DecodeError, EncodeError

DEFAULT_ALPHABETS: Final = ("gsm0338", "gsm0338-packed", "ascii", "latin1", "utf8", "gb18030")
"""What an account's `default alphabet`, the meaning of data_coding 0, may be."""

ODD_LENGTH: Final = "odd_length"
"""UCS2 text with half a character at its end, shown as U+FFFD."""
LONE_SURROGATE: Final = "lone_surrogate"
"""UCS2 text with half a surrogate pair, shown as U+FFFD."""
REPLACEMENT_CHARACTER: Final = "replacement_character"
"""The text itself holds U+FFFD: an earlier conversion lost a character."""
BYTE_ORDER_MARK: Final = "byte_order_mark"
"""UCS2 text starts with U+FEFF; it stays in the text, where it counts as a character."""
SWAPPED_OCTETS: Final = "swapped_octets"
"""UCS2 text starts with U+FFFE: it is probably little-endian, which SMPP does not allow."""
NUL_CHARACTER: Final = "nul_character"
"""The text holds U+0000, as from a terminated C string."""
UNKNOWN_ESCAPE: Final = "unknown_escape"
"""GSM 03.38 text with an escape that was shown by the rule for receivers."""

_UCS2: Final = DataCoding.UCS2.value
_GB18030: Final = DataCoding.GB18030.value
_INVALID_CODING: Final = CommandStatus.ESME_RINVDCS.value
_DEFAULT: Final = "default"
_NO_NOTES: Final[tuple[str, ...]] = ()


class TextError(DecodeError):
    """Report text that can't be decoded: an unknown data_coding, or octets outside its alphabet.

    `command_status` is ESME_RINVDCS of SMPP 5.0; a caller that speaks 3.4 chooses another one.
    """


class DecodedText(NamedTuple):
    """Hold a text, the alphabet it was decoded by and what looks wrong with it.

    `notes` are the note constants of this module; empty where nothing is suspicious.
    """

    text: str
    alphabet: str
    notes: tuple[str, ...]


def _decode_gsm(data: bytes) -> tuple[str, tuple[str, ...]]:
    try:
        return gsm0338.decode(data), _NO_NOTES
    except gsm0338.Gsm0338Error:
        return gsm0338.decode_lenient(data).text, (UNKNOWN_ESCAPE,)


def _decode_packed(data: bytes) -> tuple[str, tuple[str, ...]]:
    return _decode_gsm(gsm0338.unpack(data))


def _encode_packed(text: str) -> bytes:
    return gsm0338.pack(gsm0338.encode(text))


def _decode_ucs2_noting(data: bytes) -> tuple[str, tuple[str, ...]]:
    try:
        return codecs.utf_16_be_decode(data, "strict", True)[0], _NO_NOTES
    except UnicodeDecodeError:
        pass
    notes = []
    even = data
    if len(data) % 2:
        notes.append(ODD_LENGTH)
        even = data[:-1]
    try:
        text = codecs.utf_16_be_decode(even, "strict", True)[0]
    except UnicodeDecodeError:
        notes.append(LONE_SURROGATE)
        text = codecs.utf_16_be_decode(even, "replace", True)[0]
    return (text if even is data else text + "\ufffd"), tuple(notes)


def _encode_ucs2(text: str) -> bytes:
    return codecs.utf_16_be_encode(text)[0]


def _decode_binary(data: bytes) -> tuple[str, tuple[str, ...]]:
    return data.hex(), _NO_NOTES


def _decoder(codec: str) -> Callable[[bytes], tuple[str, tuple[str, ...]]]:
    def decode(data: bytes) -> tuple[str, tuple[str, ...]]:
        return data.decode(codec), _NO_NOTES

    return decode


def _encoder(codec: str) -> Callable[[str], bytes]:
    def encode(text: str) -> bytes:
        return text.encode(codec)

    return encode


_DECODERS: Final[dict[str, Callable[[bytes], tuple[str, tuple[str, ...]]]]] = {
    "gsm0338": _decode_gsm,
    "gsm0338-packed": _decode_packed,
    "ascii": _decoder("ascii"),
    "latin1": _decoder("latin-1"),
    "utf8": _decoder("utf-8"),
    "gb18030": _decoder("gb18030"),
    "ucs2": _decode_ucs2_noting,
    "binary": _decode_binary,
    "shift_jis": _decoder("shift_jis"),
    "iso8859_5": _decoder("iso8859_5"),
    "iso8859_8": _decoder("iso8859_8"),
    "euc_kr": _decoder("euc_kr"),
}
_ENCODERS: Final[dict[str, Callable[[str], bytes]]] = {
    "gsm0338": gsm0338.encode,
    "gsm0338-packed": _encode_packed,
    "ascii": _encoder("ascii"),
    "latin1": _encoder("latin-1"),
    "utf8": _encoder("utf-8"),
    "gb18030": _encoder("gb18030"),
    "ucs2": _encode_ucs2,
    "binary": bytes.fromhex,
    "shift_jis": _encoder("shift_jis"),
    "iso8859_5": _encoder("iso8859_5"),
    "iso8859_8": _encoder("iso8859_8"),
    "euc_kr": _encoder("euc_kr"),
}

# SMPP 3.4 §5.2.19 for 0x00-0x0F. 0x10-0x1F are the general group of GSM 03.38 §4 with a message
# class (flash texts), 0xC0-0xEF message waiting, 0xF0-0xFF data coding / message class.
_BY_ALPHABET_BITS: Final = (_DEFAULT, "binary", "ucs2")
_ALPHABETS: Final[dict[int, str]] = {
    0x00: _DEFAULT,
    0x01: "ascii",
    0x02: "binary",
    0x03: "latin1",
    0x04: "binary",
    0x05: "shift_jis",
    0x06: "iso8859_5",
    0x07: "iso8859_8",
    0x08: "ucs2",
    0x0E: "euc_kr",
    **{coding: _BY_ALPHABET_BITS[coding >> 2 & 3] for coding in range(0x10, 0x1C)},
    **dict.fromkeys(range(0xC0, 0xE0), _DEFAULT),
    **dict.fromkeys(range(0xE0, 0xF0), "ucs2"),
    **{coding: _BY_ALPHABET_BITS[coding >> 2 & 1] for coding in range(0xF0, 0x100)},
}
_KNOWN: Final = (
    "known are 0-8, 14, 15 (GB18030, where the account allows it), "
    "0x10-0x1B and 0xC0-0xFF (GSM 03.38)"
)


def alphabet_of(
    data_coding: int, default_alphabet: str = "gsm0338", gb18030: bool = False
) -> str | None:
    """Name the alphabet of a data_coding, or None for one that is not known.

    The names are those of DEFAULT_ALPHABETS, "ucs2", "binary" and four of Python's codecs.
    Raises ValueError for a `default_alphabet` that is not in DEFAULT_ALPHABETS.
    """
    if default_alphabet not in DEFAULT_ALPHABETS:
        raise ValueError(
            f"default alphabet {default_alphabet!r}: allowed are {', '.join(DEFAULT_ALPHABETS)}"
        )
    if data_coding == _GB18030:
        return "gb18030" if gb18030 else None
    alphabet = _ALPHABETS.get(data_coding)
    return default_alphabet if alphabet == _DEFAULT else alphabet


def decode_ucs2(data: bytes) -> str:
    """Decode UTF-16BE with surrogate pairs: the fast path for data_coding 8.

    Raises UnicodeDecodeError for half a character or half a surrogate pair anywhere; then
    `decode_text` gives the text with its notes.
    """
    # Without `final` the codec would drop an incomplete character at the end in silence.
    return codecs.utf_16_be_decode(data, "strict", True)[0]


def decode_text(
    data: bytes, data_coding: int, default_alphabet: str = "gsm0338", gb18030: bool = False
) -> DecodedText:
    """Decode user data (without its header) by data_coding.

    `default_alphabet` is the account's meaning of 0, one of DEFAULT_ALPHABETS; `gb18030` says
    whether the account may use 15. Raises TextError for an unknown data_coding and for octets
    that are not in its alphabet, ValueError for an unknown `default_alphabet`.
    """
    if data_coding == _UCS2:
        alphabet = "ucs2"
        text, notes = _decode_ucs2_noting(data)
    else:
        alphabet, text, notes = _decode_by_table(data, data_coding, default_alphabet, gb18030)
    if "\ufffd" in text or "\0" in text or text[:1] in ("\ufeff", "\ufffe"):
        notes += _suspicions(text, notes)
    return DecodedText(text, alphabet, notes)


def _decode_by_table(
    data: bytes, data_coding: int, default_alphabet: str, gb18030: bool
) -> tuple[str, str, tuple[str, ...]]:
    alphabet = alphabet_of(data_coding, default_alphabet, gb18030)
    if alphabet is None:
        raise TextError(
            _INVALID_CODING, "data_coding", f"0x{data_coding:02X} is not known: {_KNOWN}", 0
        )
    try:
        text, notes = _DECODERS[alphabet](data)
    except UnicodeDecodeError as error:
        raise TextError(
            _INVALID_CODING,
            "short_message",
            f"octet 0x{data[error.start]:02X} at {error.start + 1} of {len(data)} is not "
            f"{alphabet}, which data_coding 0x{data_coding:02X} means here",
            0,
        ) from error
    except gsm0338.Gsm0338Error as error:
        raise TextError(
            _INVALID_CODING,
            "short_message",
            f"{error} (data_coding 0x{data_coding:02X} means {alphabet} here)",
            0,
        ) from error
    return alphabet, text, notes


def _suspicions(text: str, notes: tuple[str, ...]) -> tuple[str, ...]:
    """Name what the characters themselves give away; U+FFFD of ours is already noted."""
    ours = (ODD_LENGTH in notes) + (LONE_SURROGATE in notes)
    found = []
    if "\ufffd" in text and not ours:
        found.append(REPLACEMENT_CHARACTER)
    if text.startswith("\ufeff"):
        found.append(BYTE_ORDER_MARK)
    if text.startswith("\ufffe"):
        found.append(SWAPPED_OCTETS)
    if "\0" in text:
        found.append(NUL_CHARACTER)
    return tuple(found)


def encode_text(
    text: str, data_coding: int, default_alphabet: str = "gsm0338", gb18030: bool = False
) -> bytes:
    """Encode a text by data_coding, the inverse of `decode_text`; binary text is hex digits.

    Raises EncodeError for an unknown data_coding and for a character that the alphabet lacks,
    ValueError for an unknown `default_alphabet`.
    """
    return encode_in(text, encoding_alphabet(data_coding, default_alphabet, gb18030))


def encoding_alphabet(
    data_coding: int, default_alphabet: str = "gsm0338", gb18030: bool = False
) -> str:
    """Name the alphabet to encode in.

    Raises EncodeError for an unknown data_coding, ValueError for an unknown `default_alphabet`.
    """
    alphabet = alphabet_of(data_coding, default_alphabet, gb18030)
    if alphabet is None:
        raise EncodeError("data_coding", f"0x{data_coding:02X} is not known: {_KNOWN}")
    return alphabet


def encode_in(text: str, alphabet: str) -> bytes:
    """Encode a text in an alphabet named as by `alphabet_of`.

    Raises EncodeError for a character that the alphabet lacks.
    """
    try:
        return _ENCODERS[alphabet](text)
    except UnicodeEncodeError as error:
        raise EncodeError(
            "short_message",
            f"U+{ord(text[error.start]):04X} at character {error.start + 1} of {len(text)} "
            f"is not in {alphabet}",
        ) from error
    except gsm0338.Gsm0338Error as error:
        raise EncodeError("short_message", str(error)) from error
    except ValueError as error:
        raise EncodeError(
            "short_message", f"binary text must be pairs of hex digits: {error}"
        ) from error


def choose_data_coding(text: str, default_alphabet: str = "gsm0338") -> int:
    """Choose the data_coding that carries `text`: 0 where the default alphabet can, else UCS2.

    With a default alphabet of several octets a character (utf8, gb18030) only ASCII goes as 0:
    every receiver reads that.
    """
    if default_alphabet in ("utf8", "gb18030"):
        return 0 if text.isascii() else _UCS2
    try:
        encode_text(text, 0, default_alphabet)
    except EncodeError:
        return _UCS2
    return 0


def utf16_length(text: str) -> int:
    """Count UTF-16 code units: what a handset shows as characters; most emoji count two."""
    return len(codecs.utf_16_be_encode(text, "surrogatepass")[0]) >> 1
