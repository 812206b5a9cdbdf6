"""Append messages to a journal for ever, and say on standard output which ones are durable.

Run as `python -m tests.support.appending DIR FIRST [full|normal]` by tests that kill it. Message
n is acknowledged by a line `n` written the moment its callback runs; `failed` says that the
journal died, after which nothing more may be written.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Literal

from gateway.clock import SystemClock
from gateway.journal.lock import DataLock
from gateway.journal.sqlite import JournalFailedError, open_journal
from tests.support.journals import message

_GATHER = 4
_AFTER_FAILURE_S = 0.2


def _say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


async def append_for_ever(
    data_dir: Path, first: int, synchronous: Literal["full", "normal"]
) -> None:
    """Append until killed, or until a little after the journal has died."""
    died = asyncio.Event()

    def fail(error: Exception) -> None:
        _say("failed")
        died.set()

    with DataLock.acquire(data_dir) as lock:
        clock = SystemClock()
        journal = await open_journal(lock, clock, on_failure=fail, synchronous=synchronous)
        number = first
        while not died.is_set():
            for _ in range(_GATHER):
                journal.append(message(number, clock.at()))
                journal.after_commit(lambda stored, n=number: _say(f"{n}") if stored else None)  # type: ignore[misc] # mypy sees no default in a lambda
                number += 1
            # Some turns of the loop with nothing to do, some commits with a batch behind them.
            await asyncio.sleep(0.0005 if number % 3 else 0)
        journal.append(message(number))
        journal.after_commit(lambda _: _say(f"{number}"))
        await asyncio.sleep(_AFTER_FAILURE_S)
        await journal.close()
    sys.exit(3)


def main() -> None:
    """Read the command line and append."""
    synchronous: Literal["full", "normal"] = "normal" if "normal" in sys.argv[3:] else "full"
    try:
        asyncio.run(append_for_ever(Path(sys.argv[1]), int(sys.argv[2]), synchronous))
    except JournalFailedError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(4)


if __name__ == "__main__":
    main()
