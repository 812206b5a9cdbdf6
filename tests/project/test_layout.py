"""Hold sizes and names within what can be reviewed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from .tree import python_files, read

MAX_FILE_LINES = 600
MAX_FUNCTION_LINES = 60
MAX_NESTING = 4

TABLES = {
    Path("smpp/tables.py"): "the fields of every PDU",
    Path("smpp/pdus.py"): "one class per PDU, generated from the table",
}
"""Files of data, which are read row by row and may be longer."""

FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"}

Function = ast.FunctionDef | ast.AsyncFunctionDef

_NESTING = (
    ast.If,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.With,
    ast.AsyncWith,
    ast.Try,
    ast.TryStar,
    ast.Match,
)


def functions(tree: ast.AST) -> Iterator[Function]:
    for node in ast.walk(tree):
        if isinstance(node, Function):
            yield node


def length(function: Function) -> int:
    """Count the lines of the body, docstring included; a long signature is a table of options."""
    assert function.end_lineno is not None
    return function.end_lineno - function.body[0].lineno + 1


def nesting(statements: list[ast.stmt]) -> int:
    """Give how deep compound statements lie in one another; an elif is no deeper than its if."""
    return max((_depth(statement) for statement in statements), default=0)


def _depth(statement: ast.stmt) -> int:
    if not isinstance(statement, _NESTING):
        return 0
    inner = [nesting(list(_body(statement)))]
    if isinstance(statement, ast.If) and _is_elif(statement.orelse):
        return max(1 + inner[0], _depth(statement.orelse[0]))
    return 1 + max(inner[0], nesting(getattr(statement, "orelse", [])))


def _body(statement: ast.stmt) -> Iterator[ast.stmt]:
    yield from getattr(statement, "body", [])
    yield from getattr(statement, "finalbody", [])
    for part in (*getattr(statement, "handlers", []), *getattr(statement, "cases", [])):
        yield from part.body


def _is_elif(orelse: list[ast.stmt]) -> bool:
    return len(orelse) == 1 and isinstance(orelse[0], ast.If)


def test_no_file_is_longer_than_600_lines() -> None:
    sizes = {path: read(path).count("\n") for path in python_files() if path not in TABLES}
    assert {path: size for path, size in sizes.items() if size > MAX_FILE_LINES} == {}


def test_every_file_listed_as_a_table_exists_and_needs_the_exemption() -> None:
    assert [path for path in TABLES if read(path).count("\n") <= MAX_FILE_LINES] == []


def test_no_function_is_longer_than_60_lines() -> None:
    long = {
        f"{path}:{function.lineno} {function.name}": length(function)
        for path in python_files()
        for function in functions(ast.parse(read(path)))
        if length(function) > MAX_FUNCTION_LINES
    }
    assert long == {}


def test_no_function_is_nested_deeper_than_4() -> None:
    deep = {
        f"{path}:{function.lineno} {function.name}": nesting(function.body)
        for path in python_files()
        for function in functions(ast.parse(read(path)))
        if nesting(function.body) > MAX_NESTING
    }
    assert deep == {}


@pytest.mark.parametrize(
    ("source", "depth"),
    [
        ("x = 1", 0),
        ("if a:\n  x = 1\nelif b:\n  x = 2\nelse:\n  x = 3", 1),
        ("for a in b:\n  while c:\n    if d:\n      x = 1", 3),
        ("try:\n  x = 1\nexcept E:\n  with f:\n    x = 2", 2),
        ("if a:\n  x = 1\nelse:\n  y = 1\n  if b:\n    x = 2", 2),
        ("match a:\n  case 1:\n    if b:\n      x = 1", 2),
    ],
)
def test_nesting_counts_compound_statements(source: str, depth: int) -> None:
    assert nesting(ast.parse(source).body) == depth


def test_no_file_or_folder_is_named_for_what_nobody_placed() -> None:
    nameless = [
        path
        for path in python_files()
        if any(FORBIDDEN_NAMES & set(Path(part).stem.split("_")) for part in path.parts)
    ]
    assert nameless == []
