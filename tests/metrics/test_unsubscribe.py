"""Hold the judgement of the unsubscribe interface: deadline, failures, latency."""

from __future__ import annotations

import pytest

from metrics.breaches.periods import day_number
from metrics.entries import EntryError
from metrics.unsubscribe import DEADLINE_S, RESULTS, Statistics, Unsubscriptions
from routing.office_events import UnsubscribeCalled
from routing.registry_events import OptedOut

START = 1_000_000.0
TODAY = day_number(START)
NUMBER = "13300000001"


def called(
    result: str = "done", at: float = START, latency_s: float = 0.2, requested_at: float = START
) -> UnsubscribeCalled:
    return UnsubscribeCalled(at, "police", NUMBER, result, requested_at, latency_s)


def fold(*events: UnsubscribeCalled) -> Unsubscriptions:
    book = Unsubscriptions()
    for event in events:
        book.check(event)
        book.apply(event)
    return book


def of_all_days(book: Unsubscriptions) -> Statistics:
    return book.statistics("police", TODAY, TODAY + 9)


@pytest.mark.parametrize("result", RESULTS)
def test_what_is_not_done_stays_open(result: str) -> None:
    book = fold(called(result))
    assert bool(book.open(START)) is (result not in ("done", "not_subscribed"))
    assert of_all_days(book).failed == (result not in ("done", "not_subscribed", "accepted"))


@pytest.mark.parametrize(("seconds", "late"), [(DEADLINE_S, 0), (DEADLINE_S + 1, 1)])
def test_the_agreed_time_runs_from_the_first_request(seconds: float, late: int) -> None:
    at = START + seconds
    book = fold(called("timeout"))
    assert [one.overdue for one in book.open(at)] == [bool(late)]
    assert book.open(at)[0].due_at == START + DEADLINE_S
    book.apply(called("done", at, requested_at=at))
    assert (book.open(at), of_all_days(book).late) == ((), late)


def test_latencies_are_summed_up_by_days() -> None:
    book = fold(*(called(latency_s=float(value)) for value in range(1, 101)))
    assert of_all_days(book) == Statistics(100, 0, 0, 50.0, 95.0, 100.0)
    assert book.statistics("police", TODAY + 1, TODAY + 1) == Statistics(0, 0, 0, None, None, None)
    assert book.statistics("other", TODAY, TODAY).calls == 0


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("result", "maybe", "allowed are done"),
        ("number", "", "number: empty"),
        ("latency_s", -0.1, "0 or more"),
        ("latency_s", float("nan"), "0 or more"),
        ("attempts", 0, "1 or more"),
        ("requested_at", START + 1, "at latest"),
    ],
)
def test_a_wrong_call_is_refused(field: str, value: str | float, words: str) -> None:
    event = called()
    setattr(event, field, value)
    with pytest.raises(EntryError, match=words):
        Unsubscriptions().check(event)


def test_the_same_calls_make_an_equal_fold() -> None:
    calls = [called("refused"), called("accepted", START + 5), called("done", START + 9)]
    assert fold(*calls) == fold(*calls)
    assert fold(*calls) != fold(*calls[:2])


def test_party_a_is_told_of_what_it_has_not_refused_itself_until_it_answers_for_good() -> None:
    book = Unsubscriptions()
    book.refuse(OptedOut(START, NUMBER, source="mo", categories=("reminder",)))
    book.refuse(OptedOut(START, "13300000002", source="party_a"))
    assert [one.number for one in book.wanted.values()] == [NUMBER]
    book.apply(called("timeout"))
    assert NUMBER in book.wanted
    book.apply(called("accepted"))
    assert book.wanted == {}


def test_of_more_than_the_most_requests_party_a_is_not_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("metrics.unsubscribe.MOST_WANTED", 1)
    book = Unsubscriptions()
    for number in (NUMBER, "13300000002"):
        book.refuse(OptedOut(START, number, source="operator"))
    assert list(book.wanted) == [NUMBER]
