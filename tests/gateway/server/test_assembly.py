"""Submit concatenated messages: any order, repeated, in part, on a full disk, across a restart."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from gateway.clock import ManualClock, SystemClock
from gateway.load.esme import Esme
from gateway.load.submission import SubmitOptions, submissions
from routing.events import SegmentHeld, Submission
from smpp.constants import CommandStatus
from smpp.pdus import SubmitSm, SubmitSmResp
from tests.support.compiled import plain_python_only
from tests.support.inprocess import NUMBER, TEXT, police, running, until
from tests.support.samples import BY_ID

LONG = BY_ID["T30"].text
TO = "19900000000"


def parts(text: str = LONG, to: str = TO, reference: int = 7, **options: object) -> list[SubmitSm]:
    return submissions(to, text, NUMBER, SubmitOptions(**options), reference)  # type: ignore[arg-type]  # its fields


async def sent(esme: Esme, *pdus: SubmitSm) -> list[str]:
    """Submit one after the other; give the message ids."""
    ids: list[str] = []
    for pdu in pdus:
        answer = await esme.request(pdu)
        assert isinstance(answer, SubmitSmResp)
        assert answer.command_status == 0, answer
        ids.append(answer.message_id.decode())
    return ids


@pytest.mark.parametrize("method", ["udh8", "udh16", "sar"])
async def test_parts_of_every_kind_become_one_message(method: str) -> None:
    async with running() as gateway, await gateway.esme() as esme:
        ids = await sent(esme, *parts(method=method))
        (event,) = gateway.events(Submission)
        assert event.text == LONG
        assert [str(segment.message_id) for segment in event.segments] == ids
        assert event.segment_count == len(ids) == 3
        for message_id in ids:
            assert (await esme.receipt(message_id)).stat == "DELIVRD"


async def test_messages_with_one_reference_of_three_kinds_are_not_mixed_up() -> None:
    texts = {method: LONG.replace("便民提示", method) for method in ("udh8", "udh16", "sar")}
    messages = [parts(text, method=method) for method, text in texts.items()]
    async with running() as gateway, await gateway.esme() as esme:
        for part in zip(*messages, strict=True):
            await sent(esme, *part)
        assert [event.text for event in gateway.events(Submission)] == list(texts.values())


async def test_parts_that_wait_are_still_told_by_their_kind_after_a_restart(
    tmp_path: Path,
) -> None:
    ours, others = parts(method="udh16"), parts(LONG.replace("便民", "安全"), method="sar")
    async with running(tmp_path) as gateway, await gateway.esme() as esme:
        first, _other = await sent(esme, ours[0], others[1])
    async with running(tmp_path) as gateway, await gateway.esme() as esme:
        for message_id in (first, *await sent(esme, *ours[1:])):
            assert (await esme.receipt(message_id)).stat == "DELIVRD"


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
async def test_parts_may_come_in_any_order(order: tuple[int, ...]) -> None:
    pdus = parts()
    async with running() as gateway, await gateway.esme() as esme:
        await sent(esme, *(pdus[n] for n in order))
        (event,) = gateway.events(Submission)
        assert (event.accepted, event.text) == (True, LONG)


async def test_parts_may_come_over_two_sessions() -> None:
    pdus = parts()
    async with running() as gateway, await gateway.esme() as one, await gateway.esme() as two:
        await sent(one, pdus[0], pdus[2])
        await sent(two, pdus[1])
        assert gateway.events(Submission)[0].text == LONG


async def test_a_repeated_part_gets_the_same_id_and_is_stored_once() -> None:
    pdus = parts()
    async with running() as gateway, await gateway.esme() as esme:
        first = await sent(esme, pdus[0])
        assert await sent(esme, pdus[0]) == first
        assert len(gateway.events(SegmentHeld)) == 1


async def test_a_repeated_part_of_an_old_session_gets_its_short_id() -> None:
    pdus = parts()
    async with running() as gateway, await gateway.esme(interface_version=0x33) as esme:
        first = await sent(esme, pdus[0])
        assert len(first[0]) == 8
        assert await sent(esme, pdus[0]) == first


async def test_another_part_with_the_same_number_is_refused() -> None:
    one, other = parts(), parts(LONG.replace("身份证", "居住证"))
    async with running() as gateway, await gateway.esme() as esme:
        await sent(esme, one[0])
        answer = await esme.request(other[0])
        assert answer.command_status != 0
        (event,) = gateway.events(Submission)
        assert (event.accepted, event.reason) == (False, "duplicate_segment")
        await sent(esme, *one[1:])
        assert gateway.events(Submission)[-1].text == LONG


async def test_a_whole_message_is_refused_by_receipts() -> None:
    text = "没有签名" * 40
    async with running() as gateway, await gateway.esme() as esme:
        ids = await sent(esme, *parts(text))
        assert gateway.events(Submission)[0].reason == "signature_missing"
        for message_id in ids:
            assert (await esme.receipt(message_id)).stat == "REJECTD"


async def test_a_part_that_is_refused_alone_is_refused_at_once() -> None:
    async with running() as gateway, await gateway.esme() as esme:
        answer = await esme.request(parts(to="12")[0])
        assert answer.command_status == CommandStatus.ESME_RINVDSTADR
        assert gateway.events(SegmentHeld) == []


async def test_parts_whose_message_stays_incomplete_are_rejected_after_the_timeout() -> None:
    clock = ManualClock(SystemClock.at(), SystemClock.now())
    async with running(clock=clock) as gateway, await gateway.esme() as esme:
        ids = await sent(esme, *parts()[:2])
        gateway.gateway.assembly.give_up_incomplete()
        assert gateway.events(Submission) == []
        clock.advance(180.0)
        gateway.gateway.assembly.give_up_incomplete()
        for message_id in ids:
            receipt = await esme.receipt(message_id)
            assert receipt.stat == "REJECTD"
        (event,) = gateway.events(Submission)
        assert (event.reason, event.status) == ("incomplete_message", 0)
        assert "part 3 of 3" in event.failures[-1].detail
        await until(lambda: gateway.gateway.desks["police"].in_flight == 0)


@pytest.mark.parametrize("jump_s", [7200.0, -7200.0, 86400.0 * 3652, -1.0])
async def test_setting_the_clock_neither_shortens_nor_lengthens_the_wait(jump_s: float) -> None:
    clock = ManualClock(SystemClock.at(), SystemClock.now())
    async with running(clock=clock) as gateway, await gateway.esme() as esme:
        await sent(esme, *parts()[:2])
        clock.jump(jump_s)
        clock.advance(179.0)
        gateway.gateway.assembly.give_up_incomplete()
        assert gateway.events(Submission) == []
        clock.advance(1.0)
        gateway.gateway.assembly.give_up_incomplete()
        await until(lambda: gateway.events(Submission))


async def test_all_parts_of_an_admitted_message_are_admitted() -> None:
    account = police(throughput={"rate": 0.001, "burst": 1})
    async with running(account=[account]) as gateway, await gateway.esme() as esme:
        # The country code is taken off before the parts are matched.
        await sent(esme, *parts(to="+8619900000000"))
        assert (await esme.request(parts(reference=8)[0])).command_status == (
            CommandStatus.ESME_RTHROTTLED
        )


@plain_python_only
async def test_a_part_the_full_disk_refused_is_no_repetition_when_it_comes_again() -> None:
    pdus = parts()
    async with running() as gateway, await gateway.esme() as esme:
        await sent(esme, pdus[0])
        assert gateway.store is not None
        gateway.gateway.journal.full = lambda: False  # type: ignore[method-assign]  # as in the moment before it knows
        gateway.store.refuse(True)
        answer = await esme.request(pdus[1])
        assert answer.command_status == CommandStatus.ESME_RMSGQFUL
        answer = await esme.request(pdus[1])
        assert answer.command_status == CommandStatus.ESME_RMSGQFUL
        gateway.store.refuse(False)
        await sent(esme, pdus[1])
        gateway.store.refuse(True)
        answer = await esme.request(pdus[2])
        assert answer.command_status == CommandStatus.ESME_RMSGQFUL
        gateway.store.refuse(False)
        await sent(esme, pdus[2])
        (event,) = gateway.events(Submission)
        assert event.text == LONG
        assert gateway.gateway.desks["police"].in_flight in (0, 1)


async def test_an_incomplete_message_is_rejected_once_the_disk_has_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gateway.server.assembly.REPEAT_S", 0.01)
    clock = ManualClock(SystemClock.at(), SystemClock.now())
    async with running(clock=clock) as gateway, await gateway.esme() as esme:
        ids = await sent(esme, *parts()[:1])
        assert gateway.store is not None
        gateway.store.refuse(True)
        clock.advance(200.0)
        gateway.gateway.assembly.give_up_incomplete()
        await gateway.gateway.journal.flush()
        gateway.store.refuse(False)
        assert (await esme.receipt(ids[0])).stat == "REJECTD"


async def test_parts_wait_on_across_a_restart(tmp_path: Path) -> None:
    pdus = parts()
    async with running(tmp_path) as gateway, await gateway.esme() as esme:
        first = await sent(esme, *pdus[:2])
    async with running(tmp_path) as gateway, await gateway.esme() as esme:
        assert await sent(esme, pdus[0]) == first[:1]
        last = await sent(esme, pdus[2])
        for message_id in first + last:
            assert (await esme.receipt(message_id)).stat == "DELIVRD"


async def test_parts_of_an_account_that_is_gone_are_forgotten(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway, await gateway.esme() as esme:
        await sent(esme, parts()[0])
    clock = ManualClock(SystemClock.at() + 1000.0, SystemClock.now())
    other = police(system_id="other")
    async with running(tmp_path, clock=clock, account=[other]) as gateway:
        gateway.gateway.assembly.give_up_incomplete()
        assert gateway.gateway.outbox.depth("police") == 0


async def test_a_submission_of_one_part_says_so_and_is_taken_as_it_is() -> None:
    pdu = parts(TEXT, method="udh8")[0]
    pdu.esm_class |= 0x40
    pdu.short_message = b"\x05\x00\x03\x07\x01\x01" + pdu.short_message
    async with running() as gateway, await gateway.esme() as esme:
        await sent(esme, pdu)
        (event,) = gateway.events(Submission)
        assert (event.text, event.segments) == (TEXT, ())


async def test_parts_beyond_the_total_are_refused() -> None:
    pdu = parts()[0]
    pdu.short_message = b"\x05\x00\x03\x07\x02\x03" + pdu.short_message[6:]
    async with running() as gateway, await gateway.esme() as esme:
        assert (await esme.request(pdu)).command_status != 0
        assert gateway.events(SegmentHeld) == []
