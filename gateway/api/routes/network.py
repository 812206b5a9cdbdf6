"""Answer for accounts, profiles of the simulated network, and simulated handsets."""

from __future__ import annotations

from collections import Counter

from starlette.responses import Response

from config.account import Account
from config.network import Profile
from gateway.api.bodies import SubscriberBody
from gateway.api.ports import ApiContext, JsonObject, RefusedError, SubscriberView
from gateway.api.route import Call, Route, Shape
from gateway.api.shapes import (
    AccountList,
    AccountShown,
    ProfileList,
    SubscriberList,
    SubscriberShown,
)

ACCOUNT_FIELDS = {
    "system_id", "enterprise_code", "access_numbers", "services", "max_binds", "window",
    "window_overflow", "deliver_window", "max_queued", "throughput", "allowed_ips",
    "bind_modes", "interface_versions", "tls_only", "certificate_names",
    "outbind", "default_alphabet", "gb18030", "receipt", "reject_stage",
}  # fmt: skip
"""What is shown of an account: named one by one, so that a secret is never among them."""


async def list_accounts(call: Call[None, None]) -> Response:
    """List the accounts, each with the number of its sessions."""
    bound = _bound(call.context)
    accounts = call.context.settings.account
    return call.answer({"items": [_account(account, bound) for account in accounts]})


async def show_account(call: Call[None, None]) -> Response:
    """Show one account."""
    system_id, known = call.path("system_id"), call.context.settings.accounts
    if system_id not in known:
        names = ", ".join(known)
        raise RefusedError(404, f"account {system_id[:80]!r}: not configured; there are {names}")
    return call.answer(_account(known[system_id], _bound(call.context)))


async def list_profiles(call: Call[None, None]) -> Response:
    """List the behaviours the simulated network can take, and the one it has."""
    current = call.context.settings.network.profile
    profiles = call.context.network.profiles
    items = [_profile(name, row, current) for name, row in profiles.items()]
    return call.answer({"current": current, "items": items})


async def list_subscribers(call: Call[None, None]) -> Response:
    """List the handsets whose state was set, and every state there is."""
    control = call.context.subscribers
    items = [_subscriber(view) for view in control.fixed()]
    return call.answer({"states": list(control.states()), "items": items})


async def show_subscriber(call: Call[None, None]) -> Response:
    """Show the state of one handset."""
    try:
        view = call.context.subscribers.get(call.path("msisdn"))
    except ValueError as error:
        raise RefusedError(422, str(error)) from error
    return call.answer(_subscriber(view))


async def set_subscriber(call: Call[None, SubscriberBody]) -> Response:
    """Put one handset into a state."""
    body, context = call.body, call.context
    try:
        view = context.subscribers.put(
            call.path("msisdn"), body.state, recovers_after=body.recovers_after
        )
    except ValueError as error:
        raise RefusedError(422, str(error)) from error
    context.audit.record(call.by.name, "subscriber set", view.msisdn, body.state)
    return call.answer(_subscriber(view))


async def clear_subscriber(call: Call[None, None]) -> Response:
    """Give one handset back its natural state."""
    msisdn = call.path("msisdn")
    try:
        call.context.subscribers.clear(msisdn)
    except ValueError as error:
        raise RefusedError(422, str(error)) from error
    call.context.audit.record(call.by.name, "subscriber cleared", msisdn, "")
    return Response(status_code=204)


def _bound(context: ApiContext) -> Counter[str]:
    return Counter(view.account for view in context.sessions.all())


def _account(account: Account, bound: Counter[str]) -> JsonObject:
    shown: JsonObject = account.model_dump(mode="json", include=ACCOUNT_FIELDS)
    return {**shown, "sessions": bound[account.system_id]}


def _profile(name: str, row: Profile, current: str) -> JsonObject:
    return {"name": name, "current": name == current, **row.model_dump(mode="json")}


def _subscriber(view: SubscriberView) -> JsonObject:
    return {
        "msisdn": view.msisdn,
        "state": view.state,
        "fixed": view.fixed,
        "carrier": view.carrier,
    }


_HANDSETS = "/api/v1/subscribers"
_HANDSET = _HANDSETS + "/{msisdn}"
_ACCOUNTS = "/api/v1/accounts"
ROUTES = (
    Route("GET", _ACCOUNTS, list_accounts, "viewer", "accounts", "List accounts",
          {200: AccountList}),
    Route("GET", _ACCOUNTS + "/{system_id}", show_account, "viewer", "accounts",
          "Show an account", {200: AccountShown}),
    Route("GET", "/api/v1/profiles", list_profiles, "viewer", "network", "List profiles",
          {200: ProfileList}),
    Route("GET", _HANDSETS, list_subscribers, "viewer", "network", "List handsets with a set state",
          {200: SubscriberList}),
    Route("GET", _HANDSET, show_subscriber, "viewer", "network", "Show a handset",
          {200: SubscriberShown}),
    Route("PUT", _HANDSET, set_subscriber, "tester", "network", "Set a handset's state",
          {200: SubscriberShown}, body=Shape[SubscriberBody](SubscriberBody)),
    Route("DELETE", _HANDSET, clear_subscriber, "tester", "network",
          "Give a handset its natural state", {204: None}),
)  # fmt: skip
