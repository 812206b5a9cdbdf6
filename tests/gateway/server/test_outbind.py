"""Invite ESMEs: connect to them, say outbind, and deliver on what they bind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from gateway.clock import SystemClock
from gateway.load.binding import bind_request
from gateway.load.connection import EsmeConnection
from gateway.load.esme import Esme
from gateway.load.inbox import Inbox, Receipt
from gateway.server import outbind as outbind_module
from routing.events import Bound
from smpp.constants import BindMode, CommandStatus
from smpp.pdus import Outbind, Pdu
from smpp.session import SessionLimits
from tests.support.inprocess import NUMBER, TEXT, Running, police, running, until

TO = "19900000000"


class Listening:
    """Be an ESME that waits for a call: the connections that came, and what each was told."""

    def __init__(self) -> None:
        self.esmes: list[Esme] = []
        self.heard: list[list[Pdu]] = []

    def make(self) -> EsmeConnection:
        heard: list[Pdu] = []
        inbox = Inbox(None, "gsm0338")
        connection = EsmeConnection(
            SystemClock(), SessionLimits(), inbox.take_pdu, on_pdu=heard.append
        )
        self.heard.append(heard)
        self.esmes.append(Esme(connection, inbox))
        return connection


@asynccontextmanager
async def listening() -> AsyncIterator[tuple[Listening, int]]:
    """Give somebody to be invited, and the port."""
    esme = Listening()
    server = await asyncio.get_running_loop().create_server(esme.make, "127.0.0.1", 0)
    try:
        yield esme, server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for one in esme.esmes:
            one.connection.abort()
        await server.wait_closed()


def invited(port: int, **changes: object) -> dict[str, Any]:
    """Give settings with an account that is invited, and no pauses to speak of."""
    account = police(outbind=f"127.0.0.1:{port}", outbind_password="secret09", **changes)
    return {"account": [account]}


async def one_receipt_waits(gateway: Running) -> str:
    async with await gateway.esme(BindMode.TX) as esme:
        (message_id,) = (await esme.submit(TO, TEXT, NUMBER)).message_ids
    await until(lambda: gateway.gateway.outbox.depth("police") == 1)
    await until(lambda: not gateway.gateway.sessions.of("police"))
    return message_id


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbind_module, "FIRST_PAUSE_S", 0.0)
    monkeypatch.setattr("gateway.app.HOUSEKEEPING_S", 0.01)


@pytest.mark.parametrize("mode", [BindMode.RX, BindMode.TRX])
async def test_an_esme_is_invited_and_gets_its_receipt_on_that_connection(mode: BindMode) -> None:
    async with listening() as (esme, port), running(**invited(port)) as gateway:
        message_id = await one_receipt_waits(gateway)
        await until(lambda: esme.heard and esme.heard[0])
        (told,) = esme.heard[0]
        assert isinstance(told, Outbind)
        assert (told.system_id, told.password) == (b"smsgw", b"secret09")
        await esme.esmes[0].bind("police", "secret08", mode)
        receipt = await esme.esmes[0].delivery(lambda _delivery: True)
        assert isinstance(receipt, Receipt)
        assert (receipt.message_id, receipt.stat) == (message_id, "DELIVRD")
        await until(lambda: gateway.gateway.outbox.depth("police") == 0)
        assert gateway.events(Bound)[-1].peer == "127.0.0.1"
        await esme.esmes[0].unbind()


def inviting() -> list[str]:
    """Name the tasks that call an ESME at this moment."""
    names = [task.get_name() for task in asyncio.all_tasks()]
    return [name for name in names if name.startswith("outbind ")]


async def test_nobody_is_invited_while_nothing_waits_or_a_receiver_is_bound() -> None:
    async with listening() as (esme, port), running(**invited(port)) as gateway:
        outbinder = gateway.gateway.outbinder
        outbinder.look()
        async with await gateway.esme(acknowledge=lambda _pdu: None) as bound:
            await bound.submit(TO, TEXT, NUMBER)
            await until(lambda: gateway.gateway.outbox.depth("police") == 1)
            outbinder.look()
            assert inviting() == []
        assert esme.esmes == []


async def test_a_transmitter_alone_does_not_keep_the_esme_from_being_invited() -> None:
    async with (
        listening() as (esme, port),
        running(**invited(port)) as gateway,
        await gateway.esme(BindMode.TX) as sending,
    ):
        await sending.submit(TO, TEXT, NUMBER)
        await until(lambda: esme.heard and esme.heard[0])


async def test_one_that_is_not_there_is_called_again() -> None:
    async with listening() as (_other, port):
        pass
    async with running(**invited(port)) as gateway:
        await one_receipt_waits(gateway)
        guest = gateway.gateway.outbinder._guests["police"]
        await until(lambda: guest.next_at > 0)
        esme = Listening()
        server = await asyncio.get_running_loop().create_server(esme.make, "127.0.0.1", port)
        guest.next_at = 0.0
        await until(lambda: esme.heard and esme.heard[0])
        server.close()
        esme.esmes[0].connection.abort()
        await server.wait_closed()


async def test_pauses_double_and_end_at_the_longest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbind_module, "FIRST_PAUSE_S", 1.0)
    monkeypatch.setattr(outbind_module, "LONGEST_PAUSE_S", 4.0)
    async with running(**invited(1)) as gateway:
        outbinder = gateway.gateway.outbinder
        guest = outbinder._guests["police"]
        guest.pause_s = 1.0
        due = []
        for _ in range(4):
            outbinder._postpone(guest, 100.0)
            due.append(guest.next_at)
        assert due == [101.0, 102.0, 104.0, 104.0]


async def test_an_invited_one_that_hangs_up_is_invited_again_and_never_twice_at_a_time() -> None:
    async with listening() as (esme, port), running(**invited(port)) as gateway:
        await one_receipt_waits(gateway)
        for round_ in range(3):
            await until(lambda n=round_: len(esme.heard) > n and esme.heard[n])  # type: ignore[misc]  # a default
            guest = gateway.gateway.outbinder._guests["police"]
            guest.next_at = guest.pause_s = 0.0
            gateway.gateway.outbinder.look()
            assert (guest.connecting, len(esme.esmes)) == (False, round_ + 1)
            esme.esmes[round_].connection.abort()


async def test_the_rules_of_a_bind_hold_on_an_invited_connection_too() -> None:
    changes = {"bind_modes": ["receiver", "transmitter"]}
    async with listening() as (esme, port), running(**invited(port, **changes)) as gateway:
        await one_receipt_waits(gateway)
        await until(lambda: esme.heard and esme.heard[0])
        called = esme.esmes[0].connection
        for password, mode in (("wrong", BindMode.RX), ("secret08", BindMode.TRX)):
            answer = await called.request(bind_request("police", password, mode, 0x34))
            assert answer.command_status == CommandStatus.ESME_RBINDFAIL
        await esme.esmes[0].bind("police", "secret08", BindMode.RX)
        await esme.esmes[0].delivery(lambda _delivery: True)
        await until(lambda: gateway.gateway.outbox.depth("police") == 0)


async def test_an_invited_one_that_does_not_bind_is_hung_up() -> None:
    timers: dict[str, Any] = {"smpp__timers__session_init_s": 0.1}
    async with listening() as (esme, port), running(**invited(port), **timers) as gateway:
        await one_receipt_waits(gateway)
        await until(lambda: esme.esmes)
        async with asyncio.timeout(5.0):
            await esme.esmes[0].connection.lost


async def test_a_closed_outbinder_invites_nobody() -> None:
    async with listening() as (esme, port), running(**invited(port)) as gateway:
        gateway.gateway.outbinder.close()
        await one_receipt_waits(gateway)
        gateway.gateway.outbinder.look()
        assert (esme.esmes, inviting()) == ([], [])
