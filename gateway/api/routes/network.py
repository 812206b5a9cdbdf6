"""Answer for accounts, profiles of the simulated network, and simulated handsets."""

from __future__ import annotations

from collections import Counter

from starlette.responses import Response

from config.account import Account
from config.network import Profile
from gateway.api.models import (
    AccountList,
    AccountShown,
    ProfileList,
    SubscriberBody,
    SubscriberList,
    SubscriberShown,
)
from gateway.api.ports import ApiContext, JsonObject, RefusedError, SubscriberView
from gateway.api.route import By, Given, Route, answer, shown_to

ACCOUNT_FIELDS = {
    "system_id", "enterprise_code", "access_numbers", "services", "max_binds", "window",
    "window_overflow", "deliver_window", "max_queued", "throughput", "allowed_ips",
    "default_alphabet", "gb18030", "receipt", "reject_stage",
}  # fmt: skip
"""What is shown of an account: named one by one, so that a secret is never among them."""


async def list_accounts(given: Given) -> Response:
    """List the accounts, each with the number of its sessions."""
    bound = _bound(given.context)
    accounts = given.context.settings.account
    return answer({"items": [_account(account, bound) for account in accounts]})


async def show_account(given: Given, system_id: str) -> Response:
    """Show one account."""
    known = given.context.settings.accounts
    if system_id not in known:
        names = ", ".join(known)
        raise RefusedError(404, f"account {system_id[:80]!r}: not configured; there are {names}")
    return answer(_account(known[system_id], _bound(given.context)))


async def list_profiles(given: Given) -> Response:
    """List the behaviours the simulated network can take, and the one it has."""
    current = given.context.settings.network.profile
    profiles = given.context.network.profiles
    items = [_profile(name, row, current) for name, row in profiles.items()]
    return answer({"current": current, "items": items})


async def list_subscribers(given: Given, by: By) -> Response:
    """List the handsets whose state was set, and every state there is."""
    control = given.context.subscribers
    items = [_subscriber(view) for view in control.fixed()]
    return answer(shown_to(by, given, {"states": list(control.states()), "items": items}))


async def show_subscriber(given: Given, by: By, msisdn: str) -> Response:
    """Show the state of one handset."""
    try:
        view = given.context.subscribers.get(msisdn)
    except ValueError as error:
        raise RefusedError(422, str(error)) from error
    return answer(shown_to(by, given, _subscriber(view)))


async def set_subscriber(given: Given, by: By, msisdn: str, body: SubscriberBody) -> Response:
    """Put one handset into a state."""
    context = given.context
    try:
        view = context.subscribers.put(msisdn, body.state, recovers_after=body.recovers_after)
    except ValueError as error:
        raise RefusedError(422, str(error)) from error
    context.audit.record(by.name, "subscriber set", view.msisdn, body.state)
    return answer(_subscriber(view))


async def clear_subscriber(given: Given, by: By, msisdn: str) -> Response:
    """Give one handset back its natural state."""
    context = given.context
    try:
        context.subscribers.clear(msisdn)
    except ValueError as error:
        raise RefusedError(422, str(error)) from error
    context.audit.record(by.name, "subscriber cleared", msisdn, "")
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
          {200: SubscriberShown}),
    Route("DELETE", _HANDSET, clear_subscriber, "tester", "network",
          "Give a handset its natural state", {204: None}),
)  # fmt: skip
