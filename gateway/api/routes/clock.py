"""Show the clock that the gateway goes by, and move that of a gateway started for simulation."""

from __future__ import annotations

from starlette.responses import Response

from gateway.api.bodies import ClockBody
from gateway.api.ports import ApiContext, JsonObject, RefusedError
from gateway.api.route import Call, Route, Shape, iso
from gateway.api.shapes import ClockShown, Problem
from gateway.clock import SimulatedClock

TAG = "clock"


async def show_clock(call: Call[None, None]) -> Response:
    """Show the business time."""
    return call.answer(_shown(call.context))


async def move_clock(call: Call[None, ClockBody]) -> Response:
    """Put a simulated clock forward, or let it run at another pace.

    Timers that it passes ring at once: sessions that were silent for longer than they may be end.
    """
    clock, body = call.context.clock, call.body
    if not isinstance(clock, SimulatedClock):
        raise RefusedError(
            409, "the gateway goes by the real clock; start it with smsgw serve --clock to move it"
        )
    before = clock.at()
    seconds = body.advance_s or 0.0
    if body.to is not None:
        seconds = body.to - before
        if seconds < 0:
            raise RefusedError(
                409, f"to: {iso(body.to)} is before {iso(before)}; time never goes back"
            )
    clock.advance(seconds)
    if body.scale is not None:
        clock.pace(body.scale)
    detail = f"by {seconds:.3f} s, scale {clock.scale:g}"
    call.context.audit.record(call.by.name, "clock", iso(before), detail)
    return call.answer(_shown(call.context))


def _shown(context: ApiContext) -> JsonObject:
    clock = context.clock
    simulated = isinstance(clock, SimulatedClock)
    scale = clock.scale if isinstance(clock, SimulatedClock) else 1.0
    return {"at": iso(clock.at()), "simulated": simulated, "scale": scale}


_ROOT = "/api/v1/clock"
ROUTES = (
    Route("GET", _ROOT, show_clock, "viewer", TAG, "Show the clock", {200: ClockShown}),
    Route("POST", _ROOT, move_clock, "operator", TAG, "Move a simulated clock",
          {200: ClockShown, 409: Problem}, body=Shape[ClockBody](ClockBody)),
)  # fmt: skip
