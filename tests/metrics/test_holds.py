from __future__ import annotations

import math

import pytest

from metrics.entries import EntryError
from metrics.holds import HoldRegister
from routing.events import Retained
from routing.office_events import HoldPlaced, HoldReleased

AT = 1_772_000_000.0
PLACED = HoldPlaced(AT, 1, AT - 100, "operator", "court file", "A-17")


def test_an_order_stands_until_it_is_released() -> None:
    register = HoldRegister()
    register.check(PLACED)
    register.apply(PLACED)
    assert [one.since for one in register.standing()] == [AT - 100]
    released = HoldReleased(AT + 5, 1, "operator", "closed")
    register.check(released)
    register.apply(released)
    assert register.standing() == ()
    assert register.orders[1].released_at == AT + 5
    assert register.orders[1].history == [PLACED, released]
    with pytest.raises(EntryError, match="was released"):
        register.check(released)


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (HoldPlaced(AT, 2, AT, "operator", "why"), "number 2, the next one is 1"),
        (HoldPlaced(AT, 1, AT, "operator", " "), "why: empty"),
        (HoldPlaced(AT, 1, AT, "", "why"), "who: empty"),
        (HoldPlaced(AT, 1, math.nan, "operator", "why"), "since: nan"),
        (HoldPlaced(AT, 1, -1.0, "operator", "why"), "since: -1.0"),
        (HoldReleased(AT, 1, "operator", "why"), "no number 1"),
    ],
)
def test_what_cannot_be_is_refused_with_what_is_allowed(
    event: HoldPlaced | HoldReleased, told: str
) -> None:
    with pytest.raises(EntryError, match=told):
        HoldRegister().check(event)


def test_removals_are_kept_in_order() -> None:
    register = HoldRegister()
    for month in ("2026-01", "2026-02"):
        register.apply(Retained(AT, "system", AT, (month,), 7))
    assert [one.months for one in register.removals] == [("2026-01",), ("2026-02",)]
