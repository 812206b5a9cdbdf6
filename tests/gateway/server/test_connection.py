"""Drive real connections: slow, stalled, half-closed, cut, and storming ones."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from gateway.load.inbox import Receipt
from gateway.load.submission import SubmitOptions
from gateway.server import binder
from gateway.server.connection import Connection
from routing.events import Outcome, Submission, Unbound
from smpp.codec import encode
from smpp.constants import BindMode, CommandId, CommandStatus
from smpp.pdus import BindTransceiver, EnquireLink, Pdu, SubmitSm, Unbind
from smpp.session import SessionLimits
from tests.support.compiled import plain_python_only
from tests.support.inprocess import NUMBER, TEXT, Running, police, running, until
from tests.support.transcript import pdus_in

WITHIN_S = 10.0
QUANTUM = SessionLimits().quantum
BIND = BindTransceiver(b"police", b"secret08", sequence_number=1)


def submit(sequence_number: int, to: bytes = b"13300000001") -> bytes:
    return encode(
        SubmitSm(
            source_addr=NUMBER.encode(),
            destination_addr=to,
            data_coding=8,
            short_message=TEXT.encode("utf-16-be"),
            sequence_number=sequence_number,
        )
    )


class Raw:
    """Speak octets over one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def send(self, *pdus: Pdu | bytes) -> None:
        self.writer.write(b"".join(p if isinstance(p, bytes) else encode(p) for p in pdus))

    async def pdus(self, count: int) -> list[Pdu]:
        """Read so many PDUs."""
        found: list[Pdu] = []
        async with asyncio.timeout(WITHIN_S):
            while len(found) < count:
                head = await self.reader.readexactly(4)
                length = int.from_bytes(head, "big")
                found += pdus_in(head + await self.reader.readexactly(length - 4))
        return found

    async def rest(self) -> list[Pdu]:
        """Read everything up to the end of the stream, and close."""
        async with asyncio.timeout(WITHIN_S):
            data = await self.reader.read()
        self.writer.close()
        return pdus_in(data)


@asynccontextmanager
async def raw(gateway: Running, *, bound: bool = True) -> AsyncIterator[Raw]:
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    connection = Raw(reader, writer)
    if bound:
        connection.send(BIND)
        (answer,) = await connection.pdus(1)
        assert answer.command_status == 0
    try:
        yield connection
    finally:
        writer.transport.abort()


def names(pdus: Sequence[Pdu]) -> list[tuple[str, int]]:
    return [(type(pdu).__name__, pdu.sequence_number) for pdu in pdus]


async def reason(gateway: Running) -> str:
    await until(lambda: gateway.events(Unbound))
    return gateway.events(Unbound)[0].reason


def only(gateway: Running) -> Connection:
    (connection,) = gateway.gateway.sessions
    return connection


# -- ends ------------------------------------------------------------------------------------


async def test_what_precedes_garbage_is_answered_before_the_fin() -> None:
    async with running() as gateway, raw(gateway) as peer:
        garbage = b"\0\0\0\x07" + b"x" * 60_000
        peer.send(submit(2), submit(3), garbage)
        peer.send(b"y" * 60_000)
        answers = await peer.rest()
        assert sorted(names(answers)) == [
            ("GenericNack", int.from_bytes(b"xxxx", "big")),
            ("SubmitSmResp", 2),
            ("SubmitSmResp", 3),
        ]
        assert len(gateway.events(Submission)) == 2
        assert await reason(gateway) == "command_length"


async def test_unbind_is_answered_after_the_submits_before_it() -> None:
    async with running() as gateway, raw(gateway) as peer:
        peer.send(submit(2), submit(3), Unbind(sequence_number=4), submit(5))
        assert names(await peer.rest()) == [
            ("SubmitSmResp", 2),
            ("SubmitSmResp", 3),
            ("UnbindResp", 4),
        ]
        assert len(gateway.events(Submission)) == 2
        assert await reason(gateway) == "unbind"


async def test_unbind_behind_a_request_answered_at_once_is_answered() -> None:
    async with running() as gateway, raw(gateway) as peer:
        broadcast = b"\0\0\0\x10\0\0\1\x11\0\0\0\0\0\0\0\2"
        peer.send(broadcast, EnquireLink(sequence_number=3), Unbind(sequence_number=4))
        answers = await peer.rest()
        assert names(answers)[-1] == ("UnbindResp", 4)
        assert len(answers) == 3


async def test_a_peer_that_has_finished_sending_gets_its_answers() -> None:
    async with running() as gateway, raw(gateway) as peer:
        peer.send(*(submit(number) for number in range(2, 202)))
        peer.writer.write_eof()
        answers = await peer.rest()
        assert names(answers) == [("SubmitSmResp", number) for number in range(2, 202)]
        assert await reason(gateway) == "eof"


async def test_our_unbind_leaves_what_was_read_answered() -> None:
    async with running() as gateway, raw(gateway) as peer:
        connection = only(gateway)
        peer.send(submit(2))
        await until(lambda: connection.session.unanswered or gateway.events(Submission))
        connection.unbind()
        connection.unbind()
        unbind = next(pdu for pdu in await peer.pdus(2) if isinstance(pdu, Unbind))
        assert not connection.receives
        peer.send(submit(3) + b"\0\0\0\x10\x80\0\0\6\0\0\0\0")
        peer.send(unbind.sequence_number.to_bytes(4, "big"))
        assert names(await peer.rest()) == [("SubmitSmResp", 3)]
        assert await reason(gateway) == "unbind_by_us"


async def test_our_unbind_of_a_connection_without_a_bind_closes_it() -> None:
    async with running() as gateway, raw(gateway, bound=False) as peer:
        await until(lambda: len(gateway.gateway.sessions) == 1)
        only(gateway).unbind()
        assert await peer.rest() == []


async def test_an_unanswered_request_keeps_a_leaving_connection_only_for_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gateway.server.connection.LINGER_S", 0.05)
    async with running() as gateway, raw(gateway) as peer:
        peer.send(submit(2, b"19900000205"))
        await until(lambda: gateway.events(Submission))
        only(gateway).leave("operator")
        assert await peer.rest() == []
        await until(lambda: len(gateway.gateway.sessions) == 0)
        assert await reason(gateway) == "operator"


async def test_a_peer_that_never_closes_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.server.connection.LINGER_S", 0.05)
    async with running() as gateway, raw(gateway) as peer:
        peer.send(Unbind(sequence_number=2))
        assert names(await peer.pdus(1)) == [("UnbindResp", 2)]
        await until(lambda: len(gateway.gateway.sessions) == 0)


async def test_a_reset_connection_is_forgotten_with_its_reason() -> None:
    async with running() as gateway, raw(gateway) as peer:
        connection = peer.writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        peer.writer.transport.abort()
        assert await reason(gateway) in ("reset", "eof")
        await until(lambda: len(gateway.gateway.sessions) == 0)


async def test_answers_to_a_cut_connection_go_nowhere() -> None:
    async with running() as gateway, raw(gateway) as peer:
        connection = only(gateway)
        peer.send(submit(2))
        await until(lambda: connection.session.unanswered or gateway.events(Submission))
        connection.abort("operator")
        connection.abort("again")
        assert not connection.open
        await until(lambda: len(gateway.gateway.sessions) == 0)
        connection.send_encoded(encode(EnquireLink()))
        connection.stall(on=True)
        connection.flush()
        assert await reason(gateway) == "operator"


# -- timers ----------------------------------------------------------------------------------


@pytest.mark.parametrize("sent", [b"", b"\0\0\0\x20"])
async def test_an_unbound_connection_is_closed_in_time(sent: bytes) -> None:
    settings: dict[str, Any] = {"smpp__timers__session_init_s": 0.1}
    async with running(**settings) as gateway, raw(gateway, bound=False) as peer:
        peer.send(sent)
        await until(lambda: len(gateway.gateway.sessions) == 1)
        connection = only(gateway)
        assert await peer.rest() == []
        assert connection.close_reason == "session_init"


async def test_a_slow_writer_is_cut() -> None:
    settings: dict[str, Any] = {"smpp__timers__pdu_read_s": 0.1}
    async with running(**settings) as gateway, raw(gateway) as peer:
        peer.send(submit(2)[:20])
        assert await peer.rest() == []
        assert await reason(gateway) == "pdu_read"


async def test_a_silent_peer_is_asked_and_then_cut() -> None:
    settings: dict[str, Any] = {
        "smpp__timers__enquire_link_s": 0.05,
        "smpp__timers__response_s": 0.1,
    }
    async with running(**settings) as gateway, raw(gateway) as peer:
        assert names(await peer.rest()) == [("EnquireLink", 1)]
        assert await reason(gateway) == "enquire_link"


async def test_a_peer_that_answers_stays() -> None:
    settings: dict[str, Any] = {
        "smpp__timers__enquire_link_s": 0.03,
        "smpp__timers__response_s": 0.5,
    }
    async with running(**settings) as gateway, raw(gateway) as peer:
        for number in range(1, 5):
            assert names(await peer.pdus(1)) == [("EnquireLink", number)]
            peer.send(b"\0\0\0\x10\x80\0\0\x15\0\0\0\0" + number.to_bytes(4, "big"))
        assert only(gateway).session.bound


# -- bounds ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("overflow", "held"),
    [("throttle", 10 + QUANTUM), ("stop_reading", 10), ("close", 10 + QUANTUM)],
)
async def test_no_more_requests_are_held_than_the_window_allows(
    overflow: str, held: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that takes its time must not fill the memory with requests of one session."""
    count = 2_000
    account = police(window=10, window_overflow=overflow)
    async with running(account=[account]) as gateway, raw(gateway) as peer:
        connection = only(gateway)
        assert gateway.store is not None
        waiting: list[tuple[float, bytes]] = []
        begin = gateway.store.begin
        monkeypatch.setattr(gateway.store, "begin", lambda at, blob: waiting.append((at, blob)))
        peer.send(*(submit(number) for number in range(2, count + 2)))
        await until(lambda: connection.session.unanswered >= 10 and waiting)
        async with raw(gateway, bound=False) as other:
            # Its answer shows that the gateway has been round its loop with all of that unread.
            for number in range(1, 20):
                other.send(EnquireLink(sequence_number=number))
                await other.pdus(1)
        assert 10 <= connection.session.unanswered <= held
        monkeypatch.undo()
        begin(*waiting.pop())
        if overflow != "close":
            answers = await peer.pdus(count)
            assert sorted(pdu.sequence_number for pdu in answers) == list(range(2, count + 2))
        else:
            read = [pdu.sequence_number for pdu in await peer.rest()]
            assert read == list(range(2, len(gateway.events(Submission)) + 2))
            assert await reason(gateway) == "window"


async def test_a_storm_on_one_session_leaves_the_others_their_turn() -> None:
    async with running() as gateway, raw(gateway) as storm, raw(gateway) as other:
        count = 16_000
        storm.send(encode(EnquireLink(sequence_number=9)) * count)
        first = gateway.gateway.sessions.of("police")[0]
        await until(lambda: first.session.backlog)
        other.send(submit(2))
        assert names(await other.pdus(1)) == [("SubmitSmResp", 2)]
        assert first.session.backlog
        assert len(await storm.pdus(count)) == count


async def test_a_peer_that_reads_nothing_is_cut_and_its_memory_bounded() -> None:
    settings: dict[str, Any] = {
        "smpp__timers__write_stall_s": 0.2,
        "smpp__limits__write_buffer": 8192,
    }
    async with running(**settings) as gateway:
        loop = asyncio.get_running_loop()
        with socket.socket() as silent:
            silent.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            silent.setblocking(False)
            await loop.sock_connect(silent, ("127.0.0.1", gateway.port))
            await loop.sock_sendall(silent, encode(BIND))
            await until(lambda: gateway.gateway.sessions.of("police"))
            connection = only(gateway)
            sending = asyncio.ensure_future(
                loop.sock_sendall(silent, encode(EnquireLink(sequence_number=9)) * 400_000)
            )
            largest = 0

            def gone() -> bool:
                nonlocal largest
                if connection._transport is not None:
                    largest = max(largest, connection._transport.get_write_buffer_size())
                return len(gateway.gateway.sessions) == 0

            await until(gone)
            assert await reason(gateway) == "write_stall"
            assert largest <= 8192 + 64 * 16
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)


async def test_receipts_of_a_slow_reader_wait_outside_its_connection() -> None:
    settings: dict[str, Any] = {
        "smpp__timers__write_stall_s": 0.3,
        "smpp__limits__write_buffer": 16384,
    }
    count = 1_500
    async with running(**settings) as gateway:
        slow = await gateway.esme(BindMode.RX)
        slow.connection.stall(on=True)
        connection = only(gateway)
        server_socket = connection._transport.get_extra_info("socket")  # type: ignore[union-attr]  # open
        server_socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        options = SubmitOptions(registered_delivery=1)
        async with await gateway.esme(BindMode.TX) as sender:
            ids: set[str] = set()
            for _ in range(count):
                submitted = await sender.submit("19900000000", TEXT, NUMBER, options)
                ids.update(submitted.message_ids)
            if connection._transport is not None:
                assert connection._transport.get_write_buffer_size() <= 16384 + 128 * 400
            await until(lambda: connection not in gateway.gateway.sessions.of("police"))
        slow.connection.abort()
        assert gateway.gateway.outbox.depth("police") >= count // 2
        received: set[str] = set()
        async with await gateway.esme(BindMode.RX) as eager:
            while received < ids:
                receipt = await eager.delivery(lambda _delivery: True)
                assert isinstance(receipt, Receipt)
                received.add(receipt.message_id)
        await until(lambda: gateway.gateway.outbox.depth("police") == 0)


async def test_nothing_more_is_read_while_a_bind_is_decided() -> None:
    async with running() as gateway:
        held: list[Any] = []
        deciding = binder.Binder._decide
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(binder.Binder, "_decide", lambda *args, **kw: held.append((args, kw)))
            async with raw(gateway, bound=False) as peer:
                peer.send(BIND, b"\0" * 500_000)
                await until(lambda: held)
                connection = only(gateway)
                await until(lambda: connection._reading_paused)
                assert connection.session.buffered <= 262_144
                arguments, named = held[0]
                deciding(*arguments, **named)
                answers = await peer.rest()
                assert answers[0].command_status == 0
                assert answers[1].command_status == CommandStatus.ESME_RINVCMDLEN


# -- operators and logs ----------------------------------------------------------------------


async def test_an_operator_may_stall_a_session() -> None:
    async with running() as gateway, raw(gateway) as peer:
        connection = only(gateway)
        connection.stall(on=True)
        assert not connection.receives
        peer.send(EnquireLink(sequence_number=2))
        await asyncio.sleep(0.02)
        assert connection.session.last_received < connection._loop.time() - 0.01
        connection.stall(on=False)
        assert names(await peer.pdus(1)) == [("EnquireLinkResp", 2)]


async def test_every_octet_is_shown_to_the_pdu_log() -> None:
    seen: list[tuple[bool, bytes]] = []

    def log(connection: Connection, data: bytes, *, sent: bool) -> None:
        seen.append((sent, data))

    async with running(pdu_log=log) as gateway, raw(gateway) as peer:
        peer.send(submit(2), EnquireLink(sequence_number=3))
        await peer.pdus(2)
        peer.send(Unbind(sequence_number=4))
        await peer.rest()
    received = pdus_in(b"".join(data for sent, data in seen if not sent))
    written = pdus_in(b"".join(data for sent, data in seen if sent))
    assert [pdu.command_id for pdu in received] == [
        CommandId.BIND_TRANSCEIVER,
        CommandId.SUBMIT_SM,
        CommandId.ENQUIRE_LINK,
        CommandId.UNBIND,
    ]
    assert len(written) == 4


@plain_python_only
async def test_a_mistake_with_answers_or_submissions_leaves_the_session_alive(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_arguments: object, **_named: object) -> None:
        raise RuntimeError("a mistake")

    async with running() as gateway, raw(gateway) as peer:
        monkeypatch.setattr(gateway.gateway.intake, "submits", broken)
        peer.send(submit(2), submit(3))
        answers = await peer.pdus(2)
        assert {answer.command_status for answer in answers} == {CommandStatus.ESME_RSYSERR}
        monkeypatch.undo()
        monkeypatch.setattr(gateway.gateway.binder, "bind", broken)
        peer.send(submit(4))
        assert names(await peer.pdus(1)) == [("SubmitSmResp", 4)]
        assert len(gateway.mistakes) == 1
        gateway.mistakes.clear()


async def test_a_mistake_with_a_bind_is_answered_and_the_next_may_succeed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_arguments: object, **_named: object) -> None:
        raise RuntimeError("a mistake")

    async with running() as gateway, raw(gateway, bound=False) as peer:
        monkeypatch.setattr(gateway.gateway.binder, "_decide", broken)
        peer.send(BIND)
        assert [pdu.command_status for pdu in await peer.pdus(1)] == [CommandStatus.ESME_RSYSERR]
        monkeypatch.undo()
        peer.send(BIND)
        assert [pdu.command_status for pdu in await peer.pdus(1)] == [0]
        gateway.mistakes.clear()


async def test_a_peer_that_closes_before_its_last_answer_costs_nobody_a_message() -> None:
    loop = asyncio.get_running_loop()
    async with running(contract="none") as gateway:
        assert gateway.store is not None
        commit = gateway.store._commit
        peer = socket.socket()
        peer.setblocking(False)
        await loop.sock_connect(peer, ("127.0.0.1", gateway.port))
        await loop.sock_sendall(peer, encode(BIND))
        assert await loop.sock_recv(peer, 1_000)

        (connection,) = gateway.gateway.sessions.of("police")

        def commit_after_close(at: float, blob: bytes) -> None:
            # The answer meets a closed socket and brings a RST before the FIN can be sent.
            if connection.session.unanswered:
                connection.leave("operator")
                peer.close()
            commit(at, blob)

        gateway.store._commit = commit_after_close  # type: ignore[method-assign]  # with the answer under way
        await loop.sock_sendall(peer, submit(2))
        await until(lambda: gateway.events(Outcome))
        await until(lambda: not len(gateway.gateway.sessions))
