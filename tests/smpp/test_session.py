"""Play dialogues with a session in either role: binds, operations, errors, windows."""

from __future__ import annotations

import pytest

from smpp.codec import encode, reply
from smpp.constants import BindMode, CommandId, CommandStatus
from smpp.errors import LocalProtocolError
from smpp.pdus import (
    AlertNotification,
    BindTransceiver,
    BindTransmitter,
    BindTransmitterResp,
    DeliverSm,
    DeliverSmResp,
    DestAddress,
    EnquireLink,
    EnquireLinkResp,
    Outbind,
    Pdu,
    QuerySm,
    QuerySmResp,
    SubmitMulti,
    SubmitSm,
)
from smpp.session import SessionLimits
from smpp.states import Role, SessionState
from tests.support.dialogue import (
    BIND,
    BIND_RESP,
    accept,
    deliver,
    header,
    nacked,
    opened,
    refuse,
    resume,
    submit,
    submit_resp,
)
from tests.support.transcript import bound, brief_event, do, expect, play, recv, told

# -- bind ------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", BindMode)
@pytest.mark.parametrize("role", Role)
def test_each_bind_leads_both_sides_to_its_state(role: Role, mode: BindMode) -> None:
    session = bound(role, mode)
    assert session.state is SessionState["BOUND_" + mode.name]
    assert not session.closed


def test_submits_behind_a_bind_wait_for_its_answer() -> None:
    session = opened()
    play(
        session,
        recv(BIND, submit(2), submit(3)),
        told(BIND),
        do(accept),
        expect(BIND_RESP),
        do(resume),
        told(submit(2), submit(3)),
    )
    assert session.octets == [encode(submit(2)), encode(submit(3))]


def test_what_comes_while_a_bind_is_decided_waits_too() -> None:
    session = opened()
    play(
        session,
        recv(BIND),
        told(BIND),
        recv(submit(2)),
        do(resume),
        do(accept),
        expect(BIND_RESP),
        do(resume),
        told(submit(2)),
    )


def test_a_driver_is_told_to_stop_reading_while_a_bind_is_decided() -> None:
    session = opened()
    assert session.wants_data
    session.receive_data(encode(BIND), 0.0)
    assert not session.wants_data
    assert not session.backlog
    accept(session, 0.0)
    assert session.wants_data


def test_a_refused_bind_leaves_the_session_open_for_another() -> None:
    again = BindTransceiver(b"esme", b"secret08", sequence_number=2)
    stage = play(
        opened(),
        recv(BIND, again),
        told(BIND),
        do(refuse),
        expect(reply(BIND, CommandStatus.ESME_RBINDFAIL)),
        do(resume),
        told(again),
    )
    assert stage.session.state is SessionState.OPEN


def test_a_second_bind_is_refused_as_already_bound() -> None:
    play(
        bound(Role.MC),
        recv(BindTransmitter(b"esme", sequence_number=4)),
        expect(
            BindTransmitterResp(
                bodiless=True, command_status=CommandStatus.ESME_RALYBND, sequence_number=4
            )
        ),
        told("Refused bind_transmitter #4 ESME_RALYBND"),
    )


def test_there_is_nothing_to_answer_without_a_bind() -> None:
    with pytest.raises(LocalProtocolError, match="no bind"):
        accept(opened(), 0.0)


def test_a_bind_can_not_be_answered_after_the_end() -> None:
    session = opened()
    session.receive_data(encode(BIND), 0.0)
    session.receive_eof(1.0)
    with pytest.raises(LocalProtocolError):
        accept(session, 1.0)
    assert (session.closed, session.unanswered) == (True, 0)


def test_the_esme_learns_of_its_bind() -> None:
    session = opened(Role.ESME)
    play(
        session,
        do(lambda session, now: session.send(BindTransceiver(b"esme"), now, "bind")),
        expect(BindTransceiver(b"esme", sequence_number=1)),
        recv(BIND_RESP),
        told("Answered bind ESME_ROK"),
    )
    assert session.bound


def test_a_large_pdu_right_behind_the_bind_response_is_taken() -> None:
    large = DeliverSm(
        short_message=b"x" * 254, tlvs=(), destination_addr=b"1" * 20, sequence_number=5
    )
    session = opened(Role.ESME, SessionLimits(max_pdu_unbound=64))
    session.send(BindTransceiver(b"esme"), 0.0, "bind")
    session.data_to_send()
    play(
        session,
        recv(BIND_RESP, large),
        told("Answered bind ESME_ROK"),
        do(resume),
        told(large),
    )


def test_the_esme_stays_open_when_its_bind_is_refused() -> None:
    session = opened(Role.ESME)
    session.send(BindTransceiver(b"esme"), 0.0, "bind")
    session.data_to_send()
    play(
        session,
        recv(reply(BIND, CommandStatus.ESME_RBINDFAIL)),
        told("Answered bind ESME_RBINDFAIL"),
    )
    assert session.state is SessionState.OPEN


# -- operations and states -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "mode", "request_pdu"),
    [
        (Role.MC, BindMode.RX, submit(9)),
        (Role.MC, BindMode.TRX, deliver(9)),
        (Role.ESME, BindMode.TX, deliver(9)),
        (Role.ESME, BindMode.TRX, submit(9)),
    ],
)
def test_an_operation_of_another_state_or_side_is_refused_by_its_response(
    role: Role, mode: BindMode, request_pdu: Pdu
) -> None:
    name = "submit_sm" if isinstance(request_pdu, SubmitSm) else "deliver_sm"
    stage = play(
        bound(role, mode),
        recv(request_pdu),
        expect(reply(request_pdu, CommandStatus.ESME_RINVBNDSTS)),
        told(f"Refused {name} #9 ESME_RINVBNDSTS"),
    )
    assert stage.session.bound


def test_an_operation_before_the_bind_is_refused_without_a_look_at_its_body() -> None:
    garbage = header(CommandId.SUBMIT_SM, 3, length=20) + b"\xff" * 4
    play(
        opened(),
        recv(garbage),
        expect(reply(submit(3), CommandStatus.ESME_RINVBNDSTS)),
        told("Refused submit_sm #3 ESME_RINVBNDSTS"),
    )


def test_an_operation_without_a_response_is_refused_by_generic_nack() -> None:
    play(
        bound(Role.MC),
        recv(AlertNotification(sequence_number=3)),
        expect(nacked(CommandStatus.ESME_RINVBNDSTS, 3)),
        told("Refused alert_notification #3 ESME_RINVBNDSTS"),
    )


def test_operations_without_a_response_wait_for_no_answer() -> None:
    session = bound(Role.ESME)
    alert = AlertNotification(sequence_number=3)
    play(session, recv(alert), told(alert))
    assert session.unanswered == 0


def test_an_outbind_takes_no_place_in_the_window() -> None:
    session = opened()
    outbind = Outbind(b"mc", b"secret08", sequence_number=5)
    play(session, do(lambda session, now: session.send(outbind, now)), expect(outbind))
    assert len(session.window) == 0


def test_a_request_outside_its_state_is_our_own_mistake() -> None:
    with pytest.raises(LocalProtocolError, match="deliver_sm can't be sent in state BOUND_TX"):
        bound(Role.MC, BindMode.TX).send(deliver(0), 0.0)


def test_enquire_link_is_answered_before_and_after_the_bind() -> None:
    for session in (opened(), bound(Role.MC), bound(Role.ESME)):
        play(
            session,
            recv(EnquireLink(sequence_number=12)),
            expect(EnquireLinkResp(sequence_number=12)),
        )


def test_a_request_is_handed_over_and_answered_with_its_own_sequence_number() -> None:
    session = bound(Role.MC)
    query = QuerySm(b"77", sequence_number=0x7FFFFFFF)
    answer = QuerySmResp(b"77", message_state=1, sequence_number=0x7FFFFFFF)
    play(session, recv(query), told(query))
    assert session.unanswered == 1
    play(session, do(lambda session, _now: session.respond(answer)), expect(answer))
    assert session.unanswered == 0


# -- the three tiers of trouble --------------------------------------------------------------


def test_a_malformed_body_is_answered_with_the_field_s_status_and_the_session_lives() -> None:
    endless = header(CommandId.SUBMIT_SM, 4, length=48) + b"x" * 32
    stage = play(
        bound(Role.MC),
        recv(endless, submit(5)),
        expect(reply(submit(4), CommandStatus.ESME_RINVSERTYP)),
        told("Refused submit_sm #4 ESME_RINVSERTYP", submit(5)),
    )
    assert stage.session.octets == [encode(submit(5))]


def test_a_malformed_body_off_the_hot_path_is_answered_alike() -> None:
    play(
        bound(Role.MC),
        recv(header(CommandId.QUERY_SM, 4, length=116) + b"x" * 100),
        expect(reply(QuerySm(sequence_number=4), CommandStatus.ESME_RINVMSGID)),
        told("Refused query_sm #4 ESME_RINVMSGID"),
    )


@pytest.mark.parametrize("command_id", [0x00, 0x0A, 0x12345678, 0x10000])
def test_an_unknown_command_is_nacked_and_the_session_lives(command_id: int) -> None:
    play(
        bound(Role.MC),
        recv(header(command_id, 4), submit(5)),
        expect(nacked(CommandStatus.ESME_RINVCMDID, 4)),
        told(f"Refused 0x{command_id:08x} #4 ESME_RINVCMDID", submit(5)),
    )


@pytest.mark.parametrize("length", [0, 4, 15, 1_025, 0xFFFFFFFF])
def test_a_bad_length_before_the_bind_is_nacked_and_ends_the_session(length: int) -> None:
    stage = play(
        opened(),
        recv(header(CommandId.ENQUIRE_LINK, 6, length=length)),
        expect(nacked(CommandStatus.ESME_RINVCMDLEN, 6)),
        told("Refused 0x00000000 #6 ESME_RINVCMDLEN", "Closed command_length"),
        recv(BIND),
    )
    assert stage.session.closed


def test_the_limit_rises_with_the_bind() -> None:
    session = bound(Role.MC)
    play(session, recv(header(CommandId.SUBMIT_SM, 6, length=70_000)))
    assert session.bound
    play(
        bound(Role.MC),
        recv(header(CommandId.SUBMIT_SM, 6, length=70_001)),
        expect(nacked(CommandStatus.ESME_RINVCMDLEN, 6)),
        told("Refused 0x00000000 #6 ESME_RINVCMDLEN", "Closed command_length"),
    )


def test_good_pdus_before_a_bad_length_in_one_read_are_served() -> None:
    play(
        bound(Role.MC),
        recv(submit(5), header(CommandId.SUBMIT_SM, 6, length=7)),
        expect(nacked(CommandStatus.ESME_RINVCMDLEN, 6)),
        told(submit(5), "Refused 0x00000000 #6 ESME_RINVCMDLEN", "Closed command_length"),
    )


def test_a_bad_length_behind_a_full_slice_is_found_by_the_next() -> None:
    play(
        bound(Role.MC, limits=SessionLimits(quantum=1)),
        recv(submit(5), header(CommandId.SUBMIT_SM, 6, length=7)),
        told(submit(5)),
        do(resume),
        expect(nacked(CommandStatus.ESME_RINVCMDLEN, 6)),
        told("Refused 0x00000000 #6 ESME_RINVCMDLEN", "Closed command_length"),
    )


def test_a_refusal_shows_the_first_octets_of_the_pdu() -> None:
    session = bound(Role.MC)
    octets = header(CommandId.SUBMIT_SM, 6, length=70_001) + b"x" * 500
    event = session.receive_data(encode(EnquireLink(sequence_number=1)) + octets, 0.0)[0]
    assert getattr(event, "pdu", b"") == octets[:256]


def test_a_bad_length_behind_a_bind_is_judged_by_the_limit_after_it() -> None:
    whole = header(CommandId.SUBMIT_SM, 2, length=2_000) + bytes(1_984)
    session = opened()
    play(session, recv(BIND, whole), told(BIND), do(accept), expect(BIND_RESP))
    events = session.resume(0.0)
    assert "ESME_RINVCMDLEN" not in repr(events)
    assert session.bound


# -- responses -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "response",
    [
        header(CommandId.DELIVER_SM_RESP, 99) + b"",
        header(CommandId.GENERIC_NACK, 0, status=3),
        header(0x8BADF00D, 99),
        header(CommandId.SUBMIT_SM_RESP, 99, length=20) + b"\xff" * 4,
    ],
)
def test_a_response_to_no_request_of_ours_is_dropped_in_silence(response: bytes) -> None:
    session = bound(Role.MC)
    play(session, recv(response))
    assert (session.stray_responses, session.bound) == (1, True)


def test_responses_are_matched_by_sequence_number_in_any_order() -> None:
    session = bound(Role.MC)
    numbers = [session.send(deliver(0), 0.0, name) for name in ("first", "second")]
    session.data_to_send()
    play(
        session,
        recv(DeliverSmResp(sequence_number=numbers[1]), DeliverSmResp(sequence_number=numbers[0])),
        told("Answered second ESME_ROK", "Answered first ESME_ROK"),
    )
    assert len(session.window) == 0


def test_a_second_answer_to_one_request_is_a_stray() -> None:
    session = bound(Role.MC)
    number = session.send(deliver(0), 0.0, "first")
    session.data_to_send()
    answer = DeliverSmResp(sequence_number=number)
    play(session, recv(answer, answer), told("Answered first ESME_ROK"))
    assert session.stray_responses == 1


def test_a_generic_nack_answers_the_request_it_names() -> None:
    session = bound(Role.MC)
    number = session.send(deliver(0), 0.0, "first")
    session.data_to_send()
    play(
        session,
        recv(nacked(CommandStatus.ESME_RINVCMDID, number)),
        told("Answered first ESME_RINVCMDID"),
    )


@pytest.mark.parametrize(
    ("command_id", "name"),
    [(CommandId.DELIVER_SM_RESP, "deliver_sm_resp"), (CommandId.QUERY_SM_RESP, "query_sm_resp")],
)
def test_an_unreadable_response_ends_its_request_and_gets_no_answer(
    command_id: CommandId, name: str
) -> None:
    session = bound(Role.MC)
    number = session.send(deliver(0), 0.0, "first")
    session.data_to_send()
    events = session.receive_data(header(command_id, number, length=20) + b"\xff" * 4, 1.0)
    assert session.data_to_send() == b""
    refusal, ended = map(brief_event, events)
    assert refusal.startswith(f"Refused {name} #{number} ")
    assert ended == "TimedOut first"


# -- windows ---------------------------------------------------------------------------------


def test_our_window_bounds_our_requests() -> None:
    session = bound(Role.MC, limits=SessionLimits(window=2))
    numbers = [session.send(deliver(0), 0.0, name) for name in ("first", "second")]
    with pytest.raises(LocalProtocolError, match="window of 2 requests is full"):
        session.send(deliver(0), 0.0)
    session.data_to_send()
    play(
        session,
        recv(DeliverSmResp(sequence_number=numbers[0])),
        told("Answered first ESME_ROK"),
        do(lambda session, now: session.send(deliver(0), now)),
        expect(deliver(numbers[1] + 1)),
    )


def test_sequence_numbers_begin_again_behind_the_highest() -> None:
    session = bound(Role.MC)
    session._sequence_number = 0x7FFFFFFE
    assert [session.reserve(None, 0.0) for _ in range(2)] == [0x7FFFFFFF, 1]


def test_no_more_is_taken_than_may_be_unanswered() -> None:
    session = bound(Role.MC)
    session.max_unanswered = 2
    answer = submit_resp(1)
    play(
        session,
        recv(submit(1), submit(2), submit(3), submit(4)),
        told(submit(1), submit(2)),
        do(resume),
        recv(submit(5)),
        do(lambda session, _now: session.respond(answer)),
        expect(answer),
        do(resume),
        told(submit(3)),
    )
    assert (session.unanswered, session.backlog, session.wants_data) == (2, False, False)


def test_work_is_given_back_after_a_quantum() -> None:
    session = bound(Role.MC, limits=SessionLimits(quantum=2))
    play(
        session,
        recv(*(submit(number) for number in range(1, 6))),
        told(submit(1), submit(2)),
        do(resume),
        told(submit(3), submit(4)),
    )
    assert session.backlog
    assert not session.wants_data
    play(session, do(resume), told(submit(5)), do(resume))
    assert session.wants_data
    assert session.buffered == 0


def test_work_is_given_back_after_a_submit_multi() -> None:
    session = bound(Role.MC)
    destinations = (DestAddress(1, 1, b"13300000001"), DestAddress(1, 1, b"13300000002"))
    several = SubmitMulti(dest_addresses=destinations, sequence_number=2)
    play(
        session,
        recv(submit(1), several, submit(3), submit(4)),
        told(submit(1), several),
        do(resume),
        told(submit(3), submit(4)),
    )
    assert session.wants_data
    play(session, recv(several), told(several), do(resume))
    assert session.wants_data
    assert session.buffered == 0


def test_data_that_comes_during_a_backlog_is_kept_in_order() -> None:
    session = bound(Role.MC, limits=SessionLimits(quantum=2))
    play(
        session,
        recv(submit(1), submit(2), submit(3)),
        told(submit(1), submit(2)),
        recv(submit(4), submit(5)),
        told(submit(3), submit(4)),
        do(resume),
        told(submit(5)),
    )
