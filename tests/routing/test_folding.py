from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.folding import fold, folded_word, skeleton


@pytest.mark.parametrize(
    "text", ["測試詞", "测 试 词", "测\u200b试词", "测*试-词", "测，试，词", "测。试。词"]
)
def test_disguises_fold_to_the_plain_word(text: str) -> None:
    assert fold(text).text == "测试词"


@pytest.mark.parametrize("text", ["ＡＡＡ", "AAA", "A A A", "ААА", "ááá"])
def test_forms_of_letters_fold_to_small_latin_ones(text: str) -> None:
    assert fold(text).text == "aaa"


def test_words_and_sentences_stay_apart() -> None:
    assert fold("free-gift").text == "free gift"
    assert fold("测完了，试一试").text == "测完了 试一试"


def test_a_span_leads_back_across_what_was_dropped_and_widened() -> None:
    folded = fold("㎏ 測*試，free gift")
    start = folded.text.index("测试")
    assert folded.span(start, start + 2) == (2, 5)
    start = folded.text.index("gift")
    assert folded.original[slice(*folded.span(start - 1, start + 4))] == " gift"


def test_a_word_of_symbols_folds_to_nothing() -> None:
    assert folded_word(" *。 ") == ""


def test_look_alike_names_have_one_skeleton() -> None:
    assert skeleton("DEMO POLICE") == skeleton("DЕM0 P0L1CE")
    assert skeleton("示例警务") == skeleton("示例警務") != skeleton("示例政务")


@given(st.text(max_size=40))
def test_every_folded_character_has_a_place_in_the_original(text: str) -> None:
    folded = fold(text)
    for index in range(len(folded.text)):
        start, end = folded.span(index, index + 1)
        assert 0 <= start < end <= len(text)


def test_characters_beyond_the_basic_plane_fold_too() -> None:
    assert fold("\U0001d400\U0001f600b").text == "ab"
