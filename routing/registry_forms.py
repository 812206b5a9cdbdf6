"""Say which columns the rows of each registry have, and what their cells may hold.

Consents: a row is a consent; with `withdrawn_at` it was withdrawn then, and a row with
`withdrawn_at` but no `obtained_at` is a withdrawal alone. Opt-outs: `state` is out (or nothing)
or in. Lists: `number` or `prefix`, `state` is on (or nothing) or off. Numbers: `carrier` is who
serves the number, nothing is the carrier its prefix is allotted to.
Several categories in a cell are parted by spaces, none means every one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from math import isinf
from typing import Final

from config.section import SHANGHAI

from .category_masks import CATEGORIES, mask_of, names_of
from .consents import CHANNELS, ConsentRecord
from .lists import LISTS, SCOPES, ListRecord, entry_value
from .numbering import MSISDN_DIGITS
from .optouts import SOURCES, OptOutRecord
from .portability import PortRecord

MOST_CHARACTERS: Final = 200
"""Longest text of a cell."""

_NUMBER_ALLOWED: Final = f"{MSISDN_DIGITS} digits that begin with 1"


class CellError(ValueError):
    """Say what is wrong with a cell."""

    def __init__(self, column: str, seen: str, allowed: str) -> None:
        super().__init__(f"{column}: {seen!r} seen, allowed: {allowed}")
        self.column = column
        self.seen = seen
        self.allowed = allowed


@dataclass(slots=True, frozen=True)
class Form:
    """Describe the rows of one registry."""

    registry: str
    columns: tuple[str, ...]
    kind_columns: tuple[str, ...]
    """Columns that make the kind (see `ImportRows`); few distinct sets of values."""
    kind: Callable[[tuple[str, ...]], tuple[str, ...]]
    """Makes the kind of the cells of `kind_columns`. Raises CellError."""
    since: str
    until: str = ""
    text: str = ""
    ends: str = ""
    """Column of a moment that ends what the row says, as a fact of its own."""
    ending: Callable[[tuple[str, ...]], tuple[str, ...]] | None = None
    """Makes the kind of that fact."""
    prefixes: bool = False
    """Whether `prefix` may stand in place of `number`."""
    past: bool = True
    """Whether `since` can't be later than the import."""

    def entry(self, number: str, prefix: str) -> int:
        """Give the integer for a row's number, or first digits.

        Raises CellError where there is none, or both.
        """
        if prefix and self.prefixes:
            if number:
                raise CellError("prefix", prefix, "nothing beside a number")
            try:
                return entry_value(prefix)
            except ValueError:
                allowed = f"1 to {MSISDN_DIGITS} digits that begin with 1"
                raise CellError("prefix", prefix, allowed) from None
        if len(number) != MSISDN_DIGITS or number[0] != "1" or not _digits(number):
            raise CellError("number", number, _NUMBER_ALLOWED)
        return int(number)


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _one_of(column: str, value: str, allowed: Iterable[str], empty: str = "") -> str:
    """Give a cell's value, `empty` for nothing."""
    allowed = tuple(allowed)
    if value and value not in allowed:
        raise CellError(column, value, f"{', '.join(allowed)}, or nothing")
    return value or empty


def _categories(value: str) -> str:
    names = value.split()
    for name in names:
        _one_of("category", name, CATEGORIES)
    return " ".join(names_of(mask_of(names)))


def _short(column: str, value: str) -> str:
    if len(value) > MOST_CHARACTERS:
        seen = f"{value[:20]}… ({len(value)} characters)"
        raise CellError(column, seen, f"at most {MOST_CHARACTERS} characters")
    return value


def _consent_kind(cells: tuple[str, ...]) -> tuple[str, ...]:
    category, channel, text_version = cells
    return (
        "grant",
        _categories(category),
        _one_of("channel", channel, CHANNELS),
        _short("text_version", text_version),
    )


def _withdrawal(kind: tuple[str, ...]) -> tuple[str, ...]:
    return ("withdraw", kind[1], "", "")


def _optout_kind(cells: tuple[str, ...]) -> tuple[str, ...]:
    state, access_number, category, source = cells
    if access_number and not (_digits(access_number) and 3 <= len(access_number) <= 20):
        raise CellError("access_number", access_number, "3 to 20 digits, or nothing for all")
    return (
        _one_of("state", state, ("out", "in"), "out"),
        access_number,
        _categories(category),
        _one_of("source", source, SOURCES),
    )


def _list_kind(cells: tuple[str, ...]) -> tuple[str, ...]:
    name, state, scope, holder = cells
    if name not in LISTS:
        raise CellError("list", name, ", ".join(LISTS))
    scope = _one_of("scope", scope, SCOPES, "global")
    if (scope == "global") != (holder == ""):
        allowed = "nothing" if scope == "global" else f"the name of the {scope}"
        raise CellError("holder", holder, f"{allowed} (scope {scope})")
    return (name, _one_of("state", state, ("on", "off"), "on"), scope, _short("holder", holder))


CONSENTS: Final = Form(
    registry="consents",
    columns=("number", "category", "channel", "proof", "text_version", "obtained_at",
             "expires_at", "withdrawn_at"),
    kind_columns=("category", "channel", "text_version"),
    kind=_consent_kind,
    since="obtained_at",
    until="expires_at",
    text="proof",
    ends="withdrawn_at",
    ending=_withdrawal,
)  # fmt: skip

OPTOUTS: Final = Form(
    registry="optouts",
    columns=("number", "access_number", "category", "state", "source", "proof", "at"),
    kind_columns=("state", "access_number", "category", "source"),
    kind=_optout_kind,
    since="at",
    text="proof",
)

LISTED: Final = Form(
    registry="lists",
    columns=("list", "number", "prefix", "state", "scope", "holder", "reason", "valid_from",
             "valid_to"),
    kind_columns=("list", "state", "scope", "holder"),
    kind=_list_kind,
    since="valid_from",
    until="valid_to",
    text="reason",
    prefixes=True,
    past=False,
)  # fmt: skip


def numbers_form(carriers: Iterable[str]) -> Form:
    """Give the form of the portability table; `carriers` are the names of the number plan."""
    known = tuple(carriers)

    def kind(cells: tuple[str, ...]) -> tuple[str, ...]:
        return (_one_of("carrier", cells[0], known),)

    return Form(
        registry="numbers",
        columns=("number", "carrier", "ported_at"),
        kind_columns=("carrier",),
        kind=kind,
        since="ported_at",
        past=False,
    )


def moment_text(at: float) -> str:
    """Give a moment as ISO 8601 with the offset of Asia/Shanghai; "" for one without end."""
    return "" if isinf(at) else datetime.fromtimestamp(at, SHANGHAI).isoformat()


def consent_cells(record: ConsentRecord) -> tuple[str, ...]:
    """Give a consent or a withdrawal as a row of `CONSENTS`."""
    since = moment_text(record.since)
    dates = (since, moment_text(record.until), "") if record.granted else ("", "", since)
    category = " ".join(record.categories)
    return (
        record.number, category, record.channel, record.proof, record.text_version, *dates
    )  # fmt: skip


def optout_cells(record: OptOutRecord) -> tuple[str, ...]:
    """Give a refusal, or one taken back, as a row of `OPTOUTS`."""
    return (
        record.number,
        record.access_number,
        " ".join(record.categories),
        "out" if record.refused else "in",
        record.source,
        record.proof,
        moment_text(record.since),
    )


def list_cells(record: ListRecord) -> tuple[str, ...]:
    """Give an entry as a row of `LISTED`."""
    whole = len(record.entry) == MSISDN_DIGITS
    return (
        record.name,
        record.entry if whole else "",
        "" if whole else record.entry,
        "on" if record.listed else "off",
        record.scope,
        record.holder,
        record.reason,
        moment_text(record.valid_from),
        moment_text(record.valid_to),
    )


def port_cells(record: PortRecord) -> tuple[str, ...]:
    """Give a porting as a row of `numbers_form`."""
    return (record.number, record.carrier, moment_text(record.ported_at))
