"""Bind with aiosmpplib in each mode and unbind; print what happens.

aiosmpplib_binds.py HOST PORT
"""

from __future__ import annotations

import asyncio
import sys

from aiosmpplib import ESME
from aiosmpplib.hook import AbstractHook
from aiosmpplib.protocol import SmppMessage
from aiosmpplib.state import BindMode


class Listener(AbstractHook):  # type: ignore[misc]  # aiosmpplib has no types
    """Tell when the first PDU has come, which answers the bind."""

    def __init__(self) -> None:
        self.heard = asyncio.Event()

    async def sending(self, smpp_message: SmppMessage, pdu: bytes, client_id: str) -> None: ...

    async def received(self, smpp_message: SmppMessage, pdu: bytes, client_id: str) -> None:
        self.heard.set()

    async def send_error(
        self, smpp_message: SmppMessage, error: Exception, client_id: str
    ) -> None: ...


async def main(host: str, port: str) -> None:
    for mode in BindMode:
        listener = Listener()
        esme = ESME(
            host, int(port), "police", "secret08", bind_mode=mode, hook=listener, log_level="ERROR"
        )
        session = asyncio.ensure_future(esme.start())
        async with asyncio.timeout(30):
            await listener.heard.wait()
            print("bound", mode.name.lower(), flush=True)
            await esme.stop()
            await session
        print("unbound", mode.name.lower(), flush=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
