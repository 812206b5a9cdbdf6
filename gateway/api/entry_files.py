"""Read entries out of CSV, one a row, with the fields of a request's body as columns.

As with the registries of numbers, every bad row is named with line and column, and one is enough
for nothing to be taken, unless the caller wants the good ones alone. A cell may have a guard
against formulas before it (routing.formula_guard).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any, Final, Generic, NamedTuple, TypeVar

from pydantic import ValidationError
from starlette.responses import Response

from gateway.api.ports import JsonObject, RefusedError
from gateway.api.problems import problem
from gateway.api.registry_files import MEDIA_TYPE, MOST_BAD_ROWS
from gateway.api.route import Call
from routing.formula_guard import unguarded
from routing.registry_csv import RowProblem

from .bodies import Asked

MOST_ROWS: Final = 10_000
"""Entries of one file: they are recorded in one go."""
_SHOWN: Final = 60

BodyT = TypeVar("BodyT", bound=Asked)


class Row(NamedTuple, Generic[BodyT]):
    """Be one good row."""

    line: int
    body: BodyT


class EntryFile(Generic[BodyT]):
    """Read one file; `refuse` is for what else is wrong with a row."""

    def __init__(self, shape: type[BodyT], listed: frozenset[str] = frozenset()) -> None:
        """`shape` names the columns; cells of `listed` ones hold several words."""
        self._shape = shape
        self._listed = listed
        self._columns = {
            field.alias or name: field.is_required() for name, field in shape.model_fields.items()
        }
        self.problems: list[RowProblem] = []
        self._bad: set[int] = set()

    @property
    def refused(self) -> int:
        """Count the bad rows."""
        return len(self._bad)

    def refuse(self, line: int, column: str, seen: str, allowed: str) -> None:
        """Say what is wrong with a row."""
        self._bad.add(line)
        if len(self.problems) < MOST_BAD_ROWS:
            self.problems.append(RowProblem(line, column, seen[:_SHOWN], allowed))

    def refuse_for(self, line: int, error: Exception) -> None:
        """Take what refuses an entry for what is wrong with its row."""
        words = error.detail if isinstance(error, RefusedError) else str(error)
        column, _, rest = words.removeprefix("body ").partition(": ")
        if column in self._columns:
            seen, _, allowed = rest.partition(" seen, ")
            self.refuse(line, column, seen if allowed else "", allowed or rest)
        else:
            self.refuse(line, "", "", words)

    def read(self, text: str) -> list[Row[BodyT]]:
        """Give the good rows.

        Raises RefusedError (422) for a file that is none of these at all, or is too long.
        """
        rows = csv.reader(io.StringIO(text, newline=""), strict=True)
        found: list[Row[BodyT]] = []
        try:
            heading = self._heading(next(rows, []))
            for count, (line, cells) in enumerate(_filled(rows), 1):
                if count > MOST_ROWS:
                    raise RefusedError(422, f"more than {MOST_ROWS} rows, that many are allowed")
                body = self._body(line, heading, cells)
                if body is not None:
                    found.append(Row(line, body))
        except csv.Error as error:
            where = f"line {rows.line_num}: {error}"
            raise RefusedError(422, f"{where}; is there a quote without its end?") from error
        return found

    def _heading(self, cells: list[str]) -> list[str]:
        names = [cell.strip().removeprefix("\ufeff") for cell in cells]
        known = ", ".join(self._columns)
        for index, name in enumerate(names):
            if name not in self._columns or name in names[:index]:
                raise RefusedError(
                    422, f"line 1: column {name[:_SHOWN]!r} seen, {known}, each once, allowed"
                )
        missing = [name for name, needed in self._columns.items() if needed and name not in names]
        if missing:
            raise RefusedError(422, f"line 1: no column {', '.join(missing)}; allowed are {known}")
        return names

    def _body(self, line: int, heading: list[str], cells: list[str]) -> BodyT | None:
        if len(cells) > len(heading):
            self.refuse(line, "", f"{len(cells)} cells", f"{len(heading)} as in the heading")
            return None
        given: dict[str, Any] = {}
        for name, cell in zip(heading, cells, strict=False):
            value = unguarded(cell)
            if value.strip():
                given[name] = value.split() if name in self._listed else value
        try:
            return self._shape.model_validate(given)
        except ValidationError as error:
            for fault in error.errors(include_url=False):
                column = str(fault["loc"][0]) if fault["loc"] else ""
                seen = given.get(column, "")
                shown = " ".join(seen) if isinstance(seen, list) else str(seen)
                self.refuse(line, column, shown, fault["msg"])
            return None


def _filled(rows: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Give the rows with something in them, each with its line."""
    for cells in rows:
        if any(cell.strip() for cell in cells):
            yield getattr(rows, "line_num", 0), cells


def bad_file(call: Call[Any, Any], file: EntryFile[Any]) -> Response:
    """Refuse a file for its bad rows: nothing of it was taken."""
    first = min(file.problems, key=lambda one: one.line)
    more = f"; {file.refused} bad rows in all" if file.refused > 1 else ""
    members: JsonObject = {"refused": file.refused, "bad_rows": shown_problems(file)}
    detail = f"{first}{more}; nothing was imported"
    return problem(422, detail, instance=call.request.url.path, more=members)


def shown_problems(file: EntryFile[Any]) -> list[Mapping[str, object]]:
    """Give the bad rows as JSON, by line."""
    return [asdict(one) for one in sorted(file.problems, key=lambda one: one.line)]


__all__ = ["MEDIA_TYPE", "MOST_ROWS", "EntryFile", "Row", "bad_file", "shown_problems"]
