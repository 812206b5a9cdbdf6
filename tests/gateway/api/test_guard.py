"""Hold the guard to what it keeps out, and to the headers it adds."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.api import guard
from gateway.api.access import Gate
from gateway.api.app import build_app
from gateway.api.guard import Guard, Rules
from gateway.clock import ManualClock

from .memory import LOOPBACK, NOON, RECIPIENT, SENDER, Memory

BODY = {"from": RECIPIENT, "to": SENDER, "text": "TD"}


async def test_a_body_above_the_limit_is_refused_before_it_is_read() -> None:
    memory = Memory(http__max_body=1024)
    async with memory.client() as client:
        answer = await client.post("/api/v1/mo", json={**BODY, "text": "x" * 1024})
    assert answer.status_code == 413
    assert "1024 allowed" in answer.json()["detail"]
    assert memory.mo.taken == []


async def test_a_body_without_declared_length_is_counted_as_it_comes() -> None:
    memory = Memory(http__max_body=1024)

    async def chunks() -> Any:
        for _ in range(3):
            yield b"x" * 512

    async with memory.client() as client:
        answer = await client.post("/api/v1/mo", content=chunks())
    assert answer.status_code == 413
    assert "more than 1024" in answer.json()["detail"]


async def test_a_slow_body_is_refused_in_time() -> None:
    app: Any = build_app(Memory(http__body_s=0.01).context, LOOPBACK)

    async def never() -> MutableMapping[str, Any]:
        await asyncio.Event().wait()
        raise AssertionError

    status, headers, body = await exchange(app, "POST", "/api/v1/mo", never)
    assert status == 408
    assert b"not complete after" in body
    assert headers[b"connection"] == b"close"


async def test_a_connection_that_ends_within_the_body_takes_nothing() -> None:
    memory = Memory()
    app: Any = build_app(memory.context, LOOPBACK)

    async def ended() -> MutableMapping[str, Any]:
        return {"type": "http.disconnect"}

    status, _, _ = await exchange(app, "POST", "/api/v1/mo", ended)
    assert status == 400
    assert memory.mo.taken == []


async def test_a_reader_that_stalls_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "WRITE_STALL_S", 0.01)

    async def stalled(message: MutableMapping[str, Any]) -> None:
        await asyncio.Event().wait()

    app: Any = build_app(Memory().context, LOOPBACK)
    with pytest.raises(TimeoutError):
        await app(scope("GET", "/livez"), nothing, stalled)


async def test_every_answer_carries_the_standing_headers() -> None:
    async with Memory().client() as client:
        for path in ("/livez", "/nowhere", "/api/v1/messages?limit=0"):
            headers = (await client.get(path)).headers
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["cache-control"] == "no-store"
            assert "default-src 'none'" in headers["content-security-policy"]
            assert headers["date"] == "Mon, 02 Mar 2026 04:00:00 GMT"
            assert "server" not in headers


async def test_head_gives_the_headers_of_get_without_its_body() -> None:
    async with Memory().client() as client:
        got, head = await client.get("/livez"), await client.head("/livez")
    assert head.content == b""
    assert head.headers == got.headers


async def test_a_repeated_post_with_the_same_key_has_its_effect_once() -> None:
    memory = Memory()
    async with memory.client(headers={"Idempotency-Key": "k1"}) as client:
        first = await client.post("/api/v1/mo", json=BODY)
        second = await client.post("/api/v1/mo", json=BODY)
    assert len(memory.mo.taken) == 1
    assert second.json() == first.json()
    assert second.status_code == 202
    assert second.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers


async def test_another_key_is_another_request() -> None:
    memory = Memory()
    async with memory.client() as client:
        for key in ("k1", "k2"):
            await client.post("/api/v1/mo", json=BODY, headers={"Idempotency-Key": key})
    assert len(memory.mo.taken) == 2


async def test_a_key_of_one_caller_is_not_that_of_another() -> None:
    memory = Memory()
    app: Any = build_app(memory.context, LOOPBACK)
    for token in (b"tester-token", b"operator-token"):
        headers = [(b"authorization", b"Bearer " + token), (b"idempotency-key", b"k1")]
        body = b'{"from": "13300000001", "to": "106590990371", "text": "TD"}'
        status, _, _ = await exchange(app, "POST", "/api/v1/mo", body_of(body), headers)
        assert status == 202
    assert len(memory.mo.taken) == 2


async def test_a_key_used_with_another_body_is_refused() -> None:
    memory = Memory()
    async with memory.client(headers={"Idempotency-Key": "k1"}) as client:
        await client.post("/api/v1/mo", json=BODY)
        answer = await client.post("/api/v1/mo", json={**BODY, "text": "other"})
    assert answer.status_code == 422
    assert "used before with another body" in answer.json()["detail"]
    assert len(memory.mo.taken) == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "a\x7fb"])
async def test_a_key_out_of_bounds_is_refused(key: str) -> None:
    memory = Memory()
    async with memory.client(headers={"Idempotency-Key": key}) as client:
        answer = await client.post("/api/v1/mo", json=BODY)
    assert answer.status_code == 400
    assert "Idempotency-Key" in answer.json()["detail"]
    assert memory.mo.taken == []


async def test_a_request_that_failed_may_be_repeated_with_its_key() -> None:
    memory = Memory()
    memory.mo.full = True
    async with memory.client(headers={"Idempotency-Key": "k1"}) as client:
        assert (await client.post("/api/v1/mo", json=BODY)).status_code == 507
        memory.mo.full = False
        assert (await client.post("/api/v1/mo", json=BODY)).status_code == 202


async def test_a_repetition_while_the_first_is_at_work_is_refused() -> None:
    begun, release = asyncio.Event(), asyncio.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        begun.set()
        await release.wait()
        await Response("done")(scope, receive, send)

    guarded = guarded_app(slow)
    headers = [(b"idempotency-key", b"k1")]
    async with asyncio.TaskGroup() as group:
        first = group.create_task(exchange(guarded, "POST", "/x", body_of(b""), headers))
        await begun.wait()
        status, _, body = await exchange(guarded, "POST", "/x", body_of(b""), headers)
        assert status == 409
        assert b"still at work" in body
        release.set()
    assert first.result()[0] == 200


async def test_a_request_that_broke_off_may_be_repeated_with_its_key() -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError("broken")

    guarded = guarded_app(broken)
    for _ in range(2):
        with pytest.raises(RuntimeError):
            await exchange(guarded, "POST", "/x", body_of(b""), [(b"idempotency-key", b"k1")])


async def test_an_error_of_ours_is_told_without_its_words() -> None:
    memory = Memory()
    memory.messages.kept = [{"id": RECIPIENT}]  # no message: what reads it fails

    async def broken(query: str, **_: object) -> Any:
        raise RuntimeError(f"row of {RECIPIENT} is broken")

    memory.messages.find = broken  # type: ignore[method-assign]  # the fault under test
    async with memory.client() as client:
        answer = await client.get("/api/v1/messages")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert RECIPIENT not in answer.text


# -- by hand ---------------------------------------------------------------------------------------


def guarded_app(app: ASGIApp) -> Guard:
    gate = Gate([], loopback=True)
    return Guard(app, Rules(ManualClock(at=NOON), LOOPBACK, gate, lambda scope: None, 1024, 30.0))


def scope(
    method: str, path: str, headers: list[tuple[bytes, bytes]] | None = None
) -> dict[str, Any]:
    return {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [
            (b"host", b"localhost"), (b"content-type", b"application/json"), *(headers or ()),
        ],
        "client": ("127.0.0.1", 40000),
        "server": ("127.0.0.1", 8775),
        "scheme": "http",
    }  # fmt: skip


async def nothing() -> MutableMapping[str, Any]:
    return {"type": "http.disconnect"}


def body_of(body: bytes) -> Receive:
    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def exchange(
    app: Any,
    method: str,
    path: str,
    receive: Receive,
    headers: list[tuple[bytes, bytes]] | None = None,
) -> tuple[int, dict[bytes, bytes], bytes]:
    sent: list[MutableMapping[str, Any]] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    await app(scope(method, path, headers), receive, send)
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return sent[0]["status"], dict(sent[0]["headers"]), body
