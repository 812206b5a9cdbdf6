"""The encrypted listener takes no more connections in a turn of the loop than the plain one."""

from __future__ import annotations

import asyncio
import socket
import ssl
from contextlib import ExitStack
from itertools import pairwise

from gateway.descriptors import ACCEPTED_AT_ONCE
from gateway.server.connection import Connection
from gateway.server.tls import TlsListener, TlsParts


def _never() -> Connection:
    raise AssertionError("nobody was let in")


async def _taken_by_turn(waiting: int, turns: int) -> list[int]:
    asked: list[str] = []

    def refusal(peer: str, _here: int, _all: int) -> str:
        asked.append(peer)
        return "full"

    with ExitStack() as opened:
        door = opened.enter_context(socket.create_server(("127.0.0.1", 0), backlog=waiting))
        door.setblocking(False)
        for _ in range(waiting):
            opened.enter_context(socket.create_connection(door.getsockname()))
        parts = TlsParts(_never, refusal, lambda _peer, _reason, _detail: None, 1.0)
        listener = TlsListener(door, ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), parts)
        counts = [0]
        for _ in range(turns):
            await asyncio.sleep(0)
            counts.append(len(asked))
        listener.close()
    return [after - before for before, after in pairwise(counts)]


def test_a_turn_of_the_loop_takes_as_many_encrypted_connections_as_plain_ones() -> None:
    taken = asyncio.run(_taken_by_turn(2 * ACCEPTED_AT_ONCE + 1, 10))
    assert [count for count in taken if count] == [ACCEPTED_AT_ONCE, ACCEPTED_AT_ONCE, 1]
