"""Answer for the quality index of clause 3.2.4 and the settlements of clause 5.3.

All figures are read from one fold of the journal, under the contract's reading or another one that
the query names (`interpretation.sla.logic=and`); the contract itself is never changed by asking.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final, TypeAlias, TypeVar

from starlette.responses import Response

from gateway.api.ports import JsonObject, RefusedError
from gateway.api.reading import Reading, reading_of
from gateway.api.route import Call, Route, Shape, iso
from gateway.api.shapes import Problem
from gateway.api.sla_shapes import (
    BehindQuery,
    BehindShown,
    ReadQuery,
    SettlementList,
    SettlementShown,
    SlaQuery,
    SlaShown,
    WindowsShown,
)
from metrics.settlement import SettlementError, View, as_csv, as_json, periods_of
from metrics.settlement.drafting import settled_of
from metrics.settlement.workbook import as_xlsx
from metrics.sla import Window, named
from metrics.sla.behind import Cursor, CursorError, Question, Settled, page_of
from metrics.sla.windows import WINDOWS, date_at, date_of

TAG = "sla"
AnyCall: TypeAlias = Call[Any, Any]
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_T = TypeVar("_T")


async def show_sla(call: Call[SlaQuery, None]) -> Response:
    """Show the index of some days, or of the window that holds today."""
    reading = await reading_of(call)
    window = _window(call.query, reading)
    return call.answer(await _aside(call, lambda: reading.assessed(window)))


async def list_behind(call: Call[BehindQuery, None]) -> Response:
    """List the messages behind a figure of the index, under the same reading: as many segments.

    Those that came by the time of the first page are listed once; one that changes its class while
    pages are read may be left out.
    """
    query, reading = call.query, await reading_of(call)
    question = Question(
        query.wanted, _window(query, reading), reading.account, reading.service, query.limit
    )
    try:
        cursor = Cursor.read(query.cursor) if query.cursor else Cursor(reading.at)
    except CursorError as error:
        raise RefusedError(422, f"query parameter {error}") from error
    messages, loop = call.context.messages, asyncio.get_running_loop()

    def settled(*asked: Any) -> list[Settled]:
        return asyncio.run_coroutine_threadsafe(messages.settled(*asked), loop).result()

    found = await _aside(call, lambda: page_of(reading.view, question, cursor, settled))
    shown = await messages.shown([one.id for one in found.items])
    return call.answer(
        {
            "items": [
                {
                    "id": str(one.id),
                    "class": query.wanted,
                    "day": date_of(one.day).isoformat(),
                    "segments": one.segments,
                    "message": shown.get(one.id),
                }
                for one in found.items
            ],
            "next": found.next.text() if found.next else None,
            "segments": sum(one.segments for one in found.items),
        }
    )


async def show_sla_windows(call: Call[ReadQuery, None]) -> Response:
    """Show the index of every window that holds today."""
    reading = await reading_of(call)

    def all_of() -> JsonObject:
        return {name: reading.assessed(_named(reading, name)) for name in WINDOWS}

    return call.answer({"at": iso(reading.at), "windows": await _aside(call, all_of)})


async def list_settlements(call: Call[ReadQuery, None]) -> Response:
    """List the settlements of every period that has begun; the last one as far as it has come."""
    reading = await reading_of(call)

    def all_of() -> list[JsonObject]:
        begun = periods_of(reading.contract).begun_by(date_at(reading.at))
        return [dict(as_json(_settlement(call, reading, period.name))) for period in begun]

    return call.answer({"at": iso(reading.at), "items": await _aside(call, all_of)})


async def show_settlement(call: Call[ReadQuery, None]) -> Response:
    """Show the settlement of a period, which is named by its first day.

    With `.json`, `.csv` or `.xlsx` behind the day it comes in that form.
    """
    name, _, form = call.path("period").partition(".")
    if form not in _FORMS:
        known = ", ".join(f".{one}" for one in _FORMS if one)
        raise RefusedError(404, f"form .{form[:20]}: {known} are there")
    reading = await reading_of(call)
    return await _aside(call, lambda: _FORMS[form](call, _settlement(call, reading, name)))


def _as_json(call: AnyCall, view: View) -> Response:
    return call.answer(as_json(view))


def _as_csv(call: AnyCall, view: View) -> Response:
    return _file(as_csv(view.settlement).encode(), "text/csv; charset=utf-8", view, "csv")


def _as_xlsx(call: AnyCall, view: View) -> Response:
    return _file(as_xlsx(view), _XLSX, view, "xlsx")


_FORMS: Final[dict[str, Callable[[AnyCall, View], Response]]] = {
    "": _as_json,
    "json": _as_json,
    "csv": _as_csv,
    "xlsx": _as_xlsx,
}
"""What stands behind the period's first day → how it is written."""


def _file(content: bytes, media_type: str, view: View, ending: str) -> Response:
    name = f"settlement-{view.settlement.period.name}.{ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)


def _window(query: SlaQuery, reading: Reading) -> Window:
    """Give the days that a query names (RefusedError 422)."""
    if (query.first is None) != (query.last is None):
        raise RefusedError(422, "query parameters: from and to are given together, or none is")
    try:
        if query.first is not None and query.last is not None:
            return Window(query.first, query.last)
        return _named(reading, query.window)
    except ValueError as error:
        raise RefusedError(422, f"query parameter to: {error}") from error


def _settlement(call: AnyCall, reading: Reading, name: str) -> View:
    """Give a period as its statement has it, and one without statement as it stands.

    Under another reading it is what that would come to, whatever was issued.
    """
    contract, accounts = reading.contract, call.context.registrar.office.accounts
    period = periods_of(contract).named(name)
    issued = accounts.book.of_period(period.first_day)
    if issued and contract == accounts.contract:
        today = date_at(reading.at)
        late_fee_fen = accounts.book.late_fee_fen(period.first_day, accounts.arrears(today))
        return View(issued[-1].settlement, issued[-1], late_fee_fen, today)
    return View(
        settled_of(accounts, contract, reading.view, period, reading.at, reading.complaints)
    )


def _named(reading: Reading, name: str) -> Window:
    contract = reading.contract
    return named(
        name, date_at(reading.at), anchor=contract.billing.anchor,
        months=contract.billing.period_months, term_from=contract.service_term().first_day,
    )  # fmt: skip


async def _aside(call: AnyCall, work: Callable[[], _T]) -> _T:
    """Reckon in another thread, in turn (RefusedError 404, 503)."""
    try:
        return await call.resources.aside.run(work)
    except SettlementError as error:
        raise RefusedError(404, str(error)) from error


_ROOT: Final = "/api/v1/sla"
_SETTLEMENTS: Final = "/api/v1/settlements"
_READ = Shape[ReadQuery](ReadQuery)
ROUTES = (
    Route("GET", _ROOT, show_sla, "viewer", TAG, "Show the quality index",
          {200: SlaShown, 409: Problem}, query=Shape[SlaQuery](SlaQuery)),
    Route("GET", _ROOT + "/windows", show_sla_windows, "viewer", TAG,
          "Show the quality index of every window", {200: WindowsShown}, query=_READ),
    Route("GET", _ROOT + "/messages", list_behind, "viewer", TAG,
          "List the messages behind a figure", {200: BehindShown, 409: Problem},
          query=Shape[BehindQuery](BehindQuery)),
    Route("GET", _SETTLEMENTS, list_settlements, "viewer", TAG, "List settlements",
          {200: SettlementList}, query=_READ),
    Route("GET", _SETTLEMENTS + "/{period}", show_settlement, "viewer", TAG,
          "Show a settlement", {200: SettlementShown, 404: Problem}, query=_READ),
)  # fmt: skip
