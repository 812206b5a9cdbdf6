"""Map numbers to small integers compactly, and take changes at any time.

Two million mainland numbers in a dict take 150 MB, since each key is an object. Here a number is
split: its bits but the last seventeen select a row of a dictionary, and the row is one flat sorted
array with eight octets for each number, its last bits above, the value below. A look-up is one
dictionary access and a bisection of the row, usually of some dozens or hundreds.

A change touches one row alone, at most 1 MB that is moved as a block. So, unlike with one big
sorted array, nothing is ever rebuilt, and no change makes the next look-up wait.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator
from typing import Final

MOST: Final = (1 << 47) - 1
"""Highest value that can be held."""

_ABOVE: Final = MOST + 1
_VALUE_BITS: Final = 47
_LOW_BITS: Final = 17
_LOW: Final = (1 << _LOW_BITS) - 1


class NumberTable:
    """Map non-negative integers to values from 1 to `MOST`; 0 stands for "not there"."""

    __slots__ = ("_count", "_rows")

    def __init__(self) -> None:
        self._rows: dict[int, array[int]] = {}
        self._count = 0

    def __len__(self) -> int:
        """Give how many numbers have a value."""
        return self._count

    def __iter__(self) -> Iterator[int]:
        """Give the numbers in rising order."""
        for high in sorted(self._rows):
            first = high << _LOW_BITS
            for packed in self._rows[high]:
                yield first + (packed >> _VALUE_BITS)

    def get(self, number: int) -> int:
        """Give a number's value, 0 where it has none."""
        row = self._rows.get(number >> _LOW_BITS)
        if row is None:
            return 0
        sought = (number & _LOW) << _VALUE_BITS
        index = bisect_left(row, sought)
        if index == len(row):
            return 0
        value = row[index] - sought
        return value if value < _ABOVE else 0

    def swap(self, number: int, value: int) -> int:
        """Set a number's value and give the one it had before, 0 where it had none.

        Raises ValueError for a negative number and for a value outside 1 to `MOST`.
        """
        if number < 0 or not 0 < value < _ABOVE:
            raise ValueError(f"number {number}, value {value}: from 0; from 1 to {MOST}")
        high = number >> _LOW_BITS
        row = self._rows.get(high)
        if row is None:
            row = self._rows[high] = array("Q")
        sought = (number & _LOW) << _VALUE_BITS
        # Imports come mostly in rising order: then nothing is searched or moved.
        index = len(row) if not row or row[-1] < sought else bisect_left(row, sought)
        if index < len(row):
            before = row[index] - sought
            if before < _ABOVE:
                row[index] = sought | value
                return before
        row.insert(index, sought | value)
        self._count += 1
        return 0

    @property
    def octets(self) -> int:
        """Give the memory that numbers and values take, about."""
        return sum(8 * len(row) + 80 for row in self._rows.values()) + 100 * len(self._rows)
