from __future__ import annotations

import asyncio

from gateway.simulation.link import Link


class Side(asyncio.Protocol):
    """Keep what it is told."""

    def __init__(self, answer: bytes = b"") -> None:
        self.received: list[bytes] = []
        self.told: list[str] = []
        self.answer = answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.received.append(data)
        if self.answer:
            self.transport.write(self.answer)

    def eof_received(self) -> bool:
        self.told.append("eof")
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self.told.append("lost")


async def turns() -> None:
    for _ in range(8):
        await asyncio.sleep(0)


async def test_what_one_writes_the_other_receives_joined_and_in_order() -> None:
    near, far = Side(), Side(b"yes")
    link = Link(asyncio.get_running_loop(), near, far)
    near.transport.write(b"one ")
    near.transport.write(b"two")
    assert far.received == []
    await turns()
    assert (far.received, near.received, link.octets) == ([b"one two"], [b"yes"], 10)


async def test_who_has_paused_receives_nothing_until_he_goes_on() -> None:
    near, far = Side(), Side()
    Link(asyncio.get_running_loop(), near, far)
    far.transport.pause_reading()
    near.transport.write(b"late")
    await turns()
    assert far.received == []
    far.transport.resume_reading()
    await turns()
    assert far.received == [b"late"]


async def test_an_end_comes_behind_what_was_written_and_closes_both() -> None:
    near, far = Side(), Side()
    Link(asyncio.get_running_loop(), near, far)
    near.transport.write(b"last")
    near.transport.close()
    near.transport.write(b"too late")
    await turns()
    assert (far.received, far.told, near.told) == ([b"last"], ["eof", "lost"], ["lost"])
