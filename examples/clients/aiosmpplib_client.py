#!/usr/bin/env python3
"""Send Chinese text with aiosmpplib: bind, submit, print receipts, take a reply, unbind.

    pip install aiosmpplib
    python examples/clients/aiosmpplib_client.py [HOST:PORT [URL]]

Start the gateway first (`make run`). The reply is injected through the gateway's HTTP API, as if
the handset had sent it. aiosmpplib splits the long text by itself and reports one receipt for it.
Prints one line per fact; exits 1 when something does not come in time.
"""

from __future__ import annotations

import asyncio
import json
import sys
import urllib.request

from aiosmpplib import ESME, DeliverSm, PhoneNumber, SubmitSm, SubmitSmResp
from aiosmpplib.hook import AbstractHook
from aiosmpplib.state import NPI, TON

SMPP = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:2775"
URL = sys.argv[2] if len(sys.argv) > 2 else "http://127.0.0.1:8775"
SYSTEM_ID, PASSWORD, ACCESS_NUMBER = "police", "secret08", "106590990371"
RECIPIENT = "19900000000"  # a magic number: delivered at once
UDHI = 0x40  # makes aiosmpplib split a long text, with a user data header on each segment
WAIT_S = 30

SHORT = (
    "【示例警务】验证码482913，用于登录“示例政务”警务服务，5分钟内有效。民警不会向您"
    "索要验证码，请勿告知他人。"
)
LONG = (
    "【示例警务】便民提示：一、办理身份证可提前网上预约，全省任一户籍窗口均可受理；二、首次申"
    "领、损坏换领、丢失补领均需本人到场采集指纹和人像；三、急需使用的可同时申请临时居民身份证"
    "；四、领取证件可选择邮寄到家；五、办理进度可在预约平台查询。窗口咨询电话0371-000"
    "0000，工作日9:00至17:00，感谢您的理解和配合。"
)


class Printer(AbstractHook):
    """Print what arrives, and remember what the script waits for."""

    def __init__(self) -> None:
        self.receipts: asyncio.Queue[str] = asyncio.Queue()
        self.replies: asyncio.Queue[str] = asyncio.Queue()

    async def sending(self, smpp_message, pdu, client_id) -> None: ...

    async def received(self, smpp_message, pdu, client_id) -> None:
        # Segments are told as None with their bytes; the whole message follows.
        if isinstance(smpp_message, DeliverSm) and smpp_message.is_receipt():
            receipt = smpp_message.parse_receipt()
            print("receipt", receipt["id"], receipt["stat"], flush=True)
            await self.receipts.put(smpp_message.log_id)
        elif isinstance(smpp_message, DeliverSm):
            print("uplink", smpp_message.source.number, smpp_message.short_message, flush=True)
            await self.replies.put(smpp_message.short_message)
        elif isinstance(smpp_message, SubmitSmResp):
            print("submitted", smpp_message.message_id, flush=True)

    async def send_error(self, smpp_message, error, client_id) -> None:
        print("failed", error, flush=True)


def message(text: str, name: str) -> SubmitSm:
    return SubmitSm(
        short_message=text,
        source=PhoneNumber(ACCESS_NUMBER, TON.NATIONAL, NPI.ISDN),
        destination=PhoneNumber(RECIPIENT, TON.INTERNATIONAL, NPI.ISDN),
        encoding="ucs2",
        registered_delivery=1,
        esm_class=UDHI,
        auto_message_payload=False,
        log_id=name,
    )


def reply(text: str) -> None:
    """Ask the gateway to play a handset that answers."""
    body = json.dumps({"from": RECIPIENT, "to": ACCESS_NUMBER, "text": text}).encode()
    request = urllib.request.Request(
        f"{URL}/api/v1/mo", data=body, headers={"Content-Type": "application/json"}
    )
    urllib.request.urlopen(request, timeout=WAIT_S).close()


async def main() -> None:
    host, _colon, port = SMPP.rpartition(":")
    printer = Printer()
    esme = ESME(host, int(port), SYSTEM_ID, PASSWORD, hook=printer, log_level="ERROR")
    await esme.connect()
    print("bound", flush=True)
    session = asyncio.ensure_future(esme.start())
    async with asyncio.timeout(WAIT_S):
        await esme.broker.enqueue(message(SHORT, "short"))
        await esme.broker.enqueue(message(LONG, "long"))
        names = {await printer.receipts.get(), await printer.receipts.get()}
        assert names == {"short", "long"}, f"receipts for {names}"
        await asyncio.to_thread(reply, "收到")
        await printer.replies.get()
    await esme.stop()
    await session
    print("unbound", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
