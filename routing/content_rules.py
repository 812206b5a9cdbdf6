"""Judge what a text says: prohibited words (clause 3.1.3, annex 1 items 7, 8, 10) and texts that
pass for the carrier's (clause 3.1.10).

Shipped words and carrier names hold always. The operator's own rules and files take effect at the
later of `effective_from` and `notified_at`; with `effective_from` alone they never do, since party
A wasn't told (clause 3.1.1); with neither they are those of the contract as signed.

A carrier's name in the signature is impersonation; in the body it is together with a
self-reference in the same sentence, unless the sentence warns of impostors.

A hit rejects, or is only watched for: the message goes out, and what it may have broken is on
record for a person to look at. So it is with the brands of others unless the contract says more:
nobody can read out of a text whether their owner agreed (breach row 14).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from typing import Final

from config.content import ContentRules
from config.word_files import ListedWord

from .finding import Finding
from .folding import fold
from .word_filter import Action, Hit, Word, WordFilter

PROHIBITED: Final = frozenset(
    [f"prohibited_{n}" for n in range(1, 10)]
    + [f"forbidden_{n}" for n in range(1, 7)]
    + ["attack", "vulgar", "pornography_fee"]
)
"""Categories that the check `prohibited` refuses."""
TITLES_ZH: Final[dict[str, str]] = {
    **{f"prohibited_{n}": f"“九不准”第{n}项" for n in range(1, 10)},
    **{f"forbidden_{n}": f"“六不许”第{n}项" for n in range(1, 7)},
    "attack": "网络攻击",
    "vulgar": "低俗内容",
    "pornography_fee": "涉黄代收费",
}
"""What Chinese sentences call each of them."""
IMPERSONATION: Final = "impersonation"
BRAND: Final = "brand"
OBSTACLE: Final = "obstacle"
_REFUSED: Final = PROHIBITED | {BRAND}
_ROW_ILLEGAL: Final = 13
_ROW_UNAUTHORISED: Final = 14
_ROW_OBSTACLE: Final = 20
_CARRIER: Final = "carrier_name"
_REJECT: Final[Action] = "reject"
_NO_ACTIONS: Final[Mapping[str, Action]] = {}
_SELF: Final = re.compile(
    "我们|我司|我公司|本公司|联合|携手|合作|委托|授权|代表|代理|为您提供|尊敬的客户|提醒您|客服通知"
)
_WARNING: Final = re.compile("冒充|假冒|自称|谎称|诈骗|谨防|警惕")
_SENTENCE_END: Final = "。！？；!?;\n"


class ContentFilter:
    """Hold one version of the rules; never changed after it is built."""

    __slots__ = ("_own", "_patterns", "_shipped", "starts_at", "version")

    def __init__(
        self,
        rules: ContentRules,
        shipped: Iterable[ListedWord] = (),
        listed: Iterable[ListedWord] = (),
    ) -> None:
        """Compile rules, shipped words and those of the operator's files.

        Raises ValueError for a word without any letter, digit or Chinese character.
        """
        self.version = rules.version
        self.starts_at = _starts_at(rules)
        names = [Word(name, _CARRIER, _CARRIER) for name in rules.carrier_names]
        brands = [Word(name, "brands", BRAND, rules.brands_action) for name in rules.brands]
        harmless = [(_CARRIER, phrase) for phrase in rules.carrier_harmless]
        always = names + _listed(shipped)
        own = [
            Word(word, rule.id, rule.category, rule.action)
            for rule in rules.rules
            for word in rule.words
        ]
        excepted = [(rule.id, word) for rule in rules.rules for word in rule.except_words]
        self._shipped = WordFilter(always, harmless)
        # One automaton for all: a text is gone over once, whichever rules are in effect.
        own += brands + _listed(listed, {BRAND: rules.brands_action})
        self._own = WordFilter(always + own, harmless + excepted)
        self._patterns = tuple(
            (rule, re.compile(rule.pattern)) for rule in rules.rules if rule.pattern is not None
        )

    def judge(self, text: str, at: float, signature: str = "") -> tuple[Hit, ...]:
        """Give the hits in a text at a time (UTC seconds since the epoch).

        `signature` is the bracketed signature as it stands in the text, "" for none.
        """
        in_effect = at >= self.starts_at
        hits = (self._own if in_effect else self._shipped).find_folded(fold(text))
        patterns = self._patterns if in_effect else ()
        if not hits and not patterns:
            return ()
        place = text.find(signature) if signature else -1
        signed = range(place, place + len(signature)) if place >= 0 else range(0)
        kept = [found for hit in hits if (found := self._carrier(hit, text, signed)) is not None]
        for rule, pattern in patterns:
            for m in pattern.finditer(text):
                if m.group():
                    kept.append(
                        Hit(rule.id, rule.category, rule.action, rule.pattern or "", *m.span(),
                            m.group())
                    )  # fmt: skip
        return tuple(sorted(kept, key=lambda hit: (hit.start, -hit.end, hit.rule)))

    def _carrier(self, hit: Hit, text: str, signed: range) -> Hit | None:
        """Give a hit as it counts: a carrier's name only where the text passes for it."""
        if hit.category != _CARRIER:
            return hit
        if hit.start not in signed and not _refers_to_self(text, hit):
            return None
        return Hit(hit.rule, IMPERSONATION, hit.action, hit.word, hit.start, hit.end, hit.seen)


def prohibited(hits: Iterable[Hit]) -> Finding | None:
    """Give the finding of the check `prohibited`: prohibited words, and brands of others.

    It names the first hit that rejects, or the first of all where none does.
    """
    found = [hit for hit in hits if hit.category in _REFUSED]
    if not found:
        return None
    hit = _first(found)
    rows = {_ROW_UNAUTHORISED if each.category == BRAND else _ROW_ILLEGAL for each in found}
    return Finding(
        f"the text contains {hit.seen!r}, category {hit.category}, rule {hit.rule}",
        f"内容含有他人品牌“{hit.seen}”，规则{hit.rule}"
        if hit.category == BRAND
        else f"内容含有违禁词“{hit.seen}”，类别{TITLES_ZH[hit.category]}，规则{hit.rule}",
        hit.seen,
        "the text without it",
        tuple(sorted(rows)),
        watched=hit.action != _REJECT,
    )


def impersonation(hits: Iterable[Hit]) -> Finding | None:
    """Give the finding of the check `impersonation`, by the hits that pass for the carrier's."""
    found = [hit for hit in hits if hit.category == IMPERSONATION]
    if not found:
        return None
    hit = _first(found)
    return Finding(
        f"with {hit.seen!r} the text passes for the carrier's, rule {hit.rule}",
        f"“{hit.seen}”使人误认为由运营商提供或合作提供，规则{hit.rule}",
        hit.seen,
        "the text without it",
        watched=hit.action != _REJECT,
    )


def obstacle(hits: Iterable[Hit]) -> Finding | None:
    """Give what own rules find in the way of users who refuse (breach row 20)."""
    found = [hit for hit in hits if hit.category == OBSTACLE]
    if not found:
        return None
    hit = _first(found)
    return Finding(
        f"it makes refusing difficult ({hit.seen!r}), rule {hit.rule}",
        f"对用户拒收设置障碍（“{hit.seen}”），规则{hit.rule}",
        hit.seen,
        "the text without it",
        (_ROW_OBSTACLE,),
        watched=hit.action != _REJECT,
    )


def _first(hits: list[Hit]) -> Hit:
    return next((hit for hit in hits if hit.action == _REJECT), hits[0])


def _listed(words: Iterable[ListedWord], actions: Mapping[str, Action] = _NO_ACTIONS) -> list[Word]:
    return [
        Word(listed.word, listed.source, listed.category, actions.get(listed.category, _REJECT))
        for listed in words
    ]


def _starts_at(rules: ContentRules) -> float:
    if rules.notified_at is None:
        return -math.inf if rules.effective_from is None else math.inf
    told = rules.notified_at.timestamp()
    return told if rules.effective_from is None else max(told, rules.effective_from.timestamp())


def _refers_to_self(text: str, hit: Hit) -> bool:
    start = max(text.rfind(mark, 0, hit.start) for mark in _SENTENCE_END) + 1
    ends = [found for mark in _SENTENCE_END if (found := text.find(mark, hit.end)) >= 0]
    sentence = fold(text[start : min(ends, default=len(text))]).text
    return _SELF.search(sentence) is not None and _WARNING.search(sentence) is None
