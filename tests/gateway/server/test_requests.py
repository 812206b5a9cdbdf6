"""Query, cancel and replace messages that wait, that are final, that are somebody else's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from gateway.load.errors import SubmitError
from gateway.load.esme import Esme
from gateway.load.submission import SubmitOptions
from gateway.server.requests import Finished
from routing.events import Outcome, Replaced, Submission
from smpp.constants import CommandStatus, MessageState, TlvTag
from smpp.pdus import CancelSm, QuerySm, QuerySmResp, ReplaceSm
from smpp.tlvs import Tlv
from tests.support.inprocess import NUMBER, TEXT, Running, police, running, until

LATER = SubmitOptions(schedule_delivery_time="000000010000000R")
OTHER = "106590990372"
TO = "13300000001"


@pytest.fixture
async def gateway() -> AsyncIterator[Running]:
    """Run a message centre without a contract that serves two accounts."""
    accounts: list[dict[str, Any]] = [
        police(),
        {"system_id": "other", "password": "secret08", "access_numbers": [OTHER]},
    ]
    async with running(contract="none", account=accounts) as gateway:
        yield gateway


@pytest.fixture
async def esme(gateway: Running) -> AsyncIterator[Esme]:
    async with await gateway.esme() as esme:
        yield esme


async def later(esme: Esme, to: str = TO) -> str:
    return (await esme.submit(to, TEXT, NUMBER, LATER)).message_ids[0]


# -- query_sm --------------------------------------------------------------------------------


async def test_a_waiting_message_is_enroute(esme: Esme) -> None:
    answer = await esme.query(await later(esme), NUMBER)
    assert (answer.message_state, answer.final_date) == (MessageState.ENROUTE, b"")


async def test_smpp_5_0_hears_that_a_message_is_scheduled(gateway: Running) -> None:
    async with await gateway.esme(interface_version=0x50) as esme:
        answer = await esme.query(await later(esme))
        assert answer.message_state == MessageState.SCHEDULED


async def test_a_final_message_whose_receipt_waits_tells_state_and_date(
    gateway: Running, esme: Esme
) -> None:
    esme.connection.acknowledge = lambda _pdu: None
    message_id = (await esme.submit("19900000004", TEXT, NUMBER)).message_ids[0]
    await esme.receipt(message_id)
    answer = await esme.query(message_id)
    assert answer.message_state == MessageState.UNDELIVERABLE
    assert len(answer.final_date) == 16


async def test_a_finished_message_is_looked_up_in_the_archive(
    gateway: Running, esme: Esme, monkeypatch: pytest.MonkeyPatch
) -> None:
    finished = Finished("police", NUMBER, MessageState.DELIVERED, "000", 1_772_000_000.0)

    async def found(number: int) -> Finished | None:
        return finished if number == 77 else None

    requests = gateway.gateway.host._handlers[QuerySm.command_id].__self__  # type: ignore[attr-defined]  # bound
    monkeypatch.setattr(requests, "_c", replace(requests._c, finished=found))
    answer = await esme.query("77", NUMBER)
    assert (answer.message_state, answer.error_code) == (MessageState.DELIVERED, 0)
    for message_id, sender in (("78", ""), ("77", OTHER)):
        with pytest.raises(SubmitError) as caught:
            await esme.query(message_id, sender)
        assert caught.value.command_status == CommandStatus.ESME_RQUERYFAIL


@pytest.mark.parametrize(
    ("message_id", "status"),
    [
        (b"nonsense", CommandStatus.ESME_RINVMSGID),
        (b"", CommandStatus.ESME_RINVMSGID),
        (b"4711", CommandStatus.ESME_RQUERYFAIL),
    ],
)
async def test_an_id_of_no_message_is_refused(
    esme: Esme, message_id: bytes, status: CommandStatus
) -> None:
    answer = await esme.request(QuerySm(message_id))
    assert isinstance(answer, QuerySmResp)
    assert answer.command_status == status


async def test_a_foreign_message_is_as_unknown_as_no_message(gateway: Running, esme: Esme) -> None:
    message_id = await later(esme)
    async with await gateway.esme(system_id="other") as other:
        foreign = await other.request(QuerySm(message_id.encode()))
        unknown = await other.request(QuerySm(b"4711"))
        assert foreign.command_status == unknown.command_status == CommandStatus.ESME_RQUERYFAIL
        assert await other.cancel(message_id) == await other.cancel("4711") != 0
    assert gateway.gateway.dispatcher.waiting == 1


async def test_a_wrong_source_address_finds_nothing(esme: Esme) -> None:
    message_id = await later(esme)
    answer = await esme.request(QuerySm(message_id.encode(), source_addr=OTHER.encode()))
    assert answer.command_status == CommandStatus.ESME_RQUERYFAIL


# -- cancel_sm -------------------------------------------------------------------------------


async def test_a_cancelled_message_is_deleted_and_never_attempted(
    gateway: Running, esme: Esme
) -> None:
    message_id = await later(esme)
    assert await esme.cancel(message_id, NUMBER) == 0
    (outcome,) = gateway.events(Outcome)
    assert (outcome.state, outcome.attempts) == (MessageState.DELETED, 0)
    assert (await esme.receipt(message_id)).stat == "DELETED"
    await until(lambda: gateway.gateway.desks["police"].in_flight == 0)


async def test_a_message_is_cancelled_once(esme: Esme) -> None:
    message_id = await later(esme)
    assert await esme.cancel(message_id) == 0
    assert await esme.cancel(message_id) == CommandStatus.ESME_RCANCELFAIL


async def test_all_messages_to_a_recipient_are_cancelled_together(
    gateway: Running, esme: Esme
) -> None:
    for to in (TO, TO, "13300000002"):
        await later(esme, to)
    answer = await esme.request(
        CancelSm(source_addr=NUMBER.encode(), destination_addr=b"86" + TO.encode())
    )
    assert answer.command_status == 0
    assert len(gateway.events(Outcome)) == 2


@pytest.mark.parametrize(
    "pdu",
    [
        CancelSm(source_addr=NUMBER.encode()),
        CancelSm(destination_addr=TO.encode()),
        CancelSm(source_addr=NUMBER.encode(), destination_addr=b"13300000099"),
        CancelSm(service_type=b"other", source_addr=NUMBER.encode(), destination_addr=TO.encode()),
    ],
)
async def test_a_cancel_that_names_no_waiting_message_fails(esme: Esme, pdu: CancelSm) -> None:
    await later(esme)
    assert (await esme.request(pdu)).command_status == CommandStatus.ESME_RCANCELFAIL


async def test_one_search_of_an_account_runs_at_a_time(esme: Esme) -> None:
    pdu = CancelSm(source_addr=NUMBER.encode(), destination_addr=b"13300000099")
    again = CancelSm(source_addr=NUMBER.encode(), destination_addr=b"13300000099")
    await later(esme)
    answers = [esme.connection.request(pdu), esme.connection.request(again)]
    assert {(await answer).command_status for answer in answers} == {
        CommandStatus.ESME_RTHROTTLED,
        CommandStatus.ESME_RCANCELFAIL,
    }


# -- replace_sm ------------------------------------------------------------------------------


def replacing(message_id: str, text: str = TEXT, **changes: Any) -> ReplaceSm:
    fields: dict[str, Any] = {
        "message_id": message_id.encode(),
        "source_addr": NUMBER.encode(),
        "schedule_delivery_time": b"",
        "registered_delivery": 1,
        "short_message": text.encode("utf-16-be"),
    }
    return ReplaceSm(**{**fields, **changes})


async def test_a_replaced_text_is_what_is_delivered(gateway: Running, esme: Esme) -> None:
    message_id = await later(esme)
    text = TEXT.replace("482913", "730651")
    answer = await esme.request(replacing(message_id, text))
    assert answer.command_status == 0
    (event,) = gateway.events(Replaced)
    assert event.text == text
    message = gateway.gateway.open_messages.messages[int(message_id)]
    assert message.text == text
    assert gateway.events(Submission)[0].text == TEXT


async def test_a_replaced_schedule_moves_the_attempt(gateway: Running, esme: Esme) -> None:
    message_id = await later(esme)
    sooner = replacing(message_id, schedule_delivery_time=b"000000000001000R")
    assert (await esme.request(sooner)).command_status == 0
    assert (await esme.receipt(message_id)).stat == "DELIVRD"


async def test_a_replacement_the_checks_refuse_changes_nothing() -> None:
    async with running() as strict, await strict.esme() as esme:
        message_id = await later(esme)
        answer = await esme.request(replacing(message_id, "没有签名"))
        assert answer.command_status != 0
        assert strict.events(Replaced) == []


async def test_a_replacement_that_contradicts_itself_is_refused(esme: Esme) -> None:
    message_id = await later(esme)
    twice = replacing(message_id, tlvs=(Tlv(TlvTag.MESSAGE_PAYLOAD, b"\0x"),))
    answer = await esme.request(twice)
    assert answer.command_status not in (0, CommandStatus.ESME_RSYSERR)


async def test_a_final_or_unknown_message_can_not_be_replaced(esme: Esme) -> None:
    message_id = await later(esme)
    await esme.cancel(message_id)
    for target in (message_id, "4711"):
        answer = await esme.request(replacing(target))
        assert answer.command_status == CommandStatus.ESME_RREPLACEFAIL


async def test_a_replacement_the_full_disk_refuses_is_taken_back(
    gateway: Running, esme: Esme
) -> None:
    message_id = await later(esme)
    assert gateway.store is not None
    gateway.store.refuse(True)
    answer = await esme.request(replacing(message_id, TEXT.replace("482913", "730651")))
    assert answer.command_status == CommandStatus.ESME_RMSGQFUL
    gateway.store.refuse(False)
    assert gateway.gateway.open_messages.messages[int(message_id)].text == TEXT
