"""Describe a route as one row, and give endpoints what they work with.

Routes are rows of tables, not decorated functions: what there is, who may use it and what it
answers can be read, documented and tested from the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from fastapi import Depends, FastAPI, Request
from pydantic import BaseModel
from starlette.responses import Response

from config.section import SHANGHAI
from gateway.masking import Masker

from .access import Caller, Role
from .models import Problem
from .ports import ApiContext

Endpoint = Callable[..., Coroutine[Any, Any, Response]]


@dataclass(slots=True, frozen=True)
class Route:
    """Be one operation: `role` is the least one allowed, None when anybody may.

    `answers` maps HTTP statuses to the shape of the body (None: no JSON), the usual one first.
    """

    method: str
    path: str
    endpoint: Endpoint
    role: Role | None
    tag: str
    summary: str
    answers: Mapping[int, type[BaseModel] | None] = field(default_factory=dict)


def install(app: FastAPI, routes: tuple[Route, ...]) -> None:
    """Add the rows to an application."""
    for route in routes:
        statuses = list(route.answers)
        app.add_api_route(
            route.path,
            route.endpoint,
            methods=[route.method],
            status_code=statuses[0],
            response_model=None,
            summary=route.summary,
            tags=[route.tag],
            operation_id=route.endpoint.__name__,
            responses={
                status: {"model": shape, "description": (shape.__doc__ or "").strip()}
                for status, shape in route.answers.items()
                if shape is not None
            }
            | {"default": {"model": Problem, "description": "What was wrong."}},
        )


@dataclass(slots=True, frozen=True)
class Resources:
    """Be what every endpoint may use."""

    context: ApiContext
    masker: Masker


def _resources(request: Request) -> Resources:
    found = request.app.state.resources
    assert isinstance(found, Resources)
    return found


def _caller(request: Request) -> Caller:
    found = request.state.caller
    assert isinstance(found, Caller)
    return found


Given = Annotated[Resources, Depends(_resources)]
By = Annotated[Caller, Depends(_caller)]


def answer(content: object, status: int = 200) -> Response:
    """Write an object as JSON."""
    return Response(msgspec.json.encode(content), status, media_type="application/json")


def shown_to(caller: Caller, given: Resources, content: object) -> object:
    """Mask numbers and texts where the caller's role does not see them."""
    return content if caller.sees_all else given.masker.mask(content)


def iso(at: float) -> str:
    """Write a business time as ISO 8601 in Asia/Shanghai, to the millisecond."""
    return datetime.fromtimestamp(at, UTC).astimezone(SHANGHAI).isoformat(timespec="milliseconds")
