"""Deliver until acknowledged: refusals, silence, ends of sessions, age, several receivers."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.clock import ManualClock, SystemClock
from gateway.delivery import outbox as outbox_module
from gateway.delivery.receipts import ReceiptItem
from gateway.load.inbox import Receipt
from gateway.load.submission import SubmitOptions
from routing.events import ReceiptAcknowledged, ReceiptDropped, ReceiptRefused
from routing.message import Message
from routing.open_messages import OpenMessages
from smpp.constants import BindMode, CommandStatus
from tests.support.inprocess import NUMBER, TEXT, Running, police, running, until

TO = "19900000000"


def depth(gateway: Running) -> int:
    return gateway.gateway.outbox.depth("police")


async def submitted(gateway: Running, count: int = 1, to: str = TO) -> list[str]:
    """Submit messages on a session that receives nothing; give their ids when all are final."""
    async with await gateway.esme(BindMode.TX) as esme:
        ids = [(await esme.submit(to, TEXT, NUMBER)).message_ids[0] for _ in range(count)]
    await until(lambda: gateway.gateway.desks["police"].in_flight == 0)
    return ids


async def all_receipts(gateway: Running, count: int) -> list[str]:
    async with await gateway.esme(BindMode.RX) as esme:
        found = []
        for _ in range(count):
            receipt = await esme.delivery(lambda _delivery: True)
            assert isinstance(receipt, Receipt)
            found.append(receipt.message_id)
        await until(lambda: depth(gateway) == 0)
    return found


async def test_receipts_wait_for_a_receiver_and_come_in_their_order() -> None:
    async with running() as gateway:
        ids = await submitted(gateway, 20)
        assert depth(gateway) == 20
        assert await all_receipts(gateway, 20) == ids
        assert gateway.gateway.open_messages.messages == {}


async def test_receipts_of_a_session_that_dies_go_first_to_the_next() -> None:
    async with running() as gateway:
        ids = await submitted(gateway, 5)
        silent = await gateway.esme(BindMode.RX, acknowledge=lambda _pdu: None)
        for _ in range(5):
            await silent.delivery(lambda _delivery: True)
        later = await submitted(gateway, 2)
        silent.connection.abort()
        await until(lambda: len(gateway.gateway.sessions) == 0)
        assert depth(gateway) == 7
        assert await all_receipts(gateway, 7) == ids + later
        # Its end is no refusal of the ESME's.
        assert gateway.events(ReceiptRefused) == []


async def test_a_refused_receipt_is_sent_again_until_it_is_acknowledged() -> None:
    statuses = iter([CommandStatus.ESME_RX_T_APPN, CommandStatus.ESME_RMSGQFUL, 0])
    async with running() as gateway:
        gateway.gateway.outbox._spools["police"].policy = _hasty(gateway)
        esme = await gateway.esme(acknowledge=lambda _pdu: next(statuses))
        (message_id,) = (await esme.submit(TO, TEXT, NUMBER)).message_ids
        texts = {(await esme.receipt(message_id)).pdu.short_message for _ in range(3)}  # type: ignore[union-attr]  # deliver_sm
        assert len(texts) == 1
        await until(lambda: depth(gateway) == 0)
        await gateway.gateway.journal.flush()
        refused, acknowledged = gateway.events(ReceiptRefused), gateway.events(ReceiptAcknowledged)
        assert [event.attempts for event in refused] == [1, 2]
        assert [event.attempts for event in acknowledged] == [3]
        await esme.unbind()


def _hasty(gateway: Running, **changes: Any) -> Any:
    return replace(gateway.gateway.policy.receipts["police"], retries_s=(0.01,), **changes)


async def test_an_unanswered_receipt_is_sent_again() -> None:
    answers = iter([None, 0])
    settings: dict[str, Any] = {"smpp__timers__response_s": 0.1}
    async with running(**settings) as gateway:
        gateway.gateway.outbox._spools["police"].policy = _hasty(gateway)
        esme = await gateway.esme(acknowledge=lambda _pdu: next(answers))
        (message_id,) = (await esme.submit(TO, TEXT, NUMBER)).message_ids
        await esme.receipt(message_id)
        await esme.receipt(message_id)
        await until(lambda: depth(gateway) == 0)
        await gateway.gateway.journal.flush()
        (refused,) = gateway.events(ReceiptRefused)
        assert (refused.status, refused.detail) == (-1, "no deliver_sm_resp in time")
        await esme.unbind()


@pytest.mark.parametrize("status", [CommandStatus.ESME_RX_P_APPN, CommandStatus.ESME_RX_R_APPN])
async def test_a_receipt_refused_for_good_is_given_up(status: CommandStatus) -> None:
    async with running() as gateway:
        esme = await gateway.esme(acknowledge=lambda _pdu: int(status))
        await esme.submit(TO, TEXT, NUMBER)
        await until(lambda: gateway.events(ReceiptDropped))
        assert gateway.events(ReceiptDropped)[0].reason == "refused"
        assert (depth(gateway), gateway.gateway.open_messages.messages) == (0, {})
        await esme.unbind()


async def test_a_receipt_that_is_too_old_is_given_up() -> None:
    clock = ManualClock(SystemClock.at(), SystemClock.now())
    async with running(clock=clock) as gateway:
        await submitted(gateway, 2)
        clock.advance(71 * 3600.0)
        gateway.gateway.outbox.sweep()
        assert depth(gateway) == 2
        clock.advance(2 * 3600.0)
        gateway.gateway.outbox.sweep()
        await gateway.gateway.journal.flush()
        assert [event.reason for event in gateway.events(ReceiptDropped)] == ["age", "age"]
        assert depth(gateway) == 0


async def test_a_refused_receipt_that_is_too_old_is_not_sent_again() -> None:
    clock = ManualClock(SystemClock.at(), SystemClock.now())
    async with running(clock=clock) as gateway:
        await submitted(gateway)
        clock.advance(71 * 3600.0)
        held: list[Any] = []
        esme = await gateway.esme(BindMode.RX, acknowledge=held.append)
        await until(lambda: held)
        clock.advance(2 * 3600.0)
        esme.connection.answer(held[0], CommandStatus.ESME_RX_T_APPN)
        await until(lambda: gateway.events(ReceiptDropped))
        assert gateway.events(ReceiptDropped)[0].reason == "age"
        await esme.unbind()


async def test_receivers_take_turns() -> None:
    async with running() as gateway:
        first, second = await gateway.esme(BindMode.RX), await gateway.esme(BindMode.RX)
        await submitted(gateway, 20)
        await until(lambda: depth(gateway) == 0)
        taken = Counter(c.mode for c in gateway.gateway.sessions for _ in range(c.delivered))
        assert taken["RX"] == 20
        assert all(c.delivered > 0 for c in gateway.gateway.sessions.of("police"))
        await first.unbind()
        await second.unbind()


async def test_an_account_with_many_receivers_leaves_the_others_their_turn() -> None:
    count = outbox_module.TURN + 50
    async with running() as gateway, AsyncExitStack() as opened:
        for _ in range(count // outbox_module.SLICE + 2):
            await opened.enter_async_context(await gateway.esme(BindMode.RX))
        receivers = gateway.gateway.sessions.of("police")
        for receiver in receivers:
            receiver.stall(on=True)
        await submitted(gateway, count)
        for receiver in receivers:
            receiver.stall(on=False)
        gateway.gateway.outbox.wake("police")
        await asyncio.sleep(0)
        assert sum(receiver.delivered for receiver in receivers) == outbox_module.TURN
        await until(lambda: depth(gateway) == 0, "the rest follows in later turns")


async def test_no_more_is_sent_than_the_window_holds() -> None:
    held: list[Any] = []
    async with running(account=[police(deliver_window=3)]) as gateway:
        await submitted(gateway, 10)
        esme = await gateway.esme(BindMode.RX, acknowledge=held.append)
        await until(lambda: len(held) == 3)
        await gateway.gateway.journal.flush()
        assert len(held) == 3
        esme.connection.answer(held[0])
        await until(lambda: len(held) == 4)
        await esme.unbind()


async def test_receipts_of_instant_messages_go_before_ordinary_ones() -> None:
    services = ["ordinary", "instant"]
    async with running(account=[police(services=services)]) as gateway:
        ordinary = await submitted(gateway, 3)
        async with await gateway.esme(BindMode.TX) as esme:
            options = SubmitOptions(service_type=_instant(gateway))
            instant = (await esme.submit(TO, TEXT, NUMBER, options)).message_ids[0]
        await until(lambda: depth(gateway) == 4)
        assert await all_receipts(gateway, 4) == [instant, *ordinary]


def _instant(gateway: Running) -> str:
    """Give a service_type that means instant."""
    table = gateway.gateway.desks["police"].judge._services
    return next(name for name, service in table.items() if name and service == "instant")


async def test_acknowledgements_the_full_disk_refuses_are_recorded_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outbox_module, "REPEAT_S", 0.01)
    held: list[Any] = []
    async with running() as gateway:
        await submitted(gateway)
        esme = await gateway.esme(BindMode.RX, acknowledge=held.append)
        await until(lambda: held)
        await gateway.gateway.journal.flush()
        assert gateway.store is not None
        gateway.store.refuse(True)
        esme.connection.answer(held[0])
        await until(lambda: depth(gateway) == 0)
        assert gateway.events(ReceiptAcknowledged) == []
        gateway.store.refuse(False)
        await until(lambda: gateway.events(ReceiptAcknowledged))
        await esme.unbind()


async def test_what_the_full_disk_refused_is_owed_still_after_a_restart_and_then_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """At least once: an acknowledgement counts when it is on disk, and never before."""
    monkeypatch.setattr(outbox_module, "REPEAT_S", 0.01)
    held: list[Any] = []
    async with running() as gateway:
        await submitted(gateway)
        esme = await gateway.esme(BindMode.RX, acknowledge=held.append)
        await until(lambda: held)
        await gateway.gateway.journal.flush()
        assert gateway.store is not None
        gateway.store.refuse(True)
        esme.connection.answer(held[0])
        await until(lambda: depth(gateway) == 0)
        assert len(_owed_after_a_restart(gateway)) == 1
        gateway.store.refuse(False)
        await until(lambda: not _owed_after_a_restart(gateway))
        await esme.unbind()


def _owed_after_a_restart(gateway: Running) -> dict[int, Message]:
    """Fold what is stored at this moment, as a start does."""
    found = OpenMessages(gateway.gateway.policy.multipart)
    assert gateway.store is not None
    for _sequence, _at, events in gateway.store.read(0):
        for event in events:
            found.apply(event)
    return found.messages


async def test_one_that_can_not_be_written_is_dropped_and_the_others_go_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running() as gateway:
        ids = await submitted(gateway, 3)
        encode = ReceiptItem.encode
        bad = int(ids[1])

        def failing(self: ReceiptItem, sequence_number: int, interface_version: int) -> bytes:
            if self._segment.message_id == bad:
                raise RuntimeError("a mistake")
            return encode(self, sequence_number, interface_version)

        monkeypatch.setattr(ReceiptItem, "encode", failing)
        assert await all_receipts(gateway, 2) == [ids[0], ids[2]]
        assert [event.reason for event in gateway.events(ReceiptDropped)] == ["unsendable"]
        assert len(gateway.mistakes) == 1
        gateway.mistakes.clear()


async def test_a_mistake_with_one_answer_leaves_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running() as gateway:
        ids = await submitted(gateway, 2)
        acknowledged = ReceiptItem.acknowledged

        def failing(self: ReceiptItem, at: float, session_id: int, sent_at: float) -> Any:
            if self._segment.message_id == int(ids[0]):
                raise RuntimeError("a mistake")
            return acknowledged(self, at, session_id, sent_at)

        monkeypatch.setattr(ReceiptItem, "acknowledged", failing)
        await all_receipts(gateway, 2)
        await until(lambda: gateway.events(ReceiptAcknowledged))
        assert gateway.events(ReceiptAcknowledged)[0].message_id == int(ids[1])
        assert len(gateway.mistakes) == 1
        gateway.mistakes.clear()


async def test_receipts_are_delivered_after_a_restart_with_the_same_id(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        ids = await submitted(gateway, 3)
        esme = await gateway.esme(BindMode.RX, acknowledge=lambda _pdu: None)
        await esme.delivery(lambda _delivery: True)
    async with running(tmp_path) as gateway:
        assert sorted(await all_receipts(gateway, 3)) == sorted(ids)
    async with running(tmp_path) as gateway:
        assert depth(gateway) == 0


async def test_an_account_that_is_not_known_has_no_depth() -> None:
    async with running() as gateway:
        assert gateway.gateway.outbox.depth("nobody") == 0


async def test_connections_that_end_make_no_pause_longer() -> None:
    """An ESME that drops ten connections and then refuses once waits for the first pause."""
    async with running() as gateway:
        policy = gateway.gateway.policy.receipts["police"]
        outbox = gateway.gateway.outbox
        outbox._spools["police"].policy = replace(policy, retries_s=(0.01, 3600.0))
        await submitted(gateway)
        for _ in range(10):
            silent = await gateway.esme(BindMode.RX, acknowledge=lambda _pdu: None)
            await silent.delivery(lambda _delivery: True)
            silent.connection.abort()
            await until(lambda: len(gateway.gateway.sessions) == 0)
        statuses = iter([int(CommandStatus.ESME_RX_T_APPN), 0])
        esme = await gateway.esme(BindMode.RX, acknowledge=lambda _pdu: next(statuses))
        await until(lambda: depth(gateway) == 0)
        await esme.unbind()
