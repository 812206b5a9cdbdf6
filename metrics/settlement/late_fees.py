"""Reckon arrears and the late fee of clause 7.2: a share of the arrears for each day overdue.

Simple interest: the late fee bears none. Days are counted from the due date to the day of payment
or of the reckoning, so a payment on the day after the due date is one day late. A payment lowers
the arrears from its day on. It goes to the invoice it names, then to the oldest open one; the rest
is a credit for the invoices to come, as is an invoice below 0. The late fee of an invoice is
rounded half up to the fen once, over all its days. Days are those of Asia/Shanghai.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Literal, NamedTuple

from config.interpretation import Billing

from .amounts import SettlementError, half_up


class Invoice(NamedTuple):
    """Be what party B has asked for; an amount below 0 gives something back."""

    number: str
    issued_on: date
    amount_fen: int


class Payment(NamedTuple):
    """Be what party A has paid: fees, or the late fees beside them."""

    paid_on: date
    amount_fen: int
    invoice: str = ""
    """Number of the invoice it names, "" for none."""
    purpose: Literal["fee", "late_fee"] = "fee"


class Overdue(NamedTuple):
    """Be some days overdue on which the arrears stayed the same."""

    after: date
    """Day before the first of them."""
    until: date
    arrears_fen: int
    late_fee_fen: int
    """Those of an invoice add up to its late fee."""

    @property
    def days(self) -> int:
        return (self.until - self.after).days


@dataclass(slots=True, frozen=True)
class Owed:
    """Say how one invoice stands."""

    invoice: Invoice
    due_on: date
    open_fen: int
    overdue: tuple[Overdue, ...]

    @property
    def late_fee_fen(self) -> int:
        """Give its late fee."""
        return sum(span.late_fee_fen for span in self.overdue)


@dataclass(slots=True, frozen=True)
class Arrears:
    """Say how all invoices stand on a day, in the order of their issue."""

    on: date
    owed: tuple[Owed, ...]
    credit_fen: int
    """Paid or given back beyond all invoices so far."""
    late_fees_paid_fen: int

    @property
    def open_fen(self) -> int:
        """Give what is not yet paid, due or not."""
        return sum(one.open_fen for one in self.owed)

    @property
    def overdue_fen(self) -> int:
        """Give what is not paid although its due date is over."""
        return sum(one.open_fen for one in self.owed if one.due_on < self.on)

    @property
    def late_fee_fen(self) -> int:
        """Give the late fees of all invoices, paid or not."""
        return sum(one.late_fee_fen for one in self.owed)

    @property
    def late_fee_open_fen(self) -> int:
        """Give the late fees that are not yet paid; below 0 too much was."""
        return self.late_fee_fen - self.late_fees_paid_fen


def arrears(
    invoices: Iterable[Invoice], payments: Iterable[Payment], billing: Billing, on: date
) -> Arrears:
    """Reckon what is owed at the end of a day; what comes after that day is left out.

    Raises SettlementError for invoices of one number, payments that aren't above 0, and payments
    that name an invoice which doesn't exist.
    """
    known = sorted(invoices, key=lambda invoice: invoice.issued_on)
    paid = sorted(payments, key=lambda payment: payment.paid_on)
    _check(known, paid)
    account = _Account()
    fees = [one for one in paid if one.purpose == "fee" and one.paid_on <= on]
    for invoice in (one for one in known if one.issued_on <= on):
        while fees and fees[0].paid_on < invoice.issued_on:
            account.take(fees.pop(0))
        account.ask(invoice)
    for payment in fees:
        account.take(payment)
    return Arrears(
        on=on,
        owed=tuple(_owed(steps, billing, on) for steps in account.open.values()),
        credit_fen=account.credit_fen,
        late_fees_paid_fen=sum(
            one.amount_fen for one in paid if one.purpose == "late_fee" and one.paid_on <= on
        ),
    )


class _Step(NamedTuple):
    """Say what of an invoice was open from a day on."""

    day: date
    open_fen: int


@dataclass(slots=True)
class _Steps:
    invoice: Invoice
    steps: list[_Step]

    def pay(self, day: date, amount_fen: int) -> int:
        """Pay what is open, and give the rest of the amount back."""
        used = min(amount_fen, self.steps[-1].open_fen)
        if used:
            self.steps.append(_Step(day, self.steps[-1].open_fen - used))
        return amount_fen - used


@dataclass(slots=True)
class _Account:
    """Match payments with invoices, in the order of their days."""

    open: dict[str, _Steps] = field(default_factory=dict)
    credit_fen: int = 0

    def ask(self, invoice: Invoice) -> None:
        """Add an invoice, paid from the credit as far as that goes."""
        amount_fen = max(invoice.amount_fen, 0)
        self.open[invoice.number] = _Steps(invoice, [_Step(invoice.issued_on, amount_fen)])
        self.credit_fen += amount_fen - invoice.amount_fen
        self._spread(invoice.issued_on)

    def take(self, payment: Payment) -> None:
        """Take a payment in, the invoice that it names first."""
        rest = payment.amount_fen
        if payment.invoice in self.open:
            rest = self.open[payment.invoice].pay(payment.paid_on, rest)
        self.credit_fen += rest
        self._spread(payment.paid_on)

    def _spread(self, day: date) -> None:
        """Use the credit for what is open, the oldest invoice first."""
        for steps in self.open.values():
            self.credit_fen = steps.pay(day, self.credit_fen)


def _check(invoices: Sequence[Invoice], payments: Iterable[Payment]) -> None:
    numbers = {invoice.number for invoice in invoices}
    if len(numbers) != len(invoices):
        raise SettlementError("invoices: a number occurs twice, each may once")
    for payment in payments:
        if payment.amount_fen <= 0:
            raise SettlementError(
                f"payment of {payment.paid_on}: {payment.amount_fen} fen, more than 0"
            )
        if payment.invoice and payment.invoice not in numbers:
            raise SettlementError(
                f"payment of {payment.paid_on}: invoice {payment.invoice!r} is not known; "
                f"there are {', '.join(sorted(numbers)) or 'none'}"
            )


def _owed(account: _Steps, billing: Billing, on: date) -> Owed:
    """Reckon the days overdue of one invoice, and what they cost."""
    due_on = account.invoice.issued_on + timedelta(days=billing.due_days)
    share = Fraction(billing.late_fee)
    ends = [step.day for step in account.steps[1:]] + [on]
    exact = Fraction(0)
    spans: list[Overdue] = []
    for step, end in zip(account.steps, ends, strict=True):
        after = max(step.day, due_on)
        if end <= after or not step.open_fen:
            continue
        before = half_up(exact)
        exact += step.open_fen * share * (end - after).days
        spans.append(Overdue(after, end, step.open_fen, half_up(exact) - before))
    return Owed(account.invoice, due_on, account.steps[-1].open_fen, tuple(spans))
