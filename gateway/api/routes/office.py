"""Answer for the registers kept beside the traffic: complaints, incidents, notices, papers, times.

Each entry is opened by one POST and moved by others to its `steps`; every change is recorded with
who and why, and answered when it is on disk. `due` lists what has to be done by when.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from starlette.responses import Response

from gateway.api.entries import account_of, demand_ports, entry_at, message_of, page, show
from gateway.api.office_shapes import (
    ComplaintBody,
    ComplaintList,
    ComplaintShown,
    ComplaintStep,
    DocumentBody,
    DocumentList,
    DocumentShown,
    DocumentStep,
    EntriesQuery,
    IncidentBody,
    IncidentList,
    IncidentShown,
    IncidentStep,
    NoticeBody,
    NoticeList,
    NoticeShown,
    NoticeStep,
    TaskList,
    WindowBody,
    WindowList,
    WindowShown,
    WindowStep,
)
from gateway.api.ports import JsonObject, RefusedError
from gateway.api.route import Call, Route, Shape, iso, moment
from gateway.api.shapes import Problem
from metrics import complaints, documents, incidents, notices, windows
from metrics.due import due
from metrics.office import Office
from routing.office_events import (
    ComplaintMoved,
    ComplaintReceived,
    DocumentEnded,
    DocumentFiled,
    IncidentMoved,
    IncidentOpened,
    NoticeClosed,
    NoticeSent,
    WindowDeclared,
    WindowMoved,
)

TAG = "office"
AnyCall: TypeAlias = Call[Any, Any]


# -- complaints -----------------------------------------------------------------------------------


async def list_complaints(call: Call[EntriesQuery, None]) -> Response:
    """List complaints, and count them as clauses 3.2.4 and annex 1 item 14 do."""
    register, at = _office(call).complaints, call.context.clock.at()
    found = _page(call, register.complaints, lambda one: _complaint(call, one))
    found["counts"] = [
        {
            "account": account,
            "month": register.month(account, at),
            "month_limit": register.figures.monthly_stop,
            "stop_right": register.stop_right(account, at),
            "twelve_months": register.trailing(account, at),
            "twelve_months_limit": register.sla.complaints,
            "met": register.sla_met(account, at),
        }
        for account in call.context.settings.accounts
        if call.query.account in ("", account)
    ]
    return call.answer(found)


async def show_complaint(call: Call[None, None]) -> Response:
    """Show one complaint with its clocks."""
    return _complaint_answer(call, 200)


async def receive_complaint(call: Call[None, ComplaintBody]) -> Response:
    """Enter a complaint; the account and the number may follow from the message it is about.

    With attribution `unclear` the hour of clause 4.3.2 begins; a transfer begins that of 4.3.1.
    """
    body, context = call.body, call.context
    channels = _office(call).complaints.figures.channels
    if body.channel not in channels:
        raise RefusedError(
            422, f"body channel: {body.channel!r} seen, one of {', '.join(channels)} allowed"
        )
    message = await message_of(context, body.message_id)
    owner = body.account or str(message.get("account", ""))
    account = account_of(context, owner)
    demand_ports(context, [account], body.ports)
    register, at = _office(call).complaints.complaints, context.clock.at()
    mt = message.get("direction") == "mt"
    number = body.number or str(message.get("recipient" if mt else "sender", ""))
    event = ComplaintReceived(
        at, len(register) + 1, account, body.channel, body.cause, body.attribution, body.owner,
        call.by.name, number, int(str(message.get("id", 0))), body.received_at or 0.0,
        body.reference, body.ports, body.why,
    )  # fmt: skip
    await context.registrar.record([event])
    return call.answer(_complaint(call, register[event.complaint]), 201)


async def move_complaint(call: Call[None, ComplaintStep]) -> Response:
    """Take one step: hand it over, reply, verify, reject, close, reopen, or void."""
    body, found = call.body, entry_at(_complaints(call), call.path("number"), "complaint")
    event = ComplaintMoved(
        call.context.clock.at(), found.number, body.action, call.by.name, body.why,
        body.moment or 0.0, body.owner or "", body.attribution or "", body.cause or "",
    )  # fmt: skip
    await call.context.registrar.record([event])
    return _complaint_answer(call, 200)


# -- incidents ------------------------------------------------------------------------------------


async def list_incidents(call: Call[EntriesQuery, None]) -> Response:
    """List incidents."""
    register = _office(call).incidents.incidents
    return call.answer(_page(call, register, lambda one: _incident(call, one)))


async def show_incident(call: Call[None, None]) -> Response:
    """Show one incident, with the reports of annex 1 item 12 that are late."""
    found = entry_at(_office(call).incidents.incidents, call.path("number"), "incident")
    return call.answer(_incident(call, found))


async def open_incident(call: Call[None, IncidentBody]) -> Response:
    """Enter an incident; a major one of security must be reported within 24 hours."""
    body, context = call.body, call.context
    account = account_of(context, body.account)
    register = _office(call).incidents.incidents
    event = IncidentOpened(
        context.clock.at(), len(register) + 1, account, body.side, body.kind, body.major,
        call.by.name, body.why, body.discovered_at or 0.0, body.cause or "",
    )  # fmt: skip
    await context.registrar.record([event])
    return call.answer(_incident(call, register[event.incident]), 201)


async def move_incident(call: Call[None, IncidentStep]) -> Response:
    """Take one step: report, written notice, stop, resume, release, attribute, resolve, close."""
    body = call.body
    found = entry_at(_office(call).incidents.incidents, call.path("number"), "incident")
    event = IncidentMoved(
        call.context.clock.at(), found.number, body.action, call.by.name, body.why,
        body.moment or 0.0, body.reference, body.notice, body.cause or "",
    )  # fmt: skip
    await call.context.registrar.record([event])
    return call.answer(_incident(call, found))


# -- notices --------------------------------------------------------------------------------------


async def list_notices(call: Call[EntriesQuery, None]) -> Response:
    """List notices between the parties."""
    return call.answer(_page(call, _office(call).notices.notices, _notice))


async def show_notice(call: Call[None, None]) -> Response:
    """Show one notice, and from when it has effect."""
    found = entry_at(_office(call).notices.notices, call.path("number"), "notice")
    return call.answer(_notice(found))


async def send_notice(call: Call[None, NoticeBody]) -> Response:
    """Enter a notice that was sent; one in a form that clause 11.9.1 doesn't accept is void."""
    body, context = call.body, call.context
    account = account_of(context, body.account)
    register = _office(call).notices.notices
    event = NoticeSent(
        context.clock.at(), len(register) + 1, account, body.subject, body.form, body.sender,
        call.by.name, body.sent_at or 0.0, body.reference, body.text,
    )  # fmt: skip
    await context.registrar.record([event])
    return call.answer(_notice(register[event.notice]), 201)


async def close_notice(call: Call[None, NoticeStep]) -> Response:
    """Enter what became of a notice."""
    body = call.body
    found = entry_at(_office(call).notices.notices, call.path("number"), "notice")
    event = NoticeClosed(
        call.context.clock.at(), found.number, body.action, call.by.name, body.moment or 0.0,
        body.proof, body.why,
    )  # fmt: skip
    await call.context.registrar.record([event])
    return call.answer(_notice(found))


# -- documents ------------------------------------------------------------------------------------


async def list_documents(call: Call[EntriesQuery, None]) -> Response:
    """List the papers that party A handed in."""
    register = _office(call).documents.documents
    return call.answer(_page(call, register, lambda one: _document(call, one)))


async def show_document(call: Call[None, None]) -> Response:
    """Show one paper."""
    found = entry_at(_office(call).documents.documents, call.path("number"), "document")
    return call.answer(_document(call, found))


async def file_document(call: Call[None, DocumentBody]) -> Response:
    """Enter a paper."""
    body, context = call.body, call.context
    account = account_of(context, body.account)
    register = _office(call).documents.documents
    event = DocumentFiled(
        context.clock.at(), len(register) + 1, account, body.kind, body.reference, call.by.name,
        body.valid_from or 0.0, body.expires_at or 0.0, body.sha256,
    )  # fmt: skip
    await context.registrar.record([event])
    return call.answer(_document(call, register[event.document]), 201)


async def end_document(call: Call[None, DocumentStep]) -> Response:
    """Enter that a paper no longer holds."""
    body = call.body
    found = entry_at(_office(call).documents.documents, call.path("number"), "document")
    event = DocumentEnded(
        call.context.clock.at(), found.number, body.action, call.by.name, body.why,
        body.moment or 0.0,
    )  # fmt: skip
    await call.context.registrar.record([event])
    return call.answer(_document(call, found))


# -- windows --------------------------------------------------------------------------------------


async def list_windows(call: Call[EntriesQuery, None]) -> Response:
    """List the times whose failures are not party B's."""
    register = _office(call).windows
    return call.answer(_page(call, register.windows, lambda one: _window(call, one)))


async def show_window(call: Call[None, None]) -> Response:
    """Show one window."""
    found = entry_at(_office(call).windows.windows, call.path("number"), "window")
    return call.answer(_window(call, found))


async def declare_window(call: Call[None, WindowBody]) -> Response:
    """Enter a window; it begins now unless it says when, and is open unless it says until when."""
    body, context = call.body, call.context
    register, at = _office(call).windows.windows, context.clock.at()
    event = WindowDeclared(
        at, len(register) + 1, body.kind, body.cause, body.starts_at or at, call.by.name,
        body.why, body.ends_at or 0.0, body.prefixes, body.areas, body.notice, body.reference,
    )  # fmt: skip
    await context.registrar.record([event])
    return call.answer(_window(call, register[event.window]), 201)


async def move_window(call: Call[None, WindowStep]) -> Response:
    """Take one step: end, notice, agree, dispute, settle, withdraw."""
    body = call.body
    found = entry_at(_office(call).windows.windows, call.path("number"), "window")
    event = WindowMoved(
        call.context.clock.at(), found.number, body.action, call.by.name, body.why,
        body.moment or 0.0, body.notice, body.reference,
    )  # fmt: skip
    await call.context.registrar.record([event])
    return call.answer(_window(call, found))


# -- what is due ----------------------------------------------------------------------------------


async def list_due(call: Call[None, None]) -> Response:
    """List what has to be done, by whom and by when: cases, clocks, reports, papers, windows."""
    at = call.context.clock.at()
    items = [{**task._asdict(), "due_at": moment(task.due_at)} for task in due(_office(call), at)]
    return call.answer({"at": iso(at), "items": items})


def _office(call: AnyCall) -> Office:
    return call.context.registrar.office


def _complaints(call: AnyCall) -> Mapping[int, complaints.Complaint]:
    return _office(call).complaints.complaints


def _page(
    call: Call[EntriesQuery, None], entries: Mapping[int, Any], shown: Callable[[Any], JsonObject]
) -> JsonObject:
    query = call.query

    def chosen(entry: Any) -> bool:
        account = getattr(entry, "account", query.account)
        state = getattr(entry, "state", query.state)
        return query.account in ("", account) and query.state in ("", state)

    return page(entries, shown, chosen, query.limit, query.cursor)


def _complaint_answer(call: AnyCall, status: int) -> Response:
    found = entry_at(_complaints(call), call.path("number"), "complaint")
    return call.answer(_complaint(call, found), status)


def _complaint(call: AnyCall, one: complaints.Complaint) -> JsonObject:
    at = call.context.clock.at()
    found = show(one, "complaint")
    del found["owners"], found["moved_at"]
    found["clocks"] = [{**show(clock, ""), "late": clock.late(at)} for clock in one.clocks]
    return {
        **found,
        "number": found.pop("recipient"),
        "clause": complaints.CAUSES[one.cause],
        "owner": one.owner,
        "actions": list(complaints.MOVES[one.state]),
        "ping_pong": one.ping_pong,
        "counters": list(_office(call).complaints.counters_of(one)),
    }


def _incident(call: AnyCall, one: incidents.Incident) -> JsonObject:
    duties = _office(call).incidents.duties(call.context.clock.at())
    report_by = one.discovered_at + incidents.REPORT_S if one.has_duties else 0.0
    return {
        **show(one, "incident"),
        "actions": list(incidents.MOVES[one.state]),
        "report_by": moment(report_by),
        "late": [duty.what for duty in duties if duty.incident == one.number and duty.late],
    }


def _notice(one: notices.Notice) -> JsonObject:
    return {
        **show(one, "notice"),
        "clause": notices.SUBJECTS[one.subject].clause,
        "standing": one.standing,
        "effective_at": moment(one.effective_at or 0.0),
    }


def _document(call: AnyCall, one: documents.Document) -> JsonObject:
    return {
        **show(one, "document"),
        "clause": documents.KINDS[one.kind],
        "holds": one.holds(call.context.clock.at()),
    }


def _window(call: AnyCall, one: windows.Window) -> JsonObject:
    kind = windows.KINDS[one.kind]
    return {
        **show(one, "window"),
        "clause": kind.clause,
        "liability": kind.liability,
        "actions": list(windows.MOVES[one.state]),
        "relieves": _office(call).windows.relieves(one),
    }


_ROOT: Final = "/api/v1/"
_QUERY = Shape[EntriesQuery](EntriesQuery)


def _register(
    name: str, endpoints: tuple[Any, Any, Any, Any], shapes: tuple[type, type, type, type]
) -> tuple[Route, ...]:
    """Give the four operations of one register: list, show, open, move."""
    lists, shows, opens, moves = endpoints
    listed, shown, body, step = shapes
    one = name.removesuffix("s")
    path = _ROOT + name
    return (
        Route("GET", path, lists, "viewer", TAG, f"List {name}", {200: listed}, query=_QUERY),
        Route("GET", path + "/{number}", shows, "viewer", TAG, f"Show a {one}", {200: shown}),
        Route("POST", path, opens, "operator", TAG, f"Enter a {one}",
              {201: shown, 409: Problem}, body=Shape[Any](body)),
        Route("POST", path + "/{number}/steps", moves, "operator", TAG,
              f"Take a step with a {one}", {200: shown, 409: Problem}, body=Shape[Any](step)),
    )  # fmt: skip


ROUTES = (
    *_register(
        "complaints",
        (list_complaints, show_complaint, receive_complaint, move_complaint),
        (ComplaintList, ComplaintShown, ComplaintBody, ComplaintStep),
    ),
    *_register(
        "incidents",
        (list_incidents, show_incident, open_incident, move_incident),
        (IncidentList, IncidentShown, IncidentBody, IncidentStep),
    ),
    *_register(
        "notices",
        (list_notices, show_notice, send_notice, close_notice),
        (NoticeList, NoticeShown, NoticeBody, NoticeStep),
    ),
    *_register(
        "documents",
        (list_documents, show_document, file_document, end_document),
        (DocumentList, DocumentShown, DocumentBody, DocumentStep),
    ),
    *_register(
        "windows",
        (list_windows, show_window, declare_window, move_window),
        (WindowList, WindowShown, WindowBody, WindowStep),
    ),
    Route("GET", _ROOT + "due", list_due, "viewer", TAG, "List what is due", {200: TaskList}),
)
