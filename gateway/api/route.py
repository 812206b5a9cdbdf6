"""Describe a route as one row, and hand its endpoint what was asked, checked.

Routes are rows of tables, not decorated functions: what there is, who may use it, what it takes
and what it answers can be read, documented and tested from the rows. The web framework is
Starlette; FastAPI on top of it would do what this file and `openapi` do, and cost every start
130 ms and 1.3 ms more for each further route.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Generic, TypeAlias, TypeVar

import msgspec
from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route as StarletteRoute

from config.section import SHANGHAI
from gateway.masking import Masker

from .access import Caller, Role
from .aside import Aside
from .kept_views import KeptViews
from .ports import ApiContext, RefusedError
from .problems import InvalidError

_Q = TypeVar("_Q")
_B = TypeVar("_B")
_T = TypeVar("_T")


class Shape(Generic[_T]):
    """Check values against a pydantic type, whose validator is built when it is first needed."""

    def __init__(self, type_: Any) -> None:
        self.type = type_
        self._adapter: TypeAdapter[_T] | None = None

    @property
    def adapter(self) -> TypeAdapter[_T]:
        """Give the validator."""
        if self._adapter is None:
            self._adapter = TypeAdapter(self.type)
        return self._adapter

    def read(self, value: object, source: str) -> _T:
        """Check a value that came from `source` (body or query parameter).

        Raises InvalidError.
        """
        try:
            return self.adapter.validate_python(value)
        except ValidationError as error:
            raise InvalidError(source, error) from error


NOTHING: Shape[None] = Shape(None)
"""The shape of what a route doesn't take."""


@dataclass(slots=True, frozen=True)
class Resources:
    """Be what every endpoint may use."""

    context: ApiContext
    masker: Masker
    aside: Aside = field(default_factory=Aside)
    views: KeptViews = field(default_factory=KeptViews)


@dataclass(slots=True, frozen=True)
class Call(Generic[_Q, _B]):
    """Be one request whose caller is known, whose query and body are in order."""

    resources: Resources
    caller: Caller | None
    request: Request
    query: _Q
    body: _B

    @property
    def context(self) -> ApiContext:
        """Give the gateway."""
        return self.resources.context

    @property
    def by(self) -> Caller:
        """Give the caller; only probes have none."""
        assert self.caller is not None
        return self.caller

    def path(self, name: str) -> str:
        """Give a part of the path."""
        part = self.request.path_params[name]
        assert isinstance(part, str)
        return part

    def answer(self, content: object, status: int = 200) -> Response:
        """Answer with an object as JSON, masked where the caller's role asks for it."""
        unmasked = self.caller is None or self.caller.sees_all
        return answer(content if unmasked else self.resources.masker.mask(content), status)


Endpoint: TypeAlias = Callable[[Call[Any, Any]], Coroutine[Any, Any, Response]]


@dataclass(slots=True, frozen=True)
class Route:
    """Be one operation: `role` is the least one allowed, None when anybody may.

    `answers` maps HTTP statuses to the shape of the body (None: no JSON), the usual one first.
    `file` is the media type of a body that isn't JSON, which the endpoint reads itself.
    """

    method: str
    path: str
    endpoint: Endpoint
    role: Role | None
    tag: str
    summary: str
    answers: Mapping[int, type | None] = field(default_factory=dict)
    query: Shape[Any] = NOTHING
    body: Shape[Any] = NOTHING
    file: str = ""


def served(row: Route, resources: Resources) -> StarletteRoute:
    """Make the row a route of Starlette."""

    async def handle(request: Request) -> Response:
        query = body = None
        if row.query is not NOTHING:
            query = row.query.read(dict(request.query_params), "query parameter")
        elif request.query_params:
            raise RefusedError(422, f"{next(iter(request.query_params))[:80]!r}: no query "
                               "parameters are allowed here")  # fmt: skip
        if row.body is not NOTHING:
            body = row.body.read(await read_json(request), "body")
        caller: Caller | None = request.state.caller
        return await row.endpoint(Call(resources, caller, request, query, body))

    return StarletteRoute(row.path, handle, methods=[row.method], name=row.endpoint.__name__)


def answer(content: object, status: int = 200) -> Response:
    """Write an object as JSON."""
    return Response(msgspec.json.encode(content), status, media_type="application/json")


def iso(at: float) -> str:
    """Write a business time as ISO 8601 in Asia/Shanghai, to the millisecond."""
    return datetime.fromtimestamp(at, UTC).astimezone(SHANGHAI).isoformat(timespec="milliseconds")


def moment(at: float) -> str | None:
    """Write a business time as `iso` does, None for one that there isn't (0 or infinite)."""
    return iso(at) if at and math.isfinite(at) else None


async def read_json(request: Request) -> object:
    """Read the body. Raises RefusedError when it isn't JSON."""
    kind = request.headers.get("content-type", "none")
    if "json" not in kind:
        raise RefusedError(415, f"Content-Type: {kind[:80]!r} seen, application/json allowed")
    octets = await request.body()
    try:
        content: object = json.loads(octets)
    except (ValueError, RecursionError) as error:
        words = "nested too deep" if isinstance(error, RecursionError) else str(error)
        raise RefusedError(422, f"body: not JSON: {words}") from error
    return content
