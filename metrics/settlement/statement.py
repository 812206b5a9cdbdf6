"""Number statements and keep them as they were issued (clause 5.3).

A statement never changes. What turns out wrong is corrected by a further statement of the same
period, which names the one it corrects and why; both stay. A digest over the whole statement shows
any change to a stored one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256
from typing import NamedTuple

import msgspec

from config.contract import Contract

from ..breaches.periods import day_of
from ..entries import shown
from .amounts import SettlementError
from .late_fees import Arrears, Invoice
from .settlement import Adjustment, Settlement


class Heading(NamedTuple):
    """Name the contract and its parties, as they were called at the time of issue."""

    contract: str
    party_a: str
    party_b: str


@dataclass(slots=True, frozen=True)
class Statement:
    """Be one statement as it was issued."""

    number: str
    """Contract number, first day of the period and how many statements of it there are."""
    issued_at: float
    """UTC seconds since the epoch."""
    heading: Heading
    settlement: Settlement
    corrects: str = ""
    """Number of the statement that it takes the place of, "" for the first of a period."""
    reason: str = ""
    digest: str = ""
    """SHA-256 of the statement without its digest, in hexadecimal."""

    @property
    def issued_on(self) -> date:
        """Give the day of issue, Asia/Shanghai."""
        return day_of(self.issued_at)

    def sealed(self) -> Statement:
        """Give the same statement with its digest."""
        return replace(self, digest=sha256(encode(replace(self, digest=""))).hexdigest())


def heading_of(contract: Contract) -> Heading:
    """Read the heading out of a contract."""
    return Heading(contract.number, contract.party_a.name, contract.party_b.name)


def encode(statement: Statement) -> bytes:
    """Write a statement as JSON, equal statements as equal octets."""
    return msgspec.json.encode(statement, order="deterministic")


def decode(data: bytes) -> Statement:
    """Read what `encode` wrote.

    Raises SettlementError for anything else, and for a statement that was changed.
    """
    try:
        statement = msgspec.json.decode(data, type=Statement)
    except msgspec.DecodeError as error:
        raise SettlementError(f"statement: {error}") from error
    if statement.sealed() != statement:
        raise SettlementError(
            f"statement {statement.number}: digest {statement.digest or 'missing'}, its contents "
            f"have {statement.sealed().digest}"
        )
    return statement


@dataclass(slots=True)
class StatementBook:
    """Hold every statement that was issued; it only grows."""

    _by_period: dict[date, list[Statement]] = field(default_factory=dict)

    def draft(
        self,
        settlement: Settlement,
        heading: Heading,
        at: float,
        *,
        cut_off_at: float,
        reason: str = "",
    ) -> Statement:
        """Give the statement to be issued next for a period, without issuing it.

        Raises SettlementError before the period's cut-off, for a correction without a reason or
        without a change, and for a first statement with one.
        """
        period = settlement.period
        if at < cut_off_at:
            raise SettlementError(
                f"statement of {period.name}: results come in until {shown(cut_off_at)}, it can "
                "be issued from then on"
            )
        past = self.of_period(period.first_day)
        if bool(past) != bool(reason.strip()):
            raise SettlementError(
                f"statement of {period.name}: {past[-1].number} is issued, a correction needs a "
                "reason" if past else
                f"statement of {period.name}: a reason is given, but there is none to correct"
            )  # fmt: skip
        if past and past[-1].settlement == settlement:
            raise SettlementError(
                f"statement of {period.name}: nothing differs from {past[-1].number}"
            )
        number = f"{heading.contract}-{period.first_day:%Y%m%d}-{len(past) + 1}"
        corrects = past[-1].number if past else ""
        return Statement(number, at, heading, settlement, corrects, reason).sealed()

    def issue(self, statement: Statement) -> None:
        """Add a statement, as drafted or as it was stored.

        Raises SettlementError where it isn't the next one of its period.
        """
        past = self._by_period.setdefault(statement.settlement.period.first_day, [])
        last = past[-1].number if past else ""
        if statement.corrects != last or any(one.number == statement.number for one in past):
            raise SettlementError(
                f"statement {statement.number}: it corrects {statement.corrects or 'none'}, the "
                f"latest of its period is {last or 'none'}"
            )
        past.append(statement)

    def of_period(self, first_day: date) -> tuple[Statement, ...]:
        """Give the statements of a period in order; the last one holds."""
        return tuple(self._by_period.get(first_day, ()))

    def standing(self) -> tuple[Statement, ...]:
        """Give the statement that holds for each period, in the order of the periods."""
        return tuple(past[-1] for _, past in sorted(self._by_period.items()) if past)

    def adjustments_of(self, first_day: date) -> tuple[Adjustment, ...]:
        """Give what later statements that hold have adjusted of a period."""
        return tuple(
            one
            for statement in self.standing()
            for one in statement.settlement.adjustments
            if one.period == first_day
        )

    def invoices(self) -> tuple[Invoice, ...]:
        """Give what each statement asks for; a correction asks for the difference alone."""
        found = [one for past in self._by_period.values() for one in _invoices(past)]
        return tuple(sorted(found, key=lambda invoice: (invoice.issued_on, invoice.number)))

    def late_fee_fen(self, first_day: date, owed: Arrears) -> int:
        """Give the late fee of one period, of its statement and the corrections together."""
        numbers = {statement.number for statement in self.of_period(first_day)}
        return sum(one.late_fee_fen for one in owed.owed if one.invoice.number in numbers)


def _invoices(past: Iterable[Statement]) -> list[Invoice]:
    found: list[Invoice] = []
    asked = 0
    for statement in past:
        payable = statement.settlement.payable_fen
        found.append(Invoice(statement.number, statement.issued_on, payable - asked))
        asked = payable
    return found
