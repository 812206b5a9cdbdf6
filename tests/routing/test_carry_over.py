from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.carry_over import (
    PART_OCTETS,
    CarriedOver,
    CarryOverError,
    Kept,
    parts_of,
    put_together,
)
from routing.events import Carried, decode_batch, encode_batch

CARRIED = CarriedOver(9, 1 << 60, 7, 5, [Kept(3, 1, b"one"), Kept(9, 0, b"two")], 12, b"counts")


@given(
    st.lists(st.builds(Kept, st.integers(1, 1 << 40), st.integers(0, 9), st.binary(max_size=40))),
    st.binary(max_size=200),
)
def test_what_is_carried_over_comes_back(lasting: list[Kept], figures: bytes) -> None:
    given_ = CarriedOver(5, 1 << 60, 7, 5, lasting, 12 if figures else 0, figures)
    journalled = decode_batch(encode_batch(list(parts_of(given_, 1.0))))
    assert put_together(one for one in journalled if isinstance(one, Carried)) == given_


def test_much_is_carried_over_in_parts_of_bounded_size() -> None:
    lasting = [Kept(number, 0, bytes(PART_OCTETS // 3)) for number in range(1, 11)]
    parts = list(parts_of(CarriedOver(10, 1, 1, 1, lasting, 10, bytes(PART_OCTETS * 2 + 1)), 1.0))
    assert len(parts) == 1 + 4 + 3
    assert max(len(part.content) for part in parts) <= PART_OCTETS + 100
    assert put_together(parts).lasting == lasting


@pytest.mark.parametrize("missing", [1, 2])
def test_a_missing_part_is_found(missing: int) -> None:
    parts = list(parts_of(CARRIED, 1.0))
    del parts[missing]
    with pytest.raises(CarryOverError, match="should be"):
        put_together(parts)


def test_nothing_is_no_carry_over() -> None:
    with pytest.raises(CarryOverError, match="nothing"):
        put_together([])


def test_a_part_that_is_no_part_is_told() -> None:
    with pytest.raises(CarryOverError, match="can't be read"):
        put_together([Carried(1.0, "numbers", 1, b"\xc1")])


def test_the_last_of_several_counts() -> None:
    later = CarriedOver(20, 1 << 61, 8, 6, [Kept(15, 0, b"later")], 21, b"more")
    assert put_together([*parts_of(CARRIED, 1.0), *parts_of(later, 2.0)]) == later
