"""Write receipts in every dialect, and settle what messages owe."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from config.account import ReceiptDialect as DialectSettings
from config.network import load_network
from gateway.clock import ManualClock, SystemClock
from gateway.delivery import receipts
from gateway.delivery.receipts import ESM_NOTIFICATION, ESM_RECEIPT, writer_of
from gateway.load.inbox import Receipt, read_receipt
from gateway.load.submission import SubmitOptions
from routing.events import (
    Attempted,
    ReceiptAcknowledged,
    ReceiptDropped,
    ReceiptRefused,
    Segment,
)
from routing.liability import CodeTable
from routing.message import DELIVERED, REJECTED, UNDELIVERABLE, Message
from routing.receipts import ReceiptPolicy
from smpp.codec import decode
from smpp.constants import BindMode, CommandStatus, TlvTag
from smpp.pdus import DeliverSm
from tests.support.inprocess import NUMBER, TEXT, Running, police, running, until
from tests.support.submissions import AT, MESSAGE_ID, in_flight

CODES = CodeTable(load_network())
SEGMENT = Segment(MESSAGE_ID, 1, 1)


def written(
    message: Message,
    segment: Segment = SEGMENT,
    *,
    policy: ReceiptPolicy | None = None,
    version: int = 0x34,
    **dialect: Any,
) -> DeliverSm:
    writer = writer_of(DialectSettings(**dialect), policy or ReceiptPolicy(), CODES)
    pdu = decode(writer.write(message, segment, 7, version, ESM_RECEIPT))
    assert isinstance(pdu, DeliverSm)
    assert pdu.sequence_number == 7
    return pdu


def final(state: int = DELIVERED, error: str = "000", **changes: Any) -> Message:
    return in_flight(state=state, attempts=1, error=error, final_at=AT + 61.0, **changes)


def test_a_receipt_goes_back_with_text_and_tlvs() -> None:
    receipt = read_receipt(written(final(source_npi=1, dest_ton=1, dest_npi=1)))
    pdu = receipt.pdu
    assert (receipt.sender, receipt.recipient) == ("13300000001", NUMBER)
    assert (pdu.source_addr_ton, pdu.source_addr_npi, pdu.dest_addr_npi) == (1, 1, 1)
    assert (receipt.message_id, receipt.state, receipt.stat) == (str(MESSAGE_ID), 2, "DELIVRD")
    assert isinstance(pdu, DeliverSm)
    assert pdu.esm_class == ESM_RECEIPT
    assert b" sub:001 dlvrd:001 submit date:2602251413 done date:2602251414" in pdu.short_message
    assert {tlv.tag for tlv in pdu.tlvs} == {
        TlvTag.RECEIPTED_MESSAGE_ID,
        TlvTag.MESSAGE_STATE,
        TlvTag.NETWORK_ERROR_CODE,
    }


def test_a_failure_names_its_error() -> None:
    receipt = read_receipt(written(final(UNDELIVERABLE, "012")))
    assert (receipt.stat, receipt.error, receipt.state) == ("UNDELIV", "012", 5)
    assert receipt.text is not None
    assert receipt.text.dlvrd == 0


@pytest.mark.parametrize("octet", [0x00, 0x05, 0x7F, 0xFE, 0xFF])
def test_any_type_of_number_is_given_back_as_it_came(octet: int) -> None:
    message = final(source_ton=octet, source_npi=octet, dest_ton=octet, dest_npi=octet)
    pdu = written(message)
    assert pdu.source_addr == b"13300000001"
    assert (pdu.source_addr_ton, pdu.source_addr_npi) == (octet, octet)
    assert (pdu.dest_addr_ton, pdu.dest_addr_npi) == (octet, octet)


def test_addresses_that_are_not_ascii_are_given_back_octet_by_octet() -> None:
    pdu = written(final(sender="Ärger\xff", recipient="\xe9\xff1"))
    assert (pdu.source_addr, pdu.destination_addr) == (b"\xe9\xff1", b"\xc4rger\xff")


def test_an_old_session_gets_no_tlvs_and_its_short_id() -> None:
    pdu = written(final(), Segment(MESSAGE_ID, 1, 1, "0000002A"), version=0x33)
    assert pdu.tlvs == ()
    assert pdu.short_message.startswith(b"id:0000002A ")


@pytest.mark.parametrize(
    ("dialect", "start"),
    [
        ({"message_id": "hex"}, b"id:1000000000000000 sub:"),
        ({"message_id": "decimal", "receipt_id": "padded"}, b"id:01152921504606846976 sub:"),
        ({"keys": "upper"}, b"ID:"),
        ({"omit": ["sub", "dlvrd"]}, b"id:1152921504606846976 submit date:"),
        ({"tlv_only": True}, b""),
    ],
)
def test_dialects_change_the_text(dialect: dict[str, Any], start: bytes) -> None:
    pdu = written(final(), **dialect)
    assert pdu.short_message.startswith(start)
    assert bool(pdu.short_message) == bool(start)
    assert read_receipt(pdu).state == 2


def test_one_receipt_for_a_message_counts_its_segments() -> None:
    segments = (Segment(MESSAGE_ID, 1, 1), Segment(MESSAGE_ID + 1, 2, 1))
    message = final(segments=segments)
    whole = written(message, segments[0], policy=ReceiptPolicy(multipart="first"))
    assert b"sub:002 dlvrd:002" in whole.short_message
    each = written(message, segments[1])
    assert b"sub:001 dlvrd:001" in each.short_message
    assert each.short_message.startswith(b"id:%d " % (MESSAGE_ID + 1))


def test_letters_of_a_rejection_may_be_digits() -> None:
    message = final(REJECTED, "9A3")
    assert b"err:9A3" in written(message).short_message
    digits = written(message, policy=ReceiptPolicy(digits_only=True))
    assert b"err:933" in digits.short_message


def test_what_is_kept_for_speed_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATES_KEPT", "FRAMES_KEPT", "OUTCOMES_KEPT"):
        monkeypatch.setattr(receipts, name, 2)
    writer = writer_of(DialectSettings(), ReceiptPolicy(), CODES)
    for number in range(5):
        message = final(UNDELIVERABLE, f"{number:03d}", sender=f"1065{number}", at=AT + number)
        pdu = decode(writer.write(message, SEGMENT, 1, 0x34, ESM_NOTIFICATION))
        assert isinstance(pdu, DeliverSm)
        assert pdu.destination_addr == b"1065%d" % number
        assert b"err:%03d" % number in pdu.short_message
    assert max(len(writer._dates), len(writer._frames), len(writer._outcomes)) <= 2


# -- over loopback ---------------------------------------------------------------------------


async def test_a_receipt_sent_twice_is_acknowledged_once() -> None:
    async with running() as gateway, await gateway.esme() as esme:
        submitted = await esme.submit("19900000012", TEXT, NUMBER)
        for _ in range(2):
            await esme.receipt(submitted.message_ids[0])
        await until(lambda: gateway.gateway.outbox.depth("police") == 0)
        assert len(gateway.events(ReceiptAcknowledged)) == 1
        assert gateway.gateway.open_messages.messages == {}


async def test_a_second_copy_that_is_refused_for_good_drops_nothing() -> None:
    answers = iter([0, 0x65])
    async with running() as gateway:
        esme = await gateway.esme(acknowledge=lambda _pdu: next(answers))
        await esme.submit("19900000012", TEXT, NUMBER)
        await until(lambda: gateway.events(ReceiptAcknowledged))
        await until(lambda: gateway.gateway.outbox.depth("police") == 0)
        await gateway.gateway.journal.flush()
        assert gateway.events(ReceiptDropped) == []
        await esme.unbind()


async def test_a_notification_tells_of_each_failed_attempt_once() -> None:
    clock = ManualClock(SystemClock.at(), SystemClock.now())
    options = SubmitOptions(registered_delivery=0x11)
    refused = int(CommandStatus.ESME_RX_T_APPN)
    async with running(clock=clock) as gateway:
        # Sent once (SMPP 3.4 §2.11): not even a refusal brings it again.
        esme = await gateway.esme(interface_version=0x33, acknowledge=lambda _pdu: refused)
        submitted = await esme.submit("19900000001", TEXT, NUMBER, options)
        seen: list[Receipt] = []
        for attempt in (1, 2):
            await until(partial(_attempted, gateway, attempt))
            notification = await esme.delivery(lambda _delivery: True)
            assert isinstance(notification, Receipt)
            seen.append(notification)
            await until(lambda: gateway.gateway.outbox.depth("police") == 0)
            clock.advance(gateway.events(Attempted)[-1].next_at - clock.at() + 0.1)
            gateway.gateway.dispatcher.run_due()
        assert [(one.intermediate, one.stat, one.message_id) for one in seen] == [
            (True, "ENROUTE", submitted.message_ids[0])
        ] * 2
        await gateway.gateway.journal.flush()
        assert gateway.events(ReceiptRefused) == []
        assert gateway.events(ReceiptAcknowledged) == []
        await esme.unbind()


def _attempted(gateway: Running, times: int) -> bool:
    return len(gateway.events(Attempted)) == times


async def test_receipts_of_an_account_that_is_gone_are_kept_for_nobody(tmp_path: Any) -> None:
    async with running(tmp_path) as gateway, await gateway.esme(BindMode.TX) as esme:
        await esme.submit("19900000000", TEXT, NUMBER)
        await until(lambda: gateway.gateway.outbox.depth("police") == 1)
    async with running(tmp_path, account=[police(system_id="other")]) as gateway:
        assert gateway.gateway.outbox.depth("police") == 0
    async with running(tmp_path) as gateway:
        assert gateway.gateway.outbox.depth("police") == 1
