"""Find the few templates that a text could come from, however many there are.

Exactly: templates that begin with fixed text are filed under its first characters, others that
end with fixed text under its last ones, the rest together. Where a file holds more than a few,
each template in it is looked up by an anchor: a pair of neighbouring fixed characters that occurs
in as few of the others as possible. All files are tried in this order and the first template that
fits is taken; within a file that is the one with the most fixed text. So which template a text
belongs to follows from the templates alone, not from how they are filed.

Nearly: each template is filed under all its pairs of neighbouring fixed characters. The text's
pairs are gone through from the rarest on, until `COUNTED` templates have been counted: a pair that
many share says little about any of them. Those with the most pairs are compared with the text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from heapq import nlargest
from operator import add
from typing import Final, Protocol

KEY: Final = 4
"""Characters of fixed text that a template is filed under."""
FEW: Final = 8
"""Templates of a file that are tried one after another."""
COUNTED: Final = 400
"""Occurrences of pairs that are counted for one text, at most."""
COMPARED: Final = 8
"""Templates that a text is compared with, at most."""


class Indexed(Protocol):
    """Give what a template is found by."""

    @property
    def pieces(self) -> tuple[str, ...]:
        """Give the fixed pieces."""

    @property
    def head(self) -> str:
        """Give the fixed text it begins with, "" for none."""

    @property
    def tail(self) -> str:
        """Give the fixed text it ends with, "" for none."""


def pairs_of(text: str) -> set[str]:
    """Give all pairs of neighbouring characters."""
    return set(map(add, text, text[1:]))


class _File:
    """Hold the templates filed under one key, by their numbers; the lowest has precedence."""

    __slots__ = ("_anchors", "_numbers")

    def __init__(self, numbers: Sequence[int], pairs: Mapping[int, set[str]]) -> None:
        self._numbers = tuple(sorted(numbers))
        self._anchors: dict[str, list[int]] | None = None
        if len(self._numbers) > FEW:
            self._anchors = _anchored(self._numbers, pairs)

    def for_text(self, text: str) -> Sequence[int]:
        """Give those that the text could come from, in their order."""
        anchors = self._anchors
        if anchors is None:
            return self._numbers
        found: list[int] = []
        for pair in anchors.keys() & pairs_of(text):
            found += anchors[pair]
        found.sort()
        return found


def _anchored(numbers: Iterable[int], pairs: Mapping[int, set[str]]) -> dict[str, list[int]]:
    """File each template under its rarest pair, and of equally rare ones under the emptiest."""
    spread = Counter(pair for number in numbers for pair in pairs[number])
    anchors: dict[str, list[int]] = {}
    for number in numbers:
        rarest = min(pairs[number], key=lambda p: (spread[p], len(anchors.get(p, ())), p))
        anchors.setdefault(rarest, []).append(number)
    return anchors


class TemplateIndex:
    """Find templates by their numbers, the places in the sequence they were given in."""

    __slots__ = ("_heads", "_open", "_postings", "_tails")

    def __init__(self, templates: Sequence[Indexed]) -> None:
        """File the templates, those with precedence first; each has a fixed pair."""
        pairs = {
            number: {pair for piece in template.pieces for pair in pairs_of(piece)}
            for number, template in enumerate(templates)
        }
        heads: dict[str, list[int]] = {}
        tails: dict[str, list[int]] = {}
        rest: list[int] = []
        for number, template in enumerate(templates):
            if len(template.head) >= KEY:
                heads.setdefault(template.head[:KEY], []).append(number)
            elif len(template.tail) >= KEY:
                tails.setdefault(template.tail[-KEY:], []).append(number)
            else:
                rest.append(number)
        self._heads = {key: _File(numbers, pairs) for key, numbers in heads.items()}
        self._tails = {key: _File(numbers, pairs) for key, numbers in tails.items()}
        self._open = _File(rest, pairs) if rest else None
        self._postings = _postings(pairs)

    def by_head(self, text: str) -> Sequence[int]:
        """Give the templates that the text could come from and that begin with fixed text."""
        file = self._heads.get(text[:KEY])
        return () if file is None else file.for_text(text)

    def by_tail(self, text: str) -> Sequence[int]:
        """Give those that end with fixed text only."""
        file = self._tails.get(text[-KEY:])
        return () if file is None else file.for_text(text)

    def by_middle(self, text: str) -> Sequence[int]:
        """Give those that neither begin nor end with fixed text."""
        return () if self._open is None else self._open.for_text(text)

    def near(self, text: str, permitted: Callable[[int], bool] | None) -> list[int]:
        """Give the permitted ones that share most pairs with the text; at most `COMPARED`.

        None permits all.
        """
        postings = self._postings
        found = sorted((postings[pair] for pair in postings.keys() & pairs_of(text)), key=_rarest)
        shared: Counter[int] = Counter()
        left = COUNTED
        for posting in found:
            shared.update(posting[:left])
            left -= len(posting)
            if left <= 0:
                break
        ranked = [
            (count, -number)
            for number, count in shared.items()
            if permitted is None or permitted(number)
        ]
        return [-number for _, number in nlargest(COMPARED, ranked)]


def _rarest(posting: Sequence[int]) -> tuple[int, Sequence[int]]:
    return len(posting), posting


def _postings(pairs: Mapping[int, set[str]]) -> dict[str, tuple[int, ...]]:
    postings: dict[str, list[int]] = {}
    for number, found in pairs.items():
        for pair in found:
            postings.setdefault(pair, []).append(number)
    return {pair: tuple(numbers) for pair, numbers in postings.items()}
