"""Keep the archiver process running and know how far it is."""

from __future__ import annotations

import asyncio
import contextlib
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

_FIRST_PAUSE_S: Final = 0.1
_LONGEST_PAUSE_S: Final = 5.0


class ArchiveProcess:
    """Own the archiver: start it, start it again when it dies, tell it of commits.

    `command` and `environment` start it; `on_death(exit_code)` is called each time it ends
    unasked; `patience_s` is how long it may take to end when asked. Run `run()` as a task for as
    long as the archive is to follow the journal. A dead archiver stops nothing but queries: the
    journal has everything.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: dict[str, str],
        on_death: Callable[[int], None],
        *,
        patience_s: float = 3.0,
    ) -> None:
        self.sequence = 0
        """Sequence of the last batch that the archive has taken in."""
        self._command = command
        self._environment = environment
        self._on_death = on_death
        self._process: Process | None = None
        self._woken = False
        self._latest = 0
        self._told = 0
        self._waiters: set[asyncio.Event] = set()
        self._behind: deque[tuple[int, int]] = deque()
        self._committed_events = 0
        self._archived_events = 0
        self._version = 0
        self._stop = asyncio.Event()
        self._patience_s = patience_s

    @property
    def pid(self) -> int | None:
        """Name the process; None while there is none."""
        return None if self._process is None else self._process.pid

    def committed(self, sequence: int, events: int) -> None:
        """Learn that the journal has a further batch with so many events; wake the archiver."""
        self._committed_events += events
        self._latest = sequence
        self._behind.append((sequence, self._committed_events))
        if not self._woken:
            self._wake()

    def lag_events(self) -> int:
        """Count the events committed by this gateway that the archive has not seen."""
        return self._committed_events - self._archived_events

    def version(self) -> int:
        """Give a number that rises whenever the archive has taken something in."""
        return self._version

    async def changed(self, version: int, timeout_s: float) -> None:
        """Return when `version()` is above the given one, or after `timeout_s` seconds."""
        await self._until(lambda: self._version > version, timeout_s)

    async def wait_for(self, sequence: int, timeout_s: float) -> bool:
        """Wait until the archive has seen a batch; False when it hasn't after `timeout_s`."""
        return await self._until(lambda: self.sequence >= sequence, timeout_s)

    async def run(self) -> None:
        """Keep the archiver running until `close`; restart it after growing pauses."""
        pause = _FIRST_PAUSE_S
        while not self._stop.is_set():
            seen = self.sequence
            code = await self._once()
            if self._stop.is_set():
                return
            self._on_death(code)
            pause = _FIRST_PAUSE_S if self.sequence > seen else min(pause * 2, _LONGEST_PAUSE_S)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), pause)

    async def started(self, timeout_s: float) -> bool:
        """Wait until there is a process; False when there is none after `timeout_s`."""
        return await self._until(lambda: self._process is not None, timeout_s)

    async def close(self) -> None:
        """Let the archiver finish its transaction and end; `run` returns."""
        self._stop.set()
        process = self._process
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), self._patience_s)
        except TimeoutError:
            # It has nothing to lose: the next start takes up at the last transaction.
            process.kill()
            await process.wait()

    async def _once(self) -> int:
        """Run one process to its end; give its exit code."""
        process = await asyncio.create_subprocess_exec(
            *self._command, env=self._environment, stdin=PIPE, stdout=PIPE
        )
        self._process = process
        for waiter in self._waiters:
            waiter.set()
        self._wake()
        try:
            await self._follow(process)
            return await process.wait()
        finally:
            self._process = None
            if process.returncode is None:
                process.kill()
                await process.wait()

    async def _follow(self, process: Process) -> None:
        assert process.stdout is not None
        while line := await process.stdout.readline():
            self._woken = False
            self._advanced(int(line))
            if self._latest > self._told:
                self._wake()

    def _advanced(self, sequence: int) -> None:
        # A rebuilt archive begins at 0 again.
        if sequence == self.sequence:
            return
        self.sequence = sequence
        self._version += 1
        while self._behind and self._behind[0][0] <= sequence:
            self._archived_events = self._behind.popleft()[1]
        for waiter in self._waiters:
            waiter.set()

    def _wake(self) -> None:
        process = self._process
        if process is None or process.stdin is None or process.stdin.is_closing():
            return
        self._woken = True
        self._told = self._latest
        process.stdin.write(b"\n")

    async def _until(self, reached: Callable[[], bool], timeout_s: float) -> bool:
        waiter = asyncio.Event()
        self._waiters.add(waiter)
        try:
            async with asyncio.timeout(timeout_s):
                while not reached():
                    waiter.clear()
                    await waiter.wait()
        except TimeoutError:
            pass
        finally:
            self._waiters.discard(waiter)
        return reached()
