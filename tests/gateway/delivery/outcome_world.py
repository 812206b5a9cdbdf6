"""Be one gateway's delivery, from one life to the next, and what must be true of it.

Dispatcher, outbox, requests, batching journal, its files, recovery and archive are the real ones;
whoever holds a `World` decides when the disk answers and what time it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import cache
from pathlib import Path
from typing import Any, cast

from config.settings import Settings
from gateway.archive.builder import ArchiveBuilder
from gateway.archive.database import reading_archive
from gateway.clock import ManualClock
from gateway.delivery.alerts import AlertOffice
from gateway.delivery.dispatcher import Delivery, Dispatcher
from gateway.delivery.outbox import Outbox
from gateway.delivery.receipts import ESM_NOTIFICATION, ReceiptOffice, writer_of
from gateway.journal.batching import BatchingJournal, Committed, StoreListener
from gateway.journal.committer import Chain
from gateway.journal.reader import SqliteJournalReader
from gateway.policy import Policy, compile_policy
from gateway.recovery import recover
from gateway.server.connection import Connection
from gateway.server.requests import RequestContext, Requests
from gateway.server.wire_ids import ShortIds, WireIds
from gateway.verification import verify
from routing.events import JournalEvent, Outcome, Replaced, Submission, decode_batch
from routing.message import DELETED, OUTCOMES, Message, begin
from routing.open_messages import OpenMessages
from routing.release import Release
from smpp.codec import decode
from smpp.constants import CommandStatus, TlvTag
from smpp.framing import HEADER
from smpp.pdus import CancelSm, DeliverSm, Pdu, ReplaceSm
from tests.support.inprocess import settings_of
from tests.support.submissions import AT, MESSAGE_ID

ACCOUNT = "police"
SENDER = "106590990371"
TURNS = 8
"""Turns of the loop in which everything that needs no disk and no time has happened."""
DAY_S = 86_400.0


@cache
def gateway_settings() -> Settings:
    return settings_of()


@cache
def policy() -> Policy:
    return compile_policy(gateway_settings())


class ManualLoop(asyncio.SelectorEventLoop):
    """Be a loop whose timers follow the test's clock."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__()
        self._clock = clock

    def time(self) -> float:
        return self._clock.now()


class HeldStore:
    """Hold the batch under way until the test says what becomes of it; keep it in real files."""

    def __init__(
        self, listener: StoreListener, data: Path, stored: Callable[[list[JournalEvent]], None]
    ) -> None:
        self.under_way: tuple[float, bytes] | None = None
        self._listener = listener
        self._chain = Chain(data, "normal")
        self._stored = stored

    def begin(self, at: float, blob: bytes) -> None:
        assert self.under_way is None, "one batch at a time"
        self.under_way = (at, blob)

    async def close(self, at: float) -> None:
        """Have nothing to close: a crash closes nothing either."""

    def keep(self) -> None:
        """Bring the batch to disk, and tell nobody."""
        assert self.under_way is not None
        at, blob = self.under_way
        self.under_way = None
        self._chain.commit(at, memoryview(blob))
        self._stored(decode_batch(blob))

    def answer(self, *, stored: bool) -> None:
        if stored:
            self.keep()
        self.under_way = None
        self._listener.committed(Committed(stored, 0.0, self._chain.position.sequence))


class Places:
    """Be a window with room for everything."""

    free = 1_000

    def take(self, sequence_number: int) -> object:
        return None


class Esme:
    """Be the bound session of the account: take receipts, and ask to cancel and to replace."""

    def __init__(self, world: World) -> None:
        self.session_id = 1
        self.delivered = 0
        self.receives = True
        self.interface_version = 0x34
        self.window = Places()
        self.account = ACCOUNT
        self.waiting: list[object] = []
        self._world = world
        self._sequence = 0
        self._asked: dict[int, Callable[[int], None]] = {}

    def reserve(self, context: object, now: float) -> int:
        self._sequence += 1
        self.waiting.append(context)
        return self._sequence

    def ask(self, pdu: Pdu, then: Callable[[int], None]) -> Pdu:
        """Number a request; `then(command_status)` is called with its answer."""
        self._sequence += 1
        pdu.sequence_number = self._sequence
        self._asked[self._sequence] = then
        return pdu

    def respond(self, data: bytes) -> None:
        """Take the answer to a request."""
        _length, _command, status, sequence = HEADER.unpack_from(data)
        self._asked.pop(sequence)(status)

    def send_encoded(self, data: bytes, responses: int = 0) -> None:
        """Take deliver_sms, one after another."""
        while data:
            length = HEADER.unpack_from(data)[0]
            pdu, data = decode(data[:length]), data[length:]
            assert isinstance(pdu, DeliverSm)
            self._world.receipt_came(pdu)


class World:
    """Own one gateway's delivery, from one life to the next, and what must be true of it."""

    def __init__(self, data: Path, used: Policy | None = None) -> None:
        """Begin a first life; a test that changes registries brings a policy of its own."""
        self.data = data
        self.policy = used or policy()
        self.clock = ManualClock(at=AT, now=1_000.0)
        self.loop = ManualLoop(self.clock)
        self.mistakes: list[dict[str, Any]] = []
        self.loop.set_exception_handler(lambda _loop, context: self.mistakes.append(context))
        self.submitted: set[int] = set()
        self.outcomes: dict[int, Outcome] = {}
        self.texts: dict[int, list[str]] = {}
        self.receipts: dict[int, bytes] = {}
        self.last_id = MESSAGE_ID
        self.start()

    def close(self) -> None:
        self.loop.close()

    # -- life and death -----------------------------------------------------------------------

    def start(self) -> None:
        """Begin a life with what the last one left on disk."""
        self.open = self.recovered()
        for message in self.open.messages.values():
            self.agrees(message)
            assert message.text == self.texts[message.message_id][-1]
        unfinished = self.submitted - self.outcomes.keys()
        assert unfinished == {one for one, m in self.open.messages.items() if not m.final}
        self.loop.run_until_complete(self._build())
        owing = [message for message in self.open.messages.values() if message.final]
        waiting = [message for message in self.open.messages.values() if not message.final]
        self.dispatcher.resume_receipts(owing)
        self.dispatcher.accept(waiting)
        self.turn()

    def recovered(self) -> OpenMessages:
        """Give what the last life left open."""
        return recover(self.data, policy().multipart).open

    async def _build(self) -> None:
        found, clock = self.policy, self.clock
        self.journal = BatchingJournal(clock, on_failure=self._failed)
        self.store = HeldStore(self.journal, self.data, self.stored)
        self.journal.use(self.store)
        self.esme = Esme(self)
        self.outbox = Outbox(
            clock,
            self.journal,
            self.loop,
            lambda _account: [self.esme],
            found.receipts,
            lambda _kind, _account, _result, _n: None,
        )
        account = gateway_settings().accounts[ACCOUNT]
        writer = writer_of(account.receipt, found.receipts[ACCOUNT], found.codes)
        self.dispatcher = Dispatcher(
            Delivery(
                clock,
                self.journal,
                found.network,
                found.subscribers,
                found.codes,
                self.open,
                ReceiptOffice(self.outbox, self.open, {ACCOUNT: writer}),
                found.multipart,
                lambda _group, _durations_s: None,
                Release(lambda: found.rules, gateway_settings().contract.breach),
                found.rules.registries.portability,
                AlertOffice(clock, lambda: self.journal, found.subscribers, lambda _account: ()),
            ),
            self.loop,
        )
        self.requests = Requests(
            RequestContext(
                clock,
                self.journal,
                self.open,
                self.dispatcher,
                {ACCOUNT: WireIds(account.receipt.message_id, ShortIds())},
                self._nobody,
                self._rejudged,
                self._no_task,
            )
        )

    def crash(self, *, kept: bool, archived: int) -> None:
        """Die; the batch under way is on disk or not, the archive is ahead by some batches."""
        if kept and self.store.under_way is not None:
            self.store.keep()
        self.dispatcher.close()
        self.outbox.close()
        # What the last life still had to do is forgotten, as it is by a death.
        self.journal.broken(OSError("dead"))
        builder = ArchiveBuilder(self.data, SqliteJournalReader(self.data), policy().multipart)
        while archived and builder.advance():
            archived -= 1
        builder.close()
        self.start()

    def turn(self) -> None:
        async def turns() -> None:
            for _ in range(TURNS):
                await asyncio.sleep(0)

        self.loop.run_until_complete(turns())

    # -- what happens ---------------------------------------------------------------------------

    def submit(self, event: Submission) -> None:
        message = begin(event)
        self.journal.append(event)

        def committed(stored: bool) -> None:
            if stored:
                self.dispatcher.accept([message])

        self.journal.after_commit(committed)
        self.turn()

    def cancel(self, one: int) -> None:
        pdu = CancelSm(message_id=b"%d" % one, source_addr=SENDER.encode())

        def answered(status: int) -> None:
            if status == CommandStatus.ESME_ROK:
                assert self.outcomes[one].state == DELETED, "what was cancelled is deleted"

        self.requests.cancel(self._connection(), cast("CancelSm", self.esme.ask(pdu, answered)))
        self.turn()

    def replace(self, one: int, text: str, schedule_delivery_time: bytes) -> None:
        pdu = ReplaceSm(
            message_id=b"%d" % one,
            source_addr=SENDER.encode(),
            registered_delivery=1,
            schedule_delivery_time=schedule_delivery_time,
            short_message=text.encode("utf-16-be"),
        )

        def answered(status: int) -> None:
            if status == CommandStatus.ESME_ROK:
                assert text in self.texts[one], "what was replaced is on disk"

        self.requests.replace(self._connection(), cast("ReplaceSm", self.esme.ask(pdu, answered)))
        self.turn()

    def answer_receipts(self, status: int, detail: str = "") -> None:
        """Let the ESME answer every receipt on its way."""
        waiting, self.esme.waiting = self.esme.waiting, []
        self.outbox.acknowledged(self.esme, ACCOUNT, [(one, status, detail) for one in waiting])
        self.turn()

    def settle(self) -> None:
        """Let everything happen that has to happen without a further fault."""
        for _day in range(12):
            for _round in range(6):
                while self.store.under_way is not None:
                    self.store.answer(stored=True)
                    self.turn()
                self.answer_receipts(int(CommandStatus.ESME_ROK))
                self.clock.advance(2.0)
                self.turn()
            self.clock.advance(DAY_S / 2)
            self.turn()

    # -- what must be true ----------------------------------------------------------------------

    def stored(self, events: list[JournalEvent]) -> None:
        """Hear of what is on disk from here on: the only truth."""
        for event in events:
            if isinstance(event, Submission):
                self.submitted.add(event.message_id)
                self.texts[event.message_id] = [event.text]
            elif isinstance(event, Replaced):
                self.texts[event.message_id].append(event.text)
            elif isinstance(event, Outcome):
                assert event.message_id in self.submitted
                assert event.state in OUTCOMES
                assert event.message_id not in self.outcomes, "a second outcome"
                self.outcomes[event.message_id] = event

    def receipt_came(self, pdu: DeliverSm) -> None:
        if pdu.esm_class == ESM_NOTIFICATION:
            return
        found = {tlv.tag: tlv.value for tlv in pdu.tlvs}
        one = int(found[TlvTag.RECEIPTED_MESSAGE_ID].rstrip(b"\0"))
        assert one in self.outcomes, "a receipt of an outcome that is not on disk"
        assert found[TlvTag.MESSAGE_STATE][0] == self.outcomes[one].state
        assert self.receipts.setdefault(one, pdu.short_message) == pdu.short_message

    def agrees(self, message: Message) -> None:
        """Compare a message in memory with its outcome on disk, once there is one."""
        outcome = self.outcomes.get(message.message_id)
        if outcome is not None:
            assert (message.state, message.error) == (outcome.state, outcome.error)
            assert message.final_at == outcome.at

    def check(self) -> None:
        if self.mistakes:
            raise AssertionError(self.mistakes) from self.mistakes[0].get("exception")
        for message in self.open.messages.values():
            self.agrees(message)
            if self.store.under_way is None and message.message_id in self.texts:
                assert message.text == self.texts[message.message_id][-1]

    def check_the_end(self) -> None:
        """See, when all faults are over, that every message has its outcome, in the archive too."""
        self.check()
        assert self.outcomes.keys() == self.submitted
        assert self.open.messages == {}
        builder = ArchiveBuilder(self.data, SqliteJournalReader(self.data), policy().multipart)
        while builder.advance():
            pass
        builder.close()
        with reading_archive(self.data) as archive:
            query = "SELECT id, state FROM messages WHERE final_ms IS NOT NULL AND state > 1"
            rows = dict(archive.execute(query).fetchall())
        assert rows == {one: outcome.state for one, outcome in self.outcomes.items()}
        assert [str(problem) for problem in verify(self.data).problems] == []

    # -- stand-ins ------------------------------------------------------------------------------

    def _connection(self) -> Connection:
        # Of a connection, these requests use the account and the way back.
        return cast("Connection", self.esme)

    def _failed(self, error: Exception) -> None:
        assert str(error) == "dead"

    def _rejudged(self, connection: Connection, message: Message, pdu: ReplaceSm) -> Replaced:
        schedule_at = message.schedule_at
        if pdu.schedule_delivery_time:
            schedule_at = self.clock.at() + float(pdu.schedule_delivery_time)
        text = pdu.short_message.decode("utf-16-be")
        at, valid = self.clock.at(), message.validity_at
        return Replaced(at, message.message_id, text, 8, 1, 1, valid, schedule_at)

    async def _nobody(self, number: int) -> None:
        return None

    def _no_task(self, task: Coroutine[Any, Any, None], name: str) -> object:
        raise AssertionError(f"{name}: {task} is not asked for here")
