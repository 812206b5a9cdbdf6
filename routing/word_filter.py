"""Find words of a list in a text, however many words there are and however they are disguised.

The words stand folded in one Aho-Corasick automaton (ahocorasick-rs), which goes over the folded
text once: the cost of a text doesn't depend on the number of words. Matches may overlap, and all
are found, so that a harmless phrase never hides a word beside it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from ahocorasick_rs import AhoCorasick, MatchKind

from .folding import Folded, fold, folded_word

Action = Literal["reject", "review", "flag"]
_HARMLESS: Final = "harmless"


@dataclass(slots=True, frozen=True)
class Word:
    """Be one entry: a word, the rule it belongs to, its category and what a hit leads to."""

    text: str
    rule: str
    category: str
    action: Action = "reject"


@dataclass(slots=True, frozen=True)
class Hit:
    """Be one find: rule, category and action, the word, and its span in the original text."""

    rule: str
    category: str
    action: Action
    word: str
    start: int
    end: int
    seen: str
    """The original text of the span."""


class WordFilter:
    """Hold the automaton of a word list; never changed after it is built."""

    __slots__ = ("_automaton", "_entries")

    def __init__(self, words: Iterable[Word], harmless: Iterable[tuple[str, str]] = ()) -> None:
        """Take words, and phrases as (rule, phrase) in which words of that rule don't count.

        Raises ValueError for a word without any letter, digit or Chinese character.
        """
        entries: dict[str, list[Word]] = {}
        for word in words:
            entries.setdefault(_checked(word.text), []).append(word)
        for rule, phrase in harmless:
            entry = Word(phrase, rule, _HARMLESS)
            entries.setdefault(_checked(phrase), []).append(entry)
        self._entries = list(entries.values())
        self._automaton = AhoCorasick(list(entries), matchkind=MatchKind.Standard)

    def find(self, text: str) -> tuple[Hit, ...]:
        """Give all hits in the order of their place in the text."""
        return self.find_folded(fold(text))

    def find_folded(self, folded: Folded) -> tuple[Hit, ...]:
        """Do as `find` with a text that is folded already."""
        matches = self._automaton.find_matches_as_indexes(folded.text, overlapping=True)
        if not matches:
            return ()
        found = [
            (entry, start, end) for index, start, end in matches for entry in self._entries[index]
        ]
        harmless = [
            (word.rule, start, end) for word, start, end in found if word.category == _HARMLESS
        ]
        hits = [
            _hit(word, folded, start, end)
            for word, start, end in found
            if word.category != _HARMLESS
            and not any(r == word.rule and s <= start and end <= e for r, s, e in harmless)
        ]
        return tuple(sorted(hits, key=lambda hit: (hit.start, -hit.end, hit.rule, hit.category)))


def _checked(text: str) -> str:
    word = folded_word(text)
    if not word:
        raise ValueError(
            f"word {text!r}: nothing to look for, at least one letter, digit or Chinese character"
        )
    return word


def _hit(word: Word, folded: Folded, start: int, end: int) -> Hit:
    first, last = folded.span(start, end)
    seen = folded.original[first:last]
    return Hit(word.rule, word.category, word.action, word.text, first, last, seen)
