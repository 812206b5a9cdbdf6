"""Tell a session's dialogue as a list of steps, and show where it went another way.

    play(
        bound(Role.MC),
        at(30.0),
        expect(EnquireLink(sequence_number=1)),
        at(90.0),
        told("TimedOut", "Closed enquire_link"),
    )

`recv`, `at` and `do` act on the session; `expect` and `told` follow them and name, in order, the
whole PDUs it wrote and the events it gave. What isn't named is as wrong as what doesn't come.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from smpp.codec import command_name, decode, encode
from smpp.constants import BindMode, CommandStatus
from smpp.framing import take_frames
from smpp.pdus import (
    BindReceiver,
    BindReceiverResp,
    BindTransceiver,
    BindTransceiverResp,
    BindTransmitter,
    BindTransmitterResp,
    Pdu,
)
from smpp.session import Answered, Closed, Event, Refused, Session, SessionLimits, TimedOut
from smpp.states import Role

LIMITS = SessionLimits()
UNBOUNDED = 1 << 31
BINDS: dict[BindMode, tuple[Callable[..., Pdu], Callable[..., Pdu]]] = {
    BindMode.TX: (BindTransmitter, BindTransmitterResp),
    BindMode.RX: (BindReceiver, BindReceiverResp),
    BindMode.TRX: (BindTransceiver, BindTransceiverResp),
}


@dataclass(slots=True)
class Stage:
    """Hold the session under test, the time, and the two accounts of what happened."""

    session: Session
    now: float = 0.0
    happened: list[str] = field(default_factory=list)
    wanted: list[str] = field(default_factory=list)

    def act(self, title: str, events: list[Event]) -> None:
        """Note a stimulus and everything that followed it."""
        self.happened.append(f"== {title}")
        self.wanted.append(f"== {title}")
        self.happened += [f"wrote {brief(pdu)}" for pdu in pdus_in(self.session.data_to_send())]
        self.happened += [f"told {brief_event(event)}" for event in events]


Step: TypeAlias = Callable[[Stage], None]


def play(session: Session, *steps: Step) -> Stage:
    """Go through the steps; fail with a diff when the session did anything else."""
    stage = Stage(session)
    for step in steps:
        step(stage)
    if stage.happened != stage.wanted:
        diff = difflib.unified_diff(stage.wanted, stage.happened, "wanted", "happened", "", "", 99)
        raise AssertionError("\n".join(diff))
    return stage


def recv(*pdus: Pdu | bytes) -> Step:
    """Let these PDUs (or octets) arrive in one read."""
    data = b"".join(pdu if isinstance(pdu, bytes) else encode(pdu) for pdu in pdus)
    title = f"recv {len(pdus)} parts, {len(data)} octets"
    return lambda stage: stage.act(title, stage.session.receive_data(data, stage.now))


def at(now: float) -> Step:
    """Let time pass, and the timer ring if it is due by then."""

    def step(stage: Stage) -> None:
        stage.now = now
        deadline = stage.session.next_deadline()
        due = deadline is not None and deadline <= now
        stage.act(f"at {now}", stage.session.handle_timer(now) if due else [])

    return step


def do(action: Callable[[Session, float], list[Event] | object]) -> Step:
    """Let the driver do something: answer, send, unbind, resume."""

    def step(stage: Stage) -> None:
        result = action(stage.session, stage.now)
        stage.act("do", result if isinstance(result, list) else [])

    return step


def expect(*pdus: Pdu) -> Step:
    """Want exactly these PDUs to have been written by the last action."""
    return lambda stage: stage.wanted.extend(f"wrote {brief(pdu)}" for pdu in pdus)


def told(*events: str | Pdu) -> Step:
    """Want exactly these events of the last action, as `brief_event` writes them."""
    texts = [event if isinstance(event, str) else brief(event) for event in events]
    return lambda stage: stage.wanted.extend(f"told {text}" for text in texts)


def brief(pdu: Pdu) -> str:
    """Write a PDU as one line that names every octet."""
    status = status_name(pdu.command_status)
    body = encode(pdu)[16:].hex()
    return f"{command_name(pdu.command_id)} #{pdu.sequence_number} {status} {body}".rstrip()


def brief_event(event: Event) -> str:
    """Write an event as one line."""
    match event:
        case Answered():
            return f"Answered {event.context} {status_name(event.pdu.command_status)}"
        case TimedOut():
            return f"TimedOut {event.context}"
        case Refused():
            return (
                f"Refused {command_name(event.command_id)} #{event.sequence_number} "
                f"{status_name(event.command_status)}"
            )
        case Closed():
            return f"Closed {event.reason}"
        case _:
            return brief(event)


def status_name(command_status: int) -> str:
    """Give the specification's name of a status."""
    try:
        return CommandStatus(command_status).name
    except ValueError:
        return f"0x{command_status:08x}"


def pdus_in(data: bytes) -> list[Pdu]:
    """Decode octets that hold whole PDUs and nothing else."""
    frames, end = take_frames(data, 0, UNBOUNDED, UNBOUNDED)
    assert end == len(data), f"a PDU was written in part: {data[end:].hex()}"
    return [decode(data, start, stop) for start, stop, *_header in frames]


def bound(
    role: Role,
    mode: BindMode = BindMode.TRX,
    *,
    limits: SessionLimits = LIMITS,
    interface_version: int = 0x34,
) -> Session:
    """Give a session that was bound at time 0 and has nothing left to write."""
    session = Session(role, limits, 0.0)
    request, response = BINDS[mode]
    if role is Role.MC:
        session.receive_data(encode(request(b"esme", b"secret08", sequence_number=1)), 0.0)
        session.answer_bind(response(b"mc", sequence_number=1), mode, interface_version)
    else:
        number = session.send(request(b"esme", b"secret08"), 0.0)
        session.receive_data(encode(response(b"mc", sequence_number=number)), 0.0)
    session.data_to_send()
    assert session.bound
    return session
