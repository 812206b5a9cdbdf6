from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.events import (
    Attempted,
    JournalEvent,
    MoAcknowledged,
    MoDropped,
    MoReceived,
    MoRefused,
    Outcome,
    ReceiptAcknowledged,
    ReceiptDropped,
    ReceiptRefused,
    Replaced,
    SegmentHeld,
    Stopped,
    decode_batch,
    encode_batch,
)
from routing.message import DELIVERED, ENROUTE, EXPIRED, REJECTED, Message
from routing.open_messages import OpenMessages, OpenMo, decode_open, encode_open
from routing.receipts import owed_segments
from tests.support.submissions import AT, MESSAGE_ID, in_flight, parts, submission


def held(index: int, total: int = 2, first_id: int = MESSAGE_ID) -> SegmentHeld:
    return SegmentHeld(
        at=AT,
        message_id=first_id + index - 1,
        account="police",
        session_id=1,
        sequence_number=index,
        sender="106590990371",
        recipient="13300000001",
        reference=7,
        total=total,
        index=index,
        registered_delivery=1,
        pdu=b"pdu",
    )


def outcome(message_id: int = MESSAGE_ID, state: int = DELIVERED) -> Outcome:
    return Outcome(AT + 1.0, message_id, state, "000", "ok", "telecom")


def attempted(message_id: int = MESSAGE_ID, attempt: int = 1) -> Attempted:
    return Attempted(AT, message_id, attempt, "602", AT + 60.0 * attempt)


def acknowledged(message_id: int = MESSAGE_ID) -> ReceiptAcknowledged:
    return ReceiptAcknowledged(AT + 2.0, message_id, 1, AT + 1.5)


def uplink(mo_id: int = 5) -> MoReceived:
    return MoReceived(AT, mo_id, "police", "13300000001", "106590990371", "TD", 1, "api")


def fold(
    events: list[JournalEvent], onto: OpenMessages | None = None, **settings: Any
) -> OpenMessages:
    opened = onto or OpenMessages(**settings)
    for event in events:
        opened.apply(event)
    return opened


def content(opened: OpenMessages) -> tuple[dict[int, Message], dict[int, SegmentHeld], Any]:
    return opened.messages, opened.held, opened.mo


def test_an_accepted_message_is_open_until_its_outcome_and_receipt() -> None:
    opened = fold([submission()])
    assert opened.messages[MESSAGE_ID].state == ENROUTE
    fold([outcome()], opened)
    assert opened.messages[MESSAGE_ID].owed == 1
    fold([acknowledged()], opened)
    assert not opened.messages


def test_without_a_receipt_asked_the_outcome_closes_the_message() -> None:
    assert not fold([submission(registered_delivery=0), outcome()]).messages
    assert not fold([submission(registered_delivery=2), outcome()]).messages
    assert fold([submission(registered_delivery=2), outcome(state=EXPIRED)]).messages


def test_a_message_rejected_at_submission_is_never_open() -> None:
    assert not fold([submission(accepted=False, status=0x45)]).messages


def test_a_message_rejected_at_the_receipt_stage_waits_for_its_receipts() -> None:
    rejected = submission(accepted=False, error="9A5", segments=parts(1, 1))
    opened = fold([rejected])
    message = opened.messages[MESSAGE_ID]
    assert (message.state, message.owed) == (REJECTED, 0b11)
    fold([outcome(), acknowledged(), acknowledged(MESSAGE_ID + 1)], opened)
    assert not opened.messages
    assert not fold([submission(accepted=False, registered_delivery=0)]).messages


def test_the_receipts_of_segments_are_closed_by_their_own_ids() -> None:
    opened = fold([submission(segments=parts(1, 1)), outcome(), acknowledged(MESSAGE_ID + 1)])
    message = opened.message_of(MESSAGE_ID + 1)
    assert message is opened.message_of(MESSAGE_ID)
    assert message is not None
    assert [segment.index for segment in owed_segments(message)] == [1]
    fold([ReceiptDropped(AT, MESSAGE_ID, "age")], opened)
    assert content(opened) == ({}, {}, {})
    assert opened.message_of(MESSAGE_ID + 1) is None


def test_the_accounts_receipt_policy_is_kept() -> None:
    opened = fold([submission(segments=parts(1, 1)), outcome()], multipart={"police": "last"})
    assert opened.messages[MESSAGE_ID].owed == 0b10


def test_attempts_and_refusals_are_remembered() -> None:
    opened = fold([submission(), attempted(), attempted(attempt=2)])
    message = opened.messages[MESSAGE_ID]
    assert (message.attempts, message.error, message.due_at) == (2, "602", AT + 120.0)
    fold([outcome(), ReceiptRefused(AT, MESSAGE_ID, 1, 0x64, "", 3)], opened)
    assert message.receipt_attempts == 3


def test_replacing_changes_what_is_delivered_and_owed() -> None:
    opened = fold([submission(), Replaced(AT, MESSAGE_ID, "改", 8, 0, 1, AT + 9.0, 0.0)])
    assert opened.messages[MESSAGE_ID].text == "改"
    fold([outcome()], opened)
    assert not opened.messages


def test_parts_wait_until_their_message_is_submitted() -> None:
    opened = fold([held(1), held(2)])
    assert sorted(opened.held) == [MESSAGE_ID, MESSAGE_ID + 1]
    fold([submission(segments=parts(1, 1))], opened)
    assert not opened.held
    fold([held(2)], opened)
    assert not opened.held


def test_parts_of_a_rejected_message_wait_no_longer() -> None:
    assert not fold([held(1), submission(accepted=False, status=8, segments=parts(1))]).held


def test_an_uplink_message_is_open_until_it_is_acknowledged_or_dropped() -> None:
    opened = fold([uplink(), uplink(6), MoRefused(AT, 5, 1, 0x64, "", 2)])
    assert opened.mo == {5: OpenMo(uplink(), 2), 6: OpenMo(uplink(6))}
    fold([MoAcknowledged(AT, 5, 1, AT), MoDropped(AT, 6, "age")], opened)
    assert not opened.mo


def test_events_about_nothing_open_are_passed_over() -> None:
    strays: list[JournalEvent] = [
        attempted(),
        outcome(),
        acknowledged(),
        ReceiptDropped(AT, MESSAGE_ID, "age"),
        ReceiptRefused(AT, MESSAGE_ID, 1, 8, "", 1),
        Replaced(AT, MESSAGE_ID, "改", 8, 0, 1, 0.0, 0.0),
        MoAcknowledged(AT, 5, 1, AT),
        MoRefused(AT, 5, 1, 8, "", 1),
        Stopped(AT, "test"),
    ]
    assert content(fold(strays)) == ({}, {}, {})


def test_an_acknowledgement_before_the_outcome_closes_nothing() -> None:
    assert fold([submission(), acknowledged()]).messages


def test_the_events_are_left_as_they_were() -> None:
    event = submission(pdu=b"pdu")
    opened = fold([event, Replaced(AT, MESSAGE_ID, "改", 8, 0, 1, AT, 0.0)])
    assert event == submission(pdu=b"pdu")
    assert opened.messages[MESSAGE_ID].text == "改"


@st.composite
def histories(draw: st.DrawFn) -> list[JournalEvent]:
    """Draw the histories of some messages, each in its own order, dealt into one journal."""
    lives: list[list[JournalEvent]] = []
    for n in range(draw(st.integers(1, 5))):
        first = MESSAGE_ID + 10 * n
        octets = draw(st.lists(st.sampled_from([0, 1, 2, 17]), min_size=1, max_size=3))
        segments = parts(*octets, first_id=first) if len(octets) > 1 else ()
        accepted = draw(st.booleans())
        life: list[JournalEvent] = [held(s.index, len(octets), first) for s in segments]
        life.append(
            submission(
                message_id=first,
                registered_delivery=octets[0],
                segments=segments,
                accepted=accepted,
                status=0 if accepted else draw(st.sampled_from([0, 8])),
            )
        )
        life += [attempted(first, k + 1) for k in range(draw(st.integers(0, 3)))]
        life.append(Replaced(AT, first, "改", 8, draw(st.integers(0, 2)), 1, AT, AT + 5.0))
        life.append(outcome(first, draw(st.sampled_from([DELIVERED, EXPIRED]))))
        for k in range(len(octets)):
            life.append(ReceiptRefused(AT, first + k, 1, 8, "", 1 + k))
            closing = acknowledged if draw(st.booleans()) else dropped
            life.append(closing(first + k))
        life += [uplink(n), MoRefused(AT, n, 1, 8, "", 1), MoAcknowledged(AT, n, 1, AT)]
        lives.append(life[: draw(st.integers(0, len(life)))])
    journal: list[JournalEvent] = []
    while any(lives):
        life = draw(st.sampled_from([life for life in lives if life]))
        journal.append(life.pop(0))
    return journal


def dropped(message_id: int) -> ReceiptDropped:
    return ReceiptDropped(AT, message_id, "age")


@given(histories(), st.data())
def test_a_prefix_then_the_rest_is_the_whole(
    journal: list[JournalEvent], data: st.DataObject
) -> None:
    cut = data.draw(st.integers(0, len(journal)))
    opened = fold(journal[:cut])
    restarted = OpenMessages()
    for message in opened.messages.values():
        restarted.restore(decode_open(encode_open(message)))
    restarted.held = dict(opened.held)
    restarted.mo = dict(opened.mo)
    assert content(fold(journal[cut:], restarted)) == content(fold(journal))


@given(histories(), st.data())
def test_folding_a_stretch_again_changes_nothing(
    journal: list[JournalEvent], data: st.DataObject
) -> None:
    high = data.draw(st.integers(0, len(journal)))
    low = data.draw(st.integers(0, high))
    assert content(fold(journal[low:], fold(journal[:high]))) == content(fold(journal))


@given(histories())
def test_each_event_may_come_twice(journal: list[JournalEvent]) -> None:
    twice = [event for event in journal for _ in range(2)]
    assert content(fold(twice)) == content(fold(journal))


@given(histories())
def test_the_fold_is_the_same_over_the_journals_encoding(journal: list[JournalEvent]) -> None:
    assert content(fold(decode_batch(encode_batch(journal)))) == content(fold(journal))


def test_an_open_message_survives_its_encoding() -> None:
    message = in_flight(
        segments=parts(1, 2),
        fault="receipt_twice",
        state=DELIVERED,
        attempts=3,
        due_at=AT,
        error="000",
        final_at=AT + 1.0,
        owed=0b10,
        receipt_attempts=4,
    )
    assert decode_open(encode_open(message)) == message


def test_what_is_no_open_message_is_refused() -> None:
    with pytest.raises(msgspec.DecodeError):
        decode_open(b"\x01")
