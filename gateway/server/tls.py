"""Accept encrypted connections, and bound what they cost before they are connections.

Until its handshake is done a peer is nobody: it is counted here, by address, and cut when it
takes longer than the handshake may. Whether it may come at all is asked before one octet of it is
read. The context may be replaced while the listener is open; what is connected keeps its own.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from gateway.descriptors import ACCEPTED_AT_ONCE
from gateway.tasks import Tasks

from .connection import Connection

OUT_OF_DESCRIPTORS_S: Final = 1.0
"""How long nothing is accepted when the process or the machine has no descriptor left."""
_NAMED: Final = frozenset({"DNS", "URI", "email"})


@dataclass(frozen=True, slots=True)
class TlsParts:
    """Hold what the listener asks and tells.

    `refusal(peer, here, all)` says why nobody from there is let in, "" = they are; `here` and
    `all` count the handshakes that have not ended. `refused(peer, reason, detail)` is told of
    those turned away and of the handshakes that failed.
    """

    make: Callable[[], Connection]
    refusal: Callable[[str, int, int], str]
    refused: Callable[[str, str, str], None]
    handshake_s: float


class TlsListener:
    """Listen on one socket until closed."""

    def __init__(self, listening: socket.socket, context: ssl.SSLContext, parts: TlsParts) -> None:
        self.context = context
        """For the connections to come; replaced when certificates are read anew."""
        self._listening = listening
        self._parts = parts
        self._loop = asyncio.get_running_loop()
        self._tasks = Tasks(self._failed)
        self._shaking: Counter[str] = Counter()
        self._again: asyncio.TimerHandle | None = None
        self._open = True
        self._accept_from_now_on()

    @property
    def sockets(self) -> tuple[socket.socket, ...]:
        """Give the listening socket, as a server of asyncio does."""
        return (self._listening,) if self._open else ()

    def is_serving(self) -> bool:
        """Say whether it listens."""
        return self._open

    @property
    def handshakes(self) -> int:
        """Count the handshakes that have not ended."""
        return self._shaking.total()

    def close(self) -> None:
        """Accept nobody any more; cut those who are not connected yet."""
        if not self._open:
            return
        self._open = False
        if self._again is not None:
            self._again.cancel()
        self._loop.remove_reader(self._listening)
        self._listening.close()
        self._tasks.cancel()

    def _accept_from_now_on(self) -> None:
        self._again = None
        self._loop.add_reader(self._listening, self._accept)

    def _accept(self) -> None:
        for _ in range(ACCEPTED_AT_ONCE):
            try:
                accepted, address = self._listening.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                # The socket would stay readable, and the loop busy with it.
                self._loop.remove_reader(self._listening)
                self._again = self._loop.call_later(OUT_OF_DESCRIPTORS_S, self._accept_from_now_on)
                self._parts.refused("", "descriptors", str(error))
                return
            self._let_in(accepted, str(address[0]))

    def _let_in(self, accepted: socket.socket, peer: str) -> None:
        reason = self._parts.refusal(peer, self._shaking[peer], self._shaking.total())
        if reason:
            accepted.close()
            self._parts.refused(peer, reason, "")
            return
        accepted.setblocking(False)
        self._shaking[peer] += 1
        self._tasks.start(self._shake_hands(accepted, peer), f"handshake with {peer}")

    async def _shake_hands(self, accepted: socket.socket, peer: str) -> None:
        try:
            await self._loop.connect_accepted_socket(
                self._parts.make,
                accepted,
                ssl=self.context,
                ssl_handshake_timeout=self._parts.handshake_s,
                ssl_shutdown_timeout=self._parts.handshake_s,
            )
        except OSError as error:
            # ssl.SSLError, ConnectionError and the handshake's TimeoutError are all of them one.
            self._parts.refused(peer, "handshake", str(error))
        finally:
            self._shaking[peer] -= 1
            if not self._shaking[peer]:
                del self._shaking[peer]

    def _failed(self, name: str, error: BaseException) -> None:
        self._loop.call_exception_handler({"message": f"{name} failed", "exception": error})


def certificate_names(certificate: object) -> frozenset[str]:
    """Give the names in a peer's certificate, as `getpeercert` shows it: CN, DNS, URI, e-mail.

    No certificate, or an unverified one, has none.
    """
    if not isinstance(certificate, Mapping):
        return frozenset()
    subject: Iterable[Iterable[tuple[str, str]]] = certificate.get("subject", ())
    alternatives: Iterable[tuple[str, str]] = certificate.get("subjectAltName", ())
    names = {value for part in subject for kind, value in part if kind == "commonName"}
    return frozenset(names | {value for kind, value in alternatives if kind in _NAMED})
