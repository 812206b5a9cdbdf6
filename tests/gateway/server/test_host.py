"""Answer the rarer operations: data_sm, submit_multi, broadcast, and what the protocol refuses."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from gateway.load.esme import Esme
from routing.events import Bound, PduRefused, Submission, Unbound
from smpp.codec import encode
from smpp.constants import BindMode, CommandStatus, TlvTag
from smpp.pdus import (
    BroadcastSm,
    DataSm,
    DataSmResp,
    DeliverSm,
    DestAddress,
    DistributionList,
    EnquireLink,
    GenericNack,
    Pdu,
    SubmitMulti,
    SubmitMultiResp,
)
from smpp.tlvs import Tlv
from tests.support.inprocess import NUMBER, TEXT, Running, police, running, until

UTF16 = TEXT.encode("utf-16-be")


@pytest.fixture
async def gateway() -> AsyncIterator[Running]:
    async with running() as gateway:
        yield gateway


@pytest.fixture
async def esme(gateway: Running) -> AsyncIterator[Esme]:
    async with await gateway.esme() as esme:
        yield esme


def data_sm(to: bytes = b"19900000000", **changes: Any) -> DataSm:
    fields: dict[str, Any] = {
        "source_addr": NUMBER.encode(),
        "destination_addr": to,
        "registered_delivery": 1,
        "data_coding": 8,
        "tlvs": (Tlv(TlvTag.MESSAGE_PAYLOAD, UTF16),),
    }
    return DataSm(**{**fields, **changes})


def multi(*to: bytes, **changes: Any) -> SubmitMulti:
    fields: dict[str, Any] = {
        "source_addr": NUMBER.encode(),
        "dest_addresses": tuple(DestAddress(1, 1, address) for address in to),
        "registered_delivery": 1,
        "data_coding": 8,
        "short_message": UTF16,
    }
    return SubmitMulti(**{**fields, **changes})


# -- data_sm ---------------------------------------------------------------------------------


async def test_a_data_sm_is_a_submission(gateway: Running, esme: Esme) -> None:
    answer = await esme.request(data_sm())
    assert isinstance(answer, DataSmResp)
    assert answer.command_status == 0
    (event,) = gateway.events(Submission)
    assert event.text == TEXT
    assert (await esme.receipt(answer.message_id.decode())).stat == "DELIVRD"


async def test_a_refused_data_sm_is_answered_by_its_own_response(esme: Esme) -> None:
    answer = await esme.request(data_sm(b"12"))
    assert isinstance(answer, DataSmResp)
    assert answer.command_status == CommandStatus.ESME_RINVDSTADR


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"source_addr": b"1" * 21}, CommandStatus.ESME_RINVSRCADR),
        ({"destination_addr": b"1" * 64}, CommandStatus.ESME_RINVDSTADR),
    ],
)
async def test_an_address_no_receipt_could_carry_is_refused(
    changes: dict[str, Any], status: CommandStatus
) -> None:
    async with running(contract="none") as gateway, await gateway.esme() as esme:
        assert (await esme.request(data_sm(**changes))).command_status == status
        assert gateway.events(Submission) == []


# -- submit_multi ----------------------------------------------------------------------------


async def test_destinations_share_one_id_and_get_a_receipt_each(
    gateway: Running, esme: Esme
) -> None:
    answer = await esme.request(multi(b"19900000000", b"19900000004"))
    assert isinstance(answer, SubmitMultiResp)
    assert (answer.command_status, answer.unsuccess_smes) == (0, ())
    message_id = answer.message_id.decode()
    stats = {(await esme.receipt(message_id)).stat for _ in range(2)}
    assert stats == {"DELIVRD", "UNDELIV"}
    await until(lambda: gateway.gateway.desks["police"].in_flight == 0)


async def test_refused_destinations_are_named_among_accepted_ones(
    gateway: Running, esme: Esme
) -> None:
    answer = await esme.request(multi(b"12", b"19900000000", b"19900000201"))
    assert isinstance(answer, SubmitMultiResp)
    assert answer.command_status == 0
    assert {(sme.destination_addr, sme.error_status_code) for sme in answer.unsuccess_smes} == {
        (b"12", CommandStatus.ESME_RINVDSTADR),
        (b"19900000201", CommandStatus.ESME_RTHROTTLED),
    }
    assert [event.accepted for event in gateway.events(Submission)] == [False, True, False]
    assert (await esme.receipt(answer.message_id.decode())).stat == "DELIVRD"


async def test_a_submit_multi_of_which_all_is_refused_is_refused(esme: Esme) -> None:
    answer = await esme.request(multi(b"12", b"13"))
    assert answer.command_status == CommandStatus.ESME_RINVDSTADR


async def test_a_distribution_list_is_refused(gateway: Running, esme: Esme) -> None:
    lists = (DestAddress(1, 1, b"19900000000"), DistributionList(b"all"))
    answer = await esme.request(multi(dest_addresses=lists))
    assert answer.command_status == CommandStatus.ESME_RINVDLNAME
    assert gateway.events(Submission) == []


async def test_many_destinations_are_one_request_of_the_window() -> None:
    async with running(account=[police(window=2)]) as gateway, await gateway.esme() as esme:
        answer = await esme.request(multi(*[b"19900000000"] * 20))
        assert isinstance(answer, SubmitMultiResp)
        assert (answer.command_status, answer.unsuccess_smes) == (0, ())


async def test_parts_to_several_destinations_keep_the_shared_id(
    gateway: Running, esme: Esme
) -> None:
    header = b"\x05\x00\x03\x07\x02"
    ids = set()
    for index in (1, 2):
        text = header + bytes((index,)) + (UTF16 if index == 1 else "测试".encode("utf-16-be"))
        answer = await esme.request(
            multi(b"19900000000", b"19900000004", esm_class=0x40, short_message=text)
        )
        assert isinstance(answer, SubmitMultiResp)
        assert answer.command_status == 0
        ids.add(answer.message_id.decode())
    for message_id in ids:
        assert {(await esme.receipt(message_id)).stat for _ in range(2)} == {"DELIVRD", "UNDELIV"}


async def test_an_unanswered_destination_leaves_the_others_answer(esme: Esme) -> None:
    answer = await esme.request(multi(b"19900000204", b"19900000000"))
    assert answer.command_status == 0


# -- the rest --------------------------------------------------------------------------------


async def test_a_broadcast_is_answered_as_not_offered(esme: Esme) -> None:
    answer = await esme.request(
        BroadcastSm(
            source_addr=NUMBER.encode(),
            tlvs=(
                Tlv(TlvTag.BROADCAST_AREA_IDENTIFIER, b"\0x"),
                Tlv(TlvTag.BROADCAST_CONTENT_TYPE, b"\0\0\0"),
                Tlv(TlvTag.BROADCAST_REP_NUM, b"\0\1"),
                Tlv(TlvTag.BROADCAST_FREQUENCY_INTERVAL, b"\x09\0\1"),
            ),
        )
    )
    assert answer.command_status == CommandStatus.ESME_RINVCMDID


async def test_what_the_protocol_refuses_has_a_line_in_the_journal(
    gateway: Running, esme: Esme
) -> None:
    esme.connection.write(encode(DeliverSm(sequence_number=77)))
    await esme.request(EnquireLink())
    await until(lambda: gateway.events(PduRefused))
    (event,) = gateway.events(PduRefused)
    assert (event.account, event.status) == ("police", CommandStatus.ESME_RINVBNDSTS)
    assert event.pdu == encode(DeliverSm(sequence_number=77))


async def test_a_session_is_recorded_from_bind_to_end(gateway: Running) -> None:
    async with await gateway.esme(BindMode.RX):
        pass
    await until(lambda: gateway.events(Unbound))
    (bound,), (unbound,) = gateway.events(Bound), gateway.events(Unbound)
    assert (bound.account, bound.mode, bound.peer) == ("police", "RX", "127.0.0.1")
    assert (unbound.session_id, unbound.reason) == (bound.session_id, "unbind")


async def test_a_generic_nack_is_no_acknowledgement(gateway: Running) -> None:
    nacks: list[Pdu] = []

    def answer(pdu: Any) -> None:
        nacks.append(pdu)
        if len(nacks) == 1:
            nack = GenericNack(sequence_number=pdu.sequence_number)
            receiver.connection.write(encode(nack))

    receiver = await gateway.esme(acknowledge=answer)
    async with receiver:
        await receiver.submit("19900000000", TEXT, NUMBER)
        await until(lambda: len(nacks) == 2)
        assert gateway.gateway.outbox.depth("police") == 1


async def test_a_mistake_in_one_operation_is_answered_and_the_session_lives(
    gateway: Running, esme: Esme, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object) -> None:
        raise RuntimeError("a mistake")

    monkeypatch.setitem(gateway.gateway.host._handlers, DataSm.command_id, broken)
    assert (await esme.request(data_sm())).command_status == CommandStatus.ESME_RSYSERR
    assert (await esme.request(EnquireLink())).command_status == 0
    assert len(gateway.mistakes) == 1
    gateway.mistakes.clear()
