"""Hold the windows of relief: which count, for whom and when."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.interpretation import ForceMajeure
from metrics.entries import EntryError
from metrics.notices import NoticeRegister
from metrics.windows import KINDS, WindowRegister
from routing.office_events import NoticeClosed, NoticeSent, WindowDeclared, WindowMoved

FROM, TO, NOW = 1000.0, 2000.0, 5000.0
NUMBER = "13300000001"
CAUSES = {kind: row.causes[0] for kind, row in KINDS.items()}


def register(require_notice: bool = False) -> WindowRegister:
    return WindowRegister(ForceMajeure(require_notice=require_notice), NoticeRegister())


def declare(
    book: WindowRegister,
    kind: str = "force_majeure",
    start: float = FROM,
    end: float = TO,
    *,
    prefixes: tuple[str, ...] = (),
    areas: tuple[str, ...] = (),
    notice: int = 0,
    reference: str = "no. 1",
) -> None:
    event = WindowDeclared(
        NOW, len(book.windows) + 1, kind, CAUSES[kind], start, "desk", "why", end, prefixes,
        areas, notice, reference,
    )  # fmt: skip
    book.check(event)
    book.apply(event)


def move(book: WindowRegister, action: str, *, moment: float = 0.0, notice: int = 0) -> None:
    event = WindowMoved(NOW, 1, action, "desk", "why", moment, notice, "paper 1")
    book.check(event)
    book.apply(event)


@pytest.mark.parametrize(
    ("kind", "liability"),
    [
        ("force_majeure", "force_majeure"),
        ("government_order", "force_majeure"),
        ("party_a_platform", "party_a"),
        ("maintenance", "exempt"),
    ],
)
def test_a_window_holds_from_its_start_to_before_its_end(kind: str, liability: str) -> None:
    book = register()
    declare(book, kind)
    found = [book.class_at(at, NUMBER) for at in (FROM - 1, FROM, TO - 1, TO)]
    assert found == [None, liability, liability, None]


def test_an_open_window_holds_until_it_is_ended() -> None:
    book = register()
    declare(book, end=0.0)
    assert book.windows[1].ends_at == inf
    assert book.class_at(1e9, NUMBER) == "force_majeure"
    move(book, "end", moment=TO)
    assert book.class_at(TO, NUMBER) is None


def test_force_majeure_needs_a_valid_written_notice_where_configured() -> None:
    book = register(require_notice=True)
    declare(book)
    assert (book.class_at(FROM, NUMBER), len(book.lacking())) == (None, 1)
    book.notices.apply(NoticeSent(FROM, 1, "police", "force_majeure", "fax", "party_b", "desk"))
    move(book, "notice", notice=1)
    assert book.class_at(FROM, NUMBER) is None
    book.notices.apply(NoticeClosed(NOW, 1, "delivered", "desk", 0.0, "report"))
    assert (book.class_at(FROM, NUMBER), book.lacking()) == ("force_majeure", ())


def test_a_notice_on_something_else_is_refused() -> None:
    book = register()
    book.notices.apply(NoticeSent(FROM, 1, "police", "fee", "letter", "party_b", "desk"))
    book.notices.apply(NoticeSent(FROM, 2, "police", "force_majeure", "letter", "party_a", "desk"))
    for notice, words in ((1, "subject of notice 1"), (2, "sender of notice 2"), (3, "no number")):
        with pytest.raises(EntryError, match=words):
            declare(book, notice=notice)
    with pytest.raises(EntryError, match="kind of a window with a notice"):
        declare(book, "maintenance", notice=1)


def test_maintenance_relieves_only_where_party_a_agreed() -> None:
    book = register()
    declare(book, "maintenance", reference="")
    assert book.class_at(FROM, NUMBER) is None
    move(book, "agree")
    assert book.class_at(FROM, NUMBER) == "exempt"


def test_prefixes_and_areas_limit_a_window() -> None:
    book = register()
    declare(book, prefixes=("1330000",), areas=("郑州",))
    assert book.class_at(FROM, NUMBER) == "force_majeure"
    assert book.class_at(FROM, "17700000001") is None
    assert book.class_at(FROM, "17700000001", "郑州") == "force_majeure"
    assert book.class_at(FROM, "17700000001", "洛阳") is None


def test_a_dispute_changes_no_class_and_a_withdrawal_does() -> None:
    book = register()
    declare(book)
    move(book, "dispute")
    assert (book.windows[1].state, book.class_at(FROM, NUMBER)) == ("disputed", "force_majeure")
    with pytest.raises(EntryError, match="only end, notice, agree, settle, withdraw"):
        move(book, "dispute")
    move(book, "settle")
    move(book, "withdraw")
    assert (book.class_at(FROM, NUMBER), book.lacking()) == (None, ())


def test_windows_of_one_kind_do_not_overlap() -> None:
    book = register()
    declare(book, prefixes=("133",))
    for prefixes in ((), ("1330",), ("13",)):
        with pytest.raises(EntryError, match="overlaps window 1 of the same kind"):
            declare(book, start=TO - 1, end=TO + 1, prefixes=prefixes)
    declare(book, start=TO - 1, end=TO + 1, prefixes=("177",))
    declare(book, start=TO, end=TO + 1, prefixes=("133",))
    with pytest.raises(EntryError, match="overlaps window 3"):
        move(book, "end", moment=TO + 0.5)
    declare(book, "party_a_platform")
    assert book.class_at(FROM, NUMBER) == "force_majeure"
    assert book.class_at(FROM, "17700000001") == "party_a"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("kind", "weather", "allowed are force_majeure"),
        ("cause", "planned", "allowed are war"),
        ("ends_at", FROM, "allowed is after"),
        ("starts_at", inf, "times in seconds"),
        ("prefixes", ("13x",), "1 to 11 digits"),
        ("areas", ("",), "empty"),
        ("why", "", "why: empty"),
        ("window", 9, "the next one is 1"),
    ],
)
def test_a_wrong_window_is_refused(field: str, value: object, words: str) -> None:
    event = WindowDeclared(NOW, 1, "force_majeure", "war", FROM, "desk", "why", TO)
    setattr(event, field, value)
    with pytest.raises(EntryError, match=words):
        register().check(event)


def test_an_order_needs_its_number_and_only_maintenance_is_agreed() -> None:
    with pytest.raises(EntryError, match="reference: empty"):
        declare(register(), "government_order", reference="")
    book = register()
    declare(book)
    with pytest.raises(EntryError, match="allowed are maintenance"):
        move(book, "agree")


SPANS = st.lists(
    st.tuples(st.sampled_from(sorted(KINDS)), st.integers(1, 40), st.integers(1, 10)), max_size=12
)


@given(SPANS, st.integers(0, 60))
def test_the_index_finds_what_a_plain_search_finds(
    spans: list[tuple[str, int, int]], at: int
) -> None:
    book = register()
    for kind, start, length in spans:
        try:
            declare(book, kind, float(start), float(start + length))
        except EntryError:
            continue
    again = register()
    for window in book.windows.values():
        for event in window.history:
            again.apply(event)
    assert again == book
    holding = [w for w in book.windows.values() if w.starts_at <= at < w.ends_at]
    first = min(holding, key=lambda w: list(KINDS).index(w.kind), default=None)
    assert again.window_at(float(at), NUMBER) == first
