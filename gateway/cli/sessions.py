"""List the SMPP sessions of a running gateway, and end them."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from cyclopts import Parameter

from .exits import Exit
from .output import write_json, write_table
from .remote import THIS_MACHINE, Gateway, call

_COLUMNS = (
    "id", "account", "bind_type", "interface_version", "peer", "bound_at", "submits", "deliveries",
    "waiting",
)  # fmt: skip
Id = Annotated[str, Parameter(name="ID", help="Id of the session, as listed.")]
Json = Annotated[bool, Parameter(help="Print the answer as JSON.")]


def list_sessions(*, json: Json = False, gateway: Gateway = THIS_MACHINE) -> int:
    """List the bound sessions."""
    answer = call(gateway, "GET", "sessions")
    if json:
        write_json(answer)
        return Exit.OK
    rows = [
        {
            **item,
            "waiting": "/".join(
                str(item["window"][name]["outstanding"]) for name in ("received", "sent")
            ),
        }
        for item in answer["items"]
    ]
    write_table(rows, _COLUMNS)
    return Exit.OK


def unbind(session_id: Id, /, *, json: Json = False, gateway: Gateway = THIS_MACHINE) -> int:
    """End a session politely."""
    return _close(gateway, session_id, "unbind", json)


def reset(session_id: Id, /, *, json: Json = False, gateway: Gateway = THIS_MACHINE) -> int:
    """End a session by a TCP reset."""
    return _close(gateway, session_id, "reset", json)


def stall(session_id: Id, /, *, json: Json = False, gateway: Gateway = THIS_MACHINE) -> int:
    """Leave a session open, but read and write nothing on it any more."""
    return _close(gateway, session_id, "stall", json)


def _close(gateway: Gateway, session_id: str, mode: str, json: bool) -> int:
    answer = call(gateway, "DELETE", f"sessions/{quote(session_id, safe='')}", query={"mode": mode})
    if json:
        write_json(answer)
    else:
        print(f"session {answer['id']}: {answer['mode']}")
    return Exit.OK
