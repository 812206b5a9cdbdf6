"""Hold exported tables to RFC 4180, and to being no program for a spreadsheet."""

from __future__ import annotations

import csv
import io
import json

import pytest

from gateway.cli.export import COLUMNS, Csv, JsonLines, JsonList, safe_cell
from tests.gateway.api.memory import message


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+1+1", "'+1+1"),
        ("-2", "'-2"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\0x", "'\0x"),
        ("+8613300000001", "+8613300000001"),
        ("13300000001", "13300000001"),
        ("a=1", "a=1"),
        ("", ""),
        (None, ""),
        (3, "3"),
        (True, "true"),
    ],
)
def test_a_cell_is_never_a_formula_and_a_number_stays_readable(value: object, cell: str) -> None:
    assert safe_cell(value) == cell


def test_a_table_has_the_field_names_and_one_row_a_message() -> None:
    stream = io.StringIO(newline="")
    writer = Csv(stream)
    writer.write(message(1, text='a "quoted", text\nin two lines', receipt={"state": "pending"}))
    writer.write(message(2, verdict=None))
    writer.end()
    rows = list(csv.reader(io.StringIO(stream.getvalue(), newline="")))
    assert rows[0] == list(COLUMNS)
    first = dict(zip(COLUMNS, rows[1], strict=True))
    assert first["text"] == 'a "quoted", text\nin two lines'
    assert (first["receipt_state"], first["reason"], first["fee"]) == ("pending", "none", "")
    assert stream.getvalue().endswith("\r\n")


def test_lines_hold_one_message_each() -> None:
    stream = io.StringIO()
    writer = JsonLines(stream)
    writer.write(message(1))
    writer.write(message(2))
    writer.end()
    assert [json.loads(line)["id"] for line in stream.getvalue().splitlines()] == ["1", "2"]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_list_is_one_json_document(count: int) -> None:
    stream = io.StringIO()
    writer = JsonList(stream)
    for number in range(count):
        writer.write(message(number))
    writer.end()
    assert [item["id"] for item in json.loads(stream.getvalue())] == [
        str(number) for number in range(count)
    ]
