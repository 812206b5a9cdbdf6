"""Hold the page of clauses to the product: what it names is there, and no check is left out."""

from __future__ import annotations

import re
from pathlib import Path

from config.contract import Contract
from config.explain import Key, place_of
from config.settings import Settings
from metrics.breaches.rows import ROWS
from routing.verdict import TABLE
from tests.support.programs import ROOT

from .tree import read

PAGE = Path("docs/contract-coverage.md")
_CODE = re.compile(r"`([^`]+)`")
_FILE = re.compile(r"[a-z_/]+\.py$")


def rows(heading: str) -> list[list[str]]:
    """Give the cells of each row of the table below a heading."""
    part = read(PAGE).split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]


EVERY = [*rows("Clauses"), *rows("Breaches")]


def coded(column: int) -> list[str]:
    """Give what stands in code marks in a column of both tables."""
    return [word for row in EVERY for word in _CODE.findall(row[column])]


def test_every_test_that_is_named_exists() -> None:
    missing = []
    for name in coded(4):
        path, _, function = name.partition("::")
        file = ROOT / path
        if not file.is_file() or f"def {function}(" not in file.read_text("utf-8"):
            missing.append(name)
    assert missing == []


def test_what_serves_a_clause_is_a_check_or_a_file() -> None:
    checks = {check.reason for check in TABLE}
    named = coded(2)
    assert [
        n for n in named if not (n in checks or (_FILE.match(n) and (ROOT / n).is_file()))
    ] == []
    contract = {check.reason for check in TABLE if check.contract} - {"encoding", "length"}
    assert contract - set(named) == set()


def test_every_key_that_is_named_exists() -> None:
    for key in coded(3):
        first, *rest = key.split(".")
        model = Contract if first == "contract" else Settings
        path: Key = {"contract": (), "account": ("account", 0)}.get(first, (first,))
        assert place_of(model, (*path, *rest)) is not None, key


def test_a_clause_without_a_test_says_why() -> None:
    for row in EVERY:
        assert len(row) == 6, row[0]
        assert "::" in row[4] or len(row[5]) > 10, row[0]


def test_the_28_breaches_are_listed_with_their_grades() -> None:
    shown = [(int(row[0].split()[0]), row[0].split()[1]) for row in rows("Breaches")]
    assert shown == [(number, row.grade) for number, row in ROWS.items()]
