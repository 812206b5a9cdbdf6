from __future__ import annotations

from typing import get_args

import msgspec
import pytest

from routing.event import Event
from routing.standing_events import ScopeEvent, ScopeRows, StandingEvent, Suspended

KINDS = (*get_args(StandingEvent), *get_args(ScopeEvent))


def test_each_kind_has_a_tag_of_its_own() -> None:
    assert [kind.__struct_config__.tag for kind in KINDS] == list(range(46, 56))


@pytest.mark.parametrize(
    "event",
    [
        Suspended(1.0, 3, "police", "7.5", "operator", "suspicion", ("106590990371",)),
        ScopeRows(2.0, 7, 0, b"\x01\x00", b"", b"\xff"),
    ],
)
def test_an_event_survives_the_journal(event: Event) -> None:
    encoded = msgspec.msgpack.encode([event])
    decoded = msgspec.msgpack.decode(encoded, type=list[StandingEvent | ScopeEvent])
    assert decoded == [event]
