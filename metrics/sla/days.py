"""Hold what the fold keeps of each day: counts of alike messages, and the ones that may change.

A message belongs to the day on which its delivery begins: that of its submission, or of its
schedule. Messages of one day that are alike in everything a reading of the contract asks for are
one number, however many they are. Of a failure its times and its number are kept as well, 40
octets, since a window of force majeure may be declared for it afterwards.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import Final, NamedTuple

import msgspec

INDEX_BITS: Final = 20
"""Bits of the index of a result or a traffic; above it stands what tells alike ones apart."""
INDEX_MASK: Final = (1 << INDEX_BITS) - 1
_HOUR_BITS: Final = 5


def cell_of(result: int, lag: int, hour: int) -> int:
    """Give the key of messages that ended alike, `lag` days after the one they began on.

    The hour of the day in which they began takes part when it can matter for the cut-off, that is
    when they ended on a later day.
    """
    return (lag << _HOUR_BITS | hour if lag else 0) << INDEX_BITS | result


def lag_and_hour(cell: int) -> tuple[int, int]:
    """Give the days from beginning to end, and the hour of the beginning (0 without days)."""
    both = cell >> INDEX_BITS
    return both >> _HOUR_BITS, both & ((1 << _HOUR_BITS) - 1)


class Traffic(NamedTuple):
    """Say of which messages a count is."""

    account: str
    service: str
    direction: str
    """mt or mo."""
    segments: int
    """Of one message."""
    accepted: bool = True
    """False for what the checks refused, at submission or by receipt."""


class Result(NamedTuple):
    """Say how messages ended, as it was recorded."""

    traffic: int
    """Index of the traffic."""
    liability: str
    state: int
    """message_state of SMPP."""
    error: str
    """The carrier's code; of an uplink message why it was dropped."""
    sent: bool = False
    """Of an uplink message that party A didn't acknowledge: whether it was sent at all."""


class Failure(NamedTuple):
    """Be one message that failed or came late; times are UTC seconds since the epoch."""

    message_id: int
    started_at: float
    ended_at: float
    number: int
    """The subscriber's, 0 where it isn't digits."""
    cell: int


class State(msgspec.Struct, array_like=True):
    """Be a day as it is written to disk; the columns of failures are octets of arrays."""

    number: int
    cells: dict[int, int]
    pending: dict[int, int]
    hidden: dict[int, int]
    failures: tuple[bytes, bytes, bytes, bytes, bytes]


class Day:
    """Count the messages whose delivery began on one day of Asia/Shanghai."""

    __slots__ = (
        "_cells", "_ended", "_ids", "_numbers", "_started", "cells", "hidden", "number", "pending",
        "revision",
    )  # fmt: skip

    def __init__(self, number: int) -> None:
        """Begin empty; `number` counts days from 1970-01-01 on."""
        self.number = number
        self.cells: dict[int, int] = {}
        """Final messages by cell."""
        self.pending: dict[int, int] = {}
        """Those in flight by traffic and minute of the day, the latter above the index."""
        self.hidden: dict[int, int] = {}
        """Delivered messages that software on the handset hid: id → cell."""
        self.revision = 0
        """Changes with everything but `pending`."""
        self._ids = array("Q")
        self._started = array("d")
        self._ended = array("d")
        self._numbers = array("Q")
        self._cells = array("Q")

    def add(self, cell: int) -> None:
        """Count one final message."""
        self.cells[cell] = self.cells.get(cell, 0) + 1
        self.revision += 1

    def keep(self, failure: Failure) -> None:
        """Keep one that a window may relieve."""
        self._ids.append(failure.message_id)
        self._started.append(failure.started_at)
        self._ended.append(failure.ended_at)
        self._numbers.append(failure.number)
        self._cells.append(failure.cell)

    def failures(self, place: int = 0) -> Iterator[Failure]:
        """Give those kept from a place on, in the order in which they ended."""
        columns = (self._ids, self._started, self._ended, self._numbers, self._cells)
        return map(Failure, *(column[place:] if place else column for column in columns))

    def wait(self, traffic: int, minute: int, change: int) -> None:
        """Count messages in flight up (1) or down (-1)."""
        key = minute << INDEX_BITS | traffic
        left = self.pending.get(key, 0) + change
        if left:
            self.pending[key] = left
        else:
            del self.pending[key]

    def copy(self) -> Day:
        """Give an equal day that can change for itself."""
        made = Day(self.number)
        made.cells, made.pending = dict(self.cells), dict(self.pending)
        made.hidden, made.revision = dict(self.hidden), self.revision
        made._ids, made._cells = self._ids[:], self._cells[:]
        made._started, made._ended = self._started[:], self._ended[:]
        made._numbers = self._numbers[:]
        return made

    def state(self) -> State:
        """Give what is written to disk."""
        columns = (self._ids, self._started, self._ended, self._numbers, self._cells)
        ids, started, ended, numbers, cells = (column.tobytes() for column in columns)
        return State(
            self.number, self.cells, self.pending, self.hidden,
            (ids, started, ended, numbers, cells),
        )  # fmt: skip

    @classmethod
    def restored(cls, state: State) -> Day:
        """Make a day of what was written."""
        day = cls(state.number)
        day.cells, day.pending, day.hidden = state.cells, state.pending, state.hidden
        ids, started, ended, numbers, cells = state.failures
        day._ids.frombytes(ids)
        day._started.frombytes(started)
        day._ended.frombytes(ended)
        day._numbers.frombytes(numbers)
        day._cells.frombytes(cells)
        return day
