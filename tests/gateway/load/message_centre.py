"""Play a small message centre on `smpp.Session`, scripted by its test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from gateway.clock import SystemClock
from smpp.codec import reply
from smpp.constants import ESM_TYPE_RECEIPT, BindMode, TlvTag
from smpp.pdus import DeliverSm, Pdu, SubmitSm, Unbind
from smpp.session import Session, SessionLimits
from smpp.states import MODE_OF_COMMAND, Role
from smpp.tlvs import Tlv

LIMITS = SessionLimits(window=100_000)


def receipt_of(submitted: SubmitSm, message_id: bytes, stat: bytes = b"DELIVRD") -> DeliverSm:
    """Make the receipt of a submission."""
    return DeliverSm(
        source_addr=submitted.destination_addr,
        destination_addr=submitted.source_addr,
        esm_class=ESM_TYPE_RECEIPT,
        short_message=b"id:%b sub:001 dlvrd:001 submit date:2603181200 done date:2603181201 "
        b"stat:%b err:000 text:" % (message_id, stat),
        tlvs=(
            Tlv(TlvTag.RECEIPTED_MESSAGE_ID, message_id + b"\0"),
            Tlv(TlvTag.MESSAGE_STATE, b"\x02"),
        ),
    )


class Dialogue(asyncio.Protocol):
    """Answer one ESME as the message centre's fields say."""

    def __init__(self, centre: MessageCentre) -> None:
        self.centre = centre
        self.session = Session(Role.MC, LIMITS, 0.0)
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.centre.dialogues.append(self)
        self.centre.changed.set()

    def data_received(self, data: bytes) -> None:
        now = SystemClock.now()
        events = self.session.receive_data(data, now)
        while True:
            for event in events:
                if isinstance(event, SubmitSm):
                    self._submit(event)
                elif isinstance(event, Unbind):
                    if self.centre.answers_unbind:
                        self.session.answer_unbind()
                elif getattr(event, "command_id", 0) in MODE_OF_COMMAND:
                    self._bind(event)  # type: ignore[arg-type]  # only PDUs have a command_id
                else:
                    self.centre.others.append(event)
            if not self.session.backlog:
                break
            events = self.session.resume(now)
        self.flush()
        self.centre.changed.set()
        if self.session.closed and self.transport is not None:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self.centre.ended.append(self)
        self.centre.changed.set()

    def send(self, pdu: Pdu) -> None:
        """Start a request of the message centre's own."""
        self.session.send(pdu, SystemClock.now())
        self.flush()

    def flush(self) -> None:
        data = self.session.data_to_send()
        if data and self.transport is not None:
            self.transport.write(data)

    def _bind(self, pdu: Pdu) -> None:
        status = self.centre.bind_status
        if status < 0:
            return
        fields = {} if status else {"system_id": b"centre"}
        answer = reply(pdu, status, **fields)
        self.session.answer_bind(answer, BindMode(MODE_OF_COMMAND[pdu.command_id]), 0x34)

    def _submit(self, pdu: SubmitSm) -> None:
        centre = self.centre
        centre.submitted.append(pdu)
        number = len(centre.submitted)
        message_id = b"%d" % number
        status = centre.status_of(number)
        if status is None:
            self.session.unanswered -= 1
            return
        fields = {} if status else {"message_id": message_id}
        self.session.respond(reply(pdu, status, **fields))
        if status or not pdu.registered_delivery or not centre.sends_receipts:
            return
        receiver = next(d for d in centre.dialogues if d.session.state.name in centre.receiving)
        receiver.session.send(receipt_of(pdu, message_id), SystemClock.now())
        if receiver is not self:
            receiver.flush()


@dataclass(slots=True)
class MessageCentre:
    """Hold what a test wants answered, and what was received.

    `bind_status` -1 leaves binds unanswered; `status_of` gives the status of the n-th
    submission, None for no response at all.
    """

    bind_status: int = 0
    status_of: Callable[[int], int | None] = lambda _number: 0
    sends_receipts: bool = True
    answers_unbind: bool = True
    receiving: tuple[str, ...] = ("BOUND_RX", "BOUND_TRX")
    port: int = 0
    submitted: list[SubmitSm] = field(default_factory=list)
    others: list[object] = field(default_factory=list)
    dialogues: list[Dialogue] = field(default_factory=list)
    ended: list[Dialogue] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something that was received makes the condition true."""
        async with asyncio.timeout(5):
            while not condition():
                self.changed.clear()
                await self.changed.wait()

    def push(self, data: bytes) -> None:
        """Write octets to the newest dialogue, as they are."""
        transport = self.dialogues[-1].transport
        assert transport is not None
        transport.write(data)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[MessageCentre]:
        """Accept connections on a free port of the loopback."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: Dialogue(self), "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for dialogue in self.dialogues:
                if dialogue.transport is not None:
                    dialogue.transport.abort()
            await server.wait_closed()
