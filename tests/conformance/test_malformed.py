"""Send everything of `malformed.CASES` to a running gateway and compare every octet's fate."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.gateway_process import GatewayProcess, running_gateway
from tests.support.wire import (
    BIND_TRX,
    ENQUIRE,
    RESPONSE,
    SUBMIT,
    RawPdu,
    Wire,
    bind_body,
    pdu,
    submit_body,
)

from .malformed import CASES, OPEN, After, Answer, Case

PROBE = 0x7FFFFF01
SUBMIT_RESP = SUBMIT | RESPONSE
ENQUIRE_RESP = ENQUIRE | RESPONSE


@pytest.fixture(scope="module")
def plain_gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayProcess]:
    """Run a gateway that accepts any sender, recipient and text, and any number of failed binds."""
    data = tmp_path_factory.mktemp("malformed") / "data"
    environ = {"SMSGW_SMPP__LIMITS__FAILED_BINDS": "0"}
    with running_gateway(data, "--contract", "none", environ=environ) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def canary(plain_gateway: GatewayProcess) -> Iterator[Wire]:
    """Hold a session that lives from the first case to the last."""
    with Wire(plain_gateway.smpp) as wire:
        yield wire.bind()


def describe(received: RawPdu, allowed: Answer) -> str:
    return (
        f"{received} instead of 0x{allowed.command_id:08x}, sequence {allowed.sequence},"
        f" status one of {sorted(allowed.statuses)[:6]}"
    )


def expect(wire: Wire, allowed: Answer) -> None:
    received = wire.receive()
    assert received is not None, f"the stream ended instead of {allowed}"
    fits = (
        received.command_id == allowed.command_id
        and received.sequence_number == allowed.sequence
        and received.command_status in allowed.statuses
    )
    assert fits, describe(received, allowed)


def expect_life(wire: Wire) -> None:
    """Ask for one more answer: it comes next, so nothing surplus was sent before it."""
    wire.send(pdu(ENQUIRE, sequence=PROBE))
    received = wire.receive()
    assert received is not None, "the session ended"
    assert (received.command_id, received.sequence_number) == (ENQUIRE_RESP, PROBE), received


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_malformed_pdu_gets_the_answer_of_the_specification(
    case: Case, plain_gateway: GatewayProcess, canary: Wire
) -> None:
    with Wire(plain_gateway.smpp) as wire:
        if case.state != OPEN:
            wire.bind(case.state)
        wire.send(case.octets)
        for allowed in case.answers:
            expect(wire, allowed)
        if case.after is After.LIVES:
            expect_life(wire)
        else:
            assert wire.receive() is None
    expect_life(canary)


def test_case_names_are_unique() -> None:
    assert len({case.name for case in CASES}) == len(CASES)


def test_a_pdu_may_be_split_after_any_octet(plain_gateway: GatewayProcess, canary: Wire) -> None:
    whole = pdu(SUBMIT, submit_body(), sequence=5)
    with Wire(plain_gateway.smpp) as wire:
        wire.bind()
        for position in range(1, len(whole)):
            wire.send(whole[:position])
            # The canary's answer shows that the gateway has been round its loop in between.
            expect_life(canary)
            wire.send(whole[position:])
            expect(wire, Answer(SUBMIT_RESP, frozenset({0}), 5))
        expect_life(wire)


def test_a_bind_may_arrive_octet_by_octet(plain_gateway: GatewayProcess, canary: Wire) -> None:
    with Wire(plain_gateway.smpp) as wire:
        for octet in pdu(BIND_TRX, bind_body(), sequence=6):
            wire.send(bytes([octet]))
            expect_life(canary)
        expect(wire, Answer(BIND_TRX | RESPONSE, frozenset({0}), 6))
        expect_life(wire)


@pytest.mark.parametrize("count", [2, 63, 64, 65, 1_000])
def test_many_pdus_in_one_segment_are_answered_in_order(
    count: int, plain_gateway: GatewayProcess
) -> None:
    with Wire(plain_gateway.smpp) as wire:
        wire.bind()
        wire.send(b"".join(pdu(ENQUIRE, sequence=number) for number in range(1, count + 1)))
        for number in range(1, count + 1):
            expect(wire, Answer(ENQUIRE_RESP, frozenset({0}), number))
        expect_life(wire)


def test_a_window_of_submissions_in_one_segment_is_answered_once_each(
    plain_gateway: GatewayProcess,
) -> None:
    numbers = range(1, 501)
    with Wire(plain_gateway.smpp) as wire:
        wire.bind()
        body = submit_body()
        wire.send(b"".join(pdu(SUBMIT, body, sequence=number) for number in numbers))
        answers = [wire.receive() for _ in numbers]
        received = [(a.command_id, a.command_status, a.sequence_number) for a in answers if a]
        assert sorted(received) == [(SUBMIT_RESP, 0, number) for number in numbers]
        assert len({a.body for a in answers if a}) == len(numbers)
        expect_life(wire)


def test_what_was_read_before_a_half_close_is_answered(plain_gateway: GatewayProcess) -> None:
    with Wire(plain_gateway.smpp) as wire:
        wire.bind()
        wire.send(pdu(SUBMIT, submit_body(), sequence=8))
        wire.finish_sending()
        expect(wire, Answer(SUBMIT_RESP, frozenset({0}), 8))
        assert wire.receive() is None


def test_resets_in_the_middle_of_a_pdu_disturb_nobody(
    plain_gateway: GatewayProcess, canary: Wire
) -> None:
    whole = pdu(SUBMIT, submit_body(), sequence=9)
    for position in range(0, len(whole), 7):
        wire = Wire(plain_gateway.smpp).bind()
        wire.send(whole[:position])
        wire.reset()
    expect_life(canary)


def test_the_gateway_reported_no_error_of_its_own(
    plain_gateway: GatewayProcess, canary: Wire
) -> None:
    expect_life(canary)
    assert "Traceback" not in plain_gateway.stderr()


@pytest.fixture(scope="module")
def hasty_gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayProcess]:
    """Run a gateway whose patience is half a second."""
    data = tmp_path_factory.mktemp("hasty") / "data"
    environ = {
        "SMSGW_SMPP__TIMERS__SESSION_INIT_S": "0.5",
        "SMSGW_SMPP__TIMERS__PDU_READ_S": "0.5",
    }
    with running_gateway(data, "--contract", "none", environ=environ) as gateway:
        yield gateway


@pytest.mark.parametrize(
    "octets",
    [b"", b"\0\0\0\x10", pdu(ENQUIRE), pdu(BIND_TRX, bind_body())[:30]],
    ids=["nothing", "a length", "enquire_link", "half a bind"],
)
def test_a_connection_that_does_not_bind_in_time_is_closed(
    octets: bytes, hasty_gateway: GatewayProcess
) -> None:
    with Wire(hasty_gateway.smpp) as wire:
        wire.send(octets)
        while (received := wire.receive(within_s=5.0)) is not None:
            assert received.command_id == ENQUIRE_RESP


@pytest.mark.parametrize("count", [1, 4, 15, 16, 40])
def test_a_bound_session_that_does_not_finish_its_pdu_is_closed(
    count: int, hasty_gateway: GatewayProcess
) -> None:
    with Wire(hasty_gateway.smpp) as wire:
        wire.bind()
        wire.send(pdu(SUBMIT, submit_body())[:count])
        assert wire.receive(within_s=5.0) is None
