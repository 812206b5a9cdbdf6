"""Write a settlement as an XLSX workbook that a person can send: a Chinese and an English sheet.

Money, counts and rates are numbers, so that a reader can reckon with them, and the sums of the
table are formulas. Free text is written as text and never as a formula. Equal settlements give
equal octets: no clock is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from fractions import Fraction
from io import BytesIO
from typing import Final, NamedTuple

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_range
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from .amounts import share_text
from .table import Column, Entry, Kind, Language, Layout, Value, View, layout

_SHEETS: Final[tuple[tuple[Language, str, str], ...]] = (
    ("zh", "结算单", "SimSun"),
    ("en", "Statement", "Arial"),
)
"""Language, name of the sheet, font."""

_NUMBER_FORMATS: Final[dict[Kind, str]] = {
    "text": "@",
    "count": "#,##0",
    "money": "#,##0.00",
    "share": "0.000000%",
}
_WIDTHS: Final = (24, 16, 13, 15, 15, 15, 18)
_LAST: Final = len(_WIDTHS) - 1
_SUMS: Final = (3, 4, 6)
"""Columns of the table that are summed up."""


def as_xlsx(view: View) -> bytes:
    """Write a settlement as a workbook."""
    settlement, statement = view.settlement, view.statement
    stream = BytesIO()
    book = Workbook(stream, {"in_memory": True})
    made_at = statement.issued_at if statement else settlement.period.ends_at
    book.set_properties(
        {
            "title": statement.number if statement else settlement.period.name,
            "author": statement.heading.party_b if statement else "",
            "created": datetime.fromtimestamp(made_at, UTC).replace(tzinfo=None),
        }
    )
    for language, name, font in _SHEETS:
        _fill(book.add_worksheet(name), _styles(book, font), layout(view, language))
    book.close()
    return stream.getvalue()


class _Styles(NamedTuple):
    title: Format
    label: Format
    heading: Format
    note: Format
    plain: dict[Kind, Format]
    cell: dict[Kind, Format]
    sum: dict[Kind, Format]
    value: dict[Kind, Format]
    main: dict[Kind, Format]
    """As `value`, for what the statement comes to."""


def _styles(book: Workbook, font: str) -> _Styles:
    """Make the formats of one sheet."""

    def style(**keys: str | int | bool) -> Format:
        return book.add_format({"font_name": font, "font_size": 10, "valign": "vcenter", **keys})

    def by_kind(text: str = "left", **keys: str | int | bool) -> dict[Kind, Format]:
        return {
            kind: style(
                num_format=number, align=text if kind == "text" else "right", indent=1, **keys
            )
            for kind, number in _NUMBER_FORMATS.items()
        }

    return _Styles(
        title=style(bold=True, font_size=16, align="center"),
        label=style(font_color="#555555"),
        heading=style(bold=True, border=1, bg_color="#DDE6F0", align="center", text_wrap=True),
        note=style(font_size=9, font_color="#555555", text_wrap=True),
        plain={kind: style(num_format=number) for kind, number in _NUMBER_FORMATS.items()},
        cell=by_kind(border=1),
        sum=by_kind(border=1, bold=True, bg_color="#F2F2F2"),
        value=by_kind("right", border=1),
        main=by_kind("right", border=1, bold=True, bg_color="#F2F2F2"),
    )


def _fill(sheet: Worksheet, styles: _Styles, made: Layout) -> None:
    """Write a whole sheet: title, head, table, summary, notes, seals."""
    _set_page(sheet)
    sheet.merge_range(0, 0, 0, _LAST, made.title, styles.title)
    sheet.set_row(0, 30)
    row = 2
    for entry in made.head:
        sheet.write_string(row, 0, entry.label, styles.label)
        _write(sheet, row, 1, entry.value, entry.kind, styles.plain)
        row += 1
    first = row + 2
    _write_table(sheet, styles, made, first - 1)
    row = first + len(made.rows) + 2
    for entry in made.summary:
        _write_entry(sheet, styles, row, entry)
        row += 1
    for note in made.notes:
        row += 1
        sheet.merge_range(row, 0, row, _LAST, note, styles.note)
    for column, seal in zip((0, 4), made.seals, strict=True):
        sheet.write_string(row + 3, column, seal, styles.plain["text"])


def _set_page(sheet: Worksheet) -> None:
    """Set it up for A4, one page wide."""
    for column, width in enumerate(_WIDTHS):
        sheet.set_column(column, column, width)
    sheet.set_default_row(17)
    sheet.hide_gridlines(2)
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&C&P / &N")


def _write_table(sheet: Worksheet, styles: _Styles, made: Layout, heading: int) -> None:
    """Write the table with its heading in a row, and the sums below it."""
    for column, one in enumerate(made.columns):
        sheet.write_string(heading, column, one.label, styles.heading)
    first = heading + 1
    for row, values in enumerate(made.rows, first):
        _write_row(sheet, row, values, made.columns, styles.cell)
    last = first + len(made.rows)
    _write_row(sheet, last, made.total, made.columns, styles.sum)
    for column in _SUMS:
        kind = made.columns[column].kind
        sheet.write_formula(
            last, column, f"=SUM({xl_range(first, column, last - 1, column)})",
            styles.sum[kind], _number(made.total[column], kind),
        )  # fmt: skip
    sheet.freeze_panes(first, 0)
    sheet.repeat_rows(heading)


def _write_row(
    sheet: Worksheet,
    row: int,
    values: Sequence[Value],
    columns: Sequence[Column],
    formats: dict[Kind, Format],
) -> None:
    for column, (value, one) in enumerate(zip(values, columns, strict=True)):
        _write(sheet, row, column, value, one.kind, formats)


def _write_entry(sheet: Worksheet, styles: _Styles, row: int, entry: Entry) -> None:
    """Write a line of the summary: a label over several columns and its value at the right."""
    formats, label = (styles.main, styles.sum) if entry.main else (styles.value, styles.cell)
    sheet.merge_range(row, 0, row, _LAST - 2, entry.label, label["text"])
    sheet.merge_range(row, _LAST - 1, row, _LAST, "", formats[entry.kind])
    _write(sheet, row, _LAST - 1, entry.value, entry.kind, formats)


def _write(
    sheet: Worksheet, row: int, column: int, value: Value, kind: Kind, formats: dict[Kind, Format]
) -> None:
    """Write one value as a number of its kind, or as text."""
    if isinstance(value, str):
        sheet.write_string(row, column, value, formats[kind])
    else:
        sheet.write_number(row, column, _number(value, kind), formats[kind])


def _number(value: Value, kind: Kind) -> float:
    """Give a value as a sheet shows it: money in yuan, a share cut off and not rounded up."""
    if kind == "share":
        return float(share_text(Fraction(value)))
    return int(value) / 100 if kind == "money" else int(value)
