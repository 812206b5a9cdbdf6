"""Answer for breaches: the table of clause 7.3, its cases and signs, and what they block.

A step of a case is decided by the ledger, recorded with who and why, and answered when it is on
disk; what follows from it (a block, an end of one) holds for the next submission.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias, TypeVar

from starlette.responses import Response

from gateway.api.breach_shapes import (
    BlockList,
    CaseBody,
    CaseList,
    CaseListQuery,
    CaseShown,
    CaseStep,
    RowList,
    SignBody,
    SignTaken,
    StopBody,
    StopShown,
)
from gateway.api.entries import account_of, demand_ports, entry_at, message_of, page, show
from gateway.api.ports import JsonObject, RefusedError
from gateway.api.route import Call, Route, Shape, iso, moment
from gateway.api.shapes import Problem
from gateway.api.standing_shapes import WhyQuery
from metrics.breaches.cases import ENDED, BreachError, Case
from metrics.breaches.evidence import Evidence
from metrics.breaches.ledger import Ledger
from metrics.breaches.orders import Order
from metrics.breaches.rows import CLAUSE, GRADES_ZH, ROWS, Row
from metrics.breaches.stops import GROUNDS, Stop

from .standing import shown_hold

TAG = "breaches"
AnyCall: TypeAlias = Call[Any, Any]
_T = TypeVar("_T")


async def list_cases(call: Call[CaseListQuery, None]) -> Response:
    """List the cases, and the signs that belong to none: those of refused messages among them."""
    ledger, query = _ledger(call), call.query

    def chosen(case: Case) -> bool:
        return (
            query.account in ("", case.account)
            and query.state in (None, case.state)
            and query.grade in (None, case.grade)
        )

    found = page(ledger.cases, lambda case: _case(ledger, case), chosen, query.limit, query.cursor)
    found["signs"] = [_evidence(each) for each in ledger.evidence(query.account)]
    return call.answer(found)


async def list_rows(call: Call[None, None]) -> Response:
    """List the 28 rows of clause 7.3, with how often each was broken and how many cases it has."""
    ledger = _ledger(call)
    return call.answer({"items": [_row(ledger, row) for row in ROWS.values()]})


async def show_case(call: Call[None, None]) -> Response:
    """Show one case with its evidence, its dates and the steps that are allowed now."""
    return call.answer(_case(_ledger(call), _case_at(call)))


async def open_case(call: Call[None, CaseBody]) -> Response:
    """Open a case by hand; signs of its row that belong to none go to it."""
    body, context = call.body, call.context
    account = _account(call, body.account, body.ports)
    ledger = _ledger(call)
    event = _decided(
        lambda: ledger.open_case(
            context.clock.at(), account, body.row, who=call.by.name, why=body.why,
            grade=body.grade or "", ports=body.ports, first_at=body.first_at or 0.0,
        )
    )  # fmt: skip
    await context.registrar.record([event])
    return call.answer(_case(ledger, ledger.cases[event.case]), 201)


async def move_case(call: Call[None, CaseStep]) -> Response:
    """Take one step of a case (clauses 7.3 and 7.5)."""
    body, case, ledger = call.body, _case_at(call), _ledger(call)
    order = Order(
        body.action, call.context.clock.at(), call.by.name, body.why, body.grade or "", body.row,
        body.moment or 0.0, body.form, body.reference, body.report,
    )  # fmt: skip
    await call.context.registrar.record(_decided(lambda: ledger.order(case.number, order)))
    return call.answer(_case(ledger, case))


async def enter_sign(call: Call[None, SignBody]) -> Response:
    """Enter a sign of a breach that no message shows alone, such as a report of the media."""
    body, context = call.body, call.context
    account = _account(call, body.account, body.ports)
    message = await message_of(context, body.message_id)
    message_id = int(str(message.get("id", 0)))
    event = _decided(
        lambda: _ledger(call).sign(
            context.clock.at(), account, body.row, who=call.by.name, why=body.why,
            ports=body.ports, reference=body.reference, message_id=message_id,
        )
    )  # fmt: skip
    await context.registrar.record([event])
    shown = {"account": account, "row": event.row, "at": iso(event.at), "why": event.why}
    return call.answer(shown, 201)


async def list_blocks(call: Call[None, None]) -> Response:
    """List what stands in the way of submissions: cases, stops at once, suspensions."""
    at, book = call.context.clock.at(), call.context.registrar.registries.standing
    held = {hold.name: hold for account in call.context.settings.accounts
            for hold in book.holds_at(account, at)}  # fmt: skip
    return call.answer({"at": iso(at), "items": [shown_hold(hold) for hold in held.values()]})


async def stop_business(call: Call[None, StopBody]) -> Response:
    """Stop an account's business at once, where the contract allows it without a notice."""
    body, context, ledger = call.body, call.context, _ledger(call)
    account = _account(call, body.account, body.ports)
    event = _decided(
        lambda: ledger.stop_at_once(
            context.clock.at(), account, body.ground, who=call.by.name, why=body.why,
            ports=body.ports,
        )
    )  # fmt: skip
    await context.registrar.record([event])
    return call.answer(_stop(ledger.stops[event.stop]), 201)


async def resume_business(call: Call[WhyQuery, None]) -> Response:
    """Lift a stop at once."""
    ledger, at = _ledger(call), call.context.clock.at()
    stop = entry_at(ledger.stops, call.path("number"), "stop")
    event = _decided(lambda: ledger.resume(stop.number, at, who=call.by.name, why=call.query.why))
    await call.context.registrar.record([event])
    return call.answer(_stop(stop))


def _ledger(call: AnyCall) -> Ledger:
    return call.context.registrar.office.ledger


def _case_at(call: AnyCall) -> Case:
    return entry_at(_ledger(call).cases, call.path("number"), "case")


def _account(call: AnyCall, name: str, ports: Sequence[str]) -> str:
    """Give whose breach it is (RefusedError)."""
    if not call.context.settings.contract.checked:
        raise RefusedError(409, "the gateway runs without a contract: nothing can be broken")
    account = account_of(call.context, name)
    demand_ports(call.context, [account], ports)
    return account


def _decided(decide: Callable[[], _T]) -> _T:
    try:
        return decide()
    except BreachError as error:
        raise RefusedError(409, str(error)) from error


def _case(ledger: Ledger, case: Case) -> JsonObject:
    row = ROWS[case.row]
    return {
        **show(case, "case"),
        "row_en": row.en,
        "row_zh": row.zh,
        "clause": CLAUSE[case.grade],
        "grade_zh": GRADES_ZH[case.grade],
        "actions": list(case.actions),
        "blocked_ports": list(case.blocked_ports(ledger.terms.figures)),
        "evidence": _evidence(case.evidence),
    }


def _evidence(evidence: Evidence) -> JsonObject:
    found = show(evidence, "evidence")
    del found["case"]
    return found


def _row(ledger: Ledger, row: Row) -> JsonObject:
    cases = [case for case in ledger.cases.values() if case.row == row.number]
    signs = [case.evidence for case in cases]
    signs += [each for each in ledger.evidence() if each.row == row.number]
    return {
        "row": row.number,
        "grades": list(row.grades),
        "grades_zh": [GRADES_ZH[grade] for grade in row.grades],
        "detection": row.detection,
        "clause": row.clause,
        "consequence": CLAUSE[row.grade],
        "en": row.en,
        "zh": row.zh,
        "breaches": sum(each.breaches for each in signs),
        "warnings": sum(each.warnings for each in signs),
        "cases": len(cases),
        "open": sum(case.state not in ENDED for case in cases),
    }


def _stop(stop: Stop) -> JsonObject:
    ground_en, ground_zh = GROUNDS[stop.ground]
    found = {**show(stop, "stop"), "ground_en": ground_en, "ground_zh": ground_zh}
    found["until"] = moment(stop.until)
    return found


_ROOT: Final = "/api/v1/breaches"
_BLOCKS: Final = "/api/v1/blocks"
ROUTES = (
    Route("GET", _ROOT, list_cases, "viewer", TAG, "List cases of breach", {200: CaseList},
          query=Shape[CaseListQuery](CaseListQuery)),
    Route("POST", _ROOT, open_case, "operator", TAG, "Open a case",
          {201: CaseShown, 409: Problem}, body=Shape[CaseBody](CaseBody)),
    Route("GET", _ROOT + "/rows", list_rows, "viewer", TAG, "List the rows of clause 7.3",
          {200: RowList}),
    Route("POST", _ROOT + "/signs", enter_sign, "operator", TAG, "Enter a sign of a breach",
          {201: SignTaken, 409: Problem}, body=Shape[SignBody](SignBody)),
    Route("GET", _ROOT + "/{number}", show_case, "viewer", TAG, "Show a case", {200: CaseShown}),
    Route("POST", _ROOT + "/{number}/steps", move_case, "operator", TAG, "Take a step of a case",
          {200: CaseShown, 409: Problem}, body=Shape[CaseStep](CaseStep)),
    Route("GET", _BLOCKS, list_blocks, "viewer", TAG, "List what blocks submissions",
          {200: BlockList}),
    Route("POST", _BLOCKS, stop_business, "operator", TAG, "Stop a business at once",
          {201: StopShown, 409: Problem}, body=Shape[StopBody](StopBody)),
    Route("DELETE", _BLOCKS + "/{number}", resume_business, "operator", TAG,
          "Lift a stop at once", {200: StopShown, 409: Problem}, query=Shape[WhyQuery](WhyQuery)),
)  # fmt: skip
