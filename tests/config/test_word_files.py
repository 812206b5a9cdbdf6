from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from config.content import ContentCategory
from config.problems import ConfigError
from config.word_files import SHIPPED, ListedWord, parse_words, read_all_words, read_words


def test_comments_and_empty_lines_are_skipped() -> None:
    lines = ["\ufeff# 注释", "", "vulgar\t占位 词 "]
    assert parse_words(lines, "own.txt") == (ListedWord("vulgar", "占位 词", "own.txt"),)


@pytest.mark.parametrize("line", ["占位词", "vulgar", "vulgar **", "rude 占位词"])
def test_a_bad_line_is_named_with_what_is_allowed(line: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_words(["vulgar 占位词", line, line], "own.txt")
    first, second = caught.value.problems
    assert (first.file, first.line, first.seen) == ("own.txt", 2, repr(line))
    assert (second.file, second.line) == ("own.txt", 3)
    assert all(category in first.message for category in get_args(ContentCategory))


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.txt"
    path.write_bytes(b"vulgar \xff")
    with pytest.raises(ConfigError, match=r"own.txt: is not UTF-8 text \(octet 7\)"):
        read_words(path)


def test_a_file_that_cant_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"gone.txt: can't be read: No such file"):
        read_words(tmp_path / "gone.txt")


def test_all_files_are_read_and_what_is_wrong_in_any_is_said(tmp_path: Path) -> None:
    good, bad, worse = (tmp_path / f"{name}.txt" for name in ("good", "bad", "worse"))
    good.write_text("vulgar 占位词\n", "utf-8")
    bad.write_text("vulgar 占位词\nrude 词\n", "utf-8")
    worse.write_bytes(b"\xff")
    assert [word.word for word in read_all_words([good, good])] == ["占位词", "占位词"]
    with pytest.raises(ConfigError) as caught:
        read_all_words([worse, good, bad])
    assert [(one.file, one.line) for one in caught.value.problems] == [
        (str(bad), 2), (str(worse), None),
    ]  # fmt: skip


def test_a_list_that_is_no_list_is_not_described_line_by_line() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_words(["nonsense"] * 5000, "own.txt")
    assert len(caught.value.problems) == 100


def test_one_placeholder_is_shipped_for_each_category_of_the_annex() -> None:
    shipped = [word.category for word in read_words(SHIPPED)]
    assert len(shipped) == len(set(shipped)) == 18
    assert set(get_args(ContentCategory)) - set(shipped) == {
        "commercial",
        "impersonation",
        "obstacle",
        "brand",
    }
