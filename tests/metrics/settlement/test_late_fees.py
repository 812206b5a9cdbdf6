"""Test arrears and late fees."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.interpretation import Billing
from metrics.settlement.amounts import SettlementError, half_up
from metrics.settlement.late_fees import Arrears, Invoice, Overdue, Payment, arrears

BILLING = Billing()
ISSUED = date(2024, 12, 4)
DUE = date(2025, 1, 3)
BILL = Invoice("S1", ISSUED, 3_727_254)


def later(days: int) -> date:
    return DUE + timedelta(days=days)


def owed(*payments: Payment, on: int = 20) -> Arrears:
    return arrears([BILL], payments, BILLING, later(on))


def test_the_worked_example_twenty_days_late() -> None:
    assert owed().late_fee_fen == 223_635
    assert owed(Payment(later(20), 3_727_254), on=100).late_fee_fen == 223_635


def test_the_due_date_is_thirty_days_after_the_invoice() -> None:
    assert owed().owed[0].due_on == DUE
    assert arrears([BILL], [], Billing(due_days=10), DUE).owed[0].due_on == date(2024, 12, 14)


@pytest.mark.parametrize(("day", "late_fee_fen"), [(0, 0), (1, 11_182), (2, 22_364)])
def test_a_payment_is_late_from_the_day_after_the_due_date(day: int, late_fee_fen: int) -> None:
    found = owed(Payment(later(day), 3_727_254), on=50)
    assert found.late_fee_fen == late_fee_fen
    assert found.open_fen == 0


def test_a_payment_on_the_due_date_leaves_no_days_overdue() -> None:
    assert owed(Payment(DUE, 3_727_254), on=50).owed[0].overdue == ()


def test_nothing_is_overdue_on_the_due_date() -> None:
    assert owed(on=0).overdue_fen == 0
    assert owed(on=0).open_fen == 3_727_254
    assert owed(on=1).overdue_fen == 3_727_254


def test_a_part_payment_lowers_the_arrears_from_its_day() -> None:
    found = owed(Payment(later(5), 2_727_254))
    first, second = found.owed[0].overdue
    assert first == Overdue(DUE, later(5), 3_727_254, 55_909)
    assert (second.after, second.days, second.arrears_fen) == (later(5), 15, 1_000_000)
    assert found.late_fee_fen == 100_909, "3,727,254 x 0.003 x 5 + 1,000,000 x 0.003 x 15"
    assert found.open_fen == 1_000_000


def test_a_payment_before_the_due_date_lowers_the_arrears_too() -> None:
    found = owed(Payment(ISSUED, 3_000_000), on=10)
    assert [span.arrears_fen for span in found.owed[0].overdue] == [727_254]
    assert found.late_fee_fen == 21_818


def test_the_late_fee_bears_no_interest() -> None:
    assert owed(on=200).late_fee_fen == half_up(3_727_254 * Fraction("0.003") * 200)


def test_late_fees_are_paid_beside_the_arrears() -> None:
    found = owed(Payment(later(20), 223_000, "", "late_fee"))
    assert found.open_fen == 3_727_254
    assert found.late_fee_open_fen == 635


def test_what_comes_after_the_day_is_left_out() -> None:
    late = [Payment(later(21), 3_727_254), Payment(later(21), 1, "", "late_fee")]
    next_bill = Invoice("S2", later(21), 5)
    found = arrears([BILL, next_bill], late, BILLING, later(20))
    assert [one.invoice for one in found.owed] == [BILL]
    assert (found.open_fen, found.late_fees_paid_fen) == (3_727_254, 0)


def test_a_payment_goes_to_the_invoice_it_names_then_to_the_oldest() -> None:
    bills = [Invoice("S1", ISSUED, 100), Invoice("S2", ISSUED, 100), Invoice("S3", ISSUED, 100)]
    found = arrears(bills, [Payment(ISSUED, 150, "S2")], BILLING, ISSUED)
    assert [one.open_fen for one in found.owed] == [50, 0, 100]


def test_what_is_paid_too_much_pays_the_next_invoice() -> None:
    early = [Payment(ISSUED - timedelta(1), 30), Payment(ISSUED, 100)]
    second = Invoice("S2", later(30), 20)
    found = arrears([Invoice("S1", ISSUED, 100), second], early, BILLING, later(100))
    assert found.open_fen == 0
    assert found.credit_fen == 10
    assert found.late_fee_fen == 0


def test_a_payment_ahead_of_the_invoice_it_names_waits_as_a_credit() -> None:
    found = arrears([BILL], [Payment(ISSUED - timedelta(1), 7, "S1")], BILLING, ISSUED)
    assert found.open_fen == 3_727_247


def test_an_invoice_below_zero_lowers_what_is_open() -> None:
    back = Invoice("S1-2", later(5), -27_254)
    found = arrears([BILL, back], [], BILLING, later(5))
    assert [one.open_fen for one in found.owed] == [3_700_000, 0]
    assert found.credit_fen == 0


def test_wrong_entries_are_refused() -> None:
    with pytest.raises(SettlementError, match="0 fen, more than 0"):
        owed(Payment(DUE, 0))
    with pytest.raises(SettlementError, match="invoice 'S9' is not known; there are S1"):
        owed(Payment(DUE, 5, "S9"))
    with pytest.raises(SettlementError, match="a number occurs twice"):
        arrears([BILL, BILL], [], BILLING, DUE)


DAY = st.integers(0, 200).map(lambda days: ISSUED + timedelta(days=days))
INVOICES = st.lists(st.tuples(DAY, st.integers(-(10**7), 10**8)), max_size=4).map(
    lambda found: [Invoice(f"S{i}", day, amount) for i, (day, amount) in enumerate(found)]
)
PAYMENTS = st.lists(
    st.tuples(DAY, st.integers(1, 10**8)).map(lambda one: Payment(*one)), max_size=6
)


@given(INVOICES, PAYMENTS, DAY)
def test_every_fen_is_open_or_paid_or_a_credit(
    invoices: list[Invoice], payments: list[Payment], on: date
) -> None:
    found = arrears(invoices, payments, BILLING, on)
    asked = sum(one.amount_fen for one in invoices if one.issued_on <= on)
    paid = sum(one.amount_fen for one in payments if one.paid_on <= on)
    assert found.open_fen - found.credit_fen == asked - paid
    assert found.open_fen == 0 or found.credit_fen == 0


@given(st.integers(0, 10**9), PAYMENTS, DAY)
def test_the_late_fee_is_the_sum_over_single_days(
    amount_fen: int, payments: list[Payment], on: date
) -> None:
    found = arrears([Invoice("S1", ISSUED, amount_fen)], payments, BILLING, on)
    exact = Fraction(0)
    day = DUE
    while day < on:
        paid = sum(one.amount_fen for one in payments if one.paid_on <= day)
        exact += max(amount_fen - paid, 0) * Fraction("0.003")
        day += timedelta(1)
    assert found.late_fee_fen == half_up(exact)
