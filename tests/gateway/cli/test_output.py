"""Hold output for people to its alignment, and to its line."""

from __future__ import annotations

import pytest

from gateway.cli.output import mark, shown, write_fields, write_json, write_table


def test_columns_line_up_with_chinese_text(capsys: pytest.CaptureFixture[str]) -> None:
    write_table([{"a": "中文", "b": 1}, {"a": "x", "b": 22}], ["a", "b"])
    assert capsys.readouterr().out == "a     b\n中文  1\nx     22\n"


def test_a_table_without_rows_shows_its_columns(capsys: pytest.CaptureFixture[str]) -> None:
    write_table([], ["id", "state"])
    assert capsys.readouterr().out == "id  state\n"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "-"),
        (True, "yes"),
        (False, "no"),
        (3, "3"),
        ("a\nb", r"a\nb"),
        (["中"], '["中"]'),
    ],
)
def test_a_value_is_shown_on_its_line(value: object, words: str) -> None:
    assert shown(value) == words


def test_fields_are_indented_by_depth(capsys: pytest.CaptureFixture[str]) -> None:
    write_fields({"id": "1", "verdict": {"accepted": True}})
    assert capsys.readouterr().out == "id: 1\nverdict:\n  accepted: yes\n"


def test_json_is_one_line_and_keeps_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    write_json({"text": "中\n"})
    assert capsys.readouterr().out == '{"text": "中\\n"}\n'


def test_a_mark_has_colour_on_a_terminal_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (mark(True), mark(False)) == ("pass", "FAIL")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert mark(True) == "\x1b[32mpass\x1b[0m"
    monkeypatch.setenv("NO_COLOR", "1")
    assert mark(True) == "pass"
