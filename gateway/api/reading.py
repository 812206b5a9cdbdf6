"""Read the history as a query wants it: the counts, under the contract's reading or another one."""

from __future__ import annotations

import copy
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from config.contract import Contract
from config.readings import read_as
from metrics.sla import DeclaredRelief, SlaView, Window, assess, complaint_times, readings_of
from metrics.sla.days import Traffic
from metrics.sla.ledger import SlaLedger

from .entries import account_of
from .ports import ApiContext, JsonObject, RefusedError
from .route import Call

PREFIX: Final = "interpretation."


@dataclass(slots=True, frozen=True)
class Reading:
    """Hold the history as a query reads it; `at` is UTC seconds since the epoch."""

    contract: Contract
    view: SlaView
    complaints: list[float]
    """Times of those that count."""
    account: str | None
    service: str | None
    at: float

    def assessed(self, window: Window) -> JsonObject:
        """Judge a window in the shape of `GET sla`."""
        found = assess(
            self.view, window, self.at, self.complaints, account=self.account, service=self.service
        )
        return {"account": self.account, "service": self.service, **found.as_json()}


async def reading_of(call: Call[Any, Any]) -> Reading:
    """Read the history as a query wants it: its `account` and `service`, where it has them, and its
    further parameters `interpretation.KEY` (RefusedError 409, 422, 503).
    """
    context, query = call.context, call.query
    named = getattr(query, "account", "")
    account = account_of(context, named) if named else None
    contract = contract_of(call)
    office, at = context.registrar.office, context.clock.at()
    ledger = await context.figures.ledger()
    if contract.sla.handset_intercept == "exempt":
        ledger = await _with_hidden(context, ledger)
    # The register may gain windows while another thread reads it.
    relief = DeclaredRelief(copy.deepcopy(office.windows))
    return Reading(
        contract,
        call.resources.views.of(ledger, readings_of(contract.sla, contract.billing), relief),
        complaint_times(office.complaints, contract.sla, account),
        account,
        getattr(query, "service", "") or None,
        at,
    )


async def _with_hidden(context: ApiContext, ledger: SlaLedger) -> SlaLedger:
    """Note what handsets hid, as complaints have shown; messages kept no more stay successes."""
    ids = sorted(context.registrar.office.complaints.intercepted())
    if not ids:
        return ledger
    found = await context.messages.settled_of(ids)
    noted = ledger.fork()
    for one, final_ms in found:
        traffic = Traffic(one.account, one.service, one.direction, one.segments, bool(one.accepted))
        # A complaint about a message that was not delivered shows nothing hidden.
        with suppress(ValueError):
            noted.hide(one.id, traffic, one.at_ms / 1000, final_ms / 1000, one.error)
    return noted


def contract_of(call: Call[Any, Any]) -> Contract:
    """Give the contract as the query reads it (RefusedError 409, 422)."""
    contract = call.context.settings.contract
    if not contract.checked:
        raise RefusedError(409, "the gateway runs without a contract: nothing is measured by one")
    asked: dict[str, str] = dict(getattr(call.query, "model_extra", None) or {})
    for name in asked:
        if not name.startswith(PREFIX):
            raise RefusedError(422, f"query parameter {name[:80]!r}: not known here")
    try:
        return read_as(contract, {key.removeprefix(PREFIX): asked[key] for key in asked})
    except ValueError as error:
        raise RefusedError(422, f"query parameter {error}") from error
