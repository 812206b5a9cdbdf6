"""Be an ordinary customer at a steady rate, and measure how the gateway treats it meanwhile.

A canary is one session in a thread of the test. It submits by the clock, whether or not answers
have come, so that a gateway that stands still is measured as long as it does.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from .octets import (
    DELIVER,
    DELIVER_RESP,
    ENQUIRE,
    FIRST_RECIPIENT,
    HEADER,
    RESPONSE,
    SUBMIT_RESP,
    Text,
    bind,
    pdu,
    receipt_of,
    submit,
)

WITHIN_S = 20.0
TEXT = "【示例警务】您的居住证签注将于30日后到期。"


def p99(durations_s: Sequence[float]) -> float:
    """Give the 99th percentile by nearest rank, the longest of fewer than a hundred."""
    assert durations_s, "nothing was measured"
    return sorted(durations_s)[max(0, -(-len(durations_s) * 99 // 100) - 1)]


@dataclass(slots=True)
class Measured:
    """Hold what one canary met; all times in seconds."""

    sent: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    answers_s: list[float] = field(default_factory=list)
    """From each submit_sm to its response."""
    receipts_s: list[float] = field(default_factory=list)
    """From each submit_sm to its receipt."""

    @property
    def accepted(self) -> int:
        return self.statuses[0]


class _Session(asyncio.Protocol):
    """Speak for the canary on its connection."""

    def __init__(self, canary: Canary, lost: asyncio.Event) -> None:
        self._canary = canary
        self._buffer = b""
        self._sequence = 1
        self._sent_at: dict[int, float] = {}
        self._submitted_at: dict[str, float] = {}
        self._early: dict[str, float] = {}
        self._transport: asyncio.Transport | None = None
        self._lost = lost
        self.bound: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.measured = Measured()

    @property
    def settled(self) -> bool:
        """Say whether every answer has come, and every receipt of an accepted message."""
        missing = self.measured.accepted - len(self.measured.receipts_s)
        return not self._sent_at and (missing == 0 or not self._canary.asks)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        mode = "trx" if self._canary.asks else "tx"
        transport.write(bind(mode, 1, self._canary.system_id.encode(), b"secret08"))

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost.set()

    def submit(self) -> None:
        """Send one message."""
        assert self._transport is not None
        self._sequence += 1
        self._sent_at[self._sequence] = time.monotonic()
        self.measured.sent += 1
        recipient = b"%d" % (FIRST_RECIPIENT + self._sequence % 100_000)
        canary = self._canary
        content = Text(TEXT, recipient, canary.asks, service_type=canary.service_type)
        self._transport.write(submit(self._sequence, content))

    def data_received(self, data: bytes) -> None:
        now = time.monotonic()
        self._buffer += data
        at, end = 0, len(self._buffer)
        out: list[bytes] = []
        while end - at >= HEADER.size:
            length, command_id, status, sequence = HEADER.unpack_from(self._buffer, at)
            if end - at < length:
                break
            body = self._buffer[at + HEADER.size : at + length]
            at += length
            if command_id == SUBMIT_RESP:
                self._answered(status, sequence, body, now)
            elif command_id == DELIVER:
                self._delivered(body, now)
                out.append(pdu(DELIVER_RESP, sequence, b"\0"))
            elif command_id == ENQUIRE:
                out.append(pdu(ENQUIRE | RESPONSE, sequence))
            elif sequence == 1 and not self.bound.done():
                self.bound.set_result(status)
        self._buffer = self._buffer[at:]
        if out and self._transport is not None:
            self._transport.write(b"".join(out))

    def _answered(self, status: int, sequence: int, body: bytes, now: float) -> None:
        sent_at = self._sent_at.pop(sequence)
        self.measured.statuses[status] += 1
        self.measured.answers_s.append(now - sent_at)
        if status or not self._canary.asks:
            return
        message_id = body[:-1].decode("ascii")
        early = self._early.pop(message_id, None)
        if early is None:
            self._submitted_at[message_id] = sent_at
        else:
            self.measured.receipts_s.append(early - sent_at)

    def _delivered(self, body: bytes, now: float) -> None:
        found = receipt_of(body)
        if found is None:
            return
        sent_at = self._submitted_at.pop(found[0], None)
        if sent_at is None:
            # Another session's, whose receipts come here as well, or one that was very fast.
            self._early[found[0]] = now
        else:
            self.measured.receipts_s.append(now - sent_at)


@dataclass(slots=True)
class Canary:
    """Submit `rate` messages per second from `with` to its end; then see `measured`."""

    port: int
    rate: float = 100.0
    system_id: str = "police"
    asks: bool = False
    """Ask for receipts and measure when they come."""
    service_type: bytes = b""
    measured: Measured = field(default_factory=Measured)
    _stop: threading.Event = field(default_factory=threading.Event)
    _bound: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _error: BaseException | None = None

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._run, name="canary", daemon=True)
        self._thread.start()
        assert self._bound.wait(WITHIN_S), "the canary is not bound"
        if self._error is not None:
            raise self._error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        assert self._thread is not None
        self._thread.join(2 * WITHIN_S)
        if error is None and self._error is not None:
            raise self._error

    def measure(self, seconds: float) -> Measured:
        """Wait so long, stop, and give what was met."""
        self._stop.wait(seconds)
        self.__exit__(None, None, None)
        return self.measured

    def _run(self) -> None:
        try:
            asyncio.run(self._submit())
        except BaseException as error:
            self._error = error
        self._bound.set()

    async def _submit(self) -> None:
        loop = asyncio.get_running_loop()
        lost = asyncio.Event()
        transport, session = await loop.create_connection(
            lambda: _Session(self, lost), "127.0.0.1", self.port
        )
        async with asyncio.timeout(WITHIN_S):
            status = await session.bound
        assert status == 0, f"the canary's bind was refused: 0x{status:02x}"
        self.measured = session.measured
        self._bound.set()
        began = loop.time()
        while not self._stop.is_set():
            assert not lost.is_set(), "the canary's session was ended"
            while session.measured.sent < (loop.time() - began) * self.rate:
                session.submit()
            await asyncio.sleep(min(0.5 / self.rate, 0.01))
        try:
            async with asyncio.timeout(WITHIN_S):
                while not session.settled:
                    assert not lost.is_set(), "the canary's session was ended"
                    await asyncio.sleep(0.005)
        except TimeoutError:
            raise AssertionError(f"not answered in {WITHIN_S:g} s: {session.measured}") from None
        transport.abort()
