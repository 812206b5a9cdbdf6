from __future__ import annotations

from typing import get_args

import msgspec
import pytest

from routing.events import JournalEvent
from routing.registry_events import (
    ConsentGranted,
    ConsentWithdrawn,
    ImportAborted,
    ImportClosed,
    ImportOpened,
    ImportRows,
    ListChanged,
    NumberPorted,
    OptedIn,
    OptedOut,
    RegistryEvent,
    ReviewOpened,
    ReviewSettled,
)

NUMBER = "13300000001"

EVENTS: list[RegistryEvent] = [
    ConsentGranted(1.0, NUMBER, ("notice",), "web", "DOC-1", "v3", 0.5, 9.0, "operator", "why"),
    ConsentWithdrawn(1.0, NUMBER, ("notice",), 0.5, "operator", "why"),
    OptedOut(1.0, NUMBER, "106590990371", ("reminder",), "mo", "", 0.0, 5, "subscriber", "TD"),
    OptedIn(1.0, NUMBER, "106590990371", (), "mo", "", 0.0, 6, "subscriber", "KT"),
    ListChanged(1.0, "black", "1330000", True, "account", "police", 1.0, 2.0, "complaint"),
    NumberPorted(1.0, NUMBER, "mobile", 1.0, "operator", "why"),
    ImportOpened(1.0, 7, "consents", "operator", "why", "consents.csv"),
    ImportRows(1.0, 7, 0, b"\x01" * 8, b"\x00" * 8, b"\x00" * 8, (("grant", "", "", ""),)),
    ImportClosed(1.0, 7, 1, 1, "ab" * 32, 2),
    ImportAborted(1.0, 7, "line 3"),
    ReviewOpened(1.0, 9, NUMBER, "106590990371", "请不要再给我发短信了", "optout.review"),
    ReviewSettled(1.0, 9, "opt_out", "operator"),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_event_survives_the_journal(event: RegistryEvent) -> None:
    decoder: msgspec.msgpack.Decoder[RegistryEvent] = msgspec.msgpack.Decoder(RegistryEvent)
    decoded = decoder.decode(msgspec.msgpack.encode(event))
    assert (type(decoded), decoded) == (type(event), event)


def test_all_events_are_tried_and_their_tags_are_their_own() -> None:
    kinds = get_args(RegistryEvent)
    tags = [kind.__struct_config__.tag for kind in (*kinds, *get_args(JournalEvent))]
    assert {type(event) for event in EVENTS} == set(kinds)
    assert [kind.__struct_config__.tag for kind in (type(event) for event in EVENTS)] == list(
        range(34, 46)
    )
    distinct_kinds = {*kinds, *get_args(JournalEvent)}
    assert len(set(tags)) == len(distinct_kinds)
