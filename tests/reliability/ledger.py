"""Keep the client's ledger: what was sent, what was promised, what came back.

One line per fact: kind, monotonic time, fields. INTENT stands before the PDU is sent, so whatever
the gateway holds must have one. Nothing of the gateway is imported here.

    INTENT time ref session asked       about to send this submit_sm; asked: 1 wants a receipt
    ACK    time ref message_id          submit_sm_resp ESME_ROK
    NAK    time ref status              submit_sm_resp with another status, decimal
    RCPT   time message_id stat err done  a receipt; done: its `done date`
    RESP   time message_id status       our deliver_sm_resp
    EARLY  time message_id              a receipt that came, on the session that submitted the
                                        message, before the submit_sm_resp
    BOUND  time session
    LOST   time session unanswered      the connection ended; so many requests without response
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path


class LedgerWriter:
    """Append lines; `flush` brings them to disk (O_APPEND and fsync)."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._lines: list[str] = []

    def note(self, kind: str, at: float, *fields: object) -> None:
        """Add one line."""
        self._lines.append(f"{kind} {at:.6f} {' '.join(map(str, fields))}\n")

    def flush(self) -> None:
        """Write and sync everything noted so far."""
        if not self._lines:
            return
        data = "".join(self._lines).encode("ascii")
        self._lines.clear()
        while data:
            data = data[os.write(self._descriptor, data) :]
        os.fsync(self._descriptor)

    def close(self) -> None:
        """Flush and close."""
        self.flush()
        os.close(self._descriptor)


@dataclass(slots=True)
class Ledger:
    """Hold a ledger that was read back; times are monotonic seconds."""

    intents: dict[int, bool] = field(default_factory=dict)
    """ref → whether a receipt was asked for."""
    acknowledged: dict[int, str] = field(default_factory=dict)
    """ref → message_id."""
    ack_times: list[float] = field(default_factory=list)
    refused: dict[int, int] = field(default_factory=dict)
    """ref → command_status."""
    answered_twice: list[int] = field(default_factory=list)
    """Refs with more than one response."""
    receipts: dict[str, list[tuple[str, str, str]]] = field(default_factory=dict)
    """message_id → (stat, err, done date) of each time it came."""
    early: list[str] = field(default_factory=list)

    @property
    def deliveries(self) -> int:
        """Count the receipts that came, repetitions included."""
        return sum(map(len, self.receipts.values()))


def read_ledger(path: Path) -> Ledger:
    """Read a ledger back."""
    ledger = Ledger()
    for kind, at, fields in _lines(path):
        match kind:
            case "INTENT":
                ledger.intents[int(fields[0])] = fields[2] == "1"
            case "ACK" | "NAK":
                ref = int(fields[0])
                if ref in ledger.acknowledged or ref in ledger.refused:
                    ledger.answered_twice.append(ref)
                elif kind == "ACK":
                    ledger.acknowledged[ref] = fields[1]
                    ledger.ack_times.append(at)
                else:
                    ledger.refused[ref] = int(fields[1])
            case "RCPT":
                ledger.receipts.setdefault(fields[0], []).append((fields[1], fields[2], fields[3]))
            case "EARLY":
                ledger.early.append(fields[0])
            case _:
                pass  # for people who read the ledger
    return ledger


def _lines(path: Path) -> Iterator[tuple[str, float, list[str]]]:
    with path.open("r", encoding="ascii") as file:
        for line in file:
            kind, at, *fields = line.split()
            yield kind, float(at), fields
