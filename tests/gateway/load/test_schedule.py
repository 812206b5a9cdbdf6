from __future__ import annotations

from gateway.load.schedule import schedule_of
from gateway.load.traffic import TrafficMessage


def message(at_s: float, segments: int = 1) -> TrafficMessage:
    return TrafficMessage(at_s, (b"",) * segments)


def test_messages_fall_due_in_order_of_time_whatever_their_stream() -> None:
    schedule = schedule_of([[message(0.0), message(4.0)], [message(2.0, segments=3)]], pace=2.0)
    assert list(schedule.due(0.9)) == [(0.0, 0, 1)]
    assert list(schedule.due(0.9)) == []
    assert list(schedule.due(2.0)) == [(1.0, 1, 3), (2.0, 0, 1)]


def test_after_the_last_it_begins_again() -> None:
    schedule = schedule_of([[message(0.0), message(1.0)]], pace=1.0)
    assert [at_s for at_s, _stream, _count in schedule.due(4.2)] == [0.0, 1.0, 1.5, 2.5, 3.0, 4.0]


def test_messages_without_times_are_repeated_each_second() -> None:
    schedule = schedule_of([[message(0.0), message(0.0)]], pace=1.0)
    assert len(list(schedule.due(0.99))) == 2
    assert len(list(schedule.due(1.0))) == 2
