"""Show the API's documentation: the OpenAPI document, and one page for people without a script."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import html
from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import RedirectResponse, Response

from gateway.api.route import Call, Route, answer

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


async def show_openapi(call: Call[None, None]) -> Response:
    """Give the OpenAPI 3.1 document."""
    return answer(await asyncio.to_thread(_document, call))


async def show_docs(call: Call[None, None]) -> Response:
    """Give the page."""
    page = await asyncio.to_thread(lambda: render(_document(call)))
    return Response(page, media_type="text/html", headers={"Content-Security-Policy": _POLICY})


async def show_root(call: Call[None, None]) -> Response:
    """Lead to the page."""
    return RedirectResponse("/api/v1/docs", 307)


ROUTES: Final = (
    Route("GET", "/", show_root, "viewer", "docs", "Lead to this page", {307: None}),
    Route("GET", "/api/v1/openapi.json", show_openapi, "viewer", "docs", "This API as OpenAPI 3.1",
          {200: None}),
    Route("GET", "/api/v1/docs", show_docs, "viewer", "docs", "This API as a page", {200: None}),
)  # fmt: skip


def _document(call: Call[None, None]) -> dict[str, Any]:
    """Build the document, off the loop: it takes tens of milliseconds."""
    from gateway.api.app import ROUTES as ALL  # noqa: PLC0415 - which holds the rows above too
    from gateway.api.openapi import document  # noqa: PLC0415 - nobody else needs schemas

    return document(ALL, call.context.version)


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
        f"<p>{html.escape(built['info']['description'])} The same as "
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
