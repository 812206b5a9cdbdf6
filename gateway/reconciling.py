"""Count a data directory in independent ways and compare it with party A's own list.

Everything is read as of one moment, that of the archive's last transaction, so a gateway may go on
beside it. Memory is what is under way; party A's list lies in a temporary database.
"""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from config.term import add_months
from gateway.archive.database import progress_of, reading_archive
from gateway.archive.figures import stored
from gateway.journal.files import journal_files, month_in
from gateway.journal.reader import SqliteJournalReader
from metrics.breaches.periods import day_of, start_of
from metrics.reconciliation import (
    Difference,
    Figures,
    JournalCount,
    Key,
    Table,
    apart,
    differences,
    ledger_table,
    month_name,
)

LARGEST_FIELD: Final = 200
MOST: Final = 1000
"""Most messages that a comparison names; all are counted."""

_MONTH: Final = "strftime('%Y-%m', begun_ms / 1000 + 28800, 'unixepoch')"
_WELL: Final = "(accepted = 1 AND (liability = 'ok' OR direction = 'mo' AND state = 2))"
_COUNTED: Final = " ".join((
    "SELECT", _MONTH, ", account, CASE direction WHEN 'mo' THEN 'ordinary' ELSE service END AS s,",
    "direction, sum(accepted = 0), sum(accepted = 1 AND final_ms IS NOT NULL),",
    f"sum({_WELL}), sum({_WELL} * segments), sum(final_ms IS NULL)",
    "FROM messages WHERE account <> '' AND submitted_ms >= ? GROUP BY 1, 2, 3, 4",
))  # fmt: skip
_SCHEDULED_MS: Final = 15 * 86_400_000
"""How long before it begins a message may be submitted, and some more."""
_STATES: Final = {
    "delivered": 2, "delivrd": 2, "2": 2,
    "failed": 5, "undeliv": 5, "5": 5, "expired": 5, "3": 5, "deleted": 5, "4": 5,
    "rejected": 5, "rejectd": 5, "8": 5, "unknown": 5, "7": 5,
    "pending": 1, "enroute": 1, "acceptd": 1, "accepted": 1, "1": 1, "6": 1,
}  # fmt: skip
"""Word or message_state of party A's list → delivered (2), failed (5) or pending (1)."""
_HEX_DIGITS: Final = 16
_THEIRS: Final = """
CREATE TEMP TABLE theirs (
  id INTEGER, wire_id TEXT NOT NULL, line INTEGER NOT NULL, state INTEGER NOT NULL,
  segments INTEGER, found INTEGER);
CREATE INDEX temp.theirs_found ON theirs (found);
"""


@dataclass(slots=True, frozen=True)
class Reconciliation:
    """Say what was compared; `left_out` are months of which not every message is there."""

    months: tuple[str, ...]
    left_out: tuple[str, ...]
    events: int
    found: tuple[Difference, ...]

    @property
    def difference(self) -> int:
        """Give how far the ways lie apart in all: 0 where they agree."""
        return apart(self.found)


class Theirs(NamedTuple):
    """Be one message on which the two lists differ; what one lacks is None."""

    kind: str
    """only_ours, only_theirs, state or segments."""
    message: str
    line: int | None
    ours: str | None
    theirs: str | None


@dataclass(slots=True, frozen=True)
class Comparison:
    """Say how party A's list and ours agree; `named` are the first messages that don't."""

    matched: int
    differing: dict[str, int]
    """Messages by kind."""
    segments_ours: int
    """Delivered segments by our list, of the days compared."""
    segments_theirs: int
    named: tuple[Theirs, ...]

    @property
    def ok(self) -> bool:
        """Say whether nothing differs."""
        return not any(self.differing.values())


class TheirsError(ValueError):
    """Say in which line and column of party A's list something is wrong."""


def reconcile(data_dir: Path) -> Reconciliation:
    """Count journal, archive and index of a data directory.

    Raises sqlite3.Error, and msgspec.DecodeError for a journal that can't be read.
    """
    journal = SqliteJournalReader(data_dir)
    first = _first_whole(data_dir, journal)
    with reading_archive(data_dir) as archive:
        archive.execute("BEGIN")
        progress = progress_of(archive)
        upto = 0 if progress is None else progress.sequence
        counted = _archive_table(archive, 0)
        sequence, ledger = stored(archive, journal, lambda _state, _error: "party_a")
    count, events = JournalCount(), 0
    for number, _, batch in journal.read(0):
        if number > upto:
            break
        events += len(batch)
        for event in batch:
            count.apply(event)
            if number > sequence:
                ledger.apply(event)
    tables = {"journal": count.finished(), "archive": counted, "index": ledger_table(ledger)}
    months = sorted({key.month for table in tables.values() for key in table})
    return Reconciliation(
        tuple(month for month in months if month >= first),
        tuple(month for month in months if month < first),
        events,
        tuple(differences(tables, first)),
    )


def recent_difference(data_dir: Path, at: float) -> int:
    """Compare archive and index of this month and the last, as of `at` (UTC seconds).

    It is cheap enough to be asked now and then by a running gateway. Raises sqlite3.Error.
    """
    first = add_months(day_of(at).replace(day=1), -1)
    journal = SqliteJournalReader(data_dir)
    with reading_archive(data_dir) as archive:
        archive.execute("BEGIN")
        progress = progress_of(archive)
        upto = 0 if progress is None else progress.sequence
        counted = _archive_table(archive, round(start_of(first) * 1000) - _SCHEDULED_MS)
        sequence, ledger = stored(archive, journal, lambda _state, _error: "party_a")
    for number, _, batch in journal.read(sequence):
        if number > upto:
            break
        for event in batch:
            ledger.apply(event)
    since = max(month_name(first), _first_whole(data_dir, journal))
    return apart(differences({"archive": counted, "index": ledger_table(ledger)}, since))


def _archive_table(archive: sqlite3.Connection, since_ms: int) -> Table:
    rows = archive.execute(_COUNTED, (since_ms,))
    return {Key(*row[:4]): Figures(*row[4:]) for row in rows}


def compare(data_dir: Path, file: Path, first_ms: int, until_ms: int) -> Comparison:
    """Compare party A's list with the downlink messages submitted from a time to before another.

    Raises TheirsError for a list that can't be read, sqlite3.Error for the archive.
    """
    with reading_archive(data_dir) as archive, file.open(newline="", encoding="utf-8-sig") as text:
        archive.executescript(_THEIRS)
        try:
            archive.executemany(
                "INSERT INTO theirs VALUES (?, ?, ?, ?, ?, NULL)", _rows(csv.reader(text))
            )
        except UnicodeDecodeError as error:
            raise TheirsError(f"{file.name}: not UTF-8 at octet {error.start}") from error
        except csv.Error as error:
            raise TheirsError(f"{file.name}: {error}") from error
        return _compared(archive, first_ms, until_ms)


def _first_whole(data_dir: Path, journal: SqliteJournalReader) -> str:
    """Name the first month whose messages are all in the journal, "" for every month.

    A message may be scheduled in a month that is gone for the first one that is there.
    """
    if not journal.begins_after():
        return ""
    months = [month_in(path) for path in journal_files(data_dir)]
    return months[1] if len(months) > 1 else "9999-12"


def _rows(lines: Iterator[list[str]]) -> Iterator[tuple[int | None, str, int, int, int | None]]:
    """Read message_id, status and segments of each line, in whatever order they come."""
    heading = [name.strip().lower() for name in next(lines, [])]
    missing = [name for name in ("message_id", "status") if name not in heading]
    if missing:
        raise TheirsError(
            f"line 1: column {missing[0]} is missing; seen {', '.join(heading) or 'nothing'}, "
            "allowed message_id, status, segments"
        )
    places = {name: heading.index(name) for name in heading}
    for number, cells in enumerate(lines, 2):
        if not any(cells):
            continue
        if len(cells) != len(heading):
            raise TheirsError(f"line {number}: {len(cells)} columns, {len(heading)} expected")
        yield _row(number, {name: cells[place].strip() for name, place in places.items()})


def _row(number: int, cells: dict[str, str]) -> tuple[int | None, str, int, int, int | None]:
    text, status = cells["message_id"][:LARGEST_FIELD], cells["status"][:LARGEST_FIELD]
    state = _STATES.get(status.lower())
    if not text:
        raise TheirsError(f"line {number}, column message_id: empty, an id is needed")
    if state is None:
        raise TheirsError(
            f"line {number}, column status: {status!r}, allowed are {', '.join(_STATES)}"
        )
    segments = cells.get("segments", "")
    if segments and not (segments.isascii() and segments.isdigit() and int(segments)):
        raise TheirsError(f"line {number}, column segments: {segments!r}, a number from 1 on")
    return _id_of(text), text, number, state, int(segments) if segments else None


def _id_of(text: str) -> int | None:
    """Read an id in decimal, or in the 16 hexadecimal digits of a receipt; None for a short one."""
    try:
        found = int(text, 16) if len(text) == _HEX_DIGITS else int(text)
    except ValueError:
        return None
    return found if 0 < found < 1 << 63 else None


def _compared(archive: sqlite3.Connection, first_ms: int, until_ms: int) -> Comparison:
    days = (first_ms, until_ms)
    archive.execute(
        "UPDATE theirs SET found = coalesce("
        "(SELECT m.id FROM messages AS m WHERE m.id = theirs.id AND m.direction = 'mt'), "
        "(SELECT m.id FROM messages AS m WHERE m.wire_id = theirs.wire_id AND m.wire_id <> ''))"
    )
    named: list[Theirs] = []
    differing = {}
    for kind, (sql, values) in {
        "only_theirs": (
            "SELECT wire_id, line, NULL, state FROM theirs WHERE found IS NULL", ()),
        "only_ours": (
            "SELECT m.id, NULL, CASE WHEN m.state = 2 THEN 2 WHEN m.state < 2 THEN 1 ELSE 5 END, "
            "NULL FROM messages AS m WHERE direction = 'mt' AND accepted = 1 "
            "AND submitted_ms >= ? AND submitted_ms < ? "
            "AND id NOT IN (SELECT found FROM theirs WHERE found IS NOT NULL) ORDER BY id", days),
        "state": (
            "SELECT m.id, t.line, CASE WHEN m.state = 2 THEN 2 WHEN m.state < 2 THEN 1 ELSE 5 END "
            "AS ours, t.state FROM theirs AS t JOIN messages AS m ON m.id = t.found "
            "WHERE ours <> t.state ORDER BY t.line", ()),
        "segments": (
            "SELECT m.id, t.line, m.segments, t.segments FROM theirs AS t "
            "JOIN messages AS m ON m.id = t.found "
            "WHERE t.segments IS NOT NULL AND t.segments <> m.segments ORDER BY t.line", ()),
    }.items():  # fmt: skip
        count = 0
        for row in archive.execute(sql, values):
            count += 1
            if len(named) < MOST:
                named.append(_named(kind, row))
        differing[kind] = count
    [(matched,)] = archive.execute("SELECT count(*) FROM theirs WHERE found IS NOT NULL")
    [(ours,)] = archive.execute(
        "SELECT coalesce(sum(segments), 0) FROM messages WHERE direction = 'mt' AND state = 2 "
        "AND submitted_ms >= ? AND submitted_ms < ?", days,
    )  # fmt: skip
    [(theirs,)] = archive.execute(
        "SELECT coalesce(sum(coalesce(t.segments, m.segments, 1)), 0) FROM theirs AS t "
        "LEFT JOIN messages AS m ON m.id = t.found WHERE t.state = 2"
    )
    return Comparison(matched, differing, ours, theirs, tuple(named))


_WORDS: Final = {1: "pending", 2: "delivered", 5: "failed"}


def _named(kind: str, row: Iterable[object]) -> Theirs:
    message, line, ours, theirs = row
    numbers = kind == "segments"
    return Theirs(
        kind,
        str(message),
        line if isinstance(line, int) else None,
        _word(ours, numbers=numbers),
        _word(theirs, numbers=numbers),
    )


def _word(value: object, *, numbers: bool) -> str | None:
    if not isinstance(value, int):
        return None
    return str(value) if numbers else _WORDS[value]
