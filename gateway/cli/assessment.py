"""Show the yearly assessments of a running gateway and enter what people say of a year."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final, Literal

from cyclopts import Parameter

from .exits import CommandError, Exit
from .output import write_fields, write_json, write_table
from .remote import THIS_MACHINE, Gateway, call
from .saving import save
from .sla import read_readings

_LIST_COLUMNS: Final = ("year", "last_day", "state", "score", "pass_score", "rectification")
_INPUT_COLUMNS: Final = ("input", "weight", "score", "points", "detail")
_EXITS: Final = {"not_qualified": Exit.FAILED}

Mode = Literal["", "list", "show", "enter", "order"]


def assessment(
    mode: Annotated[
        Mode,
        Parameter(
            name="MODE",
            help="list; show; enter: what people say; order: a step of the rectification.",
        ),
    ] = "",
    /,
    *,
    period: Annotated[str, Parameter(help="First day of a contract year.")] = "",
    form: Annotated[
        Literal["table", "json", "csv", "xlsx"],
        Parameter(name="--format", help="How it is written; csv and xlsx need a period."),
    ] = "table",
    out: Annotated[
        Path | None, Parameter(help="File to write to; standard output if none.")
    ] = None,
    support: Annotated[int | None, Parameter(help="enter: score of the support, 0 to 100.")] = None,
    satisfaction: Annotated[
        int | None, Parameter(help="enter: score of the satisfaction, 0 to 100.")
    ] = None,
    step: Annotated[
        Literal["order", "complete", "accept", "reject", "withdraw"],
        Parameter(help="order: which step is taken."),
    ] = "order",
    deadline: Annotated[str, Parameter(help="order: last day; the contract's days if none.")] = "",
    why: Annotated[str, Parameter(help="Why; it is journalled with who did it.")] = "",
    reference: Annotated[str, Parameter(help="Survey, record or letter it rests on.")] = "",
    reading: Annotated[
        list[str] | None,
        Parameter(name="--reading", help="Another reading, KEY=VALUE; may be repeated."),
    ] = None,
    json: Annotated[bool, Parameter(name="--json", help="Print the answer as JSON.")] = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Show or enter the yearly assessments; exit code 1 where party B did not qualify."""
    query = read_readings(reading)
    if mode not in ("", "list") and not period:
        raise CommandError(Exit.USAGE, f"{mode}: needs --period, the first day of a contract year")
    if mode in ("enter", "order"):
        given: dict[str, object] = {"why": why, "reference": reference}
        if mode == "enter":
            path, given = "inputs", given | {"support": support, "satisfaction": satisfaction}
        else:
            path, given = "order", given | {"action": step, "deadline": deadline}
        body = {key: value for key, value in given.items() if value not in ("", None)}
        answer = call(gateway, "POST", f"assessments/{period}/{path}", body=body)
        return _print(answer, json=json or form == "json")
    if form in ("csv", "xlsx") or out is not None:
        if not period:
            raise CommandError(Exit.USAGE, f"--format {form}: needs --period, its first day")
        form = "json" if form == "table" else form
        return save(gateway, f"assessments/{period}", query, form, out)
    if period and mode != "list":
        answer = call(gateway, "GET", f"assessments/{period}", query=query)
        return _print(answer, json=json or form == "json")
    return _list(call(gateway, "GET", "assessments", query=query), json=json or form == "json")


def _list(answer: Any, *, json: bool) -> int:
    if json:
        write_json(answer)
    else:
        rows = [{**one, "rectification": one["rectification"]["state"]} for one in answer["items"]]
        write_table(rows, _LIST_COLUMNS)
    return Exit.OK


def _print(answer: Any, *, json: bool) -> int:
    if json:
        write_json(answer)
    else:
        order = answer["rectification"]
        late = ", overdue" if order["overdue"] else ""
        fields = {
            "year": f"{answer['year']} to {answer['last_day']}",
            "state": answer["state"],
            "score": f"{answer['score'] or 'open'} ({answer['pass_score']} passes)",
            "missing": ", ".join(answer["missing"]) or None,
            "rectification": None if order["state"] == "none" else f"{order['state']}{late}",
            "deadline": order["deadline"],
        }
        write_fields({key: value for key, value in fields.items() if value is not None})
        write_table(answer["inputs"], _INPUT_COLUMNS)
    return _EXITS.get(answer["state"], Exit.OK)
