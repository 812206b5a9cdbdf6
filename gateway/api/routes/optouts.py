"""Answer for opt-outs: who refuses to be sent what (clauses 3.1.8 and 4.3).

A change holds for the next verdict, and is answered when it is on disk.
"""

from __future__ import annotations

from starlette.responses import Response

from gateway.api.ports import JsonObject
from gateway.api.registry_files import MEDIA_TYPE, export_file, import_file, wants_file
from gateway.api.registry_pages import (
    AnyCall,
    demand_known,
    demand_owned,
    number_in,
    page_of_numbers,
    past_moment,
    shown_number,
    shown_records,
)
from gateway.api.registry_shapes import (
    BadFile,
    ImportQuery,
    ImportResult,
    NumberOptOuts,
    NumbersQuery,
    OptInQuery,
    OptOutBody,
    OptOutList,
)
from gateway.api.route import Call, Route, Shape, iso
from gateway.api.shapes import Problem
from routing.optouts import OptOutBook
from routing.registry_events import OptedIn, OptedOut
from routing.registry_forms import OPTOUTS, optout_cells

TAG = "optouts"


async def list_optouts(call: Call[NumbersQuery, None]) -> Response:
    """List the numbers on record in rising order."""
    if wants_file(call):
        return _file(call)
    book, query = _book(call), call.query

    def shown(number: str) -> JsonObject | None:
        return shown_number(number, book.records_of(number))

    return call.answer(page_of_numbers(book.numbers(), shown, query.limit, query.cursor))


async def show_optouts(call: Call[None, None]) -> Response:
    """Show what a number refuses: what is stopped at this moment, and all that is on record."""
    return call.answer(_shown(call, number_in(call)))


async def add_optout(call: Call[None, OptOutBody]) -> Response:
    """Record a refusal; nothing that it names goes to the number from here on."""
    body, at = call.body, call.context.clock.at()
    refused = past_moment(call, body.at)
    demand_owned(call, body.access_number)
    event = OptedOut(
        at, body.number, body.access_number or "", body.category, body.source, body.proof,
        refused, who=call.by.name, why=body.why,
    )  # fmt: skip
    await call.context.registrar.record([event])
    return call.answer(_shown(call, body.number), 201)


async def remove_optout(call: Call[OptInQuery, None]) -> Response:
    """Record that a user takes a refusal back."""
    query, number, at = call.query, number_in(call), call.context.clock.at()
    accepted = past_moment(call, query.at)
    demand_owned(call, query.access_number)
    demand_known(_book(call).records_of(number), number, "opt-outs")
    event = OptedIn(
        at, number, query.access_number or "", query.category, query.source, query.proof,
        accepted, who=call.by.name, why=query.why,
    )  # fmt: skip
    await call.context.registrar.record([event])
    return call.answer(_shown(call, number))


async def import_optouts(call: Call[ImportQuery, None]) -> Response:
    """Take in rows of CSV: all of them or, with `partial`, all but the bad ones."""
    return await import_file(call, OPTOUTS)


async def export_optouts(call: Call[None, None]) -> Response:
    """Give everything on record out as CSV, which can be taken in again."""
    return _file(call)


def _file(call: AnyCall) -> Response:
    return export_file(call, OPTOUTS, map(optout_cells, _book(call).records()))


def _book(call: AnyCall) -> OptOutBook:
    return call.context.registrar.registries.optouts


def _shown(call: AnyCall, number: str) -> JsonObject:
    book, at = _book(call), call.context.clock.at()
    accounts = call.context.settings.accounts.values()
    ports = dict.fromkeys(port for account in accounts for port in account.access_numbers)
    stopped = [(port, book.stopped_categories(number, port, at)) for port in ports]
    return {
        "number": number,
        "at": iso(at),
        "stopped": [
            {"access_number": port, "categories": names} for port, names in stopped if names
        ],
        "records": shown_records(book.records_of(number)),
    }


_ROOT = "/api/v1/optouts"
_ONE = _ROOT + "/{msisdn}"
ROUTES = (
    Route("GET", _ROOT, list_optouts, "viewer", TAG, "List opt-outs",
          {200: OptOutList}, query=Shape[NumbersQuery](NumbersQuery)),
    Route("GET", _ROOT + ".csv", export_optouts, "viewer", TAG, "Export opt-outs", {200: None}),
    Route("POST", _ROOT + "/import", import_optouts, "operator", TAG, "Import opt-outs",
          {200: ImportResult, 409: Problem, 415: Problem, 422: BadFile},
          query=Shape[ImportQuery](ImportQuery), file=MEDIA_TYPE),
    Route("POST", _ROOT, add_optout, "operator", TAG, "Record an opt-out",
          {201: NumberOptOuts, 409: Problem}, body=Shape[OptOutBody](OptOutBody)),
    Route("GET", _ONE, show_optouts, "viewer", TAG, "Show the opt-outs of a number",
          {200: NumberOptOuts}),
    Route("DELETE", _ONE, remove_optout, "operator", TAG, "Take an opt-out back",
          {200: NumberOptOuts, 404: Problem, 409: Problem}, query=Shape[OptInQuery](OptInQuery)),
)  # fmt: skip
