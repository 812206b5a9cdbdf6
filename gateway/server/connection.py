"""Drive one `smpp.Session` over one TCP connection.

The connection moves bytes and time; the session says what they mean; the `Host` decides. One
`data_received` handles all whole PDUs that arrived (in slices of the session's quantum, giving
the loop back in between), with one write for all responses, one timer and no task.

What is bounded: reading stops while a slice or a bind is waiting, while the write buffer is above
its limit, while the account's window is full (where it is to stop reading) and while its rate is
exceeded (where it is to be slowed down); a peer that does not read for `write_stall_s` is cut.
After the dialogue the requests that were read are answered, then the connection sends FIN, throws
away what still arrives (closing with unread input would send RST and could destroy the last
response) and closes.

A mistake of ours in handling one PDU is reported to the loop's exception handler and answered
ESME_RSYSERR; the session and all others go on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from smpp.codec import refusal, reply, response_to
from smpp.constants import BindMode, CommandStatus
from smpp.pdus import Pdu, SubmitSm
from smpp.session import Answered, Closed, Event, Refused, Session, SessionLimits, TimedOut
from smpp.session_events import end_of_run
from smpp.states import Role
from smpp.window import Window

if TYPE_CHECKING:
    from gateway.ports import Clock

LINGER_S = 2.0


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """Bound what a connection may hold; octets and seconds."""

    write_buffer: int = 262_144
    write_stall_s: float = 30.0


class Host(Protocol):
    """Be what a connection asks for decisions."""

    def connection_opened(self, connection: Connection) -> None: ...
    def connection_closed(self, connection: Connection, reason: str) -> None: ...
    def submits(
        self, connection: Connection, pdus: list[SubmitSm], octets: list[bytes]
    ) -> None: ...
    def request(self, connection: Connection, pdu: Pdu) -> None: ...
    def answered(self, connection: Connection, answers: list[Answered | TimedOut]) -> None: ...
    def refused(self, connection: Connection, refusal: Refused) -> None: ...
    def responded(self, responses: list[bytes]) -> None: ...
    def log_pdus(self, connection: Connection, data: bytes, *, sent: bool) -> None: ...


ANSWERS = (Answered, TimedOut)


class Connection(asyncio.Protocol):
    """Own one accepted connection from `connection_made` to `connection_lost`."""

    __slots__ = (
        "_clock",
        "_delay",
        "_ended",
        "_going_on",
        "_host",
        "_leaving",
        "_limits",
        "_linger",
        "_loop",
        "_paused",
        "_reading_paused",
        "_stall",
        "_timer",
        "_timer_at",
        "_transport",
        "account",
        "bound_at",
        "close_reason",
        "delivered",
        "logging_pdus",
        "mode",
        "opened_at",
        "overflow_closes",
        "peer",
        "requests_most",
        "session",
        "session_id",
        "stalled",
        "submitted",
        "system_id",
        "system_type",
        "unlogged",
    )

    def __init__(
        self,
        host: Host,
        loop: asyncio.AbstractEventLoop,
        clock: Clock,
        session_limits: SessionLimits,
        limits: ConnectionLimits,
        session_id: int,
    ) -> None:
        self._host = host
        self._loop = loop
        self._clock = clock
        self._limits = limits
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = 0.0
        self._stall: asyncio.TimerHandle | None = None
        self._linger: asyncio.TimerHandle | None = None
        self._delay: asyncio.TimerHandle | None = None
        self._paused = False
        self._reading_paused = False
        self._going_on = False
        self._leaving = False
        self._ended = False
        self.session = Session(Role.MC, session_limits, clock.now())
        self.session_id = session_id
        self.peer = ""
        self.opened_at = clock.at()
        self.bound_at = 0.0
        self.account = ""
        self.system_id = ""
        self.system_type = ""
        self.mode = ""
        self.close_reason = ""
        self.submitted = 0
        self.delivered = 0
        self.logging_pdus = False
        self.unlogged = b""
        """The beginning of a PDU whose rest has not come, for the log of PDUs alone."""
        self.stalled = False
        """Set by an operator: the connection stops reading (a simulated stall)."""
        self.requests_most = 0
        """Requests of the bound ESME that may wait for an answer; 0 = not bound yet."""
        self.overflow_closes = False
        """Whether the session ends when more of them wait."""

    # -- what the host may ask --------------------------------------------------------------

    @property
    def window(self) -> Window:
        """Give the window of our own requests."""
        return self.session.window

    @property
    def interface_version(self) -> int:
        return self.session.interface_version

    def reserve(self, context: object, now: float) -> int:
        """Take a place in the window; gives the sequence_number."""
        sequence_number = self.session.reserve(context, now)
        if self.session.timer_moved:
            self._arm()
        return sequence_number

    @property
    def receives(self) -> bool:
        """Say whether deliver_sm may be sent on this connection at this moment."""
        return (
            self.mode in ("RX", "TRX")
            and self.session.bound
            and not self.session.unbind_sent
            and not self._paused
            and not self._ended
            and not self.stalled
        )

    @property
    def open(self) -> bool:
        return not self._ended

    def transport_info(self, name: str) -> object:
        """Give what the transport knows by that name, such as `peercert`; None when nothing."""
        return None if self._transport is None else self._transport.get_extra_info(name)

    def send_encoded(self, data: bytes, responses: int = 0) -> None:
        """Write PDUs made by the host at once; after the end they are dropped."""
        transport = self._transport
        if data and transport is not None and not (self._ended or transport.is_closing()):
            if self.logging_pdus:
                self._host.log_pdus(self, data, sent=True)
            transport.write(data)
        if responses:
            self._answered(responses)

    def respond(self, response: bytes) -> None:
        """Answer one request, off the hot path."""
        self._host.responded([response])
        self.send_encoded(response, responses=1)

    def forget_request(self) -> None:
        """Count a request as done that is never answered (an injected fault)."""
        self._answered(1)

    def flush(self) -> None:
        """Write what the session has queued and arm its timer."""
        data = self.session.data_to_send()
        if data and self._transport is not None and not self._transport.is_closing():
            if self.logging_pdus:
                self._host.log_pdus(self, data, sent=True)
            self._transport.write(data)
        if self.session.timer_moved:
            self._arm()

    def unbind(self) -> None:
        """Ask the ESME to end; the session closes with its answer or after the response time."""
        self.session.unbind(self._clock.now())
        self.flush()
        if not self.session.bound and not self.session.unbinding:
            self.leave("unbind_by_us")

    def leave(self, reason: str) -> None:
        """Take nothing more, answer what was read, and close."""
        self.close_reason = self.close_reason or reason
        self._carry_out(self.session.receive_eof(self._clock.now()))

    def abort(self, reason: str) -> None:
        """Cut the connection now (RST when input is unread)."""
        self.close_reason = self.close_reason or reason
        self._ended = True
        if self._transport is not None:
            self._transport.abort()

    def delay_reading(self, seconds: float) -> None:
        """Read nothing for at least so long: the account sends faster than its rate."""
        until = self._loop.time() + seconds
        if self._ended or (self._delay is not None and self._delay.when() >= until):
            return
        if self._delay is not None:
            self._delay.cancel()
        self._delay = self._loop.call_at(until, self._read_again)
        self._set_reading()

    def stall(self, *, on: bool) -> None:
        """Stop or go on reading from this connection, as an overloaded carrier would."""
        self.stalled = on
        self._set_reading()
        self._go_on()

    def bind_answered(self) -> None:
        """Go on after the bind was answered: what was pipelined behind it is taken."""
        self.flush()
        self._set_reading()
        self._go_on()

    # -- asyncio.Protocol -------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.set_write_buffer_limits(high=self._limits.write_buffer)
        peername = transport.get_extra_info("peername")
        self.peer = peername[0] if peername else ""
        self._host.connection_opened(self)
        self._arm()

    def data_received(self, data: bytes) -> None:
        if self._ended:
            return
        if self.logging_pdus:
            self._host.log_pdus(self, data, sent=False)
        self._carry_out(self.session.receive_data(data, self._clock.now()))

    def eof_received(self) -> bool:
        if not self._ended:
            self._carry_out(self.session.receive_eof(self._clock.now()))
        # Only without TLS may the peer stop sending and still wait for its answers.
        transport = self._transport
        waits = self._leaving and not self._ended
        return waits and transport is not None and transport.can_write_eof()

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended = True
        for handle in (self._timer, self._stall, self._linger, self._delay):
            if handle is not None:
                handle.cancel()
        self._timer = self._stall = self._linger = self._delay = None
        events = self.session.receive_eof(self._clock.now())
        self._protect(self._tell_answers, [e for e in events if isinstance(e, ANSWERS)])
        if not self.close_reason:
            self.close_reason = "reset" if exc is not None else "eof"
        self._host.connection_closed(self, self.close_reason)
        self._transport = None

    def pause_writing(self) -> None:
        self._paused = True
        self._set_reading()
        self._stall = self._loop.call_later(self._limits.write_stall_s, self.abort, "write_stall")

    def resume_writing(self) -> None:
        self._paused = False
        if self._stall is not None:
            self._stall.cancel()
            self._stall = None
        self._set_reading()
        self._go_on()
        if not self._ended:
            self._host.answered(self, [])

    # -- inside -----------------------------------------------------------------------------

    def _answered(self, responses: int) -> None:
        """Count answers that went out; go on with what waited for them."""
        session = self.session
        session.unanswered -= responses
        if session.unanswered == 0:
            if session.unbinding:
                self._carry_out(session.answer_unbind())
            elif self._leaving:
                self._finish()
        if session.max_unanswered:
            self._go_on()

    def _go_on(self) -> None:
        """Take the next slice in the next turn of the loop, if there is one and it may be taken."""
        if self.session.backlog and not self._going_on and self._may_read():
            self._going_on = True
            self._loop.call_soon(self._continue)

    def _continue(self) -> None:
        self._going_on = False
        if not self._ended and self._may_read():
            self._carry_out(self.session.resume(self._clock.now()))

    def _read_again(self) -> None:
        self._delay = None
        self._set_reading()
        self._go_on()

    def _carry_out(self, events: list[Event]) -> None:
        """Hand the events to the host, runs of submit_sm and of answers as one list each."""
        index, count = 0, len(events)
        submits = 0
        octets = self.session.octets
        closed: Closed | None = None
        while index < count:
            event = events[index]
            end = end_of_run(events, index)
            if type(event) is SubmitSm:
                last = submits + end - index
                run: list[SubmitSm] = events[index:end]  # type: ignore[assignment]  # of one type
                self._protect(self._hand_submits, run, octets[submits:last])
                submits = last
            elif type(event) in ANSWERS:
                self._protect(self._tell_answers, events[index:end])
            elif type(event) is Closed:
                closed = event
            elif type(event) is Refused:
                self._protect(self._host.refused, self, event)
            else:
                self._protect(self._hand_request, event)
            index = end
        self._after(closed)

    def _after(self, closed: Closed | None) -> None:
        """Write what is queued, then end, go on with the rest, or wait for more."""
        session = self.session
        if closed is None and session.unbinding and session.unanswered == 0:
            self._carry_out(session.answer_unbind())
            return
        self.flush()
        if closed is not None:
            self._end(closed.reason)
        elif self._overflows():
            self.leave("window")
        else:
            self._set_reading()
            self._go_on()

    def _overflows(self) -> bool:
        """Say whether the session is to end because too many requests wait, and hasn't yet."""
        beyond = self.session.unanswered > self.requests_most
        return self.overflow_closes and beyond and not self._leaving

    def _protect(self, handle: Callable[..., None], *arguments: object) -> None:
        """Keep a mistake in handling some PDUs from the session and from all others."""
        try:
            handle(*arguments)
        except Exception as error:
            self._loop.call_exception_handler(
                {"message": f"session {self.session_id}: a PDU's handling failed"}
                | {"exception": error}
            )

    def _hand_submits(self, pdus: list[SubmitSm], octets: list[bytes]) -> None:
        try:
            self._host.submits(self, pdus, octets)
        except Exception:
            self.fail_requests(pdus)
            raise

    def _hand_request(self, pdu: Pdu) -> None:
        unanswered = self.session.unanswered
        try:
            self._host.request(self, pdu)
        except Exception:
            if self.session.binding:
                answer = reply(pdu, CommandStatus.ESME_RSYSERR)
                self.session.answer_bind(answer, BindMode.TRX, 0)
                self.bind_answered()
            elif response_to(pdu.command_id) is not None and self.session.unanswered == unanswered:
                self.fail_requests([pdu])
            raise

    def fail_requests(self, pdus: Sequence[Pdu]) -> None:
        """Answer requests that a mistake of ours keeps from being answered otherwise."""
        status = CommandStatus.ESME_RSYSERR
        answers = [refusal(pdu.command_id, pdu.sequence_number, status) for pdu in pdus]
        self._host.responded(answers)
        self.send_encoded(b"".join(answers), len(answers))

    def _tell_answers(self, events: Sequence[Event]) -> None:
        self._host.answered(self, list(events))  # type: ignore[arg-type]  # the caller chose them

    def _may_read(self) -> bool:
        return not (self._paused or self.stalled or self._delay is not None)

    def _set_reading(self) -> None:
        transport = self._transport
        if transport is None or self._ended or transport.is_closing():
            return
        wanted = self.session.wants_data and self._may_read()
        if wanted == self._reading_paused:
            self._reading_paused = not wanted
            if wanted:
                transport.resume_reading()
            else:
                transport.pause_reading()

    def _end(self, reason: str) -> None:
        """Let what was read be answered, then finish."""
        if self._ended or self._leaving:
            return
        self.close_reason = self.close_reason or reason
        self._leaving = True
        if self.session.unanswered > 0:
            self._linger = self._loop.call_later(LINGER_S, self._finish)
        else:
            self._finish()

    def _finish(self) -> None:
        """Send FIN, drain what still arrives, close."""
        if self._linger is not None:
            self._linger.cancel()
        transport = self._transport
        self._ended = True
        if transport is None or transport.is_closing():
            return
        if self.close_reason == "eof" or not transport.can_write_eof():
            transport.close()
            return
        try:
            transport.write_eof()
        except OSError:
            # The peer has closed, and what was just written brought a RST that the loop has
            # not come to notice yet.
            transport.abort()
            return
        if self._reading_paused:
            self._reading_paused = False
            transport.resume_reading()
        self._linger = self._loop.call_later(LINGER_S, transport.close)

    def _arm(self) -> None:
        """Set the one timer when the next deadline is nearer than the one set."""
        self.session.timer_moved = False
        deadline = self.session.next_deadline()
        if deadline is None:
            return
        if self._timer is not None:
            if self._timer_at <= deadline:
                return
            self._timer.cancel()
        self._timer_at = deadline
        self._timer = self._loop.call_later(deadline - self._clock.now(), self._fire)

    def _fire(self) -> None:
        self._timer = None
        if self._ended:
            return
        now = self._clock.now()
        deadline = self.session.next_deadline()
        if self._delay is not None and self.session.bound:
            self.session.held_back(now)
        if deadline is not None and now >= deadline:
            self._carry_out(self.session.handle_timer(now))
        if not self._ended:
            self._arm()
