"""List uplink messages that a person has to read, and settle them."""

from __future__ import annotations

import sys
from typing import Annotated, Literal

from cyclopts import Parameter

from .exits import Exit
from .output import shown, write_fields, write_json, write_table
from .registries import Categories, Json, Why, given, path_of
from .remote import THIS_MACHINE, Gateway, call

_COLUMNS = ("mo_id", "at", "number", "access_number", "text")

Id = Annotated[str, Parameter(name="ID", help="Id of the uplink message.")]


def list_reviews(
    *,
    limit: Annotated[int, Parameter(help="Most messages to list.")] = 50,
    cursor: Annotated[str, Parameter(help="Go on where an earlier list ended.")] = "",
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """List the messages that wait, the one received first in front."""
    page = call(gateway, "GET", "reviews", query={"limit": limit, "cursor": cursor})
    if json:
        write_json(page)
        return Exit.OK
    write_table(page["items"], _COLUMNS)
    if page["next"]:
        print(f"more: --cursor {shown(page['next'])}", file=sys.stderr)
    return Exit.OK


def show_review(mo_id: Id, /, *, json: Json = False, gateway: Gateway = THIS_MACHINE) -> int:
    """Show one message that waits."""
    answer = call(gateway, "GET", path_of("reviews", mo_id))
    if json:
        write_json(answer)
    else:
        write_fields(answer)
    return Exit.OK


def settle_review(
    mo_id: Id,
    decision: Annotated[
        Literal["opt_out", "opt_out_all", "none"],
        Parameter(name="DECISION", help="What the message says: opt_out, opt_out_all or none."),
    ],
    /,
    *,
    category: Categories = None,
    why: Why = "",
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Record what a person read in a message."""
    body = given({"decision": decision, "category": category, "why": why})
    answer = call(gateway, "POST", path_of("reviews", mo_id) + ":settle", body=body)
    if json:
        write_json(answer)
    else:
        write_fields(answer)
    return Exit.OK
