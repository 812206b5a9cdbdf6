#!/usr/bin/env python3
"""Send Chinese text with smpplib: bind, submit, print receipts, take a reply, unbind.

    pip install smpplib
    python examples/clients/smpplib_client.py [HOST:PORT [URL]]

Start the gateway first (`make run`). The reply is injected through the gateway's HTTP API, as if
the handset had sent it. Prints one line per fact; exits 1 when something does not come in time.
"""

from __future__ import annotations

import json
import sys
import urllib.request

import smpplib.client
import smpplib.consts
import smpplib.gsm

SMPP = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:2775"
URL = sys.argv[2] if len(sys.argv) > 2 else "http://127.0.0.1:8775"
SYSTEM_ID, PASSWORD, ACCESS_NUMBER = "police", "secret08", "106590990371"
RECIPIENT = "19900000000"  # a magic number: delivered at once
RECEIPT = 0x04  # message type of esm_class
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

receipts: list[str] = []
replies: list[str] = []


def received(pdu) -> int:
    """Take a deliver_sm: a receipt or an uplink message. smpplib answers it."""
    if pdu.esm_class & 0x3C == RECEIPT:
        receipt = pdu.short_message.decode("ascii")
        fields = dict(part.split(":", 1) for part in receipt.split(" ") if ":" in part)
        receipts.append(fields["id"])
        print("receipt", fields["id"], fields["stat"], flush=True)
    else:
        text = pdu.short_message.decode("utf-16-be" if pdu.data_coding == 8 else "ascii")
        replies.append(text)
        print("uplink", pdu.source_addr.decode(), text, flush=True)
    return 0


def submitted(pdu) -> None:
    print("submitted", pdu.message_id.decode(), flush=True)


def submit(client: smpplib.client.Client, text: str) -> int:
    """Submit a text in as many segments as it needs; give their number."""
    ucs2 = smpplib.consts.SMPP_ENCODING_ISO10646
    segments, data_coding, esm_class = smpplib.gsm.make_parts(text, encoding=ucs2)
    for segment in segments:
        client.send_message(
            source_addr_ton=smpplib.consts.SMPP_TON_NATNL,
            source_addr_npi=smpplib.consts.SMPP_NPI_ISDN,
            source_addr=ACCESS_NUMBER,
            dest_addr_ton=smpplib.consts.SMPP_TON_INTL,
            dest_addr_npi=smpplib.consts.SMPP_NPI_ISDN,
            destination_addr=RECIPIENT,
            short_message=segment,
            data_coding=data_coding,
            esm_class=esm_class,
            registered_delivery=True,
        )
    return len(segments)


def reply(text: str) -> None:
    """Ask the gateway to play a handset that answers."""
    body = json.dumps({"from": RECIPIENT, "to": ACCESS_NUMBER, "text": text}).encode()
    request = urllib.request.Request(
        f"{URL}/api/v1/mo", data=body, headers={"Content-Type": "application/json"}
    )
    urllib.request.urlopen(request, timeout=WAIT_S).close()


def main() -> None:
    host, _colon, port = SMPP.rpartition(":")
    client = smpplib.client.Client(host, int(port), timeout=WAIT_S)
    client.set_message_received_handler(received)
    client.set_message_sent_handler(submitted)
    client.connect()
    client.bind_transceiver(system_id=SYSTEM_ID, password=PASSWORD)
    print("bound", flush=True)
    expected = submit(client, SHORT) + submit(client, LONG)
    while len(receipts) < expected:
        client.read_once(auto_send_enquire_link=False)
    reply("收到")
    while not replies:
        client.read_once(auto_send_enquire_link=False)
    client.unbind()
    client.disconnect()
    print("unbound", flush=True)


if __name__ == "__main__":
    main()
