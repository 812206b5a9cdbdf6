"""Hold one SMPP dialogue, in either role, without I/O, clock or tasks.

Rules of this file:

1. Bytes, time and decisions come in through methods; bytes to write and events come out. A driver
   calls `receive_data`, carries out the events, writes `data_to_send()`, arms one timer for
   `next_deadline()` and calls `handle_timer`. The same class serves the gateway (role MC), the
   load generator, the command line and the tests (role ESME).
2. The session answers by itself only what the protocol alone decides: enquire_link, operations
   not allowed in the state, undecodable PDUs, unknown commands, bad lengths. Every other request
   is handed over as an event (the PDU object itself) and counted in `unanswered` until the driver
   answers it. An unbind ends the intake at once; its answer waits until the driver calls
   `answer_unbind`, so that the requests before it are answered before it.
3. A response is never answered (SMPP 3.4 §2.8). One that belongs to no request of ours is dropped
   and counted.
4. Work is given back after `limits.quantum` PDUs, or a submit_multi, which is as much: `backlog` is
   then true and `resume` goes on.
   A bind stops the intake until the driver has answered it, since it may be decided elsewhere
   while a pipelined submit_sm is waiting behind it.

Three tiers of trouble: more bytes are needed (nothing happens); the header is fine and the body is
not (the field's own status is answered, the session lives); command_length is wrong (generic_nack
ESME_RINVCMDLEN, then `Closed`: the stream can't be read on). The state tables are in `states.py`.
"""

from __future__ import annotations

from collections.abc import Callable

from .codec import command_name, decode, encode, refusal, reply, response_to
from .codec_hot import (
    decode_deliver_sm,
    decode_deliver_sm_resp,
    decode_submit_sm,
    decode_submit_sm_resp,
)
from .constants import (
    MAX_SEQUENCE_NUMBER,
    RESPONSE_BIT,
    BindMode,
    CommandId,
    CommandStatus,
)
from .errors import DecodeError, FramingError, LocalProtocolError
from .framing import LENGTH_OCTETS, check_length, take_frames
from .pdus import EnquireLink, GenericNack, Pdu, Unbind
from .session_events import Answered, Closed, Event, Refused, SessionLimits, TimedOut
from .states import (
    BOUND_STATES,
    MODE_OF_COMMAND,
    PEER_MAY_START,
    STATE_OF_MODE,
    WE_MAY_START,
    WITHOUT_RESPONSE,
    Role,
    SessionState,
)
from .window import ENQUIRE, UNBIND, BindRequest, OwnRequest, Window, callers_context

KEPT_OCTETS = 256
LAST_OF_SLICE = frozenset({int(CommandId.SUBMIT_MULTI), int(CommandId.UNBIND)})
"""Requests behind which no other is taken at once: a submit_multi asks for the work of up to 255
others."""

HOT_DECODERS: dict[int, Callable[[bytes, int, int, int], Pdu]] = {
    CommandId.SUBMIT_SM: decode_submit_sm,
    CommandId.DELIVER_SM: decode_deliver_sm,
}
HOT_RESPONSE_DECODERS: dict[int, Callable[[bytes, int, int, int, int], Pdu]] = {
    CommandId.SUBMIT_SM_RESP: decode_submit_sm_resp,
    CommandId.DELIVER_SM_RESP: decode_deliver_sm_resp,
}


class Session:
    """Speak SMPP on one connection. See the module's rules."""

    def __init__(self, role: Role, limits: SessionLimits, now: float) -> None:
        self.role = role
        self.limits = limits
        self.state = SessionState.OPEN
        self.interface_version = 0x34
        self.window = Window(limits.window, limits.response_s)
        self.unanswered = 0
        """Requests of the peer that were handed over and not answered."""
        self.octets: list[bytes] = []
        """The whole octets of each SubmitSm and DeliverSm among the last events, in their order."""
        self.stray_responses = 0
        self.enquired = self.enquiries = self.enquiries_answered = self.unbinds_answered = 0
        """Count the peer's enquire_links, ours, and the responses to ours and to our unbind."""
        self.quantum = limits.quantum
        """PDUs taken before the work is given back; the driver may lower it."""
        self.max_unanswered = 0
        """Take no more PDUs while so many requests wait for an answer; 0 = no such limit."""
        self.unbind_sent = False
        """Set once we asked the peer to end: send it nothing more."""
        self.timer_moved = True
        """Set when `next_deadline` may have come nearer; the driver clears it."""
        self._buffer = b""
        self._position = 0
        self._starved = True
        self._output: list[bytes] = []
        self._sequence_number = 0
        self._binding = False
        self._unbind: Pdu | None = None
        self._opened_at = now
        self.last_received = now
        self._partial_since: float | None = None
        self._enquired_at: float | None = None
        self._waited_at = now
        """When input last waited here for its turn, by our doing."""
        self._may_start = PEER_MAY_START[role][SessionState.OPEN]

    # -- what the driver reads -------------------------------------------------------------

    @property
    def bound(self) -> bool:
        return self.state in BOUND_STATES

    @property
    def closed(self) -> bool:
        return self.state is SessionState.CLOSED

    @property
    def backlog(self) -> bool:
        """Say whether `resume` has something to do."""
        return not (
            self._starved
            or self._binding
            or self.state >= SessionState.UNBOUND
            or 0 < self.max_unanswered <= self.unanswered
        )

    @property
    def wants_data(self) -> bool:
        """Say whether to read on: nothing that was received waits to be taken."""
        return self._starved or self.state >= SessionState.UNBOUND

    @property
    def binding(self) -> bool:
        """Say whether the peer's bind waits for `answer_bind`."""
        return self._binding

    @property
    def unbinding(self) -> bool:
        """Say whether the peer's unbind waits for `answer_unbind`."""
        return self.state is SessionState.UNBOUND

    @property
    def buffered(self) -> int:
        """Count the received octets that wait to be taken."""
        return len(self._buffer) - self._position

    def data_to_send(self) -> bytes:
        """Give the bytes to write, once."""
        output = self._output
        if not output:
            return b""
        data = output[0] if len(output) == 1 else b"".join(output)
        self._output = []
        return data

    # -- receiving -------------------------------------------------------------------------

    def receive_data(self, data: bytes, now: float) -> list[Event]:
        """Take what arrived; give the events of at most `limits.quantum` PDUs."""
        if self.state >= SessionState.UNBOUND:
            return []
        self.last_received = now
        if self._enquired_at is not None:
            self._enquired_at = None
            self.timer_moved = True
        if self.buffered:
            self._buffer = self._buffer[self._position :] + data
        else:
            self._buffer = data
        self._position = 0
        self._starved = False
        return self._take(now) if self.backlog else []

    def resume(self, now: float) -> list[Event]:
        """Go on with what `receive_data` left over."""
        self._waited_at = now
        return self._take(now) if self.backlog else []

    def held_back(self, now: float) -> None:
        """Note that we keep the peer's input waiting, so that it isn't taken for silent."""
        self.last_received = self._waited_at = now

    def receive_eof(self, now: float) -> list[Event]:
        """Take the end of the stream; outstanding requests become TimedOut."""
        del now
        return self._close("eof")

    def _take(self, now: float) -> list[Event]:
        quantum, limit = self._quantum, self._max_pdu
        data = self._buffer
        events: list[Event] = []
        self.octets = octets = []
        try:
            frames, position = take_frames(data, self._position, limit, quantum)
        except FramingError as error:
            return self._end_of_framing(error, events)
        for start, end, command_id, command_status, sequence_number in frames:
            if command_id & RESPONSE_BIT:
                self._take_response(
                    data, start, end, (command_id, command_status, sequence_number), events
                )
                if self.closed:
                    return events
                continue
            if command_id not in self._may_start or self._binding:
                if self._binding:
                    position = start
                    break
                self._refuse_operation(data, start, end, events)
                continue
            decoder = HOT_DECODERS.get(command_id)
            try:
                pdu = (
                    decoder(data, start, end, sequence_number)
                    if decoder is not None
                    else decode(data, start, end)
                )
            except DecodeError as error:
                self._refuse(data, start, end, error.command_status, str(error), events)
                continue
            if decoder is not None:
                self.unanswered += 1
                events.append(pdu)
                octets.append(data[start:end])
            else:
                self._take_request(pdu, events)
                if command_id in LAST_OF_SLICE:
                    # Behind an unbind nothing is taken any more.
                    position = len(data) if self.state is SessionState.UNBOUND else end
                    quantum = len(frames)
                    break
        self._position = position
        # A bind may have raised the limit under which the rest was looked at.
        self._starved = len(frames) < quantum and not self._binding and limit == self._max_pdu
        return self._settle(now, events, taken=bool(frames))

    @property
    def _quantum(self) -> int:
        if not self.max_unanswered:
            return self.quantum
        return min(self.quantum, self.max_unanswered - self.unanswered)

    @property
    def _max_pdu(self) -> int:
        return self.limits.max_pdu_bound if self.bound else self.limits.max_pdu_unbound

    def _settle(self, now: float, events: list[Event], *, taken: bool) -> list[Event]:
        """Look at what is left behind the PDUs taken; give `events`, and what it adds to them."""
        if taken and self._starved and self.buffered >= LENGTH_OCTETS:
            # Nothing more need ever come behind a bad command_length: it is judged at once.
            try:
                check_length(self._buffer, self._position, self._max_pdu)
            except FramingError as error:
                return self._end_of_framing(error, events)
        self._watch_partial(now, taken=taken)
        return events

    def _watch_partial(self, now: float, *, taken: bool) -> None:
        """Start or stop the deadline of a PDU that has begun to arrive."""
        if not self._starved or self.buffered == 0:
            self._partial_since = None
        elif self._partial_since is None or taken:
            self._partial_since = now
            self.timer_moved = True

    def _take_response(
        self,
        data: bytes,
        start: int,
        end: int,
        header: tuple[int, int, int],
        events: list[Event],
    ) -> None:
        command_id, command_status, sequence_number = header
        entry = self.window.take(sequence_number)
        if entry is None:
            self.stray_responses += 1
            return
        context, sent_at = entry
        decoder = HOT_RESPONSE_DECODERS.get(command_id)
        try:
            pdu = (
                decoder(data, start, end, command_status, sequence_number)
                if decoder is not None
                else decode(data, start, end)
            )
        except DecodeError as error:
            # A response is never answered; an unreadable one still ends its request.
            events.append(
                Refused(
                    command_id,
                    sequence_number,
                    error.command_status,
                    str(error),
                    data[start : min(end, start + KEPT_OCTETS)],
                )
            )
            events.append(TimedOut(callers_context(context), sent_at))
            return
        if context is ENQUIRE:
            self.enquiries_answered += 1
            return
        if context is UNBIND:
            self.unbinds_answered += 1
            events.extend(self._close("unbind_by_us"))
            return
        if isinstance(context, BindRequest):
            if command_status == 0 and self.state is SessionState.OPEN:
                self._become(STATE_OF_MODE[context.mode])
            context = context.context
        events.append(Answered(context, pdu, sent_at))

    def _take_request(self, pdu: Pdu, events: list[Event]) -> None:
        command_id = pdu.command_id
        if command_id == CommandId.ENQUIRE_LINK:
            self.enquired += 1
            self._output.append(encode(reply(pdu, CommandStatus.ESME_ROK)))
            return
        if command_id == CommandId.UNBIND:
            self._unbind = pdu
            self._become(SessionState.UNBOUND)
            events.append(pdu)
            return
        if command_id not in WITHOUT_RESPONSE:
            self.unanswered += 1
        if command_id in MODE_OF_COMMAND:
            self._binding = True
        events.append(pdu)

    # -- refusing --------------------------------------------------------------------------

    def _refuse_operation(self, data: bytes, start: int, end: int, events: list[Event]) -> None:
        command_id = int.from_bytes(data[start + 4 : start + 8], "big")
        if response_to(command_id) is None and command_id not in WITHOUT_RESPONSE:
            self._refuse(
                data,
                start,
                end,
                CommandStatus.ESME_RINVCMDID,
                f"command_id: 0x{command_id:08x} is not an SMPP operation",
                events,
            )
            return
        # SMPP 5.0 §4.7.6: a bind within a bound session has a status of its own.
        again = self.bound and command_id in MODE_OF_COMMAND
        self._refuse(
            data,
            start,
            end,
            CommandStatus.ESME_RALYBND if again else CommandStatus.ESME_RINVBNDSTS,
            f"{command_name(command_id)} is not allowed in state {self.state.name}",
            events,
        )

    def _refuse(
        self,
        data: bytes,
        start: int,
        end: int,
        command_status: int,
        detail: str,
        events: list[Event],
    ) -> None:
        command_id = int.from_bytes(data[start + 4 : start + 8], "big")
        sequence_number = int.from_bytes(data[start + 12 : start + 16], "big")
        self._output.append(refusal(command_id, sequence_number, command_status))
        events.append(
            Refused(
                command_id,
                sequence_number,
                int(command_status),
                detail,
                data[start : min(end, start + KEPT_OCTETS)],
            )
        )

    def _end_of_framing(self, error: FramingError, events: list[Event]) -> list[Event]:
        self._output.append(refusal(0, error.sequence_number, error.command_status))
        start = self._position
        events.append(
            Refused(
                0,
                error.sequence_number,
                error.command_status,
                str(error),
                self._buffer[start : start + KEPT_OCTETS],
            )
        )
        events.extend(self._close("command_length"))
        return events

    # -- sending ---------------------------------------------------------------------------

    def respond(self, pdu: Pdu) -> None:
        """Answer a request that was handed over; `pdu` carries its sequence_number."""
        self.send_encoded(encode(pdu), responses=1)

    def send_encoded(self, data: bytes, *, responses: int = 0) -> None:
        """Queue bytes that are already PDUs; `responses` of them answer requests handed over."""
        self.unanswered -= responses
        self._output.append(data)

    def answer_bind(self, response: Pdu, mode: BindMode, interface_version: int) -> None:
        """Answer a bind; status 0 makes the session bound, any other leaves it open."""
        if not self._binding:
            raise LocalProtocolError("there is no bind to answer")
        self._binding = False
        self._starved = self.buffered == 0
        self.respond(response)
        if response.command_status == CommandStatus.ESME_ROK:
            self.interface_version = interface_version
            self._become(STATE_OF_MODE[mode])
        self.timer_moved = True

    def answer_unbind(self) -> list[Event]:
        """Answer the peer's unbind; gives `Closed`."""
        if self._unbind is None:
            raise LocalProtocolError("there is no unbind to answer")
        self._output.append(encode(reply(self._unbind, CommandStatus.ESME_ROK)))
        return self._close("unbind")

    def reserve(self, context: object, now: float) -> int:
        """Take a place in the window for a request the driver encodes itself.

        Returns its sequence_number. The caller has looked at `window.free`.
        """
        sequence_number = self._sequence_number % MAX_SEQUENCE_NUMBER + 1
        self._sequence_number = sequence_number
        if not len(self.window):
            self.timer_moved = True
        self.window.add(sequence_number, context, now)
        return sequence_number

    def send(self, pdu: Pdu, now: float, context: object = None) -> int:
        """Send a request; gives its sequence_number (also set on `pdu`).

        Raises LocalProtocolError when the state does not allow it or the window is full.
        """
        command_id = pdu.command_id
        if command_id not in WE_MAY_START[self.role][self.state]:
            raise LocalProtocolError(
                f"{command_name(command_id)} can't be sent in state {self.state.name}"
            )
        if command_id in WITHOUT_RESPONSE:
            self._output.append(encode(pdu))
            return pdu.sequence_number
        if self.window.free <= 0:
            raise LocalProtocolError(f"the window of {self.window.limit} requests is full")
        mode = MODE_OF_COMMAND.get(command_id)
        if mode is not None:
            context = BindRequest(mode, context)
        pdu.sequence_number = self.reserve(context, now)
        self._output.append(encode(pdu))
        return pdu.sequence_number

    def unbind(self, now: float) -> None:
        """Ask the peer to end the session; `Closed` follows with its answer or the timer."""
        if self.bound and not self.unbind_sent:
            self.unbind_sent = True
            # A full window is no reason to stay: the unbind goes beside it.
            self._output.append(encode(Unbind(sequence_number=self.reserve(UNBIND, now))))

    # -- time ------------------------------------------------------------------------------

    def next_deadline(self) -> float | None:
        """Give the time at which `handle_timer` wants to be called; None when never."""
        if self.closed:
            return None
        limits = self.limits
        deadlines: list[float] = []
        if self.state is SessionState.UNBOUND:
            deadlines.append(self.last_received + limits.response_s)
        elif not self.bound:
            deadlines.append(self._opened_at + limits.session_init_s)
        else:
            if self._enquired_at is None:
                deadlines.append(self.last_received + limits.enquire_link_s)
            deadlines.append(self.last_received + limits.inactivity_s)
        if self._partial_since is not None:
            deadlines.append(self._partial_since + limits.pdu_read_s)
        oldest = self.window.next_deadline()
        if oldest is not None:
            deadlines.append(oldest)
        return min(deadlines)

    def handle_timer(self, now: float) -> list[Event]:
        """Do what is due: enquire, give up requests, end the session."""
        if self.closed:
            return []
        limits = self.limits
        if self.bound and not self._starved and self.buffered:
            self.held_back(now)
        if self.state is SessionState.UNBOUND:
            overdue = now >= self.last_received + limits.response_s
            return self.answer_unbind() if overdue else []
        overdue_phase = self._overdue_phase(now)
        if overdue_phase:
            return self._close(overdue_phase)
        events: list[Event] = []
        ends = ""
        for _sequence_number, context, sent_at in self.window.expire(now):
            if context is ENQUIRE and self._waited_at > sent_at:
                continue  # Its answer may be behind what waited here.
            if isinstance(context, OwnRequest):
                ends = ends or context.ends
            else:
                events.append(TimedOut(callers_context(context), sent_at))
        if ends:
            return events + self._close(ends)
        if (
            self.bound
            and self._enquired_at is None
            and now >= self.last_received + limits.enquire_link_s
        ):
            self._enquired_at = now
            self.enquiries += 1
            enquire = EnquireLink(sequence_number=self.reserve(ENQUIRE, now))
            self._output.append(encode(enquire))
        return events

    def _overdue_phase(self, now: float) -> str:
        """Name the timer that has run out on the session as a whole, "" when none has."""
        limits = self.limits
        if not self.bound and now >= self._opened_at + limits.session_init_s:
            return "session_init"
        if self._partial_since is not None and now >= self._partial_since + limits.pdu_read_s:
            return "pdu_read"
        if self.bound and now >= self.last_received + limits.inactivity_s:
            return "inactivity"
        return ""

    # -- ends ------------------------------------------------------------------------------

    def _become(self, state: SessionState) -> None:
        self.state = state
        self._may_start = PEER_MAY_START[self.role][state]
        self.timer_moved = True

    def _close(self, reason: str) -> list[Event]:
        if self.closed:
            return []
        events: list[Event] = [
            TimedOut(callers_context(context), sent_at)
            for _sequence_number, context, sent_at in self.window.drain()
            if not isinstance(context, OwnRequest)
        ]
        self._become(SessionState.CLOSED)
        if self._binding:
            # Nobody waits for this answer any more.
            self._binding = False
            self.unanswered -= 1
        self._buffer = b""
        self._position = 0
        self._partial_since = None
        events.append(Closed(reason))
        return events


__all__ = [
    "Answered",
    "Closed",
    "Event",
    "GenericNack",
    "Refused",
    "Session",
    "SessionLimits",
    "TimedOut",
]
