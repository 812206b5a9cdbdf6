"""Keep the red, the black and the white list, and the ported numbers."""

from __future__ import annotations

from typing import Annotated, Literal

from cyclopts import Parameter

from .registries import Json, Number, Why, exporter, given, importer, lister, path_of, write
from .remote import THIS_MACHINE, Gateway, call

_WHOLE_DIGITS = 11

ListName = Annotated[
    Literal["red", "black", "white"], Parameter(name="--list", help="Name of the list.")
]
Entry = Annotated[str, Parameter(name="NUMBER", help="Mobile number, or first digits of numbers.")]
Account = Annotated[
    str, Parameter(name="--account", help="Only for this account's messages; all if none.")
]
Signature = Annotated[
    str,
    Parameter(name="--signature", help="Only for this signature (without brackets); all if none."),
]

list_entries = lister("lists")
import_entries = importer("lists")
export_entries = exporter("lists")
list_ported = lister("numbers")
import_ported = importer("numbers")
export_ported = exporter("numbers")


def show_entry(
    number: Entry,
    /,
    *,
    account: Account = "",
    signature: Signature = "",
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Show on which lists a number is."""
    query = given({"account": account, "signature": signature})
    return write("lists", call(gateway, "GET", path_of("lists", number), query=query), json)


def add_entry(
    number: Entry,
    /,
    *,
    name: ListName,
    account: Account = "",
    signature: Signature = "",
    reason: Annotated[str, Parameter(help="Why it is there; messages are refused with it.")] = "",
    since: Annotated[str | None, Parameter(name="--since", help="When it begins; at once.")] = None,
    until: Annotated[
        str | None, Parameter(help="When it ends; never. A date counts to its 24:00.")
    ] = None,
    why: Why = "",
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Put a number or first digits on a list."""
    kind = "prefix" if number.isdigit() and len(number) < _WHOLE_DIGITS else "number"
    body = {
        kind: number, "list": name, **_holder(account, signature), "reason": reason,
        "valid_from": since, "valid_to": until, "why": why,
    }  # fmt: skip
    return write("lists", call(gateway, "POST", "lists", body=given(body)), json)


def remove_entry(
    number: Entry,
    /,
    *,
    name: ListName,
    why: Why,
    account: Account = "",
    signature: Signature = "",
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Take a number or first digits off a list."""
    query = {"why": why, **_holder(account, signature)}
    answer = call(gateway, "DELETE", path_of("lists", name, number), query=query)
    return write("lists", answer, json)


def show_ported(
    number: Number,
    /,
    *,
    at: Annotated[str | None, Parameter(name="--at", help="A moment; now.")] = None,
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Show which carrier serves a number."""
    answer = call(gateway, "GET", path_of("numbers", number), query=given({"at": at}))
    return write("numbers", answer, json)


def add_ported(
    number: Number,
    /,
    *,
    carrier: Annotated[str, Parameter(help="Carrier that serves it, by its name.")],
    at: Annotated[str | None, Parameter(name="--at", help="From when on; at once.")] = None,
    why: Why = "",
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Record that a number is served by another carrier."""
    body = {"number": number, "carrier": carrier, "at": at, "why": why}
    return write("numbers", call(gateway, "POST", "numbers", body=given(body)), json)


def remove_ported(
    number: Number, /, *, why: Why, json: Json = False, gateway: Gateway = THIS_MACHINE
) -> int:
    """Give a number back to the carrier of its prefix."""
    answer = call(gateway, "DELETE", path_of("numbers", number), query={"why": why})
    return write("numbers", answer, json)


def _holder(account: str, signature: str) -> dict[str, str]:
    """Give whom an entry is for. Both at once are for the gateway to refuse."""
    if account and signature:
        return {"scope": "global", "holder": f"{account} and {signature}"}
    if account:
        return {"scope": "account", "holder": account}
    return {"scope": "signature", "holder": signature} if signature else {}
