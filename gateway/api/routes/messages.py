"""Answer for messages: list, show, explain, wait."""

from __future__ import annotations

from starlette.responses import Response

from gateway.api.bodies import ListQuery, WaitBody
from gateway.api.nearest import LOOKED_AT, nearest
from gateway.api.ports import JsonObject, Page, RawPdu, RefusedError
from gateway.api.problems import problem
from gateway.api.route import Call, Resources, Route, Shape, iso
from gateway.api.shapes import MessageList, MessageView, PdusShown, Problem, Timeline, Why
from gateway.api.why import why
from routing.liability import CodeTable
from smpp.constants import HEADER_OCTETS
from smpp.explain import explain

TAG = "messages"
_SLICE_S = 5.0
"""How often a waiting request looks whether its caller is still there."""


async def list_messages(call: Call[ListQuery, None]) -> Response:
    """List messages that match, newest first."""
    limit, most = call.query.limit, call.context.settings.http.max_page
    if limit > most:
        raise RefusedError(422, f"query parameter limit: {limit} seen, 1 to {most} allowed")
    page = await _find(call.resources, call.query.q, limit, call.query.cursor)
    return call.answer(_list(page))


async def show_message(call: Call[None, None]) -> Response:
    """Show one message."""
    return call.answer(await _message(call.resources, call.path("message_id")))


async def show_pdus(call: Call[None, None]) -> Response:
    """Show the PDUs of a message, in hexadecimal and field by field."""
    message_id = call.path("message_id")
    pdus = await call.context.messages.pdus(message_id)
    if pdus is None:
        raise _unknown(message_id)
    shown = [_explained(part) for pdu in pdus for part in _parts(pdu)]
    return call.answer({"id": message_id, "pdus": shown})


async def show_timeline(call: Call[None, None]) -> Response:
    """Show what happened to a message, in order."""
    message_id = call.path("message_id")
    events = await call.context.messages.timeline(message_id)
    if events is None:
        raise _unknown(message_id)
    told = [{key: _id(key, value) for key, value in event.items()} for event in events]
    return call.answer({"id": message_id, "events": told})


async def show_why(call: Call[None, None]) -> Response:
    """Show every check with its verdict, clause and advice, and what the outcome means."""
    message = await _message(call.resources, call.path("message_id"))
    return call.answer(why(message, call.context.settings, CodeTable(call.context.network)))


async def wait_for_messages(call: Call[None, WaitBody]) -> Response:
    """Wait until enough messages match; 408 shows what came nearest."""
    body, clock, source = call.body, call.context.clock, call.context.messages
    deadline = clock.now() + body.timeout_s
    while True:
        version = source.version()
        page = await _find(call.resources, body.q, body.count, None)
        left = deadline - clock.now()
        if len(page.items) >= body.count:
            return call.answer(_list(page))
        if left <= 0 or await call.request.is_disconnected():
            return await _too_late(call, page)
        await source.changed(version, min(left, _SLICE_S))


async def _too_late(call: Call[None, WaitBody], page: Page) -> Response:
    body = call.body
    newest = await _find(call.resources, "", LOOKED_AT, None)
    more: object = {
        "items": page.items,
        "next": None,
        "nearest": nearest(body.q, newest.items),
    }
    if not call.by.sees_all:
        more = call.resources.masker.mask(more)
    assert isinstance(more, dict)
    detail = (
        f"{len(page.items)} of {body.count} messages matched {body.q!r} within {body.timeout_s:g} s"
    )
    return problem(408, detail, instance=call.request.url.path, more=more)


async def _find(given: Resources, query: str, limit: int, cursor: str | None) -> Page:
    try:
        return await given.context.messages.find(query, limit=limit, cursor=cursor)
    except ValueError as error:
        raise RefusedError(422, str(error)) from error


async def _message(given: Resources, message_id: str) -> JsonObject:
    message = await given.context.messages.get(message_id)
    if message is None:
        raise _unknown(message_id)
    return message


def _unknown(message_id: str) -> RefusedError:
    return RefusedError(404, f"message {message_id[:80]!r}: no such id in the archive")


def _id(key: str, value: object) -> object:
    """Write an id as a string: as a number it is beyond what JavaScript counts exactly."""
    return str(value) if key in ("message_id", "mo_id") else value


def _list(page: Page) -> JsonObject:
    return {"items": page.items, "next": page.next}


def _parts(pdu: RawPdu) -> list[RawPdu]:
    """Cut octets that hold several PDUs one after another by their command_length."""
    parts: list[RawPdu] = []
    octets = pdu.octets
    while octets:
        length = max(int.from_bytes(octets[:4], "big"), HEADER_OCTETS)
        parts.append(RawPdu(pdu.at, pdu.direction, octets[:length]))
        octets = octets[length:]
    return parts


def _explained(pdu: RawPdu) -> JsonObject:
    explanation = explain(pdu.octets)
    fields = [
        {
            "offset": view.offset,
            "length": view.length,
            "name": view.name,
            "value": view.value.hex() if isinstance(view.value, bytes) else view.value,
            "note": view.note,
        }
        for view in explanation.fields
    ]
    return {
        "at": iso(pdu.at),
        "direction": pdu.direction,
        "hex": pdu.octets.hex(),
        "summary": explanation.summary,
        "error": explanation.error,
        "fields": fields,
    }


_ROOT = "/api/v1/messages"
_ONE = _ROOT + "/{message_id}"
ROUTES = (
    Route("GET", _ROOT, list_messages, "viewer", TAG, "List messages",
          {200: MessageList}, query=Shape[ListQuery](ListQuery)),
    Route("POST", _ROOT + ":wait", wait_for_messages, "viewer", TAG, "Wait for messages",
          {200: MessageList, 408: Problem}, body=Shape[WaitBody](WaitBody)),
    Route("GET", _ONE, show_message, "viewer", TAG, "Show a message", {200: MessageView}),
    Route("GET", _ONE + "/pdu", show_pdus, "tester", TAG, "Show a message's PDUs",
          {200: PdusShown}),
    Route("GET", _ONE + "/timeline", show_timeline, "viewer", TAG, "Show a message's history",
          {200: Timeline}),
    Route("GET", _ONE + "/why", show_why, "viewer", TAG, "Explain a message's verdict",
          {200: Why}),
)  # fmt: skip
