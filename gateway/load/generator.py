"""Run one process's share of a load: connect, send by the clock or by the window, count, end.

Time runs in four parts: warm-up (not measured), measurement, drain (nothing is sent; what is still
missing may come), unbind. All streams of a process share one tally and one timer each for sending
(the open loop), for the timeline and for what has run out of time.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.clock import SystemClock
from gateway.tasks import Tasks
from smpp.constants import BindMode

from .binding import bind_request, check_bound
from .errors import ConnectError, ConnectionLostError, NoAnswerError, why_not_connected
from .histogram import Histogram
from .options import LoadOptions
from .schedule import Schedule, schedule_of
from .stream import Stream
from .tally import Tally, Totals
from .traffic import FrameRing, TrafficMessage, load_traffic

TICK_S = 0.001
LATE_S = 0.005
"""A tick that comes later than this is the machine's fault, and its messages' latency counts from
when they were due; below, from the tick itself, since timers are no finer."""
POLL_S = 0.02
QUIET_S = 1.0
"""With several processes none knows what the others got: the drain ends after this silence."""
CONNECTING = 50
KEEP_ALIVE_S = 30.0
UNBIND_S = 3.0
BIND_MODES = {
    "trx": (BindMode.TRX, None),
    "tx+rx": (BindMode.TX, BindMode.RX),
    "tx": (BindMode.TX, None),
}
"""Load mode → how the sending session binds, and the one beside it."""


@dataclass(frozen=True, slots=True)
class Point:
    """Be one second of the timeline; rates per second, latencies in seconds."""

    at_s: float
    submits: float
    accepted: float
    receipts: float
    owed: int
    p50_s: float
    p99_s: float


@dataclass(frozen=True, slots=True)
class Durations:
    """Carry a histogram between processes."""

    buckets: dict[int, int]
    sum_s: float
    max_s: float


@dataclass(frozen=True, slots=True)
class WorkerResult:
    """Hold what one process measured: totals when measuring began, when it ended, and at last."""

    began: Totals
    ended: Totals
    final: Totals
    measured_s: float
    sessions: int
    unsent: int
    untracked: int
    statuses: dict[int, int]
    states: dict[str, int]
    closings: dict[str, int]
    responses: Durations
    round_trips: Durations
    timeline: list[Point] = field(default_factory=list)
    cpu_s: float = 0.0
    """Processor time of this process while it measured."""


class LoadWorker:
    """Run the streams of one process: `connect`, then `run`, then `close`.

    `index` is its number among `options.processes`; it takes each so-many-th bind.
    """

    def __init__(
        self,
        options: LoadOptions,
        index: int = 0,
        on_point: Callable[[Point], None] | None = None,
    ) -> None:
        self._options = options
        self._index = index
        self._on_point = on_point
        self._now = SystemClock.now
        self._left = _share(options.count, index, options.processes)
        self._exhausted = asyncio.Event()
        self._next = 0
        self._timeline: list[Point] = []
        self._unsent = 0
        self.tally = Tally(tracks=options.receipts and options.processes == 1)
        self.senders: list[Stream] = []
        self.receivers: list[Stream] = []
        self._messages: list[list[TrafficMessage]] = []
        self._schedule: Schedule | None = None

    # -- begin and end ----------------------------------------------------------------------

    @property
    def streams(self) -> list[Stream]:
        return self.senders + self.receivers

    async def connect(self) -> None:
        """Open and bind every session.

        Raises ConnectError, BindError, NoAnswerError or ConnectionLostError, TrafficError for a
        traffic file, EncodeError and ValueError for what can't be sent.
        """
        options = self._options
        mode, beside = BIND_MODES[options.mode]
        gate = asyncio.Semaphore(CONNECTING)
        numbers = range(self._index, options.binds, options.processes)
        if options.rate != 0:
            self._messages = [load_traffic(options, n, options.binds) for n in numbers]
        if options.pace is not None:
            self._schedule = schedule_of(self._messages, options.pace)
        rings: list[FrameRing | None] = [_ring(messages) for messages in self._messages]
        rings = rings or [None] * len(numbers)
        try:
            async with asyncio.TaskGroup() as group:
                if beside is not None:
                    for _ in numbers:
                        group.create_task(self._open(gate, beside, None, self.receivers))
                for ring in rings:
                    group.create_task(self._open(gate, mode, ring, self.senders))
        except* Exception as errors:
            await self.close()
            raise _first(errors) from errors

    async def close(self) -> None:
        """Unbind every session that is still there."""
        for stream in self.streams:
            stream.ending = True
        await asyncio.gather(*(stream.unbind(UNBIND_S) for stream in self.streams))

    async def _open(
        self, gate: asyncio.Semaphore, mode: BindMode, ring: FrameRing | None, into: list[Stream]
    ) -> None:
        options = self._options
        host, port = options.host, options.port

        def protocol() -> Stream:
            return Stream(self.tally, ring, options.effective_window, self._grant, self._now)

        async with gate:
            try:
                async with asyncio.timeout(options.connect_timeout_s):
                    _, stream = await asyncio.get_running_loop().create_connection(
                        protocol, host, port, ssl=options.ssl_context()
                    )
                    into.append(stream)
                    request = bind_request(
                        options.system_id, options.password, mode, options.interface_version
                    )
                    stream.ending = True
                    check_bound(options.system_id, await stream.request(request))
                    stream.bound, stream.ending = True, False
            except TimeoutError as error:
                raise NoAnswerError(
                    f"{host}:{port} did not answer a bind within {options.connect_timeout_s:g} s"
                ) from error
            except ConnectionResetError as error:
                raise ConnectionLostError("during the bind") from error
            except OSError as error:
                raise ConnectError(why_not_connected(host, port, error)) from error

    # -- the run ----------------------------------------------------------------------------

    async def run(self, start_at: float) -> WorkerResult:
        """Send from `start_at` (monotonic seconds) to the end of the run; give what was seen."""
        options = self._options
        failures: list[BaseException] = []
        tasks = Tasks(lambda _name, error: failures.append(error))
        await asyncio.sleep(max(0.0, start_at - self._now()))
        tasks.start(self._keep_timeline(start_at), "load timeline")
        try:
            if options.effective_warmup_s:
                self._begin(tasks, start_at)
                await self._wait(options.effective_warmup_s)
            began_at, began, cpu_began = self._now(), self.tally.totals(), _cpu_s()
            self.tally.measured_from = began_at
            if not options.effective_warmup_s:
                self._begin(tasks, start_at)
            await self._wait(options.duration_s)
            self._unsent += sum(stream.stop() for stream in self.senders)
            if self._exhausted.is_set():
                await self._drain(self._now() + options.drain_s, receipts=False)
            self._left = 0
            ended_at, ended = self._now(), self.tally.totals()
            cpu_s = _cpu_s() - cpu_began
            self.tally.measured_to = ended_at
            receipts = options.receipts and options.mode != "tx"
            await self._drain(ended_at + options.drain_s, receipts=receipts)
        finally:
            await tasks.close()
        if failures:
            raise failures[0]
        return self._result((began, ended), ended_at - began_at, cpu_s)

    def _begin(self, tasks: Tasks, start_at: float) -> None:
        """Let every stream fill its window, or start the clock that lets messages fall due."""
        if self._schedule is not None:
            tasks.start(self._follow(self._schedule, start_at), "load schedule")
        elif self._options.rate:
            rate = self._options.rate * len(self.senders) / self._options.binds
            tasks.start(self._pace(rate, start_at), "load pace")
        elif self._options.rate is None:
            for stream in self.senders:
                stream.filling = True
                stream.send_due()

    async def _wait(self, seconds: float) -> None:
        """Wait so long, or until all is sent, or until no session is left."""
        if seconds <= 0:
            return
        all_lost = asyncio.gather(*(asyncio.shield(stream.lost) for stream in self.senders))
        exhausted = asyncio.ensure_future(self._exhausted.wait())
        await asyncio.wait(
            (all_lost, exhausted), timeout=seconds, return_when=asyncio.FIRST_COMPLETED
        )
        for future in (all_lost, exhausted):
            future.cancel()
        await asyncio.gather(all_lost, exhausted, return_exceptions=True)

    async def _drain(self, until: float, *, receipts: bool) -> None:
        """Wait until a time for the responses, and for the receipts if wanted."""
        tally = self.tally
        alone = self._options.processes == 1
        heard, heard_at = tally.receipts, self._now()
        while (now := self._now()) < until and any(stream.alive for stream in self.streams):
            if tally.receipts != heard:
                heard, heard_at = tally.receipts, now
            quiet = not alone and now - heard_at > QUIET_S
            complete = not receipts or tally.owed <= 0 or quiet
            if complete and not any(stream.outstanding for stream in self.senders):
                return
            await asyncio.sleep(POLL_S)

    def _grant(self, count: int) -> int:
        if self._left is None:
            return count
        granted = min(count, self._left)
        self._left -= granted
        if self._left == 0:
            self._exhausted.set()
        return granted

    async def _pace(self, rate: float, start_at: float) -> None:
        """Let `rate` messages per second fall due, all streams in turn."""
        last, owed = start_at, 0
        while True:
            now = self._now()
            due = int((now - start_at) * rate) - owed
            steps = 1 if now - last <= LATE_S else int((now - last) / TICK_S)
            for step in range(steps):
                part = due * (step + 1) // steps - due * step // steps
                self._owe(part, last + (now - last) * (step + 1) / steps)
            owed += due
            last = now
            await asyncio.sleep(TICK_S)

    def _owe(self, count: int, due_at: float) -> None:
        """Spread messages that fall due over the streams that live."""
        count = self._grant(count) if count else 0
        alive = [stream for stream in self.senders if stream.alive]
        if not count or not alive:
            self._unsent += count
            return
        each, more = divmod(count, len(alive))
        first, self._next = self._next, (self._next + more) % len(alive)
        for place in range(len(alive)):
            stream = alive[(first + place) % len(alive)]
            part = each + (place < more)
            if part:
                stream.owe(part, due_at)

    async def _follow(self, schedule: Schedule, start_at: float) -> None:
        """Let the messages of a traffic file fall due at their times."""
        while True:
            now = self._now()
            for at_s, number, count in schedule.due(now - start_at):
                granted = self._grant(count)
                if granted:
                    late = now - start_at - at_s > LATE_S
                    self.senders[number].owe(granted, start_at + at_s if late else now)
            await asyncio.sleep(TICK_S)

    async def _keep_timeline(self, start_at: float) -> None:
        """Note a point each second, and give up or keep alive what needs it."""
        tally = self.tally
        before, before_at = tally.totals(), start_at
        while True:
            await asyncio.sleep(max(0.0, before_at + 1.0 - self._now()))
            now, totals = self._now(), tally.totals()
            seconds = now - before_at
            p50_s, p99_s = tally.interval.quantiles((0.5, 0.99))
            tally.interval = Histogram()
            point = Point(
                now - start_at,
                (totals.submitted - before.submitted) / seconds,
                (totals.accepted - before.accepted) / seconds,
                (totals.receipts - before.receipts) / seconds,
                tally.owed if self._options.receipts else 0,
                p50_s,
                p99_s,
            )
            self._timeline.append(point)
            if self._on_point is not None:
                self._on_point(point)
            before, before_at = totals, now
            for stream in self.streams:
                stream.expire(now - self._options.response_s)
                if now - stream.heard_at > KEEP_ALIVE_S:
                    stream.keep_alive()

    def _result(
        self, measured: tuple[Totals, Totals], measured_s: float, cpu_s: float
    ) -> WorkerResult:
        tally = self.tally
        tally.unanswered += sum(stream.outstanding for stream in self.senders)
        tally.finish()
        return WorkerResult(
            began=measured[0],
            ended=measured[1],
            final=tally.totals(),
            measured_s=measured_s,
            sessions=len(self.streams),
            unsent=self._unsent,
            untracked=tally.untracked,
            statuses=dict(tally.statuses),
            states=_words(tally.states),
            closings=dict(tally.closings),
            responses=durations(tally.responses),
            round_trips=durations(tally.round_trips),
            timeline=self._timeline,
            cpu_s=cpu_s,
        )


def durations(histogram: Histogram) -> Durations:
    """Make a histogram fit to travel."""
    return Durations(histogram.sparse(), histogram.sum_s, histogram.max_s)


def _ring(messages: list[TrafficMessage]) -> FrameRing:
    return FrameRing([pdu for message in messages for pdu in message.pdus])


def _share(count: int | None, index: int, processes: int) -> int | None:
    """Give a process's part of the messages to send."""
    if count is None:
        return None
    return count // processes + (index < count % processes)


def _words(states: Counter[bytes]) -> dict[str, int]:
    return {word.decode("latin-1"): count for word, count in states.items()}


def _cpu_s() -> float:
    times = os.times()
    return times.user + times.system


def _first(errors: BaseExceptionGroup[Exception]) -> Exception:
    """Give one error of many alike: the first that is no group."""
    error: BaseException = errors
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    assert isinstance(error, Exception)
    return error
