"""Hold the complaint register: clocks, owners and counts, at their boundaries."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.interpretation import Complaints, Sla
from metrics.breaches.periods import end_of, start_of
from metrics.complaints import ATTRIBUTIONS, CAUSES, MOVES, ComplaintRegister
from metrics.entries import EntryError
from routing.office_events import ComplaintMoved, ComplaintReceived

ACCOUNT = "police"
START = start_of(date(2026, 3, 1))


def register(
    complaints: Complaints | None = None,
    complaint_filter: Literal["verified_b", "verified", "all"] = "verified_b",
) -> ComplaintRegister:
    return ComplaintRegister(complaints or Complaints(), Sla(complaint_filter=complaint_filter))


def receive(
    book: ComplaintRegister,
    at: float,
    cause: str = "content",
    attribution: str = "unclear",
    *,
    channel: str = "10000",
    message_id: int = 0,
) -> int:
    number = len(book.complaints) + 1
    event = ComplaintReceived(
        at, number, ACCOUNT, channel, cause, attribution, "party_b", "desk", message_id=message_id
    )
    book.check(event)
    book.apply(event)
    return number


def move(book: ComplaintRegister, number: int, action: str, at: float, **more: str) -> None:
    words = {"why": "checked", "owner": "", "attribution": "", "cause": "", **more}
    event = ComplaintMoved(
        at, number, action, "desk", words["why"], 0.0, words["owner"], words["attribution"],
        words["cause"],
    )  # fmt: skip
    book.check(event)
    book.apply(event)


def of_party_b(book: ComplaintRegister, at: float) -> None:
    move(book, receive(book, at), "verify", at, attribution="party_b")


# -- clocks -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("seconds", "late"), [(3599.0, False), (3600.0, False), (3601.0, True)])
def test_a_first_reply_after_exactly_an_hour_is_in_time(seconds: float, late: bool) -> None:
    book = register()
    number = receive(book, START, attribution="party_a")
    move(book, number, "transfer", START + 60, owner="party_a")
    move(book, number, "reply", START + 60 + seconds)
    found = book.complaints[number]
    assert (found.transferred_at, found.first_reply_at) == (START + 60, START + 60 + seconds)
    assert [(clock.clause, clock.late(START)) for clock in found.clocks] == [("4.3.1", late)]


@pytest.mark.parametrize(("seconds", "late"), [(3599.0, 0), (3600.0, 0), (3601.0, 1)])
def test_who_cannot_tell_contacts_the_other_side_within_an_hour(seconds: float, late: int) -> None:
    book = register()
    number = receive(book, START)
    move(book, number, "transfer", START + seconds, owner="party_a")
    clock = book.complaints[number].clocks[0]
    assert (clock.side, clock.clause) == ("party_b", "4.3.2")
    assert len(book.complaints[number].late(START + seconds)) == late


def test_an_unanswered_clock_is_overdue_after_its_hour() -> None:
    book = register()
    number = receive(book, START)
    assert [clock.due_at for clock, _ in book.running(START)] == [START + 3600]
    assert not book.complaints[number].late(START + 3600)
    assert book.complaints[number].late(START + 3601)


def test_known_attribution_starts_no_clock_for_the_receiver() -> None:
    book = register()
    receive(book, START, attribution="party_b")
    assert book.running(START) == ()


def test_ping_pong_counts_the_times_it_came_back() -> None:
    book = register()
    number = receive(book, START)
    found = book.complaints[number]
    for minutes, owner, count in ((1, "party_a", 0), (2, "party_b", 1), (3, "party_a", 2)):
        move(book, number, "transfer", START + minutes * 60, owner=owner)
        assert (found.owner, found.ping_pong) == (owner, count)
    assert [side for _, side in found.owners] == ["party_b", "party_a", "party_b", "party_a"]
    assert [clock.side for clock, _ in book.running(START + 200)] == ["party_a"]


# -- counts -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("count", "right"), [(99, False), (100, True), (101, True)])
def test_a_hundred_in_a_month_give_the_right_to_stop(count: int, right: bool) -> None:
    book = register()
    for place in range(count):
        receive(book, START + place)
    assert book.stop_right(ACCOUNT, START + 86400) is right


@pytest.mark.parametrize(
    ("year", "month", "days"), [(2026, 2, 28), (2024, 2, 29), (2026, 4, 30), (2026, 7, 31)]
)
def test_a_month_counts_from_its_first_to_its_last_instant(
    year: int, month: int, days: int
) -> None:
    first = date(year, month, 1)
    last = first + timedelta(days=days - 1)
    book = register()
    for at in (start_of(first) - 0.5, start_of(first), end_of(last) - 0.5, end_of(last)):
        receive(book, at)
    assert book.month(ACCOUNT, end_of(last) - 0.1) == 2
    assert book.month(ACCOUNT, end_of(last)) == 1


@pytest.mark.parametrize(("count", "met"), [(10, True), (11, False)])
def test_ten_complaints_in_a_year_are_within_the_index(count: int, met: bool) -> None:
    book = register()
    for place in range(count):
        of_party_b(book, START + place * 86400)
    at = START + 40 * 86400
    assert book.trailing(ACCOUNT, at) == count
    assert book.sla_met(ACCOUNT, at) is met


def test_a_year_ends_after_twelve_months() -> None:
    book = register()
    of_party_b(book, START)
    assert book.trailing(ACCOUNT, start_of(date(2027, 3, 1)) - 1) == 1
    assert book.trailing(ACCOUNT, start_of(date(2027, 3, 1))) == 0


def test_the_worst_year_may_lie_between_two_period_ends() -> None:
    book = register()
    for day in (date(2026, 1, 10), date(2026, 6, 1), date(2027, 1, 9), date(2027, 1, 10)):
        of_party_b(book, start_of(day))
    start, end = start_of(date(2026, 12, 1)), start_of(date(2027, 6, 1))
    assert book.worst_year(ACCOUNT, start, end) == 3
    assert book.worst_year(ACCOUNT, end, end + 86400) == 2
    assert book.worst_year(ACCOUNT, end - 86400, end) == 3
    assert book.worst_year(ACCOUNT, start_of(date(2028, 6, 1)), start_of(date(2028, 7, 1))) == 0
    with pytest.raises(EntryError, match="after start"):
        book.worst_year(ACCOUNT, end, start)


@pytest.mark.parametrize("count", [1000, 1001, 10000, 10001])
def test_complaints_without_consent_are_counted_exactly(count: int) -> None:
    book = register()
    for number in range(1, count + 1):
        book.apply(
            ComplaintReceived(
                START, number, ACCOUNT, "10000", "no_consent", "party_a", "party_b", "desk"
            )
        )
    assert book.count(ACCOUNT, "no_consent", START, START + 1) == count


@pytest.mark.parametrize(
    ("complaint_filter", "expected"), [("verified_b", 1), ("verified", 2), ("all", 3)]
)
def test_the_filter_decides_what_the_index_counts(
    complaint_filter: Literal["verified_b", "verified", "all"], expected: int
) -> None:
    book = register(complaint_filter=complaint_filter)
    of_party_b(book, START)
    move(book, receive(book, START), "verify", START, attribution="party_a")
    receive(book, START)
    assert book.trailing(ACCOUNT, START) == expected


def test_one_complaint_may_feed_several_counters() -> None:
    book = register()
    number = receive(book, START, "no_consent")
    assert book.counters_of(book.complaints[number]) == ("no_consent", "monthly")
    move(book, number, "verify", START, attribution="party_a")
    assert book.counters_of(book.complaints[number]) == ("row5", "no_consent", "monthly")
    move(book, number, "verify", START, attribution="party_b")
    assert book.counters_of(book.complaints[number]) == ("sla", "monthly")
    move(book, number, "void", START)
    assert book.counters_of(book.complaints[number]) == ()
    assert book.month(ACCOUNT, START) == 0


def test_a_counter_that_is_not_configured_counts_nothing() -> None:
    book = register(Complaints(counters=("row5",)))
    receive(book, START)
    assert book.month(ACCOUNT, START) == 0


# -- steps ------------------------------------------------------------------------------------


def test_a_complaint_goes_its_way() -> None:
    book = register()
    number = receive(book, START, message_id=7)
    assert book.held() == {7}
    with pytest.raises(EntryError, match="only transfer, reply, verify, reject, void"):
        move(book, number, "close", START)
    move(book, number, "verify", START + 1, attribution="party_a", cause="time")
    with pytest.raises(EntryError, match="no first reply yet"):
        move(book, number, "close", START + 1)
    move(book, number, "reply", START + 2)
    move(book, number, "close", START + 3)
    found = book.complaints[number]
    assert (found.state, found.cause, found.verified_at, found.closed_at) == (
        "closed", "time", START + 1, START + 3,
    )  # fmt: skip
    assert book.held() == frozenset()
    move(book, number, "reopen", START + 4)
    assert (found.state, found.verified, found.closed_at) == ("received", False, 0.0)
    move(book, number, "reject", START + 5)
    assert book.counters_of(found) == ("monthly",)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("channel", "pigeon", "allowed are 10000, 12321"),
        ("cause", "weather", "allowed are no_consent"),
        ("attribution", "c", "party_a, party_b, unclear"),
        ("owner", "user", "party_a, party_b"),
        ("account", "", "account: empty"),
        ("who", "", "who: empty"),
        ("complaint", 5, "the next one is 1"),
        ("received_at", START + 1, "at latest"),
    ],
)
def test_a_wrong_complaint_is_refused(field: str, value: str | float, words: str) -> None:
    event = ComplaintReceived(START, 1, ACCOUNT, "10000", "time", "party_a", "party_b", "desk")
    setattr(event, field, value)
    with pytest.raises(EntryError, match=words):
        register().check(event)


def test_wrong_steps_are_refused() -> None:
    book = register()
    number = receive(book, START)
    with pytest.raises(EntryError, match="allowed are party_a"):
        move(book, number, "transfer", START, owner="party_b")
    with pytest.raises(EntryError, match="attribution: 'unclear'"):
        move(book, number, "verify", START, attribution="unclear")
    with pytest.raises(EntryError, match="why: empty"):
        move(book, number, "void", START, why="")
    with pytest.raises(EntryError, match="at earliest"):
        book.check(ComplaintMoved(START, number, "reply", "desk", moment=START - 1))
    with pytest.raises(EntryError, match="counter: 'daily'"):
        book.count(ACCOUNT, "daily", 0.0, 1.0)  # type: ignore[arg-type]  # a wrong word


STEPS = st.lists(
    st.tuples(
        st.integers(1, 4), st.sampled_from(sorted({a for m in MOVES.values() for a in m})),
        st.floats(0, 1e6), st.sampled_from(["party_a", "party_b"]),
        st.sampled_from(sorted(CAUSES)), st.sampled_from(ATTRIBUTIONS),
    ),
    max_size=30,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_any_history_is_rebuilt_and_its_counts_agree_with_a_plain_count(
    steps: list[tuple[int, str, float, str, str, str]],
) -> None:
    book = register()
    taken: list[ComplaintReceived | ComplaintMoved] = []
    at = START
    for number, action, seconds, side, cause, attribution in steps:
        at += seconds
        count = len(book.complaints)
        event: ComplaintReceived | ComplaintMoved = (
            ComplaintReceived(at, number, ACCOUNT, "12321", cause, attribution, side, "desk")
            if number > count
            else ComplaintMoved(at, number, action, "desk", "why", 0.0, side, side, cause)
        )
        try:
            book.check(event)
        except EntryError:
            continue
        book.apply(event)
        taken.append(event)
    again = register()
    for event in taken:
        again.apply(event)
    assert again == book
    for counter in ("sla", "row5", "no_consent", "monthly"):
        plain = [c for c in book.complaints.values() if counter in book.counters_of(c)]
        assert book.count(ACCOUNT, counter, 0.0, at + 1) == len(plain)


def test_only_a_verified_complaint_shows_that_a_handset_hid_a_message() -> None:
    book = register()
    for message_id, cause in ((7, "intercepted"), (8, "not_received"), (0, "intercepted")):
        receive(book, START, cause, message_id=message_id)
    assert book.intercepted() == frozenset()
    for number in (1, 2, 3):
        move(book, number, "verify", START + 1, attribution="party_a")
    assert book.intercepted() == {7}
    move(book, 1, "void", START + 2)
    assert book.intercepted() == frozenset()
