"""Answer for ported numbers: which carrier serves a number (clause 3.2.3).

A change holds for the next verdict, and is answered when it is on disk.
"""

from __future__ import annotations

from starlette.responses import Response

from gateway.api.ports import JsonObject, RefusedError
from gateway.api.registry_files import MEDIA_TYPE, export_file, import_file, wants_file
from gateway.api.registry_pages import (
    AnyCall,
    demand_known,
    number_in,
    page_of_numbers,
    shown_number,
    shown_records,
)
from gateway.api.registry_shapes import (
    BadFile,
    ImportQuery,
    ImportResult,
    MomentQuery,
    NumberPortings,
    NumbersQuery,
    PortingBody,
    PortingList,
)
from gateway.api.route import Call, Route, Shape, iso
from gateway.api.shapes import Problem
from gateway.api.standing_shapes import WhyQuery
from routing.portability import Portability
from routing.registry_events import NumberPorted
from routing.registry_forms import Form, numbers_form, port_cells

TAG = "numbers"


async def list_ported(call: Call[NumbersQuery, None]) -> Response:
    """List the ported numbers on record in rising order."""
    if wants_file(call):
        return _file(call)
    book, query = _book(call), call.query

    def shown(number: str) -> JsonObject | None:
        return shown_number(number, book.records_of(number))

    return call.answer(page_of_numbers(book.numbers(), shown, query.limit, query.cursor))


async def show_ported(call: Call[MomentQuery, None]) -> Response:
    """Show which carrier serves a number at a moment, and all that is on record."""
    at = call.context.clock.at() if call.query.at is None else call.query.at
    return call.answer(_shown(call, number_in(call), at))


async def add_ported(call: Call[None, PortingBody]) -> Response:
    """Record that a number is served by a carrier: at once, or from a past or later moment on."""
    body, at = call.body, call.context.clock.at()
    carriers = call.context.subscribers.carriers()
    if body.carrier not in carriers:
        known = ", ".join(carriers)
        raise RefusedError(422, f"body carrier: {body.carrier!r} seen, one of {known} allowed")
    event = NumberPorted(at, body.number, body.carrier, body.at or 0.0, call.by.name, body.why)
    await call.context.registrar.record([event])
    return call.answer(_shown(call, body.number, at), 201)


async def remove_ported(call: Call[WhyQuery, None]) -> Response:
    """Record that a number is served by the carrier of its prefix again."""
    number, at = number_in(call), call.context.clock.at()
    demand_known(_book(call).records_of(number), number, "ported numbers")
    event = NumberPorted(at, number, "", who=call.by.name, why=call.query.why)
    await call.context.registrar.record([event])
    return call.answer(_shown(call, number, at))


async def import_ported(call: Call[ImportQuery, None]) -> Response:
    """Take in rows of CSV: all of them or, with `partial`, all but the bad ones."""
    return await import_file(call, _form(call))


async def export_ported(call: Call[None, None]) -> Response:
    """Give everything on record out as CSV, which can be taken in again."""
    return _file(call)


def _file(call: AnyCall) -> Response:
    return export_file(call, _form(call), map(port_cells, _book(call).records()))


def _form(call: AnyCall) -> Form:
    return numbers_form(call.context.subscribers.carriers())


def _book(call: AnyCall) -> Portability:
    return call.context.registrar.registries.portability


def _shown(call: AnyCall, number: str, at: float) -> JsonObject:
    book = _book(call)
    by_prefix = call.context.subscribers.carrier_by_prefix(number)
    return {
        "number": number,
        "at": iso(at),
        "carrier": book.carrier_then(number, by_prefix, at),
        "records": shown_records(book.records_of(number)),
    }


_ROOT = "/api/v1/numbers"
_ONE = _ROOT + "/{msisdn}"
ROUTES = (
    Route("GET", _ROOT, list_ported, "viewer", TAG, "List ported numbers",
          {200: PortingList}, query=Shape[NumbersQuery](NumbersQuery)),
    Route("GET", _ROOT + ".csv", export_ported, "viewer", TAG, "Export ported numbers",
          {200: None}),
    Route("POST", _ROOT + "/import", import_ported, "operator", TAG, "Import ported numbers",
          {200: ImportResult, 409: Problem, 415: Problem, 422: BadFile},
          query=Shape[ImportQuery](ImportQuery), file=MEDIA_TYPE),
    Route("POST", _ROOT, add_ported, "operator", TAG, "Record a ported number",
          {201: NumberPortings, 409: Problem}, body=Shape[PortingBody](PortingBody)),
    Route("GET", _ONE, show_ported, "viewer", TAG, "Show the carrier of a number",
          {200: NumberPortings}, query=Shape[MomentQuery](MomentQuery)),
    Route("DELETE", _ONE, remove_ported, "operator", TAG, "Give a number back to its prefix",
          {200: NumberPortings, 404: Problem, 409: Problem}, query=Shape[WhyQuery](WhyQuery)),
)  # fmt: skip
