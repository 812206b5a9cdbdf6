"""Count a data directory in independent ways, and compare party A's list with ours."""

from __future__ import annotations

import csv
import sqlite3
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Final

import msgspec
from cyclopts import Parameter

from gateway.reconciling import (
    Comparison,
    Reconciliation,
    Theirs,
    TheirsError,
    compare,
    reconcile,
)
from metrics.breaches.periods import start_of
from routing.formula_guard import guarded

from .exits import CommandError, Exit
from .output import write_fields, write_json, write_table

DEFAULT_DATA: Final = Path("smsgw-data")
_LINES: Final = 20
"""Lines shown of a long list on a terminal; `--json` and `--out` have more."""


def reconciliation(
    *,
    data: Annotated[Path, Parameter(help="Data directory.")] = DEFAULT_DATA,
    theirs: Annotated[
        Path | None, Parameter(help="Party A's list, CSV: message_id, status, segments.")
    ] = None,
    first: Annotated[
        date | None, Parameter(name="--from", help="First day that the list is of.")
    ] = None,
    last: Annotated[date | None, Parameter(name="--to", help="Last day, counted in.")] = None,
    out: Annotated[Path | None, Parameter(help="CSV file for the messages that differ.")] = None,
    json: Annotated[bool, Parameter(help="Print JSON.")] = False,
) -> int:
    """Compare journal, archive and index, or party A's list with ours; exit code 1 on any."""
    if not data.is_dir():
        raise CommandError(Exit.ENVIRONMENT, f"{data}: not a directory; --data names another")
    if theirs is None and (first or last or out):
        raise CommandError(Exit.USAGE, "--from, --to and --out go with --theirs")
    try:
        if theirs is None:
            return _counted(reconcile(data), json=json)
        if first is None or last is None or last < first:
            raise CommandError(Exit.USAGE, "--theirs: needs --from and --to, the days it is of")
        until = start_of(last + timedelta(days=1))
        found = compare(data, theirs, round(start_of(first) * 1000), round(until * 1000))
        return _compared(found, out, json=json)
    except TheirsError as error:
        raise CommandError(Exit.USAGE, f"{theirs}: {error}") from error
    except (OSError, sqlite3.Error, msgspec.MsgspecError) as error:
        raise CommandError(Exit.ENVIRONMENT, f"{data}: {error}") from error


def _counted(found: Reconciliation, *, json: bool) -> int:
    rows = [{**one.key._asdict(), "figure": one.figure, **one.counts} for one in found.found]
    shown = {
        "months": list(found.months), "left_out": list(found.left_out), "events": found.events,
        "difference": found.difference, "differences": rows,
    }  # fmt: skip
    if json:
        write_json(shown)
    else:
        write_fields({
            "months": ", ".join(found.months) or "none",
            "left out": ", ".join(found.left_out) or "none",
            "events": found.events,
            "difference": found.difference,
        })  # fmt: skip
        if rows:
            write_table(rows[:_LINES], tuple(rows[0]))
    return Exit.FAILED if found.difference else Exit.OK


def _compared(found: Comparison, out: Path | None, *, json: bool) -> int:
    named = [one._asdict() for one in found.named]
    fields = {
        "matched": found.matched, **found.differing,
        "delivered_segments_ours": found.segments_ours,
        "delivered_segments_theirs": found.segments_theirs,
    }  # fmt: skip
    if out is not None:
        with out.open("w", newline="", encoding="utf-8-sig") as file:
            writer = csv.writer(file)
            writer.writerow(Theirs._fields)
            writer.writerows([guarded(str(cell or "")) for cell in one] for one in found.named)
    if json:
        write_json({**fields, "messages": named})
    else:
        write_fields(fields)
        if named:
            write_table(named[:_LINES], Theirs._fields)
    return Exit.OK if found.ok else Exit.FAILED
