"""Carry each accepted message to its one final outcome.

A message enters when its submission is on disk (`accept`), waits in the wheel until an attempt
is due, and leaves when its outcome is on disk: only then are its receipts handed on. The network
(routing.network) decides; this file keeps the time and writes the journal.

Ordinary and instant messages have wheels and lanes of their own. A turn serves the instant lane
first and takes at most `TURN` ordinary messages, so that a flood of ordinary ones delays no instant
one, and the loop is given back between turns. Times in the wheel are monotonic, and each message
lives by the clock as it was when the message came (offset.py): setting the machine's clock neither
hastens nor delays a delivery, and lets nothing expire.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from gateway.ports import Clock, Journal
from routing.events import Attempted, JournalEvent, Outcome
from routing.liability import CodeTable
from routing.message import DELETED, DELIVERED, REJECTED, Message, note_attempt
from routing.network import INSTANT, Delivered, Network, Retry
from routing.open_messages import OpenMessages
from routing.portability import Portability
from routing.receipts import Multipart, notified, owe
from routing.release import HOLD
from routing.subscribers import Subscriber, Subscribers

from .offset import Offset
from .wheel import Wheel

TURN = 200
ROUNDING_S = 1e-5
"""What is due within this time is due: business times of today are exact to 0.2 µs."""
REPEAT_S = 1.0
"""Pause before outcomes that the full disk refused are offered to the journal again."""
HELD_S = 30.0
"""Pause before a message that a block holds back is looked at again."""
TROUBLED_S = 60.0
"""Pause before a message that a mistake of ours met is tried again."""


Group = tuple[str, str, str, int, str]
"""account, service, carrier, state, liability: messages that ended alike."""


class Finished(Protocol):
    """Hear of messages that have got their outcome, those that ended alike together."""

    def __call__(self, group: Group, durations_s: list[float]) -> None: ...


class Release(Protocol):
    """Judge messages again when an attempt is due; `routing.release.Release` does."""

    @property
    def changed_at(self) -> float:
        """Give the business time from which on verdicts knew of every change."""

    def judge(self, message: Message, at: float) -> str:
        """Give "" for a message to be sent, `HOLD` for one that waits, or its error."""


class Alerts(Protocol):
    """Know of handsets that somebody waits for; `alerts.AlertOffice` does."""

    def __len__(self) -> int: ...

    def reached(self, final: list[Message]) -> list[JournalEvent]:
        """Give what is to be journalled with the outcomes of messages."""


class Receipts(Protocol):
    """Take over what the ESME is owed."""

    def owe(self, message: Message) -> None:
        """Send the receipts of a final message until they are acknowledged."""

    def notify(self, message: Message, at: float) -> None:
        """Send an intermediate notification of a failed attempt, once."""


@dataclass(frozen=True)
class Delivery:
    """Hold what the dispatcher works with."""

    clock: Clock
    journal: Journal
    network: Network
    subscribers: Subscribers
    codes: CodeTable
    open_messages: OpenMessages
    receipts: Receipts
    multipart: dict[str, Multipart]
    finished: Finished
    release: Release
    portability: Portability
    alerts: Alerts


class Dispatcher:
    """Own the messages in flight until their outcome."""

    def __init__(self, delivery: Delivery, loop: asyncio.AbstractEventLoop) -> None:
        self._d = delivery
        self._loop = loop
        self._wheels: tuple[Wheel[Message], Wheel[Message]] = (Wheel(), Wheel())
        """Messages that wait for their time: instant ones, ordinary ones."""
        self._instant: deque[Message] = deque()
        self._ordinary: deque[Message] = deque()
        self._turning = False
        self._alarm: asyncio.TimerHandle | None = None
        self._alarm_at = 0.0
        self._slots: dict[str, float] = {}
        """service → monotonic time of the last place given out in its capacity."""
        self._offset = Offset(delivery.clock)
        self._moved: dict[int, float] = {}
        """message_id → monotonic time of the next attempt, of open messages that were replaced."""
        self._closed = False

    @property
    def waiting(self) -> int:
        """Count the messages that wait for an attempt."""
        lanes = len(self._instant) + len(self._ordinary)
        return lanes + sum(len(wheel) for wheel in self._wheels)

    def accept(self, messages: list[Message]) -> None:
        """Take messages whose submissions are on disk (or that a restart has found open)."""
        delivery = self._d
        now = self._offset.look()
        offset_of = self._offset.of
        restore = delivery.open_messages.restore
        changed_at = delivery.release.changed_at
        room = 0 if self._closed or self._instant or self._ordinary else TURN
        refused: list[Message] = []
        delivered: list[Message] = []
        for message in messages:
            restore(message)
            message.offset = offset_of(message.at, now)
            if message.final:
                refused.append(message)
            elif (
                len(delivered) < room
                and message.at > changed_at
                and self._delivers_at_once(message, now)
            ):
                delivered.append(message)
            else:
                self._plan_safely(message, now)
        if refused:
            self._settle(refused)
        if delivered:
            liability = delivery.codes.liability_of(DELIVERED, "")
            events: list[JournalEvent] = [self._outcome(one, liability) for one in delivered]
            self._commit(events, delivered)
        self._wake()

    def resume_receipts(self, messages: list[Message]) -> None:
        """Take messages that a restart found final, with receipts to be sent."""
        for message in messages:
            message.offset = self._offset.current
            self._d.open_messages.restore(message)
            self._d.receipts.owe(message)

    def cancel(self, message: Message, done: Callable[[bool], None]) -> bool:
        """End a waiting message as DELETED; False when it is final already.

        `done(stored)` is called when the outcome is on disk, or could not be stored.
        """
        if message.final:
            return False
        _conclude(message, DELETED, "000", self._d.clock.now() + message.offset)
        liability = self._d.codes.liability_of(message.state, message.error)
        self._commit([self._outcome(message, liability)], [message], done)
        return True

    def replan(self, message: Message) -> None:
        """Set the next attempt again after replace_sm moved the schedule."""
        # The wheel has no way to take an item out: it also comes up at its old time.
        self._moved[message.message_id] = 0.0
        now = self._offset.look()
        if not message.due_at:
            # The new schedule was read by the clock as it is.
            message.offset = self._offset.current
        self._plan_safely(message, now)
        self._wake()

    def run_due(self) -> None:
        """Make the attempts that are due; the loop's alarm calls it, a test may as well."""
        if self._alarm is not None:
            # It was set by the clock as it was; the next one is set by the clock as it is.
            self._alarm.cancel()
            self._alarm = None
        now = self._d.clock.now()
        for wheel in self._wheels:
            for message in wheel.take(now, TURN):
                # A message that was cancelled or moved stays in its old bucket: skip it there.
                if not message.final:
                    self._lane(message).append(message)
        self._wake()

    def close(self) -> None:
        """Make no further attempts; what is in flight is resumed by the next start."""
        self._closed = True
        if self._alarm is not None:
            self._alarm.cancel()

    # -- planning ---------------------------------------------------------------------------

    def _lane(self, message: Message) -> deque[Message]:
        return self._instant if message.service == INSTANT else self._ordinary

    def _wait(self, message: Message, seconds: float) -> None:
        wheel = self._wheels[message.service != INSTANT]
        due = self._d.clock.now() + seconds
        if message.message_id in self._moved:
            self._moved[message.message_id] = due
        wheel.add(due, message)

    def _plan_safely(self, message: Message, now: float) -> None:
        try:
            self._plan(message, now)
        except Exception as error:
            self._put_off(message, error)

    def _put_off(self, message: Message, error: Exception) -> None:
        """Let a message that a mistake of ours met wait, and all others go on."""
        text = f"delivery: message {message.message_id} could not be attempted"
        self._loop.call_exception_handler({"message": text, "exception": error})
        self._wait(message, TROUBLED_S)

    def _delivers_at_once(self, message: Message, now: float) -> bool:
        """Deliver a message that is due, with nothing before it; False when it has to be planned.

        It is what the plan and the next turn would come to, without the way through a lane.
        """
        delivery = self._d
        if message.due_at or message.schedule_at or not delivery.network.prompt(message.service):
            return False
        try:
            at = now + message.offset
            carrier = message.carrier
            if delivery.portability.empty:
                subscriber = delivery.subscribers.of(message.recipient)
            else:
                subscriber, carrier = self._reached(message, at)
            if subscriber.delay_s > 0.0:
                return False
            result = delivery.network.attempt(message, subscriber, at)
            if type(result) is not Delivered:
                return False
        except Exception:
            return False  # The plan meets it again, and says so.
        message.attempts = 1
        message.carrier = carrier
        _conclude(message, DELIVERED, result.error, at)
        return True

    def _reached(self, message: Message, at: float) -> tuple[Subscriber, str]:
        """Give the subscriber and the carrier that an attempt at `at` comes to.

        The prefix says it only of numbers that were never ported (clause 3.2.3). A message that
        was routed before its recipient was ported ends at the carrier that served it then.
        """
        delivery = self._d
        carrier = message.carrier
        ported = False
        if carrier and not delivery.portability.empty:
            carrier, ported = delivery.portability.route(message.recipient, carrier, message.at, at)
        return delivery.subscribers.of(message.recipient, ported=ported), carrier

    def _plan(self, message: Message, now: float) -> None:
        delivery = self._d
        due = message.due_at
        if not due:
            subscriber = delivery.subscribers.of(message.recipient)
            due = delivery.network.first_due(message, subscriber)
            service = message.service
            free = due - message.offset
            slot = delivery.network.slot(service, free, self._slots.get(service, 0.0))
            if slot != free:
                due = slot + message.offset
            self._slots[service] = slot
            message.due_at = due
        wait_s = due - message.offset - now
        if wait_s <= ROUNDING_S:
            self._lane(message).append(message)
        else:
            self._wait(message, wait_s)

    def _wake(self) -> None:
        if self._closed:
            return
        if (self._instant or self._ordinary) and not self._turning:
            self._turning = True
            self._loop.call_soon(self._turn)
        dues = [due for wheel in self._wheels if (due := wheel.next_due()) is not None]
        due = min(dues, default=None)
        if due is None:
            return
        if self._alarm is not None:
            if self._alarm_at <= due:
                return
            self._alarm.cancel()
        self._alarm_at = due
        self._alarm = self._loop.call_later(due - self._d.clock.now(), self._ring)

    def _ring(self) -> None:
        self._alarm = None
        self.run_due()

    # -- attempting -------------------------------------------------------------------------

    def _turn(self) -> None:
        self._turning = False
        if self._closed:
            return
        batch: list[Message] = []
        for lane in (self._instant, self._ordinary):
            take = lane.popleft
            for _ in range(min(TURN, len(lane))):
                batch.append(take())
        self._attempt(batch)
        self._wake()

    def _attempt(self, batch: list[Message]) -> None:
        now = self._d.clock.now()
        events: list[JournalEvent] = []
        final: list[Message] = []
        for message in batch:
            if message.final or self._moved.get(message.message_id, 0.0) > now:
                continue
            try:
                event = self._attempt_one(message, now + message.offset)
            except Exception as error:
                self._put_off(message, error)
                continue
            if event is not None:
                events.append(event)
            if message.final:
                final.append(message)
        if events:
            self._commit(events, final)

    def _attempt_one(self, message: Message, at: float) -> JournalEvent | None:
        """Attempt a delivery; gives what happened, None for a message that goes on waiting."""
        delivery = self._d
        ruling = "" if delivery.network.reporting(message) else delivery.release.judge(message, at)
        if ruling:
            if ruling != HOLD:
                return self._withheld(message, ruling, at)
            if at < delivery.network.expires_at(message):
                self._wait(message, HELD_S)
                return None
        subscriber, carrier = self._reached(message, at)
        result = delivery.network.attempt(message, subscriber, at)
        if isinstance(result, Retry):
            return self._retry(message, result, at)
        liability = delivery.codes.liability_of(result.state, result.error)
        message.attempts += 1
        message.carrier = carrier
        _conclude(message, result.state, result.error, at)
        return self._outcome(message, liability)

    def _withheld(self, message: Message, error: str, at: float) -> Outcome:
        """End a message that may not be sent any more."""
        _conclude(message, REJECTED, error, at)
        return self._outcome(message, self._d.codes.liability_of(REJECTED, error))

    def _retry(self, message: Message, result: Retry, at: float) -> Attempted:
        event = Attempted(
            at, message.message_id, message.attempts + 1, result.error, result.next_at
        )
        note_attempt(message, event)
        self._wait(message, result.next_at - at)
        if notified(message, self._multipart(message)):
            self._d.receipts.notify(message, at)
        return event

    def _outcome(self, message: Message, liability: str) -> Outcome:
        return Outcome(
            message.final_at,
            message.message_id,
            message.state,
            message.error,
            liability,
            message.carrier,
            message.attempts,
        )

    # -- settling ---------------------------------------------------------------------------

    def _commit(
        self,
        events: list[JournalEvent],
        final: list[Message],
        done: Callable[[bool], None] | None = None,
    ) -> None:
        if len(self._d.alerts):
            events += self._d.alerts.reached(final)
        self._d.journal.extend(events)
        self._d.journal.after_commit(partial(self._committed, events, final, done))

    def _committed(
        self,
        events: list[JournalEvent],
        final: list[Message],
        done: Callable[[bool], None] | None,
        stored: bool,
    ) -> None:
        if not stored:
            # The disk is full. Nobody has been told of these outcomes; offer them again.
            if not self._closed:
                self._loop.call_later(REPEAT_S, self._commit, events, final, done)
            return
        self._settle(final)
        if done is not None:
            done(stored)

    def _settle(self, final: list[Message]) -> None:
        """Hand on the receipts of messages whose outcomes are on disk, and count them."""
        delivery = self._d
        groups: dict[Group, list[float]] = {}
        durations: list[float] = []
        last: Message | None = None
        for message in final:
            if self._moved:
                self._moved.pop(message.message_id, None)
            if last is None or not _alike(message, last):
                key = (
                    message.account,
                    message.service,
                    message.carrier,
                    message.state,
                    delivery.codes.liability_of(message.state, message.error),
                )
                durations = groups.setdefault(key, [])
                last = message
            durations.append(message.final_at - message.at)
            if message.owed or owe(message, self._multipart(message)):
                delivery.receipts.owe(message)
            else:
                delivery.open_messages.forget(message)
        for group, durations in groups.items():
            delivery.finished(group, durations)

    def _multipart(self, message: Message) -> Multipart:
        return self._d.multipart.get(message.account, "segment")


def _alike(one: Message, other: Message) -> bool:
    """Say whether two messages certainly ended alike; repeating strings are shared."""
    return (
        one.account is other.account
        and one.service is other.service
        and one.carrier is other.carrier
        and one.state == other.state
        and one.error == other.error
    )


def _conclude(message: Message, state: int, error: str, at: float) -> None:
    message.state = state
    message.error = error
    message.final_at = at


__all__ = ["Delivery", "Dispatcher", "Receipts"]
