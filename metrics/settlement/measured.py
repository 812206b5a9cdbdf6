"""Settle a period by what the quality index's counts say: one history for the rate and the bill."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from config.contract import Contract
from config.interpretation import Billing
from config.section import Service
from metrics.sla.assessment import assess
from metrics.sla.counts import Counts, SlaView
from metrics.sla.windows import Window, date_at, month_of

from .fees import Count
from .free_month import FreeMonth, agreed_free_month
from .periods import Period
from .quality import Direction, Quality
from .settlement import Adjustment, Settlement, settle

_SERVICES: Final[tuple[Service, ...]] = ("ordinary", "instant")
_DIRECTIONS: Final[tuple[Direction, ...]] = ("mt", "mo")


def settled(
    contract: Contract,
    view: SlaView,
    period: Period,
    at: float,
    complaints: Iterable[float] = (),
    *,
    granted: FreeMonth | None = None,
    adjustments: Iterable[Adjustment] = (),
    cap_fen: int | None = None,
) -> Settlement:
    """Settle a period as it stands at `at` (UTC seconds since the epoch), under the view's reading.

    `complaints` are the times of those that count, `granted` is the free month that a notice asked
    for, before the one that the contract itself names; `adjustments` and `cap_fen` are as for
    `settle`. A period that has not ended is settled as far as it has come. Raises SettlementError.
    """
    window = Window(period.first_day, period.last_day)
    found = assess(view, window, at, complaints)
    quality = Quality(
        found.success.part,
        found.failure.part,
        found.success.whole,
        found.counted,
        found.rate_met,
        found.complaints_met,
        found.met,
    )
    free = granted or agreed_free_month(contract.billing, contract.service_term())
    counts = [
        count
        for month in period.months
        for count in _month(view, contract.billing, month, at, free)
    ]
    return settle(
        contract, period, counts, quality,
        free_month=free, adjustments=adjustments, cap_fen=cap_fen,
    )  # fmt: skip


def _month(
    view: SlaView, billing: Billing, month: date, at: float, free: FreeMonth | None
) -> Iterable[Count]:
    if month > date_at(at):
        return
    whole = month_of(month)
    counts, free_counts = view.counts(whole, at), None
    if free is not None and free.first_day <= whole.last and free.last_day >= whole.first:
        days = Window(max(free.first_day, whole.first), min(free.last_day, whole.last))
        free_counts = view.counts(days, at)
    for service in _SERVICES:
        for direction in _DIRECTIONS:
            successful = _billed(counts, billing, service, direction)
            free_of = None
            if free_counts is not None:
                free_of = _billed(free_counts, billing, service, direction)
            if successful:
                yield Count(month, service, direction, successful, free_of)


def _billed(counts: Counts, billing: Billing, service: Service, direction: Direction) -> int:
    """Count what `billing.success_state` takes for sent: delivered, or accepted downlink units."""
    accepted = billing.success_state == "accepted" and direction == "mt"
    found = counts.classes(
        service=service,
        direction=direction,
        accepted=True if accepted else None,
        unit=billing.unit,
    )
    return found.total if accepted else found.ok
