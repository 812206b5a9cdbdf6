"""Take the records behind a figure out of a data directory, for another machine to check."""

from __future__ import annotations

import sqlite3
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from gateway.evidence import Question, export
from metrics.breaches.periods import start_of

from .exits import CommandError, Exit
from .output import write_fields

Class = Literal["ok", "carrier", "exempt", "ported", "party_a", "pending", "refused"]


def evidence(
    *,
    data: Annotated[Path, Parameter(help="Data directory.")] = Path("smsgw-data"),
    account: Annotated[str, Parameter(help="Whose messages.")],
    first: Annotated[date, Parameter(name="--from", help="First day of the delivery's beginning.")],
    last: Annotated[date, Parameter(name="--to", help="Last day, counted in.")],
    result: Annotated[Class, Parameter(name="--class", help="What became of them.")],
    out: Annotated[Path, Parameter(help="File to write; a new one.")],
    records_only: Annotated[
        bool, Parameter(help="Only the batches with a record, not the chain between.")
    ] = False,
) -> int:
    """Write the records behind a figure; the file has numbers and texts unmasked."""
    if not data.is_dir():
        raise CommandError(Exit.ENVIRONMENT, f"{data}: not a directory; --data names another")
    if last < first:
        raise CommandError(Exit.USAGE, f"--to {last} is before --from {first}")
    until = start_of(last + timedelta(days=1))
    question = Question(account, result, round(start_of(first) * 1000), round(until * 1000))
    try:
        with out.open("x", encoding="utf-8") as file:
            out.chmod(0o600)
            found = export(data, question, file, records_only=records_only)
    except (OSError, sqlite3.Error) as error:
        raise CommandError(Exit.ENVIRONMENT, str(error)) from error
    write_fields({"messages": found.messages, "segments": found.segments, "file": str(out)})
    return Exit.OK
