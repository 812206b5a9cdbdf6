"""Streams against a scripted transport: octets in, octets out, no loop time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from gateway.load.stream import Stream
from gateway.load.tally import Tally
from gateway.load.traffic import FrameRing
from smpp.codec import decode, encode
from smpp.constants import ESM_TYPE_INTERMEDIATE, ESM_TYPE_RECEIPT, MAX_SEQUENCE_NUMBER, TlvTag
from smpp.framing import take_frames
from smpp.pdus import (
    AlertNotification,
    DataSm,
    DeliverSm,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    Pdu,
    SubmitSm,
    SubmitSmResp,
    Unbind,
    UnbindResp,
)
from smpp.tlvs import Tlv

RECEIPT = b"id:%b sub:001 dlvrd:001 submit date:2603181200 done date:2603181201 stat:%b err:000"


class Wire(asyncio.Transport):
    """Keep what is written, and whether it was closed."""

    def __init__(self) -> None:
        super().__init__()
        self.data = b""
        self.writes = 0
        self.closed = ""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.data += data
        self.writes += 1

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        pass

    def close(self) -> None:
        self.closed = "close"

    def abort(self) -> None:
        self.closed = "abort"

    def taken(self) -> list[Pdu]:
        """Give what was written since the last call."""
        frames, position = take_frames(self.data, 0, 70_000, 100_000)
        assert position == len(self.data)
        pdus = [decode(self.data, start, end) for start, end, *_ in frames]
        self.data, self.writes = b"", 0
        return pdus


class Bed:
    """Hold one stream with its wire, tally and clock."""

    def __init__(
        self, window: int = 3, grant: Callable[[int], int] = lambda n: n, *, tracks: bool = True
    ) -> None:
        self.now = 100.0
        self.tally = Tally(tracks=tracks)
        frame = encode(SubmitSm(destination_addr=b"13300000001", short_message=b"T"))
        self.stream = Stream(self.tally, FrameRing([frame]), window, grant, lambda: self.now)
        self.wire = Wire()
        self.stream.connection_made(self.wire)
        self.stream.bound = True

    def fill(self) -> list[int]:
        self.stream.filling = True
        self.stream.send_due()
        return self.numbers()

    def numbers(self) -> list[int]:
        return [pdu.sequence_number for pdu in self.wire.taken() if isinstance(pdu, SubmitSm)]

    def take(self, *pdus: Pdu) -> None:
        self.stream.data_received(b"".join(encode(pdu) for pdu in pdus))


def accepted(number: int, message_id: bytes = b"1") -> SubmitSmResp:
    return SubmitSmResp(message_id=message_id, sequence_number=number)


def receipt(message_id: bytes, stat: bytes = b"DELIVRD", number: int = 9) -> DeliverSm:
    return DeliverSm(
        source_addr=b"13300000001",
        destination_addr=b"106590990371",
        esm_class=ESM_TYPE_RECEIPT,
        short_message=RECEIPT % (message_id, stat),
        sequence_number=number,
    )


async def test_the_window_is_filled_and_filled_again_by_one_write() -> None:
    bed = Bed(window=3)
    assert bed.fill() == [1, 2, 3]
    bed.take(accepted(1, b"a"), receipt(b"a"), accepted(2, b"b"))
    assert bed.wire.writes == 1
    [answer, *submitted] = bed.wire.taken()
    assert (answer.command_id, answer.sequence_number) == (0x80000005, 9)
    assert [pdu.sequence_number for pdu in submitted] == [4, 5]
    assert bed.stream.outstanding == 3
    assert bed.tally.totals().accepted == 2


async def test_pdus_may_arrive_octet_by_octet() -> None:
    bed = Bed()
    bed.fill()
    for octet in encode(accepted(1)) + encode(receipt(b"1")):
        bed.stream.data_received(bytes((octet,)))
    assert (bed.tally.accepted, bed.tally.receipts) == (1, 1)


async def test_nothing_more_is_sent_than_is_granted() -> None:
    left = [5]

    def grant(count: int) -> int:
        granted = min(count, left[0])
        left[0] -= granted
        return granted

    bed = Bed(window=3, grant=grant)
    assert bed.fill() == [1, 2, 3]
    bed.take(accepted(1), accepted(2), accepted(3))
    assert bed.numbers() == [4, 5]


async def test_what_falls_due_waits_for_the_window_and_counts_from_then() -> None:
    bed = Bed(window=2)
    bed.stream.owe(3, due_at=100.0)
    assert bed.numbers() == [1, 2]
    assert bed.stream.owing == 1
    bed.now = 101.0
    bed.take(accepted(1))
    assert bed.numbers() == [3]
    bed.now = 102.0
    bed.take(accepted(3))
    assert bed.tally.responses.max_s == 2.0
    bed.stream.owe(4, due_at=102.0)
    assert bed.numbers() == [4]
    assert bed.stream.stop() == 3


async def test_refusals_count_by_status_and_free_the_window() -> None:
    bed = Bed(window=2)
    bed.fill()
    bed.take(
        SubmitSmResp(command_status=0x58, sequence_number=1, bodiless=True),
        GenericNack(command_status=0x03, sequence_number=2),
        SubmitSmResp(command_status=0x58, sequence_number=77, bodiless=True),
    )
    assert bed.numbers() == [3, 4]
    assert bed.tally.statuses == {0x58: 2, 0x03: 1}
    assert bed.tally.refused == 2


async def test_the_latency_of_messages_outside_the_measured_time_is_left_out() -> None:
    bed = Bed(window=1)
    bed.tally.measured_from, bed.tally.measured_to = 100.5, 101.5
    for due_at in (100.0, 101.0, 102.0):
        bed.stream.owe(1, due_at)
        [number] = bed.numbers()
        bed.now = due_at + 0.25
        bed.take(accepted(number))
    assert (bed.tally.responses.count, bed.tally.responses.max_s) == (1, 0.25)
    assert bed.tally.accepted == 3


async def test_receipts_are_matched_with_their_messages() -> None:
    bed = Bed(window=1)
    bed.stream.owe(1, 100.0)
    bed.now = 103.0
    bed.take(accepted(1, b"42"), receipt(b"42", b"UNDELIV"), receipt(b"42"), receipt(b"x"))
    bed.tally.finish()
    assert bed.tally.round_trips.count == 1
    assert bed.tally.round_trips.max_s == 3.0
    assert bed.tally.untracked == 2
    assert bed.tally.states == {b"UNDELIV": 1, b"DELIVRD": 2}


async def test_a_receipt_before_its_response_is_matched_as_well() -> None:
    bed = Bed(window=1)
    bed.stream.owe(1, 100.0)
    bed.now = 100.5
    bed.take(receipt(b"42"))
    bed.now = 104.0
    bed.take(accepted(1, b"42"))
    bed.tally.finish()
    assert (bed.tally.round_trips.count, bed.tally.round_trips.max_s) == (1, 0.5)
    assert bed.tally.untracked == 0


async def test_every_delivery_is_acknowledged_in_one_write_whatever_it_is() -> None:
    bed = Bed()
    bed.take(
        receipt(b"1", number=1),
        DeliverSm(source_addr=b"13300000001", short_message=b"TD", sequence_number=2),
        DeliverSm(esm_class=ESM_TYPE_INTERMEDIATE, short_message=b"x", sequence_number=3),
        DeliverSm(
            esm_class=ESM_TYPE_RECEIPT,
            tlvs=(
                Tlv(TlvTag.RECEIPTED_MESSAGE_ID, b"7\0"),
                Tlv(TlvTag.MESSAGE_STATE, b"\x05"),
            ),
            sequence_number=4,
        ),
    )
    assert bed.wire.writes == 1
    answers = bed.wire.taken()
    assert [(pdu.command_id, pdu.sequence_number) for pdu in answers] == [
        (0x80000005, number) for number in (1, 2, 3, 4)
    ]
    assert (bed.tally.receipts, bed.tally.uplinks) == (2, 2)
    assert bed.tally.states == {b"DELIVRD": 1, b"UNDELIV": 1}


async def test_a_receipt_that_can_not_be_read_still_counts_and_is_acknowledged() -> None:
    bed = Bed()
    data = bytearray(encode(receipt(b"1")).replace(b"stat:", b"stet:"))
    data[-len(RECEIPT % (b"1", b"DELIVRD")) - 1] = 255
    bed.stream.data_received(bytes(data))
    assert [pdu.command_id for pdu in bed.wire.taken()] == [0x80000005]
    assert bed.tally.receipts == 1


async def test_a_deliver_sm_without_its_fields_is_an_uplink_like_any() -> None:
    bed = Bed()
    bed.stream.data_received(b"\0\0\0\x14\0\0\0\x05\0\0\0\0\0\0\0\x09abcd")
    assert bed.tally.uplinks == 1
    assert [pdu.sequence_number for pdu in bed.wire.taken()] == [9]


async def test_the_rest_of_the_protocol_is_answered_by_the_codec() -> None:
    bed = Bed()
    bed.take(
        EnquireLink(sequence_number=1),
        DataSm(sequence_number=2),
        AlertNotification(source_addr=b"1", esme_addr=b"2", sequence_number=3),
        EnquireLinkResp(sequence_number=4),
    )
    bed.stream.data_received(b"\0\0\0\x10\0\0\x77\x77\0\0\0\0\0\0\0\x05")
    answers = [(pdu.command_id, pdu.sequence_number) for pdu in bed.wire.taken()]
    assert answers == [(0x80000015, 1), (0x80000103, 2), (0x80000000, 5)]


async def test_an_unbind_of_the_message_centre_is_answered_and_ends() -> None:
    bed = Bed()
    bed.fill()
    bed.take(Unbind(sequence_number=8))
    assert [type(pdu) for pdu in bed.wire.taken()] == [UnbindResp]
    assert bed.wire.closed == "close"
    bed.stream.connection_lost(None)
    assert await bed.stream.lost == "closed by the message centre"
    assert bed.tally.unanswered == 3
    assert bed.tally.closings == {"closed by the message centre": 1}


async def test_an_expected_end_is_no_closing() -> None:
    bed = Bed()
    unbinding = asyncio.ensure_future(bed.stream.unbind(1.0))
    await asyncio.sleep(0)
    bed.take(UnbindResp(sequence_number=1))
    await unbinding
    bed.stream.connection_lost(None)
    assert not bed.tally.closings
    await bed.stream.unbind(1.0)


async def test_an_unbind_without_answer_cuts_the_connection() -> None:
    bed = Bed()
    await bed.stream.unbind(0.01)
    assert bed.wire.closed == "abort"


async def test_a_session_that_never_was_bound_is_cut_at_once() -> None:
    bed = Bed()
    bed.stream.bound = False
    await bed.stream.unbind(60.0)
    assert (bed.wire.data, bed.wire.closed) == (b"", "abort")


async def test_a_request_ends_with_the_connection() -> None:
    bed = Bed()
    waiting = bed.stream.request(EnquireLink())
    bed.stream.connection_lost(ConnectionResetError())
    with pytest.raises(ConnectionResetError):
        await waiting
    with pytest.raises(ConnectionResetError):
        await bed.stream.request(EnquireLink())
    assert bed.tally.closings == {"reset": 1}


@pytest.mark.parametrize("length", [15, 70_001])
async def test_a_length_that_no_pdu_has_cuts_the_connection(length: int) -> None:
    bed = Bed()
    bed.stream.data_received(encode(receipt(b"1")) + length.to_bytes(4, "big") + bytes(12))
    assert bed.tally.receipts == 1
    assert bed.wire.closed == "abort"


async def test_requests_without_answer_are_given_up_and_make_room() -> None:
    bed = Bed(window=2)
    bed.fill()
    bed.now = 170.0
    bed.stream.expire(before=110.0)
    assert bed.tally.unanswered == 2
    assert bed.numbers() == [3, 4]
    bed.take(accepted(1))
    assert bed.tally.responses.count == 0


async def test_a_full_write_buffer_stops_sending_but_not_answering() -> None:
    bed = Bed(window=2)
    bed.fill()
    bed.stream.pause_writing()
    bed.take(accepted(1), accepted(2), receipt(b"1"))
    assert [pdu.command_id for pdu in bed.wire.taken()] == [0x80000005]
    bed.stream.resume_writing()
    assert bed.numbers() == [3, 4]


async def test_sequence_numbers_begin_again_after_the_highest() -> None:
    bed = Bed(window=2)
    bed.stream._sequence_number = MAX_SEQUENCE_NUMBER - 1
    assert bed.fill() == [1, 2]


async def test_a_keep_alive_is_an_enquire_link() -> None:
    bed = Bed()
    bed.stream.keep_alive()
    assert [type(pdu) for pdu in bed.wire.taken()] == [EnquireLink]


async def test_after_the_end_nothing_is_sent() -> None:
    bed = Bed()
    bed.stream.ending = True
    bed.stream.connection_lost(None)
    bed.stream.owe(1, 100.0)
    bed.stream.keep_alive()
    assert bed.wire.data == b""
    assert not bed.stream.alive
