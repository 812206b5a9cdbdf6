"""Store batches durably in SQLite, through a committer process.

The blob goes through memory that both processes map, commands and answers through pipes, so this
side never waits: not for the disk, and not for the interpreter lock.
"""

from __future__ import annotations

import asyncio
import contextlib
import mmap
import os
import subprocess
import tempfile
from collections.abc import Callable
from typing import Literal

from gateway.child import python_command, python_environment
from gateway.failpoints import reach

from .batching import (
    LIMIT_EVENTS,
    LIMIT_OCTETS,
    BatchingJournal,
    BusinessClock,
    CommitObserved,
    Committed,
    Follower,
    StoreListener,
    everything,
)
from .lock import DataLock
from .protocol import (
    CLOSE,
    CLOSED,
    COMMAND,
    COMMIT,
    FAILED,
    FULL,
    READY,
    REPLY,
    SLOT_OCTETS,
    SPACE,
    STORED,
)
from .retention import MonthFiles

_PATIENCE_S = 30.0
"""How long the committer may take to open (it may have to recover) and to close."""

_ENDING_S = 0.2
"""How long its exit code may take; the journal is dead by then, so nobody waits for the loop."""


class JournalFailedError(Exception):
    """Say why the journal can't be opened, or why it died."""


async def open_journal(
    lock: DataLock,
    clock: BusinessClock,
    *,
    on_failure: Callable[[Exception], None],
    observe: Callable[[CommitObserved], None] | None = None,
    synchronous: Literal["full", "normal"] = "full",
    limits: tuple[int, int] = (LIMIT_EVENTS, LIMIT_OCTETS),
    kept_from: Callable[[float], float] = everything,
    follower: Follower | None = None,
) -> BatchingJournal:
    """Open the journal in the locked data directory.

    `on_failure` is called once, on the loop, when the journal dies. `synchronous="normal"` is
    for tests that show what it loses. `limits` are events and octets that may wait for the disk,
    `kept_from` says what `retain` may not remove (nothing, unless it is given). `follower` is
    shown what is stored. Raises JournalFailedError.
    """
    journal = BatchingJournal(
        clock,
        on_failure=on_failure,
        observe=observe,
        limits=limits,
        kept_from=kept_from,
        follower=follower,
    )
    store = SqliteStore(journal, lock, clock.at(), synchronous)
    journal.sequence = await store.ready()
    journal.use(store, MonthFiles(lock.data_dir))
    return journal


class SqliteStore:
    """Own the committer process and the channel to it."""

    def __init__(
        self, listener: StoreListener, lock: DataLock, at: float, synchronous: str
    ) -> None:
        self._listener = listener
        self._loop = asyncio.get_running_loop()
        shared = _shared_memory()
        self._blob = mmap.mmap(shared, SLOT_OCTETS)
        child_commands, self._commands = os.pipe()
        self._replies, child_replies = os.pipe()
        arguments = [
            str(lock.data_dir),
            f"--commands={child_commands}",
            f"--replies={child_replies}",
            f"--blob={shared}",
            f"--at={at!r}",
            f"--synchronous={synchronous}",
        ]
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            python_command("gateway.journal.committer", *arguments),
            env=python_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=(child_commands, child_replies, shared, lock.descriptor),
        )
        for descriptor in (child_commands, child_replies, shared):
            os.close(descriptor)
        self._received = b""
        self._short = False
        self._ready: asyncio.Future[int] = self._loop.create_future()
        self._closed: asyncio.Future[None] = self._loop.create_future()
        self._over = False
        self._loop.add_reader(self._replies, self._read)

    @property
    def pid(self) -> int:
        """Name the committer process."""
        return self._process.pid

    async def ready(self) -> int:
        """Wait until batches can be taken; give the sequence of the last durable one.

        Raises JournalFailedError.
        """
        try:
            return await asyncio.wait_for(self._ready, _PATIENCE_S)
        except TimeoutError:
            await self._end()
            raise JournalFailedError(f"journal: not open after {_PATIENCE_S:g} s") from None
        except JournalFailedError:
            await self._end()
            raise

    def begin(self, at: float, blob: bytes) -> None:
        """Start to commit a batch."""
        reach("batch.before")
        self._blob[: len(blob)] = blob
        self._command(COMMIT, at, len(blob))

    async def close(self, at: float) -> None:
        """Let the committer write its last anchor, checkpoint and end; end a broken one."""
        if not self._over:
            self._command(CLOSE, at, 0)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._closed, _PATIENCE_S)
        await self._end()

    def _command(self, kind: bytes, at: float, length: int) -> None:
        # A committer that is gone is noticed by the end of its replies.
        with contextlib.suppress(BrokenPipeError):
            os.write(self._commands, COMMAND.pack(kind, at, length))

    def _read(self) -> None:
        data = os.read(self._replies, 1 << 16)
        if not data:
            self._fail(f"the committer ended unasked ({self._ending()})")
            return
        data = self._received + data if self._received else data
        while len(data) >= REPLY.size:
            kind, short, seconds, sequence, _, length = REPLY.unpack_from(data)
            end = REPLY.size + length
            if len(data) < end:
                break
            text = data[REPLY.size : end].decode("utf-8", "replace")
            data = data[end:]
            self._answer(kind, bool(short), Committed(kind == STORED, seconds, sequence), text)
        self._received = data

    def _ending(self) -> str:
        """Say how the committer ended; its pipe closes a moment before its exit code is there."""
        try:
            code = self._process.wait(_ENDING_S)
        except subprocess.TimeoutExpired:
            return "it still runs, without its pipe"
        return f"killed by signal {-code}" if code < 0 else f"exit code {code}"

    def _answer(self, kind: bytes, short: bool, answer: Committed, text: str) -> None:
        if short != self._short or kind in (READY, SPACE):
            self._short = short
            self._listener.space(short)
        if kind in (STORED, FULL):
            reach("batch.after")
            self._listener.committed(answer)
        elif kind == READY:
            self._ready.set_result(answer.sequence)
        elif kind == CLOSED:
            self._finish()
            self._closed.set_result(None)
        elif kind == FAILED:
            self._fail(text)

    def _fail(self, text: str) -> None:
        if self._over:
            return
        self._finish()
        error = JournalFailedError(f"journal: {text}")
        if not self._ready.done():
            self._ready.set_exception(error)
            return
        if not self._closed.done():
            self._closed.set_result(None)
        self._listener.broken(error)

    def _finish(self) -> None:
        """Stop listening: nothing after this answer counts."""
        self._over = True
        self._loop.remove_reader(self._replies)

    async def _end(self) -> None:
        """Give back what the operating system lent; the committer ends at the closed pipe."""
        if self._commands < 0:
            return
        if not self._over:
            self._finish()
        os.close(self._commands)
        os.close(self._replies)
        self._commands = self._replies = -1
        self._blob.close()
        try:
            await asyncio.to_thread(self._process.wait, _PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            await asyncio.to_thread(self._process.wait)


def _shared_memory() -> int:
    """Give a descriptor of memory that a child process can map; the disk is not involved."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("smsgw-journal", os.MFD_CLOEXEC)
    else:
        with tempfile.TemporaryFile() as file:
            descriptor = os.dup(file.fileno())
    os.ftruncate(descriptor, SLOT_OCTETS)
    return descriptor
