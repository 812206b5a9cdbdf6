"""Send and answer at full speed on one connection.

The load generator shares the machine with the gateway it measures, so it must cost little: PDUs
are sent from ready-made frames, and of what comes in only the fields that are counted are looked
at, in place, without an object for each. All the rest of the protocol (binding, unbinding, what
is rare or unknown) goes through the codec.

A stream keeps `window` requests outstanding. In the closed loop it fills the window whenever
responses arrive; in the open loop `owe` tells it what has fallen due, and latency counts from then.
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from itertools import repeat
from struct import Struct
from typing import Final

from smpp.codec import decode, encode, refusal, reply
from smpp.constants import (
    ESM_TYPE_MASK,
    ESM_TYPE_RECEIPT,
    MAX_SEQUENCE_NUMBER,
    RECEIPT_WORDS,
    RESPONSE_BIT,
    CommandId,
    CommandStatus,
)
from smpp.errors import SmppError
from smpp.framing import check_length
from smpp.pdus import AlertNotification, DataSm, DeliverSm, EnquireLink, Outbind, Pdu, Unbind

from .inbox import read_receipt
from .tally import Tally
from .traffic import FrameRing

MAX_PDU: Final = 70_000
BATCH: Final = 500
"""PDUs in one write at most, so that the first of them does not wait for the last."""
WRITE_BUFFER: Final = 1_048_576
_SUBMIT_SM_RESP: Final = int(CommandId.SUBMIT_SM_RESP)
_DELIVER_SM: Final = int(CommandId.DELIVER_SM)
_SYSTEM_ERROR: Final = int(CommandStatus.ESME_RSYSERR)
_GENERIC_NACK: Final = int(CommandId.GENERIC_NACK)
_REQUESTS_LOST: Final = frozenset({_SUBMIT_SM_RESP, _GENERIC_NACK})
_unpack_header = Struct(">IIII").unpack_from
_DELIVER_SM_RESP_HEAD: Final = Struct(">III").pack(17, CommandId.DELIVER_SM_RESP, 0)
_DELIVER_SM_RESP_JOINT: Final = b"\0" + _DELIVER_SM_RESP_HEAD


class Stream(asyncio.Protocol):
    """Own one bound connection of a load run.

    `grant(n)` says how many of n messages may still be sent in the run. `ring` is None for a
    stream that only receives.
    """

    def __init__(
        self,
        tally: Tally,
        ring: FrameRing | None,
        window: int,
        grant: Callable[[int], int],
        clock: Callable[[], float],
    ) -> None:
        self._tally = tally
        self.ring = ring
        """What is sent next; None for a stream that only receives."""
        self._window = window
        self._grant = grant
        self._now = clock
        self._transport: asyncio.Transport | None = None
        self._rest = b""
        self._sequence_number = 0
        self._outstanding: dict[int, float] = {}
        self._owed: deque[tuple[float, int]] = deque()
        self._paused = False
        self._answers: dict[int, asyncio.Future[Pdu]] = {}
        self.filling = False
        """Whether the stream keeps its window full by itself (the closed loop)."""
        self.bound = False
        self.ending = False
        """Whether the end of the connection is expected."""
        self.owing = 0
        """Messages due that wait for a place in the window."""
        self.heard_at = clock()
        self.lost: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    @property
    def outstanding(self) -> int:
        return len(self._outstanding)

    @property
    def alive(self) -> bool:
        return self._transport is not None

    # -- what the worker asks ---------------------------------------------------------------

    def request(self, pdu: Pdu) -> asyncio.Future[Pdu]:
        """Send a request that is no submission; the future gives its response.

        It fails with ConnectionResetError when the connection ends first.
        """
        self._sequence_number = self._sequence_number % MAX_SEQUENCE_NUMBER + 1
        pdu.sequence_number = self._sequence_number
        future: asyncio.Future[Pdu] = asyncio.get_running_loop().create_future()
        if self._transport is None:
            future.set_exception(ConnectionResetError("the connection has ended"))
            return future
        self._answers[pdu.sequence_number] = future
        self._transport.write(encode(pdu))
        return future

    def owe(self, count: int, due_at: float) -> None:
        """Let `count` messages fall due, and send what the window allows."""
        self._owed.append((due_at, count))
        self.owing += count
        self.send_due()

    def send_due(self, first: bytes = b"") -> None:
        """Write `first` and whatever may be sent, in one go."""
        transport = self._transport
        if transport is None:
            return
        data = first
        if self.ring is not None and not self._paused:
            if self.filling:
                data += self._fill(self.ring)
            elif self._owed:
                data += self._pay(self.ring)
        if data:
            transport.write(data)

    def stop(self) -> int:
        """Send no more; give the messages that were due and were not sent."""
        self.filling = False
        unsent, self.owing = self.owing, 0
        self._owed.clear()
        return unsent

    def expire(self, before: float) -> None:
        """Give up the requests that were due before a time: they count as unanswered."""
        expired = [number for number, due_at in self._outstanding.items() if due_at < before]
        for number in expired:
            del self._outstanding[number]
        self._tally.unanswered += len(expired)
        if expired:
            self.send_due()

    def keep_alive(self) -> None:
        """Send an enquire_link and don't wait for its answer."""
        if self._transport is not None:
            self._sequence_number = self._sequence_number % MAX_SEQUENCE_NUMBER + 1
            self._transport.write(encode(EnquireLink(sequence_number=self._sequence_number)))

    async def unbind(self, timeout_s: float) -> None:
        """End the session; one that is not bound or does not answer in time is cut."""
        self.ending = True
        if self.bound and self._transport is not None:
            with suppress(TimeoutError, ConnectionError):
                async with asyncio.timeout(timeout_s):
                    await self.request(Unbind())
        if self._transport is not None:
            self._transport.abort()

    # -- asyncio.Protocol -------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.set_write_buffer_limits(high=WRITE_BUFFER)
        connection = transport.get_extra_info("socket")
        if connection is not None and connection.family in (socket.AF_INET, socket.AF_INET6):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._tally.unanswered += len(self._outstanding)
        self._outstanding.clear()
        for future in self._answers.values():
            if not future.done():
                future.set_exception(ConnectionResetError("the connection has ended"))
                future.exception()
        self._answers.clear()
        reason = "reset" if exc is not None else "closed by the message centre"
        if not self.ending:
            self._tally.closings[reason] += 1
        if not self.lost.done():
            self.lost.set_result(reason)

    def pause_writing(self) -> None:
        self._paused = True

    def resume_writing(self) -> None:
        self._paused = False
        self.send_due()

    def data_received(self, data: bytes) -> None:
        now = self.heard_at = self._now()
        if self._rest:
            data = self._rest + data
        size = len(data)
        position = 0
        accepted: list[int] = []
        message_ids: list[bytes] = []
        deliveries: list[tuple[int, int]] = []
        output = b""
        while size - position >= 16:
            length, command_id, status, number = _unpack_header(data, position)
            end = position + length
            if end > size or length < 16:
                break
            if command_id == _SUBMIT_SM_RESP and not status:
                accepted.append(number)
                message_ids.append(data[position + 16 : end - 1])
            elif command_id == _DELIVER_SM:
                deliveries.append((position, end))
            else:
                output += self._take_other(data, position, end, now)
            position = end
        self._rest = data[position:]
        if len(self._rest) >= 4:
            self._check_length()
        if accepted:
            sent = list(map(self._outstanding.pop, accepted, repeat(None)))
            self._tally.note_accepted(sent, message_ids, now)
        if deliveries:
            output += self._take_deliveries(data, deliveries, now)
        self.send_due(output)

    # -- inside -----------------------------------------------------------------------------

    def _fill(self, ring: FrameRing) -> bytes:
        """Take as many messages as the window has room for."""
        free = min(self._window - len(self._outstanding), BATCH)
        if free <= 0:
            return b""
        count = self._grant(free)
        return self._take(ring, count, self._now()) if count else b""

    def _pay(self, ring: FrameRing) -> bytes:
        """Take of the messages that are due as many as the window has room for."""
        data = b""
        owed = self._owed
        while owed:
            free = self._window - len(self._outstanding)
            if free <= 0:
                break
            due_at, count = owed.popleft()
            taken = min(free, count)
            if taken < count:
                owed.appendleft((due_at, count - taken))
            self.owing -= taken
            data += self._take(ring, taken, due_at)
        return data

    def _take(self, ring: FrameRing, count: int, due_at: float) -> bytes:
        if self._sequence_number > MAX_SEQUENCE_NUMBER - count:
            self._sequence_number = 0
        first = self._sequence_number + 1
        self._sequence_number += count
        self._outstanding.update(dict.fromkeys(range(first, first + count), due_at))
        self._tally.submitted += count
        return ring.batch(count, first)

    def _take_deliveries(self, data: bytes, places: list[tuple[int, int]], now: float) -> bytes:
        """Count the deliver_sm at these places and give the responses to all of them."""
        message_ids: list[bytes] = []
        words: list[bytes] = []
        index, find = data.index, data.find
        for start, end in places:
            # service_type NUL ton npi source NUL ton npi destination NUL esm_class
            try:
                at = index(0, index(0, index(0, start + 16) + 3) + 3) + 1
                kind = data[at] & ESM_TYPE_MASK
            except (ValueError, IndexError):
                at, kind = end, 0
            if kind != ESM_TYPE_RECEIPT:
                self._tally.uplinks += 1
                continue
            id_at = find(b"id:", at, end)
            id_end = find(b" ", id_at, end)
            word_at = find(b"stat:", at, end)
            if id_at < 0 or id_end < 0 or word_at < 0:
                message_id, word = _read_unusual(data, start, end)
            else:
                message_id = data[id_at + 3 : id_end]
                word = data[word_at + 5 : word_at + 12]
            message_ids.append(message_id)
            words.append(word)
        self._tally.note_receipts(message_ids, words, now)
        numbers = [data[start + 12 : start + 16] for start, _end in places]
        return _DELIVER_SM_RESP_HEAD + _DELIVER_SM_RESP_JOINT.join(numbers) + b"\0"

    def _take_other(self, data: bytes, start: int, end: int, now: float) -> bytes:
        """Take a PDU that is rare; give what to answer."""
        _length, command_id, status, number = _unpack_header(data, start)
        if command_id in _REQUESTS_LOST and number not in self._answers:
            self._tally.note_refused(status, self._outstanding.pop(number, None), now)
            return b""
        try:
            pdu = decode(data, start, end)
        except SmppError:
            return refusal(command_id, number, _SYSTEM_ERROR) if command_id < RESPONSE_BIT else b""
        if command_id & RESPONSE_BIT:
            answer = self._answers.pop(number, None)
            if answer is not None and not answer.done():
                answer.set_result(pdu)
            return b""
        if isinstance(pdu, Outbind | AlertNotification):
            return b""
        if isinstance(pdu, DataSm):
            self._tally.uplinks += 1
        response = encode(reply(pdu))
        if isinstance(pdu, Unbind) and self._transport is not None:
            self._transport.write(response)
            self._transport.close()
            return b""
        return response

    def _check_length(self) -> None:
        """Cut the connection when what follows can be no PDU."""
        try:
            check_length(self._rest, 0, MAX_PDU)
        except SmppError:
            self._rest = b""
            if self._transport is not None:
                self._transport.abort()


def _read_unusual(data: bytes, start: int, end: int) -> tuple[bytes, bytes]:
    """Read message_id and state of a receipt whose text is not of the usual form."""
    try:
        pdu = decode(data, start, end)
    except SmppError:
        return b"", b""
    if not isinstance(pdu, DeliverSm):
        return b"", b""
    receipt = read_receipt(pdu)
    word = receipt.stat or RECEIPT_WORDS.get(receipt.state, "")
    return receipt.message_id.encode("latin-1"), word.encode("latin-1")
