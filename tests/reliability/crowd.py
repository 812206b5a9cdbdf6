"""Hold many bound sessions that do nothing but enquire: a process without any gateway code.

Run as `python -m tests.reliability.crowd --port N --sessions N …` by `driver.Orders`. The orders:
`bind` opens all sessions, `reset` ends them all with RST at once, `status` does nothing; each is
answered with the figures. The end of the input ends the process.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import socket
import struct
import sys
from collections import Counter

from tests.reliability.octets import ENQUIRE, HEADER, RESPONSE, bind, pdu

TICK_S = 0.02
AT_ONCE = 100
"""Binds under way at one time: the gateway takes 200 unbound connections of an address."""
BOUND_WITHIN_S = 60.0
RESET = struct.pack("ii", 1, 0)
"""SO_LINGER on, for no time: closing sends RST."""


class Member(asyncio.Protocol):
    """Be one idle session."""

    def __init__(self, crowd: Crowd, answered: asyncio.Future[int]) -> None:
        self._crowd = crowd
        self._answered = answered
        self._buffer = b""
        self._sequence = 1
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        options = self._crowd.options
        transport.write(bind("trx", 1, options.system_id.encode(), options.password.encode()))

    def connection_lost(self, exc: Exception | None) -> None:
        if self in self._crowd.members:
            self._crowd.members.discard(self)
            self._crowd.counts["lost"] += 1
        if not self._answered.done():
            self._answered.set_result(-1)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while len(self._buffer) >= HEADER.size:
            length, command_id, status, sequence = HEADER.unpack_from(self._buffer)
            if len(self._buffer) < length:
                break
            self._buffer = self._buffer[length:]
            if command_id == ENQUIRE and self.transport is not None:
                self._crowd.counts["asked"] += 1
                self.transport.write(pdu(ENQUIRE | RESPONSE, sequence))
            elif command_id == ENQUIRE | RESPONSE:
                self._crowd.counts["answers"] += 1
            elif not self._answered.done():
                self._answered.set_result(status)

    def enquire(self) -> None:
        """Send an enquire_link."""
        assert self.transport is not None
        self._sequence += 1
        self._crowd.counts["enquiries"] += 1
        self.transport.write(pdu(ENQUIRE, self._sequence))

    def reset(self) -> None:
        """End with RST, as a peer whose machine crashed."""
        assert self.transport is not None
        peer = self.transport.get_extra_info("socket")
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.transport.abort()


class Crowd:
    """Own the sessions and what they count."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.members: set[Member] = set()
        self.counts: Counter[str] = Counter()
        self._places = asyncio.Semaphore(AT_ONCE)

    async def bind(self) -> None:
        """Open all sessions."""
        async with asyncio.TaskGroup() as group:
            for _ in range(self.options.sessions):
                group.create_task(self._bind_one())

    async def _bind_one(self) -> None:
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[int] = loop.create_future()
        async with self._places, asyncio.timeout(BOUND_WITHIN_S):
            _transport, member = await loop.create_connection(
                lambda: Member(self, answered), "127.0.0.1", self.options.port
            )
            if await answered == 0:
                self.members.add(member)
            else:
                self.counts["refused"] += 1

    def reset(self) -> None:
        """End all sessions at once."""
        leaving, self.members = self.members, set()
        for member in leaving:
            member.reset()

    async def keep_enquiring(self) -> None:
        """Let each session enquire once in the interval, evenly spread."""
        turn = 0.0
        while True:
            await asyncio.sleep(TICK_S)
            members = list(self.members)
            share = len(members) * TICK_S / self.options.enquire_s
            for number in range(int(turn), int(turn + share)):
                members[number % len(members)].enquire()
            turn = (turn + share) % max(len(members), 1)

    async def follow_orders(self) -> None:
        """Obey the lines on standard input until it ends."""
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            if line.strip() == b"bind":
                await self.bind()
            elif line.strip() == b"reset":
                self.reset()
            sys.stdout.write(json.dumps({**self.counts, "bound": len(self.members)}) + "\n")
            sys.stdout.flush()


async def run(options: argparse.Namespace) -> None:
    crowd = Crowd(options)
    async with asyncio.TaskGroup() as group:
        enquiring = group.create_task(crowd.keep_enquiring())
        await crowd.follow_orders()
        enquiring.cancel()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--sessions", type=int, required=True)
    parser.add_argument("--enquire-s", type=float, default=30.0, help="of each session")
    parser.add_argument("--system-id", default="police")
    parser.add_argument("--password", default="secret08")
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
