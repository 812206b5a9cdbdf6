"""What holds for any octets, any chunking and any order of operations."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from smpp.codec import encode, reply
from smpp.constants import BindMode, CommandId, CommandStatus
from smpp.pdus import (
    BindTransceiver,
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    GenericNack,
    Pdu,
    QuerySm,
    SubmitSm,
    Unbind,
)
from smpp.session import Answered, Closed, Event, Refused, Session, SessionLimits, TimedOut
from smpp.states import STATE_OF_MODE, Role
from smpp.tables import PDUS
from tests.smpp.pdu_strategies import UINT32, pdus_of
from tests.support.transcript import bound, brief_event, pdus_in, status_name

MODES = st.sampled_from(BindMode)
ROLES = st.sampled_from(Role)
QUANTA = st.sampled_from([1, 2, 64])

well_formed = st.sampled_from(
    [
        CommandId.SUBMIT_SM,
        CommandId.DELIVER_SM,
        CommandId.QUERY_SM,
        CommandId.ENQUIRE_LINK,
        CommandId.DELIVER_SM_RESP,
        CommandId.GENERIC_NACK,
        CommandId.BIND_TRANSCEIVER,
    ]
).flatmap(lambda command_id: pdus_of(int(command_id)).map(encode))


@st.composite
def headed(draw: st.DrawFn) -> bytes:
    """Give octets with a header that may lie."""
    body = draw(st.binary(max_size=40))
    length = draw(st.one_of(st.just(16 + len(body)), st.integers(0, 200), UINT32))
    command_id = draw(st.one_of(st.sampled_from(sorted(PDUS)), UINT32))
    values = (length, command_id, draw(UINT32), draw(UINT32))
    return b"".join(value.to_bytes(4, "big") for value in values) + body


streams = st.lists(st.one_of(well_formed, headed(), st.binary(max_size=30)), max_size=8).map(
    b"".join
)


def drained(session: Session, events: list[Event]) -> list[Event]:
    """Go on until nothing is left, as a driver does that answers at once."""
    events = list(events)
    for _round in range(10_000):
        if session.unbinding:
            events += session.answer_unbind()
        elif session.backlog:
            events += session.resume(0.0)
        else:
            return events
    raise AssertionError("the session never comes to rest")


def fed(session: Session, chunks: list[bytes]) -> tuple[list[str], list[str]]:
    """Give everything that was written and told, comparable between chunkings."""
    told: list[str] = []
    for chunk in chunks:
        told += map(comparable, drained(session, session.receive_data(chunk, 0.0)))
    return [f"{p.command_id:08x} {numbered(p)}" for p in pdus_in(session.data_to_send())], told


def comparable(event: Event) -> str:
    if isinstance(event, Refused) and event.command_status == CommandStatus.ESME_RINVCMDLEN:
        return f"Refused {event.command_id} {status_name(event.command_status)}"
    return brief_event(event)


def numbered(pdu: Pdu) -> str:
    # A bad length is judged from four octets: whether its number has come depends on the chunk.
    bad_length = (
        isinstance(pdu, GenericNack) and pdu.command_status == CommandStatus.ESME_RINVCMDLEN
    )
    number = "?" if bad_length else str(pdu.sequence_number)
    return f"{number} {encode(pdu)[16:].hex()} {status_name(pdu.command_status)}"


def cut(data: bytes, places: list[int]) -> list[bytes]:
    """Cut a stream at these places (modulo its length)."""
    edges = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[start:end] for start, end in pairwise(edges)]


@settings(max_examples=150, deadline=None)
@given(streams, st.lists(st.integers(0, 10_000), max_size=6), ROLES, MODES, QUANTA)
def test_chunking_changes_nothing(
    data: bytes, places: list[int], role: Role, mode: BindMode, quantum: int
) -> None:
    limits = SessionLimits(quantum=quantum)
    at_once = fed(bound(role, mode, limits=limits), [data] if data else [])
    by_octet = fed(bound(role, mode), [data[at : at + 1] for at in range(len(data))])
    assert by_octet == at_once
    assert fed(bound(role, mode), cut(data, places)) == at_once


@settings(max_examples=200, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=80), max_size=10), ROLES, st.booleans())
def test_any_octets_end_in_pdus_of_ours_and_never_raise(
    chunks: list[bytes], role: Role, is_bound: bool
) -> None:
    session = bound(role) if is_bound else Session(role, SessionLimits(), 0.0)
    for chunk in chunks:
        drained(session, session.receive_data(chunk, 0.0))
    pdus_in(session.data_to_send())
    session.handle_timer(1e6)
    assert session.closed


@settings(max_examples=100, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=400), max_size=4))
def test_what_a_session_keeps_is_less_than_one_pdu(chunks: list[bytes]) -> None:
    session = Session(Role.MC, SessionLimits(max_pdu_unbound=64), 0.0)
    for chunk in chunks:
        drained(session, session.receive_data(chunk, 0.0))
        assert session.buffered < 64 or session.closed or not session.wants_data


# -- two sessions back to back ---------------------------------------------------------------


@dataclass(slots=True)
class Pair:
    """Join an ESME and an MC by two pipes that carry any number of octets at a time."""

    esme: Session
    mc: Session
    up: bytearray = field(default_factory=bytearray)
    down: bytearray = field(default_factory=bytearray)
    asked: dict[str, int] = field(default_factory=dict)
    """Requests sent, by the name that is their context → how often they were answered."""
    ended: list[str] = field(default_factory=list)

    def collect(self) -> None:
        self.up += self.esme.data_to_send()
        self.down += self.mc.data_to_send()

    def move(self, octets: int) -> None:
        """Carry up to so many octets each way and let each side answer."""
        self.collect()
        for pipe, session in ((self.up, self.mc), (self.down, self.esme)):
            chunk = bytes(pipe[:octets])
            del pipe[:octets]
            if chunk:
                self.answer(session, session.receive_data(chunk, 0.0))
            while session.backlog:
                self.answer(session, session.resume(0.0))
        self.collect()

    def answer(self, session: Session, events: list[Event]) -> None:
        for event in events:
            match event:
                case Answered():
                    name = str(event.context)
                    self.asked[name] += 1
                    assert event.pdu.command_status == CommandStatus.ESME_ROK
                case TimedOut():
                    self.ended.append(str(event.context))
                case Refused():
                    raise AssertionError(f"{session.role} refused {event}")
                case BindTransceiver():
                    session.answer_bind(reply(event, system_id=b"mc"), BindMode.TRX, 0x34)
                case Unbind() | Closed():
                    pass
                case _:
                    session.respond(answer_to(event))
        if session.unbinding and session.unanswered == 0:
            self.answer(session, session.answer_unbind())


def answer_to(pdu: Pdu) -> Pdu:
    match pdu:
        case DeliverSm():
            return DeliverSmResp(sequence_number=pdu.sequence_number)
        case QuerySm():
            return reply(pdu, message_id=pdu.message_id, message_state=2)
        case _:
            return reply(pdu, message_id=b"77")


OPERATIONS = st.lists(
    st.one_of(
        st.sampled_from(["submit", "query", "deliver", "enquire"]),
        st.integers(1, 200),
    ),
    max_size=40,
)


def start(pair: Pair, operation: str, name: str) -> None:
    session = pair.mc if operation == "deliver" else pair.esme
    pdus: dict[str, Pdu] = {
        "submit": SubmitSm(short_message=b"hello"),
        "query": QuerySm(b"77"),
        "deliver": DeliverSm(short_message=b"hello"),
        "enquire": EnquireLink(),
    }
    if session.window.free > 0 and session.bound:
        session.send(pdus[operation], 0.0, name)
        pair.asked[name] = 0


@settings(max_examples=150, deadline=None)
@given(OPERATIONS, st.sampled_from(["esme", "mc"]))
def test_two_sessions_agree_whatever_they_do(operations: list[str | int], ends: str) -> None:
    limits = SessionLimits(window=5, quantum=3)
    pair = Pair(Session(Role.ESME, limits, 0.0), Session(Role.MC, limits, 0.0))
    pair.asked["bind"] = 0
    pair.esme.send(BindTransceiver(b"esme"), 0.0, "bind")
    for number, operation in enumerate(operations):
        if isinstance(operation, int):
            pair.move(operation)
        else:
            start(pair, operation, f"{operation} {number}")
    for _round in range(4):
        pair.move(1_000_000)
    assert pair.esme.state is pair.mc.state is STATE_OF_MODE[BindMode.TRX]
    assert set(pair.asked.values()) == {1}
    assert pair.ended == []
    assert pair.esme.stray_responses == pair.mc.stray_responses == 0
    (pair.esme if ends == "esme" else pair.mc).unbind(0.0)
    for _round in range(3):
        pair.move(1_000_000)
    assert pair.esme.closed
    assert pair.mc.closed
    assert len(pair.esme.window) == len(pair.mc.window) == 0
