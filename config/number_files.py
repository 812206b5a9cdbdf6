"""Read files of recipients, up to millions of them.

A plain file has one entry a line: a number (`13300000001`), a range with both ends
(`13300000000-13300099999`) or a prefix (`1330000*`); `#` starts a comment. A CSV file has a
heading with the names of `NumberEntry`: number, from, to, prefix, valid_from, valid_to, relation.
Numbers without dates are kept as integers, eight octets each.
"""

from __future__ import annotations

import csv
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from .contract import NumberEntry, NumberSet
from .explain import explain
from .problems import ConfigError, Problem

MOST_PROBLEMS: Final = 20
"""Bad lines of one file that are reported one by one."""

_DIGITS: Final = 11
_PIECE_OCTETS: Final = 1 << 20
_MOBILE: Final = range(10_000_000_000, 20_000_000_000)
"""Mobile numbers begin with 1; another first digit is a slip, reported with its line."""
_COLUMNS: Final = frozenset(
    {"number", "from", "to", "prefix", "valid_from", "valid_to", "relation"}
)
_FORMS: Final = "13300000001, 13300000000-13300099999 or 1330000*"


@dataclass(slots=True)
class Numbers:
    """Hold a set of recipients: single numbers without dates, and everything else."""

    singles: array[int]
    entries: tuple[NumberEntry, ...]


def read_numbers(number_set: NumberSet) -> Numbers:
    """Read the entries and all files of a set.

    Raises ConfigError with the bad lines of all files.
    """
    singles = array("Q")
    entries: list[NumberEntry] = list(number_set.entries)
    problems: list[Problem] = []
    for path in number_set.files:
        try:
            found = read_number_file(path)
        except ConfigError as error:
            problems += error.problems
        else:
            singles.extend(found.singles)
            entries += found.entries
    if problems:
        raise ConfigError(problems)
    return Numbers(singles, tuple(entries))


def read_number_file(path: Path) -> Numbers:
    """Read one file.

    Raises ConfigError with its bad lines, or when it can't be read.
    """
    try:
        plain = _only_numbers(path)
        if plain is not None:
            return Numbers(plain, ())
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        message = f"can't be read: {error.strerror}"
        raise ConfigError([Problem(str(path), None, "", "", message)]) from error
    except UnicodeDecodeError as error:
        message = f"is not UTF-8 text (octet {error.start})"
        raise ConfigError([Problem(str(path), None, "", "", message)]) from error
    return _Reader(str(path)).read(text.splitlines())


def read_number_text(
    octets: bytes, name: str, *, partial: bool = False
) -> tuple[Numbers, tuple[Problem, ...]]:
    """Read what a file would hold, UTF-8; `partial` leaves bad lines out and gives them.

    Raises ConfigError with the bad lines; `name` stands for the file's.
    """
    try:
        text = octets.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"is not UTF-8 text (octet {error.start})"
        raise ConfigError([Problem(name, None, "", "", message)]) from error
    reader = _Reader(name, partial=partial)
    numbers = reader.read(text.splitlines())
    return numbers, tuple(reader.problems)


def _only_numbers(path: Path) -> array[int] | None:
    """Give the numbers of a file with nothing else in it; the common case, without a loop.

    Read in pieces, two million numbers take 0.5 s and little more memory than they stay in.
    """
    numbers = array("Q")
    with path.open("rb") as file:
        while lines := file.readlines(_PIECE_OCTETS):
            words = b"".join(lines).split()
            if not words:
                continue
            if set(map(len, words)) != {_DIGITS} or not b"".join(words).isdigit():
                return None
            numbers.extend(map(int, words))
    mobile = not numbers or (min(numbers) in _MOBILE and max(numbers) in _MOBILE)
    return numbers if mobile else None


def is_heading(line: str) -> bool:
    """Say whether the first line of a file with something in it names columns."""
    return bool(_COLUMNS & {cell.strip() for cell in line.split(",")})


class _Reader:
    """Read the lines of one file and gather what is wrong with them."""

    def __init__(self, name: str, *, partial: bool = False) -> None:
        self.name = name
        self.partial = partial
        self.singles = array("Q")
        self.entries: list[NumberEntry] = []
        self.problems: list[Problem] = []
        self.bad = 0

    def read(self, lines: list[str]) -> Numbers:
        first = next((n for n, line in enumerate(lines) if _content(line)), 0)
        heading = [cell.strip() for cell in lines[first].split(",")] if lines else []
        if lines and is_heading(lines[first]):
            self._read_csv(lines[first:], heading, first)
        else:
            self._read_plain(lines)
        if self.bad > len(self.problems):
            more = f"{self.bad - len(self.problems)} more bad lines"
            self.problems.append(Problem(self.name, None, "", "", more))
        if self.problems and not self.partial:
            raise ConfigError(self.problems)
        return Numbers(self.singles, tuple(self.entries))

    def _read_plain(self, lines: Iterable[str]) -> None:
        for line, text in enumerate(map(_content, lines), start=1):
            if len(text) == _DIGITS and text.isascii() and text.isdigit() and text[0] == "1":
                self.singles.append(int(text))
            elif text:
                self._take(line, _plain_entry(text), text)

    def _read_csv(self, lines: list[str], heading: list[str], skipped: int) -> None:
        unknown = [name for name in heading if name not in _COLUMNS]
        for name in unknown:
            known = ", ".join(sorted(_COLUMNS))
            self._refuse(skipped + 1, f"column {name!r}", f"the columns {known}")
        if unknown:
            return
        rows = csv.reader(_without_comments(lines[1:]))
        try:
            for row in rows:
                self._take_row(skipped + 1 + rows.line_num, heading, row)
        except csv.Error:
            # The one error that lines from splitlines() leave; what follows can't be trusted.
            line = skipped + 1 + rows.line_num
            seen = f"a cell of more than {csv.field_size_limit()} characters"
            self._refuse(line, seen, "a number or a date; is there a quote without its end?")

    def _take_row(self, line: int, heading: list[str], row: list[str]) -> None:
        if len(row) > len(heading):
            self._refuse(line, f"{len(row)} cells", f"{len(heading)} as in the heading")
        elif row:
            cells = zip(heading, row, strict=False)
            self._take(line, {n: c.strip() for n, c in cells if c.strip()}, ",".join(row))

    def _take(self, line: int, entry: dict[str, str] | None, text: str) -> None:
        if entry is None:
            self._refuse(line, repr(text[:40]), _FORMS)
            return
        if not entry:
            return
        try:
            made = NumberEntry.model_validate(entry)
        except ValidationError as error:
            explained = explain(NumberEntry, entry, error.errors(include_url=False)[0])
            self._refuse(line, explained.seen, explained.message, ".".join(map(str, explained.key)))
            return
        if made.number and made.valid_from is None and made.valid_to is None:
            self.singles.append(int(made.number))
        else:
            self.entries.append(made)

    def _refuse(self, line: int, seen: str, allowed: str, key: str = "") -> None:
        self.bad += 1
        if self.bad <= MOST_PROBLEMS:
            self.problems.append(Problem(self.name, line, key, seen, allowed))


def _content(line: str) -> str:
    return line.partition("#")[0].strip()


def _without_comments(lines: Iterable[str]) -> Iterator[str]:
    """Give the lines with comments emptied, so that the numbers of lines stay true."""
    return (line if _content(line) else "" for line in lines)


def _plain_entry(text: str) -> dict[str, str] | None:
    if text.endswith("*"):
        return {"prefix": text[:-1].strip()}
    first, dash, last = (part.strip() for part in text.partition("-"))
    if dash:
        return {"from": first, "to": last}
    return {"number": text} if text.isascii() and text.isdigit() else None
