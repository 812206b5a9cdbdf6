"""Fold a text so that disguised words look like plain ones, and find the way back to its spans.

Seen through: full-width and other compatibility forms (NFKC), letter case, accents, traditional
characters, Cyrillic and Greek letters that look Latin, zero-width characters, and spaces, symbols
and punctuation put between the characters of a word.

What stands between two characters goes or stays by this rule:
- zero-width characters go;
- spaces and symbols beside a Chinese character go; between letters and digits they go only where
  one of the two runs is a single character (`s p a m`), so that `free gift` stays two words;
- marks that end a clause (，。；：！？) go only where one of the runs beside them is a single
  character (测，试，词), so that a word is not made of the end of one sentence and the start of
  the next.
What stays becomes one space.

A text costs one `str.translate` and one split; the way back is only computed for a hit.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from .simplified import SIMPLIFIED, TRADITIONAL

_HIDDEN: Final = "\x1c"
_SYMBOL: Final = "\x1d"
_CLAUSE: Final = "\x1e"
_BETWEEN: Final = re.compile("([\x1c-\x1e]+)")
_CLAUSE_MARKS: Final = frozenset("，。；：！？,;:!?")
_HIDDEN_KINDS: Final = frozenset({"Cf", "Mn", "Me"})
_WORD_KINDS: Final = frozenset("LN")
_BASIC_PLANE: Final = 0xFFFF

_LOOKALIKE: Final = dict(
    zip(
        "авсеһіјкмнорѕтухѵԁԛԝӏαβεικνορτυχϲγη",
        "abcehijkmhopstyxvdqwlabeiknoptuxcyn",
        strict=True,
    )
)
"""Lower-case Cyrillic and Greek letters and the Latin ones they, or their capitals, look like."""

_SIMPLE: Final = dict(zip(TRADITIONAL, SIMPLIFIED, strict=True))

_SKELETON: Final = str.maketrans("01iİı已巳末士曰人", "oll" + "ll己己未土日入")
"""Characters that look alike within a script, for names alone: 0 and o, 1 and l, 己已巳 …"""


def _plain(char: str) -> str:
    """Give the plain form of one character of the compatibility form."""
    char = _SIMPLE.get(char, char)
    bare = unicodedata.normalize("NFD", char)[0]
    char = bare if bare.isascii() else char.lower()
    char = _LOOKALIKE.get(char.lower(), char.lower())
    if char in _CLAUSE_MARKS:
        return _CLAUSE
    kind = unicodedata.category(char[0])
    if kind in _HIDDEN_KINDS:
        return _HIDDEN
    return char if kind[0] in _WORD_KINDS else _SYMBOL


class _Table(dict[int, str]):
    """Give the plain form of any character, and remember those of the basic plane."""

    __slots__ = ()

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if char in _CLAUSE_MARKS:
            plain = _CLAUSE
        elif unicodedata.category(char) in _HIDDEN_KINDS:
            plain = _HIDDEN
        else:
            plain = "".join(map(_plain, unicodedata.normalize("NFKC", char)))
        # Bounded: nobody can fill the memory with characters of the further planes.
        if code <= _BASIC_PLANE:
            self[code] = plain
        return plain


_TABLE: Final = _Table()


class Folded:
    """Hold a folded text and the way back to the original."""

    __slots__ = ("_runs", "original", "text")

    def __init__(self, original: str, text: str, runs: list[str]) -> None:
        """Take the original, the folded text and the translated one in alternating runs."""
        self.original = original
        self.text = text
        self._runs = runs

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Give the span of the original that a non-empty span of the folded text came from."""
        plain = [len(_TABLE[ord(char)]) for char in self.original]
        places = [index for index, length in enumerate(plain) for _ in range(length)]
        kept: list[int] = []
        at = 0
        for index, run in enumerate(self._runs):
            if index % 2 == 0:
                kept += places[at : at + len(run)]
            elif _stays(self._runs, index):
                kept.append(places[at])
            at += len(run)
        return kept[start], kept[end - 1] + 1


def fold(text: str) -> Folded:
    """Fold a text; see the module's essay."""
    runs = _BETWEEN.split(text.translate(_TABLE))
    if len(runs) == 1:
        return Folded(text, runs[0], runs)
    folded = [runs[0]]
    for index in range(1, len(runs), 2):
        if _stays(runs, index):
            folded.append(" ")
        folded.append(runs[index + 1])
    return Folded(text, "".join(folded), runs)


def folded_word(word: str) -> str:
    """Fold a word of a list: "" where it has no letter, digit or Chinese character."""
    return fold(word).text.strip()


def skeleton(name: str) -> str:
    """Give what a name looks like: two names with one skeleton are easily mistaken."""
    return fold(name).text.replace(" ", "").translate(_SKELETON)


def _stays(runs: list[str], index: int) -> bool:
    """Say whether what stands between two runs still parts them after folding."""
    before, between, after = runs[index - 1], runs[index], runs[index + 1]
    if len(before) < 2 or len(after) < 2:  # one character, or the end of the text
        return False
    if _CLAUSE in between:
        return True
    return _SYMBOL in between and before[-1].isascii() and after[0].isascii()
