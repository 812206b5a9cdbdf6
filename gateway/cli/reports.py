"""Show the reports of a running gateway and write them to files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from .exits import CommandError, Exit
from .output import write_fields, write_json, write_table
from .remote import THIS_MACHINE, Gateway, call
from .saving import save

_PROOF = "consent-proof"


def reports(
    name: Annotated[str, Parameter(name="NAME", help="Which report; a list of all if none.")] = "",
    number: Annotated[
        str, Parameter(name="COMPLAINT", help="consent-proof: number of the complaint.")
    ] = "",
    /,
    *,
    account: Annotated[str, Parameter(help="Only of this account.")] = "",
    first: Annotated[str, Parameter(name="--from", help="First day.")] = "",
    last: Annotated[str, Parameter(name="--to", help="Last day, counted in.")] = "",
    form: Annotated[
        Literal["table", "json", "csv", "xlsx", "zip"],
        Parameter(name="--format", help="How it is written; zip is for consent-proof."),
    ] = "table",
    out: Annotated[
        Path | None, Parameter(help="File to write to; standard output if none.")
    ] = None,
    json: Annotated[bool, Parameter(name="--json", help="Print the answer as JSON.")] = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """List the reports, show one, or produce the proof of consent for a complaint."""
    if name == _PROOF:
        return _proof(gateway, number, form, out, json=json)
    given = {"account": account, "from": first, "to": last}
    query: dict[str, str | int] = {key: value for key, value in given.items() if value}
    if form == "zip":
        raise CommandError(Exit.USAGE, f"--format zip: is for {_PROOF} alone")
    if not name:
        return _list(gateway, json=json or form == "json")
    if form in ("csv", "xlsx") or out is not None:
        form = "json" if form == "table" else form
        return save(gateway, f"reports/{name}", query, form, out)
    answer = call(gateway, "GET", f"reports/{name}", query=query)
    if json or form == "json":
        write_json(answer)
    else:
        write_table(answer["rows"], [column["key"] for column in answer["columns"]])
    return Exit.OK


def _list(gateway: Gateway, *, json: bool) -> int:
    answer = call(gateway, "GET", "reports")
    if json:
        write_json(answer)
    else:
        proof = {"report": f"{_PROOF} COMPLAINT", "clause": "3.1.7", "en": "Proof of consent",
                 "zh": "用户同意证明"}  # fmt: skip
        write_table([*answer["items"], proof], ("report", "clause", "en", "zh"))
    return Exit.OK


def _proof(gateway: Gateway, number: str, form: str, out: Path | None, *, json: bool) -> int:
    if not number:
        raise CommandError(Exit.USAGE, f"{_PROOF}: needs the number of a complaint")
    if form in ("csv", "xlsx"):
        raise CommandError(Exit.USAGE, f"--format {form}: {_PROOF} comes as table, json or zip")
    path = f"reports/{_PROOF}/{number}"
    if form == "zip" or out is not None:
        return save(gateway, path, {}, "json" if form != "zip" else form, out)
    answer = call(gateway, "GET", path)
    if json or form == "json":
        write_json(answer)
    else:
        write_fields({
            "complaint": answer["complaint"]["complaint"],
            "number": answer["number"] or None,
            "moment": answer["at"],
            "messages": len(answer["messages"]),
            "opt-outs": len(answer["optouts"]),
        })  # fmt: skip
        write_table(answer["categories"], ("category", "held", "held_as_recorded_then", "missing"))
        write_table(answer["missing"], ("category", "what", "detail"))
    return Exit.FAILED if answer["missing"] else Exit.OK
