"""Check a data directory: the journal's hash chain, and that the archive agrees with it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final

from cyclopts import Parameter

from gateway.evidence import Evidence, verify_evidence
from gateway.verification import Report
from gateway.verification import verify as verify_directory

from .exits import CommandError, Exit
from .output import write_fields, write_json

DEFAULT_DATA: Final = Path("smsgw-data")


def verify(
    *,
    data: Annotated[Path, Parameter(help="Data directory.")] = DEFAULT_DATA,
    anchors: Annotated[
        Path | None, Parameter(help="Copy of the anchors kept elsewhere; the directory's own.")
    ] = None,
    evidence: Annotated[
        Path | None, Parameter(help="File of smsgw evidence to check instead.")
    ] = None,
    json: Annotated[bool, Parameter(help="Print the report as JSON.")] = False,
) -> int:
    """Check the journal's hash chain, and that the archive agrees with it."""
    if evidence is not None:
        return _evidence(evidence, anchors, json=json)
    if not data.is_dir():
        raise CommandError(Exit.ENVIRONMENT, f"{data}: not a directory; --data names another")
    if anchors is not None and not anchors.is_file():
        raise CommandError(Exit.ENVIRONMENT, f"{anchors}: not a file")
    try:
        report = verify_directory(data, anchors)
    except OSError as error:
        raise CommandError(Exit.ENVIRONMENT, f"{data}: {error.strerror}") from error
    if json:
        write_json({"ok": report.ok, **asdict(report)})
    else:
        _write(report)
    return Exit.OK if report.ok else Exit.FAILED


def _evidence(file: Path, anchors: Path | None, *, json: bool) -> int:
    try:
        found = verify_evidence(file, anchors)
    except OSError as error:
        raise CommandError(Exit.ENVIRONMENT, f"{file}: {error.strerror}") from error
    if json:
        write_json({"ok": found.ok, **asdict(found)})
    else:
        _write(found)
    return Exit.OK if found.ok else Exit.FAILED


def _write(report: Report | Evidence) -> None:
    fields = asdict(report)
    del fields["problems"]
    write_fields(fields)
    for problem in report.problems:
        print(problem)
    beyond = report.problem_count - len(report.problems)
    if beyond > 0:
        print(f"and {beyond} more")
    print("in order" if report.ok else f"{report.problem_count} problems")
