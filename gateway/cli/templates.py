"""List and show templates, take the steps of their procedure, and compare texts with them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import quote

from cyclopts import Parameter

from .exits import Exit
from .output import shown, write_fields, write_json, write_table
from .remote import THIS_MACHINE, Gateway, call

_COLUMNS = ("template", "version", "state", "category", "service", "in_force", "text")
_VERSION_COLUMNS = ("version", "state", "effective_from", "until", "drafted_by", "decided_by",
                    "approval", "why")  # fmt: skip

Id = Annotated[str, Parameter(name="ID", help="Name of the template.")]
Why = Annotated[str, Parameter(help="Why; it is journalled with who did it.")]
Json = Annotated[bool, Parameter(help="Print the answer as JSON.")]
Service = Literal["ordinary", "instant"]
State = Literal["draft", "submitted", "approved", "effective", "ended", "revoked"]
Category = Literal[
    "verification", "notice", "reminder", "commercial", "public_interest", "internal", "emergency"
]


def list_templates(
    *,
    state: Annotated[
        State | None, Parameter(help="Only those with a version in this state.")
    ] = None,
    limit: Annotated[int, Parameter(help="Most templates to list.")] = 50,
    cursor: Annotated[str, Parameter(help="Go on where an earlier list ended.")] = "",
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """List templates by name."""
    query: dict[str, str | int] = {"limit": limit, "cursor": cursor}
    if state is not None:
        query["state"] = state
    page = call(gateway, "GET", "templates", query=query)
    if json:
        write_json(page)
        return Exit.OK
    write_table([_row(item) for item in page["items"]], _COLUMNS)
    if page["next"]:
        print(f"more: --cursor {shown(page['next'])}", file=sys.stderr)
    return Exit.OK


def show(template: Id, /, *, json: Json = False, gateway: Gateway = THIS_MACHINE) -> int:
    """Show every version of a template."""
    answer = call(gateway, "GET", _path(template))
    if json:
        write_json(answer)
        return Exit.OK
    write_table(answer["items"], _VERSION_COLUMNS)
    for version in answer["items"]:
        print(f"{version['version']}: {shown(version['text'])}")
    return Exit.OK


def draft(
    template: Id,
    text: Annotated[
        str, Parameter(name="TEXT", help="The text after the signature, variables in braces.")
    ],
    /,
    *,
    why: Why,
    category: Annotated[Category, Parameter(help="What the messages are for.")] = "notice",
    service: Annotated[Service, Parameter(help="Service that sends them.")] = "ordinary",
    description: Annotated[str, Parameter(help="What it is, for people.")] = "",
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Begin a version of a template, or word its open draft anew."""
    body = {
        "template": template, "text": text, "category": category, "service": service,
        "description": description, "why": why,
    }  # fmt: skip
    return _change(gateway, "templates", body, json)


def submit(
    template: Id, /, *, why: Why, json: Json = False, gateway: Gateway = THIS_MACHINE
) -> int:
    """Submit the open draft for approval."""
    return _step(gateway, template, "submit", {"why": why}, json)


def approve(
    template: Id,
    /,
    *,
    why: Why,
    effective_from: Annotated[
        str | None, Parameter(name="--from", help="When it comes into force; at once.")
    ] = None,
    until: Annotated[
        str | None, Parameter(help="When it ends; a plain date counts to its 24:00.")
    ] = None,
    approval: Annotated[str, Parameter(help="Number of the approval.")] = "",
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Approve what is submitted, as party B."""
    body = {"why": why, "effective_from": effective_from, "until": until, "approval": approval}
    return _step(gateway, template, "approve", body, json)


def send_back(
    template: Id, /, *, why: Why, json: Json = False, gateway: Gateway = THIS_MACHINE
) -> int:
    """Refuse what is submitted, as party B: it is a draft again."""
    return _step(gateway, template, "send-back", {"why": why}, json)


def revoke(
    template: Id,
    /,
    *,
    why: Why,
    version: Annotated[
        int | None, Parameter(help="Which version; the latest approved one if none.")
    ] = None,
    revoked_from: Annotated[
        str | None, Parameter(name="--from", help="When it ends; at once.")
    ] = None,
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """End a version that is approved or in force."""
    body = {"why": why, "version": version, "revoked_from": revoked_from}
    return _step(gateway, template, "revoke", body, json)


def match(
    text: Annotated[
        str, Parameter(name="TEXT", help="The text to compare, with or without its signature.")
    ],
    /,
    *,
    service: Annotated[Service, Parameter(help="Service that would send it.")] = "ordinary",
    at: Annotated[str | None, Parameter(help="Time to judge at, ISO 8601; the present.")] = None,
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Compare a text with the approved templates; nothing is sent."""
    body = {"text": text, "service": service, **({"at": at} if at else {})}
    found = call(gateway, "POST", "templates:match", body=body)
    if json:
        write_json(found)
    else:
        _write_match(found)
    return Exit.OK if found["approved"] else Exit.FAILED


def _write_match(found: dict[str, Any]) -> None:
    name = "-" if found["template"] is None else f"{found['template']} version {found['version']}"
    print(
        f"{shown(found['kind'])}: template {shown(name)}, similarity {shown(found['similarity'])}"
    )
    for place in found["deviations"]:
        print(f"  {shown(place['seen'])!r} where the template has {shown(place['allowed'])!r}")
    for value in found["free_values"]:
        print(f"  free text: {shown(value)}")
    if found["detail"]:
        print(shown(found["detail"]))
        print(shown(found["detail_zh"]))


def _row(item: dict[str, Any]) -> dict[str, Any]:
    effective = item["effective"]
    return {**item["latest"], "in_force": effective["version"] if effective else None}


def _path(template: str, step: str = "") -> str:
    return f"templates/{quote(template, safe='')}{step}"


def _step(
    gateway: Gateway, template: str, step: str, body: Mapping[str, object], json: bool
) -> int:
    given = {key: value for key, value in body.items() if value not in (None, "")}
    return _change(gateway, _path(template, f":{step}"), given, json)


def _change(gateway: Gateway, path: str, body: dict[str, Any], json: bool) -> int:
    version = call(gateway, "POST", path, body=body)
    if json:
        write_json(version)
    else:
        write_fields({key: value for key, value in version.items() if value not in (None, "")})
    return Exit.OK
