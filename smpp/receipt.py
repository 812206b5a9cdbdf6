"""Write and read the text of delivery receipts.

SMPP 3.4 Appendix B describes the text as one vendor's habit, which became everybody's:

    id:… sub:001 dlvrd:001 submit date:YYMMDDhhmm done date:YYMMDDhhmm stat:DELIVRD err:000 text:…

Every message centre differs in something, so writing follows a ReceiptDialect, and reading takes
all of them. A hot loop fills a prepared template with `fill`; `build` is the same in comfort.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Final, Literal

from .constants import RECEIPT_WORDS, STATES_OF_RECEIPT_WORDS, CommandStatus, MessageState
from .errors import DecodeError, EncodeError
from .times import CHINA_ZONE

ReceiptField = Literal["sub", "dlvrd", "submit_date", "done_date", "err", "text"]

SNIPPET_CHARACTERS: Final = 20
"""Characters of the message that a receipt repeats (SMPP 3.4 Appendix B)."""

_FIELDS: Final = ("id", "sub", "dlvrd", "submit_date", "done_date", "stat", "err", "text")
_DATE_FORMATS: Final[dict[int, str]] = {10: "%y%m%d%H%M", 12: "%y%m%d%H%M%S", 14: "%Y%m%d%H%M%S"}
_KEY: Final = re.compile(
    rb"(?i:(?<![0-9a-z_])(id|sub|dlvrd|submit[ _-]?date|done[ _-]?date|stat|err|text)[ \t]*:[ \t]*)"
)
# The layout nearly all use, in one match: `parse` takes 10 µs instead of 18.
_USUAL: Final = re.compile(
    rb"id:([0-9A-Za-z-]+) sub:(\d+) dlvrd:(\d+) submit date:(\d+) done date:(\d+) "
    rb"stat:([0-9A-Za-z]+) err:([0-9A-Za-z]+) [Tt]ext:[ \t]*(.*)",
    re.DOTALL,
)
_FIELD_OF_KEY: Final = {field.replace("_", ""): field for field in _FIELDS}
_DATE_SEPARATORS: Final = str.maketrans("", "", "-/:. T")
_LONG_WORDS: Final[dict[str, MessageState]] = {
    state.name: state for state in MessageState
} | STATES_OF_RECEIPT_WORDS
_DELIVERED: Final = b"DELIVRD"
_CONTROLS: Final = dict.fromkeys((*range(0x20), 0x7F), "?")


class ReceiptError(DecodeError):
    """Report a text that is no receipt; `command_status` is ESME_RX_R_APPN."""


@dataclass(frozen=True)
class ReceiptDialect:
    """Say how a message centre writes its receipts.

    `date_digits`: 10 YYMMDDhhmm, 12 YYMMDDhhmmss, 14 YYYYMMDDhhmmss. `omit`: fields left out.
    `keys`: "lower" as above, "spec" with the "Text:" of Appendix B, "upper". `err_form`:
    whether a numeric error code stands in decimal or hexadecimal digits. `text_encoding`:
    Python's name of the codec of the snippet; what it lacks becomes "?". `zone`: of the dates.
    `tlv_only`: no text at all, everything is in the TLVs.
    """

    date_digits: Literal[10, 12, 14] = 10
    omit: frozenset[ReceiptField] = frozenset()
    keys: Literal["lower", "spec", "upper"] = "lower"
    err_form: Literal["decimal", "hex"] = "decimal"
    text_encoding: str = "ascii"
    zone: tzinfo = CHINA_ZONE
    tlv_only: bool = False


STANDARD: Final = ReceiptDialect()
"""The dialect written unless an account asks for another."""


@dataclass(frozen=True)
class ReceiptText:
    """Hold the fields of a receipt's text.

    None and "" mean "not there". Dates are aware. `err` is the code in decimal digits whatever
    the dialect, or a carrier's letters as they stand. `suspect` names the fields that were there
    and could not be read.
    """

    id: str
    stat: str
    sub: int | None = 1
    dlvrd: int | None = None
    submit_date: datetime | None = None
    done_date: datetime | None = None
    err: str = "000"
    text: str = ""
    suspect: tuple[str, ...] = ()


def receipt_template(dialect: ReceiptDialect = STANDARD) -> bytes:
    """Prepare the constant octets of a dialect, for `fill`.

    The template takes, by the `%` operator, eight octet strings: id, sub, dlvrd, submit date,
    done date, stat, err, text. An omitted field takes its value too and writes none of it.
    """
    template = b""
    for field in _FIELDS:
        if dialect.tlv_only or field in dialect.omit:
            # "%.0b" takes an argument and writes nothing, so all templates take the same eight.
            template += b"%.0b"
        else:
            template += (b" " if field != "id" else b"") + _key(field, dialect) + b"%b"
    return template


def _key(field: str, dialect: ReceiptDialect) -> bytes:
    key = field.replace("_", " ")
    if dialect.keys == "upper":
        key = key.upper()
    elif dialect.keys == "spec" and field == "text":
        key = "Text"
    return key.encode("ascii") + b":"


def fill(
    template: bytes,
    message_id: bytes,
    submit_date: bytes,
    done_date: bytes,
    stat: bytes,
    err: bytes,
    text: bytes,
) -> bytes:
    """Fill a template: the hot path. All values are final octets (see `receipt_date`, `snippet`).

    The receipt reports one message: sub is 001, dlvrd 001 for DELIVRD and 000 for all else.
    """
    dlvrd = b"001" if stat == _DELIVERED else b"000"
    return template % (message_id, b"001", dlvrd, submit_date, done_date, stat, err, text)


def build(receipt: ReceiptText, dialect: ReceiptDialect = STANDARD) -> bytes:
    """Write a receipt's text in a dialect.

    A date that is None is written as zeros, a `sub` that is None as 1, and a `dlvrd` that is
    None as `sub` for DELIVRD, else 0.
    Raises EncodeError for a value that its field can't carry: blanks or other than ASCII in a
    word, a count outside 0-999, or a date without zone.
    """
    sub = 1 if receipt.sub is None else receipt.sub
    dlvrd = receipt.dlvrd
    if dlvrd is None:
        dlvrd = sub if receipt.stat == RECEIPT_WORDS[MessageState.DELIVERED] else 0
    return receipt_template(dialect) % (
        _word("id", receipt.id),
        _count_octets("sub", sub),
        _count_octets("dlvrd", dlvrd),
        _date("submit date", receipt.submit_date, dialect),
        _date("done date", receipt.done_date, dialect),
        _word("stat", receipt.stat),
        err_octets(receipt.err, dialect),
        snippet(receipt.text, dialect),
    )


def _word(field: str, value: str) -> bytes:
    if not value.isascii() or not value.isprintable() or " " in value or not value:
        raise EncodeError(field, f"{value!r}: at least one ASCII character, no blanks")
    return value.encode("ascii")


def _count_octets(field: str, value: int) -> bytes:
    if not 0 <= value <= 999:
        raise EncodeError(field, f"{value}: allowed are 0 to 999")
    return b"%03d" % value


def _date(field: str, value: datetime | None, dialect: ReceiptDialect) -> bytes:
    if value is None:
        return b"0" * dialect.date_digits
    if value.tzinfo is None:
        raise EncodeError(field, "a date without zone")
    return receipt_date(value, dialect)


def receipt_date(at: datetime | float, dialect: ReceiptDialect = STANDARD) -> bytes:
    """Write an aware datetime, or UTC seconds since the epoch, in the dialect's digits and zone.

    Costs more than all the rest of a receipt: format each second once and keep it.
    """
    if not isinstance(at, datetime):
        at = datetime.fromtimestamp(at, UTC)
    local = at.astimezone(dialect.zone)
    return local.strftime(_DATE_FORMATS[dialect.date_digits]).encode("ascii")


def err_octets(err: str, dialect: ReceiptDialect = STANDARD) -> bytes:
    """Write an error code with at least three places, in the dialect's form.

    Only a code of decimal digits is converted to hexadecimal; a carrier's letters stay.
    Raises EncodeError for blanks or other than ASCII.
    """
    if dialect.err_form == "hex" and err.isascii() and err.isdigit():
        return b"%03x" % int(err)
    return _word("err", err)


def snippet(text: str, dialect: ReceiptDialect = STANDARD) -> bytes:
    """Encode the first 20 characters of a message; what the dialect's codec lacks becomes "?".

    Control characters become "?" as well, since a line feed would end the receipt in many a log.
    """
    start = text[:SNIPPET_CHARACTERS]
    if not start.isprintable():
        start = start.translate(_CONTROLS)
    return start.encode(dialect.text_encoding, "replace")


def parse(short_message: bytes, dialect: ReceiptDialect = STANDARD) -> ReceiptText:
    """Read a receipt's text, whatever the dialect it was written in.

    Keys may come in any order and case, with blanks around the colon, or be missing; dates may
    have 10, 12 or 14 digits and separators; words may be followed by anything. Of `dialect` only
    what the text itself can't tell is used: `zone`, `err_form` and `text_encoding` (octets that
    this codec can't read are taken as Latin-1). What can't be read is named in `suspect`.

    Raises ReceiptError where neither an id nor a stat is found.
    """
    found = _find_fields(short_message)
    if not found.get("id") and not found.get("stat"):
        raise ReceiptError(
            CommandStatus.ESME_RX_R_APPN.value,
            "short_message",
            f"{len(short_message)} octets without id: and stat: are no receipt",
            0,
        )
    suspect: list[str] = []
    words = {field: _first_word(found.get(field, b"")) for field in ("id", "stat", "err")}
    return ReceiptText(
        id=words["id"],
        stat=words["stat"].upper(),
        sub=_count("sub", found, suspect),
        dlvrd=_count("dlvrd", found, suspect),
        submit_date=_read_date("submit_date", found, dialect.zone, suspect),
        done_date=_read_date("done_date", found, dialect.zone, suspect),
        err=_read_err(words["err"], dialect, suspect),
        text=_read_text(found.get("text", b""), dialect.text_encoding),
        suspect=tuple(suspect),
    )


def _find_fields(octets: bytes) -> dict[str, bytes]:
    """Find the value of each key, up to the next key; the first of equal keys counts.

    After id and stat the text is the end, since it may hold anything, keys included.
    """
    usual = _USUAL.fullmatch(octets)
    if usual is not None:
        return dict(zip(_FIELDS, usual.groups(), strict=True))
    found: dict[str, bytes] = {}
    matches = list(_KEY.finditer(octets))
    for number, match in enumerate(matches):
        key = match[1].decode("ascii").lower()
        field = _FIELD_OF_KEY[key.translate(_DATE_SEPARATORS).replace("_", "")]
        if field == "text" and "id" in found and "stat" in found:
            found.setdefault(field, octets[match.end() :])
            break
        end = matches[number + 1].start() if number + 1 < len(matches) else len(octets)
        found.setdefault(field, octets[match.end() : end].strip())
    return found


def _first_word(value: bytes) -> str:
    words = value.split(None, 1)
    return words[0].decode("latin-1") if words else ""


def _count(field: str, found: dict[str, bytes], suspect: list[str]) -> int | None:
    word = _first_word(found.get(field, b""))
    if word.isascii() and word.isdigit() and len(word) <= 9:
        return int(word)
    if word:
        suspect.append(field)
    return None


def _read_date(
    field: str, found: dict[str, bytes], zone: tzinfo, suspect: list[str]
) -> datetime | None:
    value = found.get(field, b"").decode("latin-1")
    if not value:
        return None
    for candidate in (value, *value.split(None, 1)[:1]):
        digits = candidate.translate(_DATE_SEPARATORS)
        if not (digits.isascii() and digits.isdigit()):
            continue
        if not digits.strip("0"):
            return None
        for complete in _complete_dates(digits):
            try:
                return _datetime(complete, zone)
            except ValueError:
                continue
    suspect.append(field)
    return None


def _complete_dates(digits: str) -> tuple[str, ...]:
    """Give the readings of a date as YYYYMMDDhhmmss, the likelier first.

    Some write the year in full and leave the seconds out; no date fits both twelve-digit forms
    unless its year is 2001 to 2012.
    """
    if len(digits) == 10:
        return (f"20{digits}00",)
    if len(digits) == 12:
        return (f"20{digits}", f"{digits}00")
    return (digits,) if len(digits) == 14 else ()


def _datetime(digits: str, zone: tzinfo) -> datetime:
    month, day, hour, minute, second = [int(digits[i : i + 2]) for i in range(4, 14, 2)]
    return datetime(int(digits[:4]), month, day, hour, minute, second, tzinfo=zone)


def _read_err(word: str, dialect: ReceiptDialect, suspect: list[str]) -> str:
    if dialect.err_form == "decimal" or not word:
        return word
    try:
        return f"{int(word, 16):03d}"
    except ValueError:
        suspect.append("err")
        return word


def _read_text(octets: bytes, encoding: str) -> str:
    try:
        return octets.decode(encoding)
    except UnicodeDecodeError:
        return octets.decode("latin-1")


def stat_of_state(state: int) -> str:
    """Give the seven letters of a message_state. Raises ValueError for a number that is none."""
    word = RECEIPT_WORDS.get(state)
    if word is None:
        raise ValueError(f"message_state {state}: allowed are 0 to 9")
    return word


def state_of_stat(stat: str) -> MessageState | None:
    """Give the message_state of a stat word, short or in full (DELIVERED), in any case.

    None for a word that names no state, such as a carrier's own DTBLACK.
    """
    return _LONG_WORDS.get(stat.upper())
