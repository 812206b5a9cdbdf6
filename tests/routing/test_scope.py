from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.scope import (
    ALWAYS,
    DatedEntries,
    NumberSet,
    Scope,
    ScopeEntry,
    compile_version,
)

FIRST = 13_300_000_000


def scope(*entries: ScopeEntry) -> Scope:
    return Scope([compile_version(1, 0.0, entries)])


def test_single_number_is_in_and_its_neighbours_are_out() -> None:
    declared = scope(ScopeEntry.number("13300000001"))
    found = [declared.includes(n, 1.0) for n in ("13300000000", "13300000001", "13300000002")]
    assert found == [False, True, False]


def test_range_includes_both_ends() -> None:
    declared = scope(ScopeEntry.between("13300000010", "13300000020"))
    numbers = ("13300000009", "13300000010", "13300000020", "13300000021")
    assert [declared.includes(n, 1.0) for n in numbers] == [False, True, True, False]


def test_prefix_includes_all_numbers_that_begin_with_it() -> None:
    declared = scope(ScopeEntry.prefix("1330000"))
    numbers = ("13299999999", "13300000000", "13300009999", "13300010000")
    assert [declared.includes(n, 1.0) for n in numbers] == [False, True, True, False]


def test_prefix_of_eleven_digits_is_one_number() -> None:
    assert ScopeEntry.prefix("13300000001") == ScopeEntry.number("13300000001")


def test_overlapping_and_adjacent_ranges_are_merged() -> None:
    ranges = [(FIRST + 5, FIRST + 9), (FIRST, FIRST + 5), (FIRST + 10, FIRST + 20), (FIRST, FIRST)]
    assert NumberSet((), ranges).ranges == [(FIRST, FIRST + 20)]


def test_range_within_a_range_does_not_shorten_it() -> None:
    ranges = [(FIRST, FIRST + 100), (FIRST + 10, FIRST + 20)]
    assert NumberSet((), ranges).ranges == [(FIRST, FIRST + 100)]


def test_number_declared_twice_is_held_once() -> None:
    table = 4 * 1_000_001
    assert NumberSet([FIRST, FIRST + 1, FIRST], many=0).octets == table + 2 * 2
    assert NumberSet([FIRST, FIRST + 2, FIRST]).ranges == [(FIRST, FIRST), (FIRST + 2, FIRST + 2)]


@pytest.mark.parametrize("many", [0, 1000])
def test_numbers_at_the_ends_of_the_plan_are_held(many: int) -> None:
    numbers = NumberSet([10_000_000_000, 19_999_999_999], many=many)
    assert numbers.holds(10_000_000_000)
    assert numbers.holds(19_999_999_999)
    assert not numbers.holds(9_999_999_999)
    assert not numbers.holds(20_000_000_000)


@pytest.mark.parametrize("number", [9_999_999_999, 20_000_000_000, -1, 0])
def test_numbers_outside_the_plan_are_refused(number: int) -> None:
    for many in (0, 1000):
        with pytest.raises(ValueError, match="11 digits"):
            NumberSet([number], many=many)
    with pytest.raises(ValueError, match="11 digits"):
        NumberSet((), [(number, number)])


@pytest.mark.parametrize("text", ["", "1330000000", "23300000000", "1330000000x", "１3300000000"])
def test_malformed_numbers_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="11 digits"):
        ScopeEntry.number(text)


def test_range_that_runs_backwards_is_refused() -> None:
    with pytest.raises(ValueError, match="above the last"):
        ScopeEntry.between("13300000002", "13300000001")


@pytest.mark.parametrize(("text", "words"), [("133000000001", "at most 11"), ("2", "11 digits")])
def test_malformed_prefix_is_refused(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        ScopeEntry.prefix(text)


def test_dates_that_run_backwards_are_refused() -> None:
    with pytest.raises(ValueError, match="valid_from"):
        compile_version(1, 0.0, [ScopeEntry.number("13300000001", (5.0, 5.0))])


def test_dated_entry_holds_from_its_first_instant_to_before_its_last() -> None:
    declared = scope(ScopeEntry.number("13300000001", (10.0, 20.0)))
    found = [declared.includes("13300000001", at) for at in (9.9, 10.0, 19.9, 20.0)]
    assert found == [False, True, True, False]


def test_dated_and_undated_entries_stand_side_by_side() -> None:
    declared = scope(
        ScopeEntry.number("13300000001"),
        ScopeEntry.between("13300000001", "13300000009", (10.0, 20.0)),
    )
    assert [declared.includes("13300000005", at) for at in (5.0, 15.0)] == [False, True]
    assert [declared.includes("13300000001", at) for at in (5.0, 15.0)] == [True, True]


def test_submission_is_judged_by_the_version_of_its_own_time() -> None:
    old = compile_version(1, 100.0, [ScopeEntry.number("13300000001")])
    new = compile_version(2, 200.0, [ScopeEntry.number("13300000002")])
    declared = Scope([new, old])
    history = [
        [declared.includes(number, at) for at in (99.9, 100.0, 199.9, 200.0)]
        for number in ("13300000001", "13300000002")
    ]
    assert history == [[False, True, True, False], [False, False, False, True]]
    assert declared.version_at(150.0) is old
    assert declared.version_at(50.0) is None


def test_of_two_versions_from_one_moment_the_later_counts() -> None:
    first = compile_version(1, 100.0, [ScopeEntry.number("13300000001")])
    second = compile_version(2, 100.0, [ScopeEntry.number("13300000002")])
    assert Scope([second, first]).version_at(100.0) is second


def test_scope_without_versions_or_entries_includes_nobody() -> None:
    assert not Scope([]).includes("13300000001", 1.0)
    assert not scope().includes("13300000001", 1.0)


def test_text_that_is_no_number_is_out() -> None:
    assert not scope(ScopeEntry.prefix("1")).includes("police", 1.0)
    assert not scope(ScopeEntry.prefix("1")).includes("", 1.0)


def test_further_numbers_join_the_declared_ones() -> None:
    version = compile_version(1, 0.0, [ScopeEntry.number("13300000001")], numbers=[FIRST + 3])
    assert version.members.ranges == [(FIRST + 1, FIRST + 1), (FIRST + 3, FIRST + 3)]


def test_few_numbers_take_sixteen_octets_each_and_no_table() -> None:
    assert NumberSet(FIRST + 7 * n for n in range(1000)).octets == 16_000


def test_many_numbers_take_two_octets_each_beside_the_table() -> None:
    numbers = NumberSet(FIRST + 7 * n for n in range(100_000))
    assert numbers.octets == 4 * 1_000_001 + 2 * 100_000
    assert numbers.holds(FIRST + 7 * 99_999)
    assert not numbers.holds(FIRST + 7 * 99_999 + 1)


def test_every_number_may_have_dates_of_its_own() -> None:
    entries = [ScopeEntry(FIRST + n, FIRST + n, float(n), float(n + 2)) for n in range(10_000)]
    dated = DatedEntries(entries)
    assert len(dated) == 10_000
    assert dated.holds(FIRST + 5000, 5001.9)
    assert not dated.holds(FIRST + 5000, 5002.0)


NUMBERS = st.integers(FIRST, FIRST + 30_000)


@settings(max_examples=30)  # each example fills a table of a million slots
@given(
    singles=st.lists(NUMBERS, max_size=30),
    ranges=st.lists(st.tuples(NUMBERS, st.integers(0, 50)), max_size=8),
    asked=st.lists(NUMBERS, max_size=30),
)
def test_compact_set_agrees_with_a_plain_one(
    singles: list[int], ranges: list[tuple[int, int]], asked: list[int]
) -> None:
    spans = [(start, start + size) for start, size in ranges]
    plain = set(singles).union(*(range(start, end + 1) for start, end in spans))
    near = [number + step for number in [*singles, *sum(spans, ())] for step in (-1, 0, 1)]
    for compact in (NumberSet(singles, spans), NumberSet(singles, spans, many=1)):
        for number in [*asked, *near]:
            assert compact.holds(number) == (number in plain)


DATES = st.sampled_from([ALWAYS, (10.0, 20.0), (15.0, 30.0)])
SPANS = st.sampled_from([0, 1, 3, 500, 20_000])


@given(
    entries=st.lists(st.tuples(NUMBERS, SPANS, DATES), max_size=12),
    number=NUMBERS,
    at=st.sampled_from([9.0, 10.0, 15.0, 19.9, 20.0, 30.0]),
)
def test_dated_scope_agrees_with_a_walk_over_all_entries(
    entries: list[tuple[int, int, tuple[float, float]]], number: int, at: float
) -> None:
    declared = scope(*(ScopeEntry(start, start + n, *dates) for start, n, dates in entries))
    for candidate in (number, *(start for start, _, _ in entries)):
        expected = any(
            start <= candidate <= start + n and dates[0] <= at < dates[1]
            for start, n, dates in entries
        )
        assert declared.includes(str(candidate), at) == expected
