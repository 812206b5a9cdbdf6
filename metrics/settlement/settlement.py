"""Settle a period: fees, rebate, adjustments of earlier periods, and what is payable.

The rebate of clause 3.2.4 is the period's success fee times its failure rate, rounded half up to
the fen. The function fee of clause 5.1 is due for each month and neither free nor rebated.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from config.contract import Contract

from .amounts import SettlementError, half_up
from .fees import Count, Line, charge
from .free_month import FreeMonth
from .periods import Period
from .quality import Quality


@dataclass(slots=True, frozen=True)
class Adjustment:
    """Correct an earlier period on the statement of a later one; every number may be negative."""

    period: date
    """First day of the earlier period."""
    successful: int
    fee_fen: int
    rebate_fen: int
    reason: str

    @property
    def amount_fen(self) -> int:
        """Give what party A owes more."""
        return self.fee_fen - self.rebate_fen


@dataclass(slots=True, frozen=True)
class Settlement:
    """Hold the figures of one period; all money contains its tax (clause 5.5)."""

    period: Period
    lines: tuple[Line, ...]
    quality: Quality
    rebate_fen: int
    function_fee_fen: int
    vat_rate: str
    free_month: FreeMonth | None = None
    """The free days, where some of them lie in the period."""
    adjustments: tuple[Adjustment, ...] = ()

    @property
    def success_fee_fen(self) -> int:
        """Give the communication fee of all successful units that aren't free."""
        return sum(line.fee_fen for line in self.lines)

    @property
    def adjustment_fen(self) -> int:
        """Give what corrections of earlier periods add."""
        return sum(one.amount_fen for one in self.adjustments)

    @property
    def payable_fen(self) -> int:
        """Give what party A owes; below 0 it is a credit."""
        own = self.success_fee_fen + self.function_fee_fen - self.rebate_fen
        return own + self.adjustment_fen

    def month_fee_fen(self, month: date) -> int:
        """Give the communication fee of one month, which is named by its first day."""
        return sum(line.fee_fen for line in self.lines if line.month == month)


def settle(
    contract: Contract,
    period: Period,
    counts: Iterable[Count],
    quality: Quality,
    *,
    free_month: FreeMonth | None = None,
    adjustments: Iterable[Adjustment] = (),
    cap_fen: int | None = None,
) -> Settlement:
    """Settle a period by the prices and the readings of a contract.

    `quality` is how the period fared under the same readings. `cap_fen` is the limit of clause
    7.8, needed where the contract is read so that the rebate is under it. Raises SettlementError
    for counts that can't be.
    """
    lines = charge(
        period, counts, contract.pricing, services=contract.services, free_month=free_month
    )
    corrections = tuple(adjustments)
    for one in corrections:
        if one.period >= period.first_day:
            raise SettlementError(
                f"adjustment of period {one.period}: it is earlier than {period.name}, or the "
                "statement of that period is corrected"
            )
    touched = free_month is not None and (
        free_month.first_day <= period.last_day and free_month.last_day >= period.first_day
    )
    return Settlement(
        period=period,
        lines=lines,
        quality=quality,
        rebate_fen=_rebate(contract, lines, quality, cap_fen),
        function_fee_fen=contract.pricing.function_fee_fen * len(period.months),
        vat_rate=contract.pricing.vat_rate,
        free_month=free_month if touched else None,
        adjustments=corrections,
    )


def adjustment_between(
    settled: Settlement, recounted: Settlement, made: Iterable[Adjustment] = (), reason: str = ""
) -> Adjustment | None:
    """Give what a recount of an earlier period changes beyond the adjustments already made.

    None where nothing changes. Raises SettlementError for two different periods.
    """
    if settled.period != recounted.period:
        raise SettlementError(
            f"recount of period {recounted.period.name}: {settled.period.name} was settled"
        )
    past = [one for one in made if one.period == settled.period.first_day]
    found = Adjustment(
        settled.period.first_day,
        _successful(recounted) - _successful(settled) - sum(one.successful for one in past),
        recounted.success_fee_fen - settled.success_fee_fen - sum(one.fee_fen for one in past),
        recounted.rebate_fen - settled.rebate_fen - sum(one.rebate_fen for one in past),
        reason,
    )
    return found if (found.successful, found.fee_fen, found.rebate_fen) != (0, 0, 0) else None


def _successful(settlement: Settlement) -> int:
    return sum(line.successful for line in settlement.lines)


def _rebate(
    contract: Contract, lines: Iterable[Line], quality: Quality, cap_fen: int | None
) -> int:
    """Give the rebate of a period, at most the cap where the contract puts it under that."""
    if quality.met:
        return 0
    directions = contract.sla.directions
    fee_fen = sum(line.fee_fen for line in lines if directions in ("both", line.direction))
    rebate_fen = half_up(fee_fen * quality.failure_rate)
    if not contract.liability.cap_includes_rebate:
        return rebate_fen
    if cap_fen is None:
        raise SettlementError("cap of liability: not given, needed since the rebate is under it")
    return min(rebate_fen, cap_fen)
