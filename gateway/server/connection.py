"""Drive one `smpp.Session` over one TCP connection.

The connection moves bytes and time; the session says what they mean; the `Host` decides. One
`data_received` handles all whole PDUs that arrived (in slices of the session's quantum, giving
the loop back in between), with one write for all responses, one timer and no task.

What is bounded: reading stops while a slice is waiting, while the write buffer is above its limit
and while the host says that too much is undecided; a peer that does not read for `write_stall_s` is
cut. After the dialogue the connection sends FIN, throws away what still arrives (closing with
unread input would send RST and could destroy the last response) and closes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from smpp.pdus import Pdu, SubmitSm
from smpp.session import Answered, Closed, Event, Refused, Session, SessionLimits, TimedOut
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
    def log_pdus(self, connection: Connection, data: bytes, *, sent: bool) -> None: ...


ANSWERS = (Answered, TimedOut)


def _end_of_run(events: list[Event], index: int) -> int:
    """Find the end of the run of like events that begins at `index`."""
    kind = type(events[index])
    end = index + 1
    kinds = ANSWERS if kind in ANSWERS else (kind,) if kind is SubmitSm else ()
    while end < len(events) and type(events[end]) in kinds:
        end += 1
    return end


class Connection(asyncio.Protocol):
    """Own one accepted connection from `connection_made` to `connection_lost`."""

    __slots__ = (
        "_clock",
        "_ended",
        "_host",
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
        "peer",
        "session",
        "session_id",
        "stalled",
        "submitted",
        "system_id",
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
        self._paused = False
        self._reading_paused = False
        self._ended = False
        self.session = Session(Role.MC, session_limits, clock.now())
        self.session_id = session_id
        self.peer = ""
        self.opened_at = clock.at()
        self.bound_at = 0.0
        self.account = ""
        self.system_id = ""
        self.mode = ""
        self.close_reason = ""
        self.submitted = 0
        self.delivered = 0
        self.logging_pdus = False
        self.stalled = False
        """Set by an operator: the connection stops reading (a simulated stall)."""

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
            and not self._paused
            and not self._ended
            and not self.stalled
        )

    @property
    def open(self) -> bool:
        return not self._ended

    def send_encoded(self, data: bytes, responses: int = 0) -> None:
        """Write PDUs made by the host at once; after the end they are dropped."""
        session = self.session
        if responses:
            session.unanswered -= responses
        if not self._ended and self._transport is not None:
            if self.logging_pdus:
                self._host.log_pdus(self, data, sent=True)
            self._transport.write(data)
            if session.unanswered == 0:
                self._answers_are_out()

    def forget_request(self) -> None:
        """Count a request as done that is never answered (an injected fault)."""
        self.session.unanswered -= 1
        if self.session.unanswered == 0:
            self._answers_are_out()

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
        if not self.session.bound and not self._ended:
            self._end("unbind_by_us")

    def abort(self, reason: str) -> None:
        """Cut the connection now (RST when input is unread)."""
        self.close_reason = self.close_reason or reason
        if self._transport is not None:
            self._transport.abort()

    def stall(self, *, on: bool) -> None:
        """Stop or go on reading from this connection, as an overloaded carrier would."""
        self.stalled = on
        self._set_reading()

    def bind_answered(self) -> None:
        """Go on after the bind was answered: what was pipelined behind it is taken."""
        self.flush()
        if self.session.backlog:
            self._loop.call_soon(self._continue)

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
        return self.session.unanswered > 0 and not self._is_closing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended = True
        for handle in (self._timer, self._stall, self._linger):
            if handle is not None:
                handle.cancel()
        self._timer = self._stall = self._linger = None
        if not self.session.closed:
            events = self.session.receive_eof(self._clock.now())
            self._tell_answers([e for e in events if isinstance(e, Answered | TimedOut)])
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
        if not self._ended:
            self._host.answered(self, [])

    # -- inside -----------------------------------------------------------------------------

    def _answers_are_out(self) -> None:
        """Go on with what waited for the last answer: the unbind, or the end after a FIN."""
        if self.session.unbinding:
            self._carry_out(self.session.answer_unbind())
        elif self.session.closed and self._transport is not None:
            self._end(self.close_reason or "eof")

    def _continue(self) -> None:
        if not self._ended:
            self._carry_out(self.session.resume(self._clock.now()))

    def _carry_out(self, events: list[Event]) -> None:
        """Hand the events to the host, runs of submit_sm and of answers as one list each."""
        index, count = 0, len(events)
        submits = 0
        octets = self.session.octets
        closed: Closed | None = None
        while index < count:
            event = events[index]
            end = _end_of_run(events, index)
            if type(event) is SubmitSm:
                last = submits + end - index
                self._host.submits(self, events[index:end], octets[submits:last])  # type: ignore[arg-type]  # a run of one type
                submits = last
            elif type(event) in ANSWERS:
                self._tell_answers(events[index:end])
            elif isinstance(event, Closed):
                closed = event
            elif isinstance(event, Refused):
                self._host.refused(self, event)
            else:
                self._host.request(self, event)  # type: ignore[arg-type]  # only PDUs are left
            index = end
        self._after(closed)

    def _after(self, closed: Closed | None) -> None:
        """Write what is queued, then end, go on with the rest, or wait for more."""
        session = self.session
        if session.unbinding and session.unanswered == 0 and closed is None:
            more = session.answer_unbind()
            closed = next((event for event in more if isinstance(event, Closed)), None)
            self._tell_answers([event for event in more if isinstance(event, TimedOut)])
        self.flush()
        if closed is not None:
            self._end(closed.reason)
            return
        self._set_reading()
        if session.backlog:
            self._loop.call_soon(self._continue)

    def _tell_answers(self, events: Sequence[Event]) -> None:
        self._host.answered(self, list(events))  # type: ignore[arg-type]  # the caller chose them

    def _set_reading(self) -> None:
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        wanted = not (self._paused or self.stalled or self.session.backlog)
        if wanted == self._reading_paused:
            self._reading_paused = not wanted
            if wanted:
                transport.resume_reading()
            else:
                transport.pause_reading()

    def _is_closing(self) -> bool:
        return self._transport is None or self._transport.is_closing()

    def _end(self, reason: str) -> None:
        """Send FIN, drain what still arrives, close."""
        if self._ended:
            return
        self.close_reason = self.close_reason or reason
        transport = self._transport
        if transport is None:
            return
        if reason == "eof" and self.session.unanswered > 0:
            # The peer has stopped sending and still listens: its answers are on their way.
            self._linger = self._loop.call_later(LINGER_S, transport.close)
            return
        self._ended = True
        if transport.can_write_eof():
            transport.write_eof()
            if self._reading_paused:
                self._reading_paused = False
                transport.resume_reading()
            self._linger = self._loop.call_later(LINGER_S, transport.close)
        else:
            transport.close()

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
        self._timer = self._loop.call_at(deadline, self._fire)

    def _fire(self) -> None:
        self._timer = None
        if self._ended:
            return
        now = self._clock.now()
        deadline = self.session.next_deadline()
        if deadline is not None and now >= deadline:
            self._carry_out(self.session.handle_timer(now))
        if not self._ended:
            self._arm()
