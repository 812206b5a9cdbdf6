from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from config.commercial_words import CommercialWords, TextPattern, load_commercial_words


def test_the_shipped_words_load() -> None:
    words = load_commercial_words()
    assert "抢购" in words.offers
    assert [row.category for row in words.categories] == [
        "verification", "internal", "emergency", "public_interest", "reminder",
    ]  # fmt: skip


def test_no_shipped_word_is_listed_for_two_purposes() -> None:
    words = load_commercial_words()
    listed = [*words.offers, *words.hints, *words.harmless, *words.warnings]
    assert sorted(listed) == sorted(set(listed))


def test_another_file_takes_its_place(tmp_path: Path) -> None:
    path = tmp_path / "words.toml"
    path.write_text('offers = ["甩卖"]\n', "utf-8")
    assert load_commercial_words(path) == CommercialWords(offers=("甩卖",))


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"offers": [" "]}, "words of at least one character other than space"),
        ({"offer": ["甩卖"]}, "offer"),
        ({"categories": [{"category": "news"}]}, "categories.0.category"),
    ],
)
def test_what_is_no_table_of_words_is_refused(table: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        CommercialWords.model_validate(table)


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("[0-9折", "a regular expression"),
        ("([0-9])折", "without groups that count"),
        ("[0-9]*", "of some length"),
    ],
)
def test_what_is_no_pattern_is_refused(pattern: str, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        TextPattern(contains="折", pattern=pattern)
