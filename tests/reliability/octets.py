"""Encode and read the few PDUs that the ledger's client needs, straight from SMPP 3.4 §4.

It shares nothing with the gateway: an error in the gateway's codec must not cancel itself out.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

HEADER = struct.Struct(">IIII")
RESPONSE = 0x80000000
BIND = {"rx": 1, "tx": 2, "trx": 9}
SUBMIT, DELIVER, UNBIND, ENQUIRE = 4, 5, 6, 0x15
SUBMIT_RESP, DELIVER_RESP = SUBMIT | RESPONSE, DELIVER | RESPONSE
SENDER = b"106590990371"
FIRST_RECIPIENT = 13300000000
OUT_OF_SCOPE = b"13400000000"

_ADDRESSES = b"%s\0\0\1" + SENDER + b"\0\1\1%s\0"
"""service_type, the source's TON and NPI, its address; the destination's TON, NPI, address."""
_BEFORE_TIMES = b"\0\0"
"""protocol_id, priority_flag (schedule_delivery_time and validity_period follow)."""
_RECEIPT = re.compile(
    rb"id:(\S+) sub:\d+ dlvrd:\d+ submit date:\d+ done date:(\d+) stat:(\w+) err:(\w+)"
)


def pdu(command_id: int, sequence: int, body: bytes = b"", status: int = 0) -> bytes:
    """Build a PDU."""
    return HEADER.pack(16 + len(body), command_id, status, sequence) + body


def bind(kind: str, sequence: int, system_id: bytes, password: bytes) -> bytes:
    """Build a bind of `kind` tx, rx or trx, SMPP 3.4."""
    body = system_id + b"\0" + password + b"\0\0\x34\0\0\0"
    return pdu(BIND[kind], sequence, body)


@dataclass(frozen=True, slots=True)
class Text:
    """Say what a submit_sm carries; `part` is (reference, total, index) of a concatenated one."""

    text: str
    recipient: bytes
    asked: bool
    part: tuple[int, int, int] | None = None
    reference: int | None = None
    """Goes into the TLV user_message_reference (0x0204)."""
    service_type: bytes = b""
    schedule: bytes = b""
    """schedule_delivery_time and `validity`, validity_period: SMPP 3.4 §7.1.1."""
    validity: bytes = b""


def submit(sequence: int, content: Text) -> bytes:
    """Build a submit_sm with data_coding 8 (UCS2)."""
    octets = content.text.encode("utf-16-be")
    esm_class = b"\0"
    if content.part is not None:
        esm_class = b"\x40"
        octets = bytes((5, 0, 3, *content.part)) + octets
    body = b"".join(
        (
            _ADDRESSES % (content.service_type, content.recipient),
            esm_class,
            _BEFORE_TIMES,
            b"%s\0%s\0" % (content.schedule, content.validity),
            b"\1" if content.asked else b"\0",
            b"\0\x08\0",
            bytes((len(octets),)),
            octets,
        )
    )
    if content.reference is not None:
        body += struct.pack(">HHH", 0x0204, 2, content.reference)
    return pdu(SUBMIT, sequence, body)


def receipt_of(body: bytes) -> tuple[str, str, str, str] | None:
    """Read a deliver_sm's body: (message_id, stat, err, done date), None when it is no receipt."""
    at = body.index(0) + 1
    for _address in range(2):
        at = body.index(0, at + 2) + 1
    if body[at] & 0x3C != 0x04:
        return None
    found = _RECEIPT.search(body, at)
    if found is None:
        return None
    message_id, done, stat, err = (group.decode("ascii") for group in found.groups())
    return message_id, stat, err, done
