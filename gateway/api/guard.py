"""Stand before every request: who asks, from where, with how much, and for how long.

An ASGI wrapper around the application. In this order it turns away requests that carry a foreign
Host (DNS rebinding), have no valid token where one is needed (401), lack the role (403), come
from a page of another site (403), or have a body that is too large (413) or too slow (408). What
passes has its body complete in memory. Answers get the security headers and a deadline for their
reader; repeated POSTs are answered from memory (see idempotency).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import formatdate
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from config.section import Endpoint
from gateway.ports import Clock

from .access import Caller, Gate, RoleOf, host_allowed, origin_allowed, peer_of
from .idempotency import LONGEST_KEY, ConflictError, KeyOf, Remembered
from .problems import problem

WRITE_STALL_S: Final = 30.0
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_OPEN: Final = frozenset({"/livez", "/readyz"})
"""Probes: an orchestrator has no token."""
_STANDING_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)


@dataclass(slots=True, frozen=True)
class Rules:
    """Hold what the guard goes by."""

    clock: Clock
    listen: Endpoint
    gate: Gate
    role_of: RoleOf
    max_body: int
    body_s: float


class Guard:
    """Wrap the application."""

    def __init__(self, app: ASGIApp, rules: Rules) -> None:
        self._app = app
        self._rules = rules
        self._remembered = Remembered()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request; one that is cancelled, since the gateway stops, is told so."""
        assert scope["type"] == "http"
        write = _Writer(self._rules.clock, send, bodiless=scope["method"] == "HEAD")
        try:
            await self._serve(scope, receive, write)
        except asyncio.CancelledError:
            # The top of the request's task: nobody above waits for the cancellation, and uvicorn
            # would log it as a failure.
            if not write.started:
                stopping = problem(503, "the gateway stops", instance=scope["path"], headers=_CLOSE)
                await stopping(scope, receive, write)

    async def _serve(self, scope: Scope, receive: Receive, write: Send) -> None:
        headers = Headers(scope=scope)
        refused = await self._turned_away(scope, headers)
        if refused is None and scope["method"] not in _SAFE:
            body = await self._body(headers, receive)
            if isinstance(body, bytes):
                await self._handle(scope, headers, body, receive, write)
                return
            refused = body
        if refused is not None:
            await refused(scope, receive, write)
            return
        if scope["method"] == "HEAD":
            scope["method"] = "GET"
        await self._app(scope, receive, write)

    async def _turned_away(self, scope: Scope, headers: Headers) -> Response | None:
        path, method = scope["path"], scope["method"]
        rules = self._rules
        host = headers.get("host", "")
        if rules.listen.loopback and not host_allowed(host, rules.listen):
            allowed = f"localhost, {rules.listen.host} or another address of this machine"
            return problem(421, f"Host: {host[:80]!r} seen, {allowed} allowed", instance=path)
        caller = await rules.gate.identify(peer_of(scope), headers)
        scope.setdefault("state", {})["caller"] = caller
        if caller is None and (path not in _OPEN or "authorization" in headers):
            return _no_token(path, headers)
        role = rules.role_of(scope)
        if caller is not None and role is not None and not caller.may(role):
            detail = f"{method} {path}: role {caller.role} seen, {role} or above allowed"
            return problem(403, detail, instance=path)
        origin = headers.get("origin")
        if method not in _SAFE and origin is not None and not origin_allowed(origin, host):
            detail = f"Origin: {origin[:80]!r} seen, none or a page of {host} allowed"
            return problem(403, detail, instance=path)
        return None

    async def _body(self, headers: Headers, receive: Receive) -> bytes | Response:
        """Read the body, bounded in size and time."""
        most = self._rules.max_body
        declared = headers.get("content-length", "0")
        if declared.isdigit() and int(declared[:20]) > most:
            return _too_large(declared, most)
        parts: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(self._rules.body_s):
                more = True
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return problem(400, "the connection ended within the body")
                    parts.append(message.get("body", b""))
                    size += len(parts[-1])
                    if size > most:
                        return _too_large(f"more than {most}", most)
                    more = message.get("more_body", False)
        except TimeoutError:
            detail = f"body: not complete after {self._rules.body_s:g} s"
            return problem(408, detail, headers=_CLOSE)
        return b"".join(parts)

    async def _handle(
        self, scope: Scope, headers: Headers, body: bytes, receive: Receive, write: Send
    ) -> None:
        """Run the application on a complete body, once per Idempotency-Key."""
        given = headers.get("idempotency-key")
        if given is None or scope["method"] != "POST":
            await self._app(scope, _replay(body, receive), write)
            return
        if not (0 < len(given) <= LONGEST_KEY and given.isascii() and given.isprintable()):
            detail = f"Idempotency-Key: {len(given)} characters seen, 1 to {LONGEST_KEY} allowed"
            await problem(400, f"{detail}, printable ASCII")(scope, receive, write)
            return
        caller: Caller | None = scope["state"]["caller"]
        key = (caller.name if caller else "", scope["method"], scope["path"], given)
        try:
            known = self._remembered.begin(key, body, self._rules.clock.now())
        except ConflictError as error:
            refused = problem(error.status, error.detail, instance=scope["path"])
            await refused(scope, receive, write)
            return
        if known is None:
            await self._first(key, scope, _replay(body, receive), write)
            return
        headers_again = [*known.headers, (b"idempotency-replayed", b"true")]
        await write(
            {"type": "http.response.start", "status": known.status, "headers": headers_again}
        )
        await write({"type": "http.response.body", "body": known.body})

    async def _first(self, key: KeyOf, scope: Scope, receive: Receive, write: Send) -> None:
        """Run the application and remember its answer."""
        start: Message = {}
        parts: list[bytes] = []

        async def keep(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message, headers=[tuple(pair) for pair in message["headers"]])
            else:
                parts.append(message.get("body", b""))
                if not message.get("more_body", False):
                    self._remembered.finish(
                        key, start["status"], tuple(start["headers"]), b"".join(parts)
                    )
            await write(message)

        try:
            await self._app(scope, receive, keep)
        finally:
            self._remembered.abandon(key)


class _Writer:
    """Send an answer: add the standing headers, leave the body of a HEAD away, don't wait for ever.

    `started` says whether some of it has been sent.
    """

    def __init__(self, clock: Clock, send: Send, *, bodiless: bool) -> None:
        self._clock = clock
        self._send = send
        self._bodiless = bodiless
        self.started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            headers = list(message.get("headers", ()))
            present = {name for name, _ in headers}
            headers += [pair for pair in _STANDING_HEADERS if pair[0] not in present]
            headers.append((b"date", formatdate(self._clock.at(), usegmt=True).encode()))
            message = {**message, "headers": headers}
        elif self._bodiless:
            message = {**message, "body": b""}
        async with asyncio.timeout(WRITE_STALL_S):
            await self._send(message)


_CLOSE: Final[Mapping[str, str]] = {"Connection": "close"}


def _no_token(path: str, headers: Headers) -> Response:
    if "authorization" in headers:
        detail = "Authorization: not a valid token; allowed: Bearer and one of [[http.tokens]]"
    else:
        detail = "Authorization: nothing seen; allowed: Bearer and one of [[http.tokens]]"
    return problem(401, detail, instance=path, headers={"WWW-Authenticate": "Bearer"})


def _too_large(seen: str, most: int) -> Response:
    return problem(413, f"body: {seen[:40]} octets seen, {most} allowed", headers=_CLOSE)


def _replay(body: bytes, receive: Receive) -> Receive:
    """Hand over the body, then whatever the connection says next (its end)."""
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return pending.pop() if pending else await receive()

    return again
