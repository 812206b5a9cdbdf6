"""Hold what the events of delivery pending flags take for granted."""

from __future__ import annotations

from routing.alert_events import AlertClosed, DeliveryPending, HandsetAvailable
from routing.events import LASTING, JournalEvent, decode_batch, encode_batch


def test_the_events_outlive_a_restart_and_come_back_as_they_were() -> None:
    events: list[JournalEvent] = [
        DeliveryPending(1.0, 7, "police", "13300000001", "106590990371", 1, 1, 0, 1),
        HandsetAvailable(2.0, "13300000001"),
        AlertClosed(3.0, "police", "13300000001", "106590990371", "sent", 9),
    ]
    assert decode_batch(encode_batch(events)) == events
    assert {type(event) for event in events} <= set(LASTING)
