"""Carry messages to their one outcome: profiles' conditions, times, lanes, full disk, restart."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from gateway.clock import ManualClock, SystemClock
from gateway.delivery import dispatcher as dispatcher_module
from gateway.load.errors import SubmitError
from gateway.load.esme import Esme
from gateway.load.submission import SubmitOptions
from routing.events import Attempted, Outcome, ReceiptAcknowledged
from routing.message import Message
from routing.registry_events import NumberPorted
from smpp.constants import BindMode, MessageState
from tests.support.compiled import plain_python_only
from tests.support.inprocess import NUMBER, TEXT, Running, running, until
from tests.support.submissions import in_flight

LATER = SubmitOptions(schedule_delivery_time="000000010000000R")


@pytest.mark.parametrize(
    ("digits", "stat"),
    [
        ("0000", "DELIVRD"),
        ("0002", "UNDELIV"),
        ("0003", "UNDELIV"),
        ("0004", "UNDELIV"),
        ("0007", "UNDELIV"),
        ("0008", "REJECTD"),
        ("0009", "UNDELIV"),
        ("0010", "UNDELIV"),
        ("0013", "DELIVRD"),
        ("0100", "DELIVRD"),
    ],
)
async def test_magic_recipients_end_as_documented(digits: str, stat: str) -> None:
    async with running() as gateway, await gateway.esme() as esme:
        submitted = await esme.submit(f"1990000{digits}", TEXT, NUMBER)
        receipt = await esme.receipt(submitted.message_ids[0])
        assert receipt.stat == stat
        (outcome,) = gateway.events(Outcome)
        assert (outcome.state == MessageState.DELIVERED) == (stat == "DELIVRD")
        assert outcome.attempts == 1


async def test_no_receipt_ever_comes_where_that_is_asked_for() -> None:
    clock = manual()
    async with running(clock=clock) as gateway, await gateway.esme() as esme:
        await esme.submit("19900000011", TEXT, NUMBER)
        await until(lambda: gateway.events(Attempted))
        await later(gateway, clock, 4 * 86400.0)
        await until(lambda: gateway.events(Outcome))
        await until(lambda: not gateway.gateway.open_messages.messages)
        assert gateway.gateway.outbox.depth("police") == 0


async def test_a_receipt_may_come_before_the_response() -> None:
    async with running() as gateway, await gateway.esme() as esme:
        order: list[str] = []
        esme.inbox.on_delivery = lambda _delivery: order.append("receipt")
        await esme.submit("19900000013", TEXT, NUMBER)
        order.append("response")
        await until(lambda: len(order) == 2)
        assert order == ["receipt", "response"]


@pytest.mark.parametrize(
    ("registered_delivery", "version", "to", "receipts"),
    [
        (0, 0x34, "19900000000", 0),
        (0, 0x34, "19900000004", 0),
        (1, 0x34, "19900000000", 1),
        (1, 0x34, "19900000004", 1),
        (2, 0x34, "19900000000", 0),
        (2, 0x34, "19900000004", 1),
        (3, 0x50, "19900000000", 1),
        (3, 0x50, "19900000004", 0),
        (3, 0x34, "19900000000", 1),
        (17, 0x34, "19900000000", 1),
        (0b1101, 0x34, "19900000000", 1),
    ],
)
async def test_registered_delivery_is_honoured_exactly(
    registered_delivery: int, version: int, to: str, receipts: int
) -> None:
    options = SubmitOptions(registered_delivery=registered_delivery)
    async with running() as gateway, await gateway.esme(interface_version=version) as esme:
        await esme.submit(to, TEXT, NUMBER, options)
        await until(lambda: gateway.gateway.desks["police"].in_flight == 0)
        await until(lambda: gateway.gateway.outbox.depth("police") == 0)
        await gateway.gateway.journal.flush()
        assert len(gateway.events(Outcome)) == 1
        assert len(gateway.events(ReceiptAcknowledged)) == receipts
        assert gateway.gateway.open_messages.messages == {}


# -- time ------------------------------------------------------------------------------------


def manual() -> ManualClock:
    return ManualClock(SystemClock.at(), SystemClock.now())


async def later(gateway: Running, clock: ManualClock, seconds: float) -> None:
    """Let time pass, and let the gateway do what is due by then."""
    clock.advance(seconds)
    gateway.gateway.dispatcher.run_due()
    for _turn in range(5):
        await asyncio.sleep(0)
    await gateway.gateway.journal.flush()


async def submit(esme: Esme, to: str, options: SubmitOptions) -> str:
    return (await esme.submit(to, TEXT, NUMBER, options)).message_ids[0]


async def test_a_scheduled_message_waits_for_its_time() -> None:
    clock = manual()
    async with running(clock=clock) as gateway, await gateway.esme() as esme:
        message_id = await submit(esme, "19900000000", LATER)
        await later(gateway, clock, 3599.0)
        assert gateway.events(Outcome) == []
        clock.advance(2.0)
        gateway.gateway.dispatcher.run_due()
        assert (await esme.receipt(message_id)).stat == "DELIVRD"


async def test_an_unreachable_recipient_is_tried_until_the_validity_ends() -> None:
    clock = manual()
    options = SubmitOptions(validity_period="000000010000000R")
    async with running(clock=clock) as gateway, await gateway.esme() as esme:
        message_id = await submit(esme, "19900000001", options)
        started = clock.at()
        for _minute in range(61):
            await later(gateway, clock, 60.0)
        receipt = await esme.receipt(message_id)
        assert receipt.stat == "EXPIRED"
        attempts = gateway.events(Attempted)
        assert attempts
        assert [event.attempt for event in attempts] == list(range(1, len(attempts) + 1))
        (outcome,) = gateway.events(Outcome)
        assert started + 3599.0 <= outcome.at <= started + 3661.0


async def test_a_full_memory_is_tried_again_and_then_delivered() -> None:
    clock = manual()
    async with running(clock=clock) as gateway, await gateway.esme() as esme:
        message_id = await submit(esme, "19900000005", SubmitOptions())
        await until(lambda: gateway.events(Attempted))
        clock.advance(2.1)
        gateway.gateway.dispatcher.run_due()
        assert (await esme.receipt(message_id)).stat == "DELIVRD"
        assert gateway.events(Outcome)[0].attempts == 2


async def test_setting_the_clock_neither_hastens_nor_delays() -> None:
    clock = manual()
    async with running(clock=clock) as gateway, await gateway.esme() as esme:
        await submit(esme, "19900000000", LATER)
        clock.jump(7200.0)
        await later(gateway, clock, 0.0)
        assert gateway.events(Outcome) == []
        clock.jump(-14400.0)
        await later(gateway, clock, 3601.0)
        assert len(gateway.events(Outcome)) == 1


def replaced(gateway: Running, message_id: str, schedule_at: float) -> None:
    """Move a waiting message's schedule, as replace_sm does."""
    message = gateway.gateway.open_messages.messages[int(message_id)]
    message.schedule_at = schedule_at
    message.due_at = 0.0
    gateway.gateway.dispatcher.replan(message)


async def test_a_message_moved_to_a_later_time_is_not_attempted_at_the_old_one() -> None:
    clock = manual()
    async with running(clock=clock) as gateway, await gateway.esme() as esme:
        message_id = await submit(esme, "19900000000", LATER)
        replaced(gateway, message_id, clock.at() + 7200.0)
        await later(gateway, clock, 3601.0)
        assert gateway.events(Outcome) == []
        await later(gateway, clock, 3600.0)
        assert len(gateway.events(Outcome)) == 1
        assert gateway.gateway.dispatcher._moved == {}


async def test_a_message_moved_to_an_earlier_time_is_not_retried_at_the_old_one() -> None:
    clock = manual()
    async with running(clock=clock) as gateway, await gateway.esme() as esme:
        message_id = await submit(esme, "19900000001", LATER)
        scheduled = gateway.gateway.open_messages.messages[int(message_id)].schedule_at
        # The old place comes up between the first attempt and the one after it.
        replaced(gateway, message_id, scheduled - 0.5)
        await later(gateway, clock, scheduled - 0.4 - clock.at())
        assert len(gateway.events(Attempted)) == 1
        assert gateway.events(Attempted)[0].next_at > scheduled + 0.2
        await later(gateway, clock, 0.5)
        assert len(gateway.events(Attempted)) == 1
        await later(gateway, clock, gateway.events(Attempted)[0].next_at - clock.at() + 0.1)
        assert len(gateway.events(Attempted)) == 2


async def test_alarms_ring_by_themselves() -> None:
    async with running() as gateway, await gateway.esme() as esme:
        late = await submit(esme, "19900000102", SubmitOptions())
        early = await submit(esme, "19900000101", SubmitOptions())
        assert (await esme.receipt(early)).stat == "DELIVRD"
        assert (await esme.receipt(late)).stat == "DELIVRD"


# -- lanes -----------------------------------------------------------------------------------


async def test_instant_messages_do_not_wait_for_a_flood_of_ordinary_ones() -> None:
    clock = manual()
    async with running(clock=clock) as gateway:
        running_ = gateway.gateway
        order: list[str] = []
        messages = [
            message(running_, number, "ordinary", clock.at() + 10.0) for number in range(5_000)
        ]
        messages.append(message(running_, 9_999, "instant", clock.at() + 10.0))
        running_.dispatcher.accept(messages)
        assert running_.dispatcher.waiting == 5_001
        clock.advance(11.0)
        finished = running_.dispatcher._d.finished

        def note(group: Any, durations_s: list[float]) -> None:
            order.extend([group[1]] * len(durations_s))

        object.__setattr__(running_.dispatcher._d, "finished", note)
        running_.dispatcher.run_due()
        await until(lambda: len(order) == 5_001)
        assert order.index("instant") <= dispatcher_module.TURN
        object.__setattr__(running_.dispatcher._d, "finished", finished)


def message(gateway: Any, number: int, service: str, schedule_at: float) -> Message:
    at = gateway.clock.at()
    return in_flight(
        at=at,
        message_id=(1 << 61) + number,
        service=service,
        schedule_at=schedule_at,
        validity_at=at + 86400.0,
        registered_delivery=0,
        recipient="19900000000",
    )


# -- trouble ---------------------------------------------------------------------------------


async def test_outcomes_the_full_disk_refuses_are_recorded_later_and_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dispatcher_module, "REPEAT_S", 0.01)
    clock = manual()
    async with running(clock=clock) as gateway, await gateway.esme() as esme:
        message_id = await submit(esme, "19900000000", LATER)
        assert gateway.store is not None
        gateway.store.refuse(True)
        clock.advance(3601.0)
        gateway.gateway.dispatcher.run_due()
        await until(lambda: gateway.gateway.open_messages.messages[int(message_id)].final)
        await gateway.gateway.journal.flush()
        assert gateway.gateway.outbox.depth("police") == 0
        gateway.store.refuse(False)
        assert (await esme.receipt(message_id)).stat == "DELIVRD"
        assert len(gateway.events(Outcome)) == 1


AFTER_A_SECOND = "19900000101"


@plain_python_only
async def test_a_mistake_with_one_message_puts_it_off_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running() as gateway, await gateway.esme() as esme:
        subscribers = type(gateway.gateway.policy.subscribers)
        of = subscribers.of
        calls: list[str] = []

        def failing(self: Any, recipient: str, *, ported: bool = False) -> Any:
            if recipient == AFTER_A_SECOND:
                calls.append(recipient)
                if len(calls) > 2:  # it is looked for on acceptance, when planned, when attempted
                    raise RuntimeError("a mistake")
            if recipient == "13300000003":
                raise RuntimeError("a mistake")
            return of(self, recipient, ported=ported)

        monkeypatch.setattr(subscribers, "of", failing)
        for to in (AFTER_A_SECOND, "13300000003", "13300000001"):
            await esme.submit(to, TEXT, NUMBER)
        await until(lambda: gateway.events(Outcome))
        await until(lambda: len(gateway.mistakes) == 2)
        assert gateway.gateway.dispatcher.waiting == 2
        gateway.mistakes.clear()
        monkeypatch.undo()


async def test_waiting_messages_are_resumed_after_a_restart(tmp_path: Path) -> None:
    clock = manual()
    async with running(tmp_path, clock=clock) as gateway, await gateway.esme() as esme:
        message_id = await submit(esme, "19900000000", LATER)
    async with running(tmp_path, clock=clock) as gateway:
        assert gateway.gateway.dispatcher.waiting == 1
        assert gateway.gateway.desks["police"].in_flight == 1
        clock.advance(3601.0)
        async with await gateway.esme(BindMode.RX) as esme:
            gateway.gateway.dispatcher.run_due()
            assert (await esme.receipt(message_id)).stat == "DELIVRD"
    async with running(tmp_path, clock=clock) as gateway:
        assert (gateway.gateway.dispatcher.waiting, _depth(gateway)) == (0, 0)


def _depth(gateway: Running) -> int:
    return gateway.gateway.outbox.depth("police")


async def test_nothing_is_attempted_after_the_close() -> None:
    clock = manual()
    async with running(clock=clock) as gateway, await gateway.esme() as esme:
        await submit(esme, "19900000000", LATER)
        gateway.gateway.dispatcher.close()
        await later(gateway, clock, 3601.0)
        assert gateway.events(Outcome) == []


async def test_a_final_message_is_not_cancelled() -> None:
    async with running() as gateway:
        final = message(gateway.gateway, 1, "ordinary", 0.0)
        final.state = MessageState.DELIVERED
        assert not gateway.gateway.dispatcher.cancel(final, lambda _stored: None)


USER = "13300000001"


async def port(gateway: Running, carrier: str) -> None:
    moved = NumberPorted(gateway.gateway.clock.at(), USER, carrier)
    await gateway.gateway.registrar.record([moved])


async def test_a_number_that_was_ported_is_reached_through_its_new_carrier() -> None:
    clock = manual()
    async with running(clock=clock) as gateway, await gateway.esme() as esme:
        await port(gateway, "mobile")
        clock.advance(1.0)
        message_id = await submit(esme, USER, SubmitOptions())
        assert (await esme.receipt(message_id)).stat == "DELIVRD"
        (outcome,) = gateway.events(Outcome)
    assert (outcome.carrier, outcome.liability) == ("mobile", "ok")


async def test_a_number_ported_between_submission_and_delivery_is_nobodys_failure() -> None:
    clock = manual()
    async with running(clock=clock) as gateway, await gateway.esme() as esme:
        message_id = await submit(esme, USER, LATER)
        clock.advance(60.0)
        await port(gateway, "mobile")
        await later(gateway, clock, 3600.0)
        receipt = await esme.receipt(message_id)
        (outcome,) = gateway.events(Outcome)
    assert (receipt.stat, receipt.error) == ("UNDELIV", "NP1")
    assert (outcome.carrier, outcome.liability, outcome.error) == ("mobile", "ported", "NP1")


async def test_a_number_ported_before_a_retry_is_found_ported_by_it() -> None:
    clock = manual()
    async with running(clock=clock) as gateway, await gateway.esme() as esme:
        gateway.gateway.policy.subscribers.put(USER, "off")
        message_id = await submit(esme, USER, SubmitOptions())
        await until(lambda: gateway.events(Attempted))
        clock.advance(1.0)
        await port(gateway, "unicom")
        gateway.gateway.policy.subscribers.clear(USER)
        await later(gateway, clock, 3600.0)
        assert (await esme.receipt(message_id)).error == "NP1"
        (outcome,) = gateway.events(Outcome)
    assert (outcome.carrier, outcome.attempts) == ("unicom", 2)


async def test_a_number_ported_in_is_delivered_though_its_prefix_is_anothers() -> None:
    clock = manual()
    strange = "13800000001"
    settings: dict[str, Any] = {
        "contract__routing__offnet_policy": "reject",
        "checks__scope": "off",
        "checks__no_consent": "off",
    }
    async with running(clock=clock, **settings) as gateway:
        async with await gateway.esme() as esme:
            with pytest.raises(SubmitError, match="RINVDSTADR"):
                await esme.submit(strange, TEXT, NUMBER)
            moved = NumberPorted(clock.at(), strange, "telecom")
            await gateway.gateway.registrar.record([moved])
            clock.advance(1.0)
            await esme.receipt(await submit(esme, strange, SubmitOptions()))
        (outcome,) = gateway.events(Outcome)
    assert (outcome.carrier, outcome.liability) == ("telecom", "ok")
