"""Show how long records are kept and why, order them to be kept longer, and remove the others."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from starlette.responses import Response

from gateway.api.entries import entry_at, show, step
from gateway.api.ports import JsonObject, RefusedError, RetentionControl
from gateway.api.retention_shapes import HoldBody, HoldShown, ReleaseBody, Removed, RetentionShown
from gateway.api.route import Call, Route, Shape, iso
from gateway.api.shapes import Problem
from metrics.retention import TITLES, Reason, kept_since
from routing.office_events import HoldPlaced, HoldReleased

TAG = "retention"
AnyCall: TypeAlias = Call[Any, Any]


async def show_retention(call: Call[None, None]) -> Response:
    """Show the months of records and what keeps each, the orders, and what was removed."""
    control, context = _control(call), call.context
    found = control.reasons()
    register = context.registrar.office.retention
    return call.answer({
        "at": iso(context.clock.at()),
        "mode": context.settings.data.retention,
        "kept_since": iso(kept_since(found)),
        "reasons": [_reason(one) for one in found],
        "months": [
            {"month": one.name, "octets": one.octets,
             "kept_by": [_reason(reason) for reason in one.kept_by]}
            for one in await control.months()
        ],
        "holds": [show(one, "hold") for one in register.orders.values()],
        "removals": [step(one) for one in register.removals],
    })  # fmt: skip


async def remove_now(call: Call[None, None]) -> Response:
    """Remove the months that nothing keeps, at once; none is an answer too."""
    gone = await _control(call).remove(call.by.name)
    return call.answer({"months": list(gone)})


async def place_hold(call: Call[None, HoldBody]) -> Response:
    """Order every record from a time on to be kept until the order is released."""
    _control(call)
    body, registrar = call.body, call.context.registrar
    number = len(registrar.office.retention.orders) + 1
    at = call.context.clock.at()
    await registrar.record(
        [HoldPlaced(at, number, body.since, call.by.name, body.why, body.reference)]
    )
    return call.answer(_hold(call, str(number)), 201)


async def release_hold(call: Call[None, ReleaseBody]) -> Response:
    """Release an order; 409 for one that was."""
    name = call.path("number")
    number = _entry(call, name).number
    at = call.context.clock.at()
    event = HoldReleased(at, number, call.by.name, call.body.why)
    await call.context.registrar.record([event])
    return call.answer(_hold(call, name))


def _control(call: AnyCall) -> RetentionControl:
    """Give what removes records (RefusedError 409)."""
    control = call.context.retention
    if control is None:
        raise RefusedError(409, 'nothing is kept: data.durability is "none"')
    return control


def _entry(call: AnyCall, name: str) -> Any:
    return entry_at(call.context.registrar.office.retention.orders, name, "hold")


def _hold(call: AnyCall, name: str) -> JsonObject:
    return show(_entry(call, name), "hold")


def _reason(one: Reason) -> JsonObject:
    en, zh = TITLES[one.what]
    return {**one._asdict(), "since": iso(one.since), "en": en, "zh": zh}


_ROOT: Final = "/api/v1/retention"
ROUTES = (
    Route("GET", _ROOT, show_retention, "viewer", TAG, "Show what is kept, and why",
          {200: RetentionShown, 409: Problem}),
    Route("POST", _ROOT + "/run", remove_now, "operator", TAG, "Remove what nothing keeps",
          {200: Removed, 409: Problem}),
    Route("POST", _ROOT + "/holds", place_hold, "operator", TAG, "Order records to be kept",
          {201: HoldShown, 409: Problem}, body=Shape[HoldBody](HoldBody)),
    Route("POST", _ROOT + "/holds/{number}/release", release_hold, "operator", TAG,
          "Release an order to keep records", {200: HoldShown, 404: Problem, 409: Problem},
          body=Shape[ReleaseBody](ReleaseBody)),
)  # fmt: skip
