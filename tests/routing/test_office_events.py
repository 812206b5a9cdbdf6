"""Hold the office's events to the journal's rules."""

from __future__ import annotations

from typing import get_args

import msgspec

from routing.office_events import ComplaintMoved, NoticeSent, OfficeEvent, WindowDeclared


def test_tags_are_distinct_and_in_their_range() -> None:
    tags = [kind.__struct_config__.tag for kind in get_args(OfficeEvent)]
    assert len(set(tags)) == len(tags)
    assert set(tags) <= {*range(70, 81), 88, 89}


def test_events_survive_their_encoding() -> None:
    events: list[OfficeEvent] = [
        ComplaintMoved(2.0, 1, "transfer", "desk", owner="party_a"),
        NoticeSent(3.0, 1, "police", "breach", "letter", "party_b", "desk"),
        WindowDeclared(4.0, 1, "force_majeure", "war", 1.0, "desk", "why", prefixes=("133",)),
    ]
    again = msgspec.msgpack.decode(msgspec.msgpack.encode(events), type=list[OfficeEvent])
    assert again == events
