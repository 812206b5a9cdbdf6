"""Read an uplink message for what the user wants: out, in, help, or a person's attention.

A text is brought to one form and looked up whole: compatibility characters in their plain form
(NFKC: ＴＤ is TD), invisible characters and spaces taken out, punctuation at both ends taken off,
capital letters, and the few traditional characters that keywords are written with. Only a text
that is a keyword as a whole acts by itself. One that merely mentions a refusal, such as
请不要再给我发短信了, goes to a person: the words alone don't say what is wanted.

Tables may differ by access number, also by one with extension digits; the longest that the
message was sent to counts.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from config.content import OptOutRules

from .registry_events import OptedIn, OptedOut

Action = Literal["opt_out", "opt_out_all", "opt_in", "help", "review", "none"]

_KEYS: Final[dict[str, Action]] = {
    "keywords": "opt_out",
    "keywords_all": "opt_out_all",
    "keywords_in": "opt_in",
    "keywords_help": "help",
}
"""Key of `OptOutRules` → what a reply in its list does."""

_SIMPLIFIED: Final = str.maketrans("訂閱復幫發給", "订阅复帮发给")
_SUBSCRIBER: Final = "subscriber"


@dataclass(slots=True, frozen=True)
class Recognition:
    """Say what an uplink message asks for, and which rule says so."""

    action: Action
    rule: str = ""
    """Key of the configuration, such as `optout.keywords`; "" where no rule applies."""
    word: str = ""
    """The entry of that list."""

    def event(
        self, number: str, access_number: str, category: str, *, mo_id: int, at: float
    ) -> OptedOut | OptedIn | None:
        """Make the change that follows at once, None where nothing does.

        `category` is that of the message the user answers, "" where that isn't known: then every
        one is meant. A refusal of all services is towards every access number; what takes a
        refusal back does so for all categories of this access number.
        """
        if self.action == "opt_in":
            return OptedIn(
                at=at, number=number, access_number=access_number, source="mo", mo_id=mo_id,
                who=_SUBSCRIBER, why=f"{self.rule}: {self.word}",
            )  # fmt: skip
        if self.action not in ("opt_out", "opt_out_all"):
            return None
        everything = self.action == "opt_out_all"
        return OptedOut(
            at=at,
            number=number,
            access_number="" if everything else access_number,
            categories=() if everything or not category else (category,),
            source="mo",
            mo_id=mo_id,
            who=_SUBSCRIBER,
            why=f"{self.rule}: {self.word}",
        )


NOTHING: Final = Recognition("none")


class KeywordTable:
    """Hold the compiled lists of one access number, or of all."""

    __slots__ = ("_exact", "_review")

    def __init__(self, rules: OptOutRules) -> None:
        """Compile the lists.

        Raises ValueError for a keyword that stands for two things or has nothing to be looked for.
        """
        self._exact: dict[str, Recognition] = {}
        for key, action in _KEYS.items():
            for word in getattr(rules, key):
                self._put(word, Recognition(action, f"optout.{key}", word))
        self._review = tuple((_mentionable(word), word) for word in rules.review)
        for form, word in self._review:
            if not form:
                raise ValueError(f"optout.review {word!r}: at least one letter or digit")

    def _put(self, word: str, recognition: Recognition) -> None:
        form = normalised(word)
        if not form:
            raise ValueError(f"{recognition.rule} {word!r}: at least one letter or digit")
        other = self._exact.setdefault(form, recognition)
        if other.action != recognition.action:
            raise ValueError(
                f"{recognition.rule} {word!r}: stands in {other.rule} as well, as {other.word!r}; "
                "a keyword does one thing"
            )

    def recognise(self, text: str) -> Recognition:
        """Say what a text asks for."""
        found = self._exact.get(normalised(text))
        if found is not None:
            return found
        whole = _mentionable(text)
        for form, word in self._review:
            if form in whole:
                return Recognition("review", "optout.review", word)
        return NOTHING


class UplinkKeywords:
    """Hold the tables of all access numbers."""

    __slots__ = ("_by_number", "_default", "_lengths")

    def __init__(
        self, rules: OptOutRules, by_number: Mapping[str, OptOutRules] | None = None
    ) -> None:
        """Compile the lists that hold everywhere, and those of numbers that have their own.

        Raises ValueError as `KeywordTable` does.
        """
        self._default = KeywordTable(rules)
        own = by_number or {}
        self._by_number = {number: KeywordTable(theirs) for number, theirs in own.items()}
        self._lengths = sorted({len(number) for number in own}, reverse=True)

    def recognise(self, text: str, access_number: str = "") -> Recognition:
        """Say what a text sent to a number asks for; extension digits are part of the number."""
        for length in self._lengths:
            table = self._by_number.get(access_number[:length])
            if table is not None:
                return table.recognise(text)
        return self._default.recognise(text)


def normalised(text: str) -> str:
    """Give the form that keywords are looked up in (see the module's essay)."""
    plain = _visible(text)
    first, last = 0, len(plain)
    while first < last and _punctuation(plain[first]):
        first += 1
    while first < last and _punctuation(plain[last - 1]):
        last -= 1
    return plain[first:last]


def _mentionable(text: str) -> str:
    """Give the form that mentions are looked for in: without punctuation anywhere."""
    return "".join(letter for letter in _visible(text) if not _punctuation(letter))


def _visible(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).upper().translate(_SIMPLIFIED)
    if plain.isalnum():
        return plain
    return "".join(letter for letter in plain if unicodedata.category(letter)[0] not in "ZC")


def _punctuation(letter: str) -> bool:
    return unicodedata.category(letter)[0] == "P"
