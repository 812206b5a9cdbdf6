"""Test exact money."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.settlement.amounts import half_up, share_text, split_tax, yuan


@pytest.mark.parametrize(
    ("exact", "rounded"),
    [
        (Fraction(1, 2), 1),
        (Fraction(49, 100), 0),
        (Fraction(3, 2), 2),
        (Fraction(5, 2), 3),
        (Fraction(-1, 2), -1),
        (Fraction(-149, 100), -1),
        (Fraction(7), 7),
    ],
)
def test_halves_are_rounded_away_from_zero(exact: Fraction, rounded: int) -> None:
    assert half_up(exact) == rounded


@given(st.integers(-(10**15), 10**15))
def test_thousandths_are_rounded_as_decimals_are(thousandths: int) -> None:
    expected = Decimal(thousandths).scaleb(-3).quantize(Decimal(1), ROUND_HALF_UP)
    assert half_up(Fraction(thousandths, 1000)) == expected


@pytest.mark.parametrize(
    ("amount_fen", "text"),
    [(3_786_900, "37,869.00"), (-5, "-0.05"), (0, "0.00"), (123_456_789, "1,234,567.89")],
)
def test_yuan_are_written_with_two_places_and_commas(amount_fen: int, text: str) -> None:
    assert yuan(amount_fen) == text


def test_a_price_contains_its_tax() -> None:
    assert split_tax(10600, "0.06") == (10000, 600)
    assert split_tax(3_727_254, "0.06") == (3_516_277, 210_977)
    assert split_tax(500, "0") == (500, 0)


@given(st.integers(-(10**12), 10**12), st.sampled_from(["0", "0.06", "0.13", "1"]))
def test_net_and_tax_add_up_to_the_amount(amount_fen: int, rate: str) -> None:
    split = split_tax(amount_fen, rate)
    assert split.net_fen + split.vat_fen == amount_fen


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (Fraction(20_200, 1_282_500), "0.01575048"),
        (Fraction(9_899_999_999, 10_000_000_000), "0.98999999"),
        (Fraction(1), "1.00000000"),
        (Fraction(0), "0.00000000"),
    ],
)
def test_shares_are_cut_off_and_never_rounded_up(share: Fraction, text: str) -> None:
    assert share_text(share) == text
