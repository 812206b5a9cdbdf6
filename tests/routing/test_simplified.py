from __future__ import annotations

from routing.simplified import SIMPLIFIED, TRADITIONAL


def test_the_strings_are_parallel_and_name_each_traditional_character_once() -> None:
    assert len(TRADITIONAL) == len(SIMPLIFIED) == len(set(TRADITIONAL))


def test_known_pairs_are_in_the_table() -> None:
    pairs = dict(zip(TRADITIONAL, SIMPLIFIED, strict=True))
    assert [pairs[char] for char in "測試詞電務"] == list("测试词电务")
