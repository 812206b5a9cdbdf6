"""Set delivery pending flags, and tell ESMEs once that the handset is back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.clock import ManualClock, SystemClock
from gateway.load.esme import Esme
from routing import pending_alerts
from routing.alert_events import AlertClosed, DeliveryPending, HandsetAvailable
from routing.events import Attempted, Submission
from smpp.constants import BindMode, CommandStatus, TlvTag
from smpp.pdus import AlertNotification, DataSm, DestAddress, Pdu, SubmitMulti, SubmitSm
from smpp.tlvs import Tlv
from tests.support.inprocess import NUMBER, TEXT, Running, police, running, until

HANDSET = "13300000001"
FULL_AT_FIRST = "19900000005"
WANTED = (Tlv(TlvTag.SET_DPF, b"\x01"),)
NOT_WANTED = (Tlv(TlvTag.SET_DPF, b"\0"),)


def submit_sm(to: str = HANDSET, tlvs: tuple[Tlv, ...] = WANTED) -> SubmitSm:
    return SubmitSm(
        source_addr_ton=3,
        source_addr=NUMBER.encode(),
        dest_addr_ton=2,
        dest_addr_npi=1,
        destination_addr=to.encode(),
        data_coding=8,
        short_message=TEXT.encode("utf-16-be"),
        tlvs=tlvs,
    )


def data_sm(to: str = HANDSET, tlvs: tuple[Tlv, ...] = WANTED) -> DataSm:
    return DataSm(
        source_addr=NUMBER.encode(),
        destination_addr=to.encode(),
        data_coding=8,
        tlvs=(Tlv(TlvTag.MESSAGE_PAYLOAD, TEXT.encode("utf-16-be")), *tlvs),
    )


async def dpf_result(esme: Esme, pdu: Pdu) -> bytes | None:
    """Submit, and give the dpf_result of the response, None without one."""
    response: Any = await esme.connection.request(pdu)
    assert response.command_status == CommandStatus.ESME_ROK
    found = [tlv.value for tlv in response.tlvs if tlv.tag == TlvTag.DPF_RESULT]
    return found[0] if found else None


def put(gateway: Running, state: str, number: str = HANDSET) -> None:
    gateway.gateway.policy.subscribers.put(number, state)


async def look(gateway: Running) -> None:
    gateway.gateway.alerts.look()
    await gateway.gateway.journal.flush()


@pytest.mark.parametrize("state", ["off", "out_of_area", "memory_full"])
async def test_a_handset_that_is_away_and_comes_back_is_told_of_once(state: str) -> None:
    told: list[Pdu] = []
    async with running() as gateway, await gateway.esme(on_pdu=told.append) as esme:
        put(gateway, state)
        assert await dpf_result(esme, submit_sm()) == b"\x01"
        await look(gateway)
        (flag,) = gateway.events(DeliveryPending)
        assert flag.message_id == gateway.events(Submission)[0].message_id
        assert not gateway.events(HandsetAvailable)
        put(gateway, "active")
        await look(gateway)
        await look(gateway)
        await until(lambda: told)
        (alert,) = told
        assert isinstance(alert, AlertNotification)
        assert (alert.source_addr, alert.source_addr_ton, alert.source_addr_npi) == (
            HANDSET.encode(), 2, 1,
        )  # fmt: skip
        assert (alert.esme_addr, alert.esme_addr_ton) == (NUMBER.encode(), 3)
        assert alert.tlvs == (Tlv(TlvTag.MS_AVAILABILITY_STATUS, b"\0"),)
        assert alert.sequence_number > 0
        (closed,) = gateway.events(AlertClosed)
        assert closed.result == "sent"
        assert len(gateway.gateway.alerts) == 0


async def test_data_sm_is_told_of_its_flag_too() -> None:
    async with running() as gateway, await gateway.esme() as esme:
        put(gateway, "off")
        assert await dpf_result(esme, data_sm()) == b"\x01"
        assert await dpf_result(esme, data_sm(tlvs=())) is None
        assert len(gateway.gateway.alerts) == 1


async def test_who_does_not_ask_or_whose_handset_is_there_gets_no_flag() -> None:
    async with running() as gateway, await gateway.esme() as esme:
        assert await dpf_result(esme, submit_sm()) == b"\0"
        put(gateway, "off")
        assert await dpf_result(esme, submit_sm(tlvs=NOT_WANTED)) == b"\0"
        other = (Tlv(TlvTag.USER_MESSAGE_REFERENCE, b"\0\x01"),)
        assert await dpf_result(esme, submit_sm(tlvs=other)) is None
        put(gateway, "nonexistent")
        assert await dpf_result(esme, submit_sm()) == b"\0"
        assert not gateway.events(DeliveryPending)


async def test_a_refused_message_sets_no_flag() -> None:
    async with running() as gateway, await gateway.esme() as esme:
        put(gateway, "off", "13511111111")
        response = await esme.connection.request(submit_sm("13511111111"))
        assert response.command_status == CommandStatus.ESME_RINVDSTADR
        assert not gateway.events(DeliveryPending)


async def test_a_session_of_smpp_3_3_gets_neither_result_nor_notification() -> None:
    told: list[Pdu] = []
    async with running() as gateway, await gateway.esme() as esme:
        put(gateway, "off")
        assert await dpf_result(esme, submit_sm()) == b"\x01"
        await esme.unbind()
        async with await gateway.esme(interface_version=0x33, on_pdu=told.append) as old:
            assert await dpf_result(old, submit_sm()) is None
            put(gateway, "active")
            await look(gateway)
            assert gateway.events(HandsetAvailable)
            assert not gateway.events(AlertClosed)
    assert told == []


async def test_destinations_of_a_submit_multi_set_no_flags() -> None:
    async with running() as gateway, await gateway.esme() as esme:
        put(gateway, "off")
        pdu = SubmitMulti(
            source_addr=NUMBER.encode(),
            dest_addresses=(DestAddress(0, 0, HANDSET.encode()),),
            data_coding=8,
            short_message=TEXT.encode("utf-16-be"),
            tlvs=WANTED,
        )
        assert await dpf_result(esme, pdu) is None
        assert len(gateway.gateway.alerts) == 0


async def test_a_second_message_finds_the_flag_set_and_brings_no_second_notification() -> None:
    async with running() as gateway, await gateway.esme() as esme:
        put(gateway, "off")
        assert await dpf_result(esme, submit_sm()) == b"\x01"
        assert await dpf_result(esme, submit_sm()) == b"\x01"
        assert len(gateway.events(DeliveryPending)) == 1


async def test_beyond_the_limit_no_flag_is_set_and_the_answer_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pending_alerts, "MOST_OF_ACCOUNT", 1)
    async with running() as gateway, await gateway.esme() as esme:
        for number in (HANDSET, "13300000002"):
            put(gateway, "off", number)
        assert await dpf_result(esme, submit_sm()) == b"\x01"
        assert await dpf_result(esme, submit_sm("13300000002")) == b"\0"
        assert len(gateway.events(DeliveryPending)) == 1


async def test_a_flag_waits_for_a_receiver_of_its_own_account() -> None:
    told: list[Pdu] = []
    accounts = [police(), police(system_id="b", access_numbers=["106590990372"])]
    async with running(account=accounts) as gateway:
        async with await gateway.esme(BindMode.TX) as sender, await gateway.esme(system_id="b"):
            put(gateway, "off")
            assert await dpf_result(sender, submit_sm()) == b"\x01"
            put(gateway, "active")
            await look(gateway)
            assert len(gateway.gateway.alerts) == 1
        async with await gateway.esme(BindMode.RX, on_pdu=told.append):
            await look(gateway)
            await until(lambda: told)
        assert len(gateway.gateway.alerts) == 0


async def test_a_flag_that_is_too_old_is_given_up() -> None:
    clock = ManualClock(SystemClock.at(), SystemClock.now())
    async with running(clock=clock) as gateway, await gateway.esme(BindMode.TX) as esme:
        put(gateway, "off")
        await dpf_result(esme, submit_sm())
        clock.advance(pending_alerts.MAX_AGE_S + 1.0)
        await look(gateway)
        assert [event.result for event in gateway.events(AlertClosed)] == ["age"]


async def test_a_flag_that_the_disk_refuses_is_taken_back() -> None:
    async with running() as gateway, await gateway.esme() as esme:
        await esme.connection.request(submit_sm(tlvs=NOT_WANTED))
        (submission,) = gateway.events(Submission)
        put(gateway, "off")
        alerts = gateway.gateway.alerts
        is_set, event = alerts.ask(submission)
        assert is_set
        assert event is not None
        alerts.stored(event, stored=True)
        assert len(alerts) == 1
        alerts.stored(event, stored=False)
        assert len(alerts) == 0


async def test_a_flag_outlives_a_restart_and_a_delivery_shows_the_handset_to_be_back(
    tmp_path: Path,
) -> None:
    clock = ManualClock(SystemClock.at(), SystemClock.now())
    told: list[Pdu] = []
    async with running(tmp_path, clock=clock) as gateway, await gateway.esme() as esme:
        assert await dpf_result(esme, submit_sm(FULL_AT_FIRST)) == b"\x01"
    async with running(tmp_path, clock=clock) as gateway:
        assert len(gateway.gateway.alerts) == 1
        async with await gateway.esme(BindMode.RX, on_pdu=told.append):
            while gateway.gateway.open_messages.messages:
                clock.advance(3600.0)
                gateway.gateway.dispatcher.run_due()
                await gateway.gateway.journal.flush()
            await look(gateway)
            await until(lambda: told)
    async with running(tmp_path, clock=clock) as gateway:
        assert len(gateway.gateway.alerts) == 0


async def test_no_flag_no_work() -> None:
    async with running() as gateway, await gateway.esme() as esme:
        put(gateway, "off")
        await dpf_result(esme, submit_sm(tlvs=()))
        await until(lambda: gateway.events(Attempted))
        await look(gateway)
        assert len(gateway.gateway.alerts) == 0
