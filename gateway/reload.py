"""Read the settings anew while the gateway runs, and take over what may change under way.

That is who may bind, from where and how fast, and the certificates. Everything else needs a start;
it is named in the log and in the journal, so that nobody waits for it in vain. What is wrong with
the new settings is said with all errors, and then nothing changes. Sessions that could not be bound
any more are closed at once, after the answers to what was read, those of a removed account with an
unbind before; the others stay.
"""

from __future__ import annotations

import asyncio
import os
import signal
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel

from config.account import Account
from config.problems import ConfigError
from config.settings import Settings, Tls
from routing.events import OperatorAction

from .app import Gateway
from .log import Log
from .policy import Policy, compile_policy
from .server.listener import tls_context
from .tasks import Tasks

ACCOUNT_KEYS: Final = (
    "password", "allowed_ips", "bind_modes", "interface_versions", "tls_only",
    "certificate_names", "max_binds", "window", "window_overflow", "deliver_window",
    "max_queued", "throughput",
)  # fmt: skip
"""Keys of an account that are taken over; window and deliver_window by the sessions to come."""
TLS_KEYS: Final = ("cert", "key", "client_ca", "min_version")
REASON: Final = "settings"
"""Why sessions end that could not be bound any more."""
WHO: Final = "SIGHUP"


@dataclass(frozen=True, slots=True)
class Change:
    """Hold what new settings amount to: the settings in force from here on, and the keys."""

    settings: Settings
    removed: frozenset[str]
    """Accounts that may not bind any more; what they are owed stays theirs."""
    applied: tuple[str, ...]
    waiting: tuple[str, ...]
    """What differs and needs a start."""


def change_of(running: Settings, wanted: Settings) -> Change:
    """Tell what of new settings can be taken over.

    A plain password is known by a digest only, so whether it changed is never told: passwords are
    always taken over.
    """
    new = wanted.accounts
    accounts = tuple(_merged(old, new.get(old.system_id, old)) for old in running.account)
    tls = running.smpp.tls
    if running.smpp.tls.cert is not None and wanted.smpp.tls.cert is not None:
        tls = tls.model_copy(update={key: getattr(wanted.smpp.tls, key) for key in TLS_KEYS})
    smpp = running.smpp.model_copy(update={"tls": tls})
    settings = running.model_copy(update={"account": accounts, "smpp": smpp})
    removed = frozenset(running.accounts) - frozenset(new)
    applied = [f"account {name}: removed" for name in sorted(removed)]
    for old, merged in zip(running.account, accounts, strict=True):
        changed = [key for key in ACCOUNT_KEYS[1:] if getattr(old, key) != getattr(merged, key)]
        applied += [f"account {old.system_id}: {key}" for key in changed]
    applied += [
        f"smpp.tls.{key}" for key in TLS_KEYS if getattr(tls, key) != getattr(running.smpp.tls, key)
    ]
    return Change(settings, removed, tuple(applied), tuple(_waiting(settings, wanted)))


def _merged(old: Account, new: Account) -> Account:
    return old.model_copy(update={key: getattr(new, key) for key in ACCOUNT_KEYS})


def _waiting(settings: Settings, wanted: Settings) -> Iterator[str]:
    """Name what still differs from what is wanted."""
    for name in type(settings).model_fields:
        if name not in ("account", "contract"):
            yield from differing(getattr(settings, name), getattr(wanted, name), name)
    if settings.contract != wanted.contract:
        yield "contract"
    known = settings.accounts
    for account in wanted.account:
        name = f"account {account.system_id}"
        if account.system_id not in known:
            yield f"{name}: added"
            continue
        old = known[account.system_id]
        kept = account.model_copy(update={"password": old.password})
        yield from (found.replace(".", ": ", 1) for found in differing(old, kept, name))


def differing(old: object, new: object, name: str) -> Iterator[str]:
    """Name the keys whose values differ; those of tokens and other secrets can't be told."""
    if isinstance(old, BaseModel) and isinstance(new, BaseModel):
        for key in type(old).model_fields:
            yield from differing(getattr(old, key), getattr(new, key), f"{name}.{key}")
    elif isinstance(old, tuple) and isinstance(new, tuple) and len(old) == len(new):
        for index, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from set(differing(one, other, f"{name}[{index}]"))
    elif old != new:
        yield name


class Reloading:
    """Reload the settings of one gateway, one time after the other."""

    def __init__(self, gateway: Gateway, load: Callable[[], Settings], log: Log) -> None:
        """`load` raises ConfigError with all problems; it is called in a thread."""
        self._gateway = gateway
        self._load = load
        self._log = log
        self._lock = asyncio.Lock()

    async def reload(self) -> bool:
        """Read and take over; say whether that was possible."""
        async with self._lock:
            try:
                change = change_of(self._gateway.settings, await asyncio.to_thread(self._load))
                policy = await asyncio.to_thread(
                    compile_policy, change.settings, self._gateway.policy.rules.registries
                )
                context = self._context(change.settings.smpp.tls)
            except (ConfigError, OSError, ssl.SSLError) as error:
                self._log.error("settings.refused", why=str(error))
                self._record("settings.reload", "refused", str(error))
                return False
            self._take_over(change, policy, context)
            return True

    def _context(self, tls: Tls) -> ssl.SSLContext | None:
        return tls_context(tls) if self._gateway.tls is not None else None

    def _take_over(self, change: Change, policy: Policy, context: ssl.SSLContext | None) -> None:
        """Change everything in one turn of the loop."""
        gateway = self._gateway
        gateway.take_over(change.settings, policy, without=change.removed)
        if gateway.tls is not None and context is not None:
            gateway.tls.context = context
        closed = 0
        for connection in gateway.sessions:
            why = gateway.binder.why_barred(connection) if connection.account else ""
            if why:
                closed += 1
                self._log.warning(
                    "session.closed", session=connection.session_id, peer=connection.peer, why=why
                )
                if connection.account in change.removed:
                    # It is no fault of theirs. Nothing they send from here on is taken all the
                    # same, so their answer isn't waited for.
                    connection.unbind()
                connection.leave(REASON)
        applied, waiting = ", ".join(change.applied), ", ".join(change.waiting)
        self._log.info(
            "settings.reloaded", applied=applied, needs_a_start=waiting, sessions_closed=closed
        )
        detail = f"applied: {applied or 'no change'}; needs a start: {waiting or 'nothing'}"
        self._record("settings.reload", "settings", detail)

    def _record(self, action: str, target: str, detail: str) -> None:
        at = self._gateway.clock.at()
        self._gateway.journal.append(OperatorAction(at, WHO, action, target, detail))


def on_hangup(reloading: Reloading, tasks: Tasks, stop: Callable[[], None]) -> None:
    """Reload at SIGHUP; stop in order when it says that the terminal has gone.

    Under nohup, which has the signal ignored, it always means to reload.
    """
    terminal = signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN and _has_terminal()

    def hung_up() -> None:
        if terminal and not _has_terminal():
            stop()
        else:
            tasks.start(reloading.reload(), "reload")

    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, hung_up)


def _has_terminal() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True
