"""Give the shapes of what is asked and answered about statements, payments and claims.

There is no `from __future__ import annotations` here: pydantic would compile each annotation
again.
"""

from datetime import date
from typing import Annotated, Any, Literal, TypedDict

from pydantic import Field

from .bodies import Asked, At
from .office_shapes import Words
from .sla_shapes import SettlementShown
from .template_shapes import Reference

Fen = Annotated[int, Field(gt=0, le=10**15)]


class IssueBody(Asked):
    """Why a statement is corrected; the first one of a period needs no reason."""

    reason: Words = ""
    account: str = ""


class PaymentBody(Asked):
    """What party A has paid; without an invoice it goes to the oldest open one."""

    paid_on: date
    amount_fen: Fen
    invoice: str = ""
    purpose: Literal["fee", "late_fee"] = "fee"
    reference: Reference = ""


class FreeMonthBody(Asked):
    """The month without fee that party A asks for, and when its notice was delivered."""

    first_day: date
    delivered_at: At | None = None
    reference: Reference = ""


class ClaimBody(Asked):
    """A loss that party A claims."""

    amount_fen: Fen
    happened_on: date
    why: Words
    reference: Reference = ""


class ArrearsQuery(Asked):
    """On which day; today without one."""

    on: date | None = None


class StatementRow(TypedDict):
    """One statement, without its lines."""

    number: str
    period: str
    issued_at: str
    corrects: str | None
    reason: str | None
    payable_fen: int
    digest: str


class StatementList(TypedDict):
    """Every statement, in order of issue."""

    items: list[StatementRow]


class StatementShown(TypedDict):
    """One statement as it was issued."""

    number: str
    heading: dict[str, str]
    settlement: SettlementShown


class PaymentShown(TypedDict):
    """One payment."""

    payment: int
    paid_on: str
    amount_fen: int
    invoice: str
    purpose: str
    who: str
    reference: str


class PaymentList(TypedDict):
    """Every payment, in the order of their entry."""

    items: list[PaymentShown]


class OverdueShown(TypedDict):
    """Days overdue on which the arrears stayed the same."""

    after: str
    until: str
    days: int
    arrears_fen: int
    late_fee_fen: int


class OwedShown(TypedDict):
    """How one invoice stands; an amount below 0 gives something back."""

    invoice: str
    issued_on: str
    due_on: str
    amount_fen: int
    open_fen: int
    late_fee_fen: int
    overdue: list[OverdueShown]


class ArrearsShown(TypedDict):
    """How all invoices stand at the end of a day (clause 7.2)."""

    on: str
    open_fen: int
    overdue_fen: int
    credit_fen: int
    late_fee_fen: int
    late_fee_open_fen: int
    invoices: list[OwedShown]


class ClaimShown(TypedDict):
    """One claim, the limit of its day, and how much of it party B is liable for (clause 7.8)."""

    claim: int
    happened_on: str
    amount_fen: int
    cap_fen: int
    liable_fen: int
    why: str
    reference: str


class ClaimList(TypedDict):
    """Every claim, and the limit as of today."""

    cap_fen: int
    items: list[ClaimShown]


class FreeMonthShown(TypedDict):
    """The month without fee; null while there is none."""

    free_month: dict[str, Any] | None
