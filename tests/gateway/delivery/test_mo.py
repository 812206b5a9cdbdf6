"""Carry uplink messages to the owner of their access number."""

from __future__ import annotations

from pathlib import Path

import pytest

from routing.events import MoAcknowledged, MoDropped, MoReceived, MoRefused
from smpp.constants import BindMode, CommandStatus
from smpp.pdus import DeliverSm
from tests.support.inprocess import NUMBER, police, running, until
from tests.support.samples import BY_ID

FROM = "13300000001"
LONG = BY_ID["T30"].text


async def test_an_uplink_message_reaches_the_owner_and_is_acknowledged() -> None:
    async with running() as gateway, await gateway.esme() as esme:
        stored: list[bool] = []
        event = gateway.gateway.mo.receive(
            FROM, NUMBER, "CX", source="test", done=lambda _event, done: stored.append(done)
        )
        uplink = await esme.uplink()
        assert (uplink.sender, uplink.recipient, uplink.text) == (FROM, NUMBER, "CX")
        await until(lambda: gateway.events(MoAcknowledged))
        assert stored == [True]
        assert gateway.events(MoReceived) == [event]
        assert gateway.events(MoAcknowledged)[0].mo_id == event.mo_id
        assert gateway.gateway.open_messages.mo == {}


async def test_extension_digits_lead_to_the_owner_of_the_base_number() -> None:
    async with running() as gateway, await gateway.esme() as esme:
        gateway.gateway.mo.receive(FROM, NUMBER + "01", "TD", source="test")
        assert (await esme.uplink()).recipient == NUMBER + "01"


async def test_a_long_text_goes_in_segments_and_is_acknowledged_once() -> None:
    async with running() as gateway, await gateway.esme() as esme:
        event = gateway.gateway.mo.receive(FROM, NUMBER, LONG, source="test")
        uplink = await esme.uplink()
        assert (uplink.text, uplink.segments, event.segment_count) == (LONG, 3, 3)
        await until(lambda: gateway.events(MoAcknowledged))
        assert len(gateway.events(MoAcknowledged)) == 1


async def test_a_number_nobody_owns_is_recorded_and_goes_nowhere() -> None:
    async with running() as gateway, await gateway.esme():
        gateway.gateway.mo.receive(FROM, "10690000", "TD", source="test")
        await until(lambda: gateway.events(MoReceived))
        assert gateway.events(MoReceived)[0].account == ""
        assert gateway.gateway.open_messages.mo == {}


@pytest.mark.parametrize(
    ("sender", "number", "text", "why"),
    [
        ("", NUMBER, "TD", "sender"),
        ("1" * 21, NUMBER, "TD", "sender"),
        ("号码", NUMBER, "TD", "sender"),
        (FROM, "", "TD", "access number"),
        (FROM, "1\n2", "TD", "access number"),
        (FROM, NUMBER, "长" * 20_000, "text"),
    ],
)
async def test_what_can_not_be_sent_is_refused_before_it_is_recorded(
    sender: str, number: str, text: str, why: str
) -> None:
    async with running() as gateway:
        with pytest.raises(ValueError, match=why):
            gateway.gateway.mo.receive(sender, number, text, source="test")
        await gateway.gateway.journal.flush()
        assert gateway.events(MoReceived) == []


async def test_it_waits_for_a_receiver_and_goes_first_to_it() -> None:
    async with running() as gateway:
        async with await gateway.esme(BindMode.TX):
            gateway.gateway.mo.receive(FROM, NUMBER, "TD", source="test")
            await until(lambda: gateway.gateway.outbox.depth("police") == 1)
        async with await gateway.esme(BindMode.RX) as esme:
            assert (await esme.uplink()).text == "TD"


async def test_a_refused_one_is_sent_again() -> None:
    statuses = iter([CommandStatus.ESME_RX_T_APPN, 0])
    async with running() as gateway:
        esme = await gateway.esme(acknowledge=lambda _pdu: next(statuses))
        gateway.gateway.mo.receive(FROM, NUMBER, "TD", source="test")
        assert (await esme.uplink()).text == (await esme.uplink()).text == "TD"
        await until(lambda: gateway.events(MoAcknowledged))
        assert gateway.events(MoAcknowledged)[0].attempts == 2
        assert gateway.events(MoRefused)[0].status == CommandStatus.ESME_RX_T_APPN
        await esme.unbind()


async def test_one_refused_for_good_is_dropped() -> None:
    async with running() as gateway, await gateway.esme(acknowledge=lambda _pdu: 0x65):
        gateway.gateway.mo.receive(FROM, NUMBER, "TD", source="test")
        await until(lambda: gateway.events(MoDropped))
        assert gateway.gateway.outbox.depth("police") == 0
        assert gateway.gateway.open_messages.mo == {}


async def test_what_the_full_disk_refuses_is_not_delivered() -> None:
    async with running() as gateway, await gateway.esme():
        stored: list[bool] = []
        assert gateway.store is not None
        gateway.store.refuse(True)
        gateway.gateway.mo.receive(
            FROM, NUMBER, "TD", source="test", done=lambda _event, done: stored.append(done)
        )
        await until(lambda: stored)
        gateway.store.refuse(False)
        assert stored == [False]
        assert gateway.gateway.outbox.depth("police") == 0


async def test_an_unacknowledged_one_is_delivered_after_a_restart(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        gateway.gateway.mo.receive(FROM, NUMBER, "TD", source="test")
        gateway.gateway.mo.receive(FROM, "10690000", "TD", source="test")
        await until(lambda: gateway.gateway.outbox.depth("police") == 1)
    async with running(tmp_path) as gateway, await gateway.esme() as esme:
        assert (await esme.uplink()).text == "TD"
        await until(lambda: gateway.gateway.outbox.depth("police") == 0)
    async with running(tmp_path) as gateway:
        assert gateway.gateway.outbox.depth("police") == 0


@pytest.mark.parametrize(
    ("sender", "ton"), [("13300000001", 2), ("8613300000001", 1), ("10086", 2)]
)
async def test_the_type_of_number_follows_its_form(sender: str, ton: int) -> None:
    async with running(account=[police()]) as gateway, await gateway.esme() as esme:
        gateway.gateway.mo.receive(sender, NUMBER, "TD", source="test")
        (pdu,) = (await esme.uplink()).pdus
        assert isinstance(pdu, DeliverSm)
        assert pdu.source_addr_ton == ton
