"""Show the registries of numbers a page at a time, and read what requests say of numbers.

A page's cursor is the count of numbers before it: a number itself would tell a viewer what masking
hides. Numbers that are added meanwhile may move a page on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields
from itertools import islice
from typing import Any, Final, TypeAlias

from .ports import JsonObject, RefusedError
from .registry_shapes import read_number
from .route import Call, moment

AnyCall: TypeAlias = Call[Any, Any]
_MOMENTS: Final = frozenset(
    {"since", "until", "recorded_at", "ported_at", "valid_from", "valid_to"}
)
_LONGEST_CURSOR: Final = 12


def page_of_numbers(
    numbers: Iterator[int],
    shown: Callable[[str], JsonObject | None],
    limit: int,
    cursor: str,
) -> JsonObject:
    """Give `limit` numbers from the cursor on, each as `shown` has it; None leaves one out.

    Raises RefusedError (422) for a cursor that no page gave.
    """
    start = 0
    if cursor:
        if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= _LONGEST_CURSOR):
            allowed = "`next` of the page before"
            raise RefusedError(
                422, f"query parameter cursor: {cursor[:40]!r} seen, {allowed} allowed"
            )
        start = int(cursor)
    items: list[JsonObject] = []
    for place, number in enumerate(islice(numbers, start, None), start):
        item = shown(str(number))
        if item is not None:
            if len(items) == limit:
                return {"items": items, "next": str(place)}
            items.append(item)
    return {"items": items, "next": None}


def shown_number(number: str, records: Sequence[object]) -> JsonObject | None:
    """Show a number of a list; None for one of which an import that never ended told alone."""
    return {"number": number, "records": shown_records(records)} if records else None


def shown_records(records: Iterable[object]) -> list[JsonObject]:
    """Show what is on record of one number, without the number, times as ISO 8601."""
    return [_record(record) for record in records]


def _record(record: Any) -> JsonObject:
    found: JsonObject = {}
    for field in fields(record):
        value = getattr(record, field.name)
        if field.name not in ("number", "entry"):
            found[field.name] = moment(value) if field.name in _MOMENTS else value
    return found


def number_in(call: AnyCall) -> str:
    """Give the number that the path names. Raises RefusedError (422)."""
    try:
        return read_number(call.path("msisdn"))
    except ValueError as error:
        raise RefusedError(422, f"number: {error}") from error


def demand_known(records: Sequence[object], number: str, registry: str) -> None:
    """Want something on record about a number (RefusedError 404)."""
    if not records:
        raise RefusedError(404, f"number {number}: nothing on record among the {registry}")


def demand_owned(call: AnyCall, access_number: str | None) -> None:
    """Want an access number of an account, without extension, or none (RefusedError 422)."""
    accounts = call.context.settings.accounts.values()
    known = [number for account in accounts for number in account.access_numbers]
    if access_number is not None and access_number not in known:
        allowed = ", ".join(known)
        raise RefusedError(422, f"access_number: {access_number} seen, one of {allowed} allowed")


def past_moment(call: AnyCall, given: float | None) -> float:
    """Give the moment a user said something, not later than now; 0.0 where none is given.

    Raises RefusedError (422) for a later one.
    """
    if given is None:
        return 0.0
    at = call.context.clock.at()
    if given > at:
        raise RefusedError(422, f"at: {moment(given)} seen, up to now ({moment(at)}) allowed")
    return given
