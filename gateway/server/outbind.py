"""Invite an ESME that something waits for and that is not there to receive it (SMPP 3.4 §2.2.1).

Where an account names an address of its own, the gateway opens a connection to it and sends an
outbind (§4.1.7); from there on the connection is one like any other: the ESME binds on it as
receiver or transceiver, within the same time, by the same password and the same rules.

Bounds: one invitation at a time for each account, `AT_ONCE` for all of them; after one that led to
no bind the next waits, twice as long each time, at most `LONGEST_PAUSE_S`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from config.account import Account
from config.section import Endpoint
from gateway.ports import Clock
from smpp.pdus import Outbind

from .connection import Connection
from .sessions import Sessions

FIRST_PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 300.0
CONNECT_S: Final = 10.0
AT_ONCE: Final = 16
_RECEIVING: Final = ("RX", "TRX")


@dataclass(frozen=True, slots=True)
class OutbinderParts:
    """Hold what the outbinder asks and tells."""

    clock: Clock
    sessions: Sessions
    system_id: str
    """What the gateway calls itself."""
    make: Callable[[], Connection]
    start: Callable[[Coroutine[Any, Any, None], str], object]
    """Runs a task by its name, and keeps it."""
    waiting: Callable[[str], int]
    """Counts what an account has not acknowledged."""
    told: Callable[[str, str, str], None]
    """Is told of each invitation: account, address, "" or why it failed."""


@dataclass(slots=True)
class _Guest:
    """Hold how far the invitation of one account has come."""

    address: Endpoint
    password: bytes
    pause_s: float = FIRST_PAUSE_S
    next_at: float = 0.0
    connecting: bool = False
    connection: Connection | None = field(default=None, repr=False)


class Outbinder:
    """Own the invitations of all accounts."""

    def __init__(self, parts: OutbinderParts, accounts: Mapping[str, Account]) -> None:
        self._p = parts
        self._guests: dict[str, _Guest] = {}
        self._closed = False
        for name, account in accounts.items():
            if account.outbind is not None:
                secret = account.outbind_password
                password = b"" if secret is None else secret.reveal().encode("ascii")
                self._guests[name] = _Guest(account.outbind, password)

    def look(self) -> None:
        """Invite whom something waits for; to be called about once a second."""
        if self._closed:
            return
        now = self._p.clock.now()
        for account, guest in self._guests.items():
            if self._received(account):
                guest.pause_s = FIRST_PAUSE_S
                continue
            if guest.connection is not None and not guest.connection.open:
                guest.connection = None
                self._postpone(guest, now)
            busy = guest.connecting or guest.connection is not None
            if not busy and now >= guest.next_at and self._p.waiting(account) and self._room():
                guest.connecting = True
                self._p.start(self._invite(account, guest), f"outbind {account}")

    def close(self) -> None:
        """Invite nobody any more."""
        self._closed = True

    # -- inside -----------------------------------------------------------------------------

    def _received(self, account: str) -> bool:
        """Say whether anybody is bound who takes the account's deliveries."""
        return any(session.mode in _RECEIVING for session in self._p.sessions.of(account))

    def _room(self) -> bool:
        return sum(guest.connecting for guest in self._guests.values()) < AT_ONCE

    def _postpone(self, guest: _Guest, now: float) -> None:
        guest.next_at = now + guest.pause_s
        guest.pause_s = min(2 * guest.pause_s, LONGEST_PAUSE_S)

    async def _invite(self, account: str, guest: _Guest) -> None:
        loop = asyncio.get_running_loop()
        address = guest.address
        try:
            async with asyncio.timeout(CONNECT_S):
                _, connection = await loop.create_connection(
                    self._p.make, address.host, address.port
                )
        except OSError as error:
            # TimeoutError is one of them, and says nothing by itself.
            why = str(error) or f"no connection within {CONNECT_S:g} s"
            self._postpone(guest, self._p.clock.now())
            self._p.told(account, str(address), why)
            return
        finally:
            guest.connecting = False
        if self._closed:
            connection.abort("shutdown")
            return
        guest.connection = connection
        if connection.open and not connection.session.bound:
            outbind = Outbind(self._p.system_id.encode("ascii"), guest.password, sequence_number=1)
            connection.session.send(outbind, self._p.clock.now())
            connection.flush()
        self._p.told(account, str(address), "")
