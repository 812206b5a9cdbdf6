"""Issue statements, take payments and claims, and say what is owed (clauses 5.2, 5.3, 7.2, 7.8)."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, Final, TypeAlias

import msgspec
from starlette.responses import Response

from gateway.api.entries import account_of
from gateway.api.ports import JsonObject, RefusedError
from gateway.api.reading import contract_of, reading_of
from gateway.api.route import Call, Route, Shape, iso
from gateway.api.shapes import Problem
from gateway.api.statement_shapes import (
    ArrearsQuery,
    ArrearsShown,
    ClaimBody,
    ClaimList,
    ClaimShown,
    FreeMonthBody,
    FreeMonthShown,
    IssueBody,
    PaymentBody,
    PaymentList,
    PaymentShown,
    StatementList,
    StatementShown,
)
from metrics.settlement import Accounts, SettlementError, Statement, View, as_csv, as_json, encode
from metrics.settlement.drafting import drafted
from metrics.settlement.late_fees import Owed
from metrics.settlement.workbook import as_xlsx
from metrics.sla.windows import date_at
from routing.settlement_events import (
    ClaimEntered,
    FreeMonthGranted,
    PaymentReceived,
    StatementIssued,
)

TAG = "statements"
AnyCall: TypeAlias = Call[Any, Any]
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def issue_statement(call: Call[None, IssueBody]) -> Response:
    """Issue the statement of a period, with its invoice; a correction needs a reason.

    It can be issued from the cut-off of the period on, and never changes. 409 says what is in the
    way.
    """
    body, context = call.body, call.context
    reading = await reading_of(call)
    account = account_of(context, body.account)
    accounts, name = _accounts(call), call.path("period")

    def draft() -> Statement:
        return drafted(accounts, reading.view, name, reading.at, reading.complaints, body.reason)

    try:
        statement = await call.resources.aside.run(draft)
    except SettlementError as error:
        raise RefusedError(409, str(error)) from error
    await context.registrar.record(
        [StatementIssued(reading.at, statement.number, account, call.by.name, encode(statement))]
    )
    return call.answer(_shown(statement), 201)


async def list_statements(call: Call[None, None]) -> Response:
    """List every statement, in order of issue."""
    return call.answer({"items": [_row(one) for one in _accounts(call).statements()]})


async def show_statement(call: Call[None, None]) -> Response:
    """Show a statement as it was issued, whatever has come since.

    With `.json`, `.csv` or `.xlsx` behind its number it comes in that form.
    """
    name, dot, form = call.path("statement").rpartition(".")
    if not dot or form not in _FORMS:
        name, form = call.path("statement"), ""
    try:
        statement = _accounts(call).statement(name)
    except SettlementError as error:
        raise RefusedError(404, str(error)) from error
    return _FORMS[form](call, statement)


async def enter_payment(call: Call[None, PaymentBody]) -> Response:
    """Enter what party A has paid."""
    body, accounts = call.body, _accounts(call)
    event = PaymentReceived(
        call.context.clock.at(),
        len(accounts.payments) + 1,
        body.paid_on.isoformat(),
        body.amount_fen,
        call.by.name,
        body.invoice,
        body.purpose,
        body.reference,
    )
    await call.context.registrar.record([event])
    return call.answer(_payment(event), 201)


async def list_payments(call: Call[None, None]) -> Response:
    """List every payment."""
    return call.answer({"items": [_payment(one) for one in _accounts(call).payments]})


async def show_arrears(call: Call[ArrearsQuery, None]) -> Response:
    """Show how every invoice stands at the end of a day, with its late fee (clause 7.2)."""
    found = _accounts(call).arrears(call.query.on or date_at(call.context.clock.at()))
    return call.answer(
        {
            "on": found.on.isoformat(),
            "open_fen": found.open_fen,
            "overdue_fen": found.overdue_fen,
            "credit_fen": found.credit_fen,
            "late_fee_fen": found.late_fee_fen,
            "late_fee_open_fen": found.late_fee_open_fen,
            "invoices": [_owed(one) for one in found.owed],
        }
    )


async def grant_free_month(call: Call[None, FreeMonthBody]) -> Response:
    """Grant the one month without fee; 409 for a late notice names the earliest day."""
    body, at, accounts = call.body, call.context.clock.at(), _accounts(call)
    delivered_at = at if body.delivered_at is None else body.delivered_at
    try:
        found = accounts.announced(body.first_day, delivered_at)
    except SettlementError as error:
        raise RefusedError(409, str(error)) from error
    event = FreeMonthGranted(
        at, found.first_day.isoformat(), found.last_day.isoformat(), delivered_at, call.by.name,
        body.reference,
    )  # fmt: skip
    await call.context.registrar.record([event])
    return call.answer(_free(accounts), 201)


async def show_free_month(call: Call[None, None]) -> Response:
    """Show the month without fee, if there is one."""
    return call.answer(_free(_accounts(call)))


async def enter_claim(call: Call[None, ClaimBody]) -> Response:
    """Enter a loss that party A claims; the answer says how much party B is liable for."""
    body, accounts = call.body, _accounts(call)
    event = ClaimEntered(
        call.context.clock.at(), len(accounts.claims) + 1, body.amount_fen,
        body.happened_on.isoformat(), call.by.name, body.why, body.reference,
    )  # fmt: skip
    await call.context.registrar.record([event])
    return call.answer(_claims(accounts)[-1], 201)


async def list_claims(call: Call[None, None]) -> Response:
    """List every claim with its limit, and the limit of today (clause 7.8)."""
    accounts = _accounts(call)
    cap = accounts.cap_fen(date_at(call.context.clock.at()))
    return call.answer({"cap_fen": cap, "items": _claims(accounts)})


def _accounts(call: AnyCall) -> Accounts:
    contract_of(call)
    return call.context.registrar.office.accounts


def _row(one: Statement) -> JsonObject:
    return {
        "number": one.number,
        "period": one.settlement.period.name,
        "issued_at": iso(one.issued_at),
        "corrects": one.corrects or None,
        "reason": one.reason or None,
        "payable_fen": one.settlement.payable_fen,
        "digest": one.digest,
    }


def _shown(one: Statement) -> JsonObject:
    settlement = as_json(View(one.settlement, one))
    return {"number": one.number, "heading": one.heading._asdict(), "settlement": settlement}


def _payment(one: PaymentReceived) -> JsonObject:
    found: JsonObject = msgspec.structs.asdict(one)
    del found["at"]
    return found


def _owed(one: Owed) -> JsonObject:
    return {
        "invoice": one.invoice.number,
        "issued_on": one.invoice.issued_on.isoformat(),
        "due_on": one.due_on.isoformat(),
        "amount_fen": one.invoice.amount_fen,
        "open_fen": one.open_fen,
        "late_fee_fen": one.late_fee_fen,
        "overdue": [
            {
                "after": span.after.isoformat(),
                "until": span.until.isoformat(),
                "days": span.days,
                "arrears_fen": span.arrears_fen,
                "late_fee_fen": span.late_fee_fen,
            }
            for span in one.overdue
        ],
    }


def _claims(accounts: Accounts) -> list[JsonObject]:
    return [
        {"claim": one.number, **_without_number(dataclasses.asdict(one)),
         "happened_on": one.happened_on.isoformat()}
        for one in accounts.judged_claims()
    ]  # fmt: skip


def _without_number(fields: JsonObject) -> JsonObject:
    return {key: value for key, value in fields.items() if key != "number"}


def _free(accounts: Accounts) -> JsonObject:
    free = accounts.free_month()
    if free is None:
        return {"free_month": None}
    days = {"first_day": free.first_day.isoformat(), "last_day": free.last_day.isoformat()}
    return {"free_month": days}


def _as_json(call: AnyCall, one: Statement) -> Response:
    return call.answer(_shown(one))


def _as_csv(call: AnyCall, one: Statement) -> Response:
    return _file(as_csv(one.settlement).encode(), "text/csv; charset=utf-8", one, "csv")


def _as_xlsx(call: AnyCall, one: Statement) -> Response:
    return _file(as_xlsx(View(one.settlement, one)), _XLSX, one, "xlsx")


_FORMS: Final[dict[str, Callable[[AnyCall, Statement], Response]]] = {
    "": _as_json,
    "json": _as_json,
    "csv": _as_csv,
    "xlsx": _as_xlsx,
}
"""What stands behind a statement's number → how it is written."""


def _file(content: bytes, media_type: str, one: Statement, ending: str) -> Response:
    name = "".join(c if c.isascii() and c.isalnum() else "-" for c in one.number)
    headers = {"Content-Disposition": f'attachment; filename="statement-{name}.{ending}"'}
    return Response(content, media_type=media_type, headers=headers)


_ROOT: Final = "/api/v1"
_NONE: Final = {409: Problem}
ROUTES = (
    Route("POST", _ROOT + "/settlements/{period}/issue", issue_statement, "operator", TAG,
          "Issue the statement of a period", {201: StatementShown, 409: Problem},
          body=Shape[IssueBody](IssueBody)),
    Route("GET", _ROOT + "/statements", list_statements, "viewer", TAG, "List statements",
          {200: StatementList, **_NONE}),
    Route("GET", _ROOT + "/statements/{statement}", show_statement, "viewer", TAG,
          "Show a statement", {200: StatementShown, 404: Problem, **_NONE}),
    Route("GET", _ROOT + "/payments", list_payments, "viewer", TAG, "List payments",
          {200: PaymentList, **_NONE}),
    Route("POST", _ROOT + "/payments", enter_payment, "operator", TAG, "Enter a payment",
          {201: PaymentShown, **_NONE}, body=Shape[PaymentBody](PaymentBody)),
    Route("GET", _ROOT + "/arrears", show_arrears, "viewer", TAG, "Show what is owed",
          {200: ArrearsShown, **_NONE}, query=Shape[ArrearsQuery](ArrearsQuery)),
    Route("GET", _ROOT + "/free-month", show_free_month, "viewer", TAG,
          "Show the month without fee", {200: FreeMonthShown, **_NONE}),
    Route("POST", _ROOT + "/free-month", grant_free_month, "operator", TAG,
          "Grant the month without fee", {201: FreeMonthShown, **_NONE},
          body=Shape[FreeMonthBody](FreeMonthBody)),
    Route("GET", _ROOT + "/claims", list_claims, "viewer", TAG, "List claims",
          {200: ClaimList, **_NONE}),
    Route("POST", _ROOT + "/claims", enter_claim, "operator", TAG, "Enter a claim",
          {201: ClaimShown, **_NONE}, body=Shape[ClaimBody](ClaimBody)),
)  # fmt: skip
