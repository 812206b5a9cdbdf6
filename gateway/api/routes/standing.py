"""Answer for the standing of accounts: term, warning of its end, suspensions, terminations.

Each change is recorded with who and why, and answered when it is on disk.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from starlette.responses import Response

from gateway.api.entries import demand_ports
from gateway.api.ports import JsonObject, RefusedError
from gateway.api.route import Call, Route, Shape, iso, moment
from gateway.api.shapes import Problem
from gateway.api.standing_shapes import (
    StandingShown,
    SuspensionBody,
    SuspensionList,
    SuspensionShown,
    TerminationBody,
    TerminationList,
    TerminationShown,
    WhyQuery,
)
from routing.finding import Finding
from routing.standing import Hold, StandingBook, explanation_due
from routing.standing_events import (
    ContractTerminated,
    Suspended,
    SuspensionLifted,
    TerminationRevoked,
)

TAG = "standing"
EVERY: Final = "*"
"""Stands for every account of the contract."""
AnyCall: TypeAlias = Call[Any, Any]
_EXPLAINED: Final = "7.5"
"""The clause by which party A has a time to explain itself."""
_NOTICED: Final = "4.4"
"""The clause by which a notice comes before the end."""
_LONGEST_NUMBER: Final = 9


async def show_standing(call: Call[None, None]) -> Response:
    """Show of each account whether it may submit, what stands in its way, and when it ends."""
    book, at = _book(call), call.context.clock.at()
    accounts = call.context.settings.accounts
    items = [_account(book, account, at) for account in accounts]
    return call.answer({"at": iso(at), "term": _term(book, at), "items": items})


async def list_suspensions(call: Call[None, None]) -> Response:
    """List every suspension that was recorded, over or not."""
    at = call.context.clock.at()
    holds = [hold for hold in _book(call).recorded if hold.reason == "suspended"]
    return call.answer({"items": [_suspension(hold, at) for hold in holds]})


async def suspend(call: Call[None, SuspensionBody]) -> Response:
    """Suspend an account's business: binds, receipts and uplink go on, submissions are refused.

    A `since` that has passed is now. With clause 7.5 the explanation is due as
    `suspension.explain_days` of the contract says, unless `explain_by` is given.
    """
    body, context = call.body, call.context
    account = _account_of(call, body.account)
    accounts = context.settings.accounts
    demand_ports(context, accounts if body.account == EVERY else [body.account], body.ports)
    at = context.clock.at()
    explain_by = body.explain_by or 0.0
    if body.clause == _EXPLAINED and body.explain_by is None:
        explain_by = explanation_due(at, context.settings.contract.suspension)
    number = _book(call).next_suspension()
    event = Suspended(
        at, number, account, body.clause, call.by.name, body.why, body.ports, body.services,
        body.since or 0.0, body.until or 0.0, explain_by, body.reference,
    )  # fmt: skip
    await context.registrar.record([event])
    return call.answer(_suspension(_hold(call, number), at), 201)


async def lift_suspension(call: Call[WhyQuery, None]) -> Response:
    """End a suspension at once."""
    number, at = _number(call.path("number")), call.context.clock.at()
    _hold(call, number)
    event = SuspensionLifted(at, number, call.by.name, call.query.why)
    await call.context.registrar.record([event])
    return call.answer(_suspension(_hold(call, number), at))


async def list_terminations(call: Call[None, None]) -> Response:
    """List the terminations that weren't taken back."""
    return call.answer({"items": [_termination(event) for event in _book(call).terminations]})


async def terminate(call: Call[None, TerminationBody]) -> Response:
    """End the contract, or an account's part of it, at a moment to come: as the term's end does."""
    body, context = call.body, call.context
    account = _account_of(call, body.account)
    if body.clause == _NOTICED and body.notice_at is None:
        raise RefusedError(
            422, "body notice_at: nothing seen, the time of the notice's delivery allowed with "
            f"clause {_NOTICED}",
        )  # fmt: skip
    event = ContractTerminated(
        context.clock.at(), body.clause, call.by.name, body.why, body.ends_at, account,
        body.notice_at or 0.0, body.reference,
    )  # fmt: skip
    await context.registrar.record([event])
    return call.answer(_termination(event), 201)


async def revoke_termination(call: Call[WhyQuery, None]) -> Response:
    """Take a termination back, before it took effect or since it was entered by mistake."""
    name = call.path("account")
    account = "" if name == EVERY else name
    found = [event for event in _book(call).terminations if event.account == account]
    if not found:
        raise RefusedError(404, f"termination of {name[:80]!r}: there is none")
    event = TerminationRevoked(call.context.clock.at(), call.by.name, call.query.why, account)
    await call.context.registrar.record([event])
    return call.answer(_termination(found[0]))


def _book(call: AnyCall) -> StandingBook:
    return call.context.registrar.registries.standing


def _account_of(call: AnyCall, name: str) -> str:
    """Give the account a change is for, "" for every one (RefusedError)."""
    settings = call.context.settings
    if not settings.contract.checked:
        raise RefusedError(409, "the gateway runs without a contract: nothing can be suspended")
    if name == EVERY:
        return ""
    if name not in settings.accounts:
        known = ", ".join(settings.accounts)
        raise RefusedError(422, f"body account: {name!r} seen, {known} or {EVERY} allowed")
    return name


def _number(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER:
        return int(text)
    raise RefusedError(404, f"suspension {text[:80]!r}: there is none")


def _hold(call: AnyCall, number: int) -> Hold:
    found = _book(call).suspension(number)
    if found is None:
        raise RefusedError(404, f"suspension {number}: there is none")
    return found


def _term(book: StandingBook, at: float) -> JsonObject | None:
    term = book.term
    if term is None:
        return None
    status = term.status(at)
    return {
        "starts_at": moment(term.starts_at),
        "original_ends_at": moment(term.original_ends_at),
        "current_ends_at": moment(status.current_ends_at),
        "renews_months": term.renewal_months,
        "renewals": status.renewals,
        "days_left": status.days_left,
        "in_force": status.in_force,
    }


def _account(book: StandingBook, account: str, at: float) -> JsonObject:
    ended = book.not_in_force(account, at)
    return {
        "account": account,
        "in_force": ended is None,
        "out_of_force": _finding(ended),
        "ends_at": moment(book.ends_at(account)),
        "warning": _finding(book.warning(account, at)),
        "holds": [shown_hold(hold) for hold in book.holds_at(account, at)],
    }


def _finding(finding: Finding | None) -> JsonObject | None:
    if finding is None:
        return None
    return {
        "detail": finding.en,
        "detail_zh": finding.zh,
        "seen": finding.seen,
        "allowed": finding.allowed,
    }


def shown_hold(hold: Hold) -> JsonObject:
    """Show one thing that stands in the way of submissions."""
    return {
        "name": hold.name,
        "reason": hold.reason,
        "account": hold.account or EVERY,
        "clause": hold.clause,
        "why": hold.why,
        "who": hold.who,
        "since": moment(hold.since),
        "until": moment(hold.until),
        "due": moment(hold.due),
        "ports": list(hold.ports),
        "services": list(hold.services),
        "reference": hold.reference,
    }


def _suspension(hold: Hold, at: float) -> JsonObject:
    state = "coming" if at < hold.since < hold.until else "in_force"
    if hold.until <= max(at, hold.since):
        state = "over"
    number = int(hold.name.removeprefix("suspension "))
    return {"suspension": number, "state": state, **shown_hold(hold)}


def _termination(event: ContractTerminated) -> JsonObject:
    return {
        "account": event.account or EVERY,
        "clause": event.clause,
        "why": event.why,
        "who": event.who,
        "at": moment(event.at),
        "ends_at": moment(event.ends_at),
        "notice_at": moment(event.notice_at),
        "reference": event.reference,
    }


_ROOT = "/api/v1/standing"
_SUSPENSIONS = _ROOT + "/suspensions"
_TERMINATIONS = _ROOT + "/terminations"
_WHY = Shape[WhyQuery](WhyQuery)
ROUTES = (
    Route("GET", _ROOT, show_standing, "viewer", TAG, "Show the standing of all accounts",
          {200: StandingShown}),
    Route("GET", _SUSPENSIONS, list_suspensions, "viewer", TAG, "List suspensions",
          {200: SuspensionList}),
    Route("POST", _SUSPENSIONS, suspend, "operator", TAG, "Suspend an account",
          {201: SuspensionShown, 409: Problem}, body=Shape[SuspensionBody](SuspensionBody)),
    Route("DELETE", _SUSPENSIONS + "/{number}", lift_suspension, "operator", TAG,
          "Lift a suspension", {200: SuspensionShown, 409: Problem}, query=_WHY),
    Route("GET", _TERMINATIONS, list_terminations, "viewer", TAG, "List terminations",
          {200: TerminationList}),
    Route("POST", _TERMINATIONS, terminate, "operator", TAG, "Terminate the contract",
          {201: TerminationShown, 409: Problem}, body=Shape[TerminationBody](TerminationBody)),
    Route("DELETE", _TERMINATIONS + "/{account}", revoke_termination, "operator", TAG,
          "Take a termination back", {200: TerminationShown, 409: Problem}, query=_WHY),
)  # fmt: skip
