"""Hold docs/api.md to what there is."""

from __future__ import annotations

import re
from pathlib import Path

from gateway.api.access import RANKS
from gateway.api.app import ROUTES
from gateway.api.shapes import Check, Explained, MessageView, Verdict
from routing.query_words import WORDS
from routing.reasons import REASONS

TEXT = (Path(__file__).parents[3] / "docs" / "api.md").read_text("utf-8")


def words() -> set[str]:
    return set(re.findall(r"[A-Za-z_]+", TEXT))


def test_every_operation_is_documented_with_its_role_and_no_other() -> None:
    documented = set(re.findall(r"^\| `([A-Z]+) (/[^` ]*)` \| (\w+) \|", TEXT, flags=re.MULTILINE))
    assert documented == {(row.method, row.path, row.role or "none") for row in ROUTES}


def test_every_role_is_documented() -> None:
    for role in RANKS:
        assert f"| {role} |" in TEXT


def test_every_reason_is_documented() -> None:
    section = TEXT.partition("## Reasons")[2].partition("\n## ")[0]
    assert {name for name in REASONS if f"`{name}`" not in section} == set()


def test_every_query_word_is_documented() -> None:
    section = TEXT.partition("## Query words")[2].partition("\n## ")[0]
    assert {name for name in WORDS if f"`{name}:" not in section} == set()


def test_every_field_of_messages_and_verdicts_is_documented() -> None:
    fields = {
        name for shape in (MessageView, Verdict, Explained, Check) for name in shape.__annotations__
    }
    assert fields - words() == set()
