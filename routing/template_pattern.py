"""Compare a text with one approved template: whether it is the template's, or how near it comes.

A text is the template's when a regular expression made of the fixed pieces and the forms of the
variables matches it whole. A free text ends at the first place where the fixed text after it
begins, so the expression never goes back into one (atomic groups) and its time is bounded.

How near: the longest common subsequence of the template's fixed characters and the text is
aligned, `m` characters. Fixed characters without a partner are missing; characters of the text
without one are foreign, save that a variable takes up a value of its form where it stands.

    similarity = 2m / (2m + missing + foreign)

That is the normalised insert-and-delete distance (1 - distance / length of both) with variables
left out, so neither long values nor many variables make a text look different. Substitution
costs two as in that distance, not one as in Levenshtein's: a changed word of n characters is n
missing and n foreign, so a fifth of the characters changed gives 0.8. Characters are the unit
because a Chinese word has one or two of them: two texts that have nothing to do with each other
share few characters in order, where Latin letters always share many, and sets of bigrams would
charge a single changed character twice and not see pieces that were moved about.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from rapidfuzz.distance import LCSseq

from config.template_text import Variable, parse_template

from .links import first_link

MIN_PIECE: Final = 2
"""Fixed characters in a row that a template has at least."""

_EDGE: Final = "(?:(?<![0-9A-Za-z])|(?![0-9A-Za-z]))"
"""Anywhere but between two letters or digits."""


@dataclass(slots=True, frozen=True)
class Deviation:
    """Hold one place where a text differs: what it says, and what the template has there."""

    seen: str
    allowed: str
    """Fixed text, and variables in braces."""


@dataclass(slots=True, frozen=True)
class Likeness:
    """Say how near a text comes to a template."""

    similarity: float
    """0 to 1."""
    unknown: bool
    """Whether a variable has no value of its form: an unknown variable part (breach row 3)."""
    deviations: tuple[Deviation, ...]
    """In the order of the text."""


class _Gap:
    """Be one variable at its offset in the fixed text."""

    __slots__ = ("find", "offset", "variable")

    def __init__(self, offset: int, variable: Variable) -> None:
        self.offset = offset
        self.variable = variable
        # A value isn't a piece of a longer run of letters and digits.
        self.find = re.compile(f"{_EDGE}(?:{variable.pattern}){_EDGE}")


class TemplatePattern:
    """Compile one template's text; never changed afterwards."""

    __slots__ = ("_gaps", "_regex", "fixed", "free", "pieces")

    def __init__(self, text: str, free_text: int, fold: Callable[[str], str]) -> None:
        """Compile; `fold` is what is done to the texts that will be compared.

        Raises ValueError with what is allowed, as `parse_template` does.
        """
        parsed = parse_template(text.strip(), free_text)
        folded = [fold(piece) if isinstance(piece, str) else piece for piece in parsed]
        self.pieces = tuple(piece for piece in folded if isinstance(piece, str))
        """The fixed pieces, in order."""
        if not any(len(piece) >= MIN_PIECE for piece in self.pieces):
            raise ValueError(f"a text with at least {MIN_PIECE} fixed characters in a row")
        self.fixed = "".join(self.pieces)
        self.free = any(isinstance(piece, Variable) and piece.free for piece in folded)
        """Whether it has free text."""
        self._regex = re.compile(_expression(folded))
        self._gaps = _gaps(folded)

    @property
    def head(self) -> str:
        """Give the fixed text it begins with, "" for a variable."""
        return self.pieces[0] if not self._gaps or self._gaps[0].offset > 0 else ""

    @property
    def tail(self) -> str:
        """Give the fixed text it ends with, "" for a variable."""
        ends = not self._gaps or self._gaps[-1].offset < len(self.fixed)
        return self.pieces[-1] if ends else ""

    def free_values(self, text: str) -> tuple[str, ...] | None:
        """Give the values of the free texts when the text is the template's, None when not.

        A link is no free text: it would turn any notice into something else.
        """
        found = self._regex.fullmatch(text)
        if found is None:
            return None
        values: tuple[str, ...] = found.groups()
        if values and first_link("\n".join(values)):
            return None
        return values

    def most_alike(self, text: str) -> float:
        """Give a bound that `likeness` doesn't exceed: nothing counted as foreign."""
        common = LCSseq.similarity(self.fixed, text)
        return 2 * common / (common + len(self.fixed))

    def likeness(self, text: str) -> Likeness:
        """Compare with the text, character by character."""
        tally = _Tally(self.fixed, self._gaps)
        start = at = 0
        for block in LCSseq.editops(self.fixed, text).as_matching_blocks():
            tally.take(start, block.a, text[at : block.b])
            start = block.a + block.size
            at = block.b + block.size
        return tally.likeness()


class _Tally:
    """Add up what has no partner, from the beginning of a template to its end."""

    def __init__(self, fixed: str, gaps: tuple[_Gap, ...]) -> None:
        self._fixed = fixed
        self._gaps = gaps
        self._next = 0
        self._missing = 0
        self._foreign = 0
        self._unknown = False
        self._deviations: list[Deviation] = []

    def take(self, start: int, end: int, inserted: str) -> None:
        """Count the fixed characters from `start` to before `end`, and the text instead of them."""
        self._skip(start)
        first = self._next
        while self._next < len(self._gaps) and self._gaps[self._next].offset <= end:
            self._next += 1
        gaps = self._gaps[first : self._next]
        foreign, unknown = _excess(inserted, gaps) if gaps else (len(inserted), False)
        self._missing += end - start
        self._foreign += foreign
        self._unknown = self._unknown or unknown
        if end > start or foreign or unknown:
            self._deviations.append(Deviation(inserted, self._written(start, end, gaps)))

    def _skip(self, start: int) -> None:
        """Pass by variables within text that has its partner: they have no value at all."""
        while self._next < len(self._gaps) and self._gaps[self._next].offset < start:
            self._unknown = True
            self._deviations.append(Deviation("", str(self._gaps[self._next].variable)))
            self._next += 1

    def _written(self, start: int, end: int, gaps: tuple[_Gap, ...]) -> str:
        written = ""
        for gap in gaps:
            written += self._fixed[start : gap.offset] + str(gap.variable)
            start = gap.offset
        return written + self._fixed[start:end]

    def likeness(self) -> Likeness:
        """Give the sum; everything has been taken."""
        common = 2 * (len(self._fixed) - self._missing)
        total = common + self._missing + self._foreign
        return Likeness(common / total, self._unknown, tuple(self._deviations))


def _excess(inserted: str, gaps: tuple[_Gap, ...]) -> tuple[int, bool]:
    """Give the characters that no variable takes up, and whether one is without a value."""
    rest = inserted
    unknown = False
    for gap in gaps:
        if gap.variable.free:
            continue
        found = gap.find.search(rest)
        if found is None:
            unknown = True
        else:
            rest = rest[: found.start()] + rest[found.end() :]
    room = sum(gap.variable.longest for gap in gaps if gap.variable.free)
    if room and (not rest or first_link(rest)):
        return len(rest), True
    return max(0, len(rest) - room), unknown


def _expression(pieces: list[str | Variable]) -> str:
    parts: list[str] = []
    run = ""
    free = False
    for piece in pieces:
        if isinstance(piece, Variable):
            run += f"({piece.pattern}?)" if piece.free else f"(?:{piece.pattern})"
            free = free or piece.free
            continue
        fixed = run + re.escape(piece)
        parts.append(f"(?>{fixed})" if free else fixed)
        run = ""
        free = False
    return "".join(parts) + run


def _gaps(pieces: list[str | Variable]) -> tuple[_Gap, ...]:
    gaps: list[_Gap] = []
    offset = 0
    for piece in pieces:
        if isinstance(piece, Variable):
            gaps.append(_Gap(offset, piece))
        else:
            offset += len(piece)
    return tuple(gaps)
