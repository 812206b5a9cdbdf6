"""Hold the notices to clause 11.9: which form is valid, and from when each has effect."""

from __future__ import annotations

from datetime import date

import pytest

from metrics.breaches.periods import start_of
from metrics.entries import EntryError
from metrics.notices import FORMS, RESULTS, SUBJECTS, NoticeRegister, earliest_free_month
from routing.office_events import NoticeClosed, NoticeSent

SENT = start_of(date(2026, 3, 1)) + 3600
DAY = 86400.0
LETTER_ONLY = {"fee", "free_month", "breach", "end_or_change", "extension"}


def sent(subject: str = "breach", form: str = "letter", number: int = 1) -> NoticeSent:
    return NoticeSent(SENT, number, "police", subject, form, "party_b", "desk")


def closed(result: str = "delivered", at: float = SENT + DAY) -> NoticeClosed:
    return NoticeClosed(at, 1, result, "desk", 0.0, "slip", "why")


def book_of(*events: NoticeSent | NoticeClosed) -> NoticeRegister:
    book = NoticeRegister()
    for event in events:
        book.check(event)
        book.apply(event)
    return book


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize("form", FORMS)
def test_only_a_letter_is_valid_where_the_clause_says_so(subject: str, form: str) -> None:
    book = book_of(sent(subject, form), closed())
    valid = form == "letter" or subject not in LETTER_ONLY
    assert book.effective_at(1) == (SENT + DAY if valid else None)
    assert book.notices[1].standing == ("valid" if valid else "void")


@pytest.mark.parametrize(
    ("result", "effective_at"),
    [("delivered", SENT + DAY), ("refused", SENT), ("returned", None), ("withdrawn", None)],
)
def test_a_failure_by_the_receivers_fault_counts_as_arrived_when_sent(
    result: str, effective_at: float | None
) -> None:
    assert book_of(sent(), closed(result)).effective_at(1) == effective_at


def test_a_notice_under_way_has_no_effect() -> None:
    book = book_of(sent())
    assert (book.effective_at(1), book.notices[1].standing) == (None, "under_way")
    assert book.effective_at(2) is None
    with pytest.raises(EntryError, match="under_way, it must have been delivered"):
        book.usable(1, "breach")


def test_the_service_ends_ninety_days_after_the_notice_at_the_earliest() -> None:
    book = book_of(sent("end_or_change"), closed())
    assert book.earliest_end(1) == start_of(date(2026, 6, 1))
    with pytest.raises(EntryError, match="fax, only a letter is valid"):
        book_of(sent("end_or_change", "fax"), closed()).earliest_end(1)
    with pytest.raises(EntryError, match="subject of notice 1: 'fee'"):
        book_of(sent("fee"), closed()).earliest_end(1)


def test_a_free_month_is_announced_thirty_days_before() -> None:
    in_time = start_of(date(2026, 5, 1)) - 30 * DAY
    book_of(sent("free_month"), closed(at=in_time)).check_free_month(1, date(2026, 5, 1))
    late = book_of(sent("free_month"), closed(at=in_time + 1))
    with pytest.raises(EntryError, match="earliest month begins 2026-06-01"):
        late.check_free_month(1, date(2026, 5, 1))


def test_the_earliest_free_month_follows_the_length_of_months() -> None:
    assert earliest_free_month(start_of(date(2026, 1, 30))) == date(2026, 3, 1)
    assert earliest_free_month(start_of(date(2026, 1, 30)) + 1) == date(2026, 4, 1)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("subject", "weather", "allowed are fee"),
        ("form", "pigeon", "allowed are letter, fax, email"),
        ("sender", "user", "party_a, party_b"),
        ("sent_at", SENT + 1, "at latest"),
        ("notice", 3, "the next one is 1"),
        ("account", "", "account: empty"),
    ],
)
def test_a_wrong_notice_is_refused(field: str, value: str | float, words: str) -> None:
    event = sent()
    setattr(event, field, value)
    with pytest.raises(EntryError, match=words):
        NoticeRegister().check(event)


def test_a_notice_is_closed_once_with_proof_and_not_before_it_was_sent() -> None:
    book = book_of(sent())
    for event, words in (
        (NoticeClosed(SENT + 1, 1, "delivered", "desk"), "proof: empty"),
        (NoticeClosed(SENT + 1, 1, "returned", "desk"), "why: empty"),
        (NoticeClosed(SENT + 1, 1, "eaten", "desk"), f"allowed are {', '.join(RESULTS)}"),
        (NoticeClosed(SENT + 1, 1, "delivered", "desk", SENT - 1, "slip"), "at earliest"),
        (NoticeClosed(SENT + 1, 2, "delivered", "desk"), "no number 2"),
    ):
        with pytest.raises(EntryError, match=words):
            book.check(event)
    book.apply(closed())
    with pytest.raises(EntryError, match="is delivered: nothing more"):
        book.apply(closed())
    assert book == book_of(sent(), closed())
