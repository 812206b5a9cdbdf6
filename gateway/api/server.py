"""Serve the application on a socket, inside the gateway's own event loop.

uvicorn's protocol does the HTTP; its server is not used, since it would take over signals, exit
the process on a busy port and wake ten times a second. Around the protocol stands a watch that
bounds what a peer can hold: the time and the octets of a request's head, and the number of
connections. Beyond that number the oldest connection on which no request is at work makes room,
so that connections which ask for nothing keep nobody from asking. (The guard bounds bodies and
answers.)
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from starlette.types import ASGIApp
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from gateway.descriptors import ACCEPTED_AT_ONCE, open_doorway

LARGEST_HEAD: Final = 65_536
KEEP_ALIVE_S: Final = 30
BACKLOG: Final = 256

_RAW_PROBLEM: Final = (
    "HTTP/1.1 {status} {title}\r\ncontent-type: application/problem+json\r\n"
    "content-length: {length}\r\nconnection: close\r\n\r\n{body}"
)


@dataclass(frozen=True, slots=True)
class ServerLimits:
    """Bound what peers can hold: connections at once, seconds for a request's head."""

    connections: int = 4096
    head_s: float = 10.0


class HttpServer:
    """Be the running HTTP side. Made by `serve`."""

    def __init__(self, server: asyncio.Server, state: ServerState) -> None:
        self._server = server
        self._state = state
        host, port = server.sockets[0].getsockname()[:2]
        self.host: str = host
        """The address it listens on."""
        self.port: int = port

    async def stop(self, grace_s: float = 1.0) -> None:
        """Accept nothing more, let requests finish for `grace_s` seconds, then end them."""
        self._server.close()
        for connection in tuple(self._state.connections):
            connection.shutdown()
        running = tuple(self._state.tasks)
        if running:
            await asyncio.wait(running, timeout=grace_s)
        for task in running:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*running, return_exceptions=True)
        for connection in tuple(self._state.connections):
            connection.transport.abort()
        await self._server.wait_closed()


async def serve(
    app: ASGIApp, host: str, port: int, limits: ServerLimits | None = None
) -> HttpServer:
    """Listen and serve; port 0 is any free one.

    Raises OSError when the address can't be listened on.
    """
    config = Config(
        app,
        http=HttpToolsProtocol,
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
    )
    config.load()
    state = ServerState()
    loop = asyncio.get_running_loop()
    watches = Watches(limits or ServerLimits())

    def watched() -> Watch:
        return Watch(HttpToolsProtocol(config, state, {}, loop), watches, loop)

    listening = open_doorway(host, port, BACKLOG, loop.time)
    return HttpServer(
        await loop.create_server(watched, sock=listening, backlog=ACCEPTED_AT_ONCE), state
    )


class Watches:
    """Hold the open connections of one server, oldest first."""

    def __init__(self, limits: ServerLimits) -> None:
        self.limits = limits
        self._open: dict[Watch, None] = {}

    def add(self, watch: Watch) -> None:
        """Take a connection in; where there are too many, end the oldest that can be spared."""
        self._open[watch] = None
        if len(self._open) > self.limits.connections:
            # Nobody waits for an answer there; without such a one the newcomer goes.
            spared = next((known for known in self._open if known.idle), watch)
            spared.make_room()

    def remove(self, watch: Watch) -> None:
        """Forget a connection that has ended."""
        self._open.pop(watch, None)


class Watch(asyncio.Protocol):
    """Pass a connection's life on to the HTTP protocol, and end it when its head takes too long."""

    def __init__(
        self, inner: HttpToolsProtocol, watches: Watches, loop: asyncio.AbstractEventLoop
    ) -> None:
        self._inner = inner
        self._watches = watches
        self._loop = loop
        self._transport: asyncio.Transport | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self._head_octets = 0
        # A request that is no HTTP gets a problem like every other error.
        inner.send_400_response = self._not_http  # type: ignore[method-assign]  # its only hook

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._inner.connection_made(transport)
        self._await_head()
        self._watches.add(self)

    def data_received(self, data: bytes) -> None:
        assert self._transport is not None
        if self._transport.is_closing():
            return
        if self.idle:
            self._head_octets += len(data)
            if self._alarm is None:
                self._await_head()
        self._inner.data_received(data)
        if not self.idle:
            self._head_octets = 0
            self._stop_alarm()
        elif self._head_octets > LARGEST_HEAD:
            detail = f"head of the request: more than {LARGEST_HEAD} octets"
            self._refuse(431, "Request Header Fields Too Large", detail)

    def eof_received(self) -> None:
        self._inner.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_alarm()
        self._watches.remove(self)
        self._inner.connection_lost(exc)

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()

    @property
    def idle(self) -> bool:
        """Say whether no request is at work: what comes is the head of the next one."""
        cycle = self._inner.cycle
        return cycle is None or cycle.response_complete

    def make_room(self) -> None:
        """End for the sake of others."""
        self._watches.remove(self)
        most = self._watches.limits.connections
        self._refuse(503, "Service Unavailable", f"more than {most} connections seen")

    def _await_head(self) -> None:
        self._alarm = self._loop.call_later(self._watches.limits.head_s, self._too_slow)

    def _stop_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def _too_slow(self) -> None:
        self._alarm = None
        detail = f"head of the request: not complete after {self._watches.limits.head_s:g} s"
        self._refuse(408, "Request Timeout", detail)

    def _not_http(self, msg: str) -> None:
        self._refuse(400, "Bad Request", f"{msg} Allowed: HTTP/1.1.")

    def _refuse(self, status: int, title: str, detail: str) -> None:
        """Answer outside of any request and close."""
        self._stop_alarm()
        assert self._transport is not None
        body = f'{{"type":"about:blank","title":"{title}","status":{status},"detail":"{detail}"}}'
        text = _RAW_PROBLEM.format(status=status, title=title, length=len(body), body=body)
        self._transport.write(text.encode("ascii"))
        self._transport.close()
