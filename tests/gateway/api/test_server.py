"""Hold the server to its bounds, over real sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from gateway.api import server
from gateway.api.app import build_app
from gateway.api.server import HttpServer, serve

from .memory import Memory, message


@asynccontextmanager
async def running(memory: Memory | None = None) -> AsyncIterator[HttpServer]:
    app = build_app((memory or Memory()).context)
    started = await serve(app, "127.0.0.1", 0)
    try:
        yield started
    finally:
        await started.stop(0.1)


async def say(port: int, octets: bytes) -> bytes:
    """Send octets and read until the server closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(octets)
    async with asyncio.timeout(5):
        answer = await reader.read()
    writer.close()
    return answer


def problem_in(answer: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer.partition(b"\r\n\r\n")[2])
    return found


async def test_requests_are_answered_on_one_connection() -> None:
    async with running() as started, httpx.AsyncClient(trust_env=False) as client:
        for _ in range(3):
            answer = await client.get(f"http://127.0.0.1:{started.port}/livez")
            assert answer.json() == {"alive": True}
        assert started.host == "127.0.0.1"


async def test_a_port_in_use_is_an_error_of_the_system() -> None:
    async with running() as started:
        with pytest.raises(OSError, match="address already in use"):
            await serve(build_app(Memory().context), "127.0.0.1", started.port)


async def test_two_servers_run_side_by_side() -> None:
    async with running() as one, running() as other:
        assert one.port != other.port


async def test_what_is_not_http_gets_a_problem() -> None:
    async with running() as started:
        answer = await say(started.port, b"\x00\x00\x00\x10\x00\x00\x00\x09" + bytes(8))
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert problem_in(answer)["status"] == 400


async def test_a_head_that_never_ends_is_cut_off_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "HEAD_S", 0.05)
    async with running() as started:
        answer = await say(started.port, b"GET /livez HTTP/1.1\r\nHost: localhost\r\n")
    assert answer.startswith(b"HTTP/1.1 408 ")


async def test_the_head_of_a_later_request_has_its_time_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(server, "HEAD_S", 0.05)
    whole = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"
    async with running() as started:
        reader, writer = await asyncio.open_connection("127.0.0.1", started.port)
        writer.write(whole)
        assert (await reader.readuntil(b'{"alive":true}')).startswith(b"HTTP/1.1 200 ")
        writer.write(whole[:20])
        async with asyncio.timeout(5):
            assert (await reader.read()).startswith(b"HTTP/1.1 408 ")
        writer.close()


async def test_a_silent_connection_is_cut_off_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "HEAD_S", 0.05)
    async with running() as started:
        assert (await say(started.port, b"")).startswith(b"HTTP/1.1 408 ")


async def test_an_endless_head_is_cut_off() -> None:
    async with running() as started:
        filler = b"X-Filler: " + b"x" * 8000 + b"\r\n"
        answer = await say(started.port, b"GET / HTTP/1.1\r\n" + filler * 10)
    assert answer.startswith(b"HTTP/1.1 431 ")
    assert "65536" in problem_in(answer)["detail"]


async def test_connections_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "MOST_CONNECTIONS", 1)
    async with running() as started:
        _, first = await asyncio.open_connection("127.0.0.1", started.port)
        answer = await say(started.port, b"")
        first.close()
    assert answer.startswith(b"HTTP/1.1 503 ")


async def test_stopping_answers_what_is_still_waiting() -> None:
    memory = Memory()
    memory.messages.kept = [message(1)]
    waiting = asyncio.Event()

    async def for_ever(version: int, timeout_s: float) -> None:
        waiting.set()
        await asyncio.Event().wait()

    memory.messages.changed = for_ever  # type: ignore[method-assign]  # nothing ever comes
    started = await serve(build_app(memory.context), "127.0.0.1", 0)
    async with httpx.AsyncClient(trust_env=False) as client, asyncio.TaskGroup() as group:
        request = group.create_task(ask_in_vain(client, started.port))
        await waiting.wait()
        async with asyncio.timeout(5):
            await started.stop(0.01)
        await request
    with pytest.raises(OSError, match="onnect"):
        await asyncio.open_connection("127.0.0.1", started.port)


async def ask_in_vain(client: httpx.AsyncClient, port: int) -> None:
    url = f"http://127.0.0.1:{port}/api/v1/messages:wait"
    answer = await client.post(url, json={"q": "is:rejected"})
    assert answer.status_code == 503
    assert answer.json()["detail"] == "the gateway stops"
