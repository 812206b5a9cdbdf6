"""Show the standing of accounts; suspend, lift, terminate."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import quote

from cyclopts import Parameter

from .exits import Exit
from .output import shown, write_fields, write_json, write_table
from .remote import THIS_MACHINE, Gateway, call

_HOLD_COLUMNS = ("suspension", "state", "account", "clause", "since", "until", "due", "ports",
                 "services", "who", "why")  # fmt: skip
_END_COLUMNS = ("account", "clause", "ends_at", "notice_at", "who", "why")

Account = Annotated[
    str, Parameter(name="ACCOUNT", help="system_id; * is every account of the contract.")
]
Clause = Annotated[str, Parameter(help="Clause of the contract, such as 7.5 or 'annex 13'.")]
Why = Annotated[str, Parameter(help="Why; it is journalled with who did it.")]
Reference = Annotated[str, Parameter(help="Number of the order, the notice or the paper.")]
Json = Annotated[bool, Parameter(help="Print the answer as JSON.")]


def show(*, json: Json = False, gateway: Gateway = THIS_MACHINE) -> int:
    """Show the term, and of each account what stands in its way and when it ends."""
    answer = call(gateway, "GET", "standing")
    if json:
        write_json(answer)
        return Exit.OK
    if answer["term"]:
        write_fields({"term": answer["term"]})
    for item in answer["items"]:
        _write_account(item)
    return Exit.OK


def suspensions(*, json: Json = False, gateway: Gateway = THIS_MACHINE) -> int:
    """List every suspension, over or not."""
    answer = call(gateway, "GET", "standing/suspensions")
    if json:
        write_json(answer)
    else:
        rows = [{**item, "ports": ", ".join(item["ports"]) or "all",
                 "services": ", ".join(item["services"]) or "all"}
                for item in answer["items"]]  # fmt: skip
        write_table(rows, _HOLD_COLUMNS)
    return Exit.OK


def suspend(
    account: Account,
    /,
    *,
    clause: Clause,
    why: Why,
    port: Annotated[
        list[str] | None, Parameter(help="Access number; all if none; may be repeated.")
    ] = None,
    service: Annotated[
        list[Literal["ordinary", "instant"]] | None,
        Parameter(help="Kind of service; all if none; may be repeated."),
    ] = None,
    since: Annotated[str | None, Parameter(help="When it begins; at once.")] = None,
    until: Annotated[
        str | None, Parameter(help="When it ends; when it is lifted. A date counts to its 24:00.")
    ] = None,
    explain_by: Annotated[
        str | None, Parameter(help="When party A's explanation is due (clause 7.5).")
    ] = None,
    reference: Reference = "",
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Suspend an account's business: submissions are refused, the rest goes on."""
    body = {
        "account": account, "clause": clause, "why": why, "ports": port, "services": service,
        "since": since, "until": until, "explain_by": explain_by, "reference": reference,
    }  # fmt: skip
    return _write(call(gateway, "POST", "standing/suspensions", body=_given(body)), json)


def lift(
    number: Annotated[int, Parameter(name="NUMBER", help="Number of the suspension.")],
    /,
    *,
    why: Why,
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """End a suspension at once."""
    path = f"standing/suspensions/{number}"
    return _write(call(gateway, "DELETE", path, query={"why": why}), json)


def terminations(*, json: Json = False, gateway: Gateway = THIS_MACHINE) -> int:
    """List the terminations that weren't taken back."""
    answer = call(gateway, "GET", "standing/terminations")
    if json:
        write_json(answer)
    else:
        write_table(answer["items"], _END_COLUMNS)
    return Exit.OK


def terminate(
    account: Account,
    /,
    *,
    clause: Clause,
    why: Why,
    ends_at: Annotated[
        str, Parameter(name="--end", help="When it ends; a plain date counts to its 24:00.")
    ],
    notice_at: Annotated[
        str | None,
        Parameter(name="--notice", help="When the written notice was delivered (clause 4.4)."),
    ] = None,
    reference: Reference = "",
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """End the contract, or an account's part of it."""
    body = {
        "account": account, "clause": clause, "why": why, "ends_at": ends_at,
        "notice_at": notice_at, "reference": reference,
    }  # fmt: skip
    return _write(call(gateway, "POST", "standing/terminations", body=_given(body)), json)


def reinstate(
    account: Account, /, *, why: Why, json: Json = False, gateway: Gateway = THIS_MACHINE
) -> int:
    """Take a termination back."""
    path = f"standing/terminations/{quote(account, safe='')}"
    return _write(call(gateway, "DELETE", path, query={"why": why}), json)


def _given(body: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in body.items() if value not in (None, "")}


def _write(answer: dict[str, Any], json: bool) -> int:
    if json:
        write_json(answer)
    else:
        write_fields({key: value for key, value in answer.items() if value not in (None, "", [])})
    return Exit.OK


def _write_account(item: dict[str, Any]) -> None:
    state = "in force" if item["in_force"] else "out of force"
    held = ", suspended or blocked" if item["holds"] else ""
    print(f"{shown(item['account'])}: {state}{held}")
    for finding in (item["out_of_force"], item["warning"]):
        if finding:
            print(f"  {shown(finding['detail'])}")
            print(f"  {shown(finding['detail_zh'])}")
    for hold in item["holds"]:
        ports = ", ".join(hold["ports"]) or "all numbers"
        until = hold["until"] or "it is lifted"
        print(
            f"  {shown(hold['name'])} (clause {shown(hold['clause'])}) of {shown(ports)} since "
            f"{shown(hold['since'])} until {shown(until)}: {shown(hold['why'])}"
        )
