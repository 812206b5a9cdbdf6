"""Answer probes and scrapers: is it alive, can it work, how much has it done."""

from __future__ import annotations

import asyncio

from prometheus_client.exposition import choose_encoder
from starlette.responses import Response

from gateway.api.route import Call, Route
from gateway.api.shapes import Liveness, Readiness

TAG = "probes"


async def livez(call: Call[None, None]) -> Response:
    """Say that the process runs and its loop turns."""
    return call.answer({"alive": True})


async def readyz(call: Call[None, None]) -> Response:
    """Say of each thing the gateway needs whether it is in order; 503 when one is not.

    `why` is for callers with a role: it may name paths and addresses.
    """
    checks = call.context.health.checks()
    ready = all(check.ok for check in checks)
    rows = [
        {"name": check.name, "ok": check.ok, **({"why": check.why} if call.caller else {})}
        for check in checks
    ]
    return call.answer({"ready": ready, "checks": rows}, 200 if ready else 503)


async def metrics(call: Call[None, None]) -> Response:
    """Show every figure in the Prometheus text format, or OpenMetrics where asked for."""
    registry = call.context.metrics.freeze()
    write, media_type = choose_encoder(call.request.headers.get("accept", ""))
    return Response(await asyncio.to_thread(write, registry), headers={"Content-Type": media_type})


ROUTES = (
    Route("GET", "/livez", livez, None, TAG, "Is it alive", {200: Liveness}),
    Route("GET", "/readyz", readyz, None, TAG, "Can it work", {200: Readiness, 503: Readiness}),
    Route("GET", "/metrics", metrics, "viewer", TAG, "Prometheus figures", {200: None}),
)
