"""Keep who refuses to be sent what, and judge messages by it (clauses 3.1.8 and 4.3).

A refusal is a number's, towards one access number or all of them, of some categories of messages
or of all. What it stops is a matter of `OptOutRules.scope`: commercial messages in any case, and
beside them nothing, the categories it named, or everything. An acceptance takes it back for the
categories that it names itself. Whatever was said last holds.

A refusal is in force for the next verdict, whatever the clock says: also for a message of the same
millisecond, and for one that was accepted before and is released only later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from config.content import OptOutRules
from config.section import SHANGHAI

from .category_masks import BITS, COMMERCIAL, EVERY, TITLES_ZH, bit_of, in_words, mask_of, names_of
from .finding import Finding
from .number_history import NumberHistory, Row
from .registry_events import ImportEvent, OptedIn, OptedOut
from .registry_imports import Imports

SOURCES: Final = ("mo", "customer_service", "party_a", "operator")
"""Where a refusal comes from: an uplink message, the carrier's service staff (clause 4.3), party
A's own list, or an operator of this gateway."""


class OptOutTerms(NamedTuple):
    """Say what a row says: a refusal, or that one is taken back."""

    refused: bool
    access_number: str
    """"" = every access number."""
    mask: int
    """Categories that were named."""
    source: str = ""

    def as_texts(self) -> tuple[str, ...]:
        """Give the form of an import: out or in, access number, categories, source."""
        kind = "out" if self.refused else "in"
        return (kind, self.access_number, " ".join(names_of(self.mask)), self.source)


def read_terms(texts: tuple[str, ...]) -> OptOutTerms:
    """Read the form of an import, see `OptOutTerms.as_texts`.

    Raises ValueError for an unknown kind, category, source, or an access number that is none.
    """
    kind, access_number, categories, source = texts
    if kind not in ("out", "in"):
        raise ValueError(f"state {kind!r}: out or in")
    if access_number and not (access_number.isascii() and access_number.isdigit()):
        raise ValueError(f"access number {access_number!r}: digits, or nothing for every one")
    if source and source not in SOURCES:
        raise ValueError(f"source {source!r}: one of {', '.join(SOURCES)}")
    return OptOutTerms(kind == "out", access_number, mask_of(categories.split()), source)


@dataclass(slots=True, frozen=True)
class OptOutRecord:
    """Show one refusal, or one taken back; times are UTC seconds since the epoch."""

    number: str
    refused: bool
    access_number: str
    categories: tuple[str, ...]
    """() = every one."""
    source: str
    proof: str
    since: float
    recorded_at: float
    import_id: int


def _stopped_by(terms: OptOutTerms, scope: str) -> int:
    """Give the categories that a row decides about under a reading of the contract."""
    if not terms.refused:
        return terms.mask
    return {"commercial": COMMERCIAL, "category": terms.mask | COMMERCIAL}.get(scope, EVERY)


def _covers(new: OptOutTerms, old: OptOutTerms) -> bool:
    if new.access_number not in ("", old.access_number):
        return False
    if new.refused == old.refused:
        return old.mask & new.mask == old.mask
    # Under some reading of the contract a refusal decides about every category, and under
    # another one that names all about commercial messages alone.
    return not new.refused and new.mask == EVERY


class OptOutBook:
    """Hold all refusals; changed by `apply` alone, apart from the rules."""

    __slots__ = ("_grace_s", "_history", "_imports", "_scope")

    def __init__(self, rules: OptOutRules) -> None:
        """Start without any refusal."""
        self._history = NumberHistory(_covers)
        self._imports = Imports("optouts", self._history, read_terms)
        self.adopt(rules)

    def adopt(self, rules: OptOutRules) -> None:
        """Go on with other rules."""
        self._scope: str = rules.scope
        self._grace_s = float(rules.grace_s)

    def apply(self, event: OptedOut | OptedIn | ImportEvent) -> None:
        """Take in one change; it is in force for the next verdict.

        Raises ValueError for an unknown category and for an import that doesn't fit together.
        """
        match event:
            case OptedOut():
                self._add(event, refused=True, said_at=event.refused_at)
            case OptedIn():
                self._add(event, refused=False, said_at=event.accepted_at)
            case _:
                self._imports.apply(event)

    def _add(self, event: OptedOut | OptedIn, *, refused: bool, said_at: float) -> None:
        mask = mask_of(event.categories)
        self._history.add(
            int(event.number),
            OptOutTerms(refused, event.access_number, mask, event.source),
            # What a user said never waits: a later moment than the event's means at once.
            since=min(said_at or event.at, event.at),
            recorded_at=event.at,
            text=event.proof,
        )

    def judge(self, number: str, access_number: str, category: str, at: float) -> Finding | None:
        """Judge a message of a category from an access number to an 11-digit number.

        `access_number` is the owned one, without a sender's extension digits, as an uplink message
        to an extension is a matter of the owned number. Raises ValueError for an unknown category.
        """
        bit = bit_of(category)
        history = self._history
        if not number.isdecimal() or not history.knows(value := int(number)):
            return None
        row = history.deciding(value, self._concerning(access_number, bit), at)
        if not row or not history.terms(row).refused:
            return None
        since = history.since(row)
        if self._grace_s and max(at, history.latest) < since + self._grace_s:
            return None
        return _finding(number, category, history.terms(row), since)

    def knows(self, value: int) -> bool:
        """Say whether anything is on record of a number: without, nothing needs to be judged."""
        return self._history.knows(value)

    def stopped(self, number: str, access_number: str, category: str, at: float) -> bool:
        """Say whether a refusal held at a past moment, the time of grace not counted."""
        concerns = self._concerning(access_number, bit_of(category))
        row = self._history.deciding_then(int(number), concerns, at)
        return bool(row) and self._history.terms(row).refused

    def stopped_categories(self, number: str, access_number: str, at: float) -> tuple[str, ...]:
        """Give the categories that a number gets no messages of, for an inquiry (clause 4.3)."""
        return tuple(
            name for name in BITS if self.judge(number, access_number, name, at) is not None
        )

    def records_of(self, number: str) -> list[OptOutRecord]:
        """Give all that a number said, the one recorded first in front."""
        return [_record(row) for row in self._history.rows(int(number))]

    def numbers(self) -> Iterator[int]:
        """Give all numbers on record, in rising order."""
        return self._history.numbers()

    def records(self) -> Iterator[OptOutRecord]:
        """Give everything on record, in the order of numbers."""
        for number in self._history.numbers():
            yield from map(_record, self._history.rows(number))

    @property
    def unfinished(self) -> tuple[int, ...]:
        """Give the imports without an end."""
        return self._imports.unfinished

    @property
    def octets(self) -> int:
        """Give the memory that the book takes, about."""
        return self._history.octets

    def _concerning(self, access_number: str, bit: int) -> Callable[[OptOutTerms], bool]:
        scope = self._scope

        def concerns(terms: OptOutTerms) -> bool:
            if terms.access_number not in ("", access_number):
                return False
            return _stopped_by(terms, scope) & bit != 0

        return concerns


def _record(row: Row[OptOutTerms]) -> OptOutRecord:
    terms = row.terms
    return OptOutRecord(
        number=str(row.number),
        refused=terms.refused,
        access_number=terms.access_number,
        categories=names_of(terms.mask),
        source=terms.source,
        proof=row.text,
        since=row.since,
        recorded_at=row.recorded_at,
        import_id=row.import_id,
    )


def _finding(number: str, category: str, terms: OptOutTerms, since: float) -> Finding:
    when = datetime.fromtimestamp(since, SHANGHAI).isoformat(sep=" ", timespec="seconds")
    port = terms.access_number or "every access number"
    port_zh = terms.access_number or "全部接入号码"
    return Finding(
        en=f"The user refused {in_words(terms.mask)} from {port} at {when}; "
        f"this message is {category}.",
        zh=f"用户已于{when}对{port_zh}退订，本条为{TITLES_ZH[category]}类短信。",
        seen=f"{number}: opted out, {in_words(terms.mask)}",
        allowed="messages after the user has opted in again",
    )
