"""Keep who agreed to be sent what, with the proof, and judge messages by it (clause 3.1.7).

A consent is a number's, for some categories of messages or for all, from the moment it was
obtained until it expires or is withdrawn; a later one counts anew. The contract may declare
ranges of numbers whose consent to every category is on record. They are asked where the book has
nothing to say about a number, so a withdrawal goes before them.

A one-time code that the user has just asked for is a consent as well: to verification codes,
from the request on and for a few minutes (`code_request`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from config.content import ConsentRules
from config.section import SHANGHAI

from .category_masks import (
    BITS,
    CATEGORIES,
    TITLES_ZH,
    bit_of,
    in_words,
    in_words_zh,
    mask_of,
    names_of,
)
from .finding import Finding
from .number_history import NEVER, NumberHistory, Row
from .registry_events import ConsentGranted, ConsentWithdrawn, ImportEvent
from .registry_imports import Imports
from .scope import ScopeVersion

REQUEST: Final = "request"
"""Channel of a one-time code that the user asked for."""

DECLARED: Final = "declared"
"""Channel of a consent that the contract declares for a range of numbers."""

NEEDED: Final[dict[str, tuple[str, ...]]] = {
    "written": ("proof",),
    "web": ("proof", "text_version"),
    "app": ("proof", "text_version"),
    "mo": ("proof",),
    "employment": ("proof",),
    REQUEST: (),
    DECLARED: ("proof", "text_version"),
    "": ("channel", "proof", "text_version"),
}
"""What the proof of a consent must name, by its channel; "" is one that wasn't told."""

CHANNELS: Final = tuple(name for name in NEEDED if name not in ("", DECLARED))
"""Channels a consent can come through: on paper, a web page, an app, an uplink message, by
employment, or by the user's request of a one-time code."""


class ConsentTerms(NamedTuple):
    """Say what a row of the book says: a consent, or the withdrawal of one."""

    granted: bool
    mask: int
    """Categories, see `routing.category_masks`."""
    channel: str = ""
    text_version: str = ""

    def as_texts(self) -> tuple[str, ...]:
        """Give the form of an import: grant or withdraw, categories, channel, text version."""
        kind = "grant" if self.granted else "withdraw"
        return (kind, " ".join(names_of(self.mask)), self.channel, self.text_version)


def read_terms(texts: tuple[str, ...]) -> ConsentTerms:
    """Read the form of an import, see `ConsentTerms.as_texts`.

    Raises ValueError for an unknown kind, category or channel.
    """
    kind, categories, channel, text_version = texts
    if kind not in ("grant", "withdraw"):
        raise ValueError(f"kind of consent {kind!r}: grant or withdraw")
    if channel and channel not in CHANNELS:
        raise ValueError(f"channel {channel!r}: one of {', '.join(CHANNELS)}")
    return ConsentTerms(kind == "grant", mask_of(categories.split()), channel, text_version)


@dataclass(slots=True, frozen=True)
class ConsentRecord:
    """Show one consent or withdrawal; times are UTC seconds since the epoch."""

    number: str
    granted: bool
    categories: tuple[str, ...]
    """() = every one."""
    channel: str
    proof: str
    text_version: str
    since: float
    until: float
    recorded_at: float
    import_id: int
    missing: tuple[str, ...]
    """What a proof through this channel must name and this one doesn't."""


@dataclass(slots=True, frozen=True)
class ConsentProof:
    """Answer for one number what was on record, as it is produced upon a complaint."""

    number: str
    category: str
    at: float
    held: bool
    """Whether there was a consent to the category at the moment."""
    deciding: ConsentRecord | None
    """The record that says so, or the withdrawal that says otherwise."""
    records: tuple[ConsentRecord, ...]
    """All there is, the one recorded first in front."""
    missing: tuple[str, ...]
    """What the proof lacks: `consent`, or what the deciding record lacks."""


def code_request(number: str, at: float, rules: ConsentRules, proof: str = "") -> ConsentGranted:
    """Make the consent that lies in a user's request of a one-time code.

    It holds from `at` on for `code_ttl_s`, its last moment excluded.
    """
    return ConsentGranted(
        at=at,
        number=number,
        categories=("verification",),
        channel=REQUEST,
        proof=proof,
        expires_at=at + rules.code_ttl_s,
        who="subscriber",
        why="one-time code requested",
    )


def required_categories(rules: ConsentRules) -> frozenset[str]:
    """Give the categories that need a consent.

    Messages of public interest need none once party B has approved them, and only then, whether
    or not they are listed as exempt.
    """
    listed = set[str](rules.required_for)
    required = set(CATEGORIES) if "all" in listed else listed
    required -= set(rules.exempt) - {"public_interest"}
    if rules.public_interest_approval:
        required.discard("public_interest")
    return frozenset(required)


def _covers(new: ConsentTerms, old: ConsentTerms) -> bool:
    return old.mask & new.mask == old.mask


def _concerning(bit: int) -> Callable[[ConsentTerms], bool]:
    return lambda terms: terms.mask & bit != 0


_CONCERNING: Final = {name: _concerning(bit) for name, bit in BITS.items()}


class ConsentBook:
    """Hold all consents; changed by `apply` alone, apart from the rules."""

    __slots__ = ("_declared", "_history", "_imports", "_required", "_rules")

    def __init__(self, rules: ConsentRules, declared: ScopeVersion | None = None) -> None:
        """Start with the numbers that the contract declares, compiled as a scope is."""
        self._history = NumberHistory(_covers)
        self._imports = Imports("consents", self._history, read_terms)
        self.adopt(rules, declared)

    def adopt(self, rules: ConsentRules, declared: ScopeVersion | None = None) -> None:
        """Go on with other rules and other declared numbers."""
        self._rules = rules
        self._declared = declared
        self._required = required_categories(rules)

    def apply(self, event: ConsentGranted | ConsentWithdrawn | ImportEvent) -> None:
        """Take in one change; it is in force for the next verdict.

        Raises ValueError for an unknown category and for an import that doesn't fit together.
        """
        match event:
            case ConsentGranted():
                mask = mask_of(event.categories)
                self._history.add(
                    int(event.number),
                    ConsentTerms(True, mask, event.channel, event.text_version),
                    # Nobody consents in the future: a withdrawal must not be outlived.
                    since=min(event.obtained_at or event.at, event.at),
                    until=event.expires_at or NEVER,
                    recorded_at=event.at,
                    text=event.proof,
                )
            case ConsentWithdrawn():
                # A withdrawal never waits: a later moment than that of its event means at once.
                self._history.add(
                    int(event.number),
                    ConsentTerms(False, mask_of(event.categories)),
                    since=min(event.withdrawn_at or event.at, event.at),
                    recorded_at=event.at,
                )
            case _:
                self._imports.apply(event)

    def judge(self, number: str, category: str, at: float) -> Finding | None:
        """Judge a message of a category to an 11-digit number, sent at `at`.

        Raises ValueError for an unknown category.
        """
        if category not in self._required:
            bit_of(category)
            return None
        try:
            value = int(number)
        except ValueError:
            return self._finding(number, category, at, 0)
        terms = self._history.said(value, _CONCERNING[category], at)
        if terms is None:
            if self._declared is not None and self._declared.includes(value, at):
                return None
        elif terms.granted:
            return None
        row = self._history.deciding(value, _CONCERNING[category], at)
        return self._finding(number, category, at, row)

    def held(self, number: str, category: str, at: float, known_at: float = NEVER) -> bool:
        """Say whether there was a consent at a past moment, by what was recorded by `known_at`."""
        return self.proof(number, category, at, known_at).held

    def proof(self, number: str, category: str, at: float, known_at: float = NEVER) -> ConsentProof:
        """Produce what is on record about a number, and what is missing (clause 3.1.7)."""
        bit_of(category)
        value = int(number)
        row = self._history.deciding_then(value, _CONCERNING[category], at, known_at)
        deciding = self._record(self._history.row(value, row)) if row else None
        declared = self._declared is not None and self._declared.includes(value, at)
        if deciding is None and declared:
            deciding = self._declared_record(number)
        held = deciding is not None and deciding.granted
        records = tuple(map(self._record, self._history.rows(value)))
        if declared:
            records = (self._declared_record(number), *records)
        return ConsentProof(
            number=number,
            category=category,
            at=at,
            held=held,
            deciding=deciding,
            records=records,
            missing=deciding.missing if deciding is not None and held else ("consent",),
        )

    def records_of(self, number: str) -> list[ConsentRecord]:
        """Give what is on record about a number, the one recorded first in front.

        A consent that the contract declares isn't among it.
        """
        return [self._record(row) for row in self._history.rows(int(number))]

    def numbers(self) -> Iterator[int]:
        """Give all numbers on record, in rising order."""
        return self._history.numbers()

    def records(self) -> Iterator[ConsentRecord]:
        """Give every consent and withdrawal on record, in the order of numbers."""
        for number in self._history.numbers():
            yield from map(self._record, self._history.rows(number))

    @property
    def unfinished(self) -> tuple[int, ...]:
        """Give the imports without an end."""
        return self._imports.unfinished

    @property
    def octets(self) -> int:
        """Give the memory that the book takes, about, without the declared numbers."""
        return self._history.octets

    def _record(self, row: Row[ConsentTerms]) -> ConsentRecord:
        terms = row.terms
        given = {"channel": terms.channel, "proof": row.text, "text_version": terms.text_version}
        needed = NEEDED.get(terms.channel, NEEDED[""]) if terms.granted else ()
        return ConsentRecord(
            number=str(row.number),
            granted=terms.granted,
            categories=names_of(terms.mask),
            channel=terms.channel,
            proof=row.text,
            text_version=terms.text_version,
            since=row.since,
            until=row.until,
            recorded_at=row.recorded_at,
            import_id=row.import_id,
            missing=tuple(name for name in needed if not given[name]),
        )

    @staticmethod
    def _declared_record(number: str) -> ConsentRecord:
        return ConsentRecord(
            number, True, (), DECLARED, "", "", -NEVER, NEVER, -NEVER, 0, NEEDED[DECLARED]
        )

    def _finding(self, number: str, category: str, at: float, row: int) -> Finding:
        """Say why there is no consent; `row` is the withdrawal that decides, 0 for none."""
        if row:
            since = self._history.since(row)
            return Finding(
                en=f"The user withdrew the consent to {category} messages at {_time(since)}.",
                zh=f"用户已于{_time(since)}撤回对{TITLES_ZH[category]}类短信的同意。",
                seen=f"{number}: withdrawn",
                allowed=f"a new consent of the user to {category}",
            )
        rows = self._history.rows(int(number)) if number.isdecimal() else []
        granted = [one for one in rows if one.terms.granted]
        ended = [o.until for o in granted if o.terms.mask & BITS[category] and o.until <= at]
        if ended:
            return Finding(
                en=f"The consent to {category} messages expired at {_time(max(ended))}.",
                zh=f"用户对{TITLES_ZH[category]}类短信的同意已于{_time(max(ended))}到期。",
                seen=f"{number}: expired",
                allowed=f"a consent to {category} that is valid at the time of sending",
            )
        others = 0
        for one in granted:
            others |= one.terms.mask if one.since <= at < one.until else 0
        if others:
            return Finding(
                en=f"The consent on record is for {in_words(others)}, not for {category}.",
                zh=f"用户仅同意接收{in_words_zh(others)}类短信，不含{TITLES_ZH[category]}类。",
                seen=f"{number}: {in_words(others)}",
                allowed=in_words(others),
            )
        return Finding(
            en=f"No consent of the user to {category} messages is on record.",
            zh=f"无该用户同意接收{TITLES_ZH[category]}类短信的记录。",
            seen=f"{number}: no record",
            allowed=f"a recorded consent to {category}",
        )


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, SHANGHAI).isoformat(sep=" ", timespec="seconds")
