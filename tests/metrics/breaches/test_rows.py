"""Hold the table of clause 7.3 to the contract: 28 rows, their grades, how they are seen."""

from __future__ import annotations

import pytest

from metrics.breaches.rows import GRADES, RANK, ROWS, grade_of, row_of

GENERAL = {1, 2, 3, 4, 5, 6, 7}
MAJOR = {22, 23, 24, 25, 26, 27}


def test_there_are_28_rows_in_the_contracts_order() -> None:
    assert list(ROWS) == list(range(1, 29))
    assert all(row.number == number for number, row in ROWS.items())


def test_each_row_has_the_contracts_grade() -> None:
    expected = {
        number: "general" if number in GENERAL else "major" if number in MAJOR else "serious"
        for number in range(1, 28)
    }
    assert {number: row.grade for number, row in ROWS.items() if number < 28} == expected


def test_only_row_28_has_every_grade() -> None:
    several = {number: row.grades for number, row in ROWS.items() if len(row.grades) > 1}
    assert several == {28: GRADES}


@pytest.mark.parametrize(
    ("detection", "rows"),
    [
        ("traffic", {3, 4, 6, 7, 9, 13, 15, 16, 17, 19, 21, 23, 25}),
        ("partly", {1, 2, 5, 8, 14, 18, 20, 22, 26, 27}),
        ("person", {10, 11, 12, 24, 28}),
    ],
)
def test_each_row_says_how_it_is_seen(detection: str, rows: set[int]) -> None:
    assert {number for number, row in ROWS.items() if row.detection == detection} == rows


def test_every_row_has_a_sentence_in_both_languages() -> None:
    assert len({row.en for row in ROWS.values()} | {row.zh for row in ROWS.values()}) == 56


def test_grades_rise() -> None:
    assert RANK["general"] < RANK["serious"] < RANK["major"]


@pytest.mark.parametrize("number", [0, -1, 29])
def test_another_row_is_refused_with_those_there_are(number: int) -> None:
    with pytest.raises(ValueError, match=f"breach row {number}: clause 7.3 has rows 1 to 28"):
        row_of(number)


@pytest.mark.parametrize(
    ("row", "chosen", "grade"),
    [(16, "", "serious"), (16, "serious", "serious"), (28, "", "general"), (28, "major", "major")],
)
def test_a_grade_is_the_rows_own_or_chosen_among_them(row: int, chosen: str, grade: str) -> None:
    assert grade_of(row, chosen) == grade


@pytest.mark.parametrize(("row", "chosen"), [(16, "general"), (28, "grave")])
def test_a_grade_that_the_row_cannot_have_is_refused(row: int, chosen: str) -> None:
    with pytest.raises(ValueError, match=rf"row {row}: grade '{chosen}' was chosen, allowed is"):
        grade_of(row, chosen)
