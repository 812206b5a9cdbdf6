"""Keep the red, the black and the white list of numbers, and judge messages by them.

- Red: protected recipients, who must not get messages of this kind at all.
- Black: numbers that refused or complained; nothing is sent to them while the entry is valid.
- White: numbers that the black list and the limits of frequency don't touch. A red entry holds
  against a white one.

An entry is a number or the first digits of numbers, holds everywhere, for one account or for one
signature, and may have dates. Entries of numbers and of first digits stand side by side: taking
one off doesn't touch another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from .finding import Finding
from .number_history import NEVER, NumberHistory, Row
from .numbering import MSISDN_DIGITS
from .registry_events import ImportEvent, ImportRows, ListChanged
from .registry_imports import Imports, numbers_of

LISTS: Final = ("red", "black", "white")
SCOPES: Final = ("global", "account", "signature")

_NUMBERS: Final = 10 ** (MSISDN_DIGITS - 1)
"""The lowest integer that is a number; what is below stands for first digits."""


class Place(NamedTuple):
    """Say on which list an entry is, and for whom."""

    name: str
    scope: str = "global"
    holder: str = ""
    """Account or signature, "" for global."""


class ListTerms(NamedTuple):
    """Say what a row says: that an entry is on a list, or that it is taken off."""

    place: Place
    listed: bool

    def as_texts(self) -> tuple[str, ...]:
        """Give the form of an import: list, on or off, scope, holder."""
        name, scope, holder = self.place
        return (name, "on" if self.listed else "off", scope, holder)


def read_terms(texts: tuple[str, ...]) -> ListTerms:
    """Read the form of an import, see `ListTerms.as_texts`.

    Raises ValueError for an unknown list or scope, and for a scope without its holder.
    """
    name, state, scope, holder = texts
    if state not in ("on", "off"):
        raise ValueError(f"state {state!r}: on or off")
    return ListTerms(place_of(name, scope, holder), state == "on")


def place_of(name: str, scope: str, holder: str) -> Place:
    """Name a list and whom it is for.

    Raises ValueError for an unknown list or scope, and for a scope without its holder.
    """
    if name not in LISTS:
        raise ValueError(f"list {name!r}: one of {', '.join(LISTS)}")
    if scope not in SCOPES:
        raise ValueError(f"scope {scope!r}: one of {', '.join(SCOPES)}")
    if (scope == "global") != (holder == ""):
        allowed = "nothing" if scope == "global" else f"the name of the {scope}"
        raise ValueError(f"holder {holder!r} with scope {scope}: {allowed}")
    return Place(name, scope, holder)


@dataclass(slots=True, frozen=True)
class ListRecord:
    """Show one row; times are UTC seconds since the epoch."""

    name: str
    entry: str
    listed: bool
    scope: str
    holder: str
    reason: str
    valid_from: float
    valid_to: float
    recorded_at: float
    import_id: int


@dataclass(slots=True, frozen=True)
class Standing:
    """Say on which lists a number is at a moment: the entry's reason by list."""

    reasons: dict[str, str]

    @property
    def exempt(self) -> bool:
        """Say whether the black list and the limits of frequency don't touch the number."""
        return "white" in self.reasons

    @property
    def refused_by(self) -> str:
        """Give the list that stops a message, "" for none."""
        if "red" in self.reasons:
            return "red"
        return "black" if "black" in self.reasons and not self.exempt else ""


UNLISTED: Final = Standing({})


def _covers(new: ListTerms, old: ListTerms) -> bool:
    return new.place == old.place


def _placed(place: Place) -> Callable[[ListTerms], bool]:
    return lambda terms: terms.place == place


class NumberLists:
    """Hold the three lists; changed by `apply` alone."""

    __slots__ = ("_history", "_imports", "_sizes")

    def __init__(self) -> None:
        # First digits are kept as the integer they make: it is smaller than any number, so the
        # two can't be mistaken for one another.
        self._history = NumberHistory(_covers)
        self._imports = Imports("lists", self._history, read_terms)
        self._sizes: tuple[int, ...] = ()
        """For each length of first digits in use, what a number is divided by."""

    def apply(self, event: ListChanged | ImportEvent) -> None:
        """Take in one change; it is in force for the next verdict.

        Raises ValueError for an unknown list or scope, an entry that is none, and for an import
        that doesn't fit together.
        """
        if isinstance(event, ListChanged):
            self._change(event)
            return
        self._imports.apply(event)
        if isinstance(event, ImportRows):
            self._note(numbers_of(event))

    def _change(self, event: ListChanged) -> None:
        value = entry_value(event.entry)
        place = place_of(event.name, event.scope, event.holder)
        since = event.valid_from or event.at
        begins = {since}
        if not event.listed:
            # Taken off is also what has yet to begin.
            rows = self._history.rows(value)
            begins.update(row.since for row in rows if row.terms.place == place)
        for moment in sorted(begins):
            if moment >= since:
                self._history.add(
                    value,
                    ListTerms(place, event.listed),
                    since=moment,
                    until=event.valid_to or NEVER,
                    recorded_at=event.at,
                    text=event.reason,
                )
        self._note((value,))

    def _note(self, values: Iterable[int]) -> None:
        """Take note of the lengths of first digits in use."""
        short = {len(str(value)) for value in values if value < _NUMBERS}
        new = {10 ** (MSISDN_DIGITS - length) for length in short}.difference(self._sizes)
        if new:
            self._sizes = tuple(sorted({*self._sizes, *new}))

    def knows(self, value: int) -> bool:
        """Say whether the number or its first digits were ever on a list."""
        history = self._history
        if history.knows(value):
            return True
        return bool(self._sizes) and any(history.knows(value // size) for size in self._sizes)

    def standing(self, number: str, account: str, signature: str, at: float) -> Standing:
        """Say on which lists a number is, for an account and for a signature without brackets."""
        if not number.isdecimal():
            return UNLISTED
        value = int(number)
        reasons: dict[str, str] = {}
        if self._history.knows(value):
            self._collect(value, (account, signature), at, reasons)
        for size in self._sizes:
            if self._history.knows(value // size):
                self._collect(value // size, (account, signature), at, reasons)
        return Standing(reasons) if reasons else UNLISTED

    def judge(self, number: str, account: str, signature: str, at: float) -> Finding | None:
        """Judge a message to a number by the red and the black list."""
        standing = self.standing(number, account, signature, at)
        name = standing.refused_by
        if not name:
            return None
        reason = standing.reasons[name]
        told, told_zh = (f": {reason}", f"：{reason}") if reason else ("", "")
        words = _WORDS[name]
        return Finding(
            en=f"{words[0]}{told}.",
            zh=f"{words[1]}{told_zh}。",
            seen=f"{number}: {name} list",
            allowed=words[2],
        )

    def records_of(self, entry: str) -> list[ListRecord]:
        """Give what is on record about a number or first digits, recorded first in front.

        Raises ValueError for an entry that is none.
        """
        return [_record(row) for row in self._history.rows(entry_value(entry))]

    def numbers(self) -> Iterator[int]:
        """Give all entries on record: first digits, then numbers, each in rising order."""
        return self._history.numbers()

    def records(self) -> Iterator[ListRecord]:
        """Give everything on record: first digits, then numbers, each in rising order."""
        for value in self._history.numbers():
            yield from map(_record, self._history.rows(value))

    @property
    def unfinished(self) -> tuple[int, ...]:
        """Give the imports without an end."""
        return self._imports.unfinished

    @property
    def octets(self) -> int:
        """Give the memory that the lists take, about."""
        return self._history.octets

    def _collect(
        self, value: int, holders: tuple[str, str], at: float, reasons: dict[str, str]
    ) -> None:
        account, signature = holders
        wanted = {"global": "", "account": account, "signature": signature}
        for place in dict.fromkeys(terms.place for terms in self._history.live_terms(value)):
            if place.holder != wanted[place.scope]:
                continue
            row = self._history.deciding(value, _placed(place), at)
            if row and self._history.terms(row).listed:
                reasons.setdefault(place.name, self._history.text(row))


def entry_value(entry: str) -> int:
    """Give the integer that stands for a number or for first digits.

    Raises ValueError for what is neither.
    """
    if not (
        entry.isascii() and entry.isdigit() and entry[0] == "1" and len(entry) <= MSISDN_DIGITS
    ):
        raise ValueError(f"entry {entry!r}: 1 to {MSISDN_DIGITS} digits that begin with 1")
    return int(entry)


def _record(row: Row[ListTerms]) -> ListRecord:
    name, scope, holder = row.terms.place
    return ListRecord(
        name=name,
        entry=str(row.number),
        listed=row.terms.listed,
        scope=scope,
        holder=holder,
        reason=row.text,
        valid_from=row.since,
        valid_to=row.until,
        recorded_at=row.recorded_at,
        import_id=row.import_id,
    )


_WORDS: Final[dict[str, tuple[str, str, str]]] = {
    "red": (
        "The recipient is protected (red list)",
        "被叫号码在红名单内，受保护",
        "recipients who aren't protected",
    ),
    "black": (
        "The recipient refused or complained (black list)",
        "被叫号码在黑名单内",
        "this recipient once the entry has ended",
    ),
}
