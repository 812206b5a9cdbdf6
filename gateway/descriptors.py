"""Share out the file descriptors that the process may hold, and wait quietly where none is left.

Each connection takes one descriptor; journal, archive, log and the pipes to other processes take
theirs from a reserve. So a flood of connections is refused one by one, with a reason, and never
keeps the gateway from reading or writing its own files.

`Doorway` is for the case that descriptors run out all the same (those of the whole machine).
"""

from __future__ import annotations

import errno
import resource
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

RESERVED: Final = 96
"""Kept from connections. A gateway under load holds some 35, refused connections the rest."""
ACCEPTED_AT_ONCE: Final = 8
"""Connections taken in one turn of the loop. One too many holds its descriptor for some turns."""
HTTP_PART: Final = 4
"""HTTP gets one descriptor in so many, at most."""
UNLIMITED: Final = 1 << 20
PAUSE_S: Final = 0.9
"""Less than the second after which asyncio accepts again."""
EXHAUSTED: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


@dataclass(frozen=True, slots=True)
class Room:
    """Say how many connections there is room for."""

    descriptors: int
    smpp: int
    http: int


def raise_descriptor_limit() -> int:
    """Raise the soft limit of open files to the hard one, as every process may; give it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard if 0 <= hard < UNLIMITED else UNLIMITED


def share_out(descriptors: int, smpp: int, http: int) -> Room:
    """Cut the configured numbers of connections down to what `descriptors` allow."""
    free = max(2, descriptors - RESERVED)
    http = min(http, max(1, free // HTTP_PART))
    return Room(descriptors, min(smpp, free - http), http)


class Doorway(socket.socket):
    """Be a listening socket that says once that descriptors have run out, and tries a second later.

    asyncio, finding none, goes on trying as often as the backlog is long, with a line in the log
    and a timer for each try; all but the first meet "nobody there" here.
    """

    def __init__(self, family: int, backlog: int, time: Callable[[], float]) -> None:
        super().__init__(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._backlog = backlog
        self._time = time
        self._again_at = 0.0

    def listen(self, backlog: int = 0) -> None:
        """Listen with the backlog that was set at first.

        asyncio listens again, with the number of connections it takes in one turn.
        """
        super().listen(self._backlog)

    def accept(self) -> tuple[socket.socket, Any]:
        """Accept one connection. Raises BlockingIOError for none, or during the pause."""
        now = self._time()
        if now < self._again_at:
            raise BlockingIOError(errno.EAGAIN, "no file descriptor was free")
        try:
            return super().accept()
        except OSError as error:
            if error.errno in EXHAUSTED:
                self._again_at = now + PAUSE_S
            raise


def open_doorway(host: str, port: int, backlog: int, time: Callable[[], float]) -> Doorway:
    """Listen on an address; what is accepted there sends without delay. Raises OSError.

    `time` gives monotonic seconds.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    doorway = Doorway(family, backlog, time)
    try:
        doorway.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        doorway.setblocking(False)
        doorway.bind((host, port))
        # The sockets accepted inherit it. asyncio sets it only where proto is IPPROTO_TCP.
        doorway.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        doorway.listen()
    except OSError:
        doorway.close()
        raise
    return doorway
