"""Send deliver_sm to the ESMEs: receipts, notifications and uplink messages.

Each account has a spool. What is in it goes out on the account's receiving sessions in turn, as
far as their windows allow, until the ESME has acknowledged it: a refusal, a missing answer or the
end of the session puts it back. So an ESME that is away finds everything when it binds again,
oldest first. Instant messages' receipts go before ordinary ones'.

Limits: an entry older than its policy's age is dropped with a line in the journal. A spool has no
upper size of its own; when it holds more than the account's limit, new submissions are refused
with queue_full (`depth` is what that check reads), so nothing that was promised is thrown away.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

import msgspec

from gateway.ports import Clock, Journal
from routing.events import JournalEvent
from routing.receipts import LASTING_REFUSALS, ReceiptPolicy, send_again_at

from .wheel import Wheel

SESSION_ENDED = "session ended"
"""The detail of an answer that will not come: the session is over."""
REPEAT_S = 1.0
"""Pause before events that the full disk refused are offered to the journal again."""
SLICE = 128
"""Deliveries sent on one session before the next has its turn."""
TURN = 512
"""Deliveries sent to one account in one turn of the loop, a few milliseconds' work: however many
sessions and receipts it has, the others come next."""


class Item(Protocol):
    """Be one thing to deliver; see receipts.py and mo.py for the kinds."""

    attempts: int

    @property
    def kind(self) -> str:
        """Name what it is: receipt, notification or mo."""

    @property
    def account(self) -> str: ...
    @property
    def instant(self) -> bool: ...
    @property
    def since(self) -> float:
        """Monotonic time from which the age limit counts."""

    def encode(self, sequence_number: int, interface_version: int) -> bytes:
        """Give the deliver_sm PDU."""

    def acknowledged(self, at: float, session_id: int, sent_at: float) -> list[JournalEvent]:
        """Take in the ESME's ESME_ROK; give the events that record it."""

    def refused(self, at: float, session_id: int, status: int, detail: str) -> list[JournalEvent]:
        """Give the events that record a refusal; an item sent only once closes itself here."""

    def dropped(self, at: float, reason: str) -> list[JournalEvent]:
        """Close the item undelivered; give the events that record it."""

    @property
    def persistent(self) -> bool:
        """Say whether the item is sent again after a refusal."""


class Counted(Protocol):
    """Count deliveries for the metrics.

    `kind` is receipt, notification or mo, `result` sent, acknowledged, refused or dropped.
    """

    def __call__(self, kind: str, account: str, result: str, n: int) -> None: ...


class Window(Protocol):
    @property
    def free(self) -> int: ...
    def take(self, sequence_number: int) -> object: ...


class Receiver(Protocol):
    """Be a bound session as the outbox sees it."""

    session_id: int
    delivered: int

    @property
    def receives(self) -> bool: ...
    @property
    def interface_version(self) -> int: ...
    @property
    def window(self) -> Window: ...
    def reserve(self, context: object, now: float) -> int: ...
    def send_encoded(self, data: bytes, responses: int = 0) -> None: ...


class Sent(msgspec.Struct, gc=False):
    """Remember one delivery on its way: the context of its request in the session's window."""

    item: Item
    sent_at: float


@dataclass
class Spool:
    """Hold what one account has not acknowledged."""

    policy: ReceiptPolicy
    instant: deque[Item] = field(default_factory=deque)
    ordinary: deque[Item] = field(default_factory=deque)
    depth: int = 0
    """Everything not acknowledged: waiting, on its way, or waiting to be sent again."""
    turn: int = 0


class Outbox:
    """Own every delivery to an ESME until it is acknowledged or given up."""

    def __init__(
        self,
        clock: Clock,
        journal: Journal,
        loop: asyncio.AbstractEventLoop,
        receivers: Callable[[str], Sequence[Receiver]],
        policies: dict[str, ReceiptPolicy],
        counted: Counted,
    ) -> None:
        self._counted = counted
        self._clock = clock
        self._journal = journal
        self._loop = loop
        self._receivers = receivers
        self._spools = {account: Spool(policy) for account, policy in policies.items()}
        self._again: Wheel[Item] = Wheel(0.05)
        self._alarm: asyncio.TimerHandle | None = None
        self._alarm_at = 0.0
        self._pumping: set[str] = set()
        self._closed = False

    def depth(self, account: str) -> int:
        """Count what an account has not acknowledged."""
        spool = self._spools.get(account)
        return spool.depth if spool is not None else 0

    def put(self, item: Item) -> None:
        """Take one thing to deliver."""
        spool = self._spool(item.account)
        (spool.instant if item.instant else spool.ordinary).append(item)
        spool.depth += 1
        self.wake(item.account)

    def wake(self, account: str) -> None:
        """Send in the next loop iteration what the account's sessions can take."""
        if account not in self._pumping and not self._closed:
            self._pumping.add(account)
            self._loop.call_soon(self._pump, account)

    def acknowledged(
        self, receiver: Receiver, account: str, answers: list[tuple[object, int, str]]
    ) -> None:
        """Take answers to deliveries: (context, command_status, detail) each.

        A status below zero stands for no answer.
        """
        at = self._clock.at()
        events: list[JournalEvent] = []
        spool = self._spool(account)
        returned: list[Item] = []
        done: dict[str, int] = {}
        for context, status, detail in answers:
            if type(context) is not Sent:
                continue
            item = context.item
            try:
                if status == 0:
                    spool.depth -= 1
                    found = item.acknowledged(at, receiver.session_id, context.sent_at)
                    # A long uplink message is acknowledged once, by its last segment.
                    done[item.kind] = done.get(item.kind, 0) + len(found)
                    events += found
                elif detail == SESSION_ENDED and item.persistent:
                    item.attempts -= 1  # Cut off, it is no reason to wait longer next time.
                    returned.append(item)
                else:
                    self._refused(spool, item, status, detail, receiver.session_id, at, events)
            except Exception as error:
                self._report(item, error)
        for kind, n in done.items():
            self._counted(kind, account, "acknowledged", n)
        # Not the ESME's refusal: these go first to whoever binds next, in their old order.
        for item in reversed(returned):
            (spool.instant if item.instant else spool.ordinary).appendleft(item)
        self._record(events)
        if spool.instant or spool.ordinary:
            self.wake(account)

    def sweep(self) -> None:
        """Drop what is too old, in accounts whose receiver stays away."""
        now, at = self._clock.now(), self._clock.at()
        events: list[JournalEvent] = []
        for spool in self._spools.values():
            for lane in (spool.instant, spool.ordinary):
                while lane and now - lane[0].since > spool.policy.max_age_s:
                    spool.depth -= 1
                    events += self._dropped(lane.popleft(), at, "age")
        self._record(events)

    def close(self) -> None:
        """Send nothing more; what is not acknowledged is resumed by the next start."""
        self._closed = True
        if self._alarm is not None:
            self._alarm.cancel()

    # -- inside -----------------------------------------------------------------------------

    def _record(self, events: list[JournalEvent]) -> None:
        """Journal what became of deliveries; what a full disk refuses is offered again."""
        if events:
            self._journal.extend(events)
            self._journal.after_commit(partial(self._recorded, events))

    def _recorded(self, events: list[JournalEvent], stored: bool) -> None:
        if not stored and not self._closed:
            self._loop.call_later(REPEAT_S, self._record, events)

    def _report(self, item: Item, error: Exception) -> None:
        text = f"outbox: a {item.kind} for {item.account} failed"
        self._loop.call_exception_handler({"message": text, "exception": error})

    def _spool(self, account: str) -> Spool:
        spool = self._spools.get(account)
        if spool is None:
            spool = self._spools[account] = Spool(ReceiptPolicy())
        return spool

    def _pump(self, account: str) -> None:
        """Fill the windows of the account's receiving sessions, in turn."""
        self._pumping.discard(account)
        spool = self._spool(account)
        if self._closed or not (spool.instant or spool.ordinary):
            return
        receivers = [r for r in self._receivers(account) if r.receives and r.window.free > 0]
        if not receivers:
            return
        now, at = self._clock.now(), self._clock.at()
        start = spool.turn % len(receivers)
        spool.turn += 1
        left = TURN
        for receiver in receivers[start:] + receivers[:start]:
            left -= self._fill(account, receiver, min(left, SLICE), now, at)
            if left <= 0:
                break
        if (spool.instant or spool.ordinary) and any(
            r.receives and r.window.free > 0 for r in receivers
        ):
            self.wake(account)

    def _fill(self, account: str, receiver: Receiver, most: int, now: float, at: float) -> int:
        """Send what one session can take, at most so many; say how many went out."""
        spool = self._spool(account)
        version = receiver.interface_version
        room = min(most, receiver.window.free)
        pdus: list[bytes] = []
        sent: dict[str, int] = {}
        for lane in (spool.instant, spool.ordinary):
            while lane and len(pdus) < room:
                item = lane.popleft()
                item.attempts += 1
                sequence_number = receiver.reserve(Sent(item, at), now)
                try:
                    pdus.append(item.encode(sequence_number, version))
                    sent[item.kind] = sent.get(item.kind, 0) + 1
                except Exception as error:
                    # It never can be sent: let go of it, not of all that waits behind it.
                    receiver.window.take(sequence_number)
                    self._report(item, error)
                    spool.depth -= 1
                    self._record(self._dropped(item, at, "unsendable"))
        if pdus:
            for kind, n in sent.items():
                self._counted(kind, account, "sent", n)
            receiver.delivered += len(pdus)
            receiver.send_encoded(b"".join(pdus))
        return len(pdus)

    def _refused(
        self,
        spool: Spool,
        item: Item,
        status: int,
        detail: str,
        session_id: int,
        at: float,
        events: list[JournalEvent],
    ) -> None:
        events += item.refused(at, session_id, status, detail)
        self._counted(item.kind, item.account, "refused", 1)
        now = self._clock.now()
        too_old = now - item.since > spool.policy.max_age_s
        if not item.persistent:
            spool.depth -= 1
        elif too_old or status in LASTING_REFUSALS:
            spool.depth -= 1
            events += self._dropped(item, at, "age" if too_old else "refused")
        else:
            self._again.add(send_again_at(spool.policy, item.attempts, now), item)
            self._set_alarm()

    def _dropped(self, item: Item, at: float, reason: str) -> list[JournalEvent]:
        events = item.dropped(at, reason)
        self._counted(item.kind, item.account, "dropped", len(events))
        return events

    def _set_alarm(self) -> None:
        due = self._again.next_due()
        if due is None or self._closed:
            return
        if self._alarm is not None:
            if self._alarm_at <= due:
                return
            self._alarm.cancel()
        self._alarm_at = due
        self._alarm = self._loop.call_later(due - self._clock.now(), self._ring)

    def _ring(self) -> None:
        self._alarm = None
        for item in self._again.take(self._clock.now(), 1_000):
            spool = self._spool(item.account)
            (spool.instant if item.instant else spool.ordinary).append(item)
            self.wake(item.account)
        self._set_alarm()
