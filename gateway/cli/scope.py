"""Show the user scope, import a new one, and take the steps of its changes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from cyclopts import Parameter

from config.number_files import is_heading, read_number_file, read_number_text
from config.problems import ConfigError

from .exits import CommandError, Exit
from .output import write_fields, write_json, write_table
from .remote import THIS_MACHINE, Gateway, call, send_file

_VERSION_COLUMNS = ("version", "change", "effective_from")
_CHANGE_COLUMNS = ("change", "state", "version", "rows", "drafted_at", "effective_from", "who",
                   "why")  # fmt: skip
_PIECE: Final = 50_000
"""Lines of a file that go in one request."""
_COMPLETE_S: Final = 120.0

Why = Annotated[str, Parameter(name="--why", help="Why; it is journalled with who did it.")]
Json = Annotated[bool, Parameter(name="--json", help="Print the answer as JSON.")]


def show(*, json: Json = False, gateway: Gateway = THIS_MACHINE) -> int:
    """Show the version in force, and every version."""
    answer = call(gateway, "GET", "scope")
    if json:
        write_json(answer)
        return Exit.OK
    write_fields({"in force": answer["in_force"] or "none"})
    write_table(answer["versions"], _VERSION_COLUMNS)
    return Exit.OK


def check(
    number: Annotated[str, Parameter(name="NUMBER", help="Mobile number.")],
    /,
    *,
    at: Annotated[str | None, Parameter(help="Moment to judge at; the present if none.")] = None,
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Say whether a number is in scope; exit code 1 where it is not."""
    query = {"at": at} if at else {}
    answer = call(gateway, "GET", f"scope/numbers/{number}", query=query)
    if json:
        write_json(answer)
    else:
        write_fields(answer)
    return Exit.OK if answer["in_scope"] else Exit.FAILED


def changes(
    *,
    limit: Annotated[int, Parameter(help="Most changes to list.")] = 50,
    cursor: Annotated[str, Parameter(help="Go on where an earlier list ended.")] = "",
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """List the changes, the latest first."""
    answer = call(gateway, "GET", "scope/changes", query={"limit": limit, "cursor": cursor})
    if json:
        write_json(answer)
    else:
        write_table(answer["items"], _CHANGE_COLUMNS)
    return Exit.OK


def import_file(
    file: Annotated[Path, Parameter(name="FILE", help="CSV, or one number, range, prefix a line.")],
    /,
    *,
    why: Why,
    effective_from: Annotated[
        str | None, Parameter(name="--from", help="From when on; from now on if none.")
    ] = None,
    draft: Annotated[bool, Parameter(help="Leave it a draft instead of approving it.")] = False,
    partial: Annotated[
        bool, Parameter(help="Leave bad lines out instead of refusing all.")
    ] = False,
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Put a new scope in force from a file of any size: all or nothing unless --partial."""
    left_out = _problems(file, partial=partial)
    body = {"reason": why, "effective_from": effective_from, "source": file.name[:200]}
    given = {key: value for key, value in body.items() if value}
    change = call(gateway, "POST", "scope/changes", body=given)["change"]
    try:
        _upload(gateway, change, file, partial=partial)
        for action in ("complete",) if draft else ("complete", "submit", "approve"):
            step = {"action": action, "why": why}
            path = f"scope/changes/{change}/steps"
            answer = call(gateway, "POST", path, body=step, timeout_s=_COMPLETE_S)
    except CommandError:
        step = {"action": "withdraw", "why": "the import broke off"}
        # Where that can't be done either, what broke the import off is what has to be said.
        with suppress(CommandError):
            call(gateway, "POST", f"scope/changes/{change}/steps", body=step)
        raise
    return _write({**answer, "left_out": left_out}, json)


def step(
    change: Annotated[int, Parameter(name="CHANGE", help="Number of the change.")],
    action: Annotated[
        Literal["complete", "submit", "approve", "reject", "withdraw", "revoke"],
        Parameter(name="ACTION", help="The step."),
    ],
    /,
    *,
    why: Why,
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Take one step of a change."""
    body = {"action": action, "why": why}
    path = f"scope/changes/{change}/steps"
    return _write(call(gateway, "POST", path, body=body, timeout_s=_COMPLETE_S), json)


def _problems(file: Path, *, partial: bool) -> list[str]:
    """Read the whole file before anything is sent; give the bad lines that are left out.

    Raises CommandError with the bad lines where none may be, and when it can't be read.
    """
    try:
        if not partial:
            read_number_file(file)
            return []
        return list(map(str, read_number_text(file.read_bytes(), str(file), partial=True)[1]))
    except ConfigError as error:
        raise CommandError(Exit.FAILED, f"nothing was imported\n{error}") from error
    except OSError as error:
        raise CommandError(Exit.ENVIRONMENT, f"{file}: can't be read: {error.strerror}") from error


def _upload(gateway: Gateway, change: int, file: Path, *, partial: bool) -> None:
    """Send a file in pieces, with a progress bar on standard error."""
    from rich.console import Console  # noqa: PLC0415 - only where there is a bar to draw
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    query = {"partial": "true"} if partial else {}
    path = f"scope/changes/{change}/rows"
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("importing", total=file.stat().st_size)
        for piece in pieces_of(file):
            send_file(gateway, path, piece, query)
            progress.advance(task, len(piece))


def pieces_of(file: Path, lines_each: int = _PIECE) -> Iterator[bytes]:
    """Give the lines of a file in pieces, each with the heading where there is one."""
    with file.open("rb") as lines:
        first = _first_line(lines)
        heading = [first] if is_heading(first.decode("utf-8-sig", "replace")) else []
        piece = [first]
        while piece:
            piece += islice(lines, lines_each)
            yield b"".join(piece)
            following = next(lines, b"")
            piece = [*heading, following] if following else []


def _first_line(lines: Iterator[bytes]) -> bytes:
    """Give the first line with something in it, comments apart."""
    return next((line for line in lines if line.partition(b"#")[0].strip()), b"")


def _write(answer: dict[str, Any], json: bool) -> int:
    if json:
        write_json(answer)
        return Exit.OK
    answer.pop("history")
    write_fields({key: value for key, value in answer.items() if value not in (None, "", [])})
    return Exit.OK
