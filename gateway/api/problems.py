"""Answer every error as a problem of RFC 9457: status, title, and a sentence of what was wrong.

`detail` says what was seen and what is allowed. `errors` lists the single faults of a request
body or query, each with its place.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import msgspec
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from .ports import JsonObject, RefusedError

MEDIA_TYPE: Final = "application/problem+json"
_LONGEST_SEEN: Final = 60


class InvalidError(Exception):
    """Report every fault of a query or a body."""

    def __init__(self, source: str, error: ValidationError) -> None:
        super().__init__(str(error.error_count()))
        self.source = source
        self.errors = error.errors(include_url=False)


def problem(
    status: int,
    detail: str,
    *,
    instance: str = "",
    headers: Mapping[str, str] | None = None,
    more: JsonObject | None = None,
) -> Response:
    """Build the answer to a request that failed; `more` are members of this kind of problem."""
    body: JsonObject = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if instance:
        body["instance"] = instance
    return Response(
        msgspec.json.encode({**body, **(more or {})}), status, dict(headers or {}), MEDIA_TYPE
    )


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, RefusedError)
    return problem(error.status, error.detail, instance=request.url.path)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, InvalidError)
    errors = [_fault(error.source, item) for item in error.errors]
    detail = "; ".join(f"{fault['at']}: {fault['detail']}" for fault in errors)
    return problem(422, detail, instance=request.url.path, more={"errors": errors})


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    path = request.url.path
    if error.status_code == 404:
        detail = f"{path}: no such resource; /api/v1/docs lists them"
        return problem(404, detail, instance=path)
    if error.status_code == 405:
        allowed = ", ".join(_allowed_methods(request))
        detail = f"{path}: method {request.method} seen, {allowed} allowed"
        return problem(405, detail, instance=path, headers={"Allow": allowed})
    return problem(error.status_code, str(error.detail), instance=path, headers=error.headers)


async def _internal(request: Request, error: Exception) -> Response:
    # The words of an unforeseen error may hold numbers or texts: they go to the log, masked.
    detail = "internal error of the gateway; its log names the cause"
    return problem(500, detail, instance=request.url.path)


def _allowed_methods(request: Request) -> list[str]:
    """Collect the methods of every route that has this path."""
    methods: set[str] = set()
    for route in request.app.routes:
        if route.matches(request.scope)[0] is not Match.NONE:
            methods |= set(getattr(route, "methods", None) or ())
    return sorted(methods)


_TAGS: Final = frozenset({"one", "many"})
"""Names of the arms of a union, which mean nothing to a caller."""

_ALLOWED: Final[dict[str, str]] = {
    "missing": "a value",
    "extra_forbidden": "only the keys in the documentation",
    "string_type": "a string",
    "string_pattern_mismatch": "a string of the form {pattern}",
    "string_too_long": "at most {max_length} characters",
    "string_too_short": "at least {min_length} characters",
    "string_unicode": "Unicode characters",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "greater_than_equal": "{ge} or more",
    "less_than_equal": "{le} or less",
    "literal_error": "{expected}",
    "too_short": "at least {min_length} entries",
    "too_long": "at most {max_length} entries",
    "model_attributes_type": "a JSON object",
    "model_type": "a JSON object",
}
"""What is allowed instead, by pydantic's name of the fault."""


def _fault(source: str, item: Mapping[str, Any]) -> JsonObject:
    """Say in one place and one sentence what is wrong with one value."""
    place = ".".join(str(part) for part in item["loc"] if part not in _TAGS)
    words = _ALLOWED.get(item["type"], str(item["msg"]).removeprefix("Value error, "))
    context: Mapping[str, object] = item.get("ctx", {})
    allowed = words.format_map(context) if item["type"] in _ALLOWED else words
    seen = "nothing" if item["type"] == "missing" else _seen(item["input"])
    return {"at": f"{source} {place}".strip(), "detail": f"{seen} seen, {allowed} allowed"}


def _seen(value: object) -> str:
    """Show what was sent as JSON, cut where it is long; half a surrogate pair as an escape."""
    written = json.dumps(value, ensure_ascii=False, default=repr)
    shown = written.encode("utf-8", "backslashreplace").decode("utf-8")
    return shown if len(shown) <= _LONGEST_SEEN else shown[:_LONGEST_SEEN] + "…"


HANDLERS: Final = {
    RefusedError: _refused,
    InvalidError: _invalid,
    HTTPException: _http,
    Exception: _internal,
}
"""What answers each kind of error."""
