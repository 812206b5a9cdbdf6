"""Hold the figures of /metrics to what went over the wire and what became of it."""

from __future__ import annotations

from contextlib import nullcontext

import pytest

from gateway.clock import ManualClock, SystemClock
from gateway.delivery.receipts import ReceiptItem
from gateway.load.errors import BindError, ConnectionLostError, NoAnswerError, SubmitError
from gateway.load.submission import SubmitOptions
from smpp.codec import encode
from smpp.constants import BindMode, CommandId, CommandStatus
from smpp.pdus import EnquireLink, QuerySm, ReplaceSm
from smpp.session import SessionLimits
from tests.support.inprocess import NUMBER, TEXT, Running, running, until
from tests.support.samples import BY_ID

TO = "19900000000"
LONG = BY_ID["T30"].text


def value(gateway: Running, name: str, **labels: str) -> float:
    """Give one sample; a series that is not there yet counts nothing."""
    return gateway.gateway.recorder.freeze().get_sample_value(name, labels) or 0.0


def pdus(gateway: Running, direction: str, command: str, status: str = "ESME_ROK") -> float:
    labels = {"direction": direction, "command": command, "status": status}
    return value(gateway, "smsgw_smpp_pdus_total", **labels)


def receipts(gateway: Running, result: str) -> float:
    return value(gateway, "smsgw_receipts_total", account="police", result=result)


def uplinks(gateway: Running, result: str, account: str = "police") -> float:
    return value(gateway, "smsgw_mo_total", account=account, result=result)


def faults(gateway: Running) -> dict[str, float]:
    """Give the faults that were counted at least once."""
    found = {family.name: family for family in gateway.gateway.recorder.freeze().collect()}
    samples = found["smsgw_smpp_faults"].samples
    return {sample.labels["fault"]: sample.value for sample in samples if sample.value}


# -- PDUs ------------------------------------------------------------------------------------


async def test_every_pdu_of_a_session_s_life_is_counted_on_its_side() -> None:
    async with running() as gateway:
        esme = await gateway.esme()
        submitted = await esme.submit(TO, TEXT, NUMBER)
        await esme.receipt(submitted.message_ids[0])
        await esme.request(EnquireLink())
        with pytest.raises(SubmitError, match="ESME_RQUERYFAIL"):
            await esme.query(submitted.message_ids[0])
        await until(lambda: gateway.gateway.outbox.depth("police") == 0)
        await esme.unbind()
        await until(lambda: len(gateway.gateway.sessions) == 0)
        for command in ("bind_transceiver", "submit_sm", "enquire_link", "query_sm", "unbind"):
            assert pdus(gateway, "received", command) == 1, command
            status = "ESME_RQUERYFAIL" if command == "query_sm" else "ESME_ROK"
            answered = pdus(gateway, "sent", f"{command}_resp", status)
            assert answered == 1, command
        assert pdus(gateway, "sent", "deliver_sm") == 1
        assert pdus(gateway, "received", "deliver_sm_resp") == 1
        assert pdus(gateway, "sent", "unbind") == pdus(gateway, "received", "unbind_resp") == 0
        assert pdus(gateway, "received", "other", "other") == 0


async def test_enquire_links_are_counted_once_while_the_session_lasts() -> None:
    async with running() as gateway, await gateway.esme() as esme:
        for asked in (1, 2):
            await esme.request(EnquireLink())
            for _scrape in range(2):
                assert pdus(gateway, "received", "enquire_link") == asked
                assert pdus(gateway, "sent", "enquire_link_resp") == asked


async def test_our_own_enquire_links_and_unbinds_are_counted() -> None:
    async with running(smpp__timers__enquire_link_s=0.05) as gateway:
        esme = await gateway.esme()
        await until(lambda: pdus(gateway, "received", "enquire_link_resp") >= 1)
        assert pdus(gateway, "sent", "enquire_link") >= 1
        (connection,) = gateway.gateway.sessions
        connection.unbind()
        assert await esme.lost == "unbind"
        await until(lambda: len(gateway.gateway.sessions) == 0)
        assert pdus(gateway, "sent", "unbind") == pdus(gateway, "received", "unbind_resp") == 1
        assert pdus(gateway, "sent", "unbind_resp") == 0


async def test_a_refused_bind_and_a_pdu_out_of_place_are_counted_by_their_answers() -> None:
    async with running() as gateway:
        with pytest.raises(BindError):
            await gateway.esme(password="wrong")
        assert pdus(gateway, "sent", "bind_transceiver_resp", "ESME_RBINDFAIL") == 1
        esme = await gateway.esme(None)
        esme.connection.write(encode(QuerySm(message_id=b"1", sequence_number=1)))
        await until(lambda: pdus(gateway, "received", "query_sm") == 1)
        assert pdus(gateway, "sent", "query_sm_resp", "ESME_RINVBNDSTS") == 1
        await esme.close()


async def test_what_is_no_operation_is_counted_with_the_generic_nack_it_gets() -> None:
    async with running() as gateway:
        esme = await gateway.esme(None)
        esme.connection.write(encode(EnquireLink(sequence_number=1)).replace(b"\x15", b"\x77", 1))
        await until(lambda: pdus(gateway, "sent", "generic_nack", "ESME_RINVCMDID") == 1)
        assert pdus(gateway, "received", "other") == 1
        await esme.close()


async def test_a_response_that_can_not_be_read_is_not_counted_as_answered() -> None:
    async with running() as gateway:
        meter = gateway.gateway.meter
        meter.refused(CommandId.DELIVER_SM_RESP, CommandStatus.ESME_RINVMSGLEN)
        assert pdus(gateway, "received", "deliver_sm_resp") == 1
        assert pdus(gateway, "sent", "deliver_sm_resp", "ESME_RINVMSGLEN") == 0


async def test_cancel_and_replace_are_counted_by_their_answers() -> None:
    async with running() as gateway, await gateway.esme() as esme:
        await esme.cancel("4711")
        await esme.request(ReplaceSm(message_id=b"4711"))
        assert pdus(gateway, "sent", "cancel_sm_resp", "ESME_RCANCELFAIL") == 1
        assert pdus(gateway, "sent", "replace_sm_resp", "ESME_RREPLACEFAIL") == 1


# -- times -----------------------------------------------------------------------------------


async def test_the_time_to_the_response_is_measured_on_both_sides() -> None:
    name = "smsgw_smpp_request_duration_seconds"
    async with running() as gateway, await gateway.esme() as esme:
        for _ in range(3):
            submitted = await esme.submit(TO, TEXT, NUMBER)
            await esme.receipt(submitted.message_ids[0])
        await until(lambda: gateway.gateway.outbox.depth("police") == 0)
        for command in ("submit_sm", "deliver_sm"):
            assert value(gateway, f"{name}_count", command=command) == 3
            assert 0.0 < value(gateway, f"{name}_sum", command=command) < 10.0


# -- deliveries ------------------------------------------------------------------------------


async def test_receipts_are_counted_sent_refused_and_dropped() -> None:
    refuse = int(CommandStatus.ESME_RX_P_APPN)
    async with running() as gateway:
        esme = await gateway.esme(acknowledge=lambda _pdu: refuse)
        await esme.submit(TO, TEXT, NUMBER)
        await until(lambda: receipts(gateway, "dropped") == 1)
        assert receipts(gateway, "sent") == receipts(gateway, "refused") == 1
        assert receipts(gateway, "acknowledged") == 0
        await esme.unbind()


async def test_receipts_given_up_for_their_age_are_counted() -> None:
    clock = ManualClock(SystemClock.at(), SystemClock.now())
    async with running(clock=clock) as gateway:
        async with await gateway.esme(BindMode.TX) as esme:
            for _ in range(2):
                await esme.submit(TO, TEXT, NUMBER)
        await until(lambda: gateway.gateway.outbox.depth("police") == 2)
        clock.advance(73 * 3600.0)
        gateway.gateway.outbox.sweep()
        assert receipts(gateway, "dropped") == 2
        gateway.gateway.outbox.sweep()
        assert receipts(gateway, "dropped") == 2


async def test_a_receipt_that_can_not_be_written_is_counted_as_dropped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def failing(_self: ReceiptItem, _sequence_number: int, _version: int) -> bytes:
        raise RuntimeError("a mistake")

    monkeypatch.setattr(ReceiptItem, "encode", failing)
    async with running() as gateway, await gateway.esme() as esme:
        await esme.submit(TO, TEXT, NUMBER)
        await until(lambda: receipts(gateway, "dropped") == 1)
        assert receipts(gateway, "sent") == pdus(gateway, "sent", "deliver_sm") == 0
        gateway.mistakes.clear()


async def test_a_notification_is_a_pdu_and_no_receipt() -> None:
    options = SubmitOptions(registered_delivery=0x10)
    async with running() as gateway, await gateway.esme() as esme:
        await esme.submit("19900000001", TEXT, NUMBER, options)
        await esme.delivery(lambda _delivery: True)
        assert pdus(gateway, "sent", "deliver_sm") == 1
        assert receipts(gateway, "sent") == 0


async def test_a_long_uplink_message_counts_once_and_each_of_its_pdus() -> None:
    async with running() as gateway, await gateway.esme() as esme:
        gateway.gateway.mo.receive("13300000001", NUMBER, LONG, source="test")
        await esme.uplink()
        await until(lambda: uplinks(gateway, "acknowledged") == 1)
        await until(lambda: gateway.gateway.outbox.depth("police") == 0)
        assert uplinks(gateway, "received") == uplinks(gateway, "acknowledged") == 1
        assert pdus(gateway, "sent", "deliver_sm") == 3
        assert uplinks(gateway, "sent") == 0


async def test_an_uplink_message_nobody_owns_counts_for_the_unknown_account() -> None:
    async with running() as gateway:
        gateway.gateway.mo.receive("13300000001", "10690000", "TD", source="test")
        await until(lambda: uplinks(gateway, "received", "unknown") == 1)


# -- misbehaviour on purpose -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("digits", "fault"),
    [
        ("0201", "throttled"),
        ("0202", "queue_full"),
        ("0203", "system_error"),
        ("0013", "receipt_before_response"),
        ("0012", "receipt_twice"),
        ("0011", "no_receipt"),
    ],
)
async def test_a_fault_that_a_magic_recipient_asks_for_is_counted(digits: str, fault: str) -> None:
    async with running() as gateway, await gateway.esme() as esme:
        refused = pytest.raises(SubmitError) if digits.startswith("02") else nullcontext()
        with refused:
            await esme.submit(f"1990000{digits}", TEXT, NUMBER)
        assert faults(gateway) == {fault: 1}


@pytest.mark.parametrize(
    ("digits", "fault", "error"),
    [("0204", "no_response", NoAnswerError), ("0206", "close_session", ConnectionLostError)],
)
async def test_a_fault_that_leaves_no_answer_is_counted(
    digits: str, fault: str, error: type[Exception]
) -> None:
    async with running() as gateway:
        esme = await gateway.esme(limits=SessionLimits(response_s=0.2))
        with pytest.raises(error):
            await esme.submit(f"1990000{digits}", TEXT, NUMBER)
        assert faults(gateway) == {fault: 1}
        await esme.close()


async def test_a_message_without_a_fault_counts_none() -> None:
    async with running() as gateway, await gateway.esme() as esme:
        await esme.submit(TO, TEXT, NUMBER)
        with pytest.raises(SubmitError):
            await esme.submit("13399999999", TEXT, NUMBER)
        assert faults(gateway) == {}
