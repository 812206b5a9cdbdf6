"""Keep what was said about numbers and when, as the registries of numbers need it.

A registry is a growing list of rows. A row says one thing (its terms, such as "withdrew the
consent to reminders") about one number, from a moment (`since`) until another, both UTC seconds
since the epoch, with a text of its own. Rows are never changed, so what held at any past moment
can still be asked. One rule answers every question:

    Of the rows that concern the question and are valid at the moment, the one that begins last
    decides; of those that begin together, the one recorded last.

Two million rows have to fit, so a row is an element in each of some flat arrays, and terms, of
which there are few, are kept once. Rows of a number are linked, the newest first, in two chains.
The full one is for history. The live one is for verdicts and leaves out every row that a later
one covers: it has the same or a narrower question, began no later, ends no later. So a
user who refuses and comes back ten thousand times has a live chain of two or three.

Rows of an import lie behind a gate until the import is closed, and count from then on.

The table of numbers leads to the newest row. Where that row is the only one that can decide, and
holds from before it was recorded and without end, the value carries its terms as well, above the
row: then a verdict need not look at the row at all, which in two million rows costs a microsecond
of waiting for memory.

A live question about a moment before the last change is answered as of that change. Whatever the
clock does, a change is in force for the next verdict.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from .number_table import NumberTable

NEVER: Final = float("inf")
"""End of a row without one."""

_RECENT_TEXTS: Final = 4096
_ROW_BITS: Final = 32
_ROW: Final = (1 << _ROW_BITS) - 1
_MOST_PLAIN: Final = (1 << 15) - 2
"""Highest index of terms that finds room above a row in a value of the table."""

TermsT = TypeVar("TermsT", bound=Hashable)


class Gate:
    """Say whether the rows of one import are in force, and from which moment."""

    __slots__ = ("at", "import_id", "in_force")

    def __init__(self, import_id: int) -> None:
        self.import_id = import_id
        self.in_force = False
        self.at = NEVER

    def open(self, at: float) -> None:
        """Put the rows in force."""
        self.in_force = True
        self.at = at


@dataclass(slots=True, frozen=True)
class Row(Generic[TermsT]):
    """Give one row as it is shown; times are UTC seconds since the epoch."""

    number: int
    terms: TermsT
    since: float
    until: float
    recorded_at: float
    """When it took effect here: the time of its event, or of its import's end."""
    text: str
    import_id: int
    """0 for a single change."""


@dataclass(slots=True, frozen=True)
class Columns(Generic[TermsT]):
    """Hold rows of an import by column, each as long as `numbers`."""

    numbers: array[int]
    since: array[float]
    until: array[float]
    terms: tuple[TermsT, ...]
    """The distinct ones."""
    picks: Sequence[int]
    """Index of each row's terms."""
    texts: Iterable[str]


class TextPool:
    """Keep texts as octets, one of many equal and near ones once; text 0 is ""."""

    __slots__ = ("_ends", "_octets", "_recent")

    def __init__(self) -> None:
        self._octets = bytearray()
        self._ends = array("Q", [0])
        self._recent: dict[str, int] = {"": 0}

    def put(self, text: str) -> int:
        """Keep a text and give its number."""
        known = self._recent.get(text)
        if known is not None:
            return known
        if len(self._recent) >= _RECENT_TEXTS:
            self._recent = {"": 0}
        self._octets += text.encode()
        self._ends.append(len(self._octets))
        index = len(self._ends) - 1
        self._recent[text] = index
        return index

    def get(self, index: int) -> str:
        """Give the text of a number."""
        return self._octets[self._ends[index - 1] : self._ends[index]].decode() if index else ""

    @property
    def octets(self) -> int:
        """Give the memory that the texts take, about."""
        return len(self._octets) + 8 * len(self._ends)


class NumberHistory(Generic[TermsT]):
    """Hold the rows of one registry (see the module's essay); row 0 stands for none."""

    __slots__ = (
        "_covers", "_gates", "_known", "_live", "_older", "_picked", "_recorded", "_since",
        "_single", "_table", "_terms", "_text", "_texts", "_until", "latest",
    )  # fmt: skip

    def __init__(self, covers: Callable[[TermsT, TermsT], bool]) -> None:
        """Start empty.

        `covers(new, old)` says whether every question that the old terms concern is one that the
        new terms concern as well.
        """
        self._covers = covers
        self._single = Gate(0)
        self._single.open(float("-inf"))
        self._table = NumberTable()
        self._older = array("I", [0])
        self._live = array("I", [0])
        self._since = array("d", [0.0])
        self._until = array("d", [0.0])
        self._recorded = array("d", [0.0])
        self._picked = array("I", [0])
        self._text = array("I", [0])
        self._texts = TextPool()
        self._terms: list[TermsT] = []
        self._gates: list[Gate] = []
        self._known: dict[tuple[int, TermsT], int] = {}
        self.latest = float("-inf")
        """Time of the last change."""

    def __len__(self) -> int:
        """Give how many rows there are, those behind a gate included."""
        return len(self._since) - 1

    def add(
        self,
        number: int,
        terms: TermsT,
        *,
        since: float,
        recorded_at: float,
        until: float = NEVER,
        text: str = "",
    ) -> None:
        """Add one row, in force at once."""
        row = len(self._since)
        self._since.append(since)
        self._until.append(until)
        self._recorded.append(recorded_at)
        self._picked.append(self._pick(terms, self._single))
        self._text.append(self._texts.put(text))
        before = self._table.swap(number, row) & _ROW
        self._older.append(before)
        self._live.append(before)
        self.latest = max(self.latest, recorded_at)
        if since <= recorded_at:
            self._leave_out_covered(row)
        if not self._live[row]:
            self._table.swap(number, self._plain(row, recorded_at) | row)

    def add_rows(self, rows: Columns[TermsT], gate: Gate, at: float) -> None:
        """Add rows that are in force from the moment their gate opens."""
        first = len(self._since)
        count = len(rows.numbers)
        picked = [self._pick(terms, gate) for terms in rows.terms]
        self._since.extend(rows.since)
        self._until.extend(rows.until)
        self._recorded.extend(array("d", [at]) * count)
        self._picked.extend(map(picked.__getitem__, rows.picks))
        self._text.extend(map(self._texts.put, rows.texts))
        swap = self._table.swap
        older = array("I")
        for row, number in enumerate(rows.numbers, first):
            plain = self._plain(row, at)
            before = swap(number, plain | row) & _ROW
            if before and plain:
                swap(number, row)
            older.append(before)
        self._older.extend(older)
        self._live.extend(older)

    def knows(self, number: int) -> bool:
        """Say whether any row speaks of a number, be it behind a gate."""
        return self._table.get(number) != 0

    def saw(self, at: float) -> None:
        """Take note of a change that opened a gate."""
        self.latest = max(self.latest, at)

    def said(self, number: int, concerns: Callable[[TermsT], bool], at: float) -> TermsT | None:
        """Give what the row that decides a question at this moment says, None without one."""
        value = self._table.get(number)
        plain = value >> _ROW_BITS
        if plain:
            terms = self._terms[plain - 1]
            return terms if self._gates[plain - 1].in_force and concerns(terms) else None
        if not value:
            return None
        row = self.deciding(number, concerns, at)
        return self._terms[self._picked[row]] if row else None

    def deciding(self, number: int, concerns: Callable[[TermsT], bool], at: float) -> int:
        """Give the row that decides a question at this moment, 0 where there is none."""
        row = self._table.get(number) & _ROW
        if not row:
            return 0
        at = max(at, self.latest)
        found = 0
        begins = 0.0
        while row:
            since = self._since[row]
            # Newer rows come first: of two that begin together the first one met stays.
            if since <= at < self._until[row] and (not found or since > begins):
                index = self._picked[row]
                if self._gates[index].in_force and concerns(self._terms[index]):
                    found, begins = row, since
            row = self._live[row]
        return found

    def deciding_then(
        self, number: int, concerns: Callable[[TermsT], bool], at: float, known_at: float = NEVER
    ) -> int:
        """Give the row that decides a question at a past moment, 0 where there is none.

        Only rows count that had been recorded by `known_at`.
        """
        found = 0
        for row in self._rows_of(number):
            if self._since[row] <= at < self._until[row] and self._recorded_at(row) <= known_at:
                later = not found or self._since[row] > self._since[found]
                if later and concerns(self._terms[self._picked[row]]):
                    found = row
        return found

    def terms(self, row: int) -> TermsT:
        """Give what a row says."""
        return self._terms[self._picked[row]]

    def since(self, row: int) -> float:
        """Give the moment a row begins."""
        return self._since[row]

    def text(self, row: int) -> str:
        """Give a row's text."""
        return self._texts.get(self._text[row])

    def live_terms(self, number: int) -> list[TermsT]:
        """Give what the rows say that can still decide about a number, the newest first."""
        row = self._table.get(number) & _ROW
        found: list[TermsT] = []
        while row:
            index = self._picked[row]
            if self._gates[index].in_force:
                found.append(self._terms[index])
            row = self._live[row]
        return found

    def rows(self, number: int) -> list[Row[TermsT]]:
        """Give all rows of a number that took effect, the one recorded first in front."""
        return [self.row(number, row) for row in self._rows_of(number)][::-1]

    def row(self, number: int, row: int) -> Row[TermsT]:
        """Give a row as it is shown."""
        index = self._picked[row]
        return Row(
            number=number,
            terms=self._terms[index],
            since=self._since[row],
            until=self._until[row],
            recorded_at=self._recorded_at(row),
            text=self.text(row),
            import_id=self._gates[index].import_id,
        )

    def numbers(self) -> Iterator[int]:
        """Give all numbers that rows speak of, in rising order."""
        return iter(self._table)

    @property
    def octets(self) -> int:
        """Give the memory that all of it takes, about."""
        columns = (
            self._older, self._live, self._since, self._until, self._recorded, self._picked,
            self._text,
        )  # fmt: skip
        flat = sum(len(column) * column.itemsize for column in columns)
        return flat + self._table.octets + self._texts.octets + 300 * len(self._terms)

    def _pick(self, terms: TermsT, gate: Gate) -> int:
        key = (gate.import_id, terms)
        index = self._known.get(key)
        if index is None:
            index = self._known[key] = len(self._terms)
            self._terms.append(terms)
            self._gates.append(gate)
        return index

    def _plain(self, row: int, recorded_at: float) -> int:
        """Give a row's terms as they stand above it in the table, 0 where it isn't plain."""
        index = self._picked[row]
        if index > _MOST_PLAIN or self._since[row] > recorded_at or self._until[row] != NEVER:
            return 0
        return (index + 1) << _ROW_BITS

    def _rows_of(self, number: int) -> Iterator[int]:
        row = self._table.get(number) & _ROW
        while row:
            if self._gates[self._picked[row]].in_force:
                yield row
            row = self._older[row]

    def _recorded_at(self, row: int) -> float:
        return max(self._recorded[row], self._gates[self._picked[row]].at)

    def _leave_out_covered(self, row: int) -> None:
        """Take the rows out of the live chain that can't decide any more, since this one does."""
        terms, since, until = self.terms(row), self._since[row], self._until[row]
        live = self._live
        kept, old = row, live[row]
        while old:
            if (
                self._since[old] <= since
                and self._until[old] <= until
                and self._covers(terms, self.terms(old))
            ):
                live[kept] = live[old]
            else:
                kept = old
            old = live[old]
