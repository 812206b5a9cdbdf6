"""Run one gateway as a process: signals, the ready line, exit codes.

Exit codes (docs/cli.md): 0 stopped in order · 3 configuration · 4 environment, that is a port in
use, a locked or damaged data directory, or a journal that can't be written any more.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import ssl
import sys
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from typing import TextIO

from config.network import NetworkDataError
from config.problems import ConfigError
from config.settings import Settings

from .api.app import build_app
from .api.ports import ApiContext, HealthCheck
from .api.server import HttpServer, ServerLimits, serve
from .app import Gateway
from .clock import SimulatedClock, SystemClock
from .descriptors import Room, raise_descriptor_limit, share_out
from .disk import free_octets
from .failpoints import FailpointError
from .failpoints import check as check_failpoint
from .journal.lock import DataDirLockedError
from .journal.sqlite import JournalFailedError
from .log import Log, PduLog, capture_stdlib, open_log, open_pdu_log, whole_pdus
from .recovery import JournalDamagedError
from .reload import Reloading, on_hangup
from .server.connection import Connection
from .server.listener import port_of, unlistenable
from .simulation.loop import run_simulated
from .term_notice import remind, sentence
from .version import VERSION
from .views import (
    Auditor,
    Explaining,
    Handsets,
    HealthView,
    RegistriesView,
    SessionViews,
    Uplinks,
)

EXIT_OK = 0
EXIT_CONFIGURATION = 3
EXIT_ENVIRONMENT = 4
LAG_INTERVAL_S = 0.05
"""A loop that stands still for longer is seen to, less so much at most; it costs 0.4 % of a
core."""
PRIVATE_UMASK = 0o077
MIB = 1 << 20


def run(
    settings: Settings,
    *,
    json_output: bool,
    log_pdus: str | None,
    stdout: TextIO,
    reload: Callable[[], Settings],
    clock: SimulatedClock | None = None,
) -> int:
    """Serve until a signal; give the exit code.

    With `json_output` one line of JSON on `stdout` says when the gateway is ready and on which
    ports. `log_pdus` is a file name or "-" for standard error. `reload` reads the settings anew at
    SIGHUP; it raises ConfigError. `clock` is that of a simulation, which the loop runs by.
    """
    # Journal, archive and whatever lies beside them are for the gateway's user alone.
    os.umask(PRIVATE_UMASK)
    log = open_log(sys.stderr, SystemClock.at, as_json=json_output or None)
    capture_stdlib(log)
    ready = _ReadyLine(stdout, json_output)
    try:
        main = _main(settings, log, log_pdus, ready, reload, clock)
        return asyncio.run(main) if clock is None else run_simulated(main, clock)
    except (ConfigError, FailpointError, NetworkDataError, ssl.SSLError) as error:
        log.error("start.refused", why=_why(error))
        return EXIT_CONFIGURATION
    except (DataDirLockedError, JournalFailedError, JournalDamagedError, OSError) as error:
        log.error("gateway.failed" if ready.said else "start.refused", why=_why(error))
        return EXIT_ENVIRONMENT


def _why(error: Exception) -> str:
    """Give the words of an error; a file's name unquoted, since the log masks what is quoted."""
    if not isinstance(error, OSError) or not error.strerror:
        return str(error)
    return f"{error.filename}: {error.strerror}" if error.filename else error.strerror


async def _main(
    settings: Settings,
    log: Log,
    log_pdus: str | None,
    ready: Callable[[dict[str, object]], None],
    reload: Callable[[], Settings],
    clock: SimulatedClock | None,
) -> int:
    failpoint = check_failpoint(os.environ)
    if failpoint is not None:
        log.warning("failpoint.armed", name=failpoint.name, passages=failpoint.passages)
    stopping = asyncio.Event()
    failures: list[BaseException] = []

    def failed(error: BaseException) -> None:
        failures.append(error)
        log.error("gateway.failed", why=str(error), exception=type(error).__name__)
        stopping.set()

    async def stop(gateway: Gateway) -> None:
        in_order = stopping.is_set() and not failures
        await gateway.stop("signal" if in_order else "failure")

    async with AsyncExitStack() as opened:
        pdus = open_pdu_log(log_pdus, SystemClock.at) if log_pdus else None
        if pdus is not None:
            opened.callback(pdus.close)
        room = _room(settings, log)
        gateway = Gateway(
            settings,
            clock=clock,
            on_failure=failed,
            log=log,
            pdu_log=_pdu_writer(pdus) if pdus else None,
            room=room,
        )
        await gateway.start()
        opened.push_async_callback(stop, gateway)
        http = await serve_http(gateway, room)
        if http is not None:
            opened.push_async_callback(http.stop)
        _on_signals(stopping)
        on_hangup(Reloading(gateway, reload, log), gateway.tasks, stopping.set)
        gateway.tasks.start(_measure_lag(gateway), "loop lag")
        gateway.tasks.start(
            remind(
                lambda: gateway.registrar.registries.standing,
                lambda: gateway.settings.accounts,
                gateway.clock,
                log,
            ),
            "term",
        )
        if not failures:  # the journal can die as soon as it is open
            ready(_addresses(gateway, http))
            log.info("gateway.ready", **_addresses(gateway, http))
        await stopping.wait()
    log.info("gateway.stopped")
    return EXIT_ENVIRONMENT if failures else EXIT_OK


def _room(settings: Settings, log: Log) -> Room:
    """Take all the descriptors there are; say so where they allow less than half of what is set."""
    smpp, http = settings.smpp.limits.max_connections, settings.http.max_connections
    room = share_out(raise_descriptor_limit(), smpp, http)
    if room.smpp < smpp / 2 or room.http < http / 2:
        log.info(
            "descriptors.few",
            descriptors=room.descriptors,
            smpp_connections=room.smpp,
            http_connections=room.http,
            advice="raise the limit (ulimit -n, LimitNOFILE=) for as many connections as set",
        )
    return room


async def serve_http(gateway: Gateway, room: Room) -> HttpServer | None:
    """Serve the API of a gateway that has started; None where the settings want none."""
    http = gateway.settings.http
    if not http.enabled:
        return None
    policy = gateway.policy
    context = ApiContext(
        settings=gateway.settings,
        version=VERSION,
        clock=gateway.clock,
        metrics=gateway.recorder,
        network=policy.data,
        messages=gateway.messages,
        sessions=SessionViews(
            gateway.sessions,
            gateway.clock,
            lambda account: gateway.desks[account].account.window,
        ),
        mo=Uplinks(gateway.mo),
        explainer=Explaining(policy.rules, gateway.desks, gateway.clock),
        health=HealthView(lambda: health(gateway)),
        subscribers=Handsets(policy.subscribers, policy.rules, gateway.clock),
        audit=Auditor(gateway.journal, gateway.clock),
        registrar=RegistriesView(gateway.registrar),
        figures=gateway.figures,
        retention=gateway.retention,
    )
    gateway.settings_followers.append(context.follow)
    app = build_app(context, http.listen)
    try:
        limits = ServerLimits(room.http, http.head_s)
        return await serve(app, http.listen.host, http.listen.port, limits)
    except OSError as error:
        raise unlistenable(error, http.listen.host, http.listen.port, "--http") from error


def health(gateway: Gateway) -> Sequence[HealthCheck]:
    """Give every check of readiness."""
    journal = gateway.journal
    short = journal.short_of_space()
    checks = [
        HealthCheck("smpp", gateway.listening, "listening" if gateway.listening else "closed"),
        HealthCheck(
            "journal",
            journal.failed is None,
            "in order" if journal.failed is None else str(journal.failed),
        ),
        HealthCheck("disk", not short, "the disk is full" if short else _free(gateway)),
        HealthCheck("term", True, _term(gateway)),
    ]
    if gateway.archive is not None:
        lag = gateway.archive.lag_events()
        running = gateway.archive.pid is not None
        why = f"{lag} events behind the journal" if running else "not running"
        checks.append(HealthCheck("archive", running, why))
    return checks


def _term(gateway: Gateway) -> str:
    """Say how the contract stands: a gateway out of its term works, and refuses."""
    standing = gateway.registrar.registries.standing
    return sentence(standing, gateway.settings.accounts, gateway.clock.at())


def _free(gateway: Gateway) -> str:
    if gateway.archive is None:
        return "nothing is kept on disk"
    return f"{free_octets(gateway.data_dir) // MIB} MiB free"


def _addresses(gateway: Gateway, http: HttpServer | None) -> dict[str, object]:
    smpp_host = gateway.settings.smpp.listen.host
    tls = gateway.tls
    encrypted = f"{gateway.settings.smpp.tls.listen.host}:{port_of(tls)}" if tls is not None else ""
    return {
        "smpp": f"{smpp_host}:{gateway.smpp_port}",
        **({"smpp_tls": encrypted} if encrypted else {}),
        "http": f"{http.host}:{http.port}" if http is not None else None,
        "pid": os.getpid(),
        "data": str(gateway.data_dir.resolve()),
    }


class _ReadyLine:
    """Say once that the gateway is ready, and know whether that was said."""

    def __init__(self, stdout: TextIO, json_output: bool) -> None:
        self.said = False
        self._stdout = stdout
        self._json_output = json_output

    def __call__(self, addresses: dict[str, object]) -> None:
        self.said = True
        if self._json_output:
            line = json.dumps({"event": "ready", **addresses}, ensure_ascii=False)
        else:
            tls = f"  TLS   {addresses['smpp_tls']}\n" if "smpp_tls" in addresses else ""
            line = (
                f"smsgw {VERSION} is ready\n"
                f"  SMPP  {addresses['smpp']}\n"
                f"{tls}"
                f"  HTTP  {'http://' + str(addresses['http']) if addresses['http'] else 'off'}\n"
                f"  data  {addresses['data']}\n"
                "Ctrl-C stops it."
            )
        self._stdout.write(line + "\n")
        self._stdout.flush()


def _on_signals(stopping: asyncio.Event) -> None:
    """Stop in order at the first signal, at once at the second; neither loses an answer."""
    loop = asyncio.get_running_loop()

    def stop() -> None:
        if stopping.is_set():
            os._exit(EXIT_OK)
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)


async def _measure_lag(gateway: Gateway) -> None:
    """Measure how late the loop wakes, by one timer whatever the load."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + LAG_INTERVAL_S
        await asyncio.sleep(LAG_INTERVAL_S)
        gateway.recorder.loop_lag(max(0.0, loop.time() - due))


def _pdu_writer(log: PduLog) -> Callable[..., None]:
    def write(connection: Connection, data: bytes, *, sent: bool) -> None:
        session = connection.session
        if session.closed and not sent:
            # Behind the end of the dialogue nothing is a PDU.
            return
        octets = data if sent else connection.unlogged + data
        pdus, rest = whole_pdus(octets, session.limits.max_pdu_bound)
        if not sent:
            connection.unlogged = rest
        for pdu in pdus:
            log.write(connection.session_id, connection.account, pdu, sent=sent)

    return write
