"""Keep consents and opt-outs, and make the commands of all registries that come as files."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import quote

from cyclopts import Parameter

from .exits import CommandError, Exit
from .output import shown, write_fields, write_json, write_table
from .remote import THIS_MACHINE, Gateway, RemoteError, call, read_file, send_file

_COLUMNS: Final = {
    "consents": ("number", "granted", "categories", "channel", "proof", "text_version", "since",
                 "until", "missing"),
    "optouts": ("number", "refused", "access_number", "categories", "source", "proof", "since"),
    "lists": ("entry", "list", "listed", "scope", "holder", "reason", "valid_from", "valid_to"),
    "numbers": ("number", "carrier", "ported_at", "recorded_at"),
}  # fmt: skip

Number = Annotated[str, Parameter(name="NUMBER", help="Mobile number.")]
Category = Literal[
    "verification", "notice", "reminder", "commercial", "public_interest", "internal", "emergency"
]
Categories = Annotated[
    list[Category] | None,
    Parameter(name="--category", help="Category; every one if none; may be repeated."),
]
Channel = Literal["written", "web", "app", "mo", "employment", "request"]
Source = Literal["mo", "customer_service", "party_a", "operator"]
Proof = Annotated[str, Parameter(name="--proof", help="Number of the paper, or a hash.")]
At = Annotated[str | None, Parameter(name="--at", help="When the user said so; now.")]
AccessNumber = Annotated[
    str | None, Parameter(name="--access-number", help="Access number; every one if none.")
]
File = Annotated[
    Path,
    Parameter(name="FILE", help="CSV in UTF-8; - is standard input.", allow_leading_hyphen=True),
]
Why = Annotated[str, Parameter(name="--why", help="Why; it is journalled with who did it.")]
Json = Annotated[bool, Parameter(name="--json", help="Print the answer as JSON.")]


def lister(name: str) -> Callable[..., int]:
    """Make the command that lists one registry."""

    def numbers(
        *,
        limit: Annotated[int, Parameter(help="Most numbers to list.")] = 50,
        cursor: Annotated[str, Parameter(help="Go on where an earlier list ended.")] = "",
        json: Json = False,
        gateway: Gateway = THIS_MACHINE,
    ) -> int:
        page = call(gateway, "GET", name, query={"limit": limit, "cursor": cursor})
        if json:
            write_json(page)
            return Exit.OK
        rows = [row for item in page["items"] for row in _rows(item)]
        write_table(rows, _COLUMNS[name])
        if page["next"]:
            print(f"more: --cursor {shown(page['next'])}", file=sys.stderr)
        return Exit.OK

    return numbers


def shower(name: str) -> Callable[..., int]:
    """Make the command that shows one number of a registry."""

    def number(number: Number, /, *, json: Json = False, gateway: Gateway = THIS_MACHINE) -> int:
        return write(name, call(gateway, "GET", path_of(name, number)), json)

    return number


def importer(name: str) -> Callable[..., int]:
    """Make the command that takes a file into one registry."""

    def rows(
        file: File,
        /,
        *,
        partial: Annotated[
            bool, Parameter(help="Leave bad rows out instead of taking none.")
        ] = False,
        why: Why = "",
        json: Json = False,
        gateway: Gateway = THIS_MACHINE,
    ) -> int:
        query = given({"partial": "true" if partial else "", "why": why, "file": file.name})
        try:
            answer = send_file(gateway, f"{name}/import", _octets(file), query)
        except RemoteError as error:
            _complain(error.problem)
            raise
        if json:
            write_json(answer)
            return Exit.OK
        _complain(answer)
        print(f"{answer['rows']} rows taken, {answer['refused']} left out")
        return Exit.OK

    return rows


def exporter(name: str) -> Callable[..., int]:
    """Make the command that gives one registry out."""

    def rows(
        *,
        out: Annotated[
            Path | None, Parameter(help="File to write; standard output if none.")
        ] = None,
        gateway: Gateway = THIS_MACHINE,
    ) -> int:
        parts = read_file(gateway, f"{name}.csv")
        if out is None:
            sys.stdout.writelines(parts)
            return Exit.OK
        first = next(parts)
        try:
            # Readable by its owner alone: it holds numbers.
            descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as stream:
                stream.write(first)
                stream.writelines(parts)
        except OSError as error:
            raise CommandError(Exit.ENVIRONMENT, f"{out}: {error.strerror}") from error
        return Exit.OK

    return rows


list_consents = lister("consents")
list_optouts = lister("optouts")
show_optouts = shower("optouts")
import_consents = importer("consents")
import_optouts = importer("optouts")
import_templates = importer("templates")
import_complaints = importer("complaints")
export_templates = exporter("templates")
export_consents = exporter("consents")
export_optouts = exporter("optouts")


def show_consents(
    number: Number,
    /,
    *,
    at: Annotated[str | None, Parameter(name="--at", help="A moment; now.")] = None,
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Show what a number agreed to, with the proof."""
    answer = call(gateway, "GET", path_of("consents", number), query=given({"at": at}))
    return write("consents", answer, json)


def add_consent(
    number: Number,
    /,
    *,
    channel: Annotated[Channel, Parameter(help="How the consent was given.")],
    category: Categories = None,
    proof: Proof = "",
    text_version: Annotated[str, Parameter(help="Text that the user was shown.")] = "",
    at: At = None,
    until: Annotated[
        str | None, Parameter(help="When it ends; never. A date counts to its 24:00.")
    ] = None,
    why: Why = "",
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Record a consent with its proof."""
    body = {
        "number": number, "channel": channel, "category": category, "proof": proof,
        "text_version": text_version, "at": at, "expires_at": until, "why": why,
    }  # fmt: skip
    return write("consents", call(gateway, "POST", "consents", body=given(body)), json)


def withdraw_consent(
    number: Number,
    /,
    *,
    why: Why,
    category: Categories = None,
    at: At = None,
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Record that a user takes a consent back."""
    query = given({"why": why, "category": " ".join(category or ()), "at": at})
    answer = call(gateway, "DELETE", path_of("consents", number), query=query)
    return write("consents", answer, json)


def add_optout(
    number: Number,
    /,
    *,
    source: Annotated[Source, Parameter(name="--source", help="Where the refusal comes from.")],
    category: Categories = None,
    access_number: AccessNumber = None,
    proof: Proof = "",
    at: At = None,
    why: Why = "",
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Record a refusal."""
    body = {
        "number": number, "source": source, "category": category, "access_number": access_number,
        "proof": proof, "at": at, "why": why,
    }  # fmt: skip
    return write("optouts", call(gateway, "POST", "optouts", body=given(body)), json)


def remove_optout(
    number: Number,
    /,
    *,
    why: Why,
    source: Annotated[
        Source, Parameter(name="--source", help="Where the change comes from.")
    ] = "operator",
    category: Categories = None,
    access_number: AccessNumber = None,
    proof: Proof = "",
    at: At = None,
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Record that a user takes a refusal back."""
    query = {
        "why": why, "source": source, "category": " ".join(category or ()),
        "access_number": access_number, "proof": proof, "at": at,
    }  # fmt: skip
    answer = call(gateway, "DELETE", path_of("optouts", number), query=given(query))
    return write("optouts", answer, json)


def path_of(*parts: str) -> str:
    """Give the path of a resource."""
    return "/".join(quote(part, safe="") for part in parts)


def given(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what wasn't given."""
    return {key: value for key, value in asked.items() if value not in (None, "")}


def _octets(file: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise CommandError(Exit.ENVIRONMENT, f"{file}: {error.strerror}") from error


def _complain(answer: Mapping[str, Any]) -> None:
    """Name bad rows on standard error."""
    for bad in answer.get("bad_rows", ()):
        place = f", {bad['column']}" if bad["column"] else ""
        seen, allowed = shown(bad["seen"]), shown(bad["allowed"])
        print(f"line {bad['line']}{place}: {seen!r} seen, allowed: {allowed}", file=sys.stderr)


def _rows(item: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give the records of a number as rows of a table."""
    return [
        {**record, "number": item["number"], "entry": item["number"] or item.get("prefix"),
         "categories": ", ".join(record.get("categories", ())) or "all",
         "access_number": record.get("access_number") or "all",
         "missing": ", ".join(record.get("missing", ()))}
        for record in item["records"]
    ]  # fmt: skip


def write(name: str, answer: dict[str, Any], json: bool) -> int:
    """Write how a number of a registry stands, and its records as a table."""
    if json:
        write_json(answer)
        return Exit.OK
    fields = {key: value for key, value in answer.items() if key != "records" and value is not None}
    write_fields(fields)
    write_table(_rows(answer), _COLUMNS[name][1:])
    return Exit.OK
