"""Read word lists of the content filter: one `category word` a line (annex 1, items 7 to 10)."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, get_args

from .content import ContentCategory
from .problems import ConfigError, Problem
from .shipped import DATA

SHIPPED: Final = DATA / "words" / "prohibited.txt"
"""Placeholder words, one per category."""
_CATEGORIES: Final = frozenset(get_args(ContentCategory))
_ALLOWED: Final = "`category word` with a letter or digit in the word; categories: " + ", ".join(
    get_args(ContentCategory)
)
_SHOWN: Final = 60
"""Characters of a bad line that a problem quotes."""
_MOST_PROBLEMS: Final = 100
"""Bad lines of one list that are described."""


@dataclass(slots=True, frozen=True)
class ListedWord:
    """Be one line of a word list."""

    category: str
    word: str
    source: str
    """Name of the file, without its folder."""


def parse_words(
    lines: Iterable[str], source: str, file: str | None = None
) -> tuple[ListedWord, ...]:
    """Parse lines of a list; empty ones and those that begin with # are skipped.

    `source` names the list in findings, `file` in problems. Raises ConfigError with each bad
    line, what was seen there and what is allowed.
    """
    words: list[ListedWord] = []
    problems: list[Problem] = []
    for number, raw in enumerate(lines, 1):
        line = raw.strip().lstrip("\ufeff")
        if not line or line.startswith("#"):
            continue
        category, _, word = line.replace("\t", " ", 1).partition(" ")
        if category in _CATEGORIES and any(char.isalnum() for char in word):
            words.append(ListedWord(category, word.strip(), source))
        elif len(problems) < _MOST_PROBLEMS:
            problems.append(Problem(file or source, number, "", repr(line[:_SHOWN]), _ALLOWED))
    if problems:
        raise ConfigError(problems)
    return tuple(words)


def read_words(path: Path) -> tuple[ListedWord, ...]:
    """Read a list in UTF-8.

    Raises ConfigError for bad lines and other encodings, and where it can't be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        message = f"can't be read: {error.strerror}"
        raise ConfigError([Problem(str(path), None, "", "", message)]) from error
    except UnicodeDecodeError as error:
        message = f"is not UTF-8 text (octet {error.start})"
        raise ConfigError([Problem(str(path), None, "", "", message)]) from error
    return parse_words(text.splitlines(), path.name, str(path))


def read_all_words(paths: Iterable[Path]) -> tuple[ListedWord, ...]:
    """Read the lists of a contract, one after the other.

    Raises ConfigError with what is wrong in any of them.
    """
    words: list[ListedWord] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            words += read_words(path)
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    return tuple(words)
