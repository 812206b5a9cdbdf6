"""Set the machine's clock while everything waits: nothing is early, late or lost (I13).

A whole gateway with a manual clock tells its story, event by event, in monotonic time. The story
with a jump of the clock must be the one without; a clock whose jumps reach the timers as well, as
they would in a gateway that times by the wall clock, must spoil it.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from gateway.clock import ManualClock
from gateway.load.esme import Esme
from gateway.load.submission import SubmitOptions, submissions
from routing.events import (
    JournalEvent,
    Outcome,
    ReceiptAcknowledged,
    ReceiptDropped,
    Submission,
    Unbound,
)
from smpp.constants import BindMode, CommandStatus, MessageState
from smpp.pdus import EnquireLink
from smpp.times import format_absolute
from tests.support.inprocess import NUMBER, TEXT, Running, police, running
from tests.support.samples import BY_ID

HOUR, DAY = 3600.0, 86_400.0
START = 1_772_000_000.0
"""2026-02-25 06:13:20 UTC"""
REACHABLE, UNREACHABLE = "19900000000", "19900000001"
JUMPS = {
    "an hour forward": HOUR,
    "an hour back": -HOUR,
    "a day forward": DAY,
    "a day back": -DAY,
    "ten years forward": 3652 * DAY,
    "a leap second inserted": -1.0,
    "a leap second left out": 1.0,
}
STOPS = (0.5, 1.5, 178.0, 182.0, 1800.0, HOUR - 1.0, HOUR + 1.0, 2 * HOUR + 1.0, 71 * HOUR)
"""Monotonic seconds since the submissions; the last one is shortly before receipts get too old."""

Story = list[tuple[float, str]]
KINDS = (Submission, Outcome, ReceiptAcknowledged, ReceiptDropped, Unbound)


class WallClockOnly(ManualClock):
    """Be the clock of a gateway that knows no monotonic time."""

    def jump(self, seconds: float) -> None:
        self._at += seconds
        self._now += seconds


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put the machine into a time zone with daylight saving time."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    assert time.daylight
    yield
    monkeypatch.undo()
    time.tzset()


def told(event: JournalEvent, names: dict[int, str]) -> str:
    """Say what happened to which message, without any time."""
    if isinstance(event, Submission):
        return f"{names.get(event.message_id, 'parts')} taken or refused: {event.reason or 'taken'}"
    if isinstance(event, Outcome):
        return f"{names.get(event.message_id, 'parts')} {MessageState(event.state).name}"
    if isinstance(event, ReceiptAcknowledged | ReceiptDropped):
        return f"{names.get(event.message_id, 'parts')} {type(event).__name__}"
    return type(event).__name__


async def submit_all(esme: Esme, clock: ManualClock) -> dict[int, str]:
    """Submit one message of each kind that waits for something; give their names by id."""
    soon = format_absolute(clock.at() + HOUR).decode()
    kinds = {
        "at once": (REACHABLE, SubmitOptions()),
        "in an hour": (REACHABLE, SubmitOptions(schedule_delivery_time="000000010000000R")),
        "at a time": (REACHABLE, SubmitOptions(schedule_delivery_time=soon)),
        "for an hour": (UNREACHABLE, SubmitOptions(validity_period="000000010000000R")),
        "until a time": (UNREACHABLE, SubmitOptions(validity_period=soon)),
    }
    names = {}
    for name, (to, options) in kinds.items():
        (message_id,) = (await esme.submit(to, TEXT, NUMBER, options)).message_ids
        names[int(message_id)] = name
    for part in submissions(REACHABLE, BY_ID["T30"].text, NUMBER, reference=7)[:2]:
        assert (await esme.request(part)).command_status == 0
    return names


async def settle(gateway: Running) -> None:
    """Let the gateway do all that is due, and the sessions what follows from it."""
    inside = gateway.gateway
    inside.dispatcher.run_due()
    inside.assembly.give_up_incomplete()
    inside.outbox.sweep()
    for _turn in range(5):
        await asyncio.sleep(0)
    await inside.journal.flush()


async def story_of(clock: ManualClock, jump_s: float, *, receiving: bool = True) -> Story:
    """Submit, set the clock, let three days pass; tell what happened by when."""
    story: Story = []
    mode = BindMode.TRX if receiving else BindMode.TX
    async with running(clock=clock) as gateway, await gateway.esme(mode) as esme:
        names = await submit_all(esme, clock)
        await settle(gateway)
        await settle(gateway)
        (connection,) = gateway.gateway.sessions.of("police")
        session = connection.session
        deadline = session.next_deadline()
        seen, passed = 0, 0.0
        clock.jump(jump_s)
        assert session.next_deadline() == deadline
        for stop in STOPS:
            clock.advance(stop - passed)
            passed = stop
            for _round in range(3):
                await settle(gateway)
                # Its answer shows that all receipts before it were taken; it keeps the session.
                assert (await esme.request(EnquireLink())).command_status == 0
            events = gateway.all_events()
            chosen = sorted(told(e, names) for e in events[seen:] if isinstance(e, KINDS))
            story += [(stop, line) for line in chosen]
            seen = len(events)
    return story


EXPECTED = {
    (182.0, "parts taken or refused: incomplete_message"),
    (HOUR + 1.0, "in an hour DELIVERED"),
    (HOUR + 1.0, "at a time DELIVERED"),
    (HOUR + 1.0, "for an hour EXPIRED"),
    (HOUR + 1.0, "until a time EXPIRED"),
}


@pytest.mark.parametrize("jump_s", JUMPS.values(), ids=JUMPS)
async def test_a_jump_of_the_clock_changes_nothing(jump_s: float) -> None:
    plain = await story_of(ManualClock(START, 1000.0), 0.0)
    assert set(plain) >= EXPECTED
    assert await story_of(ManualClock(START, 1000.0), jump_s) == plain


@pytest.mark.parametrize("jump_s", [HOUR, 3652 * DAY])
async def test_a_gateway_that_timed_by_the_wall_clock_would_be_found_out(jump_s: float) -> None:
    plain = await story_of(ManualClock(START, 1000.0), 0.0)
    found: Story = []
    with suppress(AssertionError):  # its sessions' timers may run out as well
        found = await story_of(WallClockOnly(START, 1000.0), jump_s)
    assert found != plain


@pytest.mark.parametrize("jump_s", [DAY * 4, 3652 * DAY])
async def test_receipts_that_wait_do_not_grow_old_by_a_jump(jump_s: float) -> None:
    plain = await story_of(ManualClock(START, 1000.0), 0.0, receiving=False)
    assert not [line for _stop, line in plain if "Dropped" in line]
    assert await story_of(ManualClock(START, 1000.0), jump_s, receiving=False) == plain


@pytest.mark.usefixtures("berlin")
@pytest.mark.parametrize(
    "changeover",
    [datetime(2026, 3, 29, 1, 0, tzinfo=UTC), datetime(2026, 10, 25, 1, 0, tzinfo=UTC)],
)
async def test_daylight_saving_time_of_the_machine_changes_nothing(changeover: datetime) -> None:
    plain = await story_of(ManualClock(START, 1000.0), 0.0)
    clock = ManualClock(changeover.timestamp() - HOUR / 2, 1000.0)
    assert await story_of(clock, 0.0) == plain


@pytest.mark.parametrize("jump_s", [HOUR, -HOUR, 3652 * DAY])
async def test_the_throughput_limit_counts_in_monotonic_time(jump_s: float) -> None:
    clock = ManualClock(START, 1000.0)
    account = police(throughput={"rate": 1.0, "burst": 3})
    async with running(clock=clock, account=[account]) as gateway, await gateway.esme() as esme:

        async def statuses(count: int) -> Counter[int]:
            pdus = [submissions(REACHABLE, TEXT, NUMBER)[0] for _ in range(count)]
            return Counter([(await esme.request(pdu)).command_status for pdu in pdus])

        throttled = int(CommandStatus.ESME_RTHROTTLED)
        assert await statuses(5) == {0: 3, throttled: 2}
        clock.jump(jump_s)
        assert await statuses(2) == {throttled: 2}
        clock.advance(2.0)
        assert await statuses(3) == {0: 2, throttled: 1}


@pytest.mark.parametrize("jump_s", JUMPS.values(), ids=JUMPS)
async def test_a_message_that_was_on_its_way_to_the_disk_is_not_late_or_early(
    jump_s: float,
) -> None:
    clock = ManualClock(START, 1000.0)
    async with running(clock=clock) as gateway, await gateway.esme() as esme:
        assert gateway.store is not None
        jumped = False
        commit = gateway.store._commit

        def slow(at: float, blob: bytes) -> None:
            nonlocal jumped
            if not jumped:
                clock.jump(jump_s)
                jumped = True
            commit(at, blob)

        gateway.store._commit = slow  # type: ignore[method-assign]  # between verdict and answer
        options = SubmitOptions(schedule_delivery_time="000000000100000R")
        await esme.submit(REACHABLE, TEXT, NUMBER, options)
        assert jumped
        clock.advance(59.0)
        await settle(gateway)
        assert gateway.events(Outcome) == []
        clock.advance(1.1)
        await settle(gateway)
        await settle(gateway)
        assert len(gateway.events(Outcome)) == 1


@pytest.mark.parametrize("jump_s", JUMPS.values(), ids=JUMPS)
async def test_ids_rise_and_no_message_ends_before_it_began(jump_s: float) -> None:
    clock = ManualClock(START, 1000.0)
    async with running(clock=clock) as gateway, await gateway.esme() as esme:
        ids = []
        for jump in (0.0, jump_s, -jump_s, jump_s):
            clock.jump(jump)
            clock.advance(0.1)
            ids += [int((await esme.submit(REACHABLE, TEXT, NUMBER)).message_ids[0])]
            await settle(gateway)
        assert ids == sorted(set(ids))
        began = {event.message_id: event.at for event in gateway.events(Submission)}
        ended = {event.message_id: event.at for event in gateway.events(Outcome)}
        assert len(ended) == len(ids)
        assert all(0.0 <= ended[one] - began[one] <= 1.0 for one in ids)
