"""Hold the fold: one result for each segment, and a state that can be put away at any point."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.sla import Classes, Readings, SlaLedger, SlaView, Window
from metrics.sla.days import Traffic
from metrics.sla.windows import date_at
from routing.events import JournalEvent, Replaced, Started

from .traffic import (
    DAY_S,
    HOUR_S,
    folded,
    instant,
    ledger,
    mo,
    mt,
    outcome,
    refusal,
    refused_class,
    submission,
)

NOON = instant("2024-06-01T12:00")
ORDINARY = Traffic("police", "ordinary", "mt", 1)
ENDS = ("", "ok", "carrier", "exempt", "ported", "party_a", "refused", "cancelled")


def classes(book: SlaLedger, at: float = NOON, days: int = 1, **readings: str) -> Classes:
    """Count the days from that of `at` on, as they are a minute after the last event."""
    window = Window(date_at(at), date_at(at + (days - 1) * DAY_S))
    view = SlaView(book, Readings(**readings))  # type: ignore[arg-type]  # one key by its name
    return view.counts(window, at + 60).classes()


@pytest.mark.parametrize("liability", ["ok", "carrier", "exempt", "ported", "party_a"])
def test_a_message_counts_its_segments_in_the_class_of_its_outcome(liability: str) -> None:
    found = classes(folded(mt(1, NOON, liability, 3)))
    assert found._asdict() == {**Classes()._asdict(), liability: 3}


def test_a_message_without_outcome_is_pending() -> None:
    book = folded([submission(1, NOON, 2)])
    assert classes(book) == Classes(pending=2)
    assert book.in_flight == 1


def test_only_the_first_outcome_counts() -> None:
    book = folded(mt(1, NOON, "exempt"), [outcome(1, NOON + 9, "ok"), outcome(2, NOON, "ok")])
    assert classes(book) == Classes(exempt=1)
    assert book.in_flight == 0


def test_a_submission_that_comes_twice_counts_once() -> None:
    assert classes(folded([submission(1, NOON), submission(1, NOON)])) == Classes(pending=1)


@pytest.mark.parametrize(
    ("reason", "error", "liability"),
    [
        ("no_consent", "", "party_a"),
        ("throughput", "", "party_a"),
        ("internal", "", "carrier"),
        ("prohibited", "9A7", "party_a"),
        ("no such reason", "", "carrier"),
    ],
)
def test_what_the_checks_refused_has_the_class_of_its_reason(
    reason: str, error: str, liability: str
) -> None:
    event = refusal(1, NOON, reason, 2)
    event.error = error
    assert classes(folded([event])) == Classes()._replace(**{liability: 2})


@pytest.mark.parametrize(
    ("end", "liability"),
    [
        ("ok", "ok"),
        ("age", "party_a"),
        ("refused", "party_a"),
        ("unsendable", "carrier"),
        ("", "pending"),
    ],
)
def test_an_uplink_message_is_ok_when_party_a_acknowledged_it(end: str, liability: str) -> None:
    assert classes(folded(mo(1, NOON, end, 2))) == Classes()._replace(**{liability: 2})


def test_an_uplink_message_to_nobodys_number_is_none_of_party_a() -> None:
    assert classes(folded(mo(1, NOON, account=""))).total == 0


@pytest.mark.parametrize(("tries", "reading", "ok"), [
    (0, "sent", 0), (1, "sent", 1), (2, "sent", 1), (2, "acknowledged", 0),
])  # fmt: skip
def test_sent_uplink_messages_succeed_where_sending_is_enough(
    tries: int, reading: str, ok: int
) -> None:
    book = folded(mo(1, NOON, "age", tries=tries), mo(2, NOON, "ok", tries=1))
    assert classes(book, mo_success=reading) == Classes(ok=1 + ok, party_a=1 - ok)


def test_a_refusal_after_the_end_leaves_nothing_behind() -> None:
    events = mo(1, NOON, "age", tries=1)
    book = folded(events)
    before = book.dump()
    book.apply(events[1])
    assert book.dump() == before


def test_a_scheduled_message_belongs_to_the_day_it_is_due() -> None:
    book = folded([submission(1, NOON, schedule_at=NOON + 2 * DAY_S)])
    assert classes(book) == Classes()
    assert classes(book, NOON + 2 * DAY_S) == Classes(pending=1)


def test_a_message_cancelled_before_it_is_due_belongs_to_the_day_of_that() -> None:
    book = folded(
        [submission(1, NOON, schedule_at=NOON + 9 * DAY_S), outcome(1, NOON + DAY_S, "party_a")]
    )
    assert classes(book, NOON + DAY_S) == classes(book, days=20) == Classes(party_a=1)


@pytest.mark.parametrize(
    ("schedule_at", "day"), [(0.0, 0), (NOON + 3 * DAY_S, 3)], ids=["at once", "later"]
)
def test_a_replaced_message_has_its_new_length_and_time(schedule_at: float, day: int) -> None:
    replaced = Replaced(NOON + 60, 1, "", 8, 1, 4, 0.0, schedule_at)
    book = folded([submission(1, NOON, schedule_at=NOON + 2 * DAY_S), replaced])
    assert classes(book, NOON + day * DAY_S) == classes(book, days=9) == Classes(pending=4)
    book.apply(outcome(1, NOON + 4 * DAY_S))
    assert classes(book, NOON + day * DAY_S) == Classes(ok=4)


def test_other_events_are_passed_over() -> None:
    book = folded(
        [Started(NOON, 1, "", 1, "", ""), Replaced(NOON, 7, "", 8, 1, 4, 0.0, 0.0)],
        mo(9, NOON, "ok")[1:],
    )
    assert book.dump() == ledger().dump()


def test_a_hidden_message_is_exempt_only_where_the_reading_says_so() -> None:
    book = folded(mt(1, NOON), mt(2, NOON))
    book.hide(1, ORDINARY, NOON, NOON + 5)
    assert classes(book) == Classes(ok=2)
    assert classes(book, handset_intercept="exempt") == Classes(ok=1, exempt=1)


@pytest.mark.parametrize(
    ("traffic", "started_at", "error"),
    [
        (ORDINARY, NOON, "609"),
        (ORDINARY, NOON + DAY_S, "000"),
        (ORDINARY._replace(segments=2), NOON, "000"),
    ],
)
def test_a_message_that_was_not_delivered_cannot_have_been_hidden(
    traffic: Traffic, started_at: float, error: str
) -> None:
    book = folded(mt(1, NOON, "carrier"), mt(2, NOON))
    before = book.dump()
    with pytest.raises(ValueError, match="one that was delivered at that time is allowed"):
        book.hide(1, traffic, started_at, started_at + 5, error)
    assert book.dump() == before


def test_a_state_that_is_none_is_refused() -> None:
    with pytest.raises(msgspec.DecodeError):
        SlaLedger.load(b"\x93\x01\x02\x03", refused_class)


def _message(number: int, end: str, day: int, segments: int, lag_h: int) -> list[JournalEvent]:
    at = NOON + day * DAY_S + number
    if end == "refused":
        return [refusal(number, at, "no_consent", segments)]
    if end == "":
        return [submission(number, at, segments)]
    if end == "cancelled":
        due = at + 40 * DAY_S
        return [
            submission(number, at, segments, schedule_at=due),
            outcome(number, at + lag_h * HOUR_S, "party_a"),
        ]
    return mt(number, at, end, segments, after=lag_h * HOUR_S)


MESSAGES = st.lists(
    st.tuples(st.sampled_from(ENDS), st.integers(0, 40), st.integers(1, 5), st.integers(0, 200)),
    max_size=30,
)


@given(MESSAGES, st.data())
def test_a_fold_put_away_anywhere_goes_on_to_the_same_state(
    rows: list[tuple[str, int, int, int]], data: st.DataObject
) -> None:
    groups = [_message(number, *row) for number, row in enumerate(rows, 1)]
    groups += [
        mo(1000 + number, NOON, end, tries=1) for number, end in enumerate(("ok", "", "age"))
    ]
    events = sorted((event for group in groups for event in group), key=lambda event: event.at)
    whole = folded(events)
    cut = data.draw(st.integers(0, len(events)))
    first = SlaLedger.load(folded(events[:cut]).dump(), refused_class)
    for event in events[cut:]:
        first.apply(event)
    assert first.dump() == whole.dump()
    assert classes(first, days=90) == classes(whole, days=90)


@given(MESSAGES, st.data())
def test_a_fork_goes_on_and_leaves_what_it_came_from(
    rows: list[tuple[str, int, int, int]], data: st.DataObject
) -> None:
    events = [event for number, row in enumerate(rows, 1) for event in _message(number, *row)]
    cut = data.draw(st.integers(0, len(events)))
    book = folded(events[:cut])
    before = book.dump()
    fork = book.fork().fork()
    for event in events[cut:]:
        fork.apply(event)
    assert book.dump() == before
    assert sorted_days(fork) == sorted_days(folded(events))


def sorted_days(book: SlaLedger) -> object:
    return [book.days[number].state() for number in sorted(book.days)], book.in_flight


def test_hiding_a_message_in_a_fork_hides_it_there_alone() -> None:
    book = folded(mt(1, NOON))
    fork = book.fork()
    fork.hide(1, ORDINARY, NOON, NOON + 5)
    assert classes(fork, handset_intercept="exempt") == Classes(exempt=1)
    assert classes(book, handset_intercept="exempt") == Classes(ok=1)


def test_times_count_to_the_millisecond() -> None:
    midnight = instant("2024-06-02T00:00")
    book = folded(mt(1, midnight - 0.0004), mt(2, midnight - 0.0006))
    assert classes(book, midnight) == Classes(ok=1)
    assert classes(book, midnight - 1) == Classes(ok=1)


@given(MESSAGES)
def test_the_classes_add_up_to_the_segments_submitted(
    rows: list[tuple[str, int, int, int]],
) -> None:
    book = folded(*(_message(number, *row) for number, row in enumerate(rows, 1)))
    assert classes(book, days=90).total == sum(segments for _, _, segments, _ in rows)
    assert book.in_flight == sum(end == "" for end, *_ in rows)


def test_messages_in_flight_are_given_with_their_beginning() -> None:
    book = folded(mt(1, NOON), [submission(2, NOON, 3, schedule_at=NOON + HOUR_S)])
    traffic = Traffic("police", "ordinary", "mt", 3)
    assert list(book.waiting()) == [(2, NOON + HOUR_S, traffic)]
