"""Run a load in this process, or in several, and sum it up.

With `processes` above 1 each is `python -m gateway.load.worker`, told what to do on its stdin and
answering on its stdout, one JSON value a line (see `worker`).
"""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from gateway.clock import SystemClock

from .errors import ConnectionLostError
from .generator import LoadWorker, Point, WorkerResult
from .options import LoadOptions
from .report import Report, make_report, merged_timeline
from .worker import Answer, Failed, Finished, Order, Passed, Ready, error_of

if TYPE_CHECKING:
    from gateway.ports import Clock

Progress = Callable[[Point], None]
LEAD_S = 0.2
"""Time that the processes get between being ready and starting together."""
_ANSWERS: msgspec.json.Decoder[Answer] = msgspec.json.Decoder(Answer)
LINE_LIMIT = 64 * 1024 * 1024


async def run_load(
    options: LoadOptions, *, progress: Progress | None = None, clock: Clock | None = None
) -> Report:
    """Run a load to its end and give the report; `progress` gets a point each second.

    Raises EsmeError (ConnectError, BindError, …) when the sessions don't come about, TrafficError
    for a traffic file, EncodeError and ValueError for what can't be sent.
    """
    started_at = (clock or SystemClock()).at()
    if options.processes == 1:
        results = [await _run_here(options, progress)]
    else:
        results = await _run_in_processes(options, progress)
    return make_report(options, results, started_at)


async def _run_here(options: LoadOptions, progress: Progress | None) -> WorkerResult:
    worker = LoadWorker(options, on_point=progress)
    await worker.connect()
    try:
        return await worker.run(SystemClock.now())
    finally:
        await worker.close()


async def _run_in_processes(options: LoadOptions, progress: Progress | None) -> list[WorkerResult]:
    children = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-m", "gateway.load.worker", stdin=PIPE, stdout=PIPE, limit=LINE_LIMIT
        )
        for _ in range(options.processes)
    ]
    try:
        for index, child in enumerate(children):
            _tell(child, Order(options, index))
        for answer in await asyncio.gather(*(_hear(child) for child in children)):
            if isinstance(answer, Failed):
                raise error_of(answer)
        start_at = SystemClock.now() + LEAD_S
        for child in children:
            _tell(child, start_at)
        joint = _JointProgress(len(children), progress)
        return await asyncio.gather(
            *(_result(child, index, joint) for index, child in enumerate(children))
        )
    finally:
        for child in children:
            with suppress(ProcessLookupError):
                if child.returncode is None and child.stdin is not None:
                    child.stdin.close()
                    await _end(child)


async def _end(child: Process) -> None:
    """Let a child end by itself, since its stdin has ended; kill it if it does not."""
    try:
        async with asyncio.timeout(5):
            await child.wait()
    except TimeoutError:
        child.kill()
        await child.wait()


def _tell(child: Process, value: object) -> None:
    assert child.stdin is not None
    child.stdin.write(msgspec.json.encode(value, enc_hook=str) + b"\n")


async def _hear(child: Process) -> Answer:
    """Read one answer. Raises ConnectionLostError when the process has ended instead."""
    assert child.stdout is not None
    line = await child.stdout.readline()
    if not line:
        raise ConnectionLostError("a load process ended before its run did")
    return _ANSWERS.decode(line)


async def _result(child: Process, index: int, joint: _JointProgress) -> WorkerResult:
    while True:
        match await _hear(child):
            case Passed(point=point):
                joint.add(index, point)
            case Finished(result=result):
                return result
            case Failed() as failure:
                raise error_of(failure)
            case Ready():
                continue


class _JointProgress:
    """Pass on the sum of the processes' points once all have given theirs."""

    def __init__(self, processes: int, progress: Progress | None) -> None:
        self._points: list[list[Point]] = [[] for _ in range(processes)]
        self._progress = progress

    def add(self, index: int, point: Point) -> None:
        self._points[index].append(point)
        if self._progress is not None and all(self._points):
            heads = [[points.pop(0)] for points in self._points]
            self._progress(merged_timeline(heads)[0])
