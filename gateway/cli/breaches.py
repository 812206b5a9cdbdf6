"""List breaches, their cases and blocks; open cases, take their steps, stop a business at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Final, Literal

from cyclopts import Parameter

from .exits import Exit
from .output import shown, write_fields, write_json, write_table
from .remote import THIS_MACHINE, Gateway, call

_CASE_COLUMNS = ("case", "account", "row", "grade", "state", "breaches", "opened_at", "rectify_by",
                 "row_en", "row_zh")  # fmt: skip
_SIGN_COLUMNS = ("account", "row", "breaches", "warnings", "first_at", "last_at")
_ROW_COLUMNS = ("row", "grade", "detection", "clause", "breaches", "warnings", "cases", "open",
                "en", "zh")  # fmt: skip
_BLOCK_COLUMNS = ("name", "reason", "account", "ports", "clause", "since", "until", "due", "why")

Grade = Literal["general", "serious", "major"]
Number = Annotated[int, Parameter(name="CASE", help="Number of the case.")]
Row = Annotated[int, Parameter(name="ROW", help="Row of clause 7.3, 1 to 28.")]
Why = Annotated[str, Parameter(help="Why; it is journalled with who did it.")]
Account = Annotated[
    str, Parameter(name="--account", help="system_id; may be left out where there is only one.")
]
Port = Annotated[
    list[str] | None,
    Parameter(name="--port", help="Access number; all if none; may be repeated."),
]
Reference = Annotated[
    str, Parameter(name="--reference", help="Number of the letter, the evidence or the paper.")
]
Moment = Annotated[
    str | None, Parameter(name="--moment", help="When the letter was sent or arrived; now.")
]
Json = Annotated[bool, Parameter(name="--json", help="Print the answer as JSON.")]


def list_cases(
    *,
    account: Annotated[str, Parameter(help="Only of this account.")] = "",
    state: Annotated[str, Parameter(help="Only in this state.")] = "",
    grade: Annotated[Grade | None, Parameter(help="Only of this grade.")] = None,
    limit: Annotated[int, Parameter(help="Most cases to list.")] = 50,
    cursor: Annotated[str, Parameter(help="Go on where an earlier list ended.")] = "",
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """List the cases, and the signs that belong to none."""
    query: dict[str, str | int] = {"limit": limit}
    given = {"account": account, "state": state, "grade": grade or "", "cursor": cursor}
    query |= {key: value for key, value in given.items() if value}
    answer = call(gateway, "GET", "breaches", query=query)
    if json:
        write_json(answer)
        return Exit.OK
    rows = [{**case, "breaches": case["evidence"]["breaches"]} for case in answer["items"]]
    write_table(rows, _CASE_COLUMNS)
    if answer["signs"]:
        print("signs without a case:")
        write_table(answer["signs"], _SIGN_COLUMNS)
    return Exit.OK


def list_rows(*, json: Json = False, gateway: Gateway = THIS_MACHINE) -> int:
    """List the 28 rows of clause 7.3, and how often each was broken."""
    answer = call(gateway, "GET", "breaches/rows")
    if json:
        write_json(answer)
    else:
        rows = [{**row, "grade": "-".join(row["grades"])} for row in answer["items"]]
        write_table(rows, _ROW_COLUMNS)
    return Exit.OK


def show_case(case: Number, /, *, json: Json = False, gateway: Gateway = THIS_MACHINE) -> int:
    """Show one case with its evidence and the steps that are allowed now."""
    return _write(call(gateway, "GET", f"breaches/{case}"), json)


def open_case(
    row: Row,
    /,
    *,
    why: Why,
    account: Account = "",
    grade: Annotated[Grade | None, Parameter(help="Of row 28, which has several.")] = None,
    port: Port = None,
    first_at: Annotated[str | None, Parameter(help="When the first breach was.")] = None,
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Open a case by hand."""
    body = {"row": row, "why": why, "account": account, "grade": grade, "ports": port,
            "first_at": first_at}  # fmt: skip
    return _write(call(gateway, "POST", "breaches", body=_given(body)), json)


def enter_sign(
    row: Row,
    /,
    *,
    why: Why,
    account: Account = "",
    port: Port = None,
    message: Annotated[str, Parameter(help="Id of a message that shows it.")] = "",
    reference: Reference = "",
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Enter a sign of a breach that no message shows alone."""
    body = {"row": row, "why": why, "account": account, "ports": port, "message_id": message,
            "reference": reference}  # fmt: skip
    return _write(call(gateway, "POST", "breaches/signs", body=_given(body)), json)


def confirm(
    case: Number,
    /,
    *,
    why: Why,
    grade: Annotated[Grade | None, Parameter(help="Of row 28, which has several.")] = None,
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Confirm a breach; a major one stops the business in the same breath."""
    return _step(gateway, case, {"action": "confirm", "why": why, "grade": grade}, json)


def raise_row(
    case: Number,
    to: Annotated[int, Parameter(name="ROW", help="The graver of rows 1, 8 and 22.")],
    /,
    *,
    why: Why,
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Make a suspicion of service without consent graver."""
    return _step(gateway, case, {"action": "raise", "why": why, "row": to}, json)


def notice(
    case: Number,
    /,
    *,
    why: Why,
    moment: Moment = None,
    reference: Reference = "",
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Record that the notice of a breach was sent, by letter (clause 11.9.1)."""
    body = {"action": "notice", "why": why, "moment": moment, "reference": reference}
    return _step(gateway, case, body, json)


def deliver(
    case: Number,
    /,
    *,
    why: Why,
    moment: Moment = None,
    reference: Reference = "",
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Record that the letter arrived."""
    body = {"action": "deliver", "why": why, "moment": moment, "reference": reference}
    return _step(gateway, case, body, json)


def terminate(
    case: Number,
    /,
    *,
    why: Why,
    report: Annotated[bool, Parameter(help="The authority is told.")] = False,
    reference: Reference = "",
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Terminate the contract for a breach; the penalty of clause 7.3 is due."""
    body = {"action": "terminate", "why": why, "report": report, "reference": reference}
    return _step(gateway, case, body, json)


def _plain(action: str, does: str) -> Callable[..., int]:
    """Make the command of a step that takes a reason alone."""

    def take(
        case: Number,
        /,
        *,
        why: Why,
        reference: Reference = "",
        json: Json = False,
        gateway: Gateway = THIS_MACHINE,
    ) -> int:
        body = {"action": action, "why": why, "reference": reference}
        return _step(gateway, case, body, json)

    take.__doc__ = does
    return take


suspend: Final = _plain("suspend", "Stop the business as a precaution (clause 7.5).")
explain: Final = _plain("explain", "Record party A's explanation.")
dismiss: Final = _plain("dismiss", "Find that there was no breach.")
return_letter: Final = _plain("return", "Record that the letter came back; the block ends.")
submit: Final = _plain("submit", "Record party A's evidence of rectification.")
reject: Final = _plain("reject", "Refuse the evidence; rectification goes on.")
pass_evidence: Final = _plain("pass", "Accept the evidence; the block ends with its days.")
fail: Final = _plain("fail", "Find that rectification failed.")
stop: Final = _plain("stop", "Stop the business for a major breach.")
close: Final = _plain("close", "Close a case.")


def list_blocks(*, json: Json = False, gateway: Gateway = THIS_MACHINE) -> int:
    """List what stands in the way of submissions now."""
    answer = call(gateway, "GET", "blocks")
    if json:
        write_json(answer)
    else:
        rows = [{**item, "ports": ", ".join(item["ports"]) or "all"} for item in answer["items"]]
        write_table(rows, _BLOCK_COLUMNS)
    return Exit.OK


def stop_business(
    ground: Annotated[
        Literal["7.2", "7.7", "9.2", "annex 1.12", "annex 1.13", "annex 1.14"],
        Parameter(name="GROUND", help="Clause that allows it without a notice."),
    ],
    /,
    *,
    why: Why,
    account: Account = "",
    port: Port = None,
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Stop a business at once."""
    body = {"ground": ground, "why": why, "account": account, "ports": port}
    return _write(call(gateway, "POST", "blocks", body=_given(body)), json)


def resume_business(
    number: Annotated[int, Parameter(name="STOP", help="Number of the stop.")],
    /,
    *,
    why: Why,
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Lift a stop at once."""
    return _write(call(gateway, "DELETE", f"blocks/{number}", query={"why": why}), json)


def _step(gateway: Gateway, case: int, body: dict[str, Any], json: bool) -> int:
    return _write(call(gateway, "POST", f"breaches/{case}/steps", body=_given(body)), json)


def _given(body: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in body.items() if value not in (None, "")}


def _write(answer: dict[str, Any], json: bool) -> int:
    if json:
        write_json(answer)
        return Exit.OK
    history = answer.pop("history", ())
    write_fields({key: value for key, value in answer.items() if value not in (None, "", [], 0)})
    for event in history:
        said = {key: value for key, value in event.items() if key not in ("event", "at", "case")}
        print(f"  {shown(event['at'])} {shown(event['event'])} {shown(said)}")
    return Exit.OK
