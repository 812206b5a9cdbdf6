from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from gateway.cli.app import run
from gateway.cli.exits import Exit
from routing.registry_events import OptedOut
from tests.gateway.api.memory import Memory

from .running import http_gateway

USER = "13300000001"


@pytest.fixture(autouse=True)
def memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[Memory]:
    memory = Memory()
    with http_gateway(memory) as url:
        monkeypatch.setenv("SMSGW_URL", url)
        monkeypatch.delenv("SMSGW_TOKEN", raising=False)
        yield memory


def test_a_user_is_unsubscribed_and_shown(
    memory: Memory, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["unsubscribe", "send", USER, "--category", "reminder", "--why", "called"]
    assert run(arguments) == Exit.OK
    assert "interface: not_configured" in capsys.readouterr().out
    (event,) = memory.registrar.recorded
    assert isinstance(event, OptedOut)
    assert (event.number, event.categories, event.source, event.why) == (
        USER, ("reminder",), "customer_service", "called",
    )  # fmt: skip
    assert run(["unsubscribe", "show", USER, "--json"]) == Exit.OK
    shown = json.loads(capsys.readouterr().out)
    assert "reminder" in shown["stopped"][0]["categories"]


def test_the_report_says_that_nobody_is_called(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["unsubscribe", "report"]) == Exit.OK
    printed = capsys.readouterr().out
    assert "police" in printed
    assert "no interface is configured" in printed
    assert run(["unsubscribe", "report", "--from", "2026-03-01", "--json"]) == Exit.OK
    assert json.loads(capsys.readouterr().out)["configured"] is False


def test_a_number_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["unsubscribe", "send", "12"]) == Exit.REFUSED
    assert "number" in capsys.readouterr().err
