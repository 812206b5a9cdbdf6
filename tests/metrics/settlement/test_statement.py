"""Test that statements are numbered, stay as they are, and are corrected by further ones."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from datetime import date
from fractions import Fraction

import pytest

from metrics.breaches.periods import start_of
from metrics.settlement.amounts import SettlementError, half_up
from metrics.settlement.free_month import FreeMonth
from metrics.settlement.late_fees import Invoice, arrears
from metrics.settlement.settlement import Adjustment, Settlement, settle
from metrics.settlement.statement import (
    Statement,
    StatementBook,
    decode,
    encode,
    heading_of,
)

from .samples import CONTRACT, PERIOD, counts, judged

CUT_OFF = start_of(date(2024, 12, 4))
FREE = FreeMonth(date(2024, 8, 1), date(2024, 8, 31))
ADJUSTED = Adjustment(date(2023, 12, 1), 10, 30, 0, "迟到的状态报告")


def settled(complaints: int = 14) -> Settlement:
    return settle(
        CONTRACT, PERIOD, counts(), judged(complaints), free_month=FREE, adjustments=[ADJUSTED]
    )


def drafted(
    book: StatementBook, complaints: int = 14, at: float = CUT_OFF, reason: str = ""
) -> Statement:
    return book.draft(
        settled(complaints), heading_of(CONTRACT), at, cut_off_at=CUT_OFF, reason=reason
    )


def test_a_statement_has_the_number_of_its_contract_period_and_place() -> None:
    assert drafted(StatementBook()).number == f"{CONTRACT.number}-20240601-1"


def test_a_statement_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        drafted(StatementBook()).reason = "other"  # type: ignore[misc]  # that is the point


def test_a_draft_is_not_yet_issued() -> None:
    book = StatementBook()
    drafted(book)
    assert book.of_period(PERIOD.first_day) == ()
    assert book.standing() == ()


def test_nothing_is_issued_before_the_cut_off() -> None:
    with pytest.raises(SettlementError, match=r"until 2024-12-04 00:00:00\+08:00"):
        drafted(StatementBook(), at=CUT_OFF - 1)


def test_a_correction_names_the_one_it_corrects_and_both_stay() -> None:
    book = StatementBook()
    first = drafted(book)
    book.issue(first)
    second = drafted(book, complaints=8, reason="four complaints were withdrawn")
    book.issue(second)
    assert second.number == f"{CONTRACT.number}-20240601-2"
    assert second.corrects == first.number
    assert book.of_period(PERIOD.first_day) == (first, second)
    assert book.standing() == (second,)


def test_a_correction_needs_a_reason_and_a_change() -> None:
    book = StatementBook()
    with pytest.raises(SettlementError, match="there is none to correct"):
        drafted(book, reason="early")
    book.issue(drafted(book))
    with pytest.raises(SettlementError, match="is issued, a correction needs a reason"):
        drafted(book, complaints=8, reason=" ")
    with pytest.raises(SettlementError, match="nothing differs from"):
        drafted(book, reason="again")


def test_only_the_next_statement_of_a_period_can_be_issued() -> None:
    book = StatementBook()
    first = drafted(book)
    book.issue(first)
    with pytest.raises(SettlementError, match="it corrects none, the latest of its period is"):
        book.issue(first)
    same_number = replace(first, corrects=first.number)
    with pytest.raises(SettlementError, match="the latest of its period is"):
        book.issue(same_number)


def test_a_stored_statement_is_read_back_whole() -> None:
    statement = drafted(StatementBook())
    assert decode(encode(statement)) == statement
    assert encode(decode(encode(statement))) == encode(statement)


def test_a_change_to_a_stored_statement_shows() -> None:
    stored = encode(drafted(StatementBook()))
    with pytest.raises(SettlementError, match=r"-20240601-1: digest .*, its contents have"):
        decode(stored.replace(b'"rebate_fen":', b'"rebate_fen":1', 1))
    with pytest.raises(SettlementError, match="digest missing"):
        decode(encode(replace(drafted(StatementBook()), digest="")))
    with pytest.raises(SettlementError, match="statement: "):
        decode(b"{}")


def test_a_correction_is_invoiced_by_its_difference() -> None:
    book = StatementBook()
    first = drafted(book)
    book.issue(first)
    second = drafted(book, complaints=8, at=start_of(date(2025, 1, 10)), reason="recounted")
    book.issue(second)
    assert book.invoices() == (
        Invoice(first.number, date(2024, 12, 4), first.settlement.payable_fen),
        Invoice(second.number, date(2025, 1, 10), first.settlement.rebate_fen),
    )


def test_a_second_correction_is_invoiced_by_what_it_changes_of_the_first() -> None:
    book = StatementBook()
    for complaints, reason in ((14, ""), (8, "recounted"), (14, "recounted again")):
        book.issue(drafted(book, complaints, reason=reason))
    rebate_fen = book.standing()[0].settlement.rebate_fen
    assert [one.amount_fen for one in book.invoices()][1:] == [rebate_fen, -rebate_fen]


def test_adjustments_count_once_however_often_their_statement_is_corrected() -> None:
    book = StatementBook()
    book.issue(drafted(book))
    book.issue(drafted(book, complaints=8, reason="recounted"))
    assert book.adjustments_of(date(2023, 12, 1)) == (ADJUSTED,)
    assert book.adjustments_of(PERIOD.first_day) == ()


def test_the_late_fee_of_a_period_is_that_of_its_own_invoices() -> None:
    book = StatementBook()
    book.issue(drafted(book))
    other = Invoice("other", date(2024, 12, 4), 1_000_000)
    owed = arrears([*book.invoices(), other], [], CONTRACT.billing, date(2025, 1, 13))
    payable = book.standing()[0].settlement.payable_fen
    assert book.late_fee_fen(PERIOD.first_day, owed) == half_up(payable * Fraction("0.03"))
    assert book.late_fee_fen(date(2024, 12, 1), owed) == 0
    assert owed.late_fee_fen > book.late_fee_fen(PERIOD.first_day, owed)
