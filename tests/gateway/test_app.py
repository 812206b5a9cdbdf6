"""Build, start and stop a whole gateway: the order of both, and what goes when a start fails."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Callable, Iterator
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from gateway import app
from gateway.app import Gateway
from gateway.archive.process import ArchiveProcess
from gateway.clock import ManualClock, SystemClock
from gateway.journal.files import file_of
from gateway.journal.lock import DataDirLockedError, DataLock
from gateway.journal.reader import SqliteJournalReader
from gateway.load.errors import ConnectError, EsmeError, SubmitError
from gateway.load.esme import Esme, Submitted
from gateway.load.submission import SubmitOptions
from gateway.log import open_log
from gateway.recovery import JournalDamagedError
from gateway.server.listener import ListenError, listen
from routing.events import (
    ContractLoaded,
    JournalEvent,
    ReceiptDropped,
    Started,
    Stopped,
    Submission,
    Unbound,
)
from smpp.constants import BindMode, MessageState
from tests.support.inprocess import (
    NUMBER,
    TEXT,
    WITHIN_S,
    police,
    running,
    settings_of,
    until,
)

TO = "19900000000"
LATER = SubmitOptions(schedule_delivery_time="000000010000000R")


class Built:
    """Hold a gateway that a test starts and stops itself, with what it says and reports."""

    def __init__(self, data: Path | None = None, **changes: Any) -> None:
        self.said = StringIO()
        self.failures: list[BaseException] = []
        self.gateway = Gateway(
            settings_of(data, **changes),
            on_failure=self.failures.append,
            log=open_log(self.said, SystemClock.at),
        )


def journalled(data: Path) -> list[JournalEvent]:
    """Read everything that was recorded in a data directory."""
    return [event for _number, _at, events in SqliteJournalReader(data).read(0) for event in events]


def take_port() -> socket.socket:
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    taken.listen()
    return taken


@pytest.fixture
def taken() -> Iterator[socket.socket]:
    """Give a port that somebody else listens on."""
    with take_port() as taken:
        yield taken


def address(of: socket.socket) -> str:
    host, port = of.getsockname()[:2]
    return f"{host}:{port}"


# -- start -----------------------------------------------------------------------------------


async def test_the_journal_begins_with_the_start_and_ends_with_its_end(tmp_path: Path) -> None:
    built = Built(tmp_path)
    await built.gateway.start()
    archive = built.gateway.archive
    assert archive is not None
    assert archive.pid is not None
    await built.gateway.stop("signal")
    await built.gateway.stop("a second one changes nothing")
    assert archive.pid is None
    events = journalled(tmp_path)
    assert [type(event) for event in events] == [Started, ContractLoaded, Stopped]
    started, loaded, stopped = events
    settings = built.gateway.settings
    assert isinstance(started, Started)
    assert (started.profile, started.seed) == ("perfect", settings.network.seed)
    assert isinstance(loaded, ContractLoaded)
    assert loaded.sha256 == built.gateway.policy.contract_sha256
    assert isinstance(stopped, Stopped)
    assert stopped.reason == "signal"


async def test_what_was_open_is_taken_up_before_anybody_can_connect(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path) as gateway, await gateway.esme(BindMode.TX) as esme:
        await esme.submit("19900000000", TEXT, NUMBER, LATER)
        await esme.submit(TO, TEXT, NUMBER)
        await until(lambda: gateway.gateway.outbox.depth("police") == 1)
    seen: list[tuple[int, int, int]] = []

    async def watched(*arguments: Any) -> Any:
        gateway = again.gateway
        in_flight = gateway.desks["police"].in_flight
        seen.append((gateway.dispatcher.waiting, gateway.outbox.depth("police"), in_flight))
        return await listen(*arguments)

    monkeypatch.setattr(app, "listen", watched)
    again = Built(tmp_path)
    await again.gateway.start()
    await again.gateway.stop()
    assert seen == [(1, 1, 1)]


async def test_it_listens_from_the_start_to_the_stop() -> None:
    built = Built()
    assert not built.gateway.listening
    await built.gateway.start()
    assert built.gateway.listening
    port = built.gateway.smpp_port
    await (await Esme.connect("127.0.0.1", port)).close()
    await built.gateway.stop()
    assert not built.gateway.listening
    with pytest.raises(ConnectError):
        await Esme.connect("127.0.0.1", port)


async def test_two_gateways_of_one_process_know_nothing_of_each_other() -> None:
    async with running() as one, running() as other, await one.esme() as esme:
        submitted = await esme.submit(TO, TEXT, NUMBER)
        await esme.receipt(submitted.message_ids[0])
        assert (len(one.gateway.sessions), len(other.gateway.sessions)) == (1, 0)
        name = "smsgw_submits_total"
        labels = {"account": "police", "service": "ordinary"}
        labels |= {"result": "accepted", "reason": "none"}
        counted = [
            run.gateway.recorder.freeze().get_sample_value(name, labels) for run in (one, other)
        ]
        assert counted == [1, 0]


async def test_a_gateway_that_keeps_nothing_touches_no_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    built = Built()
    await built.gateway.start()
    async with await Esme.connect("127.0.0.1", built.gateway.smpp_port) as esme:
        await esme.bind("police", "secret08")
        submitted = await esme.submit(TO, TEXT, NUMBER)
        assert (await esme.receipt(submitted.message_ids[0])).stat == "DELIVRD"
    await built.gateway.stop()
    assert os.listdir(tmp_path) == []


# -- a start that fails ----------------------------------------------------------------------


async def test_a_port_in_use_closes_all_that_was_opened(
    tmp_path: Path, taken: socket.socket
) -> None:
    built = Built(tmp_path, smpp__listen=address(taken))
    with pytest.raises(ListenError, match=address(taken)):
        await built.gateway.start()
    assert len(built.gateway.tasks) == 0
    assert [type(event) for event in journalled(tmp_path)] == [Started, ContractLoaded, Stopped]
    # The directory is free again.
    async with running(tmp_path):
        pass


async def test_a_locked_directory_is_left_alone(tmp_path: Path) -> None:
    async with running(tmp_path) as first:
        second = Built(tmp_path)
        with pytest.raises(DataDirLockedError):
            await second.gateway.start()
        async with await first.esme() as esme:
            submitted = await esme.submit(TO, TEXT, NUMBER)
            assert (await esme.receipt(submitted.message_ids[0])).stat == "DELIVRD"
    assert sum(type(event) is Started for event in journalled(tmp_path)) == 1


async def test_a_damaged_journal_is_not_written_to(tmp_path: Path) -> None:
    path = file_of(tmp_path, "2026-02")
    damaged = b"no database" * 1000
    path.write_bytes(damaged)
    built = Built(tmp_path)
    with pytest.raises(JournalDamagedError):
        await built.gateway.start()
    assert path.read_bytes() == damaged
    with DataLock.acquire(tmp_path):
        pass


async def test_a_start_that_is_cancelled_late_ends_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def cancelled(_archive: object, _timeout_s: float) -> None:
        raise asyncio.CancelledError

    monkeypatch.setattr(ArchiveProcess, "started", cancelled)
    built = Built(tmp_path)
    with pytest.raises(asyncio.CancelledError):
        await built.gateway.start()
    assert built.gateway.archive is not None
    assert built.gateway.archive.pid is None
    assert (len(built.gateway.tasks), built.gateway.listening) == (0, False)
    stopped = journalled(tmp_path)[-1]
    assert isinstance(stopped, Stopped)
    assert stopped.reason == "failure"


# -- stop ------------------------------------------------------------------------------------


async def test_what_was_read_is_answered_before_sessions_are_unbound() -> None:
    async with running() as gateway:
        esme = await gateway.esme(BindMode.TX)
        submits = [asyncio.ensure_future(esme.submit(TO, TEXT, NUMBER)) for _ in range(20)]
        (connection,) = gateway.gateway.sessions
        await until(lambda: connection.submitted > 0)
        await gateway.gateway.stop()
        answers = await asyncio.gather(*submits, return_exceptions=True)
        answered = {answer.message_ids[0] for answer in answers if isinstance(answer, Submitted)}
        stored = {str(event.message_id) for event in gateway.events(Submission)}
        assert answered == stored
        assert len(stored) == connection.submitted
        assert await esme.lost == "unbind"
        assert isinstance(gateway.all_events()[-1], Stopped)


async def test_a_session_that_does_not_answer_its_unbind_is_cut(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(app, "STOP_S", 0.2)
    async with running() as gateway:
        esme = await gateway.esme()
        esme.connection.stall(on=True)
        await gateway.gateway.stop()
        assert len(gateway.gateway.sessions) == 0
        assert [event.reason for event in gateway.events(Unbound)] == ["shutdown"]
        esme.connection.abort()


async def test_a_stop_does_not_wait_for_a_journal_that_does_not_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(app, "ANSWERS_STOP_S", 0.05)
    monkeypatch.setattr(app, "STOP_S", 0.2)
    async with running() as gateway:
        assert gateway.store is not None
        esme = await gateway.esme()
        held: list[Callable[[], None]] = []
        begin = gateway.store.begin
        monkeypatch.setattr(
            gateway.store, "begin", lambda at, blob: held.append(partial(begin, at, blob))
        )
        waiting = asyncio.ensure_future(esme.submit(TO, TEXT, NUMBER))
        await until(lambda: held)
        stopping = asyncio.ensure_future(gateway.gateway.stop())
        # Unanswered, the session is asked to leave all the same, and cut in the end.
        await until(lambda: len(gateway.gateway.sessions) == 0)
        monkeypatch.undo()
        held[0]()
        await stopping
        (answer,) = await asyncio.gather(waiting, return_exceptions=True)
        assert isinstance(answer, EsmeError)


async def test_nothing_runs_after_the_stop() -> None:
    built = Built()
    await built.gateway.start()
    before = len(built.gateway.tasks)
    await built.gateway.stop()
    assert (before > 0, len(built.gateway.tasks)) == (True, 0)


async def test_a_dead_journal_is_reported_and_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(app, "STOP_S", 1_000.0)
    monkeypatch.setattr(app, "FAILED_STOP_S", 0.1)
    async with running() as gateway:
        assert gateway.store is not None
        esme = await gateway.esme()
        gateway.store.break_down(OSError("no disk"))
        waiting = asyncio.ensure_future(esme.submit(TO, TEXT, NUMBER))
        await until(lambda: gateway.failures)
        async with asyncio.timeout(WITHIN_S):
            await gateway.gateway.stop("failure")
        assert [str(error) for error in gateway.failures] == ["no disk"]
        assert gateway.events(Stopped) == []
        gateway.failures.clear()
        (answer,) = await asyncio.gather(waiting, return_exceptions=True)
        assert isinstance(answer, Exception)
        assert not isinstance(answer, SubmitError)


# -- while it runs ---------------------------------------------------------------------------


async def test_what_waits_too_long_is_given_up_without_being_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(app, "HOUSEKEEPING_S", 0.01)
    clock = ManualClock(SystemClock.at(), SystemClock.now())
    async with running(clock=clock) as gateway, await gateway.esme(BindMode.TX) as esme:
        await esme.submit(TO, TEXT, NUMBER)
        await until(lambda: gateway.gateway.outbox.depth("police") == 1)
        clock.advance(73 * 3600.0)
        await until(lambda: gateway.events(ReceiptDropped))
        assert gateway.gateway.outbox.depth("police") == 0


async def test_a_part_that_fails_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "HOUSEKEEPING_S", 0.01)
    async with running() as gateway:
        assert gateway.failures == []
        gateway.gateway.outbox.put(AgelessItem())
        await until(lambda: gateway.failures)
        assert [str(error) for error in gateway.failures] == ["a mistake"]
        gateway.failures.clear()


class AgelessItem:
    """Be a delivery that nobody takes, and whose age can't be told: housekeeping asks for it."""

    attempts = 0
    kind = "notification"
    account = "police"
    instant = False
    persistent = False

    @property
    def since(self) -> float:
        raise RuntimeError("a mistake")

    def encode(self, sequence_number: int, interface_version: int) -> bytes:
        return b""

    def acknowledged(self, at: float, session_id: int, sent_at: float) -> list[JournalEvent]:
        return []

    def refused(self, at: float, session_id: int, status: int, detail: str) -> list[JournalEvent]:
        return []

    def dropped(self, at: float, reason: str) -> list[JournalEvent]:
        return []


async def test_an_archiver_that_dies_is_said_and_started_again(tmp_path: Path) -> None:
    built = Built(tmp_path)
    await built.gateway.start()
    archive = built.gateway.archive
    assert archive is not None
    first = archive.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await until(lambda: archive.pid not in (None, first))
    async with await Esme.connect("127.0.0.1", built.gateway.smpp_port) as esme:
        await esme.bind("police", "secret08")
        await esme.submit(TO, TEXT, NUMBER)
        await until(lambda: archive.lag_events() == 0)
    await built.gateway.stop()
    assert "archiver.died" in built.said.getvalue()
    assert built.failures == []


async def test_a_finished_message_is_asked_for_in_the_archive(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway, await gateway.esme() as esme:
        submitted = await esme.submit(TO, TEXT, NUMBER)
        await esme.receipt(submitted.message_ids[0])
        await until(lambda: not gateway.gateway.open_messages.messages)
        answer = await esme.query(submitted.message_ids[0], NUMBER)
        assert answer.message_state == MessageState.DELIVERED
        assert answer.final_date != b""
        with pytest.raises(SubmitError, match="ESME_RQUERYFAIL"):
            await esme.query(str(int(submitted.message_ids[0]) + 1), NUMBER)


# -- what a restart takes up -----------------------------------------------------------------


async def test_ids_long_and_short_go_on_where_they_were(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        async with await gateway.esme(BindMode.TX, interface_version=0x33) as old:
            (short,) = (await old.submit(TO, TEXT, NUMBER, LATER)).message_ids
        assert len(short) == 8
        async with await gateway.esme(BindMode.TX) as esme:
            (first,) = (await esme.submit(TO, TEXT, NUMBER, LATER)).message_ids
            (connection,) = gateway.gateway.sessions.of("police")
    async with running(tmp_path) as gateway:
        async with await gateway.esme(BindMode.TX, interface_version=0x33) as old:
            assert (await old.query(short, NUMBER)).message_state == MessageState.ENROUTE
            (other,) = (await old.submit(TO, TEXT, NUMBER, LATER)).message_ids
            assert other > short
        async with await gateway.esme(BindMode.TX) as esme:
            (second,) = (await esme.submit(TO, TEXT, NUMBER, LATER)).message_ids
            assert int(second) > int(first)
            (later,) = gateway.gateway.sessions.of("police")
            assert later.session_id > connection.session_id + 1


async def test_messages_of_an_account_that_is_gone_get_their_outcome(tmp_path: Path) -> None:
    clock = ManualClock(SystemClock.at(), SystemClock.now())
    async with running(tmp_path, clock=clock) as gateway, await gateway.esme() as esme:
        await esme.submit(TO, TEXT, NUMBER, LATER)
        gateway.gateway.mo.receive("13300000001", NUMBER, "TD", source="test")
        await until(lambda: gateway.gateway.open_messages.messages)
    other = police(system_id="other")
    async with running(tmp_path, clock=clock, account=[other]) as gateway:
        assert gateway.gateway.dispatcher.waiting == 1
        clock.advance(3601.0)
        gateway.gateway.dispatcher.run_due()
        (message,) = gateway.gateway.open_messages.messages.values()
        await until(lambda: message.final)
