"""Hold that the messages listed behind a figure are exactly as many segments as the figure says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.sla import Classes, Readings, SlaLedger, SlaView, Window
from metrics.sla import behind as behind_module
from metrics.sla.behind import Cursor, CursorError, Kind, Listed, Place, Question, Settled, page_of
from metrics.sla.classes import CLASSES
from metrics.sla.days import Traffic
from metrics.sla.relief import Relief
from metrics.sla.windows import DAY_S, SHIFT_S, date_at
from routing.events import JournalEvent, MoAcknowledged, MoReceived, Outcome, Submission

from .test_counts import Span
from .traffic import HOUR_S, folded, instant, mo, mt, outcome, refusal, submission

NOON = instant("2024-05-31T12:00")
"""On the last day of a settlement period."""
LATER = instant("2024-07-01T00:00")
MONTHS = Window(date_at(NOON - 40 * DAY_S), date_at(NOON + 40 * DAY_S))


class Store:
    """Know what an archive knows, of a list of events."""

    def __init__(self, events: list[JournalEvent]) -> None:
        self.slices = 0
        self._rows: dict[Kind, list[Settled]] = {"refused": [], "at_once": [], "later": []}
        begun: dict[int, Submission | MoReceived] = {}
        for event in events:
            match event:
                case Submission() if event.accepted:
                    begun[event.message_id] = event
                case Submission():
                    self._rows["refused"].append(_row(event, event.at, 0, 8, "", event.reason))
                case MoReceived() if event.account:
                    begun[event.mo_id] = event
                case Outcome() if event.liability == "ok":
                    self._ended(begun.pop(event.message_id), event.at, event.state, event.error)
                case MoAcknowledged():
                    self._ended(begun.pop(event.mo_id), event.at, 2, "")
                case _:
                    pass
        for rows in self._rows.values():
            rows.sort(key=lambda row: (row.at_ms, row.id))

    def _ended(self, event: Submission | MoReceived, at: float, state: int, error: str) -> None:
        scheduled = isinstance(event, Submission) and event.schedule_at > event.at
        started = event.schedule_at if isinstance(event, Submission) and scheduled else event.at
        started = min(started, at)
        if (int(started) + SHIFT_S) // DAY_S == (int(at) + SHIFT_S) // DAY_S:
            kind: Kind = "later" if started != event.at else "at_once"
            self._rows[kind].append(_row(event, started, 1, state, error, ""))

    def slice(self, kind: Kind, place: Place, until_ms: int, limit: int) -> list[Settled]:
        self.slices += 1
        chosen = [one for one in self._rows[kind] if place < (one.at_ms, one.id)]
        return [one for one in chosen if one.at_ms < until_ms][:limit]


def _row(
    event: Submission | MoReceived, at: float, accepted: int, state: int, error: str, reason: str
) -> Settled:
    mobile = isinstance(event, MoReceived)
    return Settled(
        event.mo_id if isinstance(event, MoReceived) else event.message_id, round(at * 1000),
        event.account, "ordinary" if isinstance(event, MoReceived) else event.service,
        "mo" if mobile else "mt", event.segment_count, accepted, state, error, reason,
        "ok" if accepted else "",
    )  # fmt: skip


def listed(view: SlaView, store: Store, question: Question, at: float = LATER) -> list[Listed]:
    found: list[Listed] = []
    cursor: Cursor | None = Cursor(at)
    while cursor is not None:
        page = page_of(view, question, Cursor.read(cursor.text()), store.slice)
        assert len(page.items) <= question.limit
        found += page.items
        cursor = page.next
    return found


def compare(
    events: list[JournalEvent], window: Window, relief: Relief | None, limit: int, at: float,
    hidden: tuple[int, ...] = (), **readings: Any,
) -> dict[str, list[int]]:  # fmt: skip
    """Want the segments listed to be those counted, in every class; gives the ids."""
    book, store = folded(events), Store(events)
    for number in hidden:
        book.hide(number, Traffic("police", "ordinary", "mt", 1), NOON, NOON + 5)
    view = SlaView(book, Readings(**readings), relief)
    direction = view.readings.direction
    counts = view.counts(window, at)
    ids: dict[str, list[int]] = {}
    for name in CLASSES:
        for account in (None, "police"):
            question = Question(name, window, account, None, limit)
            found = listed(view, store, question, at)
            figures = counts.classes(account=account, direction=direction)
            assert sum(one.segments for one in found) == getattr(figures, name), name
            whole = counts.classes(account=account, direction=direction, unit="message")
            assert len({one.id for one in found}) == len(found) == getattr(whole, name)
            ids[name] = sorted(one.id for one in found) if account is None else ids[name]
    return ids


ENDS = ("", "ok", "carrier", "exempt", "ported", "party_a", "window", "refused", "our_fault")
MO_ENDS = ("", "ok", "age", "refused", "unsendable")
MESSAGE = st.tuples(
    st.sampled_from(ENDS),
    st.integers(-20, 20),  # days from the end of the period
    st.sampled_from([0.0, 1.0, 11.9, 12.0, 60.0, 73.0, 80.0, 200.0]),  # hours until the receipt
    st.sampled_from([0.0, 5.0, 30.0]),  # hours until the schedule
    st.integers(1, 3),
    st.sampled_from(["13300000001", "18900000001"]),
    st.sampled_from(["police", "fire"]),
)
UPLINK = st.tuples(st.sampled_from(MO_ENDS), st.integers(-20, 20), st.integers(1, 2))
READINGS = st.fixed_dictionaries({}, optional={
    "directions": st.sampled_from(["both", "mt", "mo"]),
    "mo_success": st.sampled_from(["acknowledged", "sent"]),
    "no_receipt_h": st.sampled_from([24, 72, 168]),
    "cut_off_days": st.integers(0, 5),
    "handset_intercept": st.sampled_from(["ok", "exempt"]),
    "code_class": st.sampled_from([
        (("602", "party_a"),), (("9B9", "exempt"),), (("640", "ok"), ("9A1", "exempt")),
    ]),
})  # fmt: skip


def history(messages: list[Any], uplinks: list[Any]) -> list[JournalEvent]:
    events: list[JournalEvent] = []
    for number, row in enumerate(messages, 1):
        end, day, lag_h, schedule_h, segments, recipient, account = row
        at = NOON + day * DAY_S + number
        if end in ("refused", "our_fault"):
            refused = refusal(number, at, "system" if end == "our_fault" else "scope", segments)
            refused.account = account
            events.append(refused)
            continue
        schedule = at + schedule_h * HOUR_S if schedule_h else 0.0
        sent = submission(
            number, at, segments, recipient=recipient, schedule_at=schedule, account=account
        )
        events.append(sent)
        if end:
            ended = max(at, schedule) + lag_h * HOUR_S + 1
            liability = "force_majeure" if end == "window" else end
            events.append(outcome(number, ended, liability))
    for number, (end, day, segments) in enumerate(uplinks, 1001):
        events += mo(number, NOON + day * DAY_S + number, end, segments, tries=number % 2)
    return events


@settings(max_examples=60, deadline=None)
@given(
    st.lists(MESSAGE, max_size=25), st.lists(UPLINK, max_size=8), READINGS,
    st.tuples(st.integers(-25, 25), st.integers(0, 40)),
    st.tuples(st.integers(-25, 25), st.integers(0, 300), st.sampled_from(["", "133"])),
    st.integers(1, 7), st.integers(0, 30),
)  # fmt: skip
def test_what_is_listed_is_what_is_counted(
    messages: list[Any], uplinks: list[Any], readings: dict[str, Any], window: tuple[int, int],
    relief: tuple[int, int, str], limit: int, at_days: int,
) -> None:  # fmt: skip
    first = NOON + window[0] * DAY_S
    start = NOON + relief[0] * DAY_S
    compare(
        history(messages, uplinks),
        Window(date_at(first), date_at(first + window[1] * DAY_S)),
        Span(start, start + relief[1] * HOUR_S, relief[2]),
        limit,
        NOON + at_days * DAY_S,
        **readings,
    )


def test_each_class_lists_its_messages() -> None:
    events = [
        *mt(1, NOON), *mt(2, NOON, "carrier"), *mt(3, NOON, "exempt"), *mt(4, NOON, "ported"),
        *mt(5, NOON, "party_a"), submission(6, NOON), refusal(7, NOON, "scope"), *mo(8, NOON),
        submission(9, LATER - HOUR_S), *mt(10, NOON + 20, "carrier"),
        submission(11, NOON, schedule_at=NOON + HOUR_S), outcome(11, NOON + HOUR_S + 1),
    ]  # fmt: skip
    assert compare(events, MONTHS, Span(NOON + 20, NOON + 30), 2, LATER) == {
        "ok": [1, 8, 11], "carrier": [2, 6], "exempt": [3], "ported": [4], "party_a": [5, 7],
        "force_majeure": [10], "pending": [9],
    }  # fmt: skip


def test_a_hidden_message_is_listed_as_the_reading_takes_it() -> None:
    events = [*mt(1, NOON), *mt(2, NOON)]
    exempt = {"handset_intercept": "exempt"}
    assert compare(events, MONTHS, None, 1, LATER, (2,))["ok"] == [1, 2]
    found = compare(events, MONTHS, None, 1, LATER, (2,), **exempt)
    assert (found["ok"], found["exempt"]) == ([1], [2])


def test_messages_that_come_meanwhile_are_neither_repeated_nor_in_the_way() -> None:
    events = [event for number in range(1, 31) for event in mt(number, NOON + number, "carrier")]
    question = Question("carrier", MONTHS, limit=4)
    found: list[Listed] = []
    cursor: Cursor | None = Cursor(LATER)
    while cursor is not None:
        book = folded(events)
        page = page_of(SlaView(book, Readings()), question, cursor, Store(events).slice)
        found += page.items
        cursor = page.next
        number = 1000 + len(found)
        if len(events) < 100:
            events += mt(number, NOON - DAY_S * len(found), "carrier")
    ids = [one.id for one in found]
    assert len(ids) == len(set(ids))
    assert set(range(1, 31)) <= set(ids)


def test_a_page_looks_at_a_bounded_number_of_messages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(behind_module, "LOOKED_THROUGH", 10)
    events = [event for number in range(1, 31) for event in mt(number, NOON + number, "exempt")]
    events += [refusal(number, NOON, "scope") for number in range(200, 230)]
    view, store = SlaView(folded(events), Readings()), Store(events)
    pages, cursor = 0, Cursor(LATER)
    while True:
        page = page_of(view, Question("ported", MONTHS), cursor, store.slice)
        assert page.items == []
        pages += 1
        if page.next is None:
            break
        cursor = page.next
    # 30 failures and 30 refusals, ten a page; a page ends where the next one would begin.
    assert pages == 7


def test_only_the_accounts_and_services_asked_for_are_listed() -> None:
    events = [*mt(1, NOON), submission(2, NOON, service="instant"), outcome(2, NOON + 1)]
    view, store = SlaView(folded(events), Readings()), Store(events)
    asked = Question("ok", MONTHS)
    for service, ids in ((None, [1, 2]), ("instant", [2]), ("ordinary", [1])):
        found = listed(view, store, replace(asked, service=service))
        assert [one.id for one in found] == ids


@pytest.mark.parametrize("text", ["", "1", "1.2.3", "1.9.0.0", "1.0.x.0", "-1.0.0.0", "1.0.0.0.0"])
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(CursorError, match="`next` of the page before"):
        Cursor.read(text)


def test_an_unknown_class_is_refused() -> None:
    view = SlaView(SlaLedger(lambda _s, _e: "party_a"), Readings())
    with pytest.raises(ValueError, match="'lost' seen, one of ok, carrier"):
        page_of(view, Question("lost", MONTHS), Cursor(LATER), Store([]).slice)


def test_the_kinds_of_a_store_are_the_last_sources() -> None:
    assert behind_module.SOURCES[3:] == get_args(Kind)
    assert Classes._fields == CLASSES
