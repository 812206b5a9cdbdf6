"""Load a gateway over many sessions and keep the ledger: a process without any gateway code.

Run as `python -m tests.reliability.client --port N --ledger FILE …` by `driver.py`, and told what
to do by lines on standard input: `status` is answered with a line of JSON, `stop` ends the
submissions, the end of the input ends the process. It binds again whenever a connection ends.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import time
from collections import Counter
from pathlib import Path

from tests.reliability.ledger import LedgerWriter
from tests.reliability.octets import (
    DELIVER,
    DELIVER_RESP,
    ENQUIRE,
    FIRST_RECIPIENT,
    HEADER,
    OUT_OF_SCOPE,
    RESPONSE,
    SUBMIT_RESP,
    UNBIND,
    Text,
    bind,
    pdu,
    receipt_of,
    submit,
)

TICK_S = 0.01
FLUSH_S = 0.05
REBIND_S = 0.02
WORDS = "【示例警务】您的居住证签注将于30日后到期。"
COUNTED = ("intents", "acks", "naks", "deliveries", "receipts", "unbinds", "lost")
ROK, RX_T_APPN, RX_P_APPN, RX_R_APPN = 0, 0x64, 0x65, 0x66
SILENT, DROPPED = -1, -2
FAULTS_PER_RECEIPT = 2
ANSWERS = {
    "honest": (ROK,),
    "temporary": (RX_T_APPN,),
    "lasting": (RX_P_APPN, RX_R_APPN),
    "silent": (SILENT,),
}
"""How `--receipts` answers them, by turns; the further word `faulty` does as `misbehaves` says."""


class Load:
    """Know what was sent and what is missing; shared by all sessions."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.ledger = LedgerWriter(options.ledger)
        self.submitting = True
        self.sessions: list[Esme] = []
        self.counts: Counter[str] = Counter()
        self.owed: set[str] = set()
        self.received: set[str] = set()
        self.last_receipt = 0.0
        self._ref = options.first_ref
        self._allowance = 0.0
        self._turn = 0
        self._special = (0, 3, 7, 10) if options.incomplete else (0, 3, 10)
        self._faults: Counter[str] = Counter()
        self._dice = random.Random(options.first_ref)
        self.most_open = 0

    def next_messages(self) -> list[tuple[int, Text]]:
        """Make the next message: one segment, or two of a concatenated one."""
        self._ref += 1
        ref = self._ref
        recipient = self.options.recipient or b"%d" % (FIRST_RECIPIENT + ref % 100_000)
        kind = ref % 20
        if self.options.plain or kind not in self._special:
            tagged = ref % 2 == 1 and not self.options.plain
            text = f"{WORDS}编号{ref}。"
            return [(ref, Text(text, recipient, True, None, ref % 65536 if tagged else None))]
        if kind == 10:
            return [(ref, Text(f"{WORDS}编号{ref}。", OUT_OF_SCOPE, True))]
        if kind == 7:
            part = (ref // 20 % 256, 2, 1)
            return [(ref, Text(f"{WORDS}编号{ref}。", recipient, True, part))]
        if kind == 3:
            return [(ref, Text(f"{WORDS}编号{ref}。", recipient, False))]
        self._ref += 1
        number = ref // 20 % 256
        first, second = f"{WORDS}编号{ref}。", f"编号{ref + 1}。"
        return [
            (ref, Text(first, recipient, True, (number, 2, 1))),
            (ref + 1, Text(second, recipient, True, (number, 2, 2))),
        ]

    def tick(self, elapsed_s: float) -> None:
        """Submit what the rate allows, on the sessions in turn."""
        if not self.submitting:
            return
        self._allowance = min(
            self._allowance + self.options.rate * elapsed_s, self.options.rate * 0.1 + 1
        )
        open_sessions = [session for session in self.sessions if session.can_submit]
        count = self.options.count
        while self._allowance >= 1 and open_sessions:
            if count and self.counts["intents"] >= count:
                self.submitting = False
                break
            session = open_sessions[self._turn % len(open_sessions)]
            self._turn += 1
            if session.room <= 1:
                open_sessions.remove(session)
                continue
            messages = self.next_messages()
            session.submit(messages)
            self._allowance -= len(messages)
        for session in open_sessions or self.sessions:
            session.flush()

    def misbehaves(self, message_id: str) -> int:
        """Say how a receipt is answered.

        A faulty client drops the connection on 30 of 100, refuses 10 for the moment, never answers
        5; each receipt meets that twice at most.
        """
        if self.options.receipts != "faulty":
            answers = ANSWERS[self.options.receipts]
            return answers[self.counts["deliveries"] % len(answers)]
        if self._faults[message_id] >= FAULTS_PER_RECEIPT:
            return ROK
        dice = self._dice.randrange(100)
        answer = DROPPED if dice < 30 else RX_T_APPN if dice < 40 else SILENT if dice < 45 else ROK
        if answer != ROK:
            self._faults[message_id] += 1
        return answer

    def status(self) -> dict[str, float]:
        """Give the figures the driver waits for."""
        return {
            **{name: self.counts[name] for name in COUNTED},
            "owed": len(self.owed),
            "bound": sum(session.bound for session in self.sessions),
            "unanswered": sum(session.unanswered for session in self.sessions),
            "quiet_s": time.monotonic() - self.last_receipt,
            "most_open": self.most_open,
        }


class Esme(asyncio.Protocol):
    """Be one session, from one connection to the next."""

    def __init__(self, load: Load, number: int, kind: str) -> None:
        self._load = load
        self._number = number
        self._kind = kind
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._outstanding: dict[int, tuple[int, bool]] = {}
        self._sequence = 0
        self._out: list[bytes] = []
        self._mine: set[str] = set()
        self._open = 0
        """deliver_sm received on this connection and not answered."""
        self.bound = False
        self.ended: asyncio.Event = asyncio.Event()

    @property
    def can_submit(self) -> bool:
        return self.bound and self._kind != "rx"

    @property
    def room(self) -> int:
        """Count the places left in the window."""
        return int(self._load.options.window) - len(self._outstanding)

    @property
    def unanswered(self) -> int:
        return len(self._outstanding)

    def submit(self, messages: list[tuple[int, Text]]) -> None:
        """Note the intents and queue the PDUs."""
        now = time.monotonic()
        for ref, content in messages:
            self._load.ledger.note("INTENT", now, ref, self._number, int(content.asked))
            self._sequence += 1
            self._outstanding[self._sequence] = (ref, content.asked)
            self._out.append(submit(self._sequence, content))
        self._load.counts["intents"] += len(messages)

    def flush(self) -> None:
        """Send what is queued."""
        if self._out and self._transport is not None:
            self._transport.write(b"".join(self._out))
        self._out.clear()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        options = self._load.options
        system_id, password = options.system_id.encode(), options.password.encode()
        transport.write(bind(self._kind, 1, system_id, password))
        self._sequence = 1

    def connection_lost(self, exc: Exception | None) -> None:
        now = time.monotonic()
        self._load.ledger.note("LOST", now, self._number, len(self._outstanding))
        self._load.counts["lost"] += self.bound
        self._outstanding.clear()
        self._out.clear()
        self._transport = None
        self.bound = False
        self.ended.set()

    def data_received(self, data: bytes) -> None:
        now = time.monotonic()
        self._buffer += data
        at, end = 0, len(self._buffer)
        while end - at >= 16:
            length, command_id, status, sequence = HEADER.unpack_from(self._buffer, at)
            if end - at < length:
                break
            body = self._buffer[at + 16 : at + length]
            at += length
            self._take(command_id, status, sequence, body, now)
        self._buffer = self._buffer[at:]
        self.flush()

    def _take(self, command_id: int, status: int, sequence: int, body: bytes, now: float) -> None:
        if command_id == SUBMIT_RESP:
            self._answered(status, sequence, body, now)
        elif command_id == DELIVER:
            self._delivered(sequence, body, now)
        elif command_id == UNBIND:
            self._out.append(pdu(UNBIND | RESPONSE, sequence))
            self._load.counts["unbinds"] += 1
        elif command_id == ENQUIRE:
            self._out.append(pdu(ENQUIRE | RESPONSE, sequence))
        elif sequence == 1 and command_id & RESPONSE and not self.bound:
            self.bound = status == 0
            self._load.ledger.note("BOUND", now, self._number)
            if status and self._transport is not None:
                self._transport.abort()

    def _answered(self, status: int, sequence: int, body: bytes, now: float) -> None:
        load = self._load
        ref, asked = self._outstanding.pop(sequence, (-1, False))
        if status:
            load.counts["naks"] += 1
            load.ledger.note("NAK", now, ref, status)
            return
        load.counts["acks"] += 1
        message_id = body[:-1].decode("ascii")
        load.ledger.note("ACK", now, ref, message_id)
        if asked and message_id in self._mine:
            load.ledger.note("EARLY", now, message_id)
        if asked and message_id not in load.received:
            load.owed.add(message_id)

    def _delivered(self, sequence: int, body: bytes, now: float) -> None:
        load = self._load
        if self._transport is None or self._transport.is_closing():
            return
        load.last_receipt = now
        load.counts["deliveries"] += 1
        self._open += 1
        load.most_open = max(load.most_open, self._open)
        found = receipt_of(body)
        if found is None:
            self._open -= 1
            self._out.append(pdu(DELIVER_RESP, sequence, b"\0"))
            return
        message_id = found[0]
        answer = load.misbehaves(message_id)
        if answer == DROPPED:
            # What was answered before goes out: only this one is to be lost.
            self.flush()
            self._transport.close()
            return
        load.counts["receipts"] += 1
        load.ledger.note("RCPT", now, *found)
        load.received.add(message_id)
        self._mine.add(message_id)
        load.owed.discard(message_id)
        if answer != SILENT:
            self._open -= 1
            load.ledger.note("RESP", now, message_id, answer)
            self._out.append(pdu(DELIVER_RESP, sequence, b"\0", answer))


async def keep_bound(load: Load, number: int, kind: str) -> None:
    """Connect and bind, again and again."""
    loop = asyncio.get_running_loop()
    while True:
        esme = Esme(load, number, kind)
        load.sessions.append(esme)
        try:
            async with asyncio.timeout(5):
                await loop.create_connection(lambda e=esme: e, "127.0.0.1", load.options.port)  # type: ignore[misc]  # mypy sees no default in a lambda
            await esme.ended.wait()
        except (OSError, TimeoutError):
            pass
        load.sessions.remove(esme)
        await asyncio.sleep(REBIND_S)


async def follow_orders(load: Load) -> None:
    """Obey the lines on standard input until it ends."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        if line.strip() == b"stop":
            load.submitting = False
        sys.stdout.write(json.dumps(load.status()) + "\n")
        sys.stdout.flush()


async def run(options: argparse.Namespace) -> None:
    load = Load(options)
    kinds = options.kinds.split(",")
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(keep_bound(load, number, kinds[number % len(kinds)]))
            for number in range(options.sessions)
        ]
        tasks += [group.create_task(keep_ticking(load)), group.create_task(keep_flushing(load))]
        await follow_orders(load)
        for task in tasks:
            task.cancel()
    load.ledger.close()


async def keep_ticking(load: Load) -> None:
    last = time.monotonic()
    while True:
        await asyncio.sleep(TICK_S)
        now = time.monotonic()
        load.tick(now - last)
        last = now


async def keep_flushing(load: Load) -> None:
    while True:
        await asyncio.sleep(FLUSH_S)
        load.ledger.flush()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--ledger", type=Path, required=True)
    parser.add_argument("--rate", type=float, default=2000.0)
    parser.add_argument("--sessions", type=int, default=8)
    parser.add_argument("--kinds", default="trx", help="kinds of the sessions in turn: trx,tx,rx")
    parser.add_argument("--window", type=int, default=100)
    parser.add_argument("--first-ref", type=int, default=0)
    parser.add_argument("--plain", action="store_true", help="single messages only, no TLVs")
    parser.add_argument("--incomplete", action="store_true", help="lose the second of some parts")
    parser.add_argument("--receipts", choices=(*ANSWERS, "faulty"), default="honest")
    parser.add_argument("--recipient", type=str.encode, help="of every message that is in scope")
    parser.add_argument("--count", type=int, default=0, help="messages after which to stop")
    parser.add_argument("--system-id", default="police")
    parser.add_argument("--password", default="secret08")
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
