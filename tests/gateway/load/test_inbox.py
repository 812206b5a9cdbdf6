"""Turn deliveries into receipts and messages, and keep them in bounds."""

from __future__ import annotations

import asyncio

import pytest

from gateway.load import inbox as inbox_module
from gateway.load.errors import ConnectionLostError
from gateway.load.inbox import Inbox, Receipt, Uplink, read_receipt
from smpp.concat import split
from smpp.constants import ESM_TYPE_INTERMEDIATE, ESM_TYPE_RECEIPT, TlvTag
from smpp.pdus import DeliverSm
from smpp.tlvs import Tlv

TEXT = (
    b"id:4711 sub:001 dlvrd:001 submit date:2602251413 done date:2602251414 "
    b"stat:UNDELIV err:012 text:"
)


def receipt(text: bytes = TEXT, esm_class: int = ESM_TYPE_RECEIPT, *tlvs: Tlv) -> DeliverSm:
    return DeliverSm(
        source_addr=b"13300000001",
        destination_addr=b"106590990371",
        esm_class=esm_class,
        short_message=text,
        tlvs=tlvs,
    )


def uplink(text: bytes, **changes: object) -> DeliverSm:
    fields: dict[str, object] = {
        "source_addr": b"13300000001",
        "destination_addr": b"106590990371",
        "short_message": text,
    }
    return DeliverSm(**{**fields, **changes})  # type: ignore[arg-type]  # the fields of a deliver_sm


def segments(reference: int, sender: bytes = b"13300000001") -> list[DeliverSm]:
    return [
        uplink(
            part.short_message,
            esm_class=part.esm_class,
            data_coding=8,
            tlvs=part.tlvs,
            source_addr=sender,
        )
        for part in split("长" * 100, 8, method="udh8", reference=reference)
    ]


def text_of(inbox: Inbox) -> list[str]:
    found = []
    while (delivery := inbox.find(lambda _delivery: True)) is not None:
        assert isinstance(delivery, Uplink)
        found.append(delivery.text)
    return found


# -- receipts --------------------------------------------------------------------------------


def test_a_receipt_is_read_by_its_text() -> None:
    found = read_receipt(receipt())
    assert (found.message_id, found.stat, found.error, found.state) == ("4711", "UNDELIV", "012", 5)
    assert (found.sender, found.recipient) == ("13300000001", "106590990371")
    assert not found.intermediate


def test_tlvs_say_more_than_the_text() -> None:
    tlvs = (Tlv(TlvTag.RECEIPTED_MESSAGE_ID, b"99\0"), Tlv(TlvTag.MESSAGE_STATE, b"\x02"))
    found = read_receipt(receipt(TEXT, ESM_TYPE_RECEIPT, *tlvs))
    assert (found.message_id, found.state, found.stat) == ("99", 2, "UNDELIV")


def test_a_receipt_without_anything_is_empty_and_no_fault() -> None:
    found = read_receipt(receipt(b"\xff\x00"))
    assert (found.message_id, found.state, found.stat, found.error) == ("", 0, "", "")


def test_a_notification_is_told_from_a_receipt() -> None:
    inbox = Inbox()
    inbox.take_pdu(receipt(TEXT, ESM_TYPE_INTERMEDIATE))
    found = inbox.find(lambda _delivery: True)
    assert isinstance(found, Receipt)
    assert found.intermediate


# -- uplink messages -------------------------------------------------------------------------


def test_segments_arrive_as_one_message_in_any_order() -> None:
    inbox = Inbox()
    for pdu in reversed(segments(1)):
        assert len(inbox) == 0
        inbox.take_pdu(pdu)
    assert text_of(inbox) == ["长" * 100]


def test_messages_of_two_senders_with_one_reference_stay_apart() -> None:
    inbox = Inbox()
    for pdu in (segments(1)[0], segments(1, b"13300000002")[1]):
        inbox.take_pdu(pdu)
    assert len(inbox) == 0
    inbox.take_pdu(segments(1)[1])
    assert text_of(inbox) == ["长" * 100]


def test_a_header_that_is_no_segment_s_is_left_out_of_the_text() -> None:
    inbox = Inbox()
    inbox.take_pdu(uplink(b"\x04\x04\x02\x0b\x84TD", esm_class=0x40, data_coding=1))
    assert text_of(inbox) == ["TD"]


def test_a_broken_header_is_shown_as_it_came() -> None:
    inbox = Inbox()
    inbox.take_pdu(uplink(b"\x09\x00TD", esm_class=0x40, data_coding=8))
    assert text_of(inbox) == [b"\x09\x00TD".decode("utf-16-be")]


def test_half_messages_are_kept_in_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox_module, "MAX_INCOMPLETE", 2)
    inbox = Inbox()
    for reference in range(1, 4):
        inbox.take_pdu(segments(reference)[0])
    assert inbox.dropped == 1
    # The oldest went: its other half completes nothing, that of the newest does.
    inbox.take_pdu(segments(3)[1])
    inbox.take_pdu(segments(1)[1])
    assert text_of(inbox) == ["长" * 100]


# -- keeping and waiting ---------------------------------------------------------------------


def test_the_oldest_go_when_too_many_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox_module, "MAX_KEPT", 3)
    inbox = Inbox()
    for number in range(5):
        inbox.take_pdu(uplink(b"%d" % number, data_coding=1))
    assert inbox.dropped == 2
    assert text_of(inbox) == ["2", "3", "4"]


async def test_whoever_waits_gets_what_is_wanted_and_the_rest_is_kept() -> None:
    inbox = Inbox()
    wanted = inbox.wait(lambda delivery: isinstance(delivery, Uplink) and delivery.text == "B")
    for text in (b"A", b"B", b"B"):
        inbox.take_pdu(uplink(text, data_coding=1))
    found = await wanted
    assert isinstance(found, Uplink)
    assert text_of(inbox) == ["A", "B"]


async def test_somebody_who_gave_up_takes_nothing() -> None:
    inbox = Inbox()
    inbox.wait(lambda _delivery: True).cancel()
    await asyncio.sleep(0)
    inbox.take_pdu(uplink(b"A", data_coding=1))
    assert text_of(inbox) == ["A"]


async def test_with_a_callback_only_whoever_waits_gets_one() -> None:
    told: list[object] = []
    inbox = Inbox(told.append)
    wanted = inbox.wait(lambda _delivery: True)
    for text in (b"A", b"B"):
        inbox.take_pdu(uplink(text, data_coding=1))
    assert (len(told), len(inbox), wanted.done()) == (2, 0, True)


async def test_the_end_is_told_to_all_who_wait() -> None:
    inbox = Inbox()
    first, gone = inbox.wait(lambda _delivery: True), inbox.wait(lambda _delivery: True)
    gone.cancel()
    inbox.end(ConnectionLostError("eof"))
    with pytest.raises(ConnectionLostError, match="eof"):
        await first
