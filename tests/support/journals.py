"""Write journals and histories for tests."""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path

from gateway.journal.committer import Chain
from routing.events import (
    Attempted,
    Bound,
    Failure,
    JournalEvent,
    MoAcknowledged,
    MoDropped,
    MoReceived,
    MoRefused,
    Outcome,
    ReceiptAcknowledged,
    ReceiptDropped,
    ReceiptRefused,
    Replaced,
    SegmentHeld,
    Unbound,
    encode_batch,
)
from routing.message import OUTCOMES
from tests.support.submissions import AT, MESSAGE_ID, parts, submission

Batches = list[tuple[float, list[JournalEvent]]]

PDU = bytes.fromhex("00000010000000040000000000000001")
"""A header alone; the archive doesn't look into PDUs."""


def write_journal(data_dir: Path, batches: Iterable[tuple[float, list[JournalEvent]]]) -> None:
    """Commit batches of (business time, events) to the journal in a directory, and close it."""
    chain = Chain(data_dir, "full")
    at = AT
    for at, events in batches:
        chain.commit(at, memoryview(encode_batch(events)))
        chain.settle(at, 1 << 20)
    chain.close(at)


def message(number: int, at: float = AT) -> JournalEvent:
    """Give the submission of an ordinary message with an id of its own."""
    recipient = f"133{number % 100_000:08d}"
    return submission(message_id=MESSAGE_ID + number, at=at, recipient=recipient, pdu=PDU)


class History:
    """Invent what a gateway may journal: everything opens before it closes, ids are unique."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._at = AT
        self._next_id = MESSAGE_ID
        self._waiting: list[int] = []
        self._owing: list[int] = []
        self._uplink: list[int] = []
        self._sessions = 0

    def batches(self, count: int, largest: int = 12) -> Batches:
        """Go on for so many batches of 1 to `largest` events."""
        found: Batches = []
        for _ in range(count):
            events = [e for _ in range(self._random.randint(1, largest)) for e in self._turn()]
            found.append((self._at, events))
            self._at += self._random.choice((0.001, 1.5, 3600.0))
        return found

    def _turn(self) -> list[JournalEvent]:
        makers = (
            self._submit,
            self._submit,
            self._submit,
            self._concatenated,
            self._rejected,
            self._end,
            self._end,
            self._receipt,
            self._receipt,
            self._attempt,
            self._mo,
            self._mo_end,
            self._session,
        )
        return self._random.choice(makers)()

    def _id(self) -> int:
        self._next_id += self._random.randint(1, 5)
        return self._next_id

    def _recipient(self) -> str:
        return f"{self._random.choice(('133', '177', '189'))}{self._random.randint(0, 99):08d}"

    def _submit(self) -> list[JournalEvent]:
        one = self._id()
        self._waiting.append(one)
        asked = self._random.choice((0, 1, 2))
        event = submission(
            message_id=one,
            at=self._at,
            recipient=self._recipient(),
            registered_delivery=asked,
            service=self._random.choice(("ordinary", "instant")),
            pdu=PDU,
        )
        return [event]

    def _concatenated(self) -> list[JournalEvent]:
        first = self._next_id + 1
        self._next_id += 2
        recipient = self._recipient()
        held: list[JournalEvent] = [
            SegmentHeld(
                self._at, first, "police", 1, 1, "106590990371", recipient, 7, 2, 1, 1, PDU, "00aa"
            )
        ]
        if self._random.random() < 0.4:
            return held
        self._waiting.append(first)
        whole = submission(
            message_id=first,
            at=self._at,
            recipient=recipient,
            segment_count=2,
            segments=parts(1, 1, first_id=first),
            pdu=PDU + PDU,
        )
        return [*held, whole]

    def _rejected(self) -> list[JournalEvent]:
        late = self._random.random() < 0.5
        one = self._id()
        if late:
            self._owing.append(one)
        return [
            submission(
                message_id=one,
                at=self._at,
                accepted=False,
                status=0 if late else 69,
                reason="scope",
                error="9A3" if late else "",
                failures=(Failure("scope", "enforce", "not in scope"),),
                recipient=self._recipient(),
            )
        ]

    def _end(self) -> list[JournalEvent]:
        if not self._waiting:
            return []
        one = self._waiting.pop(self._random.randrange(len(self._waiting)))
        self._owing.append(one)
        state = self._random.choice(sorted(OUTCOMES))
        return [Outcome(self._at, one, state, "650", "exempt", "telecom", 2)]

    def _receipt(self) -> list[JournalEvent]:
        if not self._owing:
            return []
        one = self._owing[self._random.randrange(len(self._owing))]
        kind = self._random.choice("arrd")
        if kind == "r":
            return [ReceiptRefused(self._at, one, 1, 100, "refused", 1)]
        self._owing.remove(one)
        if kind == "d":
            return [ReceiptDropped(self._at, one, "age")]
        return [ReceiptAcknowledged(self._at, one, 1, self._at, 2)]

    def _attempt(self) -> list[JournalEvent]:
        if not self._waiting:
            return []
        one = self._random.choice(self._waiting)
        if self._random.random() < 0.3:
            return [Replaced(self._at, one, "【示例警务】改", 8, 1, 1, self._at + 9, 0.0)]
        return [Attempted(self._at, one, 1, "652", self._at + 30)]

    def _mo(self) -> list[JournalEvent]:
        one = self._id()
        self._uplink.append(one)
        event = MoReceived(
            self._at, one, "police", self._recipient(), "106590990371", "TD", 1, "api"
        )
        return [event]

    def _mo_end(self) -> list[JournalEvent]:
        if not self._uplink:
            return []
        one = self._uplink.pop(0)
        kind = self._random.choice("ard")
        if kind == "r":
            self._uplink.append(one)
            return [MoRefused(self._at, one, 1, 100, "refused", 1)]
        if kind == "d":
            return [MoDropped(self._at, one, "age")]
        return [MoAcknowledged(self._at, one, 1, self._at)]

    def _session(self) -> list[JournalEvent]:
        self._sessions += 1
        bound = Bound(self._at, self._sessions, "police", "trx", 0x34, "127.0.0.1:40001")
        if self._random.random() < 0.5:
            return [bound]
        return [bound, Unbound(self._at, self._sessions, "police", "unbind")]
