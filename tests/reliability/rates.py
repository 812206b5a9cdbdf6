"""Judge by a ledger's times how fast messages were accepted.

A message was accepted at some instant between its INTENT and its ACK, which the client can't know.
So a window counts a message only if it lies in it with both: what exceeds the limit then has
exceeded it whatever the machine did meanwhile, and a late answer alone is no violation.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from pathlib import Path

WINDOW_S = 1.0


@dataclass(slots=True)
class Times:
    """Hold the monotonic times of a ledger's facts, by ref."""

    sent: dict[int, float] = field(default_factory=dict)
    accepted: dict[int, float] = field(default_factory=dict)
    refused: dict[int, float] = field(default_factory=dict)
    statuses: dict[int, int] = field(default_factory=dict)
    """ref → command_status of a refusal."""

    @property
    def offered_s(self) -> float:
        """Give the time over which messages were submitted."""
        return max(self.sent.values()) - min(self.sent.values())

    @property
    def unanswered(self) -> set[int]:
        return self.sent.keys() - self.accepted.keys() - self.refused.keys()

    def refusal_s(self, share: float) -> float:
        """Give the time within which this share of the refusals came."""
        waits = sorted(at - self.sent[ref] for ref, at in self.refused.items())
        return waits[min(len(waits) - 1, int(len(waits) * share))]


def read_times(ledger: Path) -> Times:
    """Read a ledger's times."""
    times = Times()
    for line in ledger.read_text("ascii").splitlines():
        kind, at, *fields = line.split()
        if kind == "INTENT":
            times.sent[int(fields[0])] = float(at)
        elif kind == "ACK":
            times.accepted[int(fields[0])] = float(at)
        elif kind == "NAK":
            times.refused[int(fields[0])] = float(at)
            times.statuses[int(fields[0])] = int(fields[1])
    return times


def most_in_a_window(times: Times) -> int:
    """Give the most messages that were certainly accepted within any one second."""
    spans = sorted((times.sent[ref], at) for ref, at in times.accepted.items())
    begins = [begin for begin, _end in spans]
    most = 0
    for index, begin in enumerate(begins):
        last = bisect_left(begins, begin + WINDOW_S, index)
        most = max(most, sum(end <= begin + WINDOW_S for _begin, end in spans[index:last]))
    return most


def most_at_once(instants: list[float]) -> int:
    """Give the most instants within any one second; they are in order."""
    return max(
        bisect_left(instants, instant + WINDOW_S, index) - index
        for index, instant in enumerate(instants)
    )
