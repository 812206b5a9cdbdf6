"""Bind again and again from many addresses: a process without any gateway code.

Run as `python -m tests.reliability.bind_storm --port N --wrong ID --right ID:PASSWORD …` by
`driver.Orders`. The order `storm` makes all binds at an even pace and answers with the figures when
the last is over: how many of each kind got which status, and the longest wait for an answer.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections import Counter

from tests.reliability.octets import HEADER, bind

ADDRESSES = 250
"""Source addresses in turn, so that no limit of one address bounds the storm."""
RIGHT_EVERY = 5
ANSWERED_WITHIN_S = 30.0
RX = "rx"


class BindStorm:
    """Own the outcome of the binds made."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._figures: Counter[str] = Counter()
        self._longest_s = 0.0

    async def run(self) -> None:
        """Make every bind at its time, whether or not those before are answered."""
        options = self._options
        loop = asyncio.get_running_loop()
        began = loop.time()
        async with asyncio.TaskGroup() as group:
            for number in range(options.binds):
                due = began + number * options.seconds / options.binds
                await asyncio.sleep(max(0.0, due - loop.time()))
                group.create_task(self._bind(number))

    async def _bind(self, number: int) -> None:
        options = self._options
        right = number % RIGHT_EVERY == 0
        system_id, password = options.right.split(":") if right else (options.wrong, f"g{number}")
        source = f"127.0.1.{number % ADDRESSES + 1}"
        kind = "right" if right else "wrong"
        began = time.monotonic()
        try:
            async with asyncio.timeout(ANSWERED_WITHIN_S):
                status = await self._ask(source, system_id, password)
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            self._figures[f"{kind} cut"] += 1
            return
        self._figures[f"{kind} {status}"] += 1
        self._longest_s = max(self._longest_s, time.monotonic() - began)

    async def _ask(self, source: str, system_id: str, password: str) -> int:
        """Bind on a connection of its own; give the status."""
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", self._options.port, local_addr=(source, 0)
        )
        try:
            writer.write(bind(RX, 1, system_id.encode(), password.encode()))
            header = await reader.readexactly(HEADER.size)
            return int(HEADER.unpack(header)[2])
        finally:
            writer.transport.abort()

    def figures(self) -> dict[str, float]:
        """Give how many of each kind got which status, and the longest wait in seconds."""
        return {**self._figures, "longest_s": self._longest_s}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--binds", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True, help="in which they are made")
    parser.add_argument("--wrong", required=True, help="the system_id whose password is guessed")
    parser.add_argument("--right", required=True, help="SYSTEM_ID:PASSWORD of every fifth bind")
    storm = BindStorm(parser.parse_args())
    for order in sys.stdin:
        if order.strip() == "storm":
            asyncio.run(storm.run())
        sys.stdout.write(json.dumps(storm.figures()) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
