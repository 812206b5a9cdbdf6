"""Read rows of CSV into the events of an import, and write what a registry holds as CSV.

The first line names the columns, in any order. A moment is ISO 8601 with offset; one without
offset and a plain date are Asia/Shanghai, and a plain date of an end counts to its 24:00. Reading
is streamed: whoever takes the events gets a chunk at a time, and no more than a chunk is held.

An import is all or nothing: after the first bad row no further rows are given out, the rest is
only read for its bad rows, and the import ends with `ImportAborted`. A partial one leaves the bad
rows out instead.
"""

from __future__ import annotations

import csv
from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import chain
from operator import itemgetter
from typing import Final

from config.section import SHANGHAI, parse_end, parse_instant

from .formula_guard import MARK, guarded, unguarded
from .number_history import NEVER
from .numbering import MSISDN_DIGITS
from .registry_events import ImportAborted, ImportClosed, ImportEvent, ImportOpened, ImportRows
from .registry_forms import MOST_CHARACTERS, CellError, Form, moment_text
from .registry_imports import digest, packed

CHUNK_ROWS: Final = 10_000
"""Rows of one event: taking them in keeps the event loop for some 20 ms."""

MOST_CHUNK_ROWS: Final = 50_000
MOST_PROBLEMS: Final = 20
"""Bad rows that are described; further ones are counted."""

_LAST_MOMENT: Final = datetime(9999, 1, 1, tzinfo=SHANGHAI).timestamp()
_MOST_REMEMBERED: Final = 8192
"""Cells whose meaning is kept: the same dates and categories come again and again."""


@dataclass(slots=True, frozen=True)
class RowProblem:
    """Say what is wrong with one row; lines are counted from 1, the heading included."""

    line: int
    column: str
    """"" where it is the row as a whole."""
    seen: str
    allowed: str

    def __str__(self) -> str:
        """Give one line for people."""
        where = f"line {self.line}, {self.column}" if self.column else f"line {self.line}"
        return f"{where}: {self.seen!r} seen, allowed: {self.allowed}"


@dataclass(slots=True, frozen=True)
class ImportHead:
    """Say what an import is; `at` is the time of each of its events."""

    import_id: int
    at: float
    who: str
    why: str = ""
    source: str = ""


@dataclass(slots=True, frozen=True)
class _Places:
    """Say where in a row each column stands; -1, a cell of nothing, for one that isn't there."""

    width: int
    number: int
    prefix: int
    since: int
    until: int
    text: int
    ends: int
    kind: Callable[[list[str]], tuple[str, ...]]

    @classmethod
    def of(cls, heading: list[str], form: Form) -> _Places:
        at = {name: index for index, name in enumerate(heading)}

        def place(name: str) -> int:
            return at.get(name, -1)

        # Two cells at least, since itemgetter gives a single one bare.
        cells = itemgetter(*map(place, form.kind_columns), -1)
        return cls(
            width=len(heading),
            number=place("number"),
            prefix=place("prefix"),
            since=place(form.since),
            until=place(form.until),
            text=place(form.text),
            ends=place(form.ends),
            kind=cells,
        )


class _Chunk:
    """Gather the facts of one `ImportRows`."""

    __slots__ = ("kinds", "numbers", "picks", "since", "texts", "until")

    def __init__(self) -> None:
        self.numbers = array("Q")
        self.since = array("d")
        self.until = array("d")
        self.picks = array("H")
        self.texts: list[str] = []
        self.kinds: dict[tuple[str, ...], int] = {}

    def put(
        self, number: int, kind: tuple[str, ...], since: float, until: float, text: str
    ) -> None:
        kinds = self.kinds
        pick = kinds.get(kind)
        if pick is None:
            pick = kinds[kind] = len(kinds)
        self.numbers.append(number)
        self.picks.append(pick)
        self.since.append(since)
        self.until.append(until)
        self.texts.append(text)

    def event(self, head: ImportHead, index: int) -> ImportRows:
        """Make the event; a column whose values are all equal has one."""
        same = len(set(self.texts)) == 1
        return ImportRows(
            at=head.at,
            import_id=head.import_id,
            index=index,
            numbers=packed(self.numbers),
            since=_column(self.since),
            until=_column(self.until),
            kinds=tuple(self.kinds),
            picks=_column(self.picks),
            texts=tuple(self.texts[:1] if same else self.texts),
        )


def _column(values: array[int] | array[float]) -> bytes:
    return packed(values[:1] if len(set(values)) == 1 else values)


class RegistryReader:
    """Read one import; afterwards `problems`, `refused` and `rows` say how it went."""

    def __init__(
        self,
        form: Form,
        head: ImportHead,
        *,
        partial: bool = False,
        chunk_rows: int = CHUNK_ROWS,
        most_problems: int = MOST_PROBLEMS,
    ) -> None:
        """Prepare to read rows of a form; `partial` leaves bad rows out.

        Of bad rows the first `most_problems` are described, all are counted.

        Raises ValueError for chunks of no rows or more than `MOST_CHUNK_ROWS`.
        """
        if not 1 <= chunk_rows <= MOST_CHUNK_ROWS:
            raise ValueError(f"chunk_rows: {chunk_rows} seen, 1 to {MOST_CHUNK_ROWS} allowed")
        self._form = form
        self._head = head
        self._partial = partial
        self._chunk_rows = chunk_rows
        self._most_problems = most_problems
        self._hasher = sha256()
        self._chunk = _Chunk()
        self._chunks = 0
        self._facts = 0
        self._broken = False
        """Whether the file as a whole can't be read, so that not even a part is taken."""
        self._guards = False
        """Whether a cell may have a guard against formulas before it."""
        self._starts: dict[str, float] = {"": head.at}
        self._ends: dict[str, float] = {"": NEVER}
        self._kinds: dict[tuple[str, ...], tuple[str, ...]] = {}
        self.problems: list[RowProblem] = []
        self.refused = 0
        """Bad rows."""
        self.rows = 0
        """Good rows."""

    def events(self, lines: Iterable[str]) -> Iterator[ImportEvent]:
        """Read all lines and give the import's events, the first and the last included."""
        head = self._head
        yield ImportOpened(
            head.at, head.import_id, self._form.registry, head.who, head.why, head.source
        )
        rows = csv.reader(self._noted(lines))
        for row in self._whole(rows):
            places = self._heading(row)
            if places is not None:
                yield from self._chunks_of(rows, places)
            break
        else:
            self._refuse(1, "", "no line", "a heading with the names of the columns", broken=True)
        yield self._end()

    def _noted(self, lines: Iterable[str]) -> Iterator[str]:
        """Hand the lines on and note the first apostrophe: without one no cell is guarded."""
        remaining = iter(lines)
        for line in remaining:
            self._guards = MARK in line
            yield line
            if self._guards:
                yield from remaining

    def _end(self) -> ImportEvent:
        head = self._head
        if self.failed:
            more = f" ({self.refused} bad rows in all)" if self.refused > 1 else ""
            return ImportAborted(head.at, head.import_id, f"{self.problems[0]}{more}")
        return ImportClosed(
            head.at, head.import_id, self._facts, self._chunks, self._hasher.hexdigest(),
            self.refused,
        )  # fmt: skip

    @property
    def failed(self) -> bool:
        """Say whether nothing of it can be taken."""
        return self._broken or (self.refused > 0 and not self._partial)

    def _heading(self, row: list[str]) -> _Places | None:
        names = [cell.strip().removeprefix("\ufeff") for cell in row]
        known = ", ".join(self._form.columns)
        needed = ("number", "prefix") if self._form.prefixes else ("number",)
        for index, name in enumerate(names):
            if name not in self._form.columns or name in names[:index]:
                self._refuse(1, "", name, f"the columns {known}, each once", broken=True)
        if not self._broken and not set(needed) & set(names):
            self._refuse(1, "", ", ".join(names), f"a column {' or '.join(needed)}", broken=True)
        return None if self._broken else _Places.of(names, self._form)

    def _whole(self, rows: Iterator[list[str]]) -> Iterator[list[str]]:
        """Give the rows up to one that breaks the file."""
        try:
            yield from rows
        except csv.Error as error:
            line = getattr(rows, "line_num", 0)
            allowed = "rows of CSV; is there a quote without its end?"
            self._refuse(line, "", str(error), allowed, broken=True)

    def _chunks_of(self, rows: Iterator[list[str]], places: _Places) -> Iterator[ImportRows]:
        for row in self._whole(rows):
            if not row:
                continue
            if self._guards:
                row = [unguarded(cell) for cell in row]  # noqa: PLW2901 - the row as it was meant
            try:
                self._take(row, places)
            except CellError as error:
                line = getattr(rows, "line_num", 0)
                self._refuse(line, error.column, error.seen, error.allowed)
                continue
            self.rows += 1
            if len(self._chunk.numbers) >= self._chunk_rows:
                yield from self._flush()
        yield from self._flush()

    def _flush(self) -> Iterator[ImportRows]:
        chunk, self._chunk = self._chunk, _Chunk()
        if self.failed or not chunk.numbers:
            return
        event = chunk.event(self._head, self._chunks)
        digest(self._hasher, event)
        self._chunks += 1
        self._facts += len(chunk.numbers)
        yield event

    def _take(self, row: list[str], places: _Places) -> None:
        """Put one row into the chunk.

        Raises CellError.
        """
        if len(row) != places.width:
            row = self._fitted(row, places.width)
        row.append("")
        number = row[places.number]
        if (
            len(number) == MSISDN_DIGITS
            and number[0] == "1"
            and number.isascii()
            and number.isdigit()
            and not row[places.prefix]
        ):
            value = int(number)
        else:
            value = self._form.entry(number.strip(), row[places.prefix].strip())
        cells = places.kind(row)
        kind = self._kinds.get(cells)
        if kind is None:
            kind = self._kind(cells)
        text = row[places.text]
        if len(text) > MOST_CHARACTERS:
            seen = f"{text[:20]}… ({len(text)} characters)"
            raise CellError(self._form.text, seen, f"at most {MOST_CHARACTERS} characters")
        since = self._starts.get(row[places.since])
        if since is None:
            since = self._start(row[places.since], self._form.since)
        until = self._ends.get(row[places.until])
        if until is None:
            until = self._until(row[places.until])
        if until <= since:
            raise CellError(
                self._form.until, row[places.until], f"a moment after {moment_text(since)}"
            )
        if row[places.ends]:
            self._put_ended(value, kind, row, places)
        else:
            self._chunk.put(value, kind, since, until, text)

    def _put_ended(
        self, value: int, kind: tuple[str, ...], row: list[str], places: _Places
    ) -> None:
        """Put a row that has an end as a fact of its own: what it says first, where it does."""
        form = self._form
        assert form.ending is not None
        ended = self._start(row[places.ends], form.ends)
        if row[places.since].strip():
            since = self._start(row[places.since], form.since)
            if ended < since:
                allowed = f"a moment not before {moment_text(since)}"
                raise CellError(form.ends, row[places.ends], allowed)
            until = self._until(row[places.until])
            self._chunk.put(value, kind, since, until, row[places.text])
        self._chunk.put(value, form.ending(kind), ended, NEVER, "")

    def _kind(self, cells: tuple[str, ...]) -> tuple[str, ...]:
        if len(self._kinds) >= _MOST_REMEMBERED:
            self._kinds.clear()
        stripped = tuple(cell.strip() for cell in cells[:-1])
        kind = self._kinds[cells] = self._form.kind(stripped)
        return kind

    def _start(self, cell: str, column: str) -> float:
        """Give the moment of a cell that says since when."""
        known = self._starts.get(cell)
        if known is not None:
            return known
        moment = _moment(cell, column, parse_instant) if cell.strip() else self._head.at
        if self._form.past and moment > self._head.at:
            allowed = f"a moment up to that of the import, {moment_text(self._head.at)}"
            raise CellError(column, cell, allowed)
        return _remember(self._starts, cell, moment)

    def _until(self, cell: str) -> float:
        """Give the moment of a cell that says until when."""
        known = self._ends.get(cell)
        if known is not None:
            return known
        moment = _moment(cell, self._form.until, parse_end) if cell.strip() else NEVER
        return _remember(self._ends, cell, moment)

    @staticmethod
    def _fitted(row: list[str], width: int) -> list[str]:
        if len(row) > width:
            raise CellError("", f"{len(row)} cells", f"{width} as in the heading")
        return row + [""] * (width - len(row))

    def _refuse(
        self, line: int, column: str, seen: str, allowed: str, *, broken: bool = False
    ) -> None:
        self.refused += 1
        self._broken = self._broken or broken
        if len(self.problems) < self._most_problems:
            self.problems.append(RowProblem(line, column, seen, allowed))


def _moment(cell: str, column: str, parse: Callable[[object], datetime]) -> float:
    try:
        moment = parse(cell.strip()).timestamp()
    except (ValueError, OverflowError):
        moment = -1.0
    if not 0.0 <= moment < _LAST_MOMENT:
        allowed = "a date (2026-11-30) or a time (2026-11-30T08:00:00+08:00), from 1970 to 9998"
        raise CellError(column, cell, allowed)
    return moment


def _remember(known: dict[str, float], cell: str, moment: float) -> float:
    if len(known) >= _MOST_REMEMBERED:
        nothing = known[""]
        known.clear()
        known[""] = nothing
    known[cell] = moment
    return moment


class _Echo:
    """Give the writer's text back."""

    def write(self, text: str) -> str:
        return text


def csv_lines(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """Write a heading and rows, each with its line break; the reader takes them back.

    No cell of them is taken for a formula where a person opens the file.
    """
    # With this end of line a carriage return in a cell is put into quotes too.
    writer = csv.writer(_Echo(), lineterminator="\r\n")
    for row in chain((columns,), rows):
        yield str(writer.writerow(map(guarded, row))).removesuffix("\r\n") + "\n"
