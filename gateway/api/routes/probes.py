"""Answer probes and scrapers: is it alive, can it work, how much has it done."""

from __future__ import annotations

import asyncio

from fastapi import Request
from prometheus_client.exposition import choose_encoder
from starlette.responses import Response

from gateway.api.access import Caller
from gateway.api.models import Liveness, Readiness
from gateway.api.route import Given, Route, answer, shown_to

TAG = "probes"


async def livez() -> Response:
    """Say that the process runs and its loop turns."""
    return answer({"alive": True})


async def readyz(given: Given, request: Request) -> Response:
    """Say of each thing the gateway needs whether it is in order; 503 when one is not.

    `why` is for callers with a role: it may name paths and addresses.
    """
    checks = given.context.health.checks()
    caller: Caller | None = request.state.caller
    ready = all(check.ok for check in checks)
    rows = [
        {"name": check.name, "ok": check.ok, **({"why": check.why} if caller else {})}
        for check in checks
    ]
    content = {"ready": ready, "checks": rows}
    shown = shown_to(caller, given, content) if caller else content
    return answer(shown, 200 if ready else 503)


async def metrics(given: Given, request: Request) -> Response:
    """Show every figure in the Prometheus text format, or OpenMetrics where asked for."""
    registry = given.context.metrics.freeze()
    write, media_type = choose_encoder(request.headers.get("accept", ""))
    return Response(await asyncio.to_thread(write, registry), headers={"Content-Type": media_type})


ROUTES = (
    Route("GET", "/livez", livez, None, TAG, "Is it alive", {200: Liveness}),
    Route("GET", "/readyz", readyz, None, TAG, "Can it work", {200: Readiness, 503: Readiness}),
    Route("GET", "/metrics", metrics, "viewer", TAG, "Prometheus figures", {200: None}),
)
