"""Hold the events of assessments to the journal's rules."""

from __future__ import annotations

from typing import get_args

import msgspec

from routing.assessment_events import AssessmentEntered, AssessmentEvent, AssessmentMoved
from routing.events import LASTING


def test_tags_are_distinct_and_in_their_range() -> None:
    tags = [kind.__struct_config__.tag for kind in get_args(AssessmentEvent)]
    assert len(set(tags)) == len(tags)
    assert set(tags) <= set(range(90, 95))


def test_events_survive_their_encoding() -> None:
    events: list[AssessmentEvent] = [
        AssessmentEntered(2.0, "2023-12-01", "desk", 80, reference="minutes 4"),
        AssessmentMoved(3.0, "2023-12-01", "order", "desk", "too many faults", deadline=9.0),
    ]
    again = msgspec.msgpack.decode(msgspec.msgpack.encode(events), type=list[AssessmentEvent])
    assert again == events


def test_a_restart_folds_them_again() -> None:
    assert set(get_args(AssessmentEvent)) <= set(LASTING)
