"""Decide who a caller is and what it may do.

On a loopback address no token is needed: who can connect there is on this machine already. A
request that came through a proxy is not local whatever its peer address, so it needs a token. On
any other address every request needs one, but for the probes.
"""

from __future__ import annotations

import asyncio
import hashlib
import ipaddress
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from config.secrets import verify
from config.section import Endpoint
from config.settings import Http, Token

Role: TypeAlias = Literal["viewer", "tester", "operator"]

RANKS: Final[dict[Role, int]] = {"viewer": 1, "tester": 2, "operator": 3}
"""A role may do what the lower ones may: viewers read with numbers and texts masked, testers read
all and send, operators change what runs."""

LOCAL: Final = "local"
"""Name of a caller on this machine without a token, as the journal shows it."""
_FORWARDED: Final = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
_REMEMBERED: Final = 1024


@dataclass(slots=True, frozen=True)
class Caller:
    """Say who asks and in which role."""

    name: str
    role: Role

    def may(self, role: Role) -> bool:
        """Say whether the caller has at least this role."""
        return RANKS[self.role] >= RANKS[role]

    @property
    def sees_all(self) -> bool:
        """Say whether numbers and texts are shown unmasked."""
        return self.may("tester")


class UnsafeListenError(ValueError):
    """Say why the HTTP side may not open where it is told to."""


def check_listen(http: Http, listen: Endpoint) -> None:
    """Refuse to listen where others could connect without a token.

    Raises UnsafeListenError.
    """
    if listen.loopback or http.tokens:
        return
    raise UnsafeListenError(
        f"http.listen: {listen} seen, which other machines can reach, and no token is set; "
        "allowed: a loopback address such as 127.0.0.1:8775, or at least one [[http.tokens]] "
        'with name, role ("viewer", "tester" or "operator") and token'
    )


class Gate:
    """Recognise callers by their token or by being on this machine."""

    def __init__(self, tokens: Sequence[Token], *, loopback: bool) -> None:
        self._tokens = tuple(tokens)
        self._loopback = loopback
        self._slow = any(token.token.slow for token in tokens)
        self._known: OrderedDict[bytes, Token | None] = OrderedDict()
        # One hash at a time: wrong tokens cost the loop nothing and the machine one core at most.
        self._hashing = asyncio.Lock()

    async def identify(self, peer: str, headers: Mapping[str, str]) -> Caller | None:
        """Give the caller, or None when a token is needed and there is no valid one."""
        scheme, _, presented = headers.get("authorization", "").partition(" ")
        if presented:
            token = await self._token(presented.strip()) if scheme.lower() == "bearer" else None
            return Caller(token.name, token.role) if token is not None else None
        if self._loopback and _is_loopback(peer) and not any(map(headers.get, _FORWARDED)):
            return Caller(LOCAL, "operator")
        return None

    async def _token(self, presented: str) -> Token | None:
        if not self._slow:
            return self._find(presented)
        digest = hashlib.sha256(presented.encode()).digest()
        if digest not in self._known:
            async with self._hashing:
                self._known[digest] = await asyncio.to_thread(self._find, presented)
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return self._known[digest]

    def _find(self, presented: str) -> Token | None:
        found = None
        for token in self._tokens:
            # All are compared, so that the time does not tell which one was close.
            if verify(token.token, presented):
                found = token
        return found


def host_allowed(host: str, listen: Endpoint) -> bool:
    """Say whether a Host header names this machine.

    A page of another site can make a browser resolve its own name to a loopback address; its
    requests then carry that name. Only needed where no token is.
    """
    name = host.rpartition(":")[0] if _has_port(host) else host
    name = name.strip("[]").rstrip(".").lower()
    return name in {"localhost", listen.host.lower()} or _is_address(name)


def origin_allowed(origin: str, host: str) -> bool:
    """Say whether a request that changes something comes from one of our own pages."""
    return origin.partition("://")[2].lower() == host.lower()


def peer_of(scope: Mapping[str, object]) -> str:
    """Give the peer address of an ASGI scope, empty when there is none."""
    client = scope.get("client")
    return str(client[0]) if isinstance(client, list | tuple) and client else ""


def _has_port(host: str) -> bool:
    tail = host.rpartition(":")[2]
    return tail.isdigit() and (host.count(":") == 1 or "]:" in host)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_loopback(peer: str) -> bool:
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


RoleOf: TypeAlias = Callable[[Mapping[str, object]], Role | None]
"""ASGI scope → the least role of its route; None for one that is open or not there."""
