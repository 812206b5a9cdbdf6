from __future__ import annotations

import pytest

from routing import message as states
from routing.events import Attempted, Outcome, Replaced
from routing.message import (
    DELIVERED,
    ENROUTE,
    EXPIRED,
    OUTCOMES,
    REJECTED,
    SCHEDULED,
    TRANSITIONS,
    begin,
    finish,
    note_attempt,
    queried_state,
    revise,
    segments_of,
    take_back,
)
from smpp.constants import MessageState
from tests.support.submissions import AT, MESSAGE_ID, parts, submission


def outcome(state: int = DELIVERED) -> Outcome:
    return Outcome(AT + 5.0, MESSAGE_ID, state, "000", "ok", "telecom", 2)


def replaced(**changes: float) -> Replaced:
    return Replaced(
        AT + 1.0,
        MESSAGE_ID,
        "【示例警务】改",
        8,
        0,
        1,
        validity_at=changes.get("validity_at", AT + 86400.0),
        schedule_at=changes.get("schedule_at", 0.0),
    )


def test_states_are_those_of_smpp() -> None:
    for state in MessageState:
        if state != MessageState.SKIPPED:
            assert getattr(states, state.name) == state


def test_no_state_follows_an_outcome() -> None:
    assert set(TRANSITIONS) == {SCHEDULED, ENROUTE} | OUTCOMES
    assert all(not TRANSITIONS[state] for state in OUTCOMES)
    assert TRANSITIONS[ENROUTE] == OUTCOMES


def test_an_accepted_submission_is_enroute() -> None:
    message = begin(submission())
    assert (message.state, message.final, message.message_id) == (ENROUTE, False, MESSAGE_ID)


def test_a_submission_rejected_at_the_receipt_stage_is_final_at_once() -> None:
    message = begin(submission(accepted=False, error="9A5"))
    assert (message.state, message.error, message.final_at) == (REJECTED, "9A5", AT)


def test_an_attempt_leaves_its_number_error_and_next_time() -> None:
    message = begin(submission())
    note_attempt(message, Attempted(AT, MESSAGE_ID, 2, "602", AT + 60.0))
    assert (message.attempts, message.error, message.due_at) == (2, "602", AT + 60.0)


def test_an_older_attempt_is_passed_over() -> None:
    message = begin(submission())
    note_attempt(message, Attempted(AT, MESSAGE_ID, 2, "602", AT + 60.0))
    note_attempt(message, Attempted(AT, MESSAGE_ID, 1, "718", AT + 30.0))
    assert (message.attempts, message.error) == (2, "602")


def test_the_first_outcome_is_the_only_one() -> None:
    message = begin(submission())
    assert finish(message, outcome())
    assert not finish(message, outcome(EXPIRED))
    note_attempt(message, Attempted(AT, MESSAGE_ID, 9, "602", AT + 60.0))
    assert (message.state, message.attempts, message.final_at) == (DELIVERED, 2, AT + 5.0)


def test_an_outcome_must_be_a_final_state() -> None:
    with pytest.raises(ValueError, match=r"state 1, one of \[2, 3"):
        finish(begin(submission()), outcome(ENROUTE))


def test_replacing_leaves_the_submission_of_the_journal_as_it_was() -> None:
    original = submission()
    message = begin(original)
    revise(message, replaced())
    assert message.text == "【示例警务】改"
    assert message.registered_delivery == 0
    assert original.text != message.text


def test_a_new_schedule_moves_the_first_attempt() -> None:
    message = begin(submission())
    message.due_at = AT + 3.0
    revise(message, replaced(schedule_at=AT + 600.0))
    assert (message.due_at, message.schedule_at) == (0.0, AT + 600.0)


def test_a_new_schedule_puts_a_later_attempt_off_but_never_forward() -> None:
    message = begin(submission())
    note_attempt(message, Attempted(AT, MESSAGE_ID, 1, "602", AT + 60.0))
    revise(message, replaced(schedule_at=AT + 30.0))
    assert message.due_at == AT + 60.0
    revise(message, replaced(schedule_at=AT + 90.0))
    assert message.due_at == AT + 90.0


def test_an_unchanged_schedule_leaves_the_attempt_where_it_was() -> None:
    message = begin(submission())
    message.due_at = AT + 3.0
    revise(message, replaced())
    assert message.due_at == AT + 3.0


def test_a_final_message_is_not_replaced() -> None:
    message = begin(submission())
    finish(message, outcome())
    revise(message, replaced())
    assert message.text == submission().text


def test_strings_that_repeat_are_shared() -> None:
    first, second = begin(submission()), begin(submission(sender="".join(["1065", "90990371"])))
    assert first.sender is second.sender


def test_a_twin_is_equal_and_goes_its_own_way() -> None:
    message = begin(submission(segments=parts(1, 0), wire_id="w1", fault="no_receipt"))
    twin = message.twin()
    assert twin == message
    twin.state = DELIVERED
    assert (message.state, twin == message) == (ENROUTE, False)


def test_what_was_replaced_is_taken_back() -> None:
    message = begin(submission())
    before = message.twin()
    revise(message, replaced(schedule_at=AT + 600.0))
    take_back(message, before)
    assert message == before


def test_a_message_of_one_pdu_has_one_segment() -> None:
    (segment,) = segments_of(begin(submission(wire_id="abc", registered_delivery=17)))
    assert (segment.message_id, segment.index) == (MESSAGE_ID, 1)
    assert (segment.registered_delivery, segment.wire_id) == (17, "abc")
    assert segments_of(begin(submission(segments=parts(1, 0)))) == parts(1, 0)


def test_only_smpp_5_sees_a_message_scheduled() -> None:
    message = begin(submission(schedule_at=AT + 60.0))
    assert queried_state(message, AT, 0x50) == SCHEDULED
    assert queried_state(message, AT, 0x34) == ENROUTE
    assert queried_state(message, AT + 60.0, 0x50) == ENROUTE
    finish(message, outcome())
    assert queried_state(message, AT, 0x50) == DELIVERED
