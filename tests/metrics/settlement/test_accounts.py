"""Keep statements, payments, the free month and claims, and refuse what can't be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from config.loader import load_settings
from metrics.entries import EntryError
from metrics.settlement import (
    Accounts,
    Count,
    Quality,
    SettlementError,
    Statement,
    encode,
    heading_of,
    periods_of,
    settle,
)
from routing.settlement_events import (
    ClaimEntered,
    FreeMonthGranted,
    PaymentReceived,
    SettlementEvent,
    StatementIssued,
)
from tests.support.rules import shanghai

CONTRACT = load_settings(None, {}, {"contract": "henan"}).contract
PERIODS = periods_of(CONTRACT)
FIRST = PERIODS.named("2025-12-01")
ISSUED = shanghai("2026-06-10T10:00:00")


def statement(accounts: Accounts, sent: int = 1000, reason: str = "") -> StatementIssued:
    """Draft a statement of a period of one month's traffic that met its index."""
    quality = Quality(sent, 0, sent, 0, True, True, True)
    count = Count(date(2026, 1, 1), "ordinary", "mt", sent)
    found: Statement = accounts.book.draft(
        settle(CONTRACT, FIRST, [count], quality), heading_of(CONTRACT), ISSUED,
        cut_off_at=PERIODS.cut_off_at(FIRST), reason=reason,
    )  # fmt: skip
    return StatementIssued(ISSUED, found.number, "police", "op", encode(found))


def with_statement() -> Accounts:
    accounts = Accounts(CONTRACT)
    event = statement(accounts)
    accounts.check(event)
    accounts.apply(event)
    return accounts


def payment(number: int = 1, **changes: object) -> PaymentReceived:
    fields: dict[str, object] = {
        "at": shanghai("2026-09-01T10:00:00"), "payment": number, "paid_on": "2026-07-30",
        "amount_fen": 1000, "who": "op",
    }  # fmt: skip
    return PaymentReceived(**{**fields, **changes})  # type: ignore[arg-type]  # of a table


def test_an_invoice_is_owed_from_its_statement_on_and_bears_a_late_fee() -> None:
    accounts = with_statement()
    number = accounts.statements()[0].number
    due = date(2026, 7, 10)
    assert accounts.arrears(due).open_fen == 3000
    assert accounts.overdue(due) == []
    assert accounts.overdue(date(2026, 7, 11)) == [("police", number)]
    accounts.apply(payment(invoice=number))
    on = date(2026, 8, 9)
    # 3,000 fen for 20 days, then 2,000 for 10, at three thousandths a day
    assert accounts.arrears(on).late_fee_fen == 180 + 60
    accounts.apply(payment(2, paid_on="2026-08-09", amount_fen=2000))
    assert accounts.overdue(on) == []
    accounts.apply(payment(3, paid_on="2026-08-09", amount_fen=240, purpose="late_fee"))
    assert accounts.arrears(on).late_fee_open_fen == 0


def test_a_correction_is_a_further_statement_that_asks_for_the_difference() -> None:
    accounts = with_statement()
    first = accounts.statements()[0]
    with pytest.raises(SettlementError, match="a correction needs a reason"):
        statement(accounts, 1010)
    accounts.apply(statement(accounts, 1010, "ten were found"))
    again = accounts.statements()
    assert again[0] == first
    assert again[1].corrects == first.number
    asked = {one.number: one.amount_fen for one in accounts.book.invoices()}
    assert asked == {first.number: 3000, again[1].number: 30}


def test_a_stored_statement_that_was_changed_is_found() -> None:
    accounts = Accounts(CONTRACT)
    event = statement(accounts)
    wrong = StatementIssued(
        event.at, event.number, event.account, event.who, event.content.replace(b"1000", b"9000")
    )
    with pytest.raises(SettlementError, match="digest"):
        accounts.check(wrong)


def test_a_statement_is_found_by_its_number_alone() -> None:
    accounts = with_statement()
    number = accounts.statements()[0].number
    assert accounts.statement(number).number == number
    with pytest.raises(SettlementError, match=f"there is none; known: {number}"):
        accounts.statement("X-1")


def test_the_free_month_is_granted_once_and_in_time() -> None:
    accounts = Accounts(CONTRACT)
    late = shanghai("2026-01-20T00:00:00")
    granted = accounts.announced(date(2026, 2, 1), shanghai("2025-12-20T00:00:00"))
    with pytest.raises(SettlementError, match="the earliest possible begins on 2026-03-01"):
        accounts.announced(date(2026, 2, 1), late)
    event = FreeMonthGranted(
        late, granted.first_day.isoformat(), granted.last_day.isoformat(),
        shanghai("2025-12-20T00:00:00"), "op",
    )  # fmt: skip
    accounts.check(event)
    accounts.apply(event)
    assert accounts.free_month() == granted
    with pytest.raises(SettlementError, match="it is granted from 2026-02-01"):
        accounts.check(event)


def test_a_claim_is_owed_up_to_the_limit_of_its_day() -> None:
    accounts = with_statement()
    accounts.apply(payment(amount_fen=3000, paid_on="2026-06-20"))
    claim = ClaimEntered(
        shanghai("2026-07-01T10:00:00"), 1, 100_000, "2026-06-25", "op", "an outage"
    )
    accounts.check(claim)
    accounts.apply(claim)
    [judged] = accounts.judged_claims()
    assert judged.cap_fen == accounts.cap_fen(date(2026, 6, 25)) > 0
    assert judged.liable_fen == judged.cap_fen < judged.amount_fen


AT = shanghai("2026-09-01T10:00:00")
WRONG: tuple[tuple[SettlementEvent, str], ...] = (
    (payment(2), "number 2, the next one is 1"),
    (payment(amount_fen=0), "amount_fen: 0, more than 0"),
    (payment(paid_on="2026-09-02"), "paid_on: 2026-09-02, at latest 2026-09-01"),
    (payment(paid_on="soon"), "paid_on: 'soon', a day such as"),
    (payment(purpose="tip"), "purpose: 'tip', allowed are fee, late_fee"),
    (payment(invoice="X-1"), "invoice: 'X-1', allowed are none"),
    (payment(who=""), "who: empty"),
    (ClaimEntered(AT, 1, -5, "2026-06-25", "op", "why"), "amount_fen: -5"),
    (ClaimEntered(AT, 1, 5, "2026-06-25", "op", ""), "why: empty"),
    (ClaimEntered(AT, 3, 5, "2026-06-25", "op", "why"), "number 3"),
    (StatementIssued(AT, "X", "police", "op", b"{}"), "statement: "),
    (FreeMonthGranted(AT, "spring", "", AT, "op"), "first_day: 'spring'"),
)


@pytest.mark.parametrize(("event", "told"), WRONG)
def test_what_cannot_be_is_refused_with_what_is_allowed(event: SettlementEvent, told: str) -> None:
    with pytest.raises((EntryError, SettlementError)) as caught:
        Accounts(CONTRACT).check(event)
    assert told in str(caught.value)


@pytest.mark.parametrize("make", [payment, lambda: WRONG[7][0]])
def test_without_a_contract_nothing_is_settled(make: Callable[[], SettlementEvent]) -> None:
    accounts = Accounts(load_settings(None, {}, {"contract": "none"}).contract)
    with pytest.raises(EntryError, match="without a contract"):
        accounts.check(make())
    assert accounts.free_month() is None


def test_what_the_contract_itself_frees_needs_no_notice() -> None:
    billing = CONTRACT.billing.model_copy(update={"free_month_first_day": date(2026, 3, 1)})
    accounts = Accounts(CONTRACT.model_copy(update={"billing": billing}))
    free = accounts.free_month()
    assert free is not None
    assert free == replace(free, first_day=date(2026, 3, 1))
