"""Answer for the red, the black and the white list of numbers.

A change holds for the next verdict, and is answered when it is on disk.
"""

from __future__ import annotations

from dataclasses import asdict

from starlette.responses import Response

from gateway.api.ports import JsonObject, RefusedError
from gateway.api.registry_files import MEDIA_TYPE, export_file, import_file, wants_file
from gateway.api.registry_pages import AnyCall, page_of_numbers
from gateway.api.registry_shapes import (
    BadFile,
    EntryQuery,
    EntryShown,
    ImportQuery,
    ImportResult,
    ListBody,
    ListedList,
    ListsQuery,
    UnlistQuery,
)
from gateway.api.route import Call, Route, Shape, iso, moment
from gateway.api.shapes import Problem
from routing.lists import LISTS, ListRecord, NumberLists, entry_value, place_of
from routing.numbering import MSISDN_DIGITS
from routing.registry_events import ListChanged
from routing.registry_forms import LISTED, list_cells

TAG = "lists"


async def list_listed(call: Call[ListsQuery, None]) -> Response:
    """List the entries on record: first digits, then numbers, each in rising order."""
    if wants_file(call):
        return _file(call)
    book, query = _book(call), call.query

    def shown(entry: str) -> JsonObject | None:
        records = book.records_of(entry)
        found = [one for one in records if query.list_ is None or one.name == query.list_]
        return _entry(entry, records) if found else None

    return call.answer(page_of_numbers(book.numbers(), shown, query.limit, query.cursor))


async def show_listed(call: Call[EntryQuery, None]) -> Response:
    """Show on which lists a number is, and all that is on record of it or of first digits."""
    query = call.query
    return call.answer(_shown(call, _entry_in(call), query.account, query.signature))


async def add_listed(call: Call[None, ListBody]) -> Response:
    """Put a number or first digits on a list."""
    body, at = call.body, call.context.clock.at()
    if (body.number is None) == (body.prefix is None):
        raise RefusedError(422, "body: number or prefix allowed, one of them")
    entry = body.number or body.prefix or ""
    _demand_place(call, body.list_, body.scope, body.holder)
    begins = body.valid_from or at
    if body.valid_to is not None and body.valid_to <= begins:
        raise RefusedError(
            422, f"body valid_to: {iso(body.valid_to)} seen, a moment after {iso(begins)} allowed"
        )
    event = ListChanged(
        at, body.list_, entry, True, body.scope, body.holder, body.valid_from or 0.0,
        body.valid_to or 0.0, body.reason, call.by.name, body.why,
    )  # fmt: skip
    await call.context.registrar.record([event])
    return call.answer(_shown(call, entry, *_holders(body.scope, body.holder)), 201)


async def remove_listed(call: Call[UnlistQuery, None]) -> Response:
    """Take an entry off a list, also one that has yet to begin."""
    query, name, entry = call.query, call.path("list"), _entry_in(call)
    if name not in LISTS:
        raise RefusedError(404, f"list {name[:40]!r}: there is none; known: {', '.join(LISTS)}")
    _demand_place(call, name, query.scope, query.holder)
    place = (name, query.scope, query.holder)
    known = _book(call).records_of(entry)
    if all((record.name, record.scope, record.holder) != place for record in known):
        holder = f" of {query.holder}" if query.holder else ""
        raise RefusedError(404, f"{entry} isn't on the {name} list{holder}")
    event = ListChanged(
        call.context.clock.at(), name, entry, False, query.scope, query.holder,
        who=call.by.name, why=query.why,
    )  # fmt: skip
    await call.context.registrar.record([event])
    return call.answer(_shown(call, entry, *_holders(query.scope, query.holder)))


async def import_listed(call: Call[ImportQuery, None]) -> Response:
    """Take in rows of CSV: all of them or, with `partial`, all but the bad ones."""
    return await import_file(call, LISTED)


async def export_listed(call: Call[None, None]) -> Response:
    """Give everything on record out as CSV, which can be taken in again."""
    return _file(call)


def _file(call: AnyCall) -> Response:
    return export_file(call, LISTED, map(list_cells, _book(call).records()))


def _book(call: AnyCall) -> NumberLists:
    return call.context.registrar.registries.lists


def _entry_in(call: AnyCall) -> str:
    entry = call.path("msisdn")
    try:
        return str(entry_value(entry))
    except (ValueError, IndexError):
        allowed = f"1 to {MSISDN_DIGITS} digits that begin with 1"
        raise RefusedError(422, f"number: {entry[:40]!r} seen, {allowed} allowed") from None


def _demand_place(call: AnyCall, name: str, scope: str, holder: str) -> None:
    """Want a holder that fits its scope (RefusedError 422)."""
    try:
        place_of(name, scope, holder)
    except ValueError as error:
        raise RefusedError(422, str(error)) from error
    accounts = call.context.settings.accounts
    if scope == "account" and holder not in accounts:
        known = ", ".join(accounts)
        raise RefusedError(422, f"holder: {holder!r} seen, one of {known} allowed")


def _holders(scope: str, holder: str) -> tuple[str, str]:
    """Give the account and the signature for which an entry holds."""
    return (holder if scope == "account" else "", holder if scope == "signature" else "")


def _shown(call: AnyCall, entry: str, account: str, signature: str) -> JsonObject:
    book, at = _book(call), call.context.clock.at()
    standing = book.standing(entry, account, signature, at)
    return {
        **_entry(entry, book.records_of(entry)),
        "at": iso(at),
        "on": standing.reasons,
        "refused_by": standing.refused_by,
    }


def _entry(entry: str, records: list[ListRecord]) -> JsonObject:
    whole = len(entry) == MSISDN_DIGITS
    return {
        "number": entry if whole else None,
        "prefix": None if whole else entry,
        "records": [_record(record) for record in records],
    }


def _record(record: ListRecord) -> JsonObject:
    found = {"list": record.name, **asdict(record)}
    del found["name"], found["entry"]
    for name in ("valid_from", "valid_to", "recorded_at"):
        found[name] = moment(found[name])
    return found


_ROOT = "/api/v1/lists"
ROUTES = (
    Route("GET", _ROOT, list_listed, "viewer", TAG, "List entries of the lists",
          {200: ListedList}, query=Shape[ListsQuery](ListsQuery)),
    Route("GET", _ROOT + ".csv", export_listed, "viewer", TAG, "Export the lists", {200: None}),
    Route("POST", _ROOT + "/import", import_listed, "operator", TAG, "Import entries of lists",
          {200: ImportResult, 409: Problem, 415: Problem, 422: BadFile},
          query=Shape[ImportQuery](ImportQuery), file=MEDIA_TYPE),
    Route("POST", _ROOT, add_listed, "operator", TAG, "Put a number on a list",
          {201: EntryShown, 409: Problem}, body=Shape[ListBody](ListBody)),
    Route("GET", _ROOT + "/{msisdn}", show_listed, "viewer", TAG, "Show a number's lists",
          {200: EntryShown}, query=Shape[EntryQuery](EntryQuery)),
    Route("DELETE", _ROOT + "/{list}/{msisdn}", remove_listed, "operator", TAG,
          "Take a number off a list", {200: EntryShown, 404: Problem, 409: Problem},
          query=Shape[UnlistQuery](UnlistQuery)),
)  # fmt: skip
