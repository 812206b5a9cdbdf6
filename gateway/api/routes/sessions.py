"""Answer for the bound sessions: list, show, end."""

from __future__ import annotations

from starlette.responses import Response

from gateway.api.bodies import CloseQuery
from gateway.api.ports import JsonObject, RefusedError, SessionView
from gateway.api.route import Call, Route, Shape, iso
from gateway.api.shapes import SessionClosing, SessionList, SessionShown

TAG = "sessions"


async def list_sessions(call: Call[None, None]) -> Response:
    """List the bound sessions, oldest first."""
    return call.answer({"items": [_shown(view) for view in call.context.sessions.all()]})


async def show_session(call: Call[None, None]) -> Response:
    """Show one session."""
    session_id = call.path("session_id")
    number = _number(session_id)
    view = call.context.sessions.get(number) if number is not None else None
    if view is None:
        raise _unknown(session_id)
    return call.answer(_shown(view))


async def close_session(call: Call[CloseQuery, None]) -> Response:
    """Begin to end a session."""
    session_id, mode = call.path("session_id"), call.query.mode
    number = _number(session_id)
    if number is None or not call.context.sessions.close(number, mode):
        raise _unknown(session_id)
    call.context.audit.record(call.by.name, f"session {mode}", session_id, "")
    return call.answer({"id": session_id, "mode": mode}, 202)


def _number(session_id: str) -> int | None:
    # 18 digits: what fits the id of any session, and never a long computation.
    sound = session_id.isascii() and session_id.isdigit() and len(session_id) <= 18
    return int(session_id) if sound else None


def _unknown(session_id: str) -> RefusedError:
    return RefusedError(404, f"session {session_id[:80]!r}: not bound (any more)")


def _shown(view: SessionView) -> JsonObject:
    version = view.interface_version
    return {
        "id": str(view.id),
        "account": view.account,
        "bind_type": view.bind_type,
        "state": view.state,
        "interface_version": f"{version >> 4}.{version & 0x0F}",
        "peer": view.peer,
        "tls": view.tls,
        "system_type": view.system_type,
        "bound_at": iso(view.bound_at),
        "last_activity_at": iso(view.last_activity_at),
        "window": {
            name: {"limit": window.limit, "outstanding": window.outstanding}
            for name, window in (("received", view.received), ("sent", view.sent))
        },
        "submits": view.submits,
        "deliveries": view.deliveries,
    }


_ROOT = "/api/v1/sessions"
_ONE = _ROOT + "/{session_id}"
ROUTES = (
    Route("GET", _ROOT, list_sessions, "viewer", TAG, "List sessions", {200: SessionList}),
    Route("GET", _ONE, show_session, "viewer", TAG, "Show a session", {200: SessionShown}),
    Route("DELETE", _ONE, close_session, "operator", TAG, "End a session",
          {202: SessionClosing}, query=Shape[CloseQuery](CloseQuery)),
)  # fmt: skip
