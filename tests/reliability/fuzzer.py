"""Send spoilt PDUs over several connections, in pieces, with and without a bind, and cut some.

Run as `python -m tests.reliability.fuzzer …` by `driver.Orders`: `status` is answered with a line
of JSON, the end of the input ends the process. What the gateway answers is read and thrown away.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections import Counter
from contextlib import suppress
from random import Random

from tests.conformance.malformed import CASES
from tests.reliability.octets import bind
from tests.support.mutations import HEADER_OCTETS, SEEDS, chunks, mutated, with_length

OCTETS = [*SEEDS.values(), *(case.octets for case in CASES)]
WHOLE = [octets for octets in OCTETS if len(octets) > HEADER_OCTETS]
PATIENCE_S = 10.0
"""The gateway reads slowly from a session that is over its window, but it reads."""


class Fuzzing:
    """Know what is left to send, and what happened."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.port: int = options.port
        self.seed: str = options.seed
        self.left: int = options.pdus
        self.pause_s: float = options.connections / options.rate
        self.counts: Counter[str] = Counter(connections=0, octets=0, ended=0, stalled=0)

    def status(self) -> dict[str, int]:
        return {**self.counts, "left": max(0, self.left)}


def spoilt(chance: Random) -> bytes:
    """Give one PDU, as it is, spoilt, or spoilt with a command_length that is right."""
    dice = chance.random()
    if dice < 0.2:
        return chance.choice(OCTETS)
    octets = mutated(chance.choice(WHOLE), chance)
    return with_length(octets) if dice < 0.95 else octets


async def converse(load: Fuzzing, chance: Random) -> None:
    """Hold one connection until the gateway ends it or we have had enough."""
    reader, writer = await asyncio.open_connection("127.0.0.1", load.port)
    load.counts["connections"] += 1
    async with asyncio.TaskGroup() as group:
        swallowing = group.create_task(swallow(load, reader))
        try:
            async with asyncio.timeout(PATIENCE_S):
                await speak(load, writer, chance, swallowing)
        except TimeoutError:
            load.counts["stalled"] += 1
        except OSError:
            pass
        if chance.random() < 0.3:
            writer.transport.abort()
        else:
            writer.close()
        swallowing.cancel()
    with suppress(OSError):
        await writer.wait_closed()


async def speak(
    load: Fuzzing, writer: asyncio.StreamWriter, chance: Random, swallowing: asyncio.Task[None]
) -> None:
    if chance.random() < 0.85:
        writer.write(bind(chance.choice(("tx", "rx", "trx")), 1, b"fuzz", b"secret08"))
    for _burst in range(chance.randint(1, 20)):
        count = min(chance.randint(1, 20), load.left)
        if count <= 0 or swallowing.done():
            return
        load.left -= count
        for chunk in chunks(b"".join(spoilt(chance) for _ in range(count)), chance):
            writer.write(chunk)
            await writer.drain()
        # Without a pause the gateway would never see a PDU in two pieces.
        await asyncio.sleep(count * load.pause_s)


async def swallow(load: Fuzzing, reader: asyncio.StreamReader) -> None:
    with suppress(OSError):
        while data := await reader.read(65_536):
            load.counts["octets"] += len(data)
        load.counts["ended"] += 1


async def keep_fuzzing(load: Fuzzing, number: int) -> None:
    chance = Random(f"{load.seed}/{number}")
    while load.left > 0:
        with suppress(OSError):
            await converse(load, chance)


async def follow_orders(load: Fuzzing) -> None:
    """Answer each line on standard input until it ends."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while await reader.readline():
        sys.stdout.write(json.dumps(load.status()) + "\n")
        sys.stdout.flush()


async def run(options: argparse.Namespace) -> None:
    load = Fuzzing(options)
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(keep_fuzzing(load, number)) for number in range(options.connections)
        ]
        await follow_orders(load)
        for task in tasks:
            task.cancel()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--connections", type=int, default=20)
    parser.add_argument("--pdus", type=int, default=1_000)
    parser.add_argument("--rate", type=float, default=5_000.0, help="PDUs per second, at most")
    parser.add_argument("--seed", default="1")
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
