"""Hold how readings, cut-off and windows of relief class the same history."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.sla import Classes, Counts, Group, Readings, SlaLedger, SlaView, Window
from metrics.sla.windows import date_at, month_of, period_of
from routing.events import JournalEvent

from .traffic import DAY_S, HOUR_S, folded, instant, mo, mt, outcome, refusal, submission

LAST_NOON = instant("2024-05-31T12:00")
"""Of a settlement period."""
CUT_OFF = instant("2024-06-04T00:00")
"""Three days after it."""
PERIOD = Window(date(2023, 12, 1), date(2024, 5, 31))
NOON = instant("2024-06-10T12:00")
NEXT = Window(date(2024, 6, 1), date(2024, 11, 30))
FOREVER = Window(date(2020, 1, 1), date(2030, 12, 31))
LATER = instant("2025-01-01T00:00")


@dataclass
class Span:
    """Relieve one time, for numbers with a prefix."""

    start: float
    end: float
    prefix: str = ""
    liability: str = "force_majeure"
    asked: list[float] = field(default_factory=list)

    def token(self) -> Hashable:
        return (self.start, self.end, self.prefix, self.liability)

    def spans(self) -> tuple[tuple[float, float], ...]:
        return ((self.start, self.end),)

    def class_at(self, at: float, number: str) -> str | None:
        self.asked.append(at)
        holds = self.start <= at < self.end and number.startswith(self.prefix)
        return self.liability if holds else None


def counted(
    book: SlaLedger, window: Window = FOREVER, at: float = LATER, relief: Span | None = None,
    **readings: Any,
) -> Classes:  # fmt: skip
    return SlaView(book, Readings(**readings), relief).counts(window, at).classes()


# -- groups -----------------------------------------------------------------------------------


def test_counts_are_added_up_by_what_is_asked() -> None:
    found = Counts()
    found.add(Group("a", "ordinary", "mt", True), "ok", 2, 6)
    found.add(Group("a", "instant", "mt", True), "carrier", 1, 1)
    found.add(Group("b", "ordinary", "mo", True), "ok", 5, 5)
    found.add(Group("b", "ordinary", "mt", False), "party_a", 1, 3)
    assert found.classes() == Classes(ok=11, carrier=1, party_a=3)
    assert found.classes(unit="message") == Classes(ok=7, carrier=1, party_a=1)
    assert found.classes(account="a") == Classes(ok=6, carrier=1)
    assert found.classes(service="instant") == Classes(carrier=1)
    assert found.classes(direction="mo") == Classes(ok=5)
    assert found.classes(accepted=False) == Classes(party_a=3)


def test_a_window_takes_the_days_of_shanghai() -> None:
    june = month_of(date(2024, 6, 1))
    midnight = instant("2024-06-01T00:00")
    book = folded(mt(1, midnight - 1e-3, after=1e-4), mt(2, midnight), mt(3, midnight + DAY_S))
    assert counted(book, june) == Classes(ok=2)
    assert counted(book, Window(date(2024, 6, 1), date(2024, 6, 1))) == Classes(ok=1)


# -- receipts that come late ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ended_at", "classes"),
    [
        (CUT_OFF - 1e-3, Classes(ok=1)),
        (CUT_OFF, Classes(carrier=1)),
        (CUT_OFF + 9 * DAY_S, Classes(carrier=1)),
    ],
)
def test_a_receipt_after_the_cut_off_changes_nothing_in_a_settled_period(
    ended_at: float, classes: Classes
) -> None:
    book = folded([submission(1, LAST_NOON), outcome(1, ended_at)])
    assert counted(book, PERIOD) == counted(book) == classes
    assert counted(book, NEXT) == Classes()


def test_a_late_receipt_of_a_message_still_pending_at_the_cut_off_counts_on_its_own_day() -> None:
    book = folded([submission(1, LAST_NOON), outcome(1, CUT_OFF)])
    readings: dict[str, Any] = {"no_receipt_h": 96}
    assert counted(book, PERIOD, **readings) == Classes()
    assert counted(book, NEXT, **readings) == counted(book, **readings) == Classes(ok=1)


def test_the_cut_off_is_a_reading() -> None:
    book = folded([submission(1, LAST_NOON), outcome(1, CUT_OFF)])
    assert counted(book, PERIOD, cut_off_days=4) == Classes(ok=1)
    assert counted(book, PERIOD, cut_off_days=0, no_receipt_h=11) == Classes(carrier=1)
    assert counted(book, PERIOD, cut_off_days=0, no_receipt_h=12) == Classes()
    assert counted(book, NEXT, cut_off_days=0, no_receipt_h=12) == Classes(ok=1)


def test_inside_its_period_a_late_receipt_says_how_the_message_ended() -> None:
    start = instant("2024-02-01T12:00")
    book = folded([submission(1, start), outcome(1, start + 200 * HOUR_S, "exempt")])
    assert counted(book, PERIOD) == Classes(exempt=1)


@pytest.mark.parametrize(
    ("hours", "minutes", "classes"),
    [(72, 0, Classes(pending=1)), (72, 1, Classes(carrier=1)), (48, 1, Classes(pending=1))],
)
def test_a_message_without_receipt_fails_when_the_wait_is_over(
    hours: int, minutes: int, classes: Classes
) -> None:
    book = folded([submission(1, LAST_NOON)])
    at = LAST_NOON + hours * HOUR_S + minutes * 60
    assert counted(book, PERIOD, at) == classes


def test_the_wait_is_a_reading() -> None:
    book = folded([submission(1, LAST_NOON)])
    assert counted(book, PERIOD, LAST_NOON + 49 * HOUR_S, no_receipt_h=48) == Classes(carrier=1)


def test_an_uplink_message_waits_for_party_a_however_long() -> None:
    waiting, late = mo(1, LAST_NOON, ""), mo(2, LAST_NOON, "")
    end = mo(2, LAST_NOON + 9 * DAY_S, "ok")[1:]
    book = folded(waiting, late, end)
    assert counted(book, PERIOD) == Classes(pending=1)
    assert counted(book, NEXT) == Classes(ok=1)


# -- classes of codes -------------------------------------------------------------------------


def test_another_class_of_a_code_applies_to_what_was_not_delivered() -> None:
    book = folded(mt(1, LAST_NOON, "party_a"), mt(2, LAST_NOON, "carrier"), mt(3, LAST_NOON))
    changed = (("000", "carrier"), ("640", "exempt"))
    assert counted(book, code_class=changed) == Classes(ok=1, carrier=1, exempt=1)
    assert counted(book) == Classes(ok=1, carrier=1, party_a=1)


# -- windows of relief ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "relieved"),
    [
        (-60, 0, False),
        (-60, 0.5, True),
        (0, 60, True),
        (100, 300, False),
        (100, 600, True),
        (300, 300.5, True),
        (299, 300, False),
        (300.5, 900, False),
    ],
)
def test_a_window_relieves_failures_that_began_or_ended_in_it(
    start: float, end: float, relieved: bool
) -> None:
    book = folded(mt(1, LAST_NOON, "carrier", 2, after=300), mt(2, LAST_NOON, after=300))
    found = counted(book, relief=Span(LAST_NOON + start, LAST_NOON + end))
    assert found == (Classes(ok=1, force_majeure=2) if relieved else Classes(ok=1, carrier=2))


@pytest.mark.parametrize("liability", ["exempt", "ported", "party_a"])
def test_a_window_leaves_failures_with_another_cause(liability: str) -> None:
    book = folded(mt(1, LAST_NOON, liability))
    found = counted(book, relief=Span(LAST_NOON - 1, LAST_NOON + 9))
    assert found == Classes()._replace(**{liability: 1})


def test_a_window_for_a_prefix_relieves_its_numbers_alone() -> None:
    book = folded(
        mt(1, LAST_NOON, "carrier", recipient="13300000001"),
        mt(2, LAST_NOON, "carrier", recipient="17700000001"),
        mt(3, LAST_NOON, "carrier", recipient="ten"),
    )
    span = Span(LAST_NOON - 1, LAST_NOON + 9, "133", "party_a")
    assert counted(book, relief=span) == Classes(carrier=2, party_a=1)


def test_a_window_relieves_a_refusal_by_the_gateways_fault() -> None:
    book = folded([refusal(1, LAST_NOON, "internal"), refusal(2, LAST_NOON, "no_consent")])
    span = Span(LAST_NOON - 1, LAST_NOON + 9)
    assert counted(book, relief=span) == Classes(force_majeure=1, party_a=1)


def test_a_window_declared_afterwards_and_one_withdrawn_count_at_once() -> None:
    book = folded(mt(1, LAST_NOON, "carrier"))
    span = Span(0, 0)
    view = SlaView(book, Readings(), span)
    assert view.counts(PERIOD, LATER).classes() == Classes(carrier=1)
    span.start, span.end = LAST_NOON - 1, LAST_NOON + 1
    assert view.counts(PERIOD, LATER).classes() == Classes(force_majeure=1)
    span.start, span.end = 0, 0
    assert view.counts(PERIOD, LATER).classes() == Classes(carrier=1)


def test_a_window_after_which_a_message_began_is_looked_up_only_on_its_days() -> None:
    book = folded(mt(1, LAST_NOON, "carrier"), mt(2, LAST_NOON + 50 * DAY_S, "carrier"))
    span = Span(LAST_NOON - 1, LAST_NOON + 1)
    counted(book, relief=span)
    assert span.asked == [LAST_NOON]


# -- what is kept -----------------------------------------------------------------------------


def test_a_view_sees_what_was_added_since_it_was_last_asked() -> None:
    book = folded(mt(1, LAST_NOON))
    view = SlaView(book, Readings())
    assert view.counts(PERIOD, LATER).classes() == Classes(ok=1)
    for event in (*mt(2, LAST_NOON, "carrier"), submission(3, LATER)):
        book.apply(event)
    assert view.counts(PERIOD, LATER).classes() == Classes(ok=1, carrier=1)
    assert view.counts(FOREVER, LATER).classes() == Classes(ok=1, carrier=1, pending=1)


# -- the messages behind a figure -------------------------------------------------------------


def test_failures_name_their_messages_with_class_and_error() -> None:
    hidden, late = mt(3, LAST_NOON, after=2 * DAY_S), mt(4, LAST_NOON, after=9 * DAY_S)
    book = folded(
        mt(1, LAST_NOON, "carrier"), mt(2, LAST_NOON - 60, "carrier"), hidden, late,
        mt(5, LAST_NOON), mt(6, LAST_NOON, "exempt"), mt(7, LATER, "carrier"),
    )  # fmt: skip
    view = SlaView(book, Readings(), Span(LAST_NOON, LAST_NOON + 1))
    found = [(one.failure.message_id, one.liability, one.error) for one in view.failures(PERIOD)]
    assert sorted(found) == [
        (1, "force_majeure", "609"),
        (2, "carrier", "609"),
        (3, "ok", "000"),
        (4, "force_majeure", "no_receipt"),
        (6, "exempt", "602"),
    ]


def test_failures_of_a_window_leave_out_those_that_count_elsewhere() -> None:
    book = folded([submission(1, LAST_NOON), outcome(1, CUT_OFF, "exempt")])
    late = SlaView(book, Readings(no_receipt_h=96))
    assert list(late.failures(PERIOD)) == []
    assert [one.liability for one in late.failures(NEXT)] == ["exempt"]


def test_a_hidden_message_whose_receipt_came_too_late_stays_a_failure() -> None:
    book = folded([submission(1, LAST_NOON), outcome(1, CUT_OFF)])
    book.hide(1, book.traffics[0], LAST_NOON, CUT_OFF)
    assert counted(book, handset_intercept="exempt") == Classes(carrier=1)


def test_failures_know_hidden_messages() -> None:
    book = folded(mt(1, LAST_NOON, after=2 * DAY_S), mt(2, LAST_NOON, after=2 * DAY_S))
    book.hide(1, book.traffics[0], LAST_NOON, LAST_NOON + 2 * DAY_S)
    view = SlaView(book, Readings(handset_intercept="exempt"))
    assert [one.liability for one in view.failures(PERIOD)] == ["exempt", "ok"]


# -- properties -------------------------------------------------------------------------------

ROWS = st.lists(
    st.tuples(
        st.sampled_from(("ok", "carrier", "exempt", "ported", "party_a", "")),
        st.integers(0, 400),
        st.integers(0, 24 * 40),
        st.integers(1, 9),
    ),
    max_size=25,
)
READINGS = st.fixed_dictionaries(
    {
        "no_receipt_h": st.integers(1, 744),
        "cut_off_days": st.integers(0, 40),
        "period_months": st.integers(1, 12),
    }
)


def _events(rows: list[tuple[str, int, int, int]]) -> list[JournalEvent]:
    start = instant("2023-11-15T07:00")
    events: list[JournalEvent] = []
    for number, (liability, day, lag_h, segments) in enumerate(rows, 1):
        at = start + day * DAY_S + number * 977
        found = mt(number, at, liability or "ok", segments, after=lag_h * HOUR_S)
        events += found if liability else found[:1]
    return events


@given(ROWS, READINGS, st.booleans())
def test_every_segment_counts_once_whatever_the_reading(
    rows: list[tuple[str, int, int, int]], readings: dict[str, Any], relieved: bool
) -> None:
    book = folded(_events(rows))
    start = instant("2024-02-01T00:00")
    span = Span(start, start + 30 * DAY_S) if relieved else None
    whole = counted(book, relief=span, **readings)
    assert whole.total == sum(segments for *_, segments in rows)
    assert min(whole) >= 0
    months = Classes()
    for window in FOREVER.months():
        months = months.plus(counted(book, window, relief=span, **readings))
    assert months == whole


@given(ROWS, READINGS)
def test_a_settled_period_never_changes_again(
    rows: list[tuple[str, int, int, int]], readings: dict[str, Any]
) -> None:
    # A longer wait leaves messages pending that get no receipt, and they fail on their own day.
    readings["cut_off_days"] += 1
    readings["no_receipt_h"] = min(readings["no_receipt_h"], readings["cut_off_days"] * 24)
    book = folded(_events(rows))
    periods = {
        period_of(date_at(instant("2023-11-15T07:00") + day * DAY_S), date(2023, 12, 1),
                  readings["period_months"])
        for day in range(0, 420, 20)
    }  # fmt: skip
    for period in sorted(periods):
        cut_off = period.ends_at + readings["cut_off_days"] * DAY_S
        before = folded([event for event in _events(rows) if event.at < cut_off])
        settled = counted(before, period, cut_off, **readings)
        assert settled == counted(book, period, LATER + 400 * DAY_S, **readings)


# -- one by one -------------------------------------------------------------------------------


def test_a_place_among_failures_stays_while_the_ledger_grows() -> None:
    book = folded(*(mt(number, LAST_NOON + number, "carrier") for number in range(1, 6)))
    found = list(SlaView(book, Readings()).failures_from(FOREVER))
    assert [one.failure.message_id for _, _, one in found if one] == [1, 2, 3, 4, 5]
    day, place, _ = found[2]
    later = book.fork()
    for event in mt(6, LAST_NOON - DAY_S, "carrier") + mt(7, LAST_NOON + 7, "carrier"):
        later.apply(event)
    rest = SlaView(later, Readings()).failures_from(FOREVER, day, place)
    assert [one.failure.message_id for _, _, one in rest if one] == [4, 5, 7]


def test_a_failure_that_counts_in_another_window_has_no_verdict() -> None:
    book = folded(mt(1, LAST_NOON, after=60 * HOUR_S * 24))
    before = Window(date_at(LAST_NOON - DAY_S), date_at(LAST_NOON - DAY_S))
    assert list(SlaView(book, Readings()).failures_from(before)) == []
    day = Window(date_at(LAST_NOON), date_at(LAST_NOON))
    (found,) = SlaView(book, Readings(no_receipt_h=24 * 365)).failures_from(day)
    assert found[2] is None


def test_messages_in_flight_are_given_with_the_class_they_are_counted_in() -> None:
    book = folded([submission(1, LAST_NOON)], [submission(2, LAST_NOON + DAY_S)], mo(3, NOON, ""))
    view = SlaView(book, Readings())
    found = {one[0]: one[2] for one in view.waiting(FOREVER, LAST_NOON + 80 * HOUR_S)}
    assert found == {1: "carrier", 2: "pending", 3: "pending"}
    assert [one[0] for one in view.waiting(NEXT, LAST_NOON)] == [2, 3]
    assert [one[0] for one in view.waiting(PERIOD, LAST_NOON)] == [1]


def test_hidden_messages_are_given_but_not_those_among_the_failures() -> None:
    book = folded(mt(1, NOON), mt(2, NOON, after=30 * HOUR_S))
    traffic = book.traffics[0]
    book.hide(1, traffic, NOON, NOON + 5)
    book.hide(2, traffic, NOON, NOON + 30 * HOUR_S)
    view = SlaView(book, Readings(handset_intercept="exempt"))
    assert list(view.hidden(FOREVER)) == [(1, traffic)]
    assert [one.liability for one in view.failures(FOREVER)] == ["exempt"]


def test_a_refusal_is_classed_as_it_is_counted() -> None:
    view = SlaView(folded([]), Readings(code_class=(("9A1", "exempt"),)))
    assert view.refused("scope", "") == "exempt"
    assert view.refused("consent", "9A2") == "party_a"
    assert view.refused("system", "9B9") is None
    assert view.class_of_settled(2, "9A1", "ok") == "ok"
    assert view.class_of_settled(5, "9A1", "ok") == "exempt"


def test_a_view_that_follows_another_counts_what_a_fresh_one_counts() -> None:
    book = folded(mt(1, NOON), mt(2, NOON + DAY_S, "carrier"))
    view = SlaView(book, Readings())
    view.counts(FOREVER, LATER)
    later = book.fork()
    for event in mt(3, NOON, "exempt"):
        later.apply(event)
    fresh = SlaView(later, Readings()).counts(FOREVER, LATER)
    assert view.follow(later).counts(FOREVER, LATER) == fresh
    assert view.counts(FOREVER, LATER).classes() == Classes(ok=1, carrier=1)
