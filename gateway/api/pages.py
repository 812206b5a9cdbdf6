"""Show the OpenAPI document, as JSON and as one page for people without any script."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import html
from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.openapi.utils import get_openapi
from starlette.responses import RedirectResponse, Response

from .route import Route, answer

DESCRIPTION: Final = (
    "Errors are problem details (RFC 9457). On a loopback address no token is needed; elsewhere "
    "send `Authorization: Bearer TOKEN`. A POST with an `Idempotency-Key` has its effect once."
)
_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;"
    "color:#1b1f24;background:#fff}h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}"
    "article{border:1px solid #d0d7de;border-radius:6px;padding:.75rem 1rem;margin:.75rem 0}"
    "h3{font-size:1rem;margin:0;font-weight:600}code,pre{font-family:ui-monospace,monospace;"
    "font-size:.875rem}pre{background:#f6f8fa;padding:.5rem;overflow-x:auto}"
    "table{border-collapse:collapse}td,th{text-align:left;padding:.15rem .75rem .15rem 0}"
    "@media(prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}"
    "article{border-color:#30363d}pre{background:#161b22}a{color:#58a6ff}}"
)
_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY: Final = f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; frame-ancestors 'none'"


async def show_openapi(request: Request) -> Response:
    """Give the OpenAPI 3.1 document."""
    return answer(await _document(request.app))


async def show_docs(request: Request) -> Response:
    """Give the page."""
    page = render(await _document(request.app))
    return Response(page, media_type="text/html", headers={"Content-Security-Policy": _POLICY})


async def show_root() -> Response:
    """Lead to the page."""
    return RedirectResponse("/api/v1/docs", 307)


ROUTES: Final = (
    Route("GET", "/", show_root, "viewer", "docs", "Lead to this page", {307: None}),
    Route("GET", "/api/v1/openapi.json", show_openapi, "viewer", "docs", "This API as OpenAPI 3.1",
          {200: None}),
    Route("GET", "/api/v1/docs", show_docs, "viewer", "docs", "This API as a page", {200: None}),
)  # fmt: skip


def document(app: FastAPI, routes: tuple[Route, ...]) -> dict[str, Any]:
    """Build the OpenAPI document; each operation names its least role as `x-role`."""
    built: dict[str, Any] = get_openapi(
        title=app.title,
        version=app.version,
        description=DESCRIPTION,
        routes=app.routes,
        openapi_version="3.1.0",
    )
    schemes = built.setdefault("components", {}).setdefault("securitySchemes", {})
    schemes["token"] = {"type": "http", "scheme": "bearer"}
    for route in routes:
        operation = built["paths"][route.path][route.method.lower()]
        operation["x-role"] = route.role or "none"
        operation["security"] = [] if route.role is None else [{}, {"token": []}]
    return built


async def _document(app: FastAPI) -> dict[str, Any]:
    """Build the document on first use, off the loop: it takes tens of milliseconds."""
    if app.openapi_schema is None:
        app.openapi_schema = await asyncio.to_thread(document, app, app.state.routes)
    return app.openapi_schema


def render(built: Mapping[str, Any]) -> str:
    """Write the document as a page of HTML."""
    by_tag: dict[str, list[str]] = {}
    for path, operations in built["paths"].items():
        for method, operation in operations.items():
            tag = operation["tags"][0]
            by_tag.setdefault(tag, []).append(_operation(method.upper(), path, operation))
    title = html.escape(f"{built['info']['title']} {built['info']['version']}")
    parts = [
        '<!doctype html><html lang="en"><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{title}</title><style>{_STYLE}</style><h1>{title}</h1>",
        f"<p>{html.escape(DESCRIPTION)} The same as "
        '<a href="/api/v1/openapi.json">OpenAPI 3.1</a>.</p>',
    ]
    for tag, operations in by_tag.items():
        parts += [f"<h2>{html.escape(tag)}</h2>", *operations]
    return "".join(parts)


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> str:
    rows = "".join(_parameter(row) for row in operation.get("parameters", ()))
    table = f"<table><tr><th>parameter<th>where<th>meaning</tr>{rows}</table>" if rows else ""
    role = operation["x-role"]
    who = "anybody" if role == "none" else f"role {role} or above"
    words = html.escape(operation.get("description", ""))
    statuses = ", ".join(status for status in operation["responses"] if status != "default")
    return (
        f"<article><h3><code>{method} {html.escape(path)}</code></h3>"
        f"<p>{words}</p>{table}<p>{who}; answers {statuses}</p>"
        f"<pre>{html.escape(_example(method, path, operation))}</pre></article>"
    )


def _parameter(row: Mapping[str, Any]) -> str:
    needed = ", required" if row.get("required") else ""
    return (
        f"<tr><td><code>{html.escape(row['name'])}</code><td>{html.escape(row['in'])}{needed}"
        f"<td>{html.escape(row.get('description', ''))}</tr>"
    )


def _example(method: str, path: str, operation: Mapping[str, Any]) -> str:
    """Write a call with curl."""
    words = ["curl"]
    if method != "GET":
        words.append(f"-X {method}")
    if "requestBody" in operation:
        words.append("-H 'Content-Type: application/json' -d @body.json")
    return " ".join([*words, f"'http://127.0.0.1:8775{path}'"])
