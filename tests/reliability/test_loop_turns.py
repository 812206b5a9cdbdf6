"""Count what one session may have done in one turn of the loop (R8): work, not time."""

from __future__ import annotations

import asyncio

import pytest

from gateway.server.connection import Connection
from smpp.codec import encode
from smpp.pdus import BindTransceiver, DestAddress, EnquireLink, SubmitMulti
from smpp.session import SessionLimits
from tests.support.inprocess import NUMBER, running

WITHIN_S = 20.0
NUMBERED = 9
COUNT = 1_000
BIND = encode(BindTransceiver(b"police", b"secret08", sequence_number=1))
ENQUIRE = encode(EnquireLink(sequence_number=NUMBERED))
MULTI = encode(
    SubmitMulti(
        source_addr=NUMBER.encode(),
        dest_addresses=(DestAddress(1, 1, b"13300000001"), DestAddress(1, 1, b"13300000002")),
        short_message=b"hello",
        sequence_number=NUMBERED,
    )
)


async def read_sequence_number(reader: asyncio.StreamReader) -> int:
    """Read one PDU, of which its number is enough."""
    header = await reader.readexactly(16)
    await reader.readexactly(int.from_bytes(header[:4], "big") - len(header))
    return int.from_bytes(header[12:], "big")


@pytest.mark.parametrize(
    ("request_", "most"), [(ENQUIRE, SessionLimits().quantum), (MULTI, 1)], ids=["enquire", "multi"]
)
async def test_no_more_is_taken_in_one_turn_than_a_slice(request_: bytes, most: int) -> None:
    taken: list[int] = []

    async def watch(connection: Connection) -> None:
        before = 0
        while True:
            waiting = connection.session.buffered // len(request_)
            taken.append(before - waiting)
            before = waiting
            await asyncio.sleep(0)

    async with running(contract="none") as gateway:
        reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
        writer.write(BIND)
        await read_sequence_number(reader)
        (connection,) = gateway.gateway.sessions
        watching = asyncio.ensure_future(watch(connection))
        writer.write(request_ * COUNT)
        async with asyncio.timeout(WITHIN_S):
            for _ in range(COUNT):
                while await read_sequence_number(reader) != NUMBERED:
                    pass
        watching.cancel()
        writer.transport.abort()
    assert max(taken) == most
