"""Build one gateway, start it and stop it: the only file that knows all parts.

Start order: data directory, journal, what the last run left open, delivery, server; everything
open is taken up before the first connection is accepted. Stop order (SIGTERM): listeners close,
what was read is answered, sessions are unbound, the journal is flushed and closed; all of it
within `STOP_S` seconds. Ending earlier, by a second signal or a power cut, loses nothing that was
answered. Whatever is opened says at once how it is closed, so a start that fails half-way closes
what it had opened, in the same order.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack, suppress
from functools import partial
from pathlib import Path

from config.account import Account
from config.settings import Settings
from metrics.recorder import Readings, Recorder
from routing.accounts import FailedBinds
from routing.events import LASTING, ContractLoaded, JournalEvent, Started, Stopped
from routing.facts import Facts
from routing.message import Message
from routing.reassembly import Reassembler
from routing.release import Release
from routing.uplinks import remember
from smpp.codec import decode
from smpp.pdus import SubmitSm
from smpp.session import SessionLimits

from .clock import SystemClock
from .delivery.alerts import AlertOffice
from .delivery.dispatcher import Delivery, Dispatcher, Group
from .delivery.mo import MoOffice
from .delivery.outbox import Outbox
from .delivery.receipts import ReceiptOffice, writer_of
from .descriptors import Room
from .failpoints import after_delivery, before_dispatch, watched
from .journal.batching import CommitObserved
from .log import Log
from .messages_view import finished_message
from .meter import Meter
from .policy import Policy, compile_policy
from .ports import Clock
from .registrar import Registrar
from .remarks import Remarks
from .server.answers import Answers, AnswersContext
from .server.assembly import Assembly, AssemblyContext
from .server.binder import BindAccount, Binder, BinderParts
from .server.connection import Connection, ConnectionLimits
from .server.desk import Desk, InFlight
from .server.host import HostParts, PduLog, ServerHost, rejudge
from .server.intake import Intake, IntakeContext
from .server.listener import listen, listen_tls, port_of, tls_context
from .server.outbind import Outbinder, OutbinderParts
from .server.requests import RequestContext, Requests
from .server.sessions import Sessions
from .server.tls import TlsListener, TlsParts
from .server.wire_ids import WireIds
from .sla_watch import SlaWatch
from .storage import NODE, StorageParts, open_storage
from .tasks import Tasks
from .unsubscriber import Unsubscriber, UnsubscriberParts
from .version import VERSION
from .witness import Witness, open_office

STOP_S = 4.0
ANSWERS_STOP_S = 0.5
FAILED_STOP_S = 0.5
ARCHIVE_START_S = 2.0
HOUSEKEEPING_S = 1.0
GC_THRESHOLD = 50_000


class Gateway:
    """Be one running gateway. Two of them may live in one process."""

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock | None = None,
        on_failure: Callable[[BaseException], None],
        log: Log,
        pdu_log: PduLog | None = None,
        room: Room | None = None,
    ) -> None:
        """`room`: fewer connections than set, where the descriptors allow no more."""
        self.settings = settings
        self.settings_followers: list[Callable[[Settings], None]] = []
        """Are told of the settings that a reload puts in force."""
        self._room = room
        self._log = log
        self.clock: Clock = clock or SystemClock()
        self.policy: Policy = compile_policy(settings)
        self.office = open_office(settings.contract, lambda: self.policy.rules)
        self._witness = Witness(self.office)
        self.recorder = Recorder(settings.accounts, self.policy.rules.plan.titles, VERSION)
        self.sessions = Sessions()
        self.alerts = AlertOffice(
            self.clock, lambda: self.journal, self.policy.subscribers, self.sessions.of
        )
        self.meter = Meter(self.recorder, self.sessions)
        self._in_flight = InFlight(settings.smpp.limits.max_in_flight)
        self.tasks = Tasks(lambda _name, error: on_failure(error))
        self._on_failure = on_failure
        self._pdu_log = pdu_log
        self._closing = AsyncExitStack()
        self._stop_reason = ""
        self._servers: list[asyncio.Server | TlsListener] = []
        self.tls: TlsListener | None = None
        allowed = settings.smpp.limits.failed_binds
        self.remarks = Remarks(log, self.recorder, self.clock.now, allowed)
        self._stopping = False

    @property
    def smpp_port(self) -> int:
        return port_of(self._servers[0])

    @property
    def listening(self) -> bool:
        return bool(self._servers) and all(server.is_serving() for server in self._servers)

    @property
    def data_dir(self) -> Path:
        return self.settings.data.dir

    async def start(self) -> None:
        """Open the journal, take up what is open, then listen.

        Raises DataDirLockedError, JournalDamagedError, JournalFailedError, ListenError or
        OSError, each after everything that was opened is closed again.
        """
        self._loop = asyncio.get_running_loop()
        try:
            await self._open_journal()
            self._build()
            self._closing.callback(self._close_parts)
            self._record_start()
            self._resume()
            self._closing.push_async_callback(self._end_sessions)
            self._closing.callback(self.outbinder.close)
            await self._listen()
            if self.archive is not None:
                self.tasks.start(self.archive.run(), "archive")
                # Whoever reads the ready line may ask /readyz at once.
                await self.archive.started(ARCHIVE_START_S)
            self.tasks.start(self._housekeeping(), "housekeeping")
            self.tasks.start(self.unsubscriber.run(), "unsubscriber")
            self.tasks.start(self.sla_watch.run(), "figures")
            if self.retention is not None and self.settings.data.retention == "automatic":
                self.tasks.start(self.retention.run(), "retention")
        except BaseException:
            await self.stop("failure")
            raise
        # What start-up made lives as long as the process: spare the collector looking at it.
        gc.collect()
        gc.freeze()
        gc.set_threshold(GC_THRESHOLD, 20, 100)

    async def stop(self, reason: str = "signal") -> None:
        """Stop in order; see the module's docstring."""
        if self._stopping:
            return
        self._stopping = True
        self._stop_reason = reason
        await self._closing.aclose()

    async def _end_sessions(self) -> None:
        """Accept nobody, answer what was read, unbind those who are there."""
        for server in self._servers:
            server.close()
        # Whoever is asked to unbind may leave at once: its answers go out before, and nothing is
        # read meanwhile that would need another.
        for connection in self.sessions:
            connection.stall(on=True)
        if self.journal.failed is None:
            # A journal that dies in this moment tells of it itself.
            with suppress(Exception):
                async with asyncio.timeout(ANSWERS_STOP_S):
                    await self.journal.flush()
        for connection in self.sessions:
            connection.unbind()
            connection.stall(on=False)
        # With a dead journal no further request gets its answer, so there is less to wait for.
        patience_s = STOP_S / 2 if self.journal.failed is None else FAILED_STOP_S
        try:
            async with asyncio.timeout(patience_s):
                await self.sessions.emptied()
        except TimeoutError:
            for connection in self.sessions:
                connection.abort("shutdown")

    def _close_parts(self) -> None:
        self.registrar.settle(everything=True)
        self.outbox.close()
        self.dispatcher.close()
        self.binder.close()

    async def _close_tasks(self) -> None:
        if self.archive is not None:
            await self.archive.close()
        await self.tasks.close()

    async def _close_journal(self) -> None:
        if self.journal.failed is None:
            self.journal.append(Stopped(self.clock.at(), self._stop_reason))
        await self.journal.close()

    # -- building ---------------------------------------------------------------------------

    async def _open_journal(self) -> None:
        stored = await open_storage(
            self._closing,
            StorageParts(
                self.settings,
                self.policy,
                self.clock,
                self._witness,
                self._remember,
                self._committed,
                self._journal_failed,
                self.remarks.archiver_died,
                self.office,
                self.remarks.removed,
            ),
        )
        self.journal, self.figures = stored.journal, stored.figures
        self.retention = stored.retention
        self.archive = stored.archive
        self.open_messages = stored.open_messages
        self._watched = stored.watched
        self.ids = stored.ids
        self.short_ids = stored.short_ids
        self.messages = stored.messages
        self.sessions.begin_after(stored.highest_session_id)
        self._closing.push_async_callback(self._close_journal)
        self._closing.push_async_callback(self._close_tasks)

    def _build(self) -> None:
        policy, settings = self.policy, self.settings
        self.registrar = Registrar(
            self.clock,
            watched(self.journal, "registries"),
            lambda: self.policy.rules,
            self.office,
        )
        self.outbox = Outbox(
            self.clock,
            watched(self.journal, "acknowledgements"),
            self._loop,
            self.sessions.of,
            policy.receipts,
            after_delivery(self.meter.delivery, self._loop.call_soon),
        )
        writers = {
            account.system_id: writer_of(
                account.receipt, policy.receipts[account.system_id], policy.codes
            )
            for account in settings.account
        }
        self.receipts = ReceiptOffice(self.outbox, self.open_messages, writers)
        self.dispatcher = Dispatcher(
            Delivery(
                self.clock,
                watched(self.journal, "outcomes"),
                policy.network,
                policy.subscribers,
                policy.codes,
                self.open_messages,
                self.receipts,
                policy.multipart,
                self._finished,
                Release(lambda: self.policy.rules, settings.contract.breach),
                policy.rules.registries.portability,
                self.alerts,
            ),
            self._loop,
        )
        self.mo = MoOffice(
            self.clock,
            watched(self.journal, "uplinks"),
            self.outbox,
            self.open_messages,
            self._owner_of,
            self.ids.next,
            self.recorder.mo,
            self.registrar.uplink,
        )
        self.desks = {account.system_id: self._desk(account) for account in settings.account}
        self.recorder.read_from(self._readings())
        self._build_beside()
        self._build_intake()
        self._build_server()

    def _build_beside(self) -> None:
        self.sla_watch = SlaWatch(
            self.settings.contract,
            self.office,
            self.figures,
            lambda: self.settings.accounts,
            self.clock,
            None if self.archive is None else self.data_dir,
        )
        self.unsubscriber = Unsubscriber(
            UnsubscriberParts(
                self.clock,
                self.office.unsubscriptions,
                lambda: self.settings.unsubscribe,
                self._holder_of,
                self.registrar.record,
            )
        )

    def _desk(self, account: Account) -> Desk:
        rules = self.policy.rules.accounts[account.system_id]
        return Desk(
            account,
            rules,
            self.policy.judges[account.system_id],
            WireIds(account.receipt.message_id, self.short_ids),
            Facts(self.clock.now(), rules.new_bucket(self.clock.now())),
            "domestic",
            self.settings.data.spool.max_per_account,
            self._in_flight,
        )

    def _build_intake(self) -> None:
        reassembly = self.settings.smpp.reassembly
        answers = Answers(
            AnswersContext(
                watched(self.journal, "submissions"),
                before_dispatch(self.dispatcher),
                self.recorder,
                self._loop,
                self.alerts,
                self.meter.answered,
                self.remarks.check_broken,
            )
        )
        self.assembly = Assembly(
            AssemblyContext(
                self.clock,
                watched(self.journal, "parts"),
                self.desks,
                self.dispatcher,
                Reassembler(reassembly.timeout_s, max_parts=reassembly.max_parts_held),
                answers,
                self._loop,
            )
        )
        self.intake = Intake(
            IntakeContext(
                self.clock,
                self.journal,
                self.desks,
                self.policy.magic,
                answers,
                self.assembly,
                self.ids.next,
                self.outbox.depth,
            )
        )

    def _build_server(self) -> None:
        limits = self.settings.smpp.limits
        requests = Requests(
            RequestContext(
                self.clock,
                watched(self.journal, "replacements"),
                self.open_messages,
                self.dispatcher,
                {name: desk.wire_ids for name, desk in self.desks.items()},
                partial(finished_message, self.messages),
                partial(rejudge, self.intake),
                self.tasks.start,
            )
        )
        self.binder = Binder(
            BinderParts(
                self.clock,
                self.journal,
                self.sessions,
                self.settings.smpp.system_id,
                FailedBinds(limits.failed_binds, limits.failed_binds_window_s),
                lambda connection: self.outbox.wake(connection.account),
                self.meter.bind_answered,
                self.recorder.bind_check,
                self.remarks.bind_alarm,
            ),
            self.bind_accounts(self.desks),
        )
        most = limits.max_connections if self._room is None else self._room.smpp
        self.host = ServerHost(
            HostParts(
                self.clock,
                self.journal,
                self.sessions,
                self.binder,
                self.intake,
                requests,
                self.outbox,
                most,
                limits.max_unbound_per_address,
                self._pdu_log,
                self.meter.session_closed,
                self.meter.refused,
                self.remarks.turned_away,
                self.meter.received,
                self.meter.responded,
                self.recorder.requests,
            )
        )

        self.outbinder = self._outbinder()

    def _outbinder(self) -> Outbinder:
        return Outbinder(
            OutbinderParts(
                self.clock,
                self.sessions,
                self.settings.smpp.system_id,
                self.connection,
                self.tasks.start,
                self.outbox.depth,
                self.remarks.invited,
            ),
            self.settings.accounts,
        )

    def take_over(self, settings: Settings, policy: Policy, *, without: frozenset[str]) -> None:
        """Go on with other limits of the accounts, and without binds of some of them.

        The contract, the network and the accounts' numbers are those of the start.
        """
        for name, desk in self.desks.items():
            account, rules = settings.accounts[name], policy.rules.accounts[name]
            if account.throughput != desk.account.throughput:
                desk.facts.bucket = rules.new_bucket(self.clock.now())
            desk.account, desk.rules, desk.judge = account, rules, policy.judges[name]
        self.settings = settings
        for follow in self.settings_followers:
            follow(settings)
        self.binder.replace_accounts(self.bind_accounts(self.desks.keys() - without))

    def bind_accounts(self, names: Iterable[str]) -> dict[str, BindAccount]:
        """Give what the binder knows of those accounts, as their desks have them."""
        desks = ((name, self.desks[name]) for name in names)
        return {name: BindAccount(desk.account, desk.rules.bind) for name, desk in desks}

    async def _listen(self) -> None:
        smpp = self.settings.smpp
        backlog = smpp.limits.backlog
        context = tls_context(smpp.tls)
        plain = await listen(self.connection, smpp.listen.host, smpp.listen.port, backlog)
        self._servers.append(plain)
        if context is None:
            return
        parts = TlsParts(
            self.connection,
            self.host.refusal,
            self.remarks.turned_away,
            smpp.timers.tls_handshake_s,
        )
        self.tls = listen_tls(parts, smpp.tls.listen.host, smpp.tls.listen.port, backlog, context)
        self._servers.append(self.tls)

    def connection(self) -> Connection:
        """Make the protocol of one more connection."""
        timers, limits = self.settings.smpp.timers, self.settings.smpp.limits
        return Connection(
            self.host,
            self._loop,
            self.clock,
            SessionLimits(
                max_pdu_bound=limits.max_pdu_bound,
                max_pdu_unbound=limits.max_pdu_unbound,
                session_init_s=timers.session_init_s,
                pdu_read_s=timers.pdu_read_s,
                enquire_link_s=timers.enquire_link_s,
                inactivity_s=timers.inactivity_s,
                response_s=timers.response_s,
            ),
            ConnectionLimits(limits.write_buffer, timers.write_stall_s),
            self.sessions.next_id(),
        )

    # -- starting ---------------------------------------------------------------------------

    def _remember(self, event: JournalEvent) -> None:
        remember(self.policy.rules, event)
        if isinstance(event, LASTING):
            self.office.apply(event)
            self.alerts.apply(event)

    def _record_start(self) -> None:
        at, policy, settings = self.clock.at(), self.policy, self.settings
        self.journal.append(
            Started(
                at,
                NODE,
                VERSION,
                settings.network.seed,
                settings.network.profile,
                settings.contract.number,
            )
        )
        modes = tuple(sorted(policy.rules.modes.items()))
        self.journal.append(
            ContractLoaded(
                at,
                policy.rules.version,
                settings.contract.number,
                policy.contract_sha256,
                modes,
            )
        )

    def _resume(self) -> None:
        """Take up messages, receipts, parts and uplink messages the last run left open."""
        found = self.open_messages
        waiting: list[Message] = []
        owing: list[Message] = []
        for message in list(found.messages.values()):
            (owing if message.final else waiting).append(message)
            if message.wire_id and len(message.wire_id) == 8:
                self.short_ids.remember(message.wire_id, message.message_id)
            desk = self.desks.get(message.account)
            if desk is not None and not message.final:
                desk.hold(1)
        for held in list(found.held.values()):
            pdu = decode(held.pdu)
            if isinstance(pdu, SubmitSm):
                self.assembly.restore(held, pdu)
        for submission in self._watched:
            self.office.ledger.take_up(submission)
        self.dispatcher.resume_receipts(owing)
        self.dispatcher.accept(waiting)
        for uplink in list(found.mo.values()):
            if uplink.received.account:
                self.mo.deliver(uplink.received)
                self.office.ledger.take_up(uplink.received)
        self.registrar.settle()

    async def _housekeeping(self) -> None:
        """Do once a second what needs no precision."""
        while True:
            await asyncio.sleep(HOUSEKEEPING_S)
            self.assembly.give_up_incomplete()
            self.outbox.sweep()
            self.outbinder.look()
            self.alerts.look()
            self.registrar.settle()

    # -- what parts tell ---------------------------------------------------------------------

    def _finished(self, group: Group, durations_s: list[float]) -> None:
        desk = self.desks.get(group[0])
        if desk is not None:
            desk.hold(-len(durations_s))
        account, service, carrier, state, liability = group
        self.recorder.finals(account, service, carrier, state, liability, durations_s)

    def _readings(self) -> Readings:
        """Say where the gauges are read at each scrape."""
        return Readings(
            sessions=self.sessions.count_by_mode,
            window=self.sessions.windows,
            in_flight=lambda: {name: desk.in_flight for name, desk in self.desks.items()},
            receipts_pending=lambda: {name: self.outbox.depth(name) for name in self.desks},
            archive_lag=lambda: self.archive.lag_events() if self.archive is not None else 0,
            pdus=self.meter.of_open_sessions,
            office=lambda: self.registrar.gauges(self.settings.accounts),
            sla=lambda: self.sla_watch.gauges,
            term_ends=self._term_ends,
        )

    def _term_ends(self) -> float:
        term = self.registrar.registries.standing.term
        return 0.0 if term is None else term.ends_at

    def _committed(self, commit: CommitObserved) -> None:
        self.recorder.commit(commit.seconds, commit.events)
        if self.archive is not None:
            self.archive.committed(commit.sequence, commit.events)

    def _journal_failed(self, error: Exception) -> None:
        self._on_failure(error)

    def _holder_of(self, access_number: str) -> str:
        """Name the account of an access number; the first of all where none is named."""
        return self._owner_of(access_number) or next(iter(self.settings.accounts))

    def _owner_of(self, access_number: str) -> str:
        owner = self.policy.rules.owner_of(access_number)
        return owner.account if owner is not None else ""
