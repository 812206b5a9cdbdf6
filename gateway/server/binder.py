"""Decide who may bind.

The order keeps guesses cheap: an id that failed too often from this address is refused first, then
come address list and certificate, then the password, then what the account may do. Nobody learns
by the answer or by its time what was wrong (SMPP 5.0 §4.7.6: ESME_RBINDFAIL): an unknown system_id
and an address that is not allowed cost the same work as a wrong password, though no password is
compared.

Slow hashes are computed in a pool of one thread with a bounded queue, off the loop. A password that
proved right once is known by a fast digest from then on; a wrong one always costs the slow hash.
Binds that present the same are hashed once, one address has a part of the queue, and no more hashes
of a pair of id and address are under way than it has failures left.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from config.account import Account
from config.secrets import SecretReference, plain_reference, verify
from gateway.ports import Clock, Journal
from routing.accounts import (
    BindAttempt,
    BindPolicy,
    FailedBinds,
    Origin,
    address_allowed,
    authorise_bind,
    why_barred,
)
from routing.events import BindRefused, Bound
from routing.limits import slice_of
from smpp.codec import reply
from smpp.constants import BindMode, CommandStatus, TlvTag
from smpp.pdus import BindReceiver, BindTransceiver, BindTransmitter
from smpp.states import MODE_OF_COMMAND
from smpp.tlvs import Tlv

from .connection import Connection
from .sessions import Sessions
from .tls import certificate_names

BindPdu = BindReceiver | BindTransmitter | BindTransceiver
HASHES_WAITING = 64
HASHES_OF_AN_ADDRESS = 32
VERSION_5_0 = 0x50
VERSION_3_4 = 0x34


_Counted = TypeVar("_Counted", str, tuple[str, str])
_HashKey = tuple[str, str, bytes, bool]
"""system_id, address, password, and whether the account is barred from there."""


@dataclass(frozen=True, slots=True)
class BindAccount:
    """Hold what the binder knows of one account."""

    account: Account
    policy: BindPolicy


@dataclass(frozen=True, slots=True)
class BinderParts:
    """Hold what the binder asks and tells."""

    clock: Clock
    journal: Journal
    sessions: Sessions
    system_id: str
    """What the gateway calls itself."""
    failed: FailedBinds
    bound: Callable[[Connection], None]
    answered: Callable[[str, str, int], None]
    """Counts answers: system_id ("" for an unknown one), mode, status."""
    checked: Callable[[str], None]
    """Counts what a bind cost: `hashed`, `compared`, `locked` or `busy`."""
    alarm: Callable[[str, str], None]
    """Is told, once in a window, of the id and address of binds that failed too often."""


@dataclass(frozen=True, slots=True)
class _Attempt:
    """Hold one bind whose password is being hashed; `barred` says why it is refused anyway."""

    connection: Connection
    pdu: BindPdu
    known: BindAccount | None
    barred: str


class Binder:
    """Answer bind requests."""

    def __init__(self, parts: BinderParts, accounts: Mapping[str, BindAccount]) -> None:
        self._p = parts
        self._system_id = parts.system_id.encode("ascii")
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="password")
        self._hashing: dict[_HashKey, list[_Attempt]] = {}
        self._by_pair: Counter[tuple[str, str]] = Counter()
        self._by_address: Counter[str] = Counter()
        self.replace_accounts(accounts)

    def replace_accounts(self, accounts: Mapping[str, BindAccount]) -> None:
        """Decide by other accounts from here on; what is being hashed is decided by the old."""
        self._accounts = dict(accounts)
        self._verified: dict[str, SecretReference] = {}
        # What an unknown system_id is compared with, so that it costs as much as any known one.
        self._dummy = max(
            (known.account.password for known in accounts.values() if known.account.password.slow),
            key=lambda secret: secret.cost[0] * secret.cost[1] * secret.cost[2],
            default=plain_reference("\0 no account has this password"),
        )

    def why_barred(self, connection: Connection) -> str:
        """Say why a bound session could not be bound any more, whatever the password; "" = may."""
        known = self._accounts.get(connection.account)
        if known is None:
            return "the account is not configured any more"
        return why_barred(known.policy, origin_of(connection))

    def address_known(self, peer: str) -> bool:
        """Say whether an address may bind some account, so that it is worth a handshake."""
        return any(
            not known.policy.networks or address_allowed(peer, known.policy.networks)
            for known in self._accounts.values()
        )

    def bind(self, connection: Connection, pdu: BindPdu) -> None:
        """Decide one bind; the answer may come after a slow hash."""
        system_id = pdu.system_id.decode("latin-1")
        left = self._p.failed.left(system_id, connection.peer, self._p.clock.now())
        if left <= 0:
            self._refuse_locked(connection, pdu)
            return
        known = self._accounts.get(system_id)
        barred = why_barred(known.policy, origin_of(connection)) if known is not None else ""
        attempt = _Attempt(connection, pdu, known, barred)
        verified = self._verified.get(system_id)
        secret = self._dummy if known is None or barred else known.account.password
        if verified is not None and not barred and verify(verified, pdu.password):
            self._p.checked("compared")
            self._decide(attempt, right=True)
            return
        if not secret.slow:
            right = verify(secret, pdu.password)
            if right or not self._dummy.slow:
                self._p.checked("compared")
                self._decide(attempt, right=right)
                return
            # Beside accounts with a slow hash, a fast answer would tell which have none.
            secret = self._dummy
            attempt = _Attempt(connection, pdu, None, barred or "wrong password")
        self._hash(attempt, secret, left)

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _hash(self, attempt: _Attempt, secret: SecretReference, left: float) -> None:
        """Queue the hash of a password, or join those that wait for the same."""
        system_id, peer = attempt.pdu.system_id.decode("latin-1"), attempt.connection.peer
        key = (system_id, peer, attempt.pdu.password, bool(attempt.barred))
        if key in self._hashing:
            self._hashing[key].append(attempt)
            return
        full = len(self._hashing) >= HASHES_WAITING
        if full or self._by_address[peer] >= HASHES_OF_AN_ADDRESS:
            self._refuse_busy(attempt, "too many binds at once")
            return
        if self._by_pair[system_id, peer] >= left:
            self._refuse_busy(attempt, "as many passwords are being checked as may still fail")
            return
        self._hashing[key] = [attempt]
        self._by_pair[system_id, peer] += 1
        self._by_address[peer] += 1
        self._p.checked("hashed")
        loop = asyncio.get_running_loop()
        future = loop.run_in_executor(self._pool, verify, secret, attempt.pdu.password)
        future.add_done_callback(partial(self._hashed, key))

    def _hashed(self, key: _HashKey, future: asyncio.Future[bool]) -> None:
        system_id, peer = key[:2]
        attempts = self._hashing.pop(key)
        _take_off(self._by_pair, (system_id, peer))
        _take_off(self._by_address, peer)
        if future.cancelled():
            return
        error = future.exception()
        for attempt in attempts:
            if not attempt.connection.session.binding:
                continue
            if error is not None:
                self._refuse(attempt, CommandStatus.ESME_RSYSERR, f"password check: {error!r}")
            elif attempt.known is not None and attempt.known is not self._accounts.get(system_id):
                self._refuse(attempt, CommandStatus.ESME_RSYSERR, "the settings changed meanwhile")
            else:
                self._decide_hashed(attempt, right=future.result())

    def _decide_hashed(self, attempt: _Attempt, *, right: bool) -> None:
        if right and attempt.known is not None and not attempt.barred:
            # Later binds compare a keyed digest that lives in this process only.
            self._verified[attempt.known.account.system_id] = plain_reference(
                attempt.pdu.password.decode("latin-1")
            )
        self._decide(attempt, right=right)

    def _decide(self, attempt: _Attempt, *, right: bool) -> None:
        known, connection, pdu = attempt.known, attempt.connection, attempt.pdu
        if known is None or attempt.barred or not right:
            wrong = "wrong password" if known is not None else "unknown system_id"
            self._fail(attempt, attempt.barred or wrong)
            return
        account = known.account
        mode = MODE_OF_COMMAND[pdu.command_id]
        decision = authorise_bind(
            known.policy,
            BindAttempt(
                mode=int(mode),
                interface_version=pdu.interface_version,
                peer=connection.peer,
                bound=len(self._p.sessions.of(account.system_id)),
                at=self._p.clock.at(),
            ),
        )
        if not decision.allowed:
            self._refuse(attempt, decision.status, decision.detail)
            return
        self._accept(connection, pdu, account, mode)

    def _accept(
        self, connection: Connection, pdu: BindPdu, account: Account, mode: BindMode
    ) -> None:
        # An older or unknown value is a 3.3 session; above 5.0 we still speak 5.0.
        asked = pdu.interface_version
        version = VERSION_5_0 if asked >= VERSION_5_0 else asked
        tlvs: tuple[Tlv, ...] = ()
        if version >= VERSION_3_4:
            tlvs = (Tlv(TlvTag.SC_INTERFACE_VERSION, bytes((VERSION_5_0,))),)
        self._p.failed.succeeded(account.system_id, connection.peer)
        connection.account = connection.system_id = account.system_id
        connection.system_type = pdu.system_type.decode("latin-1")
        connection.mode = mode.name
        connection.bound_at = self._p.clock.at()
        session = connection.session
        session.window.limit = account.deliver_window
        connection.requests_most = account.window
        connection.overflow_closes = account.window_overflow == "close"
        if account.throughput.reaction == "delay" and account.throughput.rate > 0:
            session.quantum = min(session.quantum, slice_of(account.throughput.rate))
        # Refusals wait for the disk as well: no more of them than a slice are held.
        stops = account.window_overflow == "stop_reading"
        session.max_unanswered = account.window + (0 if stops else session.quantum)
        self._p.sessions.bound(connection)
        self._p.answered(account.system_id, mode.name, 0)
        self._p.journal.append(
            Bound(
                self._p.clock.at(),
                connection.session_id,
                account.system_id,
                mode.name,
                asked,
                connection.peer,
                pdu.system_type.decode("latin-1"),
                pdu.address_range.decode("latin-1"),
            )
        )
        connection.session.answer_bind(
            reply(pdu, CommandStatus.ESME_ROK, system_id=self._system_id, tlvs=tlvs),
            mode,
            version,
        )
        self._p.bound(connection)
        connection.bind_answered()

    def _fail(self, attempt: _Attempt, detail: str) -> None:
        """Refuse for a reason that counts as a guess."""
        system_id = attempt.pdu.system_id.decode("latin-1")
        self._p.failed.failed(system_id, attempt.connection.peer, self._p.clock.now())
        self._refuse(attempt, CommandStatus.ESME_RBINDFAIL, detail)

    def _refuse_busy(self, attempt: _Attempt, detail: str) -> None:
        self._p.checked("busy")
        self._refuse(attempt, CommandStatus.ESME_RTHROTTLED, detail)

    def _refuse_locked(self, connection: Connection, pdu: BindPdu) -> None:
        """Refuse cheaply; only the first refusal in a window is news and goes on disk."""
        self._p.checked("locked")
        system_id, peer = pdu.system_id.decode("latin-1"), connection.peer
        status = CommandStatus.ESME_RBINDFAIL
        if self._p.failed.alarming(system_id, peer, self._p.clock.now()):
            self._p.alarm(system_id, peer)
            self._record(pdu, peer, status, "too many failed binds")
        self._answer(connection, pdu, status)

    def _refuse(self, attempt: _Attempt, status: int, detail: str) -> None:
        self._record(attempt.pdu, attempt.connection.peer, status, detail)
        self._answer(attempt.connection, attempt.pdu, status)

    def _record(self, pdu: BindPdu, peer: str, status: int, detail: str) -> None:
        system_id = pdu.system_id.decode("latin-1")
        at = self._p.clock.at()
        self._p.journal.append(BindRefused(at, system_id, peer, int(status), detail))

    def _answer(self, connection: Connection, pdu: BindPdu, status: int) -> None:
        mode = MODE_OF_COMMAND[pdu.command_id]
        system_id = pdu.system_id.decode("latin-1")
        self._p.answered(system_id if system_id in self._accounts else "", mode.name, int(status))
        connection.session.answer_bind(reply(pdu, status), mode, 0)
        connection.bind_answered()


def origin_of(connection: Connection) -> Origin:
    """Say where a connection comes from, as far as its socket and its handshake tell."""
    certificate = connection.transport_info("peercert")
    encrypted = connection.transport_info("ssl_object") is not None
    return Origin(connection.peer, encrypted, certificate_names(certificate))


def _take_off(counter: Counter[_Counted], key: _Counted) -> None:
    """Count one less, and keep no zeros."""
    counter[key] -= 1
    if not counter[key]:
        del counter[key]
