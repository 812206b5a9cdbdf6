"""Hold the calls of party A's interface to clause 4.3, over a real little HTTP server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from config.problems import ConfigError
from config.settings import reserved
from gateway.journal.reader import SqliteJournalReader
from gateway.load.errors import SubmitError
from gateway.unsubscriber import Answer, read_answer
from metrics.unsubscribe import Request
from routing.office_events import UnsubscribeCalled
from tests.support.http import api_of
from tests.support.inprocess import NUMBER, TEXT, Running, running, settings_of, until

USER = "13300000001"
PATH = "/api/v1/unsubscribe"
UNKNOWN = "status {}, without a result that is known"


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.unsubscriber.LOOK_S", 0.01)
    monkeypatch.setattr("gateway.unsubscriber._FIRST_PAUSE_S", 0.01)


@dataclass
class PartyA:
    """Be party A's interface: answer by a list of (status, body), the last one for ever."""

    answers: list[tuple[int, str]]
    url: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        (length,) = [line.split(":")[1] for line in head.split("\r\n")
                     if line.lower().startswith("content-length")]  # fmt: skip
        self.heads.append(head)
        self.requests.append(json.loads(await reader.readexactly(int(length))))
        status, body = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if status == 0:  # says nothing, and waits for the caller to go
            await reader.read()
        else:
            writer.write(
                f"HTTP/1.1 {status} X\r\nLocation: {self.url}/elsewhere\r\n"
                f"Content-Length: {len(body.encode())}\r\nConnection: close\r\n\r\n{body}".encode()
            )
        writer.close()


@asynccontextmanager
async def party_a(*answers: tuple[int, str]) -> AsyncIterator[PartyA]:
    interface = PartyA(list(answers))
    server = await asyncio.start_server(interface.serve, "127.0.0.1", 0)
    interface.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/unsubscribe"
    async with server:
        yield interface


def empty(wanted: dict[str, Request]) -> bool:
    return not wanted


DONE = (200, '{"result": "done"}')


def called(run: Running) -> list[UnsubscribeCalled]:
    return run.events(UnsubscribeCalled)


async def test_party_a_is_told_and_the_user_is_spared_at_once() -> None:
    async with (
        party_a(DONE) as interface,
        running(unsubscribe__url=interface.url, unsubscribe__token="a-token-of-party-a") as run,
        api_of(run) as api,
    ):
        answer = await api.client.post(PATH, json={"number": USER, "why": "called"})
        assert answer.status_code == 202
        assert answer.json()["stopped"][0]["access_number"] == NUMBER
        async with await run.esme() as esme:
            with pytest.raises(SubmitError):
                await esme.submit(USER, TEXT, NUMBER)
        await until(lambda: called(run))
        (event,) = called(run)
        assert (event.account, event.number, event.result, event.attempts) == (
            "police", USER, "done", 1,
        )  # fmt: skip
        (sent,) = interface.requests
        assert (sent["number"], sent["source"], sent["categories"]) == (
            USER, "customer_service", [],
        )  # fmt: skip
        assert f"idempotency-key: {USER}-{sent['requested_at_ms']}" in interface.heads[0].lower()
        assert "authorization: bearer a-token-of-party-a" in interface.heads[0].lower()
        assert (await api.client.get(f"{PATH}/{USER}")).json()["interface"] == "none"
        shown = (await api.client.get(PATH)).json()
        assert (shown["accounts"][0]["calls"], shown["open"], shown["waiting"]) == (1, [], 0)


async def test_a_refusal_by_reply_is_told_and_party_a_s_own_is_not() -> None:
    async with party_a(DONE) as interface, running(unsubscribe__url=interface.url) as run:
        async with api_of(run) as api:
            body = {"number": "13300000002", "source": "party_a"}
            assert (await api.client.post("/api/v1/optouts", json=body)).status_code == 201
        run.gateway.mo.receive(USER, NUMBER, "TD", source="api")
        await until(lambda: called(run))
        assert [sent["number"] for sent in interface.requests] == [USER]


async def test_a_failing_interface_is_called_again_and_then_left_for_a_while() -> None:
    busy = (503, "busy")
    async with (
        party_a(busy, busy, busy, DONE) as interface,
        running(
            unsubscribe__url=interface.url, unsubscribe__attempts=2, unsubscribe__pause_s=0.05
        ) as run,
        api_of(run) as api,
    ):
        await api.client.post(PATH, json={"number": USER})
        await until(lambda: len(called(run)) == 2)
        first, second = called(run)
        assert (first.result, first.attempts, first.detail) == ("unreachable", 2, "status 503")
        assert (second.result, second.attempts) == ("done", 2)
        assert len({head.lower().split("idempotency-key: ")[1].split("\r\n")[0]
                    for head in interface.heads}) == 1  # fmt: skip
        # clause 4.3: failing calls are a sign of row 2
        run.gateway.registrar.settle()
        assert [case.row for case in run.gateway.office.ledger.cases.values()] == [2]


def breaches(run: Running) -> list[int]:
    run.gateway.registrar.settle()
    return [case.evidence.breaches for case in run.gateway.office.ledger.cases.values()]


async def test_a_failure_counts_once_also_after_a_restart(tmp_path: Path) -> None:
    async with (
        party_a((503, "busy")) as interface,
        running(tmp_path, unsubscribe__url=interface.url, unsubscribe__attempts=1) as run,
        api_of(run) as api,
    ):
        await api.client.post(PATH, json={"number": USER})
        await until(lambda: run.gateway.office.unsubscriptions.open(run.gateway.clock.at()))
        assert breaches(run) == [1]
    async with running(tmp_path) as run:
        assert breaches(run) == [1]


async def test_an_interface_that_says_nothing_is_not_waited_for() -> None:
    async with (
        party_a((0, "")) as interface,
        running(
            unsubscribe__url=interface.url, unsubscribe__timeout_s=0.05, unsubscribe__attempts=1
        ) as run,
        api_of(run) as api,
    ):
        await api.client.post(PATH, json={"number": USER})
        await until(lambda: called(run))
        assert called(run)[0].result == "timeout"
        assert (await api.client.get(f"{PATH}/{USER}")).json()["interface"] == "open"
        shown = (await api.client.get(PATH)).json()
        assert [one["number"] for one in shown["open"]] == [USER]
        assert shown["waiting"] == 1


async def test_what_was_not_told_before_a_restart_is_told_after_it(tmp_path: Path) -> None:
    async with running(tmp_path) as run, api_of(run) as api:
        answer = await api.client.post(PATH, json={"number": USER})
        assert answer.json()["interface"] == "not_configured"
    for _ in range(2):
        async with (
            party_a(DONE) as interface,
            running(tmp_path, unsubscribe__url=interface.url) as run,
        ):
            wanted = run.gateway.office.unsubscriptions.wanted
            await until(partial(empty, wanted))
    events = [e for _, _, batch in SqliteJournalReader(tmp_path).read(0) for e in batch]
    assert [e.result for e in events if isinstance(e, UnsubscribeCalled)] == ["done"]


@pytest.mark.parametrize(
    ("status", "body", "answer"),
    [
        (200, '{"result": "accepted"}', Answer("accepted")),
        (200, '{"result": "maybe"}', Answer("invalid_answer", UNKNOWN.format(200))),
        (200, "[]", Answer("invalid_answer", UNKNOWN.format(200))),
        (302, "", Answer("invalid_answer", UNKNOWN.format(302))),
        (403, "no", Answer("refused", "status 403")),
        (500, '{"result": "done"}', Answer("unreachable", "status 500")),
    ],
)  # fmt: skip
def test_answers(status: int, body: str, answer: Answer) -> None:
    assert read_answer(status, body.encode()) == answer


@pytest.mark.parametrize(
    "url",
    ["ftp://a.example", "file:///etc/passwd", "http://169.254.169.254/latest", "http://[fe80::1]/",
     "http://0.0.0.0:80/", "https://user:secret@a.example/", "nowhere"],
)  # fmt: skip
def test_an_address_that_no_interface_has_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="an http or https address"):
        settings_of(unsubscribe__url=url)


def test_names_are_no_reserved_addresses_by_themselves() -> None:
    assert not reserved("a.example")
    assert not reserved("127.0.0.1")
    assert reserved("169.254.1.1")
