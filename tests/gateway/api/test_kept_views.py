"""Hold that a kept view gives what a fresh one gives, and reads only what has changed."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.api.kept_views import KeptViews
from metrics.sla import Classes, Readings, SlaLedger, SlaView, Window
from metrics.sla.relief import NoRelief
from metrics.sla.windows import DAY_S, date_at
from tests.metrics.sla.test_counts import Span
from tests.metrics.sla.traffic import folded, instant, mt

NOON = instant("2024-06-01T12:00")
DAYS = Window(date_at(NOON), date_at(NOON + 9 * DAY_S))
READINGS = Readings()


def classes(view: SlaView) -> Classes:
    return view.counts(DAYS, NOON + 10 * DAY_S).classes()


def grown(book: SlaLedger, number: int, day: int) -> SlaLedger:
    fork = book.fork()
    for event in mt(number, NOON + day * DAY_S, "carrier"):
        fork.apply(event)
    return fork


def test_only_days_that_have_changed_are_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    class_of = SlaView._class_of

    def noted(self: SlaView, number: int, *rest: Any) -> Any:
        read.append(number)
        return class_of(self, number, *rest)

    monkeypatch.setattr(SlaView, "_class_of", noted)
    views = KeptViews()
    book = folded(*(mt(day + 1, NOON + day * DAY_S) for day in range(10)))
    assert classes(views.of(book, READINGS, NoRelief())) == Classes(ok=10)
    assert len(read) == 10
    read.clear()
    later = grown(book, 11, 3)
    assert classes(views.of(later, READINGS, NoRelief())) == Classes(ok=10, carrier=1)
    assert len(set(read)) == 1
    read.clear()
    assert classes(views.of(later, READINGS, NoRelief())) == Classes(ok=10, carrier=1)
    assert read == []


def test_another_window_of_relief_or_reading_is_read_afresh() -> None:
    views = KeptViews()
    book = grown(folded(mt(1, NOON)), 2, 1)
    assert classes(views.of(book, READINGS, NoRelief())) == Classes(ok=1, carrier=1)
    span = Span(NOON, NOON + 9 * DAY_S)
    assert classes(views.of(book, READINGS, span)) == Classes(ok=1, force_majeure=1)
    assert classes(views.of(book, READINGS, NoRelief())) == Classes(ok=1, carrier=1)
    other = Readings(code_class=(("609", "exempt"),))
    assert classes(views.of(book, other, NoRelief())) == Classes(ok=1, exempt=1)


def test_a_ledger_that_was_read_from_disk_is_read_afresh() -> None:
    views = KeptViews()
    book = folded(mt(1, NOON))
    assert classes(views.of(book, READINGS, NoRelief())) == Classes(ok=1)
    again = SlaLedger.load(grown(book, 2, 0).dump(), lambda _s, _e: "party_a")
    assert classes(views.of(again, READINGS, NoRelief())) == Classes(ok=1, carrier=1)


def test_the_readings_asked_for_last_are_kept() -> None:
    views = KeptViews(most=2)
    for hours in (24, 48, 72):
        views.of(folded(mt(1, NOON)), Readings(no_receipt_h=hours), NoRelief())
    assert [one.no_receipt_h for one in views._views] == [48, 72]
