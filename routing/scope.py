"""Say whether a recipient is within the user scope declared under clause 3.1.5.

A scope is a history of versions, each in force from a moment on, so that an old message is judged
by the version of its own time. Entries are single numbers, ranges and prefixes; an entry may be
valid for a time only.

How two million numbers fit into a few megabytes: a mainland mobile number is 1 + ten digits.
Its first seven digits select a slot of an offset table (a million offsets, 4 octets each), and
the slot's numbers are their last four digits, sorted, two octets each, in one flat array. A
look-up is two offsets and a bisection over at most ten thousand, usually a handful. Ranges and
prefixes are merged into disjoint intervals, two flat arrays, and one bisection; few single
numbers are kept there as well, since the table pays only for many. Dated entries may overlap, so
they stay apart, 40 octets each, sorted by their first number.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from .numbering import MSISDN_DIGITS

ALWAYS = (float("-inf"), float("inf"))
"""Validity of an entry without dates: UTC seconds since the epoch, from <= at < to."""

_FIRST: Final = 10_000_000_000
_LAST: Final = 19_999_999_999
_SLOT: Final = 10_000
_SLOTS: Final = 1_000_000
_FIRST_SLOT: Final = _FIRST // _SLOT
_MANY: Final = 100_000
"""Single numbers from which the table of slots is worth its four megabytes."""


@dataclass(frozen=True)
class ScopeEntry:
    """Hold one declared entry: the numbers from `first` to `last`, both included, and its dates.

    `valid_from` <= at < `valid_to`, UTC seconds since the epoch.
    """

    first: int
    last: int
    valid_from: float = ALWAYS[0]
    valid_to: float = ALWAYS[1]

    @classmethod
    def number(cls, msisdn: str, dates: tuple[float, float] = ALWAYS) -> ScopeEntry:
        """Declare one number of 11 digits."""
        value = _digits(msisdn, "number")
        return cls(value, value, *dates)

    @classmethod
    def between(cls, first: str, last: str, dates: tuple[float, float] = ALWAYS) -> ScopeEntry:
        """Declare a range of numbers, both ends included."""
        low, high = _digits(first, "range from"), _digits(last, "range to")
        if low > high:
            raise ValueError(f"scope range {first}-{last}: the first number is above the last")
        return cls(low, high, *dates)

    @classmethod
    def prefix(cls, prefix: str, dates: tuple[float, float] = ALWAYS) -> ScopeEntry:
        """Declare all numbers that begin with these digits."""
        rest = MSISDN_DIGITS - len(prefix)
        if rest < 0:
            raise ValueError(f"scope prefix {prefix!r}: at most {MSISDN_DIGITS} digits")
        low = _digits(prefix + "0" * rest, "prefix")
        return cls(low, low + 10**rest - 1, *dates)


def _digits(text: str, what: str) -> int:
    if len(text) != MSISDN_DIGITS or text[0] != "1" or not (text.isascii() and text.isdigit()):
        raise ValueError(f"scope {what} {text!r}: {MSISDN_DIGITS} digits that begin with 1")
    return int(text)


class NumberSet:
    """Hold an immutable set of mainland mobile numbers compactly (see the module's essay)."""

    __slots__ = ("_ends", "_offsets", "_starts", "_tails")

    def __init__(
        self,
        singles: Iterable[int],
        ranges: Iterable[tuple[int, int]] = (),
        *,
        many: int = _MANY,
    ) -> None:
        """Build from single numbers and inclusive ranges, in any order, overlaps allowed.

        `many` single numbers get the table of slots. Raises ValueError for a number that hasn't
        11 digits or doesn't begin with 1.
        """
        numbers = sorted(singles)
        self._tails = array("H")
        self._offsets = array("I")
        for extreme in (*numbers[:1], *numbers[-1:]):
            _in_plan(extreme)
        if len(numbers) >= many:
            self._starts, self._ends = _merge(ranges)
            self._fill_slots(numbers)
        else:
            self._starts, self._ends = _merge([*ranges, *zip(numbers, numbers, strict=True)])

    def _fill_slots(self, numbers: list[int]) -> None:
        counts = array("I", bytes(4 * (_SLOTS + 1)))
        tails = self._tails
        previous = 0
        for number in numbers:
            if number == previous:
                continue
            previous = number
            tails.append(number % _SLOT)
            counts[number // _SLOT - _FIRST_SLOT + 1] += 1
        self._offsets = array("I", accumulate(counts))

    def holds(self, number: int) -> bool:
        """Say whether the number is a member (a method: cheaper to call than `in`)."""
        if self._starts:
            index = bisect_right(self._starts, number)
            if index > 0 and number <= self._ends[index - 1]:
                return True
        slot = number // _SLOT - _FIRST_SLOT
        offsets = self._offsets
        if not offsets or not 0 <= slot < _SLOTS:
            return False
        low = offsets[slot]
        high = offsets[slot + 1]
        if low == high:
            return False
        tail = number % _SLOT
        tails = self._tails
        index = bisect_left(tails, tail, low, high)
        return index < high and tails[index] == tail

    @property
    def octets(self) -> int:
        """Give the memory that the numbers take."""
        flat = (self._starts, self._ends, self._offsets, self._tails)
        return sum(part.buffer_info()[1] * part.itemsize for part in flat)

    @property
    def ranges(self) -> list[tuple[int, int]]:
        """Give the merged ranges, both ends included."""
        return list(zip(self._starts, self._ends, strict=True))


def _merge(ranges: Iterable[tuple[int, int]]) -> tuple[array[int], array[int]]:
    starts, ends = array("Q"), array("Q")
    for first, last in sorted(ranges):
        _in_plan(first)
        _in_plan(last)
        if ends and first <= ends[-1] + 1:
            ends[-1] = max(ends[-1], last)
        else:
            starts.append(first)
            ends.append(last)
    return starts, ends


def _in_plan(number: int) -> None:
    if not _FIRST <= number <= _LAST:
        raise ValueError(f"scope number {number}: {MSISDN_DIGITS} digits that begin with 1")


class DatedEntries:
    """Hold entries that are valid for a time, overlapping as they like."""

    __slots__ = ("_firsts", "_lasts", "_reach", "_since", "_until")

    def __init__(self, entries: Iterable[ScopeEntry]) -> None:
        ordered = sorted(entries, key=lambda entry: entry.first)
        self._firsts = array("Q", [entry.first for entry in ordered])
        self._lasts = array("Q", [entry.last for entry in ordered])
        self._since = array("d", [entry.valid_from for entry in ordered])
        self._until = array("d", [entry.valid_to for entry in ordered])
        # The highest number that this entry or one before it reaches: where that is below the
        # number looked for, no earlier entry can hold it.
        self._reach = array("Q", accumulate(self._lasts, max))

    def __len__(self) -> int:
        """Give the number of entries."""
        return len(self._firsts)

    def holds(self, number: int, at: float) -> bool:
        """Say whether an entry that is valid at that moment holds the number."""
        index = bisect_right(self._firsts, number) - 1
        while index >= 0 and self._reach[index] >= number:
            if self._lasts[index] >= number and self._since[index] <= at < self._until[index]:
                return True
            index -= 1
        return False


@dataclass(frozen=True)
class ScopeVersion:
    """Hold the whole scope as declared from `effective_from` on (UTC seconds since the epoch)."""

    version: int
    effective_from: float
    members: NumberSet
    """What is valid without dates."""
    dated: tuple[DatedEntries, ...]
    """Dated single numbers and dated ranges, apart: beside a wide range the search for a number
    would have to walk over all numbers within."""

    def includes(self, number: int, at: float) -> bool:
        """Say whether the number is a member by an entry that is valid at that moment."""
        if self.members.holds(number):
            return True
        return any(entries.holds(number, at) for entries in self.dated)


def compile_version(
    version: int,
    effective_from: float,
    entries: Iterable[ScopeEntry],
    *,
    numbers: Iterable[int] = (),
) -> ScopeVersion:
    """Compile declared entries; `numbers` are further single numbers that are always valid.

    Raises ValueError for an entry whose validity ends before it begins, and for numbers that
    are no mobile numbers.
    """
    ranges: list[tuple[int, int]] = []
    dated_numbers: list[ScopeEntry] = []
    dated_ranges: list[ScopeEntry] = []
    singles = array("Q", numbers)
    for entry in entries:
        if not entry.valid_from < entry.valid_to:
            raise ValueError(f"scope entry {entry.first}: valid_from isn't before valid_to")
        if (entry.valid_from, entry.valid_to) != ALWAYS:
            (dated_numbers if entry.first == entry.last else dated_ranges).append(entry)
        elif entry.first == entry.last:
            singles.append(entry.first)
        else:
            ranges.append((entry.first, entry.last))
    dated = tuple(DatedEntries(found) for found in (dated_numbers, dated_ranges) if found)
    return ScopeVersion(version, effective_from, NumberSet(singles, ranges), dated)


class Scope:
    """Hold the versions of one account's scope, judged by the business time of a submission."""

    __slots__ = ("_moments", "_plain", "_plain_from", "versions")

    def __init__(self, versions: Iterable[ScopeVersion]) -> None:
        """Begin with these versions."""
        self.become(versions)

    def become(self, versions: Iterable[ScopeVersion]) -> None:
        """Hold other versions from here on, ordered by the moment they come into force.

        Of two versions in force from the same moment the one with the higher number counts. Who
        judges by this scope goes on with the new versions.
        """
        self.versions = tuple(sorted(versions, key=lambda v: (v.effective_from, v.version)))
        self._moments = [version.effective_from for version in self.versions]
        # Nearly always the latest version is in force and none of its entries is dated: then a
        # look-up needs no dates at all.
        self._plain: NumberSet | None = None
        self._plain_from = 0.0
        if self.versions:
            latest = self.versions[-1]
            self._plain_from = latest.effective_from
            if not latest.dated:
                self._plain = latest.members

    def version_at(self, at: float) -> ScopeVersion | None:
        """Give the version in force at that moment, None where there is none yet."""
        index = bisect_right(self._moments, at)
        return self.versions[index - 1] if index else None

    def includes(self, msisdn: str, at: float) -> bool:
        """Say whether a number was in scope at that moment; False for what is no number."""
        try:
            number = int(msisdn)
        except ValueError:
            return False
        plain = self._plain
        if plain is not None and at >= self._plain_from:
            return plain.holds(number)
        version = self.version_at(at)
        return version is not None and version.includes(number, at)
