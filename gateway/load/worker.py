"""Be one of several processes of a load run: `python -m gateway.load.worker`.

Reads an Order from stdin, connects, writes Ready; reads the time to start (monotonic seconds, one
clock for all processes of the machine); writes Passed each second and Finished at last. Whatever
goes wrong is written as Failed. The end of stdin ends the process.
"""

from __future__ import annotations

import asyncio
import gc
import sys
from pathlib import Path
from typing import TypeAlias

import msgspec

from smpp.errors import EncodeError

from .errors import BindError, ConnectError, EsmeError
from .generator import LoadWorker, Point, WorkerResult
from .options import LoadOptions
from .traffic import TrafficError


class Order(msgspec.Struct):
    """Say what to do and which part of it."""

    options: LoadOptions
    index: int


class Ready(msgspec.Struct, tag=True):
    """Say that all sessions are bound."""


class Passed(msgspec.Struct, tag=True):
    """Tell a point of the timeline."""

    point: Point


class Finished(msgspec.Struct, tag=True):
    """Tell the result."""

    result: WorkerResult


class Failed(msgspec.Struct, tag=True):
    """Tell an error: its kind, its words, and what a kind has besides."""

    kind: str
    detail: str
    command_status: int = 0
    timed_out: bool = False


Answer: TypeAlias = Ready | Passed | Finished | Failed


def failure_of(error: Exception) -> Failed:
    """Make an error fit to travel."""
    return Failed(
        type(error).__name__,
        str(error),
        error.command_status if isinstance(error, BindError) else 0,
        error.timed_out if isinstance(error, ConnectError) else False,
    )


def error_of(failure: Failed) -> Exception:
    """Make the error of another process again."""
    if failure.kind == "ConnectError":
        return ConnectError(failure.detail, timed_out=failure.timed_out)
    if failure.kind == "BindError":
        error = BindError("", failure.command_status)
        error.args = (failure.detail,)
        return error
    if failure.kind == "TrafficError":
        return TrafficError(failure.detail)
    return EsmeError(failure.detail)


def read_order(line: bytes) -> Order:
    """Read an order. Raises msgspec.ValidationError."""
    return msgspec.json.decode(line, type=Order, dec_hook=_path)


def _path(kind: type, value: object) -> Path:
    assert kind is Path
    return Path(str(value))


def _say(answer: Answer) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
    sys.stdout.buffer.flush()


async def _work(order: Order) -> None:
    loop = asyncio.get_running_loop()
    worker = LoadWorker(order.options, order.index, lambda point: _say(Passed(point)))
    await worker.connect()
    try:
        _say(Ready())
        line = await loop.run_in_executor(None, sys.stdin.buffer.readline)
        if line:
            # What was set up lives to the end: the collector need not look at it again.
            gc.collect()
            gc.freeze()
            _say(Finished(await worker.run(msgspec.json.decode(line, type=float))))
    finally:
        await worker.close()


def main() -> None:
    """Carry out the order on stdin."""
    order = read_order(sys.stdin.buffer.readline())
    try:
        asyncio.run(_work(order))
    except (EsmeError, EncodeError, ValueError, OSError) as error:
        _say(failure_of(error))


if __name__ == "__main__":
    main()
