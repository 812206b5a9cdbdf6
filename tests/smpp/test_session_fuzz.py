"""Whatever octets come, in whatever pieces, in any state: events, whole answers, and soon.

A driver that behaves well meets a peer that does not: the session must raise nothing, stop at
nothing, hold no more than a PDU, and write nothing but whole PDUs. `SMSGW_FUZZ_ROUNDS` makes the
run longer; a failure is repeated by the seed in its message.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from random import Random
from time import perf_counter

import pytest

from smpp.codec import encode, reply
from smpp.constants import BindMode, CommandStatus
from smpp.errors import LocalProtocolError
from smpp.pdus import DeliverSm, EnquireLink, Pdu, SubmitSm, Unbind
from smpp.session import Answered, Closed, Event, Refused, Session, SessionLimits, TimedOut
from smpp.states import MODE_OF_COMMAND, WITHOUT_RESPONSE, Role, SessionState
from tests.conformance.malformed import CASES
from tests.support.mutations import HEADER_OCTETS, SEEDS, chunks, mutated, with_length
from tests.support.transcript import bound, pdus_in

STREAMS = max(200, int(os.environ.get("SMSGW_FUZZ_ROUNDS", "0")) // 8)
SEED = int(os.environ.get("SMSGW_FUZZ_SEED", "1"))
LIMITS = SessionLimits(window=8, quantum=16)
LARGEST = LIMITS.max_pdu_bound
MOST_TURNS = 2_000
PER_OCTET_S = 50e-6
"""An octet costs about a microsecond; what is quadratic in the stream costs far more than this."""
PAUSE_S = 0.5
"""Room for whatever else the machine does."""

OCTETS = [*SEEDS.values(), *(case.octets for case in CASES if len(case.octets) < 2_000)]
WHOLE = [octets for octets in OCTETS if len(octets) > HEADER_OCTETS]


class Driver:
    """Drive one session the way a connection does; when it answers is left to chance."""

    def __init__(self, session: Session, chance: Random) -> None:
        self.session = session
        self.seen: Counter[str] = Counter()
        self._chance = chance
        self._asked: list[Pdu] = []
        self._now = 0.0

    def receive(self, data: bytes) -> None:
        """Take what arrived; what the session does not want to read yet waits for the answers."""
        if not self.session.wants_data:
            self.settle()
        self._take(self.session.receive_data(data, self._now))
        assert self.session.buffered <= LARGEST + len(data)
        if self._chance.random() < 0.7:
            self.settle()

    def settle(self) -> None:
        """Answer everything and go on until the session waits for octets."""
        for _turn in range(MOST_TURNS):
            self.seen["written"] += len(pdus_in(self.session.data_to_send()))
            if not self._step():
                break
        else:
            raise AssertionError("the session never comes to rest")
        session = self.session
        assert session.wants_data
        assert session.closed or session.unanswered == 0
        assert len(session.window) <= LIMITS.window + 2  # an unbind and an enquire_link go beside

    def act(self) -> None:
        """Do what a driver does of itself: ask, end, let time pass."""
        session, chance = self.session, self._chance
        dice = chance.random()
        if dice < 0.02:
            session.unbind(self._now)
        elif dice < 0.3:
            ours = SubmitSm if session.role is Role.ESME else DeliverSm
            with suppress(LocalProtocolError):
                session.send(chance.choice((ours(), EnquireLink())), self._now)
        elif dice < 0.4:
            self._now += chance.choice((0.1, 29.0, 61.0))
            deadline = session.next_deadline()
            if deadline is not None and deadline <= self._now:
                self._take(session.handle_timer(self._now))

    def _step(self) -> bool:
        session = self.session
        if session.unbinding:
            self._asked.clear()
            self._take(session.answer_unbind())
        elif self._asked:
            self._answer(self._asked.pop(0))
        elif session.backlog:
            self._take(session.resume(self._now))
        else:
            return False
        return True

    def _answer(self, request: Pdu) -> None:
        if request.command_id in WITHOUT_RESPONSE:
            return
        if self.session.binding and not self._asked:
            status = self._chance.choice((CommandStatus.ESME_ROK, CommandStatus.ESME_RBINDFAIL))
            mode = MODE_OF_COMMAND[request.command_id]
            self.session.answer_bind(reply(request, status), mode, 0x34)
        else:
            self.session.respond(reply(request, CommandStatus.ESME_ROK))

    def _take(self, events: list[Event]) -> None:
        for event in events:
            match event:
                case Closed():
                    self.seen[f"closed by {event.reason}"] += 1
                    self._asked.clear()
                case Answered() | TimedOut() | Refused():
                    self.seen[type(event).__name__] += 1
                case _:
                    self.seen["requests"] += 1
                    self._asked.append(event)


def unbound(role: Role) -> Session:
    session = bound(role, limits=LIMITS)
    session.receive_data(encode(Unbind(sequence_number=9)), 0.0)
    assert session.state is SessionState.UNBOUND
    return session


def closed(role: Role) -> Session:
    session = bound(role, limits=LIMITS)
    session.receive_eof(0.0)
    return session


STATES: dict[SessionState, Callable[[Role], Session]] = {
    SessionState.OPEN: lambda role: Session(role, LIMITS, 0.0),
    SessionState.BOUND_TX: lambda role: bound(role, BindMode.TX, limits=LIMITS),
    SessionState.BOUND_RX: lambda role: bound(role, BindMode.RX, limits=LIMITS),
    SessionState.BOUND_TRX: lambda role: bound(role, BindMode.TRX, limits=LIMITS),
    SessionState.UNBOUND: unbound,
    SessionState.CLOSED: closed,
}


def stream(chance: Random) -> bytes:
    """Give some PDUs, most of them spoilt, most of those with a command_length that is right."""
    pieces = []
    for _ in range(chance.randint(1, 8)):
        dice = chance.random()
        if dice < 0.25:
            pieces.append(chance.choice(OCTETS))
        elif dice < 0.85:
            pieces.append(with_length(mutated(chance.choice(WHOLE), chance)))
        elif dice < 0.95:
            pieces.append(mutated(chance.choice(WHOLE), chance))
        else:
            pieces.append(chance.randbytes(chance.randint(1, 60)))
    return b"".join(pieces)


def run(session: Session, data: bytes, chance: Random) -> Counter[str]:
    """Feed one stream; give what was seen."""
    driver = Driver(session, chance)
    session.max_unanswered = chance.choice((0, 1, 5))
    began = perf_counter()
    for chunk in chunks(data, chance):
        driver.receive(chunk)
        driver.act()
    driver.settle()
    driver._take(session.receive_eof(0.0))
    assert session.closed
    assert perf_counter() - began < PAUSE_S + PER_OCTET_S * len(data)
    return driver.seen


@pytest.mark.parametrize("role", Role, ids=lambda role: role.value)
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name.lower())
def test_any_octets_in_any_pieces_are_borne(role: Role, state: SessionState) -> None:
    seen: Counter[str] = Counter()
    for number in range(STREAMS):
        seed = f"{SEED}/{role.value}/{state.name}/{number}"
        chance = Random(seed)
        data = stream(chance)
        try:
            seen += run(STATES[state](role), data, chance)
        except Exception as error:
            raise AssertionError(f"seed {seed}, octets {data.hex()}") from error
    if state < SessionState.UNBOUND:
        # Octets that never hurt, and such as always do, would prove nothing.
        assert min(seen["Refused"], seen["written"], seen["closed by command_length"]) > 0, seen
    if state is SessionState.BOUND_TRX:
        assert seen["requests"] > 0, seen


@pytest.mark.parametrize("role", Role, ids=lambda role: role.value)
def test_the_largest_pdu_may_come_octet_by_octet(role: Role) -> None:
    session = bound(role)
    session.resume(0.0)  # its bind has raised the limit of a PDU
    command_id = (4 if role is Role.MC else 5).to_bytes(4, "big")
    whole = LARGEST.to_bytes(4, "big") + command_id + b"\0\0\0\0" + b"\0\0\0\7"
    whole = whole.ljust(LARGEST, b"x")
    began = perf_counter()
    events: list[Event] = []
    for at in range(LARGEST):
        assert session.wants_data
        events += session.receive_data(whole[at : at + 1], 0.0)
    assert perf_counter() - began < PAUSE_S + PER_OCTET_S * LARGEST
    assert [type(event) for event in events] == [Refused]
    assert session.buffered == 0
