from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from config.content import ContentCategory
from config.word_files import SHIPPED, ListedWord, WordFileError, parse_words, read_words


def test_comments_and_empty_lines_are_skipped() -> None:
    lines = ["\ufeff# 注释", "", "vulgar\t占位 词 "]
    assert parse_words(lines, "own.txt") == (ListedWord("vulgar", "占位 词", "own.txt"),)


@pytest.mark.parametrize("line", ["占位词", "vulgar", "vulgar **", "rude 占位词"])
def test_a_bad_line_is_named_with_what_is_allowed(line: str) -> None:
    with pytest.raises(WordFileError) as caught:
        parse_words(["vulgar 占位词", line, line], "own.txt")
    first, second, allowed = str(caught.value).splitlines()
    assert (first, second) == (f"own.txt:2: {line!r}", f"own.txt:3: {line!r}")
    assert all(category in allowed for category in get_args(ContentCategory))


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.txt"
    path.write_bytes(b"vulgar \xff")
    with pytest.raises(WordFileError, match=r"own.txt: octet 0xff at offset 7; allowed is UTF-8"):
        read_words(path)


def test_one_placeholder_is_shipped_for_each_category_of_the_annex() -> None:
    shipped = [word.category for word in read_words(SHIPPED)]
    assert len(shipped) == len(set(shipped)) == 18
    assert set(get_args(ContentCategory)) - set(shipped) == {
        "commercial",
        "impersonation",
        "obstacle",
        "brand",
    }
