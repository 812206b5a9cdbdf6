"""Submit on a transmitter and take the receipt on a receiver, with smpplib; print what happens.

smpplib_binds.py HOST PORT RECIPIENT TEXT
"""

from __future__ import annotations

import sys

import smpplib.client
import smpplib.consts
import smpplib.gsm

ACCOUNT = {"system_id": "police", "password": "secret08"}


def main(host: str, port: str, recipient: str, text: str) -> None:
    transmitter, receiver = (smpplib.client.Client(host, int(port), timeout=30) for _ in range(2))
    receipts: list[str] = []

    def received(pdu: smpplib.command.DeliverSM) -> int:
        words = pdu.short_message.decode("ascii").split()
        receipts.append(words[0])
        print("receipt", words[0].removeprefix("id:"), pdu.message_state, flush=True)
        return 0

    receiver.set_message_received_handler(received)
    transmitter.set_message_sent_handler(
        lambda pdu: print("submitted", pdu.message_id.decode(), flush=True)
    )
    transmitter.connect()
    receiver.connect()
    transmitter.bind_transmitter(**ACCOUNT)
    receiver.bind_receiver(**ACCOUNT)
    transmitter.send_message(
        source_addr="106590990371",
        destination_addr=recipient,
        short_message=text.encode("utf-16-be"),
        data_coding=smpplib.consts.SMPP_ENCODING_ISO10646,
        registered_delivery=True,
    )
    transmitter.read_once(auto_send_enquire_link=False)
    while not receipts:
        receiver.read_once(auto_send_enquire_link=False)
    for client in (transmitter, receiver):
        client.unbind()
        client.disconnect()
        print("unbound", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
