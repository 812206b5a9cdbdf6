"""Say how the open wording of clause 3.2.4 is read; the counters are the same for every reading."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    # Folds run in processes that are to stay small: no pydantic there.
    from config.interpretation import Billing, Sla


@dataclass(slots=True, frozen=True)
class Readings:
    """Hold one reading of the contract; the names are those of `sla.*` and `billing.*`.

    `objective` is `sla.success_rate`. What each of them means is said there.
    """

    objective: str = "0.99"
    complaints: int = 10
    logic: Literal["or", "and", "rate_only", "complaints_only"] = "or"
    rate_window: Literal["period", "month", "trailing12"] = "period"
    base: Literal["ok_carrier", "accepted", "attempts"] = "ok_carrier"
    failures: Literal["carrier", "all"] = "carrier"
    directions: Literal["both", "mt", "mo"] = "both"
    complaint_window: Literal["end", "worst"] = "end"
    handset_intercept: Literal["ok", "exempt"] = "ok"
    mo_success: Literal["acknowledged", "sent"] = "acknowledged"
    no_receipt_h: int = 72
    code_class: tuple[tuple[str, str], ...] = ()
    """Error code → class where it differs from the recorded one."""
    anchor: date = date(2023, 12, 1)
    period_months: int = 6
    cut_off_days: int = 3

    @property
    def direction(self) -> str | None:
        """Give the one direction that the rate is taken of, None for both."""
        return None if self.directions == "both" else self.directions


def readings_of(sla: Sla, billing: Billing) -> Readings:
    """Take the readings from the contract file, or from it as a query has changed it."""
    return Readings(
        objective=sla.success_rate,
        complaints=sla.complaints,
        logic=sla.logic,
        rate_window=sla.rate_window,
        base=sla.base,
        failures=sla.failures,
        complaint_window=sla.complaint_window,
        directions=sla.directions,
        handset_intercept=sla.handset_intercept,
        mo_success=billing.mo_success,
        no_receipt_h=sla.no_receipt_h,
        code_class=tuple(sorted(sla.code_class.items())),
        anchor=billing.anchor,
        period_months=billing.period_months,
        cut_off_days=billing.cut_off_days,
    )
