"""Decide who may bind.

The order keeps guesses cheap: an id that failed too often from this address is refused first, then
come address list and password, then what the account may do. An unknown system_id costs the
same work and gets the same answer as a wrong password (SMPP 5.0 §4.7.6: ESME_RBINDFAIL).
Slow hashes are computed in a pool of one thread with a bounded queue, off the loop. A password that
proved right once is known by a fast digest from then on; a wrong one always costs the slow hash.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from config.account import Account
from config.secrets import SecretReference, plain_reference, verify
from gateway.ports import Clock, Journal
from routing.accounts import BindAttempt, BindPolicy, FailedBinds, address_allowed, authorise_bind
from routing.events import BindRefused, Bound
from smpp.codec import reply
from smpp.constants import BindMode, CommandStatus, TlvTag
from smpp.pdus import BindReceiver, BindTransceiver, BindTransmitter
from smpp.states import MODE_OF_COMMAND
from smpp.tlvs import Tlv

from .connection import Connection
from .sessions import Sessions

BindPdu = BindReceiver | BindTransmitter | BindTransceiver
HASHES_WAITING = 64
VERSION_5_0 = 0x50
VERSION_3_4 = 0x34


@dataclass(frozen=True, slots=True)
class BindAccount:
    """Hold what the binder knows of one account."""

    account: Account
    policy: BindPolicy


class Binder:
    """Answer bind requests."""

    def __init__(
        self,
        clock: Clock,
        journal: Journal,
        sessions: Sessions,
        accounts: dict[str, BindAccount],
        system_id: str,
        failed: FailedBinds,
        on_bound: Callable[[Connection], None],
        on_answer: Callable[[str, str, int], None],
    ) -> None:
        self._clock = clock
        self._journal = journal
        self._sessions = sessions
        self._accounts = accounts
        self._system_id = system_id.encode("ascii")
        self._failed = failed
        self._on_bound = on_bound
        self._on_answer = on_answer
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="password")
        self._waiting = 0
        self._verified: dict[str, SecretReference] = {}
        # What an unknown system_id is compared with, so that it costs the same.
        self._dummy = next(
            (known.account.password for known in accounts.values() if known.account.password.slow),
            plain_reference("\0 no account has this password"),
        )

    def bind(self, connection: Connection, pdu: BindPdu) -> None:
        """Decide one bind; the answer may come after a slow hash."""
        system_id = pdu.system_id.decode("latin-1")
        if self._failed.refused(system_id, connection.peer, self._clock.now()):
            self._refuse(connection, pdu, CommandStatus.ESME_RBINDFAIL, "too many failed binds")
            return
        known = self._accounts.get(system_id)
        if (
            known is not None
            and known.policy.networks
            and not address_allowed(connection.peer, known.policy.networks)
        ):
            self._fail(connection, pdu, "address is not in the account's allowed_ips")
            return
        secret = known.account.password if known is not None else self._dummy
        verified = self._verified.get(system_id)
        if not secret.slow or (verified is not None and verify(verified, pdu.password)):
            secret = verified or secret
            self._decide(connection, pdu, known, right=verify(secret, pdu.password))
            return
        if self._waiting >= HASHES_WAITING:
            self._refuse(connection, pdu, CommandStatus.ESME_RTHROTTLED, "too many binds at once")
            return
        self._waiting += 1
        loop = asyncio.get_running_loop()
        future = loop.run_in_executor(self._pool, verify, secret, pdu.password)
        future.add_done_callback(partial(self._hashed, connection, pdu, known))

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _hashed(
        self,
        connection: Connection,
        pdu: BindPdu,
        known: BindAccount | None,
        future: asyncio.Future[bool],
    ) -> None:
        self._waiting -= 1
        if future.cancelled() or not connection.session.binding:
            return
        error = future.exception()
        if error is not None:
            self._refuse(connection, pdu, CommandStatus.ESME_RSYSERR, f"password check: {error!r}")
            return
        right = future.result()
        if right and known is not None:
            # Later binds compare a keyed digest that lives in this process only.
            self._verified[known.account.system_id] = plain_reference(
                pdu.password.decode("latin-1")
            )
        self._decide(connection, pdu, known, right=right)

    def _decide(
        self, connection: Connection, pdu: BindPdu, known: BindAccount | None, *, right: bool
    ) -> None:
        if known is None or not right:
            detail = "wrong password" if known is not None else "unknown system_id"
            self._fail(connection, pdu, detail)
            return
        account = known.account
        mode = MODE_OF_COMMAND[pdu.command_id]
        decision = authorise_bind(
            known.policy,
            BindAttempt(
                mode=int(mode),
                interface_version=pdu.interface_version,
                peer=connection.peer,
                bound=len(self._sessions.of(account.system_id)),
                at=self._clock.at(),
            ),
        )
        if not decision.allowed:
            self._refuse(connection, pdu, decision.status, decision.detail)
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
        self._failed.succeeded(account.system_id, connection.peer)
        connection.account = connection.system_id = account.system_id
        connection.mode = mode.name
        connection.bound_at = self._clock.at()
        session = connection.session
        session.window.limit = account.deliver_window
        connection.requests_most = account.window
        connection.overflow_closes = account.window_overflow == "close"
        if account.window_overflow == "stop_reading":
            session.max_unanswered = account.window
        self._sessions.bound(connection)
        self._on_answer(account.system_id, mode.name, 0)
        self._journal.append(
            Bound(
                self._clock.at(),
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
        self._on_bound(connection)
        connection.bind_answered()

    def _fail(self, connection: Connection, pdu: BindPdu, detail: str) -> None:
        """Refuse for a reason that counts as a guess."""
        self._failed.failed(pdu.system_id.decode("latin-1"), connection.peer, self._clock.now())
        self._refuse(connection, pdu, CommandStatus.ESME_RBINDFAIL, detail)

    def _refuse(self, connection: Connection, pdu: BindPdu, status: int, detail: str) -> None:
        mode = MODE_OF_COMMAND[pdu.command_id]
        system_id = pdu.system_id.decode("latin-1")
        self._on_answer(system_id if system_id in self._accounts else "", mode.name, int(status))
        self._journal.append(
            BindRefused(self._clock.at(), system_id, connection.peer, int(status), detail)
        )
        connection.session.answer_bind(reply(pdu, status), mode, 0)
        connection.bind_answered()
