"""Tell what a message is for: its category, and what makes it commercial (clauses 1.10, 3.1.8).

In this order: the template it is exactly, if its free texts don't advertise; a text that
advertises is commercial; the template that it nearly is; the category declared by its
service_type; the first pattern of a category that is found; a notice.

Whether a text advertises is weighed by what is found in it. A word of an offer or a discount is
enough. Weaker words count as hints, and links, prices and telephone numbers only beside them: a
police notice has those too. A word in one sentence with a warning is not counted: 谨防投资理财骗局
warns of what it names. Numbers such as 110 and party A's own service telephone are no evidence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final, Literal, get_args

from config.commercial_words import CommercialWords, TextPattern
from config.content import AdRules, Category

from .links import LINK, host_of
from .templates import TemplateMatch

EvidenceKind = Literal["offer", "hint", "link", "short_link", "phone", "price"]
Source = Literal["template", "text", "service_type", "default"]
"""What a category was told by."""

WEIGHTS: Final[dict[EvidenceKind, int]] = {
    "offer": 4,
    "hint": 1,
    "link": 1,
    "short_link": 2,
    "phone": 1,
    "price": 1,
}
COMMERCIAL_FROM: Final = 4
"""Weight from which a text is commercial."""
_MOST: Final[dict[EvidenceKind, int]] = {"hint": 2, "link": 1, "phone": 1, "price": 1}
"""Most weight of a kind together: ten hints are no offer."""

DEFAULT_CATEGORY: Final = "notice"
COMMERCIAL: Final = "commercial"

_PHONE: Final = re.compile(
    r"(?<![0-9A-Za-z])(?:(?:\+?86)?1[3-9][0-9]{9}|0[0-9]{2,3}-?[0-9]{7,8}|[48]00-?[0-9]{3}-?[0-9]{4}"
    r"|(?<=拨打)[0-9]{3,8}|(?<=致电)[0-9]{3,8}|(?<=热线)[0-9]{3,8}|(?<=电话)[0-9]{3,8}"
    r"|(?<=[或、])[0-9]{5})(?![0-9A-Za-z])"
)
_PRICE: Final = re.compile(
    r"[￥¥] ?[0-9]{1,9}(?:\.[0-9]{1,2})?|(?<![0-9.])[0-9]{1,9}(?:\.[0-9]{1,2})?(?:万?元|块钱)"
)
MOST_WORDS: Final = 16
"""Words of one text that are looked at, so that no text takes long."""
_SENTENCE_END: Final = re.compile(r"[。！!？?；;\n]")
_NOT_DIGITS: Final = re.compile(r"[^0-9]")


@dataclass(slots=True, frozen=True)
class Evidence:
    """Hold one find: its words and the offset of its first character in the text looked into."""

    kind: EvidenceKind
    text: str
    start: int


@dataclass(slots=True, frozen=True)
class Classification:
    """Say what a message is for, how that was told, and what in it is commercial."""

    category: str
    source: Source
    evidence: tuple[Evidence, ...] = ()

    @property
    def commercial(self) -> bool:
        """Say whether the rules for commercial messages apply."""
        return self.category == COMMERCIAL


class Classifier:
    """Tell categories by one version of words and rules; never changed afterwards.

    `fold` is applied to the words; texts have gone through the same before they are given here,
    and offsets are those of the folded text.
    """

    __slots__ = (
        "_allowed",
        "_by_service_type",
        "_by_template",
        "_categories",
        "_category_words",
        "_default",
        "_discounts",
        "_kinds",
        "_ranks",
        "_short_hosts",
        "_warnings",
        "_words",
    )

    def __init__(
        self,
        words: CommercialWords,
        rules: AdRules | None = None,
        *,
        service_types: Mapping[str, str] | None = None,
        own_numbers: Iterable[str] = (),
        fold: Callable[[str], str] = str,
    ) -> None:
        """Compile; `own_numbers` are party A's service telephones (clause 4.2).

        `service_types` gives the category that a service_type declares, where one does.
        """
        given = AdRules() if rules is None else rules
        self._kinds: dict[str, EvidenceKind | None] = {
            **{fold(word): "hint" for word in words.hints},
            **{fold(word): "offer" for word in (*words.offers, *given.words)},
            **{fold(word): None for word in words.harmless},
        }
        self._words = _any_of(self._kinds)
        self._discounts = _patterns(words.discounts, fold)
        self._warnings = _any_of(fold(word) for word in words.warnings)
        self._short_hosts = frozenset(host.lower() for host in words.short_hosts)
        self._allowed = frozenset(
            _digits(number) for number in (*given.allowed_numbers, *own_numbers)
        )
        self._categories = tuple(
            (_patterns(row.patterns, fold), Classification(row.category, "text"))
            for row in words.categories
        )
        # A word of several categories belongs to the first of them.
        self._ranks: dict[str, int] = {}
        for rank, row in enumerate(words.categories):
            for word in row.words:
                self._ranks.setdefault(fold(word), rank)
        self._category_words = _any_of(self._ranks)
        self._by_service_type = {
            service_type: Classification(category, "service_type")
            for service_type, category in (service_types or {}).items()
        }
        self._by_template = {
            category: Classification(category, "template") for category in get_args(Category)
        }
        self._default = Classification(DEFAULT_CATEGORY, "default")

    def classify(
        self, text: str, match: TemplateMatch | None = None, service_type: str = ""
    ) -> Classification:
        """Tell the category of a text; `match` says which template it comes from."""
        exact = match is not None and match.kind == "exact"
        if match is not None and exact:
            # Its fixed text is approved, so only what stands in its free texts is looked into.
            text = "\n".join(match.free_values)
        evidence = self.evidence(text) if text else ()
        if evidence and weight(evidence) >= COMMERCIAL_FROM:
            return Classification(COMMERCIAL, "text", evidence)
        if match is not None and match.template is not None and match.kind not in ("major", "none"):
            return self._by_template[match.template.category]
        declared = self._by_service_type.get(service_type)
        if declared is not None:
            return declared
        return self._by_text(text)

    def evidence(self, text: str) -> tuple[Evidence, ...]:
        """Give all that speaks for a commercial text, in its order; nothing without such words."""
        found = [
            *islice(self._words_in(text), MOST_WORDS),
            *islice(self._discounts_in(text), MOST_WORDS),
        ]
        if not found:
            return ()
        for link in LINK.finditer(text):
            kind: EvidenceKind = "link"
            if host_of(link.group()) in self._short_hosts:
                kind = "short_link"
            found.append(Evidence(kind, link.group(), link.start()))
        for number in _PHONE.finditer(text):
            if _digits(number.group()) not in self._allowed:
                found.append(Evidence("phone", number.group(), number.start()))
        found += [Evidence("price", hit.group(), hit.start()) for hit in _PRICE.finditer(text)]
        return tuple(sorted(found, key=lambda evidence: evidence.start))

    def _words_in(self, text: str) -> Iterable[Evidence]:
        if self._words.search(text) is None:
            return
        for hit in self._words.finditer(text):
            kind = self._kinds[hit.group()]
            if kind is not None and not self._warned_of(text, hit.start(), hit.end()):
                yield Evidence(kind, hit.group(), hit.start())

    def _discounts_in(self, text: str) -> Iterable[Evidence]:
        for contained, pattern in self._discounts:
            if contained in text:
                for hit in pattern.finditer(text):
                    if not self._warned_of(text, hit.start(), hit.end()):
                        yield Evidence("offer", hit.group(), hit.start())

    def _by_text(self, text: str) -> Classification:
        ranks = [self._ranks[word] for word in self._category_words.findall(text)]
        lowest = min(ranks, default=len(self._categories))
        for patterns, found in self._categories[: lowest + 1]:
            for contained, pattern in patterns:
                if contained in text and pattern.search(text) is not None:
                    return found
        return self._categories[lowest][1] if ranks else self._default

    def _warned_of(self, text: str, start: int, end: int) -> bool:
        """Say whether the sentence around a word is a warning."""
        first = 0
        for stop in _SENTENCE_END.finditer(text, 0, start):
            first = stop.end()
        stop_after = _SENTENCE_END.search(text, end)
        last = len(text) if stop_after is None else stop_after.start()
        return self._warnings.search(text, first, last) is not None


def weight(evidence: Iterable[Evidence]) -> int:
    """Add up evidence; the same words count once."""
    by_kind: dict[EvidenceKind, int] = {}
    for kind, _ in {(found.kind, found.text) for found in evidence}:
        by_kind[kind] = by_kind.get(kind, 0) + WEIGHTS[kind]
    return sum(min(total, _MOST.get(kind, total)) for kind, total in by_kind.items())


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    """Compile a search for words, of several that begin at one place the longest.

    A flat list of literals is what the expression engine skips quickly through: 0.4 µs for a
    text, where groups or character classes at the beginning of one make it 10.
    """
    ordered = sorted(set(words) - {""}, key=lambda word: (-len(word), word))
    return re.compile("|".join(map(re.escape, ordered)) or r"(?!)")


def _patterns(
    rows: Iterable[TextPattern], fold: Callable[[str], str]
) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((fold(row.contains), re.compile(row.pattern)) for row in rows)


def _digits(number: str) -> str:
    digits = _NOT_DIGITS.sub("", number)
    return digits.removeprefix("86") if len(digits) == 13 else digits
