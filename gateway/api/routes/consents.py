"""Answer for consents: who agreed to be sent what, with the proof (clause 3.1.7).

A change holds for the next verdict, and is answered when it is on disk.
"""

from __future__ import annotations

from starlette.responses import Response

from gateway.api.ports import JsonObject, RefusedError
from gateway.api.registry_files import MEDIA_TYPE, export_file, import_file, wants_file
from gateway.api.registry_pages import (
    AnyCall,
    number_in,
    page_of_numbers,
    past_moment,
    shown_number,
    shown_records,
)
from gateway.api.registry_shapes import (
    BadFile,
    ConsentBody,
    ConsentList,
    ImportQuery,
    ImportResult,
    MomentQuery,
    NumberConsents,
    NumbersQuery,
    WithdrawalQuery,
)
from gateway.api.route import Call, Route, Shape, iso
from gateway.api.shapes import Problem
from routing.category_masks import CATEGORIES
from routing.consents import REQUEST, ConsentBook
from routing.registry_events import ConsentGranted, ConsentWithdrawn
from routing.registry_forms import CONSENTS, consent_cells

TAG = "consents"


async def list_consents(call: Call[NumbersQuery, None]) -> Response:
    """List the numbers on record in rising order; those that the contract declares aren't."""
    if wants_file(call):
        return _file(call)
    book, query = _book(call), call.query

    def shown(number: str) -> JsonObject | None:
        return shown_number(number, book.records_of(number))

    return call.answer(page_of_numbers(book.numbers(), shown, query.limit, query.cursor))


async def show_consents(call: Call[MomentQuery, None]) -> Response:
    """Show what a number agreed to: what it holds at a moment, and all that is on record."""
    at = call.context.clock.at() if call.query.at is None else call.query.at
    return call.answer(_shown(call, number_in(call), at))


async def add_consent(call: Call[None, ConsentBody]) -> Response:
    """Record a consent with its proof.

    One that lies in the request of a one-time code (channel `request`) is to verification codes
    and ends after `consent.code_ttl_s`, unless said otherwise.
    """
    body, at = call.body, call.context.clock.at()
    obtained = past_moment(call, body.at)
    categories, until = body.category, body.expires_at or 0.0
    if body.channel == REQUEST:
        categories = categories or ("verification",)
        until = until or (obtained or at) + call.context.settings.contract.consent.code_ttl_s
    if until and until <= (obtained or at):
        began = iso(obtained or at)
        raise RefusedError(
            422, f"body expires_at: {iso(until)} seen, a moment after {began} allowed"
        )
    event = ConsentGranted(
        at, body.number, categories, body.channel, body.proof, body.text_version, obtained, until,
        call.by.name, body.why,
    )  # fmt: skip
    await call.context.registrar.record([event])
    return call.answer(_shown(call, body.number, at), 201)


async def withdraw_consent(call: Call[WithdrawalQuery, None]) -> Response:
    """Record that a user takes a consent back; one that the contract declares as well."""
    query, number, at = call.query, number_in(call), call.context.clock.at()
    withdrawn = past_moment(call, query.at)
    event = ConsentWithdrawn(at, number, query.category, withdrawn, call.by.name, query.why)
    await call.context.registrar.record([event])
    return call.answer(_shown(call, number, at))


async def import_consents(call: Call[ImportQuery, None]) -> Response:
    """Take in rows of CSV: all of them or, with `partial`, all but the bad ones."""
    return await import_file(call, CONSENTS)


async def export_consents(call: Call[None, None]) -> Response:
    """Give everything on record out as CSV, which can be taken in again."""
    return _file(call)


def _file(call: AnyCall) -> Response:
    return export_file(call, CONSENTS, map(consent_cells, _book(call).records()))


def _book(call: AnyCall) -> ConsentBook:
    return call.context.registrar.registries.consents


def _shown(call: AnyCall, number: str, at: float) -> JsonObject:
    proofs = [_book(call).proof(number, category, at) for category in CATEGORIES]
    return {
        "number": number,
        "at": iso(at),
        "held": [proof.category for proof in proofs if proof.held],
        "records": shown_records(proofs[0].records),
    }


_ROOT = "/api/v1/consents"
_ONE = _ROOT + "/{msisdn}"
ROUTES = (
    Route("GET", _ROOT, list_consents, "viewer", TAG, "List consents",
          {200: ConsentList}, query=Shape[NumbersQuery](NumbersQuery)),
    Route("GET", _ROOT + ".csv", export_consents, "viewer", TAG, "Export consents", {200: None}),
    Route("POST", _ROOT + "/import", import_consents, "operator", TAG, "Import consents",
          {200: ImportResult, 409: Problem, 415: Problem, 422: BadFile},
          query=Shape[ImportQuery](ImportQuery), file=MEDIA_TYPE),
    Route("POST", _ROOT, add_consent, "operator", TAG, "Record a consent",
          {201: NumberConsents, 409: Problem}, body=Shape[ConsentBody](ConsentBody)),
    Route("GET", _ONE, show_consents, "viewer", TAG, "Show the consents of a number",
          {200: NumberConsents}, query=Shape[MomentQuery](MomentQuery)),
    Route("DELETE", _ONE, withdraw_consent, "operator", TAG, "Withdraw a consent",
          {200: NumberConsents, 409: Problem}, query=Shape[WithdrawalQuery](WithdrawalQuery)),
)  # fmt: skip
