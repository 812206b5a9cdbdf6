"""Drive one `smpp.Session` in the role ESME over one TCP connection.

Requests return futures. What is queued in one turn of the loop goes out in one write, the session
has one timer, and a full window or write buffer makes `place` wait instead of piling up memory.
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from smpp.codec import reply
from smpp.constants import CommandStatus
from smpp.pdus import AlertNotification, DataSm, DeliverSm, Outbind, Pdu, Unbind
from smpp.session import Answered, Closed, Event, Refused, Session, SessionLimits, TimedOut
from smpp.states import Role

from .errors import ConnectionLostError, NoAnswerError

if TYPE_CHECKING:
    from gateway.ports import Clock

LINGER_S = 2.0

Incoming: TypeAlias = DeliverSm | DataSm
Acknowledge: TypeAlias = Callable[[Incoming], int | None]
"""Give the command_status to answer a delivery with; None leaves it unanswered."""


def always_ok(_pdu: Incoming) -> int | None:
    """Acknowledge every delivery."""
    return int(CommandStatus.ESME_ROK)


class EsmeConnection(asyncio.Protocol):
    """Own one connection to a message centre from `connection_made` to `connection_lost`.

    `on_delivery` gets every deliver_sm and data_sm before `acknowledge` says how to answer it;
    `on_pdu` everything else that the message centre starts (outbind, alert_notification).
    `on_wire`, when set, sees all octets: (data, sent).
    """

    def __init__(
        self,
        clock: Clock,
        limits: SessionLimits,
        on_delivery: Callable[[Incoming], None],
        acknowledge: Acknowledge = always_ok,
        on_pdu: Callable[[Pdu], None] | None = None,
    ) -> None:
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._on_delivery = on_delivery
        self._on_pdu = on_pdu
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = 0.0
        self._linger: asyncio.TimerHandle | None = None
        self._flushing = False
        self._paused = False
        self._waiting: deque[asyncio.Future[None]] = deque()
        self.acknowledge = acknowledge
        self.on_wire: Callable[[bytes, bool], None] | None = None
        self.session = Session(Role.ESME, limits, clock.now())
        self.close_reason = ""
        self.refusals: deque[Refused] = deque(maxlen=100)
        """What the message centre sent that the session could not accept, the last hundred."""
        self.lost: asyncio.Future[str] = self._loop.create_future()
        """Becomes the reason once the connection is gone."""

    # -- what the owner asks ----------------------------------------------------------------

    def request(self, pdu: Pdu) -> asyncio.Future[Pdu]:
        """Send a request; the future gives its response, whatever its command_status.

        The future fails with NoAnswerError after the response time and with ConnectionLostError
        when the session ends first. Raises LocalProtocolError when the state does not allow the
        request or the window is full (see `place`), ConnectionLostError when the session has ended.
        """
        if self.close_reason:
            raise ConnectionLostError(self.close_reason)
        answer: asyncio.Future[Pdu] = self._loop.create_future()
        self.session.send(pdu, self._clock.now(), answer)
        self.schedule_flush()
        return answer

    async def place(self) -> None:
        """Wait until the window and the write buffer have room for one more request.

        Raises ConnectionLostError when the session ends meanwhile.
        """
        while self._paused or self.session.window.free <= 0:
            waiter: asyncio.Future[None] = self._loop.create_future()
            self._waiting.append(waiter)
            await waiter
        if self.close_reason:
            raise ConnectionLostError(self.close_reason)

    def answer(self, pdu: Incoming, command_status: int = 0) -> None:
        """Answer a delivery that `acknowledge` left open; dropped after the end."""
        if not self.close_reason:
            self.session.respond(reply(pdu, command_status))
            self.schedule_flush()

    def write(self, data: bytes) -> None:
        """Write octets as they are, right or wrong, behind what is queued."""
        self._flush()
        self._write(data)

    def unbind(self) -> None:
        """Ask for the end of the session; `lost` follows."""
        self.session.unbind(self._clock.now())
        self.schedule_flush()

    def stall(self, *, on: bool) -> None:
        """Stop reading, as a client that hangs, or go on."""
        if self._transport is not None and not self._transport.is_closing():
            if on:
                self._transport.pause_reading()
            else:
                self._transport.resume_reading()

    def close(self, reason: str = "closed") -> None:
        """Send what is queued and close the connection without an unbind."""
        self._flush()
        self._end(reason)
        if self._transport is not None:
            self._transport.close()

    def abort(self, reason: str = "aborted") -> None:
        """Cut the connection at once."""
        self._end(reason)
        if self._transport is not None:
            self._transport.abort()

    # -- asyncio.Protocol -------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        connection = transport.get_extra_info("socket")
        if connection is not None and connection.family in (socket.AF_INET, socket.AF_INET6):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._arm()

    def data_received(self, data: bytes) -> None:
        if self.on_wire is not None:
            self.on_wire(data, False)
        self._carry_out(self.session.receive_data(data, self._clock.now()))

    def eof_received(self) -> bool:
        self._carry_out(self.session.receive_eof(self._clock.now()))
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.session.closed:
            self._carry_out(self.session.receive_eof(self._clock.now()))
        self._end("reset" if exc is not None else "eof")
        for handle in (self._timer, self._linger):
            if handle is not None:
                handle.cancel()
        self._transport = None
        if not self.lost.done():
            self.lost.set_result(self.close_reason)

    def pause_writing(self) -> None:
        self._paused = True

    def resume_writing(self) -> None:
        self._paused = False
        self._wake()

    # -- inside -----------------------------------------------------------------------------

    def _carry_out(self, events: list[Event]) -> None:
        if events and isinstance(events[-1], Closed):
            # The requests that end with the session come first and want to tell the reason.
            self.close_reason = self.close_reason or events[-1].reason
        for event in events:
            self._take(event)
        session = self.session
        if session.unbinding and session.unanswered <= 0:
            self._carry_out(session.answer_unbind())
        elif session.backlog:
            self._loop.call_soon(self._continue)
        self._wake()
        self._flush()

    def _take(self, event: Event) -> None:
        match event:
            case Answered(context=asyncio.Future() as answer, pdu=pdu):
                if not answer.done():
                    answer.set_result(pdu)
            case TimedOut(context=asyncio.Future() as answer):
                self._give_up(answer)
            case DeliverSm() | DataSm():
                self._deliver(event)
            case Closed(reason=reason):
                self._finish(reason)
            case Refused():
                self.refusals.append(event)
            case Unbind() | Answered() | TimedOut():
                pass
            case _:
                self._other(event)

    def _continue(self) -> None:
        self._carry_out(self.session.resume(self._clock.now()))

    def _deliver(self, pdu: Incoming) -> None:
        self._on_delivery(pdu)
        status = self.acknowledge(pdu)
        if status is not None:
            self.session.respond(reply(pdu, status))

    def _other(self, pdu: Pdu) -> None:
        if not isinstance(pdu, Outbind | AlertNotification):
            self.session.respond(reply(pdu, CommandStatus.ESME_RINVCMDID))
        if self._on_pdu is not None:
            self._on_pdu(pdu)

    def _give_up(self, answer: asyncio.Future[Any]) -> None:
        if answer.done():
            return
        if self.session.closed:
            answer.set_exception(ConnectionLostError(self.close_reason or "eof"))
        else:
            seconds = self.session.limits.response_s
            answer.set_exception(NoAnswerError(f"no response within {seconds:g} s"))
        # A request that nobody awaits any more (its caller was cancelled) is no error of ours.
        answer.exception()

    def _finish(self, reason: str) -> None:
        """The dialogue is over: send the rest and FIN, drain, close."""
        self._flush()
        self._end(reason)
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        if reason != "eof" and transport.can_write_eof():
            try:
                transport.write_eof()
            except OSError:
                # The peer has reset the connection, and the loop has not come to notice it yet.
                transport.abort()
                return
            self._linger = self._loop.call_later(LINGER_S, transport.close)
        else:
            transport.close()

    def _end(self, reason: str) -> None:
        self.close_reason = self.close_reason or reason
        self._wake()

    def _wake(self) -> None:
        """Let as many of those waiting in `place` go on as there is room; all after the end."""
        free = len(self._waiting) if self.close_reason else self.session.window.free
        while self._waiting and free > 0 and (not self._paused or self.close_reason):
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                free -= 1

    def schedule_flush(self) -> None:
        """Write at the end of this turn of the loop, so that requests share one write."""
        if not self._flushing:
            self._flushing = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._flushing = False
        self._write(self.session.data_to_send())
        if self.session.timer_moved:
            self._arm()

    def _write(self, data: bytes) -> None:
        if data and self._transport is not None and not self._transport.is_closing():
            if self.on_wire is not None:
                self.on_wire(data, True)
            self._transport.write(data)

    def _arm(self) -> None:
        self.session.timer_moved = False
        deadline = self.session.next_deadline()
        if deadline is None:
            return
        if self._timer is not None:
            if self._timer_at <= deadline:
                return
            self._timer.cancel()
        self._timer_at = deadline
        delay = max(0.0, deadline - self._clock.now())
        self._timer = self._loop.call_later(delay, self._fire)

    def _fire(self) -> None:
        self._timer = None
        if self._transport is None or self.session.closed:
            return
        now = self._clock.now()
        deadline = self.session.next_deadline()
        if deadline is not None and now >= deadline:
            self._carry_out(self.session.handle_timer(now))
        self._arm()
