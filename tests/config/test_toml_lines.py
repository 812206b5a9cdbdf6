from __future__ import annotations

import tomllib
from collections.abc import Iterator

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from config.toml_lines import Path, key_lines

TEXT = '''# a comment = 1
title = "x" # = [

[smpp]
listen = "127.0.0.1:2775"
timers.response_s = 60
"quoted key" = 1
"with \\"escape" = 2
'literal' = """
[not.a.table]
key = 1
"""

[[account]]
system_id = "a"
access_numbers = [
  "1",  # the first
  # nothing
  "2",
]
  [account.receipt]
  keys = 'upper'
[[account]]
limits = { rate = 1, more = { x = [1, { y = 2 }] } }
[account.throughput]
unit = "message"
[a . "b.c" . d]
date = 2026-11-30 08:00:00
text = \'\'\'
x = """
\'\'\'
last = 1'''


def test_every_key_has_the_line_it_stands_on() -> None:
    lines = key_lines(TEXT)
    expected: dict[Path, int] = {
        ("title",): 2,
        ("smpp",): 4,
        ("smpp", "listen"): 5,
        ("smpp", "timers"): 6,
        ("smpp", "timers", "response_s"): 6,
        ("smpp", "quoted key"): 7,
        ("smpp", 'with "escape'): 8,
        ("smpp", "literal"): 9,
        ("account", 0): 14,
        ("account", 0, "access_numbers"): 16,
        ("account", 0, "access_numbers", 0): 17,
        ("account", 0, "access_numbers", 1): 19,
        ("account", 0, "receipt", "keys"): 22,
        ("account", 1): 23,
        ("account", 1, "limits", "more", "x", 1, "y"): 24,
        ("account", 1, "throughput", "unit"): 26,
        ("a", "b.c", "d", "date"): 28,
        ("a", "b.c", "d", "text"): 29,
        ("a", "b.c", "d", "last"): 32,
    }
    assert {path: lines.get(path) for path in expected} == expected


def test_nothing_but_keys_has_a_line() -> None:
    assert set(key_lines(TEXT)) == set(paths_of(tomllib.loads(TEXT)))


@pytest.mark.parametrize("text", ["", "\n", "# only a comment", "[a]", "[[a]]\n[[a]]"])
def test_small_documents_are_read(text: str) -> None:
    assert set(key_lines(text)) == set(paths_of(tomllib.loads(text)))


def test_line_ends_of_windows_count_once() -> None:
    assert key_lines("a = 1\r\nb = 2\r\n")[("b",)] == 2


def paths_of(value: object, path: Path = ()) -> Iterator[Path]:
    if path:
        yield path
    items: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        items = [(str(key), inner) for key, inner in value.items()]
    elif isinstance(value, list):
        items = list(enumerate(value))
    for key, inner in items:
        yield from paths_of(inner, (*path, key))


_TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=8)
_SCALARS = st.one_of(
    st.integers(-(2**63), 2**63 - 1), st.booleans(), st.floats(allow_nan=False), _TEXTS, st.dates()
)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(_TEXTS, inner, max_size=3)
    ),
    max_leaves=12,
)


@given(st.dictionaries(_TEXTS, _VALUES, max_size=4))
def test_any_document_gives_a_line_for_each_of_its_keys(document: dict[str, object]) -> None:
    text = tomlkit.dumps(document)
    lines = key_lines(text)
    assert set(lines) == set(paths_of(tomllib.loads(text)))
    assert all(1 <= line <= text.count("\n") + 1 for line in lines.values())
