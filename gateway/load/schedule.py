"""Follow the times of a traffic file, over and over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .traffic import TrafficMessage


@dataclass(slots=True)
class Schedule:
    """Say what falls due: (seconds from the start, stream, PDUs) in order, repeated each span."""

    entries: list[tuple[float, int, int]]
    span_s: float
    _position: int = 0
    _offset_s: float = 0.0

    def due(self, elapsed_s: float) -> Iterator[tuple[float, int, int]]:
        """Give once each entry that is due by `elapsed_s` and was not given before."""
        while True:
            at_s, stream, count = self.entries[self._position]
            if at_s + self._offset_s > elapsed_s:
                return
            yield at_s + self._offset_s, stream, count
            self._position += 1
            if self._position == len(self.entries):
                self._position = 0
                self._offset_s += self.span_s


def schedule_of(messages: list[list[TrafficMessage]], pace: float) -> Schedule:
    """Make the schedule of the streams' messages, `pace` times as fast as their times.

    The next round begins after the last message by the mean distance between messages.
    """
    entries = sorted(
        (message.at_s / pace, stream, len(message.pdus))
        for stream, own in enumerate(messages)
        for message in own
    )
    last_s = entries[-1][0]
    # Messages without times all fall due at once, then once a second.
    return Schedule(entries, last_s + (last_s / len(entries) or 1.0))
