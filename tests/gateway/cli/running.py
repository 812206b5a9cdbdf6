"""Run what a command talks to in a thread of its own, since a command runs to its end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import TypeVar

from gateway.api.app import build_app
from gateway.api.server import serve
from tests.gateway.api.memory import Memory

_T = TypeVar("_T")
WITHIN_S = 10.0


@contextmanager
def in_a_thread(begin: Callable[[], AbstractAsyncContextManager[_T]]) -> Iterator[_T]:
    """Enter an asynchronous context on a loop of another thread, and leave it at the end."""
    ready: Future[_T] = Future()
    loop = asyncio.new_event_loop()
    ended = asyncio.Event()

    async def main() -> None:
        async with begin() as started:
            ready.set_result(started)
            await ended.wait()

    def work() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(main())

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield ready.result(WITHIN_S)
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(WITHIN_S)


@contextmanager
def http_gateway(memory: Memory) -> Iterator[str]:
    """Serve the API over a memory; give its URL."""

    @asynccontextmanager
    async def begin() -> AsyncIterator[str]:
        started = await serve(build_app(memory.context), "127.0.0.1", 0)
        try:
            yield f"http://127.0.0.1:{started.port}"
        finally:
            await started.stop(0.1)

    with in_a_thread(begin) as url:
        yield url
