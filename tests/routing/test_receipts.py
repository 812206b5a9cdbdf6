from __future__ import annotations

import pytest

from config.network import load_network
from routing.liability import CodeTable
from routing.message import (
    DELETED,
    DELIVERED,
    ENROUTE,
    EXPIRED,
    REJECTED,
    UNDELIVERABLE,
    UNKNOWN,
    begin,
)
from routing.receipts import (
    LASTING_REFUSALS,
    Multipart,
    ReceiptFields,
    ReceiptPolicy,
    copies,
    notified,
    owe,
    owed,
    owed_segments,
    receipt_fields,
    send_again_at,
    settle,
    too_old,
)
from tests.support.submissions import AT, MESSAGE_ID, TEXT, in_flight, parts, submission

CODES = CodeTable(load_network())
FAILURES = (EXPIRED, DELETED, UNDELIVERABLE, UNKNOWN, REJECTED)


@pytest.mark.parametrize("others", [0x00, 0x10, 0x04, 0x0C, 0xE0, 0xFC])
@pytest.mark.parametrize(
    ("value", "version", "on_success", "on_failure"),
    [
        (0, 0x34, False, False),
        (1, 0x34, True, True),
        (2, 0x34, False, True),
        (3, 0x34, True, True),
        (3, 0x33, True, True),
        (0, 0x50, False, False),
        (1, 0x50, True, True),
        (2, 0x50, False, True),
        (3, 0x50, True, False),
    ],
)
def test_registered_delivery_is_honoured_exactly_and_by_its_bits(
    value: int, version: int, on_success: bool, on_failure: bool, others: int
) -> None:
    sent = in_flight(registered_delivery=value | others, interface_version=version)
    assert owed(sent, DELIVERED) == ((1,) if on_success else ())
    for state in FAILURES:
        assert owed(sent, state) == ((1,) if on_failure else ())


@pytest.mark.parametrize(
    ("octets", "multipart", "indexes"),
    [
        ((1, 1, 1), "segment", (1, 2, 3)),
        ((1, 1, 1), "first", (1,)),
        ((1, 1, 1), "last", (3,)),
        ((17, 0, 0), "segment", (1,)),
        ((17, 0, 0), "last", (1,)),
        ((0, 1, 1), "first", (2,)),
        ((1, 1, 0), "last", (2,)),
        ((1, 2, 1), "segment", (1, 3)),
        ((0, 0, 0), "first", ()),
        ((0, 0, 0), "last", ()),
        ((0, 0, 0), "segment", ()),
    ],
)
def test_a_concatenated_message_owes_by_the_accounts_policy(
    octets: tuple[int, ...], multipart: Multipart, indexes: tuple[int, ...]
) -> None:
    sent = in_flight(segments=parts(*octets))
    assert owed(sent, DELIVERED, multipart) == indexes


def test_a_message_rejected_at_the_receipt_stage_owes_rejectd() -> None:
    sent = in_flight(accepted=False, status=0, error="9A5", segments=parts(1, 2, 0))
    message = sent
    assert owe(message)
    assert [segment.index for segment in owed_segments(message)] == [1, 2]
    fields = receipt_fields(message, 2, CODES, ReceiptPolicy())
    assert (fields.stat, fields.err, fields.message_state) == ("REJECTD", "9A5", REJECTED)
    assert fields.done_at == AT


def test_the_magic_faults_change_only_the_number_of_receipts() -> None:
    assert owed(in_flight(fault="no_receipt"), DELIVERED) == ()
    assert copies(in_flight(fault="receipt_twice")) == 2
    assert owed(in_flight(fault="receipt_twice"), DELIVERED) == (1,)
    assert copies(in_flight()) == copies(in_flight(fault="receipt_before_response")) == 1


def test_intermediate_notifications_are_asked_by_bit_four() -> None:
    assert notified(in_flight(registered_delivery=17)) == (1,)
    assert notified(in_flight(registered_delivery=16)) == (1,)
    assert notified(in_flight(registered_delivery=1)) == ()
    assert notified(in_flight(registered_delivery=17, fault="no_receipt")) == ()
    assert notified(in_flight(segments=parts(17, 1, 16))) == (1, 3)
    assert notified(in_flight(segments=parts(17, 1, 16)), "last") == (3,)


def test_receipts_are_struck_off_one_by_one() -> None:
    message = begin(submission(segments=parts(1, 1)))
    message.state = DELIVERED
    assert owe(message)
    assert settle(message, MESSAGE_ID + 1)
    assert not settle(message, MESSAGE_ID + 1)
    assert not settle(message, MESSAGE_ID + 7)
    assert [segment.message_id for segment in owed_segments(message)] == [MESSAGE_ID]
    assert settle(message, MESSAGE_ID)
    assert owed_segments(message) == ()


def test_a_final_message_that_owes_nothing_is_done_with() -> None:
    message = begin(submission(registered_delivery=2))
    message.state = DELIVERED
    assert not owe(message)
    assert owed_segments(message) == ()


def test_a_receipt_says_what_became_of_the_message() -> None:
    message = begin(submission(wire_id="00ff"))
    message.state, message.error, message.final_at = DELIVERED, "000", AT + 2.0
    assert receipt_fields(message, 1, CODES, ReceiptPolicy()) == ReceiptFields(
        message_id=MESSAGE_ID,
        wire_id="00ff",
        submitted=1,
        delivered=1,
        submitted_at=AT,
        done_at=AT + 2.0,
        stat="DELIVRD",
        err="000",
        text=TEXT[:20],
        network_error_code=b"\x03\x00\x00",
        message_state=DELIVERED,
    )


def test_each_segment_has_its_own_id_and_counts_one() -> None:
    message = begin(submission(segments=parts(1, 1, 1)))
    message.state, message.error = UNDELIVERABLE, "640"
    fields = receipt_fields(message, 3, CODES, ReceiptPolicy())
    assert (fields.message_id, fields.wire_id) == (MESSAGE_ID + 2, "w3")
    assert (fields.submitted, fields.delivered, fields.stat) == (1, 0, "UNDELIV")
    assert fields.network_error_code == b"\x03" + (640).to_bytes(2, "big")


def test_one_receipt_for_the_whole_message_counts_its_segments() -> None:
    message = begin(submission(segments=parts(1, 1, 1)))
    message.state = DELIVERED
    fields = receipt_fields(message, 1, CODES, ReceiptPolicy(multipart="first"))
    assert (fields.submitted, fields.delivered) == (3, 3)


def test_letters_in_errors_become_digits_where_the_account_wants_them() -> None:
    message = begin(submission(accepted=False, error="9A5"))
    fields = receipt_fields(message, 1, CODES, ReceiptPolicy(digits_only=True))
    assert fields.err == "935"


def test_an_intermediate_notification_is_enroute_at_the_time_of_the_attempt() -> None:
    message = begin(submission())
    message.error = "602"
    fields = receipt_fields(message, 1, CODES, ReceiptPolicy(), done_at=AT + 9.0)
    assert (fields.stat, fields.message_state, fields.err) == ("ENROUTE", ENROUTE, "602")
    assert (fields.done_at, fields.delivered) == (AT + 9.0, 0)


def test_a_cancelled_message_has_error_000() -> None:
    message = begin(submission())
    message.state = DELETED
    assert receipt_fields(message, 1, CODES, ReceiptPolicy()).err == "000"


def test_receipts_are_sent_again_ever_more_slowly_up_to_a_limit() -> None:
    policy = ReceiptPolicy(retries_s=(1.0, 5.0, 30.0))
    pauses = [send_again_at(policy, attempts, AT) - AT for attempts in range(1, 6)]
    assert pauses == [1.0, 5.0, 30.0, 30.0, 30.0]


def test_a_receipt_is_given_up_by_its_age() -> None:
    policy = ReceiptPolicy(max_age_s=60.0)
    assert not too_old(policy, AT, AT + 60.0)
    assert too_old(policy, AT, AT + 60.1)


def test_permanent_and_reject_errors_end_the_sending() -> None:
    assert {0x65, 0x66} == LASTING_REFUSALS
