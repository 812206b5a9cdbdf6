"""Join two protocols of one loop without a socket: what one writes, the other receives.

Octets are handed over in a later turn of the loop and in order, joined as TCP would, and not while
the receiver has paused reading. A link counts what passed, so that quiet can be told.
"""

from __future__ import annotations

import asyncio
from typing import Any

PEER = ("127.0.0.1", 0)


class Link:
    """Join `near` and `far`; both are told at once that they are connected."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, near: asyncio.Protocol, far: asyncio.Protocol
    ) -> None:
        self.octets = 0
        """Octets handed over so far, both ways."""
        ends = _End(loop, self, near), _End(loop, self, far)
        ends[0].other, ends[1].other = ends[1], ends[0]
        far.connection_made(ends[1])
        near.connection_made(ends[0])


class _End(asyncio.Transport):
    """Be the transport of one side."""

    other: _End

    def __init__(
        self, loop: asyncio.AbstractEventLoop, link: Link, protocol: asyncio.Protocol
    ) -> None:
        super().__init__({"peername": PEER})
        self._loop = loop
        self._link = link
        self._protocol = protocol
        self._incoming: list[bytes] = []
        self._reading = True
        self._woken = False
        self._closing = False
        self._lost = False
        self._ended = False
        """Whether the other side sends no more."""

    def write(self, data: Any) -> None:
        if not self._closing:
            self.other.take(bytes(data))

    def write_eof(self) -> None:
        self.other.end()

    def can_write_eof(self) -> bool:
        return True

    def close(self) -> None:
        if not self._closing:
            self._closing = True
            self.other.end()
            self._loop.call_soon(self._lose)

    def abort(self) -> None:
        self._incoming.clear()
        self.close()

    def is_closing(self) -> bool:
        return self._closing

    def pause_reading(self) -> None:
        self._reading = False

    def resume_reading(self) -> None:
        self._reading = True
        self._wake()

    def is_reading(self) -> bool:
        return self._reading and not self._closing

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Have no buffer of its own: the receiver's is emptied in the next turn."""

    def get_write_buffer_size(self) -> int:
        return 0

    def take(self, data: bytes) -> None:
        """Receive octets from the other side."""
        self._incoming.append(data)
        self._wake()

    def end(self) -> None:
        """Learn that the other side sends no more."""
        self._ended = True
        self._wake()

    def _wake(self) -> None:
        if not self._woken:
            self._woken = True
            self._loop.call_soon(self._hand_over)

    def _hand_over(self) -> None:
        self._woken = False
        if self._closing or not self._reading:
            return
        if self._incoming:
            data = b"".join(self._incoming)
            self._incoming.clear()
            self._link.octets += len(data)
            self._protocol.data_received(data)
            if self._ended:
                self._wake()
        elif self._ended and not self._protocol.eof_received():
            self.close()

    def _lose(self) -> None:
        if not self._lost:
            self._lost = True
            self._protocol.connection_lost(None)
