"""Keep sets of message categories as bits of an integer, as the registries of numbers do.

A set that names no category means every one, those included that are added to the list later.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, get_args

from config.content import Category

CATEGORIES: Final[tuple[str, ...]] = get_args(Category)
"""Every category, in the order of the configuration."""

BITS: Final[dict[str, int]] = {name: 1 << index for index, name in enumerate(CATEGORIES)}

TITLES_ZH: Final[dict[str, str]] = {
    "verification": "验证码",
    "notice": "通知",
    "reminder": "提醒",
    "commercial": "商业",
    "public_interest": "公益",
    "internal": "内部",
    "emergency": "应急",
}
"""What Chinese sentences call each category."""

EVERY: Final = (1 << 16) - 1
"""Every category, with room for further ones."""

COMMERCIAL: Final = BITS["commercial"]


def bit_of(category: str) -> int:
    """Give the bit of one category.

    Raises ValueError naming the closed list when there is no such category.
    """
    bit = BITS.get(category)
    if bit is None:
        raise ValueError(f"category {category!r}: not one of {', '.join(CATEGORIES)}")
    return bit


def mask_of(categories: Iterable[str]) -> int:
    """Give the bits of some categories; of none: every category.

    Raises ValueError for a name that is no category.
    """
    mask = 0
    for category in categories:
        mask |= bit_of(category)
    return mask or EVERY


def names_of(mask: int) -> tuple[str, ...]:
    """Give the categories of a mask, () where it holds every one."""
    if mask == EVERY:
        return ()
    return tuple(name for name, bit in BITS.items() if mask & bit)


def in_words(mask: int) -> str:
    """Name the categories of a mask for a sentence: `every category`, `notice, reminder`."""
    return ", ".join(names_of(mask)) or "every category"


def in_words_zh(mask: int) -> str:
    """Name the categories of a mask for a Chinese sentence."""
    return "、".join(TITLES_ZH[name] for name in names_of(mask)) or "全部类别"
