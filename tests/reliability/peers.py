"""Be many connections that hardly say anything: half-open, stalled, slow. No gateway code.

All of them are driven by the test's own thread, from `drive` and `open` alone; what an ordinary
ESME meets meanwhile is measured by `Visits`, in a thread of its own.
"""

from __future__ import annotations

import errno
import resource
import selectors
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import httpx

from tests.support.gateway_process import Address
from tests.support.wire import BIND_TX, UNBIND, Wire, pdu

TURN_S = 0.02
CONNECTED_WITHIN_S = 10.0
VISIT_EVERY_S = 0.05
BUFFER_OCTETS = 4096
"""What the kernel may keep for a peer that doesn't read; it takes about the double."""


def sources(count: int) -> list[str]:
    """Give so many addresses of this machine."""
    return [f"127.0.0.{number + 2}" for number in range(count)]


@contextmanager
def many_descriptors() -> Iterator[None]:
    """Let this process open as many files as it may, for a while."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@dataclass(slots=True)
class Peer:
    """Be one connection; times are monotonic, `ended_at` is 0 as long as it is open."""

    socket: socket.socket
    source: str
    words: bytes
    """What is left to say."""
    every_s: float
    """Time from one octet to the next; 0: everything at once."""
    opened_at: float = 0.0
    ended_at: float = 0.0
    speaks_at: float = 0.0
    heard: bytes = b""

    @property
    def lived_s(self) -> float:
        return self.ended_at - self.opened_at


class Peers:
    """Own connections to one address, from `with` to its end."""

    def __init__(self, host: str, port: int, *, reads: bool = True) -> None:
        """With `reads` off nothing is read, and the kernel keeps little for them."""
        self._address = (host, port)
        self._reads = reads
        self._selector = selectors.DefaultSelector()
        self._connecting = 0
        self.all: list[Peer] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for peer in self.all:
            peer.socket.close()
        self._selector.close()

    @property
    def open_now(self) -> list[Peer]:
        """Give those whose connection has not ended."""
        return [peer for peer in self.all if not peer.ended_at]

    def open(
        self, count: int, words: Sequence[bytes], every_s: float, origins: Sequence[str]
    ) -> None:
        """Connect so many, from the addresses and with the words in turn; wait for all."""
        for number in range(count):
            source = origins[number % len(origins)]
            line = socket.socket()
            line.setblocking(False)
            if not self._reads:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_OCTETS)
            line.bind((source, 0))
            peer = Peer(line, source, words[number % len(words)], every_s)
            self.all.append(peer)
            self._connecting += 1
            code = line.connect_ex(self._address)
            assert code in (0, errno.EINPROGRESS), errno.errorcode[code]
            self._selector.register(line, selectors.EVENT_WRITE, peer)
        self.drive(lambda: not self._connecting, CONNECTED_WITHIN_S, "connections")

    def say(self, words: bytes, every_s: float) -> None:
        """Let all begin to say something; the time that they live counts from here."""
        now = time.monotonic()
        for peer in self.all:
            peer.words, peer.every_s = words, every_s
            peer.opened_at = peer.speaks_at = now

    def drive(self, condition: Callable[[], object], within_s: float, what: str) -> None:
        """Let them speak and listen until a condition holds; fail after so many seconds."""
        deadline = time.monotonic() + within_s
        while not condition():
            assert time.monotonic() < deadline, f"not within {within_s:g} s: {what}"
            for key, _events in self._selector.select(TURN_S):
                self._act(key.data)
            self._speak(time.monotonic())

    def _act(self, peer: Peer) -> None:
        if not peer.opened_at:
            peer.opened_at = peer.speaks_at = time.monotonic()
            self._connecting -= 1
            listens = selectors.EVENT_READ if self._reads else 0
            if listens:
                self._selector.modify(peer.socket, listens, peer)
            else:
                self._selector.unregister(peer.socket)
            return
        try:
            data = peer.socket.recv(65_536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        peer.heard += data
        if not data:
            self._end(peer)

    def _speak(self, now: float) -> None:
        for peer in self.all:
            if not peer.words or peer.ended_at or not peer.opened_at or peer.speaks_at > now:
                continue
            size = 1 if peer.every_s else len(peer.words)
            peer.speaks_at += peer.every_s
            try:
                sent = peer.socket.send(peer.words[:size])
            except BlockingIOError:
                continue
            except OSError:
                self._end(peer)
                continue
            peer.words = peer.words[sent:]

    def _end(self, peer: Peer) -> None:
        peer.ended_at = time.monotonic()
        if self._reads:
            self._selector.unregister(peer.socket)
        peer.socket.close()


@dataclass(slots=True)
class Visits:
    """Do something ordinary again and again from `with` to its end, and note how long it took."""

    visit: Callable[[], None]
    took_s: list[float] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _error: BaseException | None = None

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._run, name="visits", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        assert self._thread is not None
        self._thread.join(30)
        if error is None and self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            while not self._stop.wait(VISIT_EVERY_S):
                began = time.monotonic()
                self.visit()
                self.took_s.append(time.monotonic() - began)
        except BaseException as error:
            self._error = error


def bind_and_leave(port: int) -> Callable[[], None]:
    """Give a visit that connects, binds and unbinds."""

    def visit() -> None:
        with Wire(Address("127.0.0.1", port)) as wire:
            wire.bind(BIND_TX)
            assert wire.ask(pdu(UNBIND, sequence=2)).command_status == 0

    return visit


def ask_whether_alive(url: str) -> Callable[[], None]:
    """Give a visit that asks for /livez on a connection of its own."""

    def visit() -> None:
        with httpx.Client(base_url=url, timeout=10.0, trust_env=False) as client:
            assert client.get("/livez").status_code == 200

    return visit
