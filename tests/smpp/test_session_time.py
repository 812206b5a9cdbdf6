"""Play what time does to a session, and how it ends; times are arithmetic."""

from __future__ import annotations

import pytest

from smpp.codec import encode
from smpp.constants import BindMode
from smpp.errors import LocalProtocolError
from smpp.pdus import (
    BindTransceiver,
    DataSm,
    DeliverSmResp,
    EnquireLink,
    EnquireLinkResp,
    Unbind,
    UnbindResp,
)
from smpp.session import SessionLimits
from smpp.states import Role
from tests.support.dialogue import (
    deliver,
    opened,
    resume,
    submit,
    submit_resp,
)
from tests.support.transcript import at, bound, do, expect, play, recv, told

# -- timers ----------------------------------------------------------------------------------


def test_a_session_must_bind_within_the_time_in_total() -> None:
    play(
        opened(),
        at(29.0),
        recv(EnquireLink(sequence_number=1)),
        expect(EnquireLinkResp(sequence_number=1)),
        at(29.9),
        at(30.0),
        told("Closed session_init"),
    )


@pytest.mark.parametrize("role", Role)
def test_a_slow_writer_is_cut_by_the_total_time_of_one_pdu(role: Role) -> None:
    session = bound(role)
    data = encode(submit(2))
    for second in range(29):
        assert session.receive_data(data[second : second + 1], float(second)) == []
    play(session, at(29.9), at(30.0), told("Closed pdu_read"))


def test_each_pdu_has_its_own_time_to_arrive() -> None:
    data = encode(EnquireLink(sequence_number=1))
    session = bound(Role.MC, limits=SessionLimits(enquire_link_s=1000.0))
    session.receive_data(data[:8], 0.0)
    session.receive_data(data[8:] + data[:8], 20.0)
    assert session.next_deadline() == 50.0
    session.receive_data(data[8:], 40.0)
    assert session.next_deadline() == 340.0


def test_enquire_link_goes_out_when_the_peer_is_silent() -> None:
    session = bound(Role.MC)
    number = session.reserve("deliver", 0.0)
    play(
        session,
        at(29.0),
        recv(DeliverSmResp(sequence_number=number)),
        told("Answered deliver ESME_ROK"),
        at(58.9),
        at(59.0),
        expect(EnquireLink(sequence_number=number + 1)),
        at(60.0),
        recv(EnquireLinkResp(sequence_number=number + 1)),
        at(90.0),
        expect(EnquireLink(sequence_number=number + 2)),
    )


def test_an_enquire_link_that_nobody_answers_ends_the_session() -> None:
    session = bound(Role.MC, limits=SessionLimits(enquire_link_s=30.0, response_s=60.0))
    play(
        session,
        at(30.0),
        expect(EnquireLink(sequence_number=1)),
        do(lambda session, now: session.reserve("late", now)),
        at(89.0),
        at(90.0),
        told("TimedOut late", "Closed enquire_link"),
    )


def test_a_peer_whose_input_waits_here_is_not_silent() -> None:
    """Reading that is slowed down must not look like silence of the peer."""
    limits = SessionLimits(enquire_link_s=30.0, response_s=60.0, inactivity_s=40.0, quantum=1)
    play(
        bound(Role.MC, limits=limits),
        at(30.0),
        expect(EnquireLink(sequence_number=1)),
        recv(submit(2), submit(3), EnquireLinkResp(sequence_number=1)),
        told(submit(2)),
        at(60.0),
        at(90.0),
        at(120.0),
        do(resume),
        told(submit(3)),
        at(149.0),
    )


def test_a_silent_peer_is_cut_after_the_inactivity_time() -> None:
    limits = SessionLimits(enquire_link_s=1000.0, inactivity_s=300.0)
    play(
        bound(Role.MC, limits=limits),
        at(200.0),
        recv(EnquireLink(sequence_number=1)),
        expect(EnquireLinkResp(sequence_number=1)),
        at(499.0),
        at(500.0),
        told("Closed inactivity"),
    )


def test_a_peer_that_only_answers_enquire_link_is_not_inactive() -> None:
    """SMPP 3.4 §7.2 counts between transactions, and this is one."""
    limits = SessionLimits(enquire_link_s=100.0, inactivity_s=150.0)
    play(
        bound(Role.MC, limits=limits),
        at(100.0),
        expect(EnquireLink(sequence_number=1)),
        at(140.0),
        recv(EnquireLinkResp(sequence_number=1)),
        at(150.0),
        at(240.0),
        expect(EnquireLink(sequence_number=2)),
        at(289.0),
        at(290.0),
        told("Closed inactivity"),
    )


def test_an_unanswered_request_is_given_up_and_the_session_lives() -> None:
    limits = SessionLimits(enquire_link_s=1000.0, response_s=10.0)
    session = bound(Role.MC, limits=limits)
    session.send(deliver(0), 0.0, "first")
    session.send(deliver(0), 5.0, "second")
    session.data_to_send()
    play(session, at(9.9), at(10.0), told("TimedOut first"), at(15.0), told("TimedOut second"))
    assert session.bound


def test_a_bind_without_an_answer_gives_the_caller_its_own_context() -> None:
    session = opened(Role.ESME, SessionLimits(response_s=10.0))
    session.send(BindTransceiver(b"esme"), 0.0, "bind")
    session.data_to_send()
    play(session, at(10.0), told("TimedOut bind"))


def test_the_timer_does_nothing_before_its_time_nor_after_the_end() -> None:
    session = bound(Role.MC)
    assert session.handle_timer(1.0) == []
    session.receive_eof(2.0)
    assert session.next_deadline() is None
    assert session.handle_timer(1e9) == []


@pytest.mark.parametrize("role", Role)
def test_a_driver_learns_when_its_timer_may_have_to_move(role: Role) -> None:
    session = bound(role)
    session.timer_moved = False
    session.reserve("first", 0.0)
    assert session.timer_moved
    session.timer_moved = False
    session.reserve("second", 1.0)
    assert not session.timer_moved
    session.receive_data(b"\0\0", 1.0)
    assert session.timer_moved


@pytest.mark.parametrize("role", Role)
def test_an_answered_enquire_link_brings_the_next_one_nearer(role: Role) -> None:
    session = bound(role)
    session.handle_timer(30.0)
    assert session.next_deadline() == 90.0
    session.timer_moved = False
    session.receive_data(encode(EnquireLinkResp(sequence_number=session._sequence_number)), 31.0)
    assert session.timer_moved
    assert session.next_deadline() == 61.0


# -- ends ------------------------------------------------------------------------------------


def test_unbind_is_answered_after_the_submits_before_it() -> None:
    session = bound(Role.MC)
    unbind, answer = Unbind(sequence_number=3), submit_resp(2)
    play(session, recv(submit(2), unbind, submit(4)), told(submit(2), unbind))
    assert (session.unbinding, session.unanswered) == (True, 1)
    play(
        session,
        recv(submit(5)),
        do(lambda session, _now: session.respond(answer)),
        expect(answer),
        do(lambda session, _now: session.answer_unbind()),
        expect(UnbindResp(sequence_number=3)),
        told("Closed unbind"),
    )
    assert session.closed


def test_an_unbind_that_waits_too_long_is_answered_all_the_same() -> None:
    unbind = Unbind(sequence_number=3)
    session = bound(Role.MC, limits=SessionLimits(response_s=10.0))
    play(session, recv(submit(2), unbind), told(submit(2), unbind), at(9.9))
    assert session.handle_timer(9.9) == []
    play(session, at(10.0), expect(UnbindResp(sequence_number=3)), told("Closed unbind"))


def test_there_is_nothing_to_answer_without_an_unbind() -> None:
    with pytest.raises(LocalProtocolError, match="no unbind"):
        bound(Role.MC).answer_unbind()


@pytest.mark.parametrize("role", Role)
def test_our_unbind_ends_the_session_with_its_answer(role: Role) -> None:
    session = bound(role)
    number = session.reserve("open", 0.0)
    play(
        session,
        do(lambda session, now: session.unbind(now)),
        expect(Unbind(sequence_number=number + 1)),
        do(lambda session, now: session.unbind(now)),
        recv(UnbindResp(sequence_number=number + 1), EnquireLink(sequence_number=9)),
        told("TimedOut open", "Closed unbind_by_us"),
    )
    assert (session.unbind_sent, session.closed, session.buffered) == (True, True, 0)


def test_our_unbind_goes_out_beside_a_full_window() -> None:
    session = bound(Role.MC, limits=SessionLimits(window=1))
    session.reserve("open", 0.0)
    play(
        session,
        do(lambda session, now: session.unbind(now)),
        expect(Unbind(sequence_number=2)),
    )


def test_our_unbind_without_an_answer_ends_the_session_after_the_response_time() -> None:
    session = bound(Role.MC, limits=SessionLimits(response_s=10.0))
    play(
        session,
        do(lambda session, now: session.unbind(now)),
        expect(Unbind(sequence_number=1)),
        do(lambda session, now: session.reserve("behind", now)),
        at(10.0),
        told("TimedOut behind", "Closed unbind_by_us"),
    )


def test_requests_are_still_served_until_our_unbind_is_answered() -> None:
    session = bound(Role.MC)
    session.unbind(0.0)
    session.data_to_send()
    play(session, recv(submit(2)), told(submit(2)))


def test_an_unbind_before_the_bind_sends_nothing() -> None:
    session = opened()
    play(session, do(lambda session, now: session.unbind(now)))
    assert not session.unbind_sent


def test_the_end_of_the_stream_gives_back_what_is_outstanding() -> None:
    session = bound(Role.MC)
    session.reserve("first", 0.0)
    play(
        session,
        do(lambda session, now: session.receive_eof(now)),
        told("TimedOut first", "Closed eof"),
        do(lambda session, now: session.receive_eof(now)),
        recv(submit(1)),
        do(resume),
    )


def test_a_data_sm_may_come_from_a_receiver() -> None:
    data = DataSm(sequence_number=3)
    play(bound(Role.MC, BindMode.RX), recv(data), told(data))


def test_what_the_session_answers_and_asks_by_itself_is_counted() -> None:
    session = bound(Role.MC, limits=SessionLimits(enquire_link_s=30.0))
    play(
        session,
        recv(EnquireLink(sequence_number=7)),
        expect(EnquireLinkResp(sequence_number=7)),
        at(30.0),
        expect(EnquireLink(sequence_number=1)),
    )
    counted = (session.enquired, session.enquiries, session.enquiries_answered)
    assert counted == (1, 1, 0)
    play(
        session,
        recv(EnquireLinkResp(sequence_number=1)),
        do(lambda session, now: session.unbind(now)),
        expect(Unbind(sequence_number=2)),
    )
    assert (session.enquiries_answered, session.unbinds_answered) == (1, 0)
    play(session, recv(UnbindResp(sequence_number=2)), told("Closed unbind_by_us"))
    assert session.unbinds_answered == 1
