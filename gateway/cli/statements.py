"""Issue and show statements, enter payments and claims, and say what is owed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final, Literal

from cyclopts import Parameter

from .exits import CommandError, Exit
from .output import write_fields, write_json, write_table
from .remote import THIS_MACHINE, Gateway, call
from .saving import save

_ROWS: Final = ("number", "period", "issued_at", "payable", "corrects")
_PAYMENTS: Final = ("payment", "paid_on", "amount", "purpose", "invoice", "reference")
_OWED: Final = ("invoice", "issued_on", "due_on", "amount", "open", "late_fee")
_CLAIMS: Final = ("claim", "happened_on", "amount", "cap", "liable", "why")
Json = Annotated[bool, Parameter(name="--json", help="Print the answer as JSON.")]
Reference = Annotated[str, Parameter(help="Letter, bank reference or file number.")]


def statements(*, json: Json = False, gateway: Gateway = THIS_MACHINE) -> int:
    """List every statement."""
    answer = call(gateway, "GET", "statements")
    return _list(answer, _ROWS, json=json)


def show(
    number: Annotated[str, Parameter(name="NUMBER", help="Number of the statement.")],
    /,
    *,
    form: Annotated[
        Literal["table", "json", "csv", "xlsx"], Parameter(name="--format", help="How.")
    ] = "table",
    out: Annotated[
        Path | None, Parameter(help="File to write to; standard output if none.")
    ] = None,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Show a statement as it was issued."""
    if form in ("csv", "xlsx") or out is not None:
        return save(gateway, f"statements/{number}", {}, "json" if form == "table" else form, out)
    answer = call(gateway, "GET", f"statements/{number}")
    return _show(answer, json=form == "json")


def issue(
    *,
    period: Annotated[str, Parameter(help="First day of the period.")],
    reason: Annotated[str, Parameter(help="Why the last one of the period is corrected.")] = "",
    account: Annotated[str, Parameter(help="Whose invoice it is; the only one if none.")] = "",
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Issue the statement of a period, with its invoice."""
    body = {key: value for key, value in (("reason", reason), ("account", account)) if value}
    return _show(call(gateway, "POST", f"settlements/{period}/issue", body=body), json=json)


def payments(*, json: Json = False, gateway: Gateway = THIS_MACHINE) -> int:
    """List every payment."""
    return _list(call(gateway, "GET", "payments"), _PAYMENTS, json=json)


def pay(
    amount: Annotated[str, Parameter(name="CNY", help="How much, such as 37869.00.")],
    /,
    *,
    on: Annotated[str, Parameter(help="Day of the payment.")],
    invoice: Annotated[str, Parameter(help="Statement it names; the oldest open one if none.")] = (
        ""
    ),
    purpose: Annotated[Literal["fee", "late_fee"], Parameter(help="What is paid.")] = "fee",
    reference: Reference = "",
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Enter what party A has paid."""
    body: dict[str, object] = {
        "paid_on": on, "amount_fen": fen_of(amount), "invoice": invoice, "purpose": purpose,
        "reference": reference,
    }  # fmt: skip
    body = {key: value for key, value in body.items() if value != ""}
    return _one(call(gateway, "POST", "payments", body=body), _PAYMENTS, json=json)


def arrears(
    *,
    on: Annotated[str, Parameter(help="Which day; today if none.")] = "",
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Show how every invoice stands, with its late fee; exit code 1 while one is overdue."""
    answer = call(gateway, "GET", "arrears", query={"on": on} if on else {})
    if json:
        write_json(answer)
    else:
        total = ("open", "overdue", "credit", "late_fee", "late_fee_open")
        write_fields({"on": answer["on"], **{key: yuan(answer[f"{key}_fen"]) for key in total}})
        write_table([_in_yuan(one) for one in answer["invoices"]], _OWED)
    return Exit.FAILED if answer["overdue_fen"] else Exit.OK


def claims(*, json: Json = False, gateway: Gateway = THIS_MACHINE) -> int:
    """List every claim and how much of it party B is liable for."""
    return _list(call(gateway, "GET", "claims"), _CLAIMS, json=json)


def claim(
    amount: Annotated[str, Parameter(name="CNY", help="How much, such as 1200.50.")],
    /,
    *,
    on: Annotated[str, Parameter(help="Day on which the loss happened.")],
    why: Annotated[str, Parameter(help="What happened; it is journalled with who entered it.")],
    reference: Reference = "",
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Enter a loss that party A claims."""
    body: dict[str, object] = {"happened_on": on, "amount_fen": fen_of(amount), "why": why}
    if reference:
        body["reference"] = reference
    return _one(call(gateway, "POST", "claims", body=body), _CLAIMS, json=json)


def free_month(
    first_day: Annotated[
        str, Parameter(name="FIRST_DAY", help="First day asked for; shows the month if none.")
    ] = "",
    /,
    *,
    delivered: Annotated[str, Parameter(help="When the notice was delivered; now if none.")] = "",
    reference: Reference = "",
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Show or grant the one month without communication fee."""
    if first_day:
        given = {"first_day": first_day, "delivered_at": delivered, "reference": reference}
        body: dict[str, object] = {key: value for key, value in given.items() if value}
        answer = call(gateway, "POST", "free-month", body=body)
    else:
        answer = call(gateway, "GET", "free-month")
    if json:
        write_json(answer)
    else:
        write_fields(answer["free_month"] or {"free month": "none"})
    return Exit.OK


def fen_of(amount: str) -> int:
    """Read an amount in CNY with at most two decimals as fen. Raises CommandError (2)."""
    whole, _, part = amount.replace(",", "").partition(".")
    if not (whole.isascii() and whole.isdigit()) or len(part) > 2 or not (part or "0").isdigit():
        raise CommandError(Exit.USAGE, f"{amount!r}: an amount in CNY, such as 37869.00")
    return int(whole) * 100 + int(part.ljust(2, "0"))


def yuan(fen: int) -> str:
    """Write fen as CNY."""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def _in_yuan(one: dict[str, Any]) -> dict[str, Any]:
    """Give money in CNY under the key without its unit."""
    return {
        key.removesuffix("_fen"): yuan(value) if key.endswith("_fen") else value
        for key, value in one.items()
    }


def _list(answer: Any, columns: tuple[str, ...], *, json: bool) -> int:
    if json:
        write_json(answer)
    else:
        write_table([_in_yuan(one) for one in answer["items"]], columns)
    return Exit.OK


def _one(answer: Any, columns: tuple[str, ...], *, json: bool) -> int:
    if json:
        write_json(answer)
    else:
        shown = _in_yuan(answer)
        write_fields({key: shown[key] for key in columns})
    return Exit.OK


def _show(answer: Any, *, json: bool) -> int:
    if json:
        write_json(answer)
        return Exit.OK
    settlement = answer["settlement"]
    fields = ("success_fee", "function_fee", "rebate", "adjustment", "payable", "net", "vat")
    write_fields({
        "number": answer["number"],
        "period": f"{settlement['period']} to {settlement['last_day']}",
        "issued at": settlement["issued"]["at"],
        **{name: yuan(settlement[f"{name}_fen"]) for name in fields},
        "digest": settlement["issued"]["digest"],
    })  # fmt: skip
    return Exit.OK
