"""Know the connections: who is bound, who is not yet, when all are gone."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway.load.errors import EsmeError
from smpp.constants import BindMode
from tests.support.inprocess import running, until


async def test_sessions_are_known_by_id_and_account_in_the_order_of_their_binds() -> None:
    async with running() as gateway:
        sessions = gateway.gateway.sessions
        async with await gateway.esme(), await gateway.esme(BindMode.RX), await gateway.esme(None):
            first, second = sessions.of("police")
            assert (first.mode, second.mode) == ("TRX", "RX")
            assert sessions.get(first.session_id) is first
            assert first.session_id < second.session_id
            assert (len(sessions), len(list(sessions))) == (3, 3)
            assert sessions.unbound_of("127.0.0.1") == 1
        await until(lambda: len(sessions) == 0)
        assert sessions.of("police") == []
        assert sessions.unbound_of("127.0.0.1") == 0
        assert sessions.get(first.session_id) is None


async def test_one_waits_until_no_connection_is_left() -> None:
    async with running() as gateway:
        await gateway.gateway.sessions.emptied()
        esme = await gateway.esme()
        waiting = asyncio.ensure_future(gateway.gateway.sessions.emptied())
        await asyncio.sleep(0)
        assert not waiting.done()
        await esme.unbind()
        async with asyncio.timeout(5.0):
            await waiting


@pytest.mark.parametrize("limit", ["max_connections", "max_unbound_per_address"])
async def test_a_connection_beyond_the_limits_is_cut_and_the_others_live(limit: str) -> None:
    settings: dict[str, Any] = {f"smpp__limits__{limit}": 2}
    async with running(**settings) as gateway:
        one, two = await gateway.esme(None), await gateway.esme(None)
        third = await gateway.esme(None)
        async with asyncio.timeout(5.0):
            await asyncio.shield(third.lost)
        with pytest.raises(EsmeError):
            await third.bind("police", "secret08")
        await one.bind("police", "secret08")
        await two.bind("police", "secret08")
        await one.unbind()
        await two.unbind()


async def test_only_unbound_connections_count_for_their_address() -> None:
    async with running(smpp__limits__max_unbound_per_address=1) as gateway:
        esmes = [await gateway.esme() for _ in range(3)]
        assert len(gateway.gateway.sessions) == 3
        for esme in esmes:
            await esme.unbind()
