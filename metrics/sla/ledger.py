"""Fold the journal into counts from which the quality index is read under any reading.

What the ledger keeps depends on no reading of the contract and on no window of relief: those are
applied when it is asked (`metrics.sla.counts`), so that the same history can be judged in several
ways and a window declared afterwards counts from its start on.

The events come once each, in the journal's order; whoever folds keeps a checkpoint together with
`dump`. Times count to the millisecond, as everywhere where they are shown, so that a recount of
the archive gives the same. Memory: a day of traffic is a few hundred numbers however many messages
it has, a failure is 40 octets, a message in flight about 200.

A ledger that others read is never changed: `fork` gives one that goes on from it and shares the
days that stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from struct import Struct
from typing import Any, Final, TypeAlias

import msgspec

from routing.events import (
    JournalEvent,
    MoAcknowledged,
    MoDropped,
    MoReceived,
    MoRefused,
    Outcome,
    Replaced,
    Submission,
)
from routing.reasons import REASONS
from smpp.constants import MessageState

from .days import INDEX_MASK, Day, Failure, Result, State, Traffic, cell_of
from .windows import DAY_S, SHIFT_S

DELIVERED: Final = int(MessageState.DELIVERED)
UNDELIVERABLE: Final = int(MessageState.UNDELIVERABLE)
REJECTED: Final = int(MessageState.REJECTED)

MO_SERVICE: Final = "ordinary"
"""Uplink messages have no channel of their own."""
MO_LIABILITY: Final = {"age": "party_a", "refused": "party_a", "unsendable": "carrier"}
"""Why an uplink message was dropped → its class: party A wasn't bound or refused it for good."""

_OPEN: Final = Struct("<dQI")
"""Beginning, subscriber's number and index of the traffic of a message in flight."""
_DIGITS: Final = 19
_HOUR_S: Final = 3600
_MINUTE_S: Final = 60

# Looked up for every event: a plain tuple equals a named one and is made several times as fast.
_Traffic: TypeAlias = tuple[str, str, str, int, bool]
_Result: TypeAlias = tuple[int, str, int, str, bool]


class _Image(msgspec.Struct, array_like=True):
    traffics: list[Traffic]
    results: list[Result]
    days: list[State]
    open: dict[int, bytes]
    sent: set[int]
    longest: int


class SlaLedger:
    """Count every segment, MT and MO, by day and by how it ended."""

    __slots__ = (
        "_handlers", "_liability_of", "_open", "_own", "_result_index", "_sent", "_traffic_index",
        "days", "longest", "results", "traffics",
    )  # fmt: skip

    def __init__(self, liability_of: Callable[[int, str], str]) -> None:
        """Begin empty.

        `liability_of` gives the class of (message_state, error), see
        `routing.liability.CodeTable`; it is asked for what the checks refused, since outcomes
        carry their class.
        """
        self.days: dict[int, Day] = {}
        self._own: dict[int, Day] = {}
        """Of the days those that no other ledger shares."""
        self.longest = 0
        """Most days that a message has taken from its beginning to its end."""
        self.traffics: list[Traffic] = []
        self.results: list[Result] = []
        self._traffic_index: dict[_Traffic, int] = {}
        self._result_index: dict[_Result, int] = {}
        self._open: dict[int, bytes] = {}
        self._sent: set[int] = set()
        """Uplink messages in flight that were sent and not acknowledged."""
        self._liability_of = liability_of
        # Each handler takes the one event class that it is listed under.
        self._handlers: dict[type, Callable[[Any], None]] = {
            Submission: self._submission,
            Outcome: self._outcome,
            Replaced: self._replaced,
            MoReceived: self._mo_received,
            MoAcknowledged: self._mo_acknowledged,
            MoRefused: self._mo_refused,
            MoDropped: self._mo_dropped,
        }

    @property
    def in_flight(self) -> int:
        """Count the messages, MT and MO, without a final result."""
        return len(self._open)

    def waiting(self) -> Iterator[tuple[int, float, Traffic]]:
        """Give the messages in flight: id, when the delivery begins (UTC seconds), traffic."""
        for message_id, blob in self._open.items():
            started_at, _number, index = _OPEN.unpack(blob)
            yield message_id, started_at, self.traffics[index]

    def refused_as(self, reason: str, error: str) -> tuple[str, str]:
        """Give the recorded class and the error of a refusal, see `Submission`."""
        row = REASONS.get(reason)
        error = error or (row.error if row else "")
        return self._liability_of(REJECTED, error), error

    def apply(self, event: JournalEvent) -> None:
        """Take in one event; those that begin or end no message are passed over."""
        handler = self._handlers.get(type(event))
        if handler is not None:
            handler(event)

    # -- events -------------------------------------------------------------------------------

    def _submission(self, event: Submission) -> None:
        if not event.accepted:
            self._refused(event)
            return
        traffic = (event.account, event.service, "mt", event.segment_count, True)
        started_at = event.schedule_at if event.schedule_at > event.at else event.at
        self._begin(event.message_id, started_at, _digits(event.recipient), traffic)

    def _refused(self, event: Submission) -> None:
        liability, error = self.refused_as(event.reason, event.error)
        traffic = Traffic(event.account, event.service, "mt", event.segment_count, accepted=False)
        result = (self._index_of(traffic), liability, REJECTED, error, False)
        number = _digits(event.recipient)
        # A flood of refusals by party A's doing must not fill the memory; no window changes them.
        keep = liability == "carrier"
        self._end(result, event.message_id, event.at, event.at, number, keep=keep)

    def _replaced(self, event: Replaced) -> None:
        blob = self._open.get(event.message_id)
        if blob is None:
            return
        started_at, number, index = _OPEN.unpack(blob)
        self._take_out(event.message_id)
        traffic = self.traffics[index]._replace(segments=event.segment_count)
        started_at = event.schedule_at or min(started_at, event.at)
        self._begin(event.message_id, started_at, number, traffic)

    def _outcome(self, event: Outcome) -> None:
        self._close(event.message_id, event.at, event.liability, event.state, event.error)

    def _mo_received(self, event: MoReceived) -> None:
        if not event.account:
            return  # Nobody's number: no message of party A.
        traffic = (event.account, MO_SERVICE, "mo", event.segment_count, True)
        self._begin(event.mo_id, event.at, _digits(event.sender), traffic)

    def _mo_acknowledged(self, event: MoAcknowledged) -> None:
        self._close(event.mo_id, event.at, "ok", DELIVERED, "")

    def _mo_refused(self, event: MoRefused) -> None:
        if event.mo_id in self._open:
            self._sent.add(event.mo_id)

    def _mo_dropped(self, event: MoDropped) -> None:
        liability = MO_LIABILITY.get(event.reason, "carrier")
        self._close(event.mo_id, event.at, liability, UNDELIVERABLE, event.reason)

    # -- messages -----------------------------------------------------------------------------

    def _begin(self, message_id: int, started_at: float, number: int, traffic: _Traffic) -> None:
        if message_id in self._open:
            return
        started_at = round(started_at * 1000) / 1000
        index = self._index_of(traffic)
        self._open[message_id] = _OPEN.pack(started_at, number, index)
        day, second = divmod(int(started_at) + SHIFT_S, DAY_S)
        self._day(day).wait(index, second // _MINUTE_S, 1)

    def _take_out(self, message_id: int) -> tuple[float, int, int] | None:
        blob = self._open.pop(message_id, None)
        if blob is None:
            return None
        started_at, number, index = _OPEN.unpack(blob)
        day, second = divmod(int(started_at) + SHIFT_S, DAY_S)
        self._day(day).wait(index, second // _MINUTE_S, -1)
        return started_at, number, index

    def _close(self, message_id: int, at: float, liability: str, state: int, error: str) -> None:
        found = self._take_out(message_id)
        if found is None:
            return
        started_at, number, index = found
        sent = message_id in self._sent
        if sent:
            self._sent.remove(message_id)
        result = (index, liability, state, error, sent and liability != "ok")
        self._end(result, message_id, started_at, at, number, keep=True)

    def _end(
        self, result: _Result, message_id: int, started_at: float, at: float, number: int,
        *, keep: bool,
    ) -> None:  # fmt: skip
        at = round(at * 1000) / 1000
        # One cancelled before its scheduled time ends before it begins.
        started_at = min(round(started_at * 1000) / 1000, at)
        day, cell = self._cell(result, started_at, at)
        found = self._day(day)
        found.add(cell)
        if keep and (result[1] != "ok" or cell > INDEX_MASK):
            found.keep(Failure(message_id, started_at, at, number, cell))

    def hide(
        self, message_id: int, traffic: Traffic, started_at: float, at: float, error: str = "000"
    ) -> None:
        """Note that software on the handset hid a delivered message, as a complaint has shown.

        Only the reading `sla.handset_intercept = "exempt"` asks for it. `started_at` is when the
        delivery began, `at` when it ended, `error` the code of the receipt.
        Raises ValueError when no such message was delivered on that day.
        """
        result = (self._traffic_index.get(traffic, -1), "ok", DELIVERED, error, False)
        number, cell = (int(started_at) + SHIFT_S) // DAY_S, -1
        if result in self._result_index:
            cell = self._cell(result, started_at, at)[1]
        if number not in self.days or cell not in self.days[number].cells:
            raise ValueError(
                f"message {message_id}: {traffic} with code {error!r}, one that was delivered "
                "at that time is allowed"
            )
        found = self._day(number)
        found.hidden[message_id] = cell
        found.revision += 1

    def _cell(self, result: _Result, started_at: float, at: float) -> tuple[int, int]:
        day, second = divmod(int(started_at) + SHIFT_S, DAY_S)
        lag = (int(at) + SHIFT_S) // DAY_S - day
        if not lag:
            return day, self._result_of(result)
        self.longest = max(self.longest, lag)
        return day, cell_of(self._result_of(result), lag, second // _HOUR_S)

    # -- indexes ------------------------------------------------------------------------------

    def _index_of(self, traffic: _Traffic) -> int:
        index = self._traffic_index.get(traffic)
        if index is None:
            index = self._traffic_index[traffic] = len(self.traffics)
            self.traffics.append(Traffic(*traffic))
        return index

    def _result_of(self, result: _Result) -> int:
        index = self._result_index.get(result)
        if index is None:
            index = self._result_index[result] = len(self.results)
            self.results.append(Result(*result))
        return index

    def _day(self, number: int) -> Day:
        day = self._own.get(number)
        if day is None:
            shared = self.days.get(number)
            day = Day(number) if shared is None else shared.copy()
            self.days[number] = self._own[number] = day
        return day

    # -- copies -------------------------------------------------------------------------------

    def fork(self) -> SlaLedger:
        """Give a ledger that goes on from here; this one must not be changed any more.

        Takes time for the messages in flight and the number of days, not for what they hold.
        """
        made = SlaLedger(self._liability_of)
        made.days = dict(self.days)
        made.longest = self.longest
        made.traffics, made.results = list(self.traffics), list(self.results)
        made._traffic_index = dict(self._traffic_index)
        made._result_index = dict(self._result_index)
        made._open, made._sent = dict(self._open), set(self._sent)
        return made

    # -- disk ---------------------------------------------------------------------------------

    def dump(self) -> bytes:
        """Write the whole state; with the checkpoint of the journal it belongs to, it goes on."""
        days = [day.state() for day in self.days.values()]
        image = _Image(self.traffics, self.results, days, self._open, self._sent, self.longest)
        return msgspec.msgpack.encode(image)

    @classmethod
    def load(cls, blob: bytes, liability_of: Callable[[int, str], str]) -> SlaLedger:
        """Read a state written by `dump`. Raises msgspec.DecodeError when it isn't one."""
        image = msgspec.msgpack.decode(blob, type=_Image)
        ledger = cls(liability_of)
        ledger.traffics, ledger.results = image.traffics, image.results
        ledger._traffic_index = {key: place for place, key in enumerate(image.traffics)}
        ledger._result_index = {key: place for place, key in enumerate(image.results)}
        ledger._own = {state.number: Day.restored(state) for state in image.days}
        ledger.days = dict(ledger._own)
        ledger._open, ledger._sent = image.open, image.sent
        ledger.longest = image.longest
        return ledger


def _digits(number: str) -> int:
    plain = number.isascii() and number.isdigit() and len(number) <= _DIGITS
    return int(number) if plain else 0
