"""Name what the journal records of statements, payments and claims (clauses 5.2, 5.3, 7.2, 7.8).

The rules of `routing.events` hold. Days are YYYY-MM-DD of Asia/Shanghai, money is integer fen,
`who` is a person.
"""

from __future__ import annotations

from typing import TypeAlias

from .event import Event


class StatementIssued(Event, tag=81, gc=False):
    """Record a statement as it was issued, with the invoice that goes out with it (clause 5.3)."""

    number: str
    account: str
    """Whose unpaid invoice would be a breach (clause 7.3, row 7)."""
    who: str
    content: bytes
    """The whole statement, `metrics.settlement.statement.encode`."""


class PaymentReceived(Event, tag=82, gc=False):
    """Record what party A has paid: fees, or the late fees beside them."""

    payment: int
    paid_on: str
    amount_fen: int
    who: str
    invoice: str = ""
    """Number of the statement whose invoice it names, "" for none."""
    purpose: str = "fee"
    """fee or late_fee."""
    reference: str = ""
    """Of the bank."""


class FreeMonthGranted(Event, tag=83, gc=False):
    """Record the one month without communication fee, as party A's notice asks (clause 5.2)."""

    first_day: str
    last_day: str
    delivered_at: float
    """When the notice was delivered, UTC seconds since the epoch."""
    who: str
    reference: str = ""


class ClaimEntered(Event, tag=84, gc=False):
    """Record a loss that party A claims of party B (clause 7.8)."""

    claim: int
    amount_fen: int
    happened_on: str
    who: str
    why: str
    reference: str = ""


SettlementEvent: TypeAlias = StatementIssued | PaymentReceived | FreeMonthGranted | ClaimEntered
