"""Accept everything at the lowest cost Python allows: what the load generator itself can do.

Answers binds, submit_sm, enquire_link and unbind without reading a body; with `--receipts` each
submit_sm is followed by a delivery receipt. Prints {"port": n} when it listens.
"""

from __future__ import annotations

import asyncio
import json
import sys
from itertools import count
from struct import Struct

from smpp.codec import encode
from smpp.constants import ESM_TYPE_RECEIPT
from smpp.pdus import DeliverSm

_header = Struct(">IIII").unpack_from
_RESP = Struct(">IIII18sx")
_PLAIN = Struct(">IIII")
_RECEIPT_HEAD = Struct(">III")
_TEXT = (
    b"id:%018d sub:001 dlvrd:001 submit date:2603181200 done date:2603181201 "
    b"stat:DELIVRD err:000 text:"
)


class Echo(asyncio.Protocol):
    """Answer one connection."""

    def __init__(self, *, receipts: bool) -> None:
        self._receipts = receipts
        self._rest = b""
        self._numbers = count(1)
        frame = encode(
            DeliverSm(
                source_addr=b"13300000001",
                destination_addr=b"106590990371",
                esm_class=ESM_TYPE_RECEIPT,
                short_message=_TEXT % 0,
            )
        )
        self._head = frame[:12]
        self._tail = frame[16:].replace(b"id:%018d" % 0, b"id:%018d")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        data = self._rest + data
        position, size = 0, len(data)
        output: list[bytes] = []
        while size - position >= 16:
            length, command_id, _status, number = _header(data, position)
            if position + length > size:
                break
            position += length
            if command_id == 0x04:
                message = next(self._numbers)
                output.append(_RESP.pack(35, 0x80000004, 0, number, b"%018d" % message))
                if self._receipts:
                    output.append(self._head + message.to_bytes(4, "big") + self._tail % message)
            elif command_id in (0x01, 0x02, 0x09):
                output.append(_PLAIN.pack(17, command_id | 0x80000000, 0, number) + b"\0")
            elif command_id < 0x80000000:
                output.append(_PLAIN.pack(16, command_id | 0x80000000, 0, number))
        self._rest = data[position:]
        if output:
            self._transport.write(b"".join(output))


async def serve(*, receipts: bool) -> None:
    """Listen on a free port of the loopback until stdin ends."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Echo(receipts=receipts), "127.0.0.1", 0)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)  # noqa: T201
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve(receipts="--receipts" in sys.argv))
