from __future__ import annotations

import pytest

from routing.word_filter import Word, WordFilter

WORD = Word("测试词AAA", "r1", "prohibited_1")


def test_a_disguised_word_is_found_with_its_original_span() -> None:
    (hit,) = WordFilter([WORD]).find("您好：測 試*词ＡaА。")
    assert (hit.rule, hit.category, hit.action, hit.word) == (
        "r1",
        "prohibited_1",
        "reject",
        "测试词AAA",
    )
    assert (hit.seen, hit.start, hit.end) == ("測 試*词ＡaА", 3, 11)


def test_overlapping_words_are_all_found() -> None:
    words = [WORD, Word("试词", "r2", "vulgar", "flag")]
    assert [hit.rule for hit in WordFilter(words).find("测试词AAA")] == ["r1", "r2"]


def test_a_harmless_phrase_excuses_its_own_rule_inside_it_alone() -> None:
    words = [Word("电信", "r1", "vulgar"), Word("电信", "r2", "vulgar")]
    found = WordFilter(words, [("r1", "电信网络诈骗")]).find("电信网络诈骗，电信")
    assert [(hit.rule, hit.start) for hit in found] == [("r2", 0), ("r1", 7), ("r2", 7)]


def test_an_empty_list_finds_nothing() -> None:
    assert WordFilter([]).find("测试词AAA") == ()


def test_a_word_of_symbols_is_refused() -> None:
    with pytest.raises(ValueError, match=r"'\*\*': nothing to look for"):
        WordFilter([Word("**", "r", "vulgar")])
