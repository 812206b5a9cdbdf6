"""Inject uplink messages, and ask what the checks say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from cyclopts import Parameter

from routing.reasons import cited

from .exits import Exit
from .output import mark, shown, write_json
from .remote import THIS_MACHINE, Gateway, call


def mo(
    sender: Annotated[str, Parameter(name="FROM", help="Number of the handset.")],
    recipient: Annotated[str, Parameter(name="TO", help="Access number, extension digits too.")],
    text: Annotated[str, Parameter(name="TEXT", help="What the handset sends.")],
    /,
    *,
    json: Annotated[bool, Parameter(help="Print the answer as JSON.")] = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Inject an uplink message, as if a handset had sent it."""
    body = {"from": sender, "to": recipient, "text": text}
    taken = call(gateway, "POST", "mo", body=body)
    if json:
        write_json(taken)
    elif taken["account"]:
        print(f"{taken['id']} for account {shown(taken['account'])}")
    else:
        print(f"{taken['id']}: recorded, but {shown(recipient)} belongs to no account")
    return Exit.OK if taken["account"] else Exit.FAILED


def explain(
    text: Annotated[str, Parameter(name="TEXT", help="The text to judge.")],
    /,
    *,
    sender: Annotated[str, Parameter(name="--from", help="Sender: the access number.")],
    to: Annotated[str, Parameter(help="Recipient.")],
    account: Annotated[str, Parameter(help="Account; the sender's owner if not given.")] = "",
    service: Annotated[
        Literal["", "ordinary", "instant"], Parameter(help="Service; the account's first if empty.")
    ] = "",
    dcs: Annotated[int | None, Parameter(help="data_coding; chosen by the text if none.")] = None,
    at: Annotated[str | None, Parameter(help="Time to judge at, ISO 8601; the present.")] = None,
    json: Annotated[bool, Parameter(help="Print the verdict as JSON.")] = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Show every check, its verdict and clause; nothing is sent, nothing charged."""
    body: dict[str, object] = {"from": sender, "to": to, "text": text}
    optional = {"account": account, "service": service, "data_coding": dcs, "at": at}
    body |= {key: value for key, value in optional.items() if value not in ("", None)}
    verdict = call(gateway, "POST", "checks:explain", body=body)
    if json:
        write_json(verdict)
    else:
        write_checks(verdict)
    return Exit.OK if verdict["accepted"] else Exit.FAILED


_INDENT: Final = " " * 6


def _grounds(check: Mapping[str, object]) -> list[str]:
    """Give what belongs to a finding beside its sentence: Chinese, what decided, what passes."""
    words = (("detail_zh", ""), ("seen", "seen: "), ("allowed", "allowed: "))
    return [f"{word}{shown(check[key])}" for key, word in words if check.get(key)]


def write_checks(verdict: dict[str, object]) -> None:
    """Write every check of a verdict, one a line, then what decided."""
    checks = verdict["checks"]
    assert isinstance(checks, list)
    for check in checks:
        mode = "" if check["mode"] == "enforce" else f" ({check['mode']})"
        clause = cited(str(check["clause"]))
        detail = f"  {shown(check['detail'])}" if check["detail"] else ""
        print(f"{mark(check['passed'])}  {check['name']:<20}{clause:<22}{mode}{detail}".rstrip())
        for line in _grounds(check):
            print(f"{_INDENT}{line}")
    if verdict["accepted"]:
        print("accepted")
    else:
        print(
            f"rejected: {shown(verdict['reason'])}, {shown(cited(str(verdict['clause'])))}, "
            f"{shown(verdict.get('status_name'))}"
        )
        print(shown(verdict["advice"]))
        deciding = [check for check in checks if check["name"] == verdict["reason"]]
        keys = [str(key) for check in deciding for key in check.get("keys", ())]
        if keys:
            print(f"governed by {shown(', '.join(keys))}")
