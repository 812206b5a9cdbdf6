"""Show entries of the registers as JSON, a page at a time, and say whose a new one is.

An entry is shown field by field: times as ISO 8601, what hasn't happened as null, the history as
the events that made it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Final, TypeVar

import msgspec

from routing.event import Event

from .ports import ApiContext, JsonObject, RefusedError
from .route import moment

_Entry = TypeVar("_Entry")
_LONGEST_NUMBER: Final = 9
_MOMENTS: Final = frozenset(
    {"at", "moment", "until", "valid_from", "explain_by", "rectify_by", "frozen_until", "since"}
)
"""Names of fields that hold a business time, beside those that end in `_at`."""


def show(entry: object, name: str) -> JsonObject:
    """Show an entry (a dataclass) under its own name, such as `complaint`, for its number."""
    assert is_dataclass(entry)
    found: JsonObject = {}
    for field in fields(entry):
        if not field.name.startswith("_"):
            key = name if field.name == "number" else field.name
            found[key] = _value(field.name, getattr(entry, field.name))
    return found


def step(event: Event) -> JsonObject:
    """Show one event of a history, without what it leaves open."""
    found: JsonObject = {"event": type(event).__name__}
    for name, value in msgspec.structs.asdict(event).items():
        if isinstance(value, bool) or value not in ("", 0, ()):
            found[name] = _value(name, value)
    return found


def _value(name: str, value: Any) -> object:
    if name in _MOMENTS or name.endswith("_at"):
        return moment(value)
    if name == "message_id":
        return str(value) if value else ""
    if isinstance(value, list | tuple):
        return [str(item) if name == "message_ids" else _value("", item) for item in value]
    if isinstance(value, Event):
        return step(value)
    return show(value, "number") if is_dataclass(value) else value


def page(
    entries: Mapping[int, _Entry],
    shown: Callable[[_Entry], JsonObject],
    chosen: Callable[[_Entry], bool],
    limit: int,
    cursor: str,
) -> JsonObject:
    """Give a page of entries, the latest first; `cursor` is the `next` of the page before.

    Raises RefusedError (422) for a cursor that no page gave.
    """
    before = len(entries) + 1 if not cursor else _counted(cursor)
    if before is None:
        raise RefusedError(422, f"cursor: {cursor[:40]!r} seen, `next` of the page before allowed")
    items: list[JsonObject] = []
    for number in range(min(before - 1, len(entries)), 0, -1):
        if chosen(entries[number]):
            if len(items) == limit:
                return {"items": items, "next": str(number + 1)}
            items.append(shown(entries[number]))
    return {"items": items, "next": None}


def entry_at(entries: Mapping[int, _Entry], text: str, name: str) -> _Entry:
    """Give the entry that a path names. Raises RefusedError (404)."""
    number = _counted(text)
    found = None if number is None else entries.get(number)
    if found is None:
        known = f"1 to {len(entries)}" if entries else "there are none yet"
        raise RefusedError(404, f"{name} {text[:40]!r}: there is none; known: {known}")
    return found


def _counted(text: str) -> int | None:
    if text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER:
        return int(text)
    return None


def account_of(context: ApiContext, name: str) -> str:
    """Give the account that is named, or the only one. Raises RefusedError (422)."""
    accounts = context.settings.accounts
    if not name and len(accounts) == 1:
        return next(iter(accounts))
    if name not in accounts:
        known = ", ".join(accounts)
        raise RefusedError(422, f"body account: {name!r} seen, one of {known} allowed")
    return name


def demand_ports(context: ApiContext, accounts: Iterable[str], ports: Iterable[str]) -> None:
    """Want access numbers of the accounts, without extension (RefusedError 422)."""
    chosen = (context.settings.accounts[name] for name in accounts)
    known = [number for account in chosen for number in account.access_numbers]
    for port in ports:
        if port not in known:
            allowed = ", ".join(known)
            raise RefusedError(422, f"body ports: {port} seen, one of {allowed} allowed")


async def message_of(context: ApiContext, message_id: str) -> JsonObject:
    """Give the message that an entry is about, an empty object for none (RefusedError 422)."""
    if not message_id:
        return {}
    found = await context.messages.get(message_id)
    if found is None:
        raise RefusedError(422, f"body message_id: {message_id!r} seen, there is no such message")
    return found
