from __future__ import annotations

import pytest

from routing.category_masks import (
    BITS,
    CATEGORIES,
    COMMERCIAL,
    EVERY,
    TITLES_ZH,
    bit_of,
    in_words,
    in_words_zh,
    mask_of,
    names_of,
)


def test_each_category_has_a_bit_of_its_own_within_every() -> None:
    assert sum(BITS.values()) == 2 ** len(CATEGORIES) - 1
    assert all(bit & EVERY for bit in BITS.values())


def test_mask_of_no_category_is_every_category() -> None:
    assert mask_of(()) == EVERY
    assert names_of(EVERY) == ()


def test_mask_gives_its_categories_back() -> None:
    assert names_of(mask_of(("reminder", "commercial"))) == ("reminder", "commercial")
    assert mask_of(("commercial",)) == COMMERCIAL


def test_unknown_category_is_refused_with_the_list() -> None:
    with pytest.raises(ValueError, match="category 'spam': not one of verification, notice"):
        bit_of("spam")
    with pytest.raises(ValueError, match="'spam'"):
        mask_of(("notice", "spam"))


def test_masks_are_named_in_both_languages() -> None:
    mask = mask_of(("notice", "reminder"))
    assert (in_words(mask), in_words(EVERY)) == ("notice, reminder", "every category")
    assert (in_words_zh(mask), in_words_zh(EVERY)) == ("通知、提醒", "全部类别")


def test_every_category_has_a_chinese_title() -> None:
    assert set(TITLES_ZH) == set(CATEGORIES)
    assert in_words_zh(mask_of(["notice", "commercial"])) == "通知、商业"
