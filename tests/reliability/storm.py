"""Send enquire_links on one session as fast as the socket takes them: a process of its own.

Run as `python -m tests.reliability.storm --port N …` by `driver.Orders`. The order `storm` binds
and begins, `stop` sends nothing more and waits for the answers that are missing; each is answered
with the figures, and so is any other line. With `--deaf` it never reads. Every answer is compared
with what it has to be, in its order.
"""

from __future__ import annotations

import argparse
import json
import selectors
import socket
import sys
import time

from tests.reliability.octets import ENQUIRE, HEADER, RESPONSE, bind, pdu

BLOCK = 4_096
"""Sequence numbers 1 to this are sent over and over."""
QUESTIONS = b"".join(pdu(ENQUIRE, number) for number in range(1, BLOCK + 1))
ANSWERS = b"".join(pdu(ENQUIRE | RESPONSE, number) for number in range(1, BLOCK + 1))
READ_OCTETS = 65_536
SETTLED_WITHIN_S = 20.0


class Storm:
    """Own the session and what was sent and answered, in octets."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._socket = socket.create_connection(("127.0.0.1", options.port), SETTLED_WITHIN_S)
        self._selector = selectors.DefaultSelector()
        self._sending = False
        self._sent = 0
        self._answered = 0
        self._wrong = 0
        self._ended = False
        self._selector.register(sys.stdin, selectors.EVENT_READ, "orders")

    def bind(self) -> None:
        """Bind, and begin to storm."""
        options = self._options
        self._socket.sendall(bind("trx", 1, options.system_id.encode(), options.password.encode()))
        answer = b""
        while len(answer) < 4 or len(answer) < int.from_bytes(answer[:4], "big"):
            answer += self._socket.recv(READ_OCTETS)
        status = HEADER.unpack_from(answer)[2]
        if status:
            raise SystemExit(f"the bind was refused: 0x{status:02x}")
        self._socket.setblocking(False)
        self._sending = True
        self._watch()

    def run(self) -> None:
        """Storm until standard input ends."""
        while True:
            for key, events in self._selector.select():
                if key.data == "orders":
                    order = sys.stdin.readline().strip()
                    if not order:
                        return
                    self._obey(order)
                    continue
                try:
                    if events & selectors.EVENT_READ:
                        self._receive()
                    if events & selectors.EVENT_WRITE and not self._ended:
                        self._send()
                except ConnectionError:
                    self._end()

    def _obey(self, order: str) -> None:
        if order == "storm":
            self.bind()
        elif order == "stop":
            self._settle()
        whole = HEADER.size
        figures = {
            "sent": self._sent / whole,
            "answered": self._answered / whole,
            "wrong": self._wrong,
            "ended": self._ended,
        }
        sys.stdout.write(json.dumps(figures) + "\n")
        sys.stdout.flush()

    def _settle(self) -> None:
        """Finish the PDU under way, and read until each has its answer."""
        self._sending = False
        rest = -self._sent % HEADER.size
        self._socket.setblocking(True)
        self._socket.settimeout(SETTLED_WITHIN_S)
        at = self._sent % len(QUESTIONS)
        if rest:
            self._socket.sendall(QUESTIONS[at : at + rest])
            self._sent += rest
        deadline = time.monotonic() + SETTLED_WITHIN_S
        while self._answered < self._sent and not self._ended and time.monotonic() < deadline:
            self._receive()
        self._socket.setblocking(False)
        self._watch()

    def _send(self) -> None:
        at = self._sent % len(QUESTIONS)
        self._sent += self._socket.send(QUESTIONS[at:])

    def _receive(self) -> None:
        data = self._socket.recv(READ_OCTETS)
        if not data:
            self._end()
            return
        at = self._answered % len(ANSWERS)
        expected = (ANSWERS[at:] + ANSWERS)[: len(data)]
        self._wrong += data != expected
        self._answered += len(data)

    def _watch(self) -> None:
        wanted = (0 if self._options.deaf else selectors.EVENT_READ) | (
            selectors.EVENT_WRITE if self._sending else 0
        )
        if self._socket in self._selector.get_map():
            self._selector.unregister(self._socket)
        if wanted and not self._ended:
            self._selector.register(self._socket, wanted)

    def _end(self) -> None:
        self._ended = True
        self._watch()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--deaf", action="store_true", help="never read")
    parser.add_argument("--system-id", default="police")
    parser.add_argument("--password", default="secret08")
    Storm(parser.parse_args()).run()


if __name__ == "__main__":
    main()
