from __future__ import annotations

import msgspec
import pytest

from routing.template_events import (
    TemplateDecided,
    TemplateDrafted,
    TemplateEvent,
    TemplateRevoked,
    TemplateSubmitted,
)

EVENTS: tuple[tuple[int, TemplateEvent], ...] = (
    (30, TemplateDrafted(1.0, "party_a", "T06", 1, "您的业务", "notice", "ordinary", "受理", "新")),
    (31, TemplateSubmitted(2.0, "party_a", "T06", 1)),
    (32, TemplateDecided(3.0, "party_b", "T06", 1, True, 4.0, 5.0, "B-1", "同意")),
    (33, TemplateRevoked(6.0, "party_b", "T06", 1, 7.0, "停用")),
)


@pytest.mark.parametrize(("tag", "event"), EVENTS)
def test_an_event_is_an_array_that_begins_with_its_tag(tag: int, event: TemplateEvent) -> None:
    blob = msgspec.msgpack.encode(event)
    assert msgspec.msgpack.decode(blob)[:2] == [tag, event.at]
    assert msgspec.msgpack.decode(blob, type=TemplateEvent) == event
