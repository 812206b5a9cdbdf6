"""Start asyncio tasks that have a name, are kept from the garbage collector and can't die unseen.

The only place that may call `asyncio.create_task`: a bare task is collected while it runs when
nobody keeps it, and its exception is reported when it is collected, if ever.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

_T = TypeVar("_T")


class Tasks:
    """Own the long-lived tasks of one part of the gateway.

    `on_failure(name, error)` is called on the loop, once, for each task that ends with an
    exception other than its cancellation.
    """

    def __init__(self, on_failure: Callable[[str, BaseException], None]) -> None:
        self._on_failure = on_failure
        self._running: set[asyncio.Task[Any]] = set()
        self._closed = False

    def start(self, coroutine: Coroutine[Any, Any, _T], name: str) -> asyncio.Task[_T]:
        """Run `coroutine` as a task called `name`; keep it until it ends.

        Raises RuntimeError after `close`.
        """
        if self._closed:
            coroutine.close()
            raise RuntimeError(f"task {name}: started after close")
        task = asyncio.create_task(coroutine, name=name)  # noqa: TID251 - kept and watched here
        self._running.add(task)
        task.add_done_callback(self._ended)
        return task

    async def close(self) -> None:
        """Cancel what still runs and wait until all of it has ended; failures are reported."""
        self._closed = True
        running = tuple(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def cancel(self) -> None:
        """Cancel what still runs, without waiting for it."""
        self._closed = True
        for task in self._running:
            task.cancel()

    def __len__(self) -> int:
        """Count the tasks that have not ended."""
        return len(self._running)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is not None:
            self._on_failure(task.get_name(), error)
