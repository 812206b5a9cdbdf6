"""Know every connection, and which of them may deliver to which account.

One registry serves the server (limits), the delivery (receivers of an account) and the API
(lists). Sessions of an account are kept in the order of their binds.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator

from .connection import Connection


class Sessions:
    """Hold the open connections of one gateway."""

    def __init__(self) -> None:
        self._by_id: dict[int, Connection] = {}
        self._by_account: dict[str, dict[int, Connection]] = {}
        self._unbound_by_peer: dict[str, int] = {}
        self._last_id = 0
        self._emptied: asyncio.Event = asyncio.Event()

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Connection]:
        return iter(tuple(self._by_id.values()))

    def begin_after(self, highest: int) -> None:
        """Number sessions above those of earlier runs."""
        self._last_id = highest

    def next_id(self) -> int:
        self._last_id += 1
        return self._last_id

    def get(self, session_id: int) -> Connection | None:
        return self._by_id.get(session_id)

    def opened(self, connection: Connection) -> None:
        self._by_id[connection.session_id] = connection
        peer = connection.peer
        self._unbound_by_peer[peer] = self._unbound_by_peer.get(peer, 0) + 1

    def bound(self, connection: Connection) -> None:
        """Note that a connection is bound for `connection.account`."""
        self._leave_unbound(connection.peer)
        bound = self._by_account.setdefault(connection.account, {})
        bound[connection.session_id] = connection

    def closed(self, connection: Connection) -> None:
        if self._by_id.pop(connection.session_id, None) is None:
            return
        if not self._by_id:
            self._emptied.set()
        if connection.account:
            bound = self._by_account[connection.account]
            # From a list this would take a search: ten thousand that end at once, half a second.
            del bound[connection.session_id]
            if not bound:
                del self._by_account[connection.account]
        else:
            self._leave_unbound(connection.peer)

    async def emptied(self) -> None:
        """Wait until no connection is left."""
        while self._by_id:
            self._emptied.clear()
            await self._emptied.wait()

    def of(self, account: str) -> list[Connection]:
        """Give the bound connections of an account."""
        return list(self._by_account.get(account, {}).values())

    def count_by_mode(self) -> dict[tuple[str, str], int]:
        """Count the bound sessions by account and mode (tx, rx, trx)."""
        return Counter(
            (account, connection.mode.lower())
            for account, bound in self._by_account.items()
            for connection in bound.values()
        )

    def windows(self) -> dict[tuple[str, str], int]:
        """Count the unanswered requests by account: received from the ESME, sent to it."""
        found: dict[tuple[str, str], int] = {}
        for account, bound in self._by_account.items():
            found[account, "received"] = sum(c.session.unanswered for c in bound.values())
            found[account, "sent"] = sum(len(c.session.window) for c in bound.values())
        return found

    def unbound_of(self, peer: str) -> int:
        """Count the connections of an address that are not bound."""
        return self._unbound_by_peer.get(peer, 0)

    def _leave_unbound(self, peer: str) -> None:
        left = self._unbound_by_peer.get(peer, 0) - 1
        if left > 0:
            self._unbound_by_peer[peer] = left
        else:
            self._unbound_by_peer.pop(peer, None)
