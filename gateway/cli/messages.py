"""List, show, wait for and export the messages of a running gateway."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TextIO
from urllib.parse import quote

from cyclopts import Parameter

from .exits import CommandError, Exit
from .export import FORMATS, Writer
from .output import shown, write_fields, write_json, write_table
from .remote import THIS_MACHINE, Gateway, RemoteError, call
from .traffic import write_checks

Query = Annotated[
    str, Parameter(name="QUERY", help="Query words, such as 'to:133* is:rejected'; all if none.")
]
Json = Annotated[bool, Parameter(help="Print the answer as JSON.")]

_COLUMNS: Final = (
    "id", "submitted_at", "account", "direction", "sender", "recipient", "segments", "state",
    "error", "reason", "receipt",
)  # fmt: skip
_PAGE: Final = 500
_SLACK_S: Final = 10.0
"""Longer than the gateway waits, so that it answers before we give up."""


def list_messages(
    query: Query = "",
    /,
    *,
    limit: Annotated[int, Parameter(help="Most messages to list.")] = 50,
    cursor: Annotated[str | None, Parameter(help="The `next` of the page before.")] = None,
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """List messages that match, newest first."""
    page = _page(gateway, query, limit, cursor)
    if json:
        write_json(page)
    else:
        write_table([_row(item) for item in page["items"]], _COLUMNS)
        if page["next"]:
            print(f"more: --cursor {shown(page['next'])}", file=sys.stderr)
    return Exit.OK


def show(
    message_id: Annotated[str, Parameter(name="ID", help="Message id, the gateway's or ESME's.")],
    /,
    *,
    pdu: Annotated[bool, Parameter(help="Show its PDUs, field by field.")] = False,
    why: Annotated[bool, Parameter(help="Show every check, and what the outcome means.")] = False,
    timeline: Annotated[bool, Parameter(help="Show what happened to it, in order.")] = False,
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Show a message: its data, PDUs, checks or history."""
    wanted = [name for name, on in (("pdu", pdu), ("why", why), ("timeline", timeline)) if on]
    path = f"messages/{quote(message_id, safe='')}"
    answers = {name: call(gateway, "GET", f"{path}/{name}") for name in wanted}
    if not wanted:
        answers[""] = call(gateway, "GET", path)
    if json:
        write_json(answers if len(answers) > 1 else next(iter(answers.values())))
        return Exit.OK
    for name, answer in answers.items():
        _SHOW[name](answer)
    return Exit.OK


def wait(
    query: Query = "",
    /,
    *,
    count: Annotated[int, Parameter(help="How many messages have to match.")] = 1,
    timeout: Annotated[float, Parameter(help="Longest wait, seconds (up to 300).")] = 30.0,
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Wait until so many messages match; what came nearest is shown if they don't."""
    body = {"q": query, "count": count, "timeout_s": timeout}
    try:
        page = call(gateway, "POST", "messages:wait", body=body, timeout_s=timeout + _SLACK_S)
    except RemoteError as error:
        if json and error.problem:
            write_json(error.problem)
        elif not json:
            _write_nearest(error.problem.get("nearest", ()))
        raise
    if json:
        write_json(page)
    else:
        write_table([_row(item) for item in page["items"]], _COLUMNS)
    return Exit.OK


def export(
    query: Query = "",
    /,
    *,
    out: Annotated[Path | None, Parameter(help="File to write; standard output if none.")] = None,
    format: Annotated[
        Literal["jsonl", "json", "csv"] | None,
        Parameter(help="By the file's ending if not given, else jsonl."),
    ] = None,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Write all messages that match to a file or to standard output."""
    ending = out.suffix.removeprefix(".") if out is not None else ""
    writer = FORMATS[format or (ending if ending in FORMATS else "jsonl")]
    with _target(out) as stream:
        count = _export(gateway, query, writer(stream))
    print(f"{count} messages", file=sys.stderr)
    return Exit.OK


def _export(gateway: Gateway, query: str, writer: Writer) -> int:
    from rich.console import Console  # noqa: PLC0415 - only where there is a bar to draw
    from rich.progress import Progress, SpinnerColumn, TextColumn  # noqa: PLC0415

    count = 0
    columns = (SpinnerColumn(), TextColumn("{task.completed:.0f} messages"))
    console = Console(stderr=True)
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task("export", total=None)
        for page in _pages(gateway, query):
            for item in page:
                writer.write(item)
            count += len(page)
            bar.update(task, completed=count)
    writer.end()
    return count


def _pages(gateway: Gateway, query: str) -> Iterator[list[dict[str, Any]]]:
    cursor: str | None = None
    while True:
        page = _page(gateway, query, _PAGE, cursor)
        yield page["items"]
        cursor = page["next"]
        if cursor is None:
            return


def _page(gateway: Gateway, query: str, limit: int, cursor: str | None) -> dict[str, Any]:
    asked: dict[str, str | int] = {"q": query, "limit": limit}
    if cursor is not None:
        asked["cursor"] = cursor
    page: dict[str, Any] = call(gateway, "GET", "messages", query=asked)
    return page


@contextmanager
def _target(out: Path | None) -> Iterator[TextIO]:
    """Open the file, readable by its owner alone: it holds numbers and texts."""
    if out is None:
        yield sys.stdout
        return
    try:
        descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as stream:
            yield stream
    except OSError as error:
        raise CommandError(Exit.ENVIRONMENT, f"{out}: {error.strerror}") from error


def _row(item: dict[str, Any]) -> dict[str, Any]:
    verdict, receipt = item.get("verdict") or {}, item.get("receipt") or {}
    return {**item, "reason": verdict.get("reason"), "receipt": receipt.get("state")}


def _show_pdus(answer: dict[str, Any]) -> None:
    for pdu in answer["pdus"]:
        print(f"{shown(pdu['at'])} {pdu['direction']}: {shown(pdu['summary'])}")
        print(f"  {pdu['hex']}")
        for field in pdu["fields"]:
            note = f"  ({shown(field['note'])})" if field["note"] else ""
            print(f"  {field['offset']:04x}  {field['name']} = {shown(field['value'])}{note}")


def _show_why(answer: dict[str, Any]) -> None:
    write_checks(answer)
    print(shown(answer["sentence"]))


def _show_timeline(answer: dict[str, Any]) -> None:
    for event in answer["events"]:
        rest = [f"{key}={shown(event[key])}" for key in event if key not in ("at", "event")]
        print(" ".join((shown(event["at"]), shown(event["event"]), *rest)))


_SHOW: Final[dict[str, Callable[[dict[str, Any]], None]]] = {
    "": write_fields,
    "pdu": _show_pdus,
    "why": _show_why,
    "timeline": _show_timeline,
}


def _write_nearest(rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    print("What came nearest:")
    for row in rows:
        message = row["message"]
        print(
            f"  {shown(message['id'])} {shown(message['state'])}: "
            f"has {' '.join(map(shown, row['matched']))}, not {' '.join(map(shown, row['missed']))}"
        )
