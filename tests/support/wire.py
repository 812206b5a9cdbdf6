"""Speak SMPP octet by octet: build any PDU, right or wrong, and see exactly what comes back.

Nothing here uses the package `smpp`: what it is measured with must not be made of it. Layouts are
those of SMPP 3.4 §3.2, §4.1 and §4.4.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from .gateway_process import Address

ANSWER_WITHIN_S = 10.0
RESPONSE = 0x80000000

BIND_RX, BIND_TX, QUERY, SUBMIT, DELIVER, UNBIND, REPLACE, CANCEL, BIND_TRX = range(1, 10)
OUTBIND = 0x0B
ENQUIRE = 0x15
MULTI = 0x21
ALERT = 0x102
DATA = 0x103
NACK = RESPONSE


@dataclass(frozen=True, slots=True)
class RawPdu:
    """Hold one received PDU: its header, and its body undecoded."""

    command_id: int
    command_status: int
    sequence_number: int
    body: bytes

    def __repr__(self) -> str:
        return (
            f"<0x{self.command_id:08x} status 0x{self.command_status:02x}"
            f" sequence {self.sequence_number} body {self.body.hex()}>"
        )


def pdu(
    command_id: int, body: bytes = b"", *, sequence: int = 1, status: int = 0, length: int = -1
) -> bytes:
    """Build a PDU; `length` overrides the true command_length."""
    header = (16 + len(body) if length < 0 else length, command_id, status, sequence)
    return b"".join(value.to_bytes(4, "big") for value in header) + body


def cstring(value: str | bytes) -> bytes:
    """Build a C-Octet String."""
    return (value.encode("ascii") if isinstance(value, str) else value) + b"\0"


def tlv(tag: int, value: bytes, *, length: int = -1) -> bytes:
    """Build an optional parameter; `length` overrides the true one."""
    size = len(value) if length < 0 else length
    return tag.to_bytes(2, "big") + size.to_bytes(2, "big") + value


def bind_body(
    system_id: bytes = b"police",
    password: bytes = b"secret08",
    *,
    system_type: bytes = b"",
    version: int = 0x34,
    address_range: bytes = b"",
    rest: bytes = b"",
) -> bytes:
    """Build the body of a bind (SMPP 3.4 §4.1.1)."""
    strings = cstring(system_id) + cstring(password) + cstring(system_type)
    return strings + bytes([version, 0, 0]) + cstring(address_range) + rest


def submit_fields(**changes: bytes) -> dict[str, bytes]:
    """Give the mandatory fields of a submit_sm as octets, in order (SMPP 3.4 §4.4.1)."""
    fields = {
        "service_type": b"\0",
        "source_addr_ton": b"\0",
        "source_addr_npi": b"\1",
        "source_addr": b"106590990371\0",
        "dest_addr_ton": b"\1",
        "dest_addr_npi": b"\1",
        "destination_addr": b"19900000000\0",
        "esm_class": b"\0",
        "protocol_id": b"\0",
        "priority_flag": b"\0",
        "schedule_delivery_time": b"\0",
        "validity_period": b"\0",
        "registered_delivery": b"\0",
        "replace_if_present_flag": b"\0",
        "data_coding": b"\0",
        "sm_default_msg_id": b"\0",
        "sm_length": b"\5",
        "short_message": b"hello",
    }
    unknown = changes.keys() - fields.keys()
    assert not unknown, f"no fields of submit_sm: {unknown}"
    return fields | changes


def submit_body(rest: bytes = b"", **changes: bytes) -> bytes:
    """Build the body of a submit_sm, with `rest` (TLVs) behind it."""
    return b"".join(submit_fields(**changes).values()) + rest


class Wire:
    """Hold one TCP connection to a gateway."""

    def __init__(
        self,
        address: Address,
        *,
        source: str = "127.0.0.1",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Connect; with `tls`, shake hands too: ssl.SSLError or OSError when that fails."""
        self._socket = socket.create_connection(
            (address.host, address.port), ANSWER_WITHIN_S, source_address=(source, 0)
        )
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls is not None:
            try:
                self._socket = tls.wrap_socket(self._socket, server_hostname=address.host)
            except OSError:
                self._socket.close()
                raise
        self._received = b""
        self.on_data: Callable[[bytes, bool], None] = lambda _data, _sent: None
        """Is told of everything sent (True) and received (False)."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._socket.close()

    def send(self, data: bytes) -> None:
        self.on_data(data, True)
        self._socket.sendall(data)

    def finish_sending(self) -> None:
        """Send FIN and go on receiving."""
        self._socket.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """Close with RST, as a peer that crashed."""
        linger = (1).to_bytes(4, "little") + (0).to_bytes(4, "little")
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._socket.close()

    def receive(self, *, within_s: float = ANSWER_WITHIN_S) -> RawPdu | None:
        """Give the next PDU, None at the end of the stream.

        Raises TimeoutError, and ConnectionResetError when the gateway cut the connection.
        """
        self._socket.settimeout(within_s)
        while len(self._received) < 4 or len(self._received) < self._length():
            data = self._socket.recv(65536)
            if not data:
                assert not self._received, f"the stream ends within a PDU: {self._received.hex()}"
                return None
            self.on_data(data, False)
            self._received += data
        length = self._length()
        whole, self._received = self._received[:length], self._received[length:]
        header = [int.from_bytes(whole[at : at + 4], "big") for at in (4, 8, 12)]
        return RawPdu(header[0], header[1], header[2], whole[16:])

    def _length(self) -> int:
        length = int.from_bytes(self._received[:4], "big")
        assert 16 <= length <= 70_000, f"the gateway sent command_length {length}"
        return length

    def ask(self, request: bytes) -> RawPdu:
        """Send a request and give its answer, passing over requests of the gateway."""
        self.send(request)
        sequence = int.from_bytes(request[12:16], "big")
        while True:
            answer = self.receive()
            assert answer is not None, f"the gateway closed instead of answering {request.hex()}"
            if answer.command_id & RESPONSE and answer.sequence_number == sequence:
                return answer

    def bind(self, command_id: int = BIND_TRX, body: bytes = b"") -> Self:
        """Bind with the demo account; fail when that is refused."""
        answer = self.ask(pdu(command_id, body or bind_body(), sequence=1))
        assert answer.command_status == 0, f"the bind was refused: {answer}"
        return self
