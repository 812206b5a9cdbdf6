"""Hold the papers of clause 2.2: what is missing, what expires, what no longer holds."""

from __future__ import annotations

import pytest

from metrics.documents import KINDS, DocumentRegister, Duties
from metrics.entries import EntryError
from routing.office_events import DocumentEnded, DocumentFiled

DAY = 86400.0
NOW = 1000 * DAY
REQUIRED = (
    "subject_certificate", "company_introduction", "business_description", "service_phone",
    "service_mail",
)  # fmt: skip


def file(
    book: DocumentRegister, kind: str, valid_from: float = NOW, expires_at: float = 0.0
) -> int:
    number = len(book.documents) + 1
    event = DocumentFiled(NOW, number, "police", kind, "no. 1", "desk", valid_from, expires_at)
    book.check(event)
    book.apply(event)
    return number


def complete(expires_at: float = 0.0) -> DocumentRegister:
    book = DocumentRegister()
    for kind in REQUIRED:
        file(book, kind, expires_at=expires_at)
    return book


def test_an_account_is_complete_with_all_its_papers() -> None:
    book = complete()
    assert book.missing("police", NOW, Duties()) == ()
    assert book.missing("other", NOW, Duties()) == REQUIRED


def test_further_papers_depend_on_what_the_account_is() -> None:
    duties = Duties(ministry_number=True, service_provider=True, agent=True)
    assert complete().missing("police", NOW, duties) == (
        "ministry_number_certificate", "sp_licence", "principal_contract",
    )  # fmt: skip


def test_a_paper_holds_from_its_first_instant_to_before_its_end() -> None:
    book = complete(NOW + DAY)
    found = [len(book.missing("police", at, Duties())) for at in (NOW - 1, NOW, NOW + DAY - 1)]
    assert found == [5, 0, 0]
    assert book.missing("police", NOW + DAY, Duties()) == REQUIRED


@pytest.mark.parametrize(("result", "before"), [("lost", ()), ("mistaken", REQUIRED[:1])])
def test_a_paper_that_ended_is_missing_from_then_and_a_mistaken_one_always(
    result: str, before: tuple[str, ...]
) -> None:
    book = complete()
    event = DocumentEnded(NOW + 2, 1, result, "desk", "why", NOW + 1)
    book.check(event)
    book.apply(event)
    assert book.missing("police", NOW, Duties()) == before
    assert book.missing("police", NOW + 1, Duties()) == REQUIRED[:1]
    with pytest.raises(EntryError, match="nothing more is allowed"):
        book.apply(event)


def test_the_watch_names_what_expires_soon_unless_another_follows() -> None:
    book = DocumentRegister()
    file(book, "subject_certificate", expires_at=NOW + 90 * DAY)
    file(book, "service_mail", expires_at=NOW + 91 * DAY)
    assert [(one.document, one.expired) for one in book.watch(NOW)] == [(1, False)]
    assert [one.expired for one in book.watch(NOW + 90 * DAY)] == [True, False]
    file(book, "subject_certificate", NOW + 91 * DAY)
    assert [one.document for one in book.watch(NOW)] == [1]
    file(book, "subject_certificate", NOW + 90 * DAY)
    assert book.watch(NOW) == ()


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("kind", "poem", f"allowed are {', '.join(KINDS)}"),
        ("reference", "", "reference: empty"),
        ("expires_at", NOW, "allowed is after"),
        ("expires_at", float("nan"), "not finite"),
        ("document", 2, "the next one is 1"),
        ("who", "", "who: empty"),
    ],
)
def test_a_wrong_document_is_refused(field: str, value: str | float, words: str) -> None:
    event = DocumentFiled(NOW, 1, "police", "sp_licence", "no. 1", "desk")
    setattr(event, field, value)
    with pytest.raises(EntryError, match=words):
        DocumentRegister().check(event)


def test_a_wrong_end_is_refused() -> None:
    book = complete()
    for event, words in (
        (DocumentEnded(NOW, 9, "lost", "desk", "why"), "no number 9"),
        (DocumentEnded(NOW, 1, "eaten", "desk", "why"), "lost, revoked, replaced, mistaken"),
        (DocumentEnded(NOW, 1, "lost", "desk", ""), "why: empty"),
        (DocumentEnded(NOW, 1, "lost", "desk", "why", NOW - 1), "at earliest"),
    ):
        with pytest.raises(EntryError, match=words):
            book.check(event)


def test_a_register_rebuilt_from_its_events_is_equal() -> None:
    book, again = complete(), DocumentRegister()
    book.apply(DocumentEnded(NOW, 5, "lost", "desk", "why"))
    for document in book.documents.values():
        for event in document.history:
            again.apply(event)
    assert again == book


def test_what_is_registered_only_is_not_demanded() -> None:
    registered = {"content_provider", "safety_officer", "content_reviewer", "hotline_test"}
    everything = Duties(ministry_number=True, service_provider=True, agent=True)
    assert registered < set(KINDS)
    assert not registered & set(everything.kinds)
