from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.number_table import MOST, NumberTable

NUMBER = 13_300_000_001


def test_absent_number_has_value_zero_beside_present_neighbours() -> None:
    table = NumberTable()
    table.swap(NUMBER, 7)
    found = [table.get(NUMBER + step) for step in (-1, 0, 1, 2**17, -(2**17))]
    assert found == [0, 7, 0, 0, 0]


def test_swap_gives_the_value_before_and_keeps_one_per_number() -> None:
    table = NumberTable()
    assert [table.swap(NUMBER, value) for value in (7, 8, MOST)] == [0, 7, 8]
    assert (table.get(NUMBER), len(table)) == (MOST, 1)


def test_highest_value_does_not_reach_into_the_next_number() -> None:
    table = NumberTable()
    table.swap(NUMBER, MOST)
    table.swap(NUMBER + 1, 1)
    assert (table.get(NUMBER), table.get(NUMBER + 1)) == (MOST, 1)


@pytest.mark.parametrize(("number", "value"), [(-1, 1), (NUMBER, 0), (NUMBER, MOST + 1)])
def test_what_cannot_be_held_is_refused(number: int, value: int) -> None:
    with pytest.raises(ValueError, match=f"number {number}, value {value}"):
        NumberTable().swap(number, value)


def test_hundred_thousand_numbers_take_ten_octets_each() -> None:
    table = NumberTable()
    for step in range(100_000):
        table.swap(NUMBER + 7 * step, step + 1)
    assert table.octets < 10 * len(table)


NUMBERS = st.one_of(
    st.integers(NUMBER, NUMBER + 40),
    st.integers(101_472 * 2**17 - 10, 101_472 * 2**17 + 10),
    st.integers(0, 19_999_999_999),
)


@given(st.lists(st.tuples(NUMBERS, st.integers(1, MOST))), st.lists(NUMBERS))
def test_table_equals_a_dict(changes: list[tuple[int, int]], asked: list[int]) -> None:
    table, model = NumberTable(), dict[int, int]()
    for number, value in changes:
        assert table.swap(number, value) == model.get(number, 0)
        model[number] = value
    assert [table.get(n) for n in asked] == [model.get(n, 0) for n in asked]
    assert list(table) == sorted(model)
    assert [table.get(n) for n in table] == [model[n] for n in sorted(model)]
    assert len(table) == len(model)
