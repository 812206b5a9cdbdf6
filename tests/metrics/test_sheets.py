"""Hold how tables are written: values as they are, nothing taken for a formula, equal octets."""

from __future__ import annotations

import csv
from fractions import Fraction
from io import StringIO

import pytest

from metrics import sheets
from metrics.sheets import Cell, Sheet, TooManyRowsError, as_csv, as_xlsx, two_digits
from tests.support.workbooks import workbook

ROWS: list[tuple[Cell, ...]] = [
    ("=1+1", 3, Fraction(2, 3), True, None),
    ("+8613300000001", -3, Fraction(-1, 3), False, "工单"),
]
SHEET = Sheet(
    "Table", "A table", ("text", "whole", "share", "flag", "none"), ROWS,
    head=(("Contract", "@x"),), notes=("a note",),
)  # fmt: skip


def test_csv_has_the_columns_and_no_formula() -> None:
    assert list(csv.reader(StringIO(as_csv(SHEET)))) == [
        ["text", "whole", "share", "flag", "none"],
        ["'=1+1", "3", "0.66", "yes", ""],
        ["+8613300000001", "-3", "-0.33", "no", "工单"],
    ]


def test_a_workbook_has_head_table_and_notes_and_no_formula() -> None:
    book = workbook(as_xlsx("T", [SHEET, SHEET._replace(name="2")], 1e9))
    assert list(book) == ["Table", "2"]
    assert book["Table"] == [
        ["A table"],
        ["Contract", "@x"],
        ["text", "whole", "share", "flag", "none"],
        ["=1+1", 3.0, 0.66, "yes"],
        ["+8613300000001", -3.0, -0.33, "no", "工单"],
        ["a note"],
    ]


def test_equal_tables_give_equal_octets() -> None:
    assert as_xlsx("T", [SHEET], 1e9) == as_xlsx("T", [SHEET], 1e9)


def test_a_table_without_rows_or_head_is_a_table() -> None:
    empty = Sheet("Empty", "Empty", ("a",), [])
    assert as_csv(empty) == "a\r\n"
    assert workbook(as_xlsx("T", [empty], 0.0)) == {"Empty": [["Empty"], ["a"]]}


def test_what_a_sheet_cannot_hold_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_ROWS", 1)
    with pytest.raises(TooManyRowsError, match="Table: 2 rows, 1 allowed"):
        as_xlsx("T", [SHEET], 0.0)


@pytest.mark.parametrize(
    ("value", "text"), [(Fraction(59999, 1000), "59.99"), (Fraction(-1, 8), "-0.12")]
)
def test_fractions_are_cut_off(value: Fraction, text: str) -> None:
    assert two_digits(value) == text
