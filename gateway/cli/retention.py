"""Show what a running gateway keeps and why, order it to keep more, and let it remove the rest."""

from __future__ import annotations

from typing import Annotated, Any, Final

from cyclopts import Parameter

from .exits import Exit
from .output import write_fields, write_json, write_table
from .remote import THIS_MACHINE, Gateway, call

_MONTHS: Final = ("month", "octets", "kept_by")
_HOLDS: Final = ("hold", "since", "released_at", "why")
Json = Annotated[bool, Parameter(name="--json", help="Print the answer as JSON.")]


def show(*, json: Json = False, gateway: Gateway = THIS_MACHINE) -> int:
    """Show the months of records and what keeps each."""
    answer = call(gateway, "GET", "retention")
    if json:
        write_json(answer)
        return Exit.OK
    first = answer["reasons"][0]
    write_fields({
        "kept since": f"{answer['kept_since']}: {_words(first)}",
        "removal": answer["mode"],
        "removed": ", ".join(m for one in answer["removals"] for m in one["months"]) or "none",
    })  # fmt: skip
    months = [
        {**one, "kept_by": "; ".join(_words(why) for why in one["kept_by"]) or "nothing"}
        for one in answer["months"]
    ]
    write_table(months, _MONTHS)
    if answer["holds"]:
        write_table([{**one, "why": one["history"][0]["why"]} for one in answer["holds"]], _HOLDS)
    return Exit.OK


def run(*, json: Json = False, gateway: Gateway = THIS_MACHINE) -> int:
    """Remove the months that nothing keeps, at once."""
    answer = call(gateway, "POST", "retention/run")
    return _print(answer, {"removed": ", ".join(answer["months"]) or "none"}, json=json)


def hold(
    since: Annotated[str, Parameter(name="SINCE", help="From when on, ISO 8601 or a day.")],
    /,
    *,
    why: Annotated[str, Parameter(help="Why; it is journalled with who did it.")],
    reference: Annotated[str, Parameter(help="Letter or file number that asks for it.")] = "",
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Order every record from a time on to be kept."""
    body: dict[str, object] = {"since": since, "why": why}
    if reference:
        body["reference"] = reference
    return _print_hold(call(gateway, "POST", "retention/holds", body=body), json=json)


def release(
    number: Annotated[int, Parameter(name="HOLD", help="Number of the order.")],
    /,
    *,
    why: Annotated[str, Parameter(help="Why; it is journalled with who did it.")],
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Release an order to keep records."""
    answer = call(gateway, "POST", f"retention/holds/{number}/release", body={"why": why})
    return _print_hold(answer, json=json)


def _words(reason: dict[str, Any]) -> str:
    clause = f" (clause {reason['clause']})" if reason["clause"] else ""
    entry = f", {reason['entry']}" if reason["entry"] else ""
    return f"{reason['en']}{entry}{clause}"


def _print_hold(answer: Any, *, json: bool) -> int:
    fields = {key: answer[key] for key in ("hold", "since", "released_at")}
    return _print(answer, fields, json=json)


def _print(answer: Any, fields: dict[str, Any], *, json: bool) -> int:
    if json:
        write_json(answer)
    else:
        write_fields(fields)
    return Exit.OK
