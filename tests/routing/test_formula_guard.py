from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.formula_guard import guarded, unguarded

BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\0")
TEXTS = st.text(st.sampled_from("'=+-@\t\r\0 1a示"), max_size=6) | st.text()


@pytest.mark.parametrize("begins", BEGINNINGS)
def test_what_a_spreadsheet_would_work_out_is_guarded(begins: str) -> None:
    assert guarded(f"{begins}SUM(A1)") == f"'{begins}SUM(A1)"
    assert guarded(f"示{begins}") == f"示{begins}"


@pytest.mark.parametrize("number", ["+467012345678", "+8613300000001", "13300000001", ""])
def test_numbers_stay_readable(number: str) -> None:
    assert guarded(number) == number


@pytest.mark.parametrize("text", ["+1+1", "+86 133", "-1", "+12", "+८६१३३"])
def test_only_a_telephone_number_is_spared(text: str) -> None:
    assert guarded(text) == "'" + text


@given(TEXTS)
def test_no_guarded_cell_begins_like_a_formula_and_each_is_read_back(text: str) -> None:
    cell = guarded(text)
    assert not cell.startswith(BEGINNINGS) or cell[1:].isdigit()
    assert unguarded(cell) == text


@given(st.tuples(TEXTS, TEXTS))
def test_two_texts_never_make_the_same_cell(texts: tuple[str, str]) -> None:
    assert (guarded(texts[0]) == guarded(texts[1])) == (texts[0] == texts[1])


def test_an_apostrophe_that_guards_nothing_stays() -> None:
    assert unguarded("'示例") == "'示例"
    assert unguarded("''") == "''"
