"""Settle a period with all that was issued and granted before, and draft its statement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final

from config.contract import Contract
from metrics.sla.counts import SlaView

from .accounts import Accounts
from .measured import settled
from .periods import Period, periods_of
from .settlement import Adjustment, Settlement, adjustment_between
from .statement import Statement, heading_of

_ONE_DAY: Final = timedelta(days=1)
LATE_RESULTS: Final = "results that came after the cut-off / 截止后的结果"


def settled_of(
    accounts: Accounts,
    contract: Contract,
    view: SlaView,
    period: Period,
    at: float,
    complaints: Sequence[float] = (),
) -> Settlement:
    """Settle a period as it stands at `at` (UTC seconds since the epoch).

    What has changed of earlier periods since their statements were issued is adjusted on the
    period that follows the last one issued. `contract` may be another reading than that of the
    accounts. Raises SettlementError.
    """
    return settled(
        contract,
        view,
        period,
        at,
        complaints,
        granted=accounts.granted,
        adjustments=_adjustments(accounts, contract, view, period, at, complaints),
        cap_fen=_cap(accounts, contract, period),
    )


def drafted(
    accounts: Accounts,
    view: SlaView,
    name: str,
    at: float,
    complaints: Sequence[float] = (),
    reason: str = "",
) -> Statement:
    """Give the statement to be issued next for the period that begins on a day.

    `reason` says why a statement is corrected. Periods are issued in order. Raises SettlementError.
    """
    contract = accounts.contract
    periods = periods_of(contract)
    period = periods.named(name)
    return accounts.book.draft(
        settled_of(accounts, contract, view, period, at, complaints),
        heading_of(contract),
        at,
        cut_off_at=periods.cut_off_at(period),
        reason=reason,
    )


def _cap(accounts: Accounts, contract: Contract, period: Period) -> int | None:
    """Give the limit of clause 7.8 where the contract puts the rebate under it."""
    rules = contract.liability
    return accounts.cap_fen(period.last_day) if rules.cap_includes_rebate else None


def _adjustments(
    accounts: Accounts,
    contract: Contract,
    view: SlaView,
    period: Period,
    at: float,
    complaints: Iterable[float],
) -> tuple[Adjustment, ...]:
    """Adjust what was issued before; a statement that is corrected keeps its own adjustments."""
    issued = accounts.book.standing()
    own = [one for one in issued if one.settlement.period == period]
    if own:
        return own[0].settlement.adjustments
    last_day = max((one.settlement.period.last_day for one in issued), default=None)
    if last_day is None or period.first_day != last_day + _ONE_DAY:
        return ()
    times = list(complaints)
    found = []
    for statement in issued:
        past = statement.settlement
        again = settled(
            contract, view, past.period, at, times, granted=accounts.granted,
            adjustments=past.adjustments, cap_fen=_cap(accounts, contract, past.period),
        )  # fmt: skip
        made = accounts.book.adjustments_of(past.period.first_day)
        change = adjustment_between(past, again, made, LATE_RESULTS)
        if change is not None:
            found.append(change)
    return tuple(found)
