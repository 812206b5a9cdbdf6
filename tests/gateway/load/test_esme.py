from __future__ import annotations

import asyncio

import pytest

from gateway.load.errors import (
    BindError,
    ConnectError,
    ConnectionLostError,
    NoAnswerError,
    SubmitError,
)
from gateway.load.esme import Esme, Submitted
from gateway.load.inbox import Receipt, Uplink
from gateway.load.submission import SubmitOptions
from smpp.concat import split
from smpp.constants import BindMode, CommandStatus, TlvTag
from smpp.errors import LocalProtocolError
from smpp.pdus import DeliverSm, EnquireLink, Outbind, Pdu
from smpp.session import SessionLimits

from .message_centre import MessageCentre

SENDER = "106590990371"
RECIPIENT = "13300000001"
SHORT = "【示例警务】您已恢复接收便民提醒类短信。退订请回复TD。"
LONG = "【示例警务】" + "便民提示。" * 31


async def connect(centre: MessageCentre, **options: object) -> Esme:
    return await Esme.connect("127.0.0.1", centre.port, **options)  # type: ignore[arg-type]  # by name


async def bound(centre: MessageCentre, mode: BindMode = BindMode.TRX) -> Esme:
    esme = await connect(centre)
    await esme.bind("police", "secret08", mode)
    return esme


async def test_a_short_text_gets_its_id_and_its_receipt() -> None:
    async with MessageCentre().listening() as centre, await bound(centre) as esme:
        submitted = await esme.submit(RECIPIENT, SHORT, SENDER)
        receipt = await esme.receipt("1")
    assert submitted == Submitted(("1",))
    assert (receipt.stat, receipt.state, receipt.error) == ("DELIVRD", 2, "000")
    [pdu] = centre.submitted
    assert pdu.short_message.decode("utf-16-be") == SHORT
    assert (pdu.source_addr, pdu.destination_addr) == (SENDER.encode(), RECIPIENT.encode())


@pytest.mark.parametrize(("method", "tags"), [("udh8", 0), ("udh16", 0), ("sar", 3)])
async def test_a_long_text_goes_in_three_segments(method: str, tags: int) -> None:
    options = SubmitOptions(method=method)  # type: ignore[arg-type]  # one of the literals
    async with MessageCentre().listening() as centre, await bound(centre) as esme:
        submitted = await esme.submit(RECIPIENT, LONG, SENDER, options)
    assert submitted.message_ids == ("1", "2", "3")
    assert [len(pdu.tlvs) for pdu in centre.submitted] == [tags] * 3
    assert [bool(pdu.esm_class & 0x40) for pdu in centre.submitted] == [tags == 0] * 3


async def test_a_long_text_may_go_as_payload() -> None:
    async with MessageCentre().listening() as centre, await bound(centre) as esme:
        await esme.submit(RECIPIENT, LONG, SENDER, SubmitOptions(method="payload"))
    [pdu] = centre.submitted
    assert pdu.tlvs[0].tag == TlvTag.MESSAGE_PAYLOAD
    assert pdu.tlvs[0].value.decode("utf-16-be") == LONG


async def test_two_long_texts_have_different_references() -> None:
    async with MessageCentre().listening() as centre, await bound(centre) as esme:
        await asyncio.gather(*(esme.submit(RECIPIENT, LONG, SENDER) for _ in range(2)))
    assert len({pdu.short_message[3] for pdu in centre.submitted}) == 2


async def test_nothing_listening_is_said() -> None:
    async with MessageCentre().listening() as centre:
        port = centre.port
    with pytest.raises(ConnectError, match=f"127.0.0.1:{port} refused the connection") as caught:
        await Esme.connect("127.0.0.1", port)
    assert not caught.value.timed_out


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (0x0E, r"'police' refused: ESME_RINVPASWD \(0x0000000E\): the password is wrong"),
        (0x0D, r"ESME_RBINDFAIL \(0x0000000D\): .*too many binds"),
        (0x401, r"refused: 0x00000401$"),
    ],
)
async def test_a_refused_bind_names_its_status(status: int, words: str) -> None:
    async with MessageCentre(bind_status=status).listening() as centre:
        esme = await connect(centre)
        with pytest.raises(BindError, match=words):
            await esme.bind("police", "wrong")
        await esme.close()


async def test_a_bind_without_answer_ends_with_the_session() -> None:
    limits = SessionLimits(session_init_s=0.05)
    async with MessageCentre(bind_status=-1).listening() as centre:
        esme = await connect(centre, limits=limits)
        with pytest.raises(ConnectionLostError, match="session_init"):
            await esme.bind("police", "secret08")
        assert await esme.lost == "session_init"


async def test_a_refused_segment_is_named_and_the_others_ids_are_kept() -> None:
    centre = MessageCentre(status_of=lambda number: 0x58 if number == 2 else 0)
    async with centre.listening(), await bound(centre) as esme:
        with pytest.raises(SubmitError, match=r"segment 2 of 3.*ESME_RTHROTTLED") as caught:
            await esme.submit(RECIPIENT, LONG, SENDER)
    assert caught.value.command_status == CommandStatus.ESME_RTHROTTLED
    assert caught.value.message_ids == ("1", "3")


async def test_a_request_without_response_times_out_and_the_session_lives() -> None:
    centre = MessageCentre(status_of=lambda number: None if number == 1 else 0)
    async with centre.listening():
        esme = await connect(centre, limits=SessionLimits(response_s=0.05))
        await esme.bind("police", "secret08")
        with pytest.raises(NoAnswerError, match=r"no response within 0\.05 s"):
            await esme.submit(RECIPIENT, SHORT, SENDER)
        assert (await esme.submit(RECIPIENT, SHORT, SENDER)).message_ids == ("2",)
        await esme.close()


async def test_a_lost_connection_fails_what_waits_for_it() -> None:
    centre = MessageCentre(status_of=lambda _number: None)
    async with centre.listening():
        esme = await bound(centre)
        waiting = [
            asyncio.ensure_future(esme.submit(RECIPIENT, SHORT, SENDER)),
            asyncio.ensure_future(esme.receipt("1")),
        ]
        await centre.until(lambda: bool(centre.submitted))
        transport = centre.dialogues[0].transport
        assert transport is not None
        transport.abort()
        for future in waiting:
            with pytest.raises(ConnectionLostError):
                await future
        with pytest.raises(ConnectionLostError):
            await esme.submit(RECIPIENT, SHORT, SENDER)
        with pytest.raises(ConnectionLostError):
            await esme.receipt("1")


async def test_a_full_window_makes_the_next_submission_wait() -> None:
    async with MessageCentre().listening() as centre:
        esme = await connect(centre, limits=SessionLimits(window=2))
        await esme.bind("police", "secret08")
        sent = await asyncio.gather(*(esme.submit(RECIPIENT, SHORT, SENDER) for _ in range(50)))
        assert sorted(int(s.message_ids[0]) for s in sent) == list(range(1, 51))
        await esme.unbind()


async def test_a_transmitter_can_not_be_used_before_the_bind() -> None:
    async with MessageCentre().listening() as centre:
        esme = await connect(centre)
        with pytest.raises(LocalProtocolError, match="OPEN"):
            await esme.submit(RECIPIENT, SHORT, SENDER)
        await esme.close()


async def test_an_uplink_message_in_segments_arrives_whole_and_each_is_acknowledged() -> None:
    async with MessageCentre().listening() as centre, await bound(centre) as esme:
        parts = split(LONG, 8, reference=7)
        for part in (parts[2], parts[0], parts[1]):
            centre.dialogues[0].send(
                DeliverSm(
                    source_addr=RECIPIENT.encode(),
                    destination_addr=SENDER.encode(),
                    esm_class=part.esm_class,
                    data_coding=8,
                    short_message=part.short_message,
                )
            )
        uplink = await esme.uplink()
        assert (uplink.text, uplink.segments, uplink.sender) == (LONG, 3, RECIPIENT)
    assert [getattr(answer, "pdu").command_status for answer in centre.others] == [0, 0, 0]  # noqa: B009


async def test_acknowledge_decides_the_status_and_may_leave_it_open() -> None:
    answers: list[int | None] = [0x64, None, 0]
    held: list[Pdu] = []

    def acknowledge(pdu: Pdu) -> int | None:
        held.append(pdu)
        return answers[len(held) - 1]

    async with MessageCentre().listening() as centre:
        esme = await connect(centre, acknowledge=acknowledge)
        await esme.bind("police", "secret08")
        for _ in range(3):
            centre.dialogues[0].send(DeliverSm(source_addr=RECIPIENT.encode(), short_message=b"T"))
        for _ in range(3):
            await esme.uplink()
        esme.connection.answer(held[1], 0x65)  # type: ignore[arg-type]  # a DeliverSm
        await esme.unbind()
    statuses = {getattr(answer, "pdu").command_status for answer in centre.others}  # noqa: B009
    assert statuses == {0x64, 0, 0x65}


async def test_deliveries_can_be_iterated_until_the_end() -> None:
    seen: list[str] = []
    async with MessageCentre().listening() as centre:
        esme = await bound(centre)
        for number in range(3):
            await esme.submit(f"1330000000{number}", SHORT, SENDER)

        async def read() -> None:
            async for delivery in esme.deliveries():
                assert isinstance(delivery, Receipt)
                seen.append(delivery.message_id)

        reading = asyncio.ensure_future(read())
        await esme.request(EnquireLink())
        await esme.unbind()
        await reading
    assert seen == ["1", "2", "3"]


async def test_with_a_callback_nothing_is_kept() -> None:
    seen: list[object] = []
    async with MessageCentre().listening() as centre:
        esme = await connect(centre, on_delivery=seen.append)
        await esme.bind("police", "secret08")
        await esme.submit(RECIPIENT, SHORT, SENDER)
        await esme.request(EnquireLink())
        assert len(esme.inbox) == 0
        await esme.unbind()
    assert [type(delivery) for delivery in seen] == [Receipt]


async def test_no_receipt_in_time_is_said() -> None:
    async with MessageCentre(sends_receipts=False).listening() as centre:
        esme = await bound(centre)
        await esme.submit(RECIPIENT, SHORT, SENDER)
        with pytest.raises(NoAnswerError, match=r"no receipt of message 1 within 0\.01 s"):
            await esme.receipt("1", timeout_s=0.01)
        await esme.close()


async def test_an_unbind_that_is_not_answered_is_left_behind() -> None:
    async with MessageCentre(answers_unbind=False).listening() as centre:
        esme = await bound(centre)
        assert await esme.unbind(timeout_s=0.02) == "unbind_by_us"


async def test_a_session_that_the_message_centre_ends_is_answered() -> None:
    async with MessageCentre().listening() as centre:
        esme = await bound(centre)
        centre.dialogues[0].session.unbind(0.0)
        centre.dialogues[0].flush()
        assert await asyncio.shield(esme.lost) == "unbind"


async def test_what_else_the_message_centre_starts_is_told() -> None:
    seen: list[Pdu] = []
    async with MessageCentre().listening() as centre:
        esme = await connect(centre, on_pdu=seen.append)
        await centre.until(lambda: bool(centre.dialogues))
        centre.dialogues[0].send(Outbind(system_id=b"centre"))
        await esme.bind("police", "secret08")
        await esme.close()
    assert [type(pdu) for pdu in seen] == [Outbind]


async def test_uplink_text_that_can_not_be_read_is_shown_in_hexadecimal() -> None:
    async with MessageCentre().listening() as centre, await bound(centre) as esme:
        centre.dialogues[0].send(DeliverSm(data_coding=0x0C, short_message=b"\x01\xff"))
        uplink = await esme.uplink()
    assert uplink == Uplink("", "", "01ff", 0x0C, 1, uplink.pdus)
