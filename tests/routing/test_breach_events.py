"""Hold the events of breaches to their tags and to what the journal gives back."""

from __future__ import annotations

import typing

import msgspec
import pytest

from routing import breach_events
from routing.breach_events import (
    BreachEvent,
    BreachSign,
    BusinessResumed,
    BusinessStopped,
    CaseMoved,
    CaseOpened,
    EvidenceGathered,
    TrafficCounted,
)

EVENTS: list[tuple[BreachEvent, int]] = [
    (BreachSign(1.0, "police", 18, "operator", "seen", ("106590990371",), 7, "I-1"), 56),
    (CaseOpened(1.0, 1, "police", 9, "serious", "system", "many", (), 0.5, (1, 2), "t"), 57),
    (CaseMoved(1.0, 1, "pass", "confirmed_pass", "operator", "in order", 0.0, 9.0), 58),
    (BusinessStopped(1.0, 1, "police", "annex 1.14", "system", "100", (), "2026-03"), 59),
    (BusinessResumed(1.0, 1, "operator", "settled"), 60),
    (
        EvidenceGathered(
            9.0, "police", 16, 20514, True, 2, 1, 2, 1.0, 2.0, (7, 8), ("C1",),
            (("106590990371", 2),), True,
        ),
        61,
    ),
    (TrafficCounted(9.0, "police", 20514, 1000), 62),
]  # fmt: skip


@pytest.mark.parametrize(("event", "tag"), EVENTS)
def test_an_event_comes_back_as_it_was_under_its_tag(event: BreachEvent, tag: int) -> None:
    blob = msgspec.msgpack.encode(event)
    assert msgspec.msgpack.decode(blob)[0] == tag
    assert msgspec.msgpack.decode(blob, type=BreachEvent) == event


def test_every_event_has_a_sample() -> None:
    assert {type(event) for event, _tag in EVENTS} == set(typing.get_args(BreachEvent))
    assert breach_events.__doc__
