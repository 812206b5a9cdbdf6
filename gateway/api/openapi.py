"""Write the rows of the routes as an OpenAPI 3.1 document."""

from __future__ import annotations

import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Final

import msgspec

from .problems import MEDIA_TYPE
from .route import NOTHING, Route, Shape
from .shapes import Problem

DESCRIPTION: Final = (
    "Errors are problem details (RFC 9457). On a loopback address no token is needed; elsewhere "
    "send `Authorization: Bearer TOKEN`. A POST with an `Idempotency-Key` has its effect once."
)
_REF: Final = "#/components/schemas/{model}"
_PLACE: Final = re.compile(r"\{(\w+)\}")

Json = dict[str, Any]


def document(routes: Sequence[Route], version: str) -> Json:
    """Build the document; each operation names its least role as `x-role`."""
    schemas = _Schemas(routes)
    paths: dict[str, Json] = {}
    for row in routes:
        paths.setdefault(row.path, {})[row.method.lower()] = _operation(row, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "smsgw", "version": version, "description": DESCRIPTION},
        "paths": paths,
        "components": {
            "schemas": schemas.components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


class _Schemas:
    """Hold the schema of every answer, by its name, and collect those of bodies."""

    def __init__(self, routes: Sequence[Route]) -> None:
        shapes = {shape for row in routes for shape in row.answers.values() if shape is not None}
        ordered = sorted({*shapes, Problem}, key=lambda shape: shape.__name__)
        found, components = msgspec.json.schema_components(
            ordered, ref_template="#/components/schemas/{name}"
        )
        self.components: dict[str, Json] = dict(sorted(components.items()))
        self._answers = dict(zip(ordered, found, strict=True))

    def answer(self, shape: type) -> Json:
        """Give the schema of an answer."""
        return self._answers[shape]

    def asked(self, shape: Shape[Any]) -> Json:
        """Give the schema of a query or a body; what it refers to becomes a component."""
        schema = shape.adapter.json_schema(ref_template=_REF)
        self.components |= schema.pop("$defs", {})
        return schema


def _operation(row: Route, schemas: _Schemas) -> Json:
    operation: Json = {
        "operationId": row.endpoint.__name__,
        "summary": row.summary,
        "description": " ".join((row.endpoint.__doc__ or "").split()),
        "tags": [row.tag],
        "x-role": row.role or "none",
        "security": [] if row.role is None else [{}, {"token": []}],
        "responses": {str(status): _response(row, status, schemas) for status in row.answers},
    }
    operation["responses"]["default"] = _problem("What was wrong.", schemas)
    parameters = [*_path_parameters(row), *_query_parameters(row, schemas)]
    if parameters:
        operation["parameters"] = parameters
    if row.body is not NOTHING:
        content = {"application/json": {"schema": schemas.asked(row.body)}}
        operation["requestBody"] = {"required": True, "content": content}
    elif row.file:
        content = {row.file: {"schema": {"type": "string"}}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _response(row: Route, status: int, schemas: _Schemas) -> Json:
    shape = row.answers[status]
    if shape is None:
        return {"description": HTTPStatus(status).phrase}
    words = (shape.__doc__ or "").strip()
    if shape is Problem:
        return _problem(words, schemas)
    schema = schemas.answer(shape)
    return {"description": words, "content": {"application/json": {"schema": schema}}}


def _problem(words: str, schemas: _Schemas) -> Json:
    return {"description": words, "content": {MEDIA_TYPE: {"schema": schemas.answer(Problem)}}}


def _path_parameters(row: Route) -> list[Json]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _PLACE.findall(row.path)
    ]


def _query_parameters(row: Route, schemas: _Schemas) -> list[Json]:
    if row.query is NOTHING:
        return []
    schema = schemas.asked(row.query)
    needed = schema.get("required", ())
    return [
        {
            "name": name,
            "in": "query",
            "required": name in needed,
            "description": rules.get("description", ""),
            "schema": rules,
        }
        for name, rules in schema["properties"].items()
    ]
