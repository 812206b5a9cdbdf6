"""Write tables of plain values as CSV for programs and as an XLSX workbook for people.

Free text is written as text and never as a formula: the workbook has it in cells of text, and in
CSV a text that a spreadsheet would take for a formula gets an apostrophe before it. Equal tables
give equal octets: no clock is read.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import UTC, datetime
from fractions import Fraction
from io import BytesIO, StringIO
from typing import Final, NamedTuple, TypeAlias

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from routing.formula_guard import guarded

Cell: TypeAlias = str | int | bool | Fraction | None
"""A fraction is shown with two digits, cut off."""

MOST_ROWS: Final = 1_048_000
"""Rows of a workbook's table; a sheet can't hold 1,048,576 and more."""
_WIDEST: Final = 60
_NARROWEST: Final = 8
_LOOKED_AT: Final = 200
"""Rows by which the width of a column is chosen."""


class TooManyRowsError(ValueError):
    """Say that a table is too long for a workbook."""


class Sheet(NamedTuple):
    """Be one table: what stands above it, its columns, its rows."""

    name: str
    """Of the sheet in a workbook, at most 31 characters."""
    title: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]
    head: tuple[tuple[str, Cell], ...] = ()
    notes: tuple[str, ...] = ()
    font: str = "Arial"


def as_csv(sheet: Sheet) -> str:
    """Write the table alone, with a line of column names."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(sheet.columns)
    writer.writerows([_csv(cell) for cell in row] for row in sheet.rows)
    return text.getvalue()


def as_xlsx(title: str, sheets: Sequence[Sheet], made_at: float) -> bytes:
    """Write a workbook of several sheets, dated `made_at` (UTC seconds since the epoch).

    Raises TooManyRowsError.
    """
    for one in sheets:
        if len(one.rows) > MOST_ROWS:
            raise TooManyRowsError(f"{one.name}: {len(one.rows)} rows, {MOST_ROWS} allowed in XLSX")
    stream = BytesIO()
    book = Workbook(stream, {"in_memory": True})
    created = datetime.fromtimestamp(made_at, UTC).replace(tzinfo=None)
    book.set_properties({"title": title, "created": created})
    for one in sheets:
        _fill(book.add_worksheet(one.name), _styles(book, one.font), one)
    book.close()
    return stream.getvalue()


class _Styles(NamedTuple):
    title: Format
    label: Format
    heading: Format
    text: Format
    whole: Format
    share: Format


def _styles(book: Workbook, font: str) -> _Styles:
    def style(**keys: str | int | bool) -> Format:
        return book.add_format({"font_name": font, "font_size": 10, "valign": "vcenter", **keys})

    return _Styles(
        title=style(bold=True, font_size=14),
        label=style(font_color="#555555"),
        heading=style(bold=True, border=1, bg_color="#DDE6F0", text_wrap=True),
        text=style(num_format="@", border=1),
        whole=style(num_format="0", border=1),
        share=style(num_format="0.00", border=1),
    )


def _fill(sheet: Worksheet, styles: _Styles, made: Sheet) -> None:
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&C&P / &N")
    for column, width in enumerate(_widths(made)):
        sheet.set_column(column, column, width)
    sheet.write_string(0, 0, made.title, styles.title)
    row = 2
    for label, value in made.head:
        sheet.write_string(row, 0, label, styles.label)
        _write(sheet, row, 1, value, styles)
        row += 1
    row += 1 if made.head else 0
    for column, name in enumerate(made.columns):
        sheet.write_string(row, column, name, styles.heading)
    sheet.freeze_panes(row + 1, 0)
    sheet.repeat_rows(row)
    for row, values in enumerate(made.rows, row + 1):  # noqa: B020  # the table goes on below
        for column, value in enumerate(values):
            _write(sheet, row, column, value, styles)
    for place, note in enumerate(made.notes, row + 2):
        sheet.write_string(place, 0, note, styles.label)


def _widths(made: Sheet) -> list[int]:
    widths = [len(name) for name in made.columns]
    for row in made.rows[:_LOOKED_AT]:
        widths = [max(width, _width(cell)) for width, cell in zip(widths, row, strict=True)]
    if made.head and widths:
        widths[0] = max(widths[0], *(_width(label) for label, _ in made.head))
    return [min(_WIDEST, max(_NARROWEST, width + 2)) for width in widths]


def _width(cell: Cell) -> int:
    """Give about how many digits wide a value is: a Chinese character is two."""
    text = _plain(cell)
    return len(text) + sum(ord(letter) > 0x2E7F for letter in text)


def _write(sheet: Worksheet, row: int, column: int, value: Cell, styles: _Styles) -> None:
    if isinstance(value, bool) or value is None or isinstance(value, str):
        sheet.write_string(row, column, _plain(value), styles.text)
    elif isinstance(value, Fraction):
        sheet.write_number(row, column, float(two_digits(value)), styles.share)
    else:
        sheet.write_number(row, column, value, styles.whole)


def _csv(cell: Cell) -> str | int:
    if isinstance(cell, str):
        return guarded(cell)
    return cell if isinstance(cell, int) and not isinstance(cell, bool) else _plain(cell)


def _plain(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return two_digits(cell) if isinstance(cell, Fraction) else str(cell)


def two_digits(value: Fraction) -> str:
    """Write a number cut off, not rounded, after two digits."""
    sign = "-" if value < 0 else ""
    digits = abs(value).numerator * 100 // value.denominator
    return f"{sign}{digits // 100}.{digits % 100:02d}"
