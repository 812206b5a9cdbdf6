"""Hold the server to its bounds, over real sockets."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import socket
from asyncio import constants
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from gateway import descriptors
from gateway.api.app import build_app
from gateway.api.server import HttpServer, ServerLimits, serve

from .memory import Memory, message

SHORT = ServerLimits(head_s=0.05)
WHOLE = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"


@asynccontextmanager
async def running(limits: ServerLimits | None = None) -> AsyncIterator[HttpServer]:
    started = await serve(build_app(Memory().context), "127.0.0.1", 0, limits)
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
        with pytest.raises(OSError, match="Address already in use"):
            await serve(build_app(Memory().context), "127.0.0.1", started.port)


async def test_two_servers_run_side_by_side() -> None:
    async with running() as one, running() as other:
        assert one.port != other.port


async def test_what_is_not_http_gets_a_problem() -> None:
    async with running() as started:
        answer = await say(started.port, b"\x00\x00\x00\x10\x00\x00\x00\x09" + bytes(8))
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert problem_in(answer)["status"] == 400


async def test_a_head_that_never_ends_is_cut_off_in_time() -> None:
    async with running(SHORT) as started:
        answer = await say(started.port, b"GET /livez HTTP/1.1\r\nHost: localhost\r\n")
    assert answer.startswith(b"HTTP/1.1 408 ")


async def test_the_head_of_a_later_request_has_its_time_too() -> None:
    async with running(SHORT) as started:
        reader, writer = await asyncio.open_connection("127.0.0.1", started.port)
        writer.write(WHOLE)
        assert (await reader.readuntil(b'{"alive":true}')).startswith(b"HTTP/1.1 200 ")
        writer.write(WHOLE[:20])
        async with asyncio.timeout(5):
            assert (await reader.read()).startswith(b"HTTP/1.1 408 ")
        writer.close()


async def test_a_silent_connection_is_cut_off_in_time() -> None:
    async with running(SHORT) as started:
        assert (await say(started.port, b"")).startswith(b"HTTP/1.1 408 ")


async def test_an_endless_head_is_cut_off() -> None:
    async with running() as started:
        filler = b"X-Filler: " + b"x" * 8000 + b"\r\n"
        answer = await say(started.port, b"GET / HTTP/1.1\r\n" + filler * 10)
    assert answer.startswith(b"HTTP/1.1 431 ")
    assert "65536" in problem_in(answer)["detail"]


async def test_beyond_the_limit_the_oldest_without_a_request_makes_room() -> None:
    async with running(ServerLimits(connections=2)) as started:
        oldest, end_oldest = await asyncio.open_connection("127.0.0.1", started.port)
        other, say_other = await asyncio.open_connection("127.0.0.1", started.port)
        newest, say_newest = await asyncio.open_connection("127.0.0.1", started.port)
        async with asyncio.timeout(5):
            assert (await oldest.read()).startswith(b"HTTP/1.1 503 ")
            end_oldest.close()
            for reader, writer in ((other, say_other), (newest, say_newest)):
                writer.write(WHOLE)
                assert (await reader.readuntil(b'{"alive":true}')).startswith(b"HTTP/1.1 200 ")
                writer.close()


async def test_a_connection_with_a_request_at_work_makes_no_room() -> None:
    memory = Memory()
    memory.messages.kept = [message(1)]
    asked: asyncio.Event = asyncio.Event()

    async def for_ever(version: int, timeout_s: float) -> None:
        asked.set()
        await asyncio.Event().wait()

    memory.messages.changed = for_ever  # type: ignore[method-assign]  # nothing ever comes
    limits = ServerLimits(connections=1)
    started = await serve(build_app(memory.context), "127.0.0.1", 0, limits)
    async with httpx.AsyncClient(trust_env=False) as client, asyncio.TaskGroup() as group:
        request = group.create_task(ask_in_vain(client, started.port))
        await asked.wait()
        assert (await say(started.port, b"")).startswith(b"HTTP/1.1 503 ")
        assert not request.done()
        await started.stop(0.01)
        await request


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE])
async def test_without_a_free_descriptor_it_says_so_once_and_goes_on(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: told.append(context))
    monkeypatch.setattr(constants, "ACCEPT_RETRY_DELAY", 0.01)
    monkeypatch.setattr(descriptors, "PAUSE_S", 0.005)
    left = [2]

    def accept(_self: socket.socket) -> tuple[socket.socket, Any]:
        if left[0]:
            left[0] -= 1
            raise OSError(number, os.strerror(number))
        return real(_self)

    real = socket.socket.accept
    monkeypatch.setattr(socket.socket, "accept", accept)
    async with running() as started:
        reader, writer = await asyncio.open_connection("127.0.0.1", started.port)
        writer.write(WHOLE)
        async with asyncio.timeout(5):
            assert (await reader.readuntil(b'{"alive":true}')).startswith(b"HTTP/1.1 200 ")
        writer.close()
    assert [context["message"] for context in told] == [
        "socket.accept() out of system resource"
    ] * 2


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
