"""Keep what was issued, paid, granted and claimed (clauses 5.2, 5.3, 7.2 and 7.8)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from config.contract import Contract
from routing.settlement_events import (
    ClaimEntered,
    FreeMonthGranted,
    PaymentReceived,
    SettlementEvent,
    StatementIssued,
)

from ..breaches.periods import day_of
from ..entries import EntryError, given, moment_of, next_in, one_of
from .amounts import SettlementError
from .free_month import FreeMonth, agreed_free_month, announced_free_month
from .late_fees import Arrears, Payment, arrears
from .liability import cap_fen, latest_fees, liable_fen
from .statement import Statement, StatementBook, decode

PURPOSES: Final = ("fee", "late_fee")


@dataclass(slots=True, frozen=True)
class Claim:
    """Be one claim, and how much of it party B is liable for."""

    number: int
    happened_on: date
    amount_fen: int
    cap_fen: int
    liable_fen: int
    why: str
    reference: str


@dataclass(slots=True)
class Accounts:
    """Fold statements, payments, the free month and claims; `check` refuses before it is recorded.

    A contract that isn't checked has no prices, so nothing of this can be entered.
    """

    contract: Contract
    book: StatementBook = field(default_factory=StatementBook)
    owners: dict[str, str] = field(default_factory=dict)
    """Number of a statement → the account it was issued to."""
    payments: list[PaymentReceived] = field(default_factory=list)
    granted: FreeMonth | None = None
    """As a notice asked; the contract file may name another way."""
    claims: list[ClaimEntered] = field(default_factory=list)

    # -- recording ----------------------------------------------------------------------------

    def check(self, event: SettlementEvent) -> None:
        """Raise EntryError or SettlementError for what can't be, saying what is allowed."""
        if not self.contract.checked:
            raise EntryError("the gateway runs without a contract: nothing is settled")
        given(who=event.who)
        if isinstance(event, StatementIssued):
            decode(event.content)
        elif isinstance(event, PaymentReceived):
            self._check_payment(event)
        elif isinstance(event, FreeMonthGranted):
            moment_of("delivered_at", event.delivered_at, event.at)
            self.announced(_day("first_day", event.first_day), event.delivered_at)
        else:
            next_in("claim", event.claim, {one.claim: one for one in self.claims})
            given(why=event.why)
            _past("happened_on", event.happened_on, event.at)
            if event.amount_fen <= 0:
                raise EntryError(f"amount_fen: {event.amount_fen}, more than 0 is allowed")

    def apply(self, event: SettlementEvent) -> None:
        """Take a recorded event in. Raises SettlementError for a statement out of turn."""
        if isinstance(event, StatementIssued):
            self.book.issue(decode(event.content))
            self.owners[event.number] = event.account
        elif isinstance(event, PaymentReceived):
            self.payments.append(event)
        elif isinstance(event, FreeMonthGranted):
            first, last = date.fromisoformat(event.first_day), date.fromisoformat(event.last_day)
            self.granted = FreeMonth(first, last)
        else:
            self.claims.append(event)

    def announced(self, first_day: date, delivered_at: float) -> FreeMonth:
        """Give the free month that a notice asks for (clause 5.2).

        Raises SettlementError with the reason, for a late notice with the earliest day.
        """
        return announced_free_month(
            self.contract.billing, self.contract.service_term(), first_day, delivered_at,
            self.free_month(),
        )  # fmt: skip

    def _check_payment(self, event: PaymentReceived) -> None:
        next_in("payment", event.payment, {one.payment: one for one in self.payments})
        one_of("purpose", event.purpose, PURPOSES)
        _past("paid_on", event.paid_on, event.at)
        if event.amount_fen <= 0:
            raise EntryError(f"amount_fen: {event.amount_fen}, more than 0 is allowed")
        if event.invoice:
            one_of("invoice", event.invoice, (one.number for one in self.book.invoices()))

    # -- views --------------------------------------------------------------------------------

    def free_month(self) -> FreeMonth | None:
        """Give the month without fee: what a notice asked, or what the contract itself names."""
        if self.granted is not None or not self.contract.checked:
            return self.granted
        return agreed_free_month(self.contract.billing, self.contract.service_term())

    def statements(self) -> tuple[Statement, ...]:
        """Give every statement, in order of issue."""
        found = [one for late in self.book.standing() for one in self._of(late)]
        return tuple(sorted(found, key=lambda one: (one.issued_at, one.number)))

    def statement(self, number: str) -> Statement:
        """Give a statement by its number. Raises SettlementError where there is none."""
        found = {one.number: one for one in self.statements()}
        if number not in found:
            known = ", ".join(found) or "none is issued"
            raise SettlementError(f"statement {number[:60]!r}: there is none; known: {known}")
        return found[number]

    def arrears(self, on: date) -> Arrears:
        """Reckon what is owed at the end of a day (clause 7.2)."""
        return arrears(self.book.invoices(), self._paid(), self.contract.billing, on)

    def overdue(self, on: date) -> list[tuple[str, str]]:
        """Give account and number of the invoices that are due and not paid on a day."""
        return [
            (self.owners[one.invoice.number], one.invoice.number)
            for one in self.arrears(on).owed
            if one.open_fen and one.due_on < on
        ]

    def cap_fen(self, on: date) -> int:
        """Give the most that party B is liable for on a day (clause 7.8)."""
        rules = self.contract.liability
        fees = latest_fees(rules, self._paid(), self._month_fees(), on)
        return cap_fen(rules, fees)

    def judged_claims(self) -> list[Claim]:
        """Give the claims, each with the limit of its day."""
        found = []
        for one in self.claims:
            day = date.fromisoformat(one.happened_on)
            cap = self.cap_fen(day)
            liable = liable_fen(self.contract.liability, one.amount_fen, cap, self._rebated(day))
            found.append(Claim(one.claim, day, one.amount_fen, cap, liable, one.why, one.reference))
        return found

    def due_days(self) -> timedelta:
        """Give the days after its issue by which an invoice is paid."""
        return timedelta(days=self.contract.billing.due_days)

    def _of(self, latest: Statement) -> tuple[Statement, ...]:
        return self.book.of_period(latest.settlement.period.first_day)

    def _paid(self) -> list[Payment]:
        return [
            Payment(
                date.fromisoformat(one.paid_on), one.amount_fen, one.invoice,
                "late_fee" if one.purpose == "late_fee" else "fee",
            )
            for one in self.payments
        ]  # fmt: skip

    def _month_fees(self) -> dict[date, int]:
        return {
            month: statement.settlement.month_fee_fen(month)
            for statement in self.book.standing()
            for month in statement.settlement.period.months
        }

    def _rebated(self, on: date) -> int:
        """Give the rebate of the period that holds a day, as far as it is settled."""
        return sum(
            one.settlement.rebate_fen
            for one in self.book.standing()
            if one.settlement.period.first_day <= on <= one.settlement.period.last_day
        )


def _day(what: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise EntryError(f"{what}: {text[:40]!r}, a day such as 2026-06-01 is allowed") from None


def _past(what: str, text: str, at: float) -> None:
    """Raise EntryError for what is no day up to that of the entry."""
    if _day(what, text) > day_of(at):
        raise EntryError(f"{what}: {text}, at latest {day_of(at)}, the day of the entry")
