"""Unsubscribe users at the hotline, and see how party A's interface works (clause 4.3)."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from cyclopts import Parameter

from .exits import Exit
from .output import write_fields, write_json, write_table
from .remote import THIS_MACHINE, Gateway, call

_COLUMNS = ("account", "calls", "failed", "late", "median_s", "p95_s", "max_s")
_OPEN = ("account", "number", "due_at", "overdue")
Number = Annotated[str, Parameter(name="NUMBER", help="The user's number.")]
Json = Annotated[bool, Parameter(help="Print the answer as JSON.")]


def show(number: Number, /, *, json: Json = False, gateway: Gateway = THIS_MACHINE) -> int:
    """Show what a user has consented to and what he refuses."""
    answer = call(gateway, "GET", f"unsubscribe/{quote(number, safe='')}")
    return _shown(answer, json)


def send(
    number: Number,
    /,
    *,
    category: Annotated[
        tuple[str, ...], Parameter(help="What he refuses; everything if not given.")
    ] = (),
    access_number: Annotated[str, Parameter(help="From where; everywhere if not given.")] = "",
    proof: Annotated[str, Parameter(help="Number of a ticket.")] = "",
    why: Annotated[str, Parameter(help="What he said.")] = "",
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Record a user's refusal; it holds at once, and party A is told."""
    body: dict[str, object] = {"number": number, "category": list(category), "proof": proof}
    if access_number:
        body["access_number"] = access_number
    if why:
        body["why"] = why
    return _shown(call(gateway, "POST", "unsubscribe", body=body), json)


def report(
    *,
    start: Annotated[str, Parameter(name="--from", help="First day; today.")] = "",
    to: Annotated[str, Parameter(help="Last day, counted in; today.")] = "",
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Show how party A's interface worked, and what it has not completed."""
    query = {key: value for key, value in (("from", start), ("to", to)) if value}
    answer = call(gateway, "GET", "unsubscribe", query=query)
    if json:
        write_json(answer)
        return Exit.OK
    write_table(answer["accounts"], _COLUMNS)
    if answer["open"]:
        print()
        write_table(answer["open"], _OPEN)
    if not answer["configured"]:
        print("\nno interface is configured: unsubscribe.url")
    return Exit.OK


def _shown(answer: dict[str, object], json: bool) -> int:
    if json:
        write_json(answer)
    else:
        write_fields(answer)
    return Exit.OK
