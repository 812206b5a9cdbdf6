"""Serve the hotline's view of a user, and unsubscribe him (clause 4.3).

The gateway blocks at once. Party A's interface is told where the settings name one.
"""

from __future__ import annotations

from starlette.responses import Response

from gateway.api.ports import JsonObject
from gateway.api.registry_pages import (
    AnyCall,
    demand_owned,
    number_in,
    past_moment,
    shown_records,
)
from gateway.api.route import Call, Route, Shape, iso
from gateway.api.shapes import Problem
from gateway.api.unsubscribe_shapes import (
    Interface,
    InterfaceQuery,
    Subscriptions,
    UnsubscribeBody,
)
from metrics.breaches.periods import day_number
from metrics.unsubscribe import Unsubscriptions
from routing.registry_events import OptedOut

TAG = "unsubscribe"


async def show_interface(call: Call[InterfaceQuery, None]) -> Response:
    """Show how party A's interface worked in the days asked for, and what it has not completed."""
    context, query = call.context, call.query
    at, register = context.clock.at(), _register(call)
    first = day_number(query.start if query.start is not None else at)
    last = day_number(query.end if query.end is not None else at)
    accounts = []
    for account in context.settings.accounts:
        found = register.statistics(account, first, last)
        accounts.append({"account": account, **found._asdict()})
    content = {
        "at": iso(at),
        "configured": context.settings.unsubscribe.url is not None,
        "agreed_s": register.deadline_s,
        "accounts": accounts,
        "open": [
            {"account": one.account, "number": one.number, "due_at": iso(one.due_at),
             "overdue": one.overdue}
            for one in register.open(at)
        ],
        "waiting": len(register.wanted),
    }  # fmt: skip
    return call.answer(content)


async def show_subscriptions(call: Call[None, None]) -> Response:
    """Show what a number has consented to and what it refuses."""
    return call.answer(_shown(call, number_in(call)))


async def unsubscribe(call: Call[None, UnsubscribeBody]) -> Response:
    """Record a user's refusal, told to the service staff; party A is told of it."""
    body, at = call.body, call.context.clock.at()
    demand_owned(call, body.access_number)
    event = OptedOut(
        at, body.number, body.access_number or "", body.category, "customer_service", body.proof,
        past_moment(call, body.at), who=call.by.name, why=body.why,
    )  # fmt: skip
    await call.context.registrar.record([event])
    return call.answer(_shown(call, body.number), 202)


def _register(call: AnyCall) -> Unsubscriptions:
    return call.context.registrar.office.unsubscriptions


def _shown(call: AnyCall, number: str) -> JsonObject:
    context = call.context
    registries, at = context.registrar.registries, context.clock.at()
    ports = {port for one in context.settings.accounts.values() for port in one.access_numbers}
    return {
        "number": number,
        "at": iso(at),
        "consents": shown_records(registries.consents.records_of(number)),
        "optouts": shown_records(registries.optouts.records_of(number)),
        "stopped": [
            {"access_number": port, "categories": names}
            for port in sorted(ports)
            if (names := registries.optouts.stopped_categories(number, port, at))
        ],
        "interface": _interface(call, number),
    }


def _interface(call: AnyCall, number: str) -> str:
    """Say how far party A is with what it was told of this number."""
    register = _register(call)
    if any(one.number == number for one in register.open(call.context.clock.at())):
        return "open"
    if number in register.wanted:
        return "waiting" if call.context.settings.unsubscribe.url else "not_configured"
    return "none"


_ROOT = "/api/v1/unsubscribe"
ROUTES = (
    Route("GET", _ROOT, show_interface, "viewer", TAG, "Show how party A's interface works",
          {200: Interface}, query=Shape[InterfaceQuery](InterfaceQuery)),
    Route("POST", _ROOT, unsubscribe, "operator", TAG, "Unsubscribe a user",
          {202: Subscriptions, 422: Problem}, body=Shape[UnsubscribeBody](UnsubscribeBody)),
    Route("GET", _ROOT + "/{msisdn}", show_subscriptions, "viewer", TAG,
          "Show what a user is sent and refuses", {200: Subscriptions}),
)  # fmt: skip
