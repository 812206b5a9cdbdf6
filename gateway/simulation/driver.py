"""Drive a whole gateway through simulated time, by the same code that serves real traffic.

The gateway runs on a loop of simulated time with its own journal and archive; an ESME beside it
submits by a link in memory. Time moves by steps: what a slot brings is submitted at its start,
then the clock moves on in steps that grow, and at each the loop runs until nothing moves any
more. So a receipt may come up to a step late, and never early.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from datetime import time as day_time
from typing import Final

from config.section import SHANGHAI
from config.settings import DEMO_ACCOUNT, Settings
from config.traffic import DayOfTraffic
from gateway.app import Gateway
from gateway.clock import ManualClock
from gateway.load.binding import bind_request
from gateway.load.stream import Stream
from gateway.load.tally import Tally
from gateway.load.traffic import FrameRing
from gateway.log import Log
from gateway.retention import WHO
from routing.magic import MagicNumbers
from smpp.constants import BindMode, CommandStatus

from .life import Life, LifeParts
from .link import Link
from .plan import DAY_S, Slot, TrafficPlan

WINDOW: Final = 1000
SETTINGS: Final[dict[str, object]] = {
    "data.durability": "normal",
    "http.enabled": False,
    "smpp.listen": "127.0.0.1:0",
    # A step of simulated time is longer than these are in the real one.
    "smpp.timers.enquire_link_s": 43200.0,
    "smpp.timers.inactivity_s": 86400.0,
    "smpp.timers.response_s": 86400.0,
}
"""Settings of a gateway that is simulated: nobody else talks to it, and time leaps."""
TURNS: Final = 8
"""Turns of the loop in which something moves if anything does."""
LAG_EVENTS: Final = 1_000_000
"""The archive may be so far behind before the simulation waits for it."""
PATIENCE_S: Final = 120.0
SLOT_MESSAGES: Final = 800
"""Messages of a slot: fewer cost a commit for little, more come all at once."""
STEPS: Final = 3
"""Each step of time after a slot's beginning is so many times as long as the one before."""
SLOTS_S: Final = (60, 120, 300, 600, 900, 1800, 3600)


class SimulationError(Exception):
    """Say why a simulation can't begin or go on."""


@dataclass(frozen=True, slots=True)
class SimulationOptions:
    """Say what is simulated: whole days of Asia/Shanghai, the last one counted in."""

    first: date
    last: date
    per_day: int
    seed: int
    events: bool = True
    """Whether complaints, incidents and breaches happen."""
    keep_all: bool = False
    """Whether old records stay; otherwise they are removed as each month begins."""

    @property
    def slot_s(self) -> int:
        """Give the seconds of a slot."""
        wanted = SLOT_MESSAGES * DAY_S / self.per_day
        return max((slot for slot in SLOTS_S if slot <= wanted), default=SLOTS_S[0])


@dataclass(slots=True)
class Progress:
    """Say how far a simulation is."""

    day: date
    days: int
    of_days: int
    submitted: int


@dataclass(slots=True)
class Outcome:
    """Say what a simulation did."""

    days: int = 0
    submitted: int = 0
    accepted: int = 0
    refused: int = 0
    receipts: int = 0
    replies: int = 0
    removed: int = 0
    """Months of records that were removed."""
    seconds: float = 0.0
    states: dict[str, int] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)

    @property
    def per_second(self) -> float:
        """Give the messages submitted in a second of real time."""
        return self.submitted / self.seconds if self.seconds else 0.0


class Simulation:
    """Own one simulated life, from an empty data directory to a gateway that has stopped."""

    def __init__(
        self,
        settings: Settings,
        options: SimulationOptions,
        day: DayOfTraffic,
        clock: ManualClock,
        log: Log,
        progress: Callable[[Progress], None] = lambda _progress: None,
    ) -> None:
        """Prepare; `clock` is the one that the loop runs by. Raises SimulationError."""
        self.stopping = False
        """Set from outside, it ends the simulation after the slot at work."""
        self._options = options
        self._clock = clock
        self._progress = progress
        self._failures: list[BaseException] = []
        self._gateway = Gateway(settings, clock=clock, on_failure=self._failures.append, log=log)
        account = settings.account[0]
        if not account.access_numbers or not settings.contract.signatures:
            raise SimulationError("the contract names no access number and signature to send with")
        self._port = account.access_numbers[0]
        self._plan = TrafficPlan(
            day,
            _recipients(self._gateway),
            self._port,
            settings.contract.signatures[0].text,
            per_day=options.per_day,
            slot_s=options.slot_s,
            seed=options.seed,
        )
        self._outcome = Outcome()
        self._tally = Tally()

    async def run(self) -> Outcome:
        """Live through all days. Raises SimulationError, and what `Gateway.start` raises."""
        began = time.monotonic()
        await self._gateway.start()
        try:
            await self._bind()
            life = self._life()
            days = (self._options.last - self._options.first).days + 1
            for number in range(days):
                today = self._options.first + timedelta(days=number)
                if today.day == 1 and not self._options.keep_all:
                    await self._remove_old()
                await self._live(today, life)
                self._outcome.days = number + 1
                self._progress(Progress(today, number + 1, days, self._tally.submitted))
                await self._archive(LAG_EVENTS)
                if self.stopping:
                    break
            await self._archive(0)
        finally:
            self._stream.ending = True
            await self._gateway.stop("signal")
        return self._counted(time.monotonic() - began)

    # -- one session --------------------------------------------------------------------------

    async def _bind(self) -> None:
        loop = asyncio.get_running_loop()
        self._stream = Stream(self._tally, None, WINDOW, lambda count: count, self._clock.now)
        self._link = Link(loop, self._gateway.connection(), self._stream)
        account = DEMO_ACCOUNT
        request = bind_request(str(account["system_id"]), str(account["password"]), BindMode.TRX)
        answer = await self._stream.request(request)
        if answer.command_status != CommandStatus.ESME_ROK:
            raise SimulationError(f"the bind is refused with status 0x{answer.command_status:08X}")
        self._stream.bound = True

    def _life(self) -> Life:
        account = self._gateway.settings.account[0].system_id
        subscribers = self._gateway.policy.subscribers
        parts = LifeParts(
            self._clock,
            self._gateway.registrar,
            subscribers,
            self._gateway.figures,
            account,
            self._port,
        )
        life = Life(parts)
        if self._options.events:
            after = self._options.last + timedelta(days=1)
            life.plan(midnight(self._options.first), midnight(after), self._options.seed)
        return life

    # -- time ---------------------------------------------------------------------------------

    async def _live(self, today: date, life: Life) -> None:
        begin = midnight(today)
        for slot in self._plan.slots(today):
            await self._reach(begin + slot.at_s, life)
            await self._send(slot)
            if self.stopping:
                return
        await self._reach(begin + DAY_S, life)

    async def _send(self, slot: Slot) -> None:
        for sender, text in slot.replies:
            self._gateway.mo.receive(sender, self._port, text, source="simulation")
        self._outcome.replies += len(slot.replies)
        self._stream.ring = FrameRing(slot.frames)
        self._stream.owe(len(slot.frames), self._clock.now())
        await self._settle()

    async def _reach(self, at: float, life: Life) -> None:
        """Let time pass until `at`, in steps that grow, and let happen what is due."""
        step_s = 1.0
        while (left := at - self._clock.at()) > 0:
            due = life.next_at() - self._clock.at()
            self._clock.advance(min(step_s, left, max(due, 0.0)))
            step_s *= STEPS
            if due <= step_s:
                await life.happen()
            await self._settle()

    async def _settle(self) -> None:
        """Run the loop until nothing moves any more at this moment."""
        seen = None
        while seen != (now := (self._link.octets, self._gateway.journal.sequence)):
            seen = now
            for _ in range(TURNS):
                await asyncio.sleep(0)
            await self._gateway.journal.flush()
        if self._failures:
            raise SimulationError(str(self._failures[0]))
        if self._stream.owing:
            raise SimulationError(f"{self._stream.owing} messages were never answered")

    async def _remove_old(self) -> None:
        """Remove the months that need not be kept any more (clause 3.1.11)."""
        retention = self._gateway.retention
        if retention is not None:
            await self._archive(0)
            self._outcome.removed += len(await retention.remove(WHO))

    async def _archive(self, behind: int) -> None:
        """Wait for the archive where it is too far behind the journal."""
        archive = self._gateway.archive
        if archive is None:
            return
        until = time.monotonic() + PATIENCE_S
        seen = archive.sequence
        while archive.lag_events() > behind:
            await asyncio.to_thread(time.sleep, 0.01)  # noqa: TID251 - simulated time stands still
            if archive.sequence != seen:
                seen, until = archive.sequence, time.monotonic() + PATIENCE_S
            elif time.monotonic() > until:
                raise SimulationError(f"the archive stands still, {archive.lag_events()} behind")

    def _counted(self, seconds: float) -> Outcome:
        tally, outcome = self._tally, self._outcome
        outcome.submitted, outcome.accepted = tally.submitted, tally.accepted
        outcome.refused, outcome.receipts = tally.refused, tally.receipts
        outcome.states = {word.decode(): count for word, count in sorted(tally.states.items())}
        outcome.statuses = {_name(code): count for code, count in sorted(tally.statuses.items())}
        outcome.seconds = seconds
        return outcome


def midnight(day: date) -> float:
    """Give the first instant of a day of Asia/Shanghai, UTC seconds."""
    return datetime.combine(day, day_time(), SHANGHAI).timestamp()


def _name(status: int) -> str:
    known = status in CommandStatus.__members__.values()
    return CommandStatus(status).name if known else f"0x{status:08X}"


def _recipients(gateway: Gateway) -> list[tuple[int, int]]:
    """Give the declared users, without magic recipients."""
    magic = {int(number) for number in MagicNumbers(gateway.policy.data).by_recipient}
    ranges = [entry.interval for entry in gateway.settings.contract.scope.entries]
    found = [(first, last) for first, last in ranges if first not in magic and last not in magic]
    if not found:
        raise SimulationError("the contract's scope names no recipients")
    return found
