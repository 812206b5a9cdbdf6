"""Gather events into batches and tell their owners, in order, when each is durable.

Rules:

1. Everything appended in one turn of the loop is encoded together at the end of that turn, as a
   *group*. A store commits one batch at a time; the groups that gathered meanwhile are the next.
2. A group's callbacks run on the loop once the batch that holds it has an answer, in the order
   of their registration: `True` when it is on disk, `False` when the store undid it for want of
   space. What was undone is forgotten here: its owner decides whether to append it again.
3. A batch whose fate is unknown (fsync failed, the committer died) makes the journal dead: no
   callback runs again, `failed` is set, `on_failure` is called once.
4. `full()` is true while the store is short of space or more than `LIMIT_EVENTS` or
   `LIMIT_OCTETS` wait for the disk. The server then answers ESME_RMSGQFUL; what has to be
   recorded in any case (outcomes, acknowledgements) may still be appended.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

import msgspec

from gateway.ports import Carry
from routing.events import JournalEvent, Retained, encode_batch

from .retention import Ended

LIMIT_EVENTS = 50_000
LIMIT_OCTETS = 32 << 20
BATCH_OCTETS = 1 << 20
"""A batch takes whole groups up to this size, so that one commit stays within milliseconds."""

Callback = Callable[[bool], None]


def everything(_at: float) -> float:
    """Keep all there is."""
    return -math.inf


@dataclass(slots=True, frozen=True)
class Committed:
    """Answer one batch: stored, or undone for want of space.

    `seconds` is what the commit took where it ran, `sequence` that of the last durable batch.
    """

    stored: bool
    seconds: float
    sequence: int


class StoreListener(Protocol):
    """Hear of a store's answers, on the loop."""

    def committed(self, answer: Committed) -> None:
        """Take the answer to the batch under way."""

    def space(self, short: bool) -> None:
        """Learn that a shortage of space began or ended."""

    def broken(self, error: Exception) -> None:
        """Learn that the store failed for good; the batch under way has no answer."""


class Store(Protocol):
    """Make one batch at a time durable."""

    def begin(self, at: float, blob: bytes) -> None:
        """Start to commit a batch; its answer comes later, on the loop."""

    async def close(self, at: float) -> None:
        """Close cleanly. No batch is under way."""


class Months(Protocol):
    """Know the months that a store holds."""

    async def ended(self, before: float) -> Ended:
        """Find the months that ended by `before`, without the newest."""

    async def remove(self, months: tuple[str, ...]) -> None:
        """Remove those months."""


class Follower(Protocol):
    """Follow what the journal stores."""

    def look(self, events: Sequence[JournalEvent]) -> object:
        """Pick out what to be shown of a turn's events; None for nothing."""

    def stored(self, noted: Any) -> None:
        """Learn that the turn is on disk, with what was picked out of it."""


class BusinessClock(Protocol):
    """Tell business time."""

    def at(self) -> float:
        """Give UTC seconds since the epoch."""


@dataclass(slots=True, frozen=True)
class CommitObserved:
    """Report one durable batch to metrics and archive.

    `seconds` is the time of the commit itself, `events` the number of events in the batch.
    """

    seconds: float
    events: int
    sequence: int


@dataclass(slots=True)
class Group:
    """Hold the encoded events of one turn of the loop and who waits for them."""

    bodies: bytes = b""
    """The events' MessagePack items, one after another."""
    events: int = 0
    callbacks: list[Callback] = field(default_factory=list)
    noted: object = None
    """What the follower picked out of a whole turn, of which this is the last group."""


class BatchingJournal:
    """Implement `gateway.ports.Journal` over a store. Use it from its loop's thread alone."""

    def __init__(
        self,
        clock: BusinessClock,
        *,
        sequence: int = 0,
        on_failure: Callable[[Exception], None],
        observe: Callable[[CommitObserved], None] | None = None,
        limits: tuple[int, int] = (LIMIT_EVENTS, LIMIT_OCTETS),
        kept_from: Callable[[float], float] = everything,
        follower: Follower | None = None,
    ) -> None:
        """`kept_from` gives, for a business time, the one from which on all must be kept then."""
        self._follower = follower
        self.failed: BaseException | None = None
        self._kept_from = kept_from
        self._recording: asyncio.Future[bool] | None = None
        self.sequence = sequence
        """Sequence of the last durable batch."""
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._store: Store | None = None
        self._months: Months | None = None
        self._on_failure = on_failure
        self._observe = observe
        self._limit_events, self._limit_octets = limits
        self._events: list[JournalEvent] = []
        self._callbacks: list[Callback] = []
        self._scheduled = False
        self._waiting: deque[Group] = deque()
        self._under_way: list[Group] = []
        self._held_events = 0
        self._held_octets = 0
        self._room = self._limit_events
        self._short = False
        self._idle: asyncio.Event = asyncio.Event()
        self._idle.set()

    def use(self, store: Store, months: Months | None = None) -> None:
        """Take the store that was opened with this journal as its listener, and its months."""
        self._store = store
        self._months = months

    def append(self, event: JournalEvent) -> None:
        """Add one event to the gathering batch. A dead journal ignores it."""
        self._events.append(event)
        if not self._scheduled:
            self._schedule()

    def extend(self, events: Sequence[JournalEvent]) -> None:
        """Add several events to the gathering batch, in order."""
        self._events.extend(events)
        if not self._scheduled:
            self._schedule()

    def after_commit(self, callback: Callback) -> None:
        """Run `callback(stored)` once the last event appended so far has its answer."""
        if self._events:
            self._callbacks.append(callback)
        elif self._waiting:
            self._waiting[-1].callbacks.append(callback)
        elif self._under_way:
            self._under_way[-1].callbacks.append(callback)
        elif self.failed is None:
            self._loop.call_soon(callback, True)

    def full(self) -> bool:
        """Say whether new messages must be refused (rule 4)."""
        return len(self._events) >= self._room

    def short_of_space(self) -> bool:
        """Say whether the disk is what makes the journal full."""
        return self._short

    async def flush(self) -> None:
        """Wait until everything appended so far has its answer.

        Raises the error that killed the journal, if one did.
        """
        if self._scheduled:
            self._encode()
        await self._idle.wait()
        if self.failed is not None:
            raise self.failed

    async def close(self) -> None:
        """Flush, then close the store cleanly. A dead journal is closed at once."""
        if self.failed is None:
            await self.flush()
        if self._store is not None:
            await self._store.close(self._clock.at())

    async def retain(self, before: float, who: str, carry: Carry | None = None) -> tuple[str, ...]:
        """Record, and then do, the removal of whole months; see `gateway.ports.Journal`."""
        at = self._clock.at()
        latest = self._kept_from(at)
        if before > latest:
            raise ValueError(f"before: {before:.0f} seen, at most {latest:.0f} allowed: kept since")
        if self.failed is not None:
            raise self.failed
        months = self._months
        if months is None or self._recording is not None:
            return ()
        recording = self._recording = self._loop.create_future()
        try:
            found = await months.ended(before)
            if not found.months:
                return ()
            carried = 0 if carry is None else await carry(found.last_sequence)
            self.append(Retained(at, who, before, found.months, found.last_sequence, carried))
            self.after_commit(partial(_answer, recording))
            if not await recording:
                return ()
            await months.remove(found.months)
        finally:
            self._recording = None
            recording.cancel()
        return found.months

    def committed(self, answer: Committed) -> None:
        """Take the store's answer: start the next batch, then tell this one's owners."""
        groups, self._under_way = self._under_way, []
        events = sum(group.events for group in groups)
        self._held_events -= events
        self._held_octets -= sum(len(group.bodies) for group in groups)
        self.sequence = answer.sequence
        self._begin()
        self._measure()
        if answer.stored and self._observe is not None:
            self._observe(CommitObserved(answer.seconds, events, answer.sequence))
        for group in groups:
            if group.noted is not None and answer.stored:
                self._safely(self._show, group.noted)
            for callback in group.callbacks:
                self._safely(callback, answer.stored)
        if not self._under_way and not self._scheduled:
            self._idle.set()

    def space(self, short: bool) -> None:
        """Learn that a shortage of space began or ended."""
        self._short = short
        self._measure()

    def broken(self, error: Exception) -> None:
        """Die: forget every callback, so that nothing is acknowledged any more."""
        if self.failed is not None:
            return
        self.failed = error
        self._scheduled = False
        self._events.clear()
        self._callbacks.clear()
        self._waiting.clear()
        self._under_way.clear()
        self._room = 0
        self._idle.set()
        if self._recording is not None and not self._recording.done():
            self._recording.set_exception(error)
            # Nobody may be waiting for it yet.
            self._recording.exception()
        self._on_failure(error)

    def _schedule(self) -> None:
        if self.failed is not None:
            self._events.clear()
            return
        self._scheduled = True
        self._idle.clear()
        self._loop.call_soon(self._encode)

    def _encode(self) -> None:
        """End a turn of the loop: encode its events and start a commit if none is under way."""
        if not self._scheduled or self.failed is not None:
            return
        self._scheduled = False
        events, self._events = self._events, []
        callbacks, self._callbacks = self._callbacks, []
        try:
            groups = _groups(events)
        except (ValueError, TypeError, OverflowError, msgspec.MsgspecError) as error:
            self._unencodable(error, callbacks)
            return
        for group in groups:
            self._waiting.append(group)
            self._held_events += group.events
            self._held_octets += len(group.bodies)
        self._waiting[-1].callbacks = callbacks
        if self._follower is not None:
            self._waiting[-1].noted = self._follower.look(events)
        if not self._under_way:
            self._begin()
        self._measure()

    def _unencodable(self, error: Exception, callbacks: list[Callback]) -> None:
        """Fail closed: an event that no journal can hold is our error, and nothing of its turn
        of the loop may count as stored."""
        self._report(error)
        for callback in callbacks:
            self._loop.call_soon(callback, False)
        if not self._under_way:
            self._idle.set()

    def _show(self, noted: object) -> None:
        if self._follower is not None:
            self._follower.stored(noted)

    def _safely(self, call: Callable[[Any], None], argument: object) -> None:
        """Tell one owner: its mistake must not cost the others of the batch their answer."""
        try:
            call(argument)
        except Exception as error:
            self._report(error)

    def _report(self, error: Exception) -> None:
        context = {"message": "journal: an owner's callback or event failed", "exception": error}
        self._loop.call_exception_handler(context)

    def _begin(self) -> None:
        """Hand the waiting groups, up to the size of one batch, to the store."""
        if not self._waiting or self._store is None:
            return
        octets = events = 0
        while self._waiting:
            size = len(self._waiting[0].bodies)
            if self._under_way and octets + size > BATCH_OCTETS:
                break
            group = self._waiting.popleft()
            self._under_way.append(group)
            octets += size
            events += group.events
        blob = b"".join([_array_head(events), *(group.bodies for group in self._under_way)])
        self._store.begin(self._clock.at(), blob)

    def _measure(self) -> None:
        if self._short or self.failed is not None or self._held_octets >= self._limit_octets:
            self._room = 0
        else:
            self._room = self._limit_events - self._held_events


def _answer(recording: asyncio.Future[bool], stored: bool) -> None:
    # Whoever asked may have gone meanwhile.
    if not recording.done():
        recording.set_result(stored)


def _groups(events: list[JournalEvent]) -> list[Group]:
    """Encode events, in order, as groups of at most a batch's size (or of one large event)."""
    blob = encode_batch(events)
    count = len(events)
    if len(blob) > BATCH_OCTETS and count > 1:
        return _groups(events[: count // 2]) + _groups(events[count // 2 :])
    return [Group(blob[len(_array_head(count)) :], count)]


def _array_head(count: int) -> bytes:
    """Give the head of a MessagePack array, so that groups join without encoding them again."""
    if count < 16:
        return bytes((0x90 | count,))
    if count < 1 << 16:
        return b"\xdc" + count.to_bytes(2, "big")
    return b"\xdd" + count.to_bytes(4, "big")
