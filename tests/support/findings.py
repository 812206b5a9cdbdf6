"""Read what checks find."""

from __future__ import annotations

from routing.finding import Finding


def english(found: Finding | None) -> str:
    """Give the English sentence of a finding that is whole: both languages, and other words.

    Raises AssertionError where nothing was found, or where the Chinese sentence is none.
    """
    assert found is not None
    assert any("\u4e00" <= letter <= "\u9fff" for letter in found.zh), found
    assert found.seen or found.allowed, found
    return found.en
