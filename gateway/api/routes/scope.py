"""Answer for the declared user scope: its versions, and changes by the procedure of clause 3.1.5.

A change is a whole new scope: drafted, filled, submitted, approved, then in force from a moment
on. One request can do all of it. Messages are judged by the version in force when they came.
"""

from __future__ import annotations

import asyncio
import math
from typing import Any, Final, TypeAlias

from starlette.responses import Response

from config.number_files import Numbers, read_number_text
from config.problems import ConfigError
from gateway.api.entries import page, step
from gateway.api.ports import JsonObject, RefusedError
from gateway.api.registry_pages import number_in
from gateway.api.route import Call, Route, Shape, iso, moment, read_json
from gateway.api.scope_shapes import (
    ChangeBody,
    ChangeList,
    ChangeMade,
    ChangeShown,
    ChangesQuery,
    ChangeStep,
    ImportQuery,
    NumberInScope,
    NumberQuery,
    RowsBody,
    RowsQuery,
    RowsTaken,
    ScopeBody,
    ScopeShown,
)
from gateway.api.shapes import Problem
from routing.event import Event
from routing.registries import declared_entries
from routing.scope import ScopeEntry, ScopeVersion
from routing.scope_changes import MOVES, ScopeChange, ScopeChangeError, ScopeHistory, overlaps
from routing.standing_events import ScopeDrafted

TAG = "scope"
AnyCall: TypeAlias = Call[Any, Any]
_ROWS: Final = Shape[RowsBody](RowsBody)
_MOST_OVERLAPS: Final = 5


async def show_scope(call: Call[None, None]) -> Response:
    """Show the version in force and those before and after it."""
    history, at = _history(call), call.context.clock.at()
    found = history.scope.version_at(at)
    return call.answer(
        {
            "at": iso(at),
            "in_force": _version(history, found) if found else None,
            "versions": [_version(history, version) for version in history.scope.versions],
        }
    )


async def show_number_in_scope(call: Call[NumberQuery, None]) -> Response:
    """Say whether a number is, was or will be in scope."""
    at = call.context.clock.at() if call.query.at is None else call.query.at
    scope, number = _history(call).scope, number_in(call)
    version = scope.version_at(at)
    return call.answer(
        {
            "number": number,
            "at": iso(at),
            "in_scope": scope.includes(number, at),
            "version": version.version if version else 0,
        }
    )


async def list_scope_changes(call: Call[ChangesQuery, None]) -> Response:
    """List the changes."""
    history, query = _history(call), call.query
    changes = {change.number: change for change in history.changes()}
    found = page(
        changes, lambda one: _change(call, one), lambda _one: True, query.limit, query.cursor
    )
    return call.answer(found)


async def show_scope_change(call: Call[None, None]) -> Response:
    """Show one change and the steps that are allowed now."""
    return call.answer(_change(call, _change_at(call)))


async def replace_scope(call: Call[None, ScopeBody]) -> Response:
    """Put a whole new scope in force: drafted, submitted and approved in one request."""
    body = call.body
    entries = await asyncio.to_thread(_checked, declared_entries(body.entries))
    change = await _make(call, entries, body.reason, body.effective_from or 0.0, "request")
    return call.answer({**_change(call, change), "left_out": []}, 201)


async def import_scope(call: Call[ImportQuery, None]) -> Response:
    """Put a whole new scope in force from a CSV file, or JSON: all or nothing unless `partial`.

    Columns: number, from, to, prefix, valid_from, valid_to, relation; or one number, range or
    prefix a line.
    """
    query = call.query
    entries, left_out = await _entries(call, partial=query.partial)
    change = await _make(call, entries, query.reason, query.effective_from or 0.0, "file")
    return call.answer({**_change(call, change), "left_out": left_out}, 201)


async def draft_scope(call: Call[None, ChangeBody]) -> Response:
    """Begin a change whose entries follow, for scopes of any size."""
    body, history = call.body, _history(call)
    number = history.next_change()
    event = ScopeDrafted(
        call.context.clock.at(), number, call.by.name, body.reason, body.effective_from or 0.0,
        body.source,
    )  # fmt: skip
    await call.context.registrar.record([event])
    return call.answer(_change(call, history.change(number)), 201)


async def add_scope_rows(call: Call[RowsQuery, None]) -> Response:
    """Add entries to a draft, as CSV or JSON."""
    change = _change_at(call)
    entries, left_out = await _entries(call, partial=call.query.partial)
    await _record_rows(call, change.number, entries)
    return call.answer({"change": change.number, "rows": change.rows, "left_out": left_out})


async def move_scope_change(call: Call[None, ChangeStep]) -> Response:
    """Take one step: complete, submit, approve, reject, withdraw, revoke."""
    change, body = _change_at(call), call.body
    await _step(call, change.number, body.action, body.why)
    return call.answer(_change(call, change))


def _history(call: AnyCall) -> ScopeHistory:
    return call.context.registrar.registries.scopes


def _change_at(call: AnyCall) -> ScopeChange:
    text = call.path("change")
    try:
        return _history(call).change(int(text) if text.isascii() and text.isdigit() else 0)
    except ScopeChangeError as error:
        raise RefusedError(404, f"scope change {text[:40]!r}: there is none") from error


async def _entries(call: AnyCall, *, partial: bool) -> tuple[list[ScopeEntry], list[str]]:
    """Read the entries of a body, JSON or CSV, and what was left out (RefusedError 422)."""
    kind = call.request.headers.get("content-type", "none")
    if "json" in kind:
        body = _ROWS.read(await read_json(call.request), "body")
        return await asyncio.to_thread(_checked, declared_entries(body.entries)), []
    if "csv" not in kind and "text/plain" not in kind:
        raise RefusedError(
            415, f"Content-Type: {kind[:80]!r} seen, text/csv or application/json allowed"
        )
    octets = await call.request.body()
    try:
        numbers, problems = await asyncio.to_thread(
            read_number_text, octets, "line", partial=partial
        )
    except ConfigError as error:
        raise RefusedError(
            422, f"nothing was taken: {'; '.join(str(error).split(chr(10)))}"
        ) from error
    entries = await asyncio.to_thread(_all_of, numbers)
    if not entries:
        raise RefusedError(422, "body: no entry seen, one or more allowed")
    return entries, list(map(str, problems))


def _all_of(numbers: Numbers) -> list[ScopeEntry]:
    entries = declared_entries(numbers.entries)
    entries += [ScopeEntry(number, number) for number in numbers.singles]
    return _checked(entries)


def _checked(entries: list[ScopeEntry]) -> list[ScopeEntry]:
    """Refuse entries that name one number twice for the same time (RefusedError 422)."""
    found = overlaps(entries, most=_MOST_OVERLAPS)
    if found:
        raise RefusedError(422, f"overlapping entries: {'; '.join(found)}")
    return entries


async def _make(
    call: AnyCall, entries: list[ScopeEntry], why: str, wanted_from: float, source: str
) -> ScopeChange:
    history, number = _history(call), _history(call).next_change()
    at, who = call.context.clock.at(), call.by.name
    drafted = ScopeDrafted(at, number, who, why, wanted_from, source)
    await call.context.registrar.record([drafted])
    await _record_rows(call, number, entries)
    for action in ("complete", "submit", "approve"):
        await _step(call, number, action, why)
    return history.change(number)


async def _record_rows(call: AnyCall, number: int, entries: list[ScopeEntry]) -> None:
    at = call.context.clock.at()
    try:
        events = await asyncio.to_thread(list, _history(call).rows(number, at, entries))
    except ScopeChangeError as error:
        raise RefusedError(409, str(error)) from error
    for event in events:
        await call.context.registrar.record([event])


async def _step(call: AnyCall, number: int, action: str, why: str) -> None:
    history, at = _history(call), call.context.clock.at()
    event: Event
    try:
        if action == "complete":
            event = history.closing(number, at)
            await asyncio.to_thread(history.prepare, number)
        else:
            event = history.order(number, action, at, who=call.by.name, why=why)
    except ScopeChangeError as error:
        raise RefusedError(409, str(error)) from error
    await call.context.registrar.record([event])


def _version(history: ScopeHistory, version: ScopeVersion) -> JsonObject:
    changes = [change.number for change in history.changes() if change.version == version.version]
    known = math.isfinite(version.effective_from)
    return {
        "version": version.version,
        "change": changes[0] if version.version and changes else 0,
        "effective_from": iso(version.effective_from) if known else None,
    }


def _change(call: AnyCall, change: ScopeChange) -> JsonObject:
    actions = list(MOVES[change.state])
    if change.state == "draft" and not change.complete:
        actions = ["complete", "withdraw"]
    return {
        "change": change.number,
        "state": _history(call).state_at(change.number, call.context.clock.at()),
        "actions": actions,
        "version": change.version,
        "rows": change.rows,
        "complete": change.complete,
        "drafted_at": moment(change.drafted_at),
        "wanted_from": moment(change.wanted_from),
        "effective_from": moment(change.effective_from),
        "revoked_at": moment(change.revoked_at),
        "who": change.who,
        "why": change.why,
        "source": change.source,
        "history": [step(event) for event in change.history],
    }


_ROOT: Final = "/api/v1/scope"
_CHANGES: Final = _ROOT + "/changes"
ROUTES = (
    Route("GET", _ROOT, show_scope, "viewer", TAG, "Show the user scope", {200: ScopeShown}),
    Route("PUT", _ROOT, replace_scope, "operator", TAG, "Put a new scope in force",
          {201: ChangeMade, 409: Problem}, body=Shape[ScopeBody](ScopeBody)),
    Route("POST", _ROOT + "/import", import_scope, "operator", TAG,
          "Put a scope in force from a file", {201: ChangeMade, 409: Problem},
          query=Shape[ImportQuery](ImportQuery), file="text/csv"),
    Route("GET", _ROOT + "/numbers/{msisdn}", show_number_in_scope, "viewer", TAG,
          "Say whether a number is in scope", {200: NumberInScope},
          query=Shape[NumberQuery](NumberQuery)),
    Route("GET", _CHANGES, list_scope_changes, "viewer", TAG, "List changes of the scope",
          {200: ChangeList}, query=Shape[ChangesQuery](ChangesQuery)),
    Route("POST", _CHANGES, draft_scope, "operator", TAG, "Begin a change of the scope",
          {201: ChangeShown, 409: Problem}, body=Shape[ChangeBody](ChangeBody)),
    Route("GET", _CHANGES + "/{change}", show_scope_change, "viewer", TAG, "Show a change",
          {200: ChangeShown}),
    Route("POST", _CHANGES + "/{change}/rows", add_scope_rows, "operator", TAG,
          "Add entries to a change", {200: RowsTaken, 409: Problem},
          query=Shape[RowsQuery](RowsQuery), file="text/csv"),
    Route("POST", _CHANGES + "/{change}/steps", move_scope_change, "operator", TAG,
          "Take a step of a change", {200: ChangeShown, 409: Problem},
          body=Shape[ChangeStep](ChangeStep)),
)  # fmt: skip
