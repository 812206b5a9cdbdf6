"""Read word lists of the content filter: one `category word` a line (annex 1, items 7 to 10)."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, get_args

from .content import ContentCategory
from .shipped import DATA

SHIPPED: Final = DATA / "words" / "prohibited.txt"
"""Placeholder words, one per category."""
_CATEGORIES: Final = frozenset(get_args(ContentCategory))


@dataclass(slots=True, frozen=True)
class ListedWord:
    """Be one line of a word list."""

    category: str
    word: str
    source: str
    """Name of the file, without its folder."""


class WordFileError(ValueError):
    """Say which lines of a word list can't be read; one line of text for each."""


def parse_words(lines: Iterable[str], source: str) -> tuple[ListedWord, ...]:
    """Parse lines of a list; empty ones and those that begin with # are skipped.

    Raises WordFileError naming file and line, what was seen and the allowed categories.
    """
    words: list[ListedWord] = []
    problems: list[str] = []
    for number, raw in enumerate(lines, 1):
        line = raw.strip().lstrip("\ufeff")
        if not line or line.startswith("#"):
            continue
        category, _, word = line.replace("\t", " ", 1).partition(" ")
        if category in _CATEGORIES and any(char.isalnum() for char in word):
            words.append(ListedWord(category, word.strip(), source))
        else:
            problems.append(f"{source}:{number}: {line[:60]!r}")
    if problems:
        allowed = ", ".join(get_args(ContentCategory))
        raise WordFileError(
            "\n".join(problems)
            + "\nallowed is `category word`, with a letter or digit in the word; "
            + f"categories: {allowed}"
        )
    return tuple(words)


def read_words(path: Path) -> tuple[ListedWord, ...]:
    """Read a list in UTF-8.

    Raises WordFileError for bad lines and other encodings, OSError where it can't be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        seen = f"{path.name}: octet {error.object[error.start]:#04x} at offset {error.start}"
        raise WordFileError(f"{seen}; allowed is UTF-8") from error
    return parse_words(text.splitlines(), path.name)
