"""Submit over loopback and see verdicts, statuses and what the journal says."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from gateway.load.errors import SubmitError
from gateway.load.submission import SubmitOptions
from routing.events import Submission
from smpp.constants import BindMode, CommandStatus, TlvTag
from smpp.pdus import DataSm, DestAddress, QuerySm, SubmitMulti, SubmitSm, SubmitSmResp
from smpp.times import format_absolute
from smpp.tlvs import Tlv
from tests.support.compiled import plain_python_only
from tests.support.inprocess import NUMBER, TEXT, Running, police, running, until

SILENT = SubmitOptions(registered_delivery=0)


def submit_sm(text: str = TEXT, to: str = "13300000001", **changes: object) -> SubmitSm:
    fields: dict[str, object] = {
        "source_addr": NUMBER.encode(),
        "destination_addr": to.encode(),
        "data_coding": 8,
        "short_message": text.encode("utf-16-be"),
    }
    return SubmitSm(**{**fields, **changes})  # type: ignore[arg-type]  # the fields of a submit_sm


async def status_of(gateway: Running, *pdus: SubmitSm) -> list[int]:
    """Submit in one write and give the statuses in order."""
    async with await gateway.esme() as esme:
        answers = [esme.connection.request(pdu) for pdu in pdus]
        return [(await answer).command_status for answer in answers]


async def test_an_accepted_submission_is_in_the_journal_with_its_pdu() -> None:
    async with running() as gateway, await gateway.esme() as esme:
        submitted = await esme.submit("13300000001", TEXT, NUMBER, SILENT)
        (event,) = gateway.events(Submission)
        assert submitted.message_ids == (str(event.message_id),)
        assert (event.accepted, event.text, event.sender) == (True, TEXT, NUMBER)
        assert event.recipient == "13300000001"
        assert b"13300000001\0" in event.pdu


@pytest.mark.parametrize(
    ("to", "text", "sender", "status"),
    [
        ("13300000001", TEXT, "106599999999", CommandStatus.ESME_RINVSRCADR),
        ("12", TEXT, NUMBER, CommandStatus.ESME_RINVDSTADR),
        ("13300000001", "没有签名", NUMBER, CommandStatus.ESME_RSUBMITFAIL),
        ("13511111111", TEXT, NUMBER, CommandStatus.ESME_RINVDSTADR),
    ],
)
async def test_a_rejection_has_its_status_and_a_line_in_the_journal(
    to: str, text: str, sender: str, status: CommandStatus
) -> None:
    async with running() as gateway, await gateway.esme() as esme:
        with pytest.raises(SubmitError) as caught:
            await esme.submit(to, text, sender)
        (event,) = gateway.events(Submission)
        assert event.status == caught.value.command_status
        assert event.accepted is False
        assert event.failures
        assert caught.value.command_status == status
        assert not gateway.gateway.open_messages.messages


async def test_one_bad_submission_spoils_none_beside_it_in_the_same_read() -> None:
    good = submit_sm
    async with running() as gateway:
        statuses = await status_of(
            gateway,
            good(),
            good(validity_period=b"nonsense"),
            good(),
            good(schedule_delivery_time=b"991332000000000+"),
            good(short_message=b"\xd8\x00"),
            good(),
        )
        assert [statuses[i] for i in (0, 2, 5)] == [0, 0, 0]
        assert [statuses[i] for i in (1, 3)] == [
            CommandStatus.ESME_RINVEXPIRY,
            CommandStatus.ESME_RINVSCHED,
        ]
        assert statuses[4] != 0


async def test_a_text_that_is_no_text_gets_the_status_of_the_session_s_version() -> None:
    async with running() as gateway:
        for version, status in ((0x34, "ESME_RSUBMITFAIL"), (0x50, "ESME_RINVDCS")):
            async with await gateway.esme(interface_version=version) as esme:
                answer = await esme.connection.request(submit_sm(short_message=b"\xd8\x00"))
                assert answer.command_status == CommandStatus[status]


async def test_a_payload_in_a_tlv_is_read() -> None:
    pdu = submit_sm(
        short_message=b"", tlvs=(Tlv(TlvTag.MESSAGE_PAYLOAD, TEXT.encode("utf-16-be")),)
    )
    async with running() as gateway:
        assert await status_of(gateway, pdu) == [0]
        assert gateway.events(Submission)[0].text == TEXT


async def test_a_text_beside_a_payload_is_refused_and_recorded() -> None:
    pdu = submit_sm(tlvs=(Tlv(TlvTag.MESSAGE_PAYLOAD, b"\0x"),))
    async with running() as gateway:
        (status,) = await status_of(gateway, pdu)
        assert status != 0
        (event,) = gateway.events(Submission)
        assert (event.accepted, event.status, event.reason) == (False, status, "encoding")


async def test_a_broken_user_data_header_is_refused_and_the_session_lives() -> None:
    async with running() as gateway:
        broken = submit_sm(esm_class=0x40, short_message=b"\x50\x00\x03")
        statuses = await status_of(gateway, broken, submit_sm())
        assert statuses[0] != 0
        assert statuses[1] == 0


async def test_a_long_text_of_a_default_alphabet_that_can_not_be_counted_is_no_fault() -> None:
    # 160 octets of escapes into nothing: undecodable, so neither is its number of segments.
    pdu = submit_sm(data_coding=0, short_message=b"\x1b" * 160)
    async with running() as gateway:
        (status,) = await status_of(gateway, pdu)
        assert status not in (0, CommandStatus.ESME_RSYSERR)


async def test_validity_and_schedule_are_kept_as_business_time() -> None:
    async with running() as gateway:
        at = gateway.gateway.clock.at()
        pdu = submit_sm(
            validity_period=format_absolute(at + 7200), schedule_delivery_time=b"000000010000000R"
        )
        assert await status_of(gateway, pdu) == [0]
        (event,) = gateway.events(Submission)
        assert event.validity_at == pytest.approx(at + 7200, abs=1.0)
        assert event.schedule_at == pytest.approx(at + 3600, abs=2.0)
        assert gateway.gateway.dispatcher.waiting == 1


async def test_a_session_of_smpp_3_3_gets_ids_it_can_hold() -> None:
    async with running() as gateway, await gateway.esme(interface_version=0x33) as esme:
        submitted = await esme.submit("19900000000", TEXT, NUMBER)
        (message_id,) = submitted.message_ids
        assert len(message_id) == 8
        receipt = await esme.receipt(message_id)
        assert receipt.pdu.tlvs == ()
        assert receipt.stat == "DELIVRD"


# -- limits ----------------------------------------------------------------------------------


async def test_requests_beyond_the_window_are_throttled_and_answered_once() -> None:
    async with running(account=[police(window=5)]) as gateway:
        statuses = await status_of(gateway, *[submit_sm() for _ in range(20)])
        assert statuses.count(0) == 5
        assert statuses.count(CommandStatus.ESME_RTHROTTLED) == 15


@pytest.mark.parametrize(
    "account",
    [
        police(window=5, window_overflow="queue_full"),
        police(throughput={"rate": 0.1, "burst": 5, "reaction": "queue_full"}),
    ],
    ids=["window", "rate"],
)
async def test_the_surplus_may_be_told_that_the_queue_is_full(account: dict[str, object]) -> None:
    async with running(account=[account]) as gateway:
        statuses = await status_of(gateway, *[submit_sm() for _ in range(20)])
        assert statuses.count(0) == 5
        assert statuses.count(CommandStatus.ESME_RMSGQFUL) == 15


async def test_a_window_may_stop_reading_instead() -> None:
    account = police(window=5, window_overflow="stop_reading")
    async with running(account=[account]) as gateway:
        assert await status_of(gateway, *[submit_sm() for _ in range(50)]) == [0] * 50
        assert len(gateway.events(Submission)) == 50


async def test_a_window_may_close_the_session_instead() -> None:
    account = police(window=5, window_overflow="close")
    async with running(account=[account]) as gateway:
        esme = await gateway.esme()
        for _ in range(20):
            answer = esme.connection.request(submit_sm())
            answer.add_done_callback(lambda done: done.exception())
        await asyncio.shield(esme.lost)
        await until(lambda: len(gateway.gateway.sessions) == 0)


async def test_queries_beyond_the_window_are_throttled_too() -> None:
    async with running(account=[police(window=3)]) as gateway, await gateway.esme() as esme:
        answers = [esme.connection.request(QuerySm(b"1")) for _ in range(30)]
        statuses = [(await answer).command_status for answer in answers]
        assert CommandStatus.ESME_RTHROTTLED in statuses
        assert statuses.count(CommandStatus.ESME_RQUERYFAIL) >= 3


async def test_the_rate_is_kept_with_its_burst() -> None:
    account = police(throughput={"rate": 1, "burst": 4})
    async with running(account=[account]) as gateway:
        statuses = await status_of(gateway, *[submit_sm() for _ in range(10)])
        assert statuses[:4] == [0] * 4
        assert statuses.count(CommandStatus.ESME_RTHROTTLED) >= 5


async def test_a_rate_may_slow_reading_down_instead() -> None:
    account = police(throughput={"rate": 200, "burst": 1, "reaction": "delay"})
    async with running(account=[account]) as gateway, await gateway.esme() as esme:
        loop = asyncio.get_running_loop()
        started = loop.time()
        for _round in range(4):
            answers = [esme.connection.request(submit_sm()) for _ in range(10)]
            assert {(await answer).command_status for answer in answers} == {0}
        assert loop.time() - started > 0.12


async def test_every_operation_that_submits_is_slowed_down() -> None:
    account = police(throughput={"rate": 50, "burst": 1, "reaction": "delay"})
    async with running(account=[account]) as gateway, await gateway.esme() as esme:
        loop = asyncio.get_running_loop()
        started = loop.time()
        sender, to, text = NUMBER.encode(), b"13300000001", TEXT.encode("utf-16-be")
        payload = (Tlv(TlvTag.MESSAGE_PAYLOAD, text),)
        destinations = (DestAddress(1, 1, to),) * 5
        pdus = (
            DataSm(source_addr=sender, destination_addr=to, data_coding=8, tlvs=payload),
            DataSm(source_addr=sender, destination_addr=to, data_coding=8, tlvs=payload),
            SubmitMulti(
                source_addr=sender,
                dest_addresses=destinations,
                data_coding=8,
                short_message=text,
            ),
            submit_sm(),
        )
        answers = [esme.connection.request(pdu) for pdu in pdus]
        assert {(await answer).command_status for answer in answers} == {0}
        # Eight messages at 50 a second; the first is free.
        assert loop.time() - started > 0.12


async def test_an_account_that_lets_messages_pile_up_is_refused() -> None:
    account = police(max_queued=3)
    async with running(account=[account]) as gateway:
        later = [submit_sm(schedule_delivery_time=b"000000010000000R") for _ in range(5)]
        statuses = await status_of(gateway, *later)
        assert statuses == [0, 0, 0] + [CommandStatus.ESME_RMSGQFUL] * 2
        assert gateway.gateway.desks["police"].in_flight == 3


async def test_an_account_that_collects_no_receipts_is_refused() -> None:
    settings: dict[str, Any] = {"data__spool__max_per_account": 2}
    async with running(**settings) as gateway, await gateway.esme(BindMode.TX) as esme:
        for _ in range(2):
            await esme.submit("19900000000", TEXT, NUMBER)
        await until(lambda: gateway.gateway.outbox.depth("police") == 2)
        with pytest.raises(SubmitError) as caught:
            await esme.submit("19900000000", TEXT, NUMBER)
        assert caught.value.command_status == CommandStatus.ESME_RMSGQFUL


# -- magic recipients ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("digits", "status"),
    [
        ("0201", CommandStatus.ESME_RTHROTTLED),
        ("0202", CommandStatus.ESME_RMSGQFUL),
        ("0203", CommandStatus.ESME_RSYSERR),
    ],
)
async def test_a_magic_recipient_gives_its_status(digits: str, status: CommandStatus) -> None:
    async with running() as gateway:
        assert await status_of(gateway, submit_sm(to=f"1990000{digits}"), submit_sm()) == [
            status,
            0,
        ]


async def test_no_response_means_no_message() -> None:
    async with running() as gateway, await gateway.esme() as esme:
        answer = esme.connection.request(submit_sm(to="19900000204", registered_delivery=1))
        assert (await esme.request(submit_sm())).command_status == 0
        assert not answer.done()
        events = gateway.events(Submission)
        assert [event.accepted for event in events] == [False, True]
        assert events[0].status != 0
        await esme.unbind()
        assert isinstance(answer.exception(), Exception)


async def test_a_late_response_comes_before_its_receipt() -> None:
    async with running() as gateway, await gateway.esme() as esme:
        recipients = gateway.gateway.policy.magic.by_recipient
        recipients["19900000205"] = replace(recipients["19900000205"], response_delay_s=0.2)
        late = esme.connection.request(submit_sm(to="19900000205", registered_delivery=1))
        assert (await esme.request(submit_sm())).command_status == 0
        assert not late.done()
        assert gateway.gateway.outbox.depth("police") == 0
        response = await late
        assert isinstance(response, SubmitSmResp)
        assert response.command_status == 0
        await esme.receipt(response.message_id.decode())


async def test_a_session_is_cut_where_that_is_asked_for() -> None:
    async with running() as gateway:
        esme = await gateway.esme()
        answer = esme.connection.request(submit_sm(to="19900000206"))
        await asyncio.shield(esme.lost)
        assert answer.exception() is not None
        await until(lambda: len(gateway.gateway.sessions) == 0)


# -- mistakes of ours ------------------------------------------------------------------------


@plain_python_only
async def test_a_mistake_with_one_submission_is_answered_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running() as gateway:
        desk = gateway.gateway.desks["police"]
        read = type(desk).read_text

        def failing(self: object, data: bytes, data_coding: int) -> str:
            if data == b"\0!":
                raise RuntimeError("a mistake")
            return read(desk, data, data_coding)

        monkeypatch.setattr(type(desk), "read_text", failing)
        bad = submit_sm("!")
        assert await status_of(gateway, submit_sm(), bad, submit_sm(), bad) == [
            0,
            CommandStatus.ESME_RSYSERR,
            0,
            CommandStatus.ESME_RSYSERR,
        ]
        assert len(gateway.mistakes) == 2
        gateway.mistakes.clear()
