"""Hold that shares are exact: compared unrounded, printed cut off."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.sla.classes import CLASSES, DECIMALS, INDEX, SYMBOLS, Classes, Rate

COUNTS = st.integers(0, 10**12)


def test_the_classes_are_the_fields_in_their_order() -> None:
    assert Classes._fields == CLASSES
    assert list(INDEX) == list(SYMBOLS) == list(CLASSES)


def test_classes_are_added_one_by_one() -> None:
    assert Classes(1, 2, 3, 4, 5, 6, 7).plus(Classes(ok=10, pending=1)) == (11, 2, 3, 4, 5, 6, 8)
    assert Classes(1, 2, 3, 4, 5, 6, 7).total == 28


@pytest.mark.parametrize(
    ("part", "whole", "met"),
    [
        (99, 100, True),
        (9_899_999, 10_000_000, False),
        (989_999_999_999, 10**12, False),
        (990_000_000_000, 10**12, True),
        (1, 1, True),
        (0, 1, False),
        (0, 0, True),
    ],
)
def test_a_rate_is_compared_unrounded(part: int, whole: int, met: bool) -> None:
    assert Rate(part, whole).reaches("0.99") is met


@pytest.mark.parametrize(
    ("part", "whole", "printed"),
    [
        (1_262_300, 1_282_500, "0.98424951"),
        (9_899_999, 10_000_000, "0.98999990"),
        (989_999_999_999, 10**12, "0.98999999"),
        (99, 100, "0.99000000"),
        (3, 3, "1.00000000"),
        (0, 5, "0.00000000"),
        (0, 0, "n/a"),
    ],
)
def test_a_rate_is_cut_off_when_printed(part: int, whole: int, printed: str) -> None:
    assert Rate(part, whole).decimal() == printed


@given(COUNTS, COUNTS)
def test_what_is_printed_is_never_more_than_the_rate(part: int, rest: int) -> None:
    rate = Rate(part, part + rest)
    if part + rest:
        difference = Fraction(part, part + rest) - Fraction(rate.decimal())
        assert 0 <= difference < Fraction(1, 10**DECIMALS)


@pytest.mark.parametrize(
    ("one", "other", "below"),
    [
        (Rate(98, 100), Rate(99, 100), True),
        (Rate(99, 100), Rate(198, 200), False),
        (Rate(1, 2), Rate(0, 0), True),
        (Rate(0, 0), Rate(0, 1), False),
    ],
)
def test_a_rate_of_nothing_is_never_the_lower_one(one: Rate, other: Rate, below: bool) -> None:
    assert one.below(other) is below
