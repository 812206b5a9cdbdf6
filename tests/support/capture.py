"""Write what went over a connection as a capture file that Wireshark reads.

The octets are those of the connection; the packets around them (IPv4 and TCP, with the handshake,
so that streams are put together) are made here. No privilege is needed.

The format: libpcap's classic one, big-endian, link type 101 (packets begin with the IP header).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ESME_ADDRESS, MC_ADDRESS = bytes([127, 0, 0, 2]), bytes([127, 0, 0, 1])
MC_PORT = 2775
SEGMENT = 1_400
RAW_IP = 101
SYN, ACK, PUSH_ACK, SYN_ACK, FIN_ACK = 0x02, 0x10, 0x18, 0x12, 0x11


@dataclass(slots=True)
class Capture:
    """Gather the octets of one connection, in both directions, in order."""

    esme_port: int = 30_000
    chunks: list[tuple[bytes, bool]] = field(default_factory=list)

    def record(self, data: bytes, sent: bool) -> None:
        """Take octets that the ESME sent (True) or received (False)."""
        self.chunks.append((data, sent))

    def packets(self) -> Iterator[bytes]:
        """Give the packets of the whole connection, from SYN to FIN."""
        sequences = {True: 1_000, False: 5_000}
        for flags, sent in ((SYN, True), (SYN_ACK, False), (ACK, True)):
            yield self._packet(flags, sequences, b"", sent=sent)
            sequences[sent] += flags & SYN and 1
        for data, sent in self.chunks:
            for at in range(0, len(data), SEGMENT):
                part = data[at : at + SEGMENT]
                yield self._packet(PUSH_ACK, sequences, part, sent=sent)
                sequences[sent] += len(part)
        for sent in (True, False):
            yield self._packet(FIN_ACK, sequences, b"", sent=sent)
            sequences[sent] += 1

    def _packet(self, flags: int, sequences: dict[bool, int], data: bytes, *, sent: bool) -> bytes:
        ports = (self.esme_port, MC_PORT) if sent else (MC_PORT, self.esme_port)
        acknowledged = 0 if flags == SYN else sequences[not sent]
        header_words = 5 << 4
        tcp = struct.pack(
            ">HHIIBBHHH", *ports, sequences[sent], acknowledged, header_words, flags, 65_535, 0, 0
        )
        addresses = (ESME_ADDRESS, MC_ADDRESS) if sent else (MC_ADDRESS, ESME_ADDRESS)
        size = 20 + len(tcp) + len(data)
        ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, size, 0, 0x4000, 64, 6, 0, *addresses)
        return ip + tcp + data


def write_captures(path: Path, captures: list[Capture]) -> None:
    """Write connections, one after another, into one capture file."""
    with path.open("wb") as file:
        file.write(struct.pack(">IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262_144, RAW_IP))
        for number, packet in enumerate(part for capture in captures for part in capture.packets()):
            seconds, microseconds = divmod(number * 1_000, 1_000_000)
            file.write(struct.pack(">IIII", seconds, microseconds, len(packet), len(packet)))
            file.write(packet)
