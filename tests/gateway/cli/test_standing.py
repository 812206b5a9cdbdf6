"""Hold the commands of standing to their output and exit codes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from gateway.cli.app import run
from gateway.cli.exits import Exit
from routing.standing_events import Suspended
from tests.gateway.api.memory import SENDER, Memory

from .running import http_gateway


@pytest.fixture(autouse=True)
def memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[Memory]:
    memory = Memory()
    with http_gateway(memory) as url:
        monkeypatch.setenv("SMSGW_URL", url)
        monkeypatch.delenv("SMSGW_TOKEN", raising=False)
        yield memory


def said(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def suspend(*more: str) -> int:
    return run(["standing", "suspend", "police", "--clause", "7.5", "--why", "suspicion", *more])


def test_an_account_is_suspended_shown_and_lifted(
    memory: Memory, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--port", SENDER, "--service", "ordinary", "--service", "instant"]
    assert suspend(*options, "--until", "2026-03-31", "--reference", "B-7") == Exit.OK
    assert "suspension: 1\nstate: in_force\n" in capsys.readouterr().out
    (event,) = memory.registrar.recorded
    assert isinstance(event, Suspended)
    assert (event.who, event.ports, event.services) == ("local", (SENDER,), ("ordinary", "instant"))
    assert run(["standing", "show"]) == Exit.OK
    printed = capsys.readouterr().out
    assert "police: in force, suspended or blocked\n" in printed
    assert f"  suspension 1 (clause 7.5) of {SENDER} since 2026-03-02T12:00:00" in printed
    assert run(["standing", "suspensions"]) == Exit.OK
    assert "ordinary, instant" in capsys.readouterr().out
    assert run(["standing", "lift", "1", "--why", "explained", "--json"]) == Exit.OK
    assert said(capsys)["state"] == "over"
    assert run(["standing", "lift", "1", "--why", "again"]) == Exit.REFUSED
    assert "has its end already" in capsys.readouterr().err
    assert run(["standing", "show", "--json"]) == Exit.OK
    assert said(capsys)["items"][0]["holds"] == []


def test_a_suspension_can_be_for_a_time_to_come(capsys: pytest.CaptureFixture[str]) -> None:
    assert suspend("--since", "2026-03-10", "--explain-by", "2026-03-20", "--json") == Exit.OK
    made = said(capsys)
    assert made["state"] == "coming"
    assert made["due"] == "2026-03-21T00:00:00.000+08:00"
    assert run(["standing", "suspensions", "--json"]) == Exit.OK
    assert said(capsys)["items"] == [made]


def test_the_contract_is_terminated_and_reinstated(capsys: pytest.CaptureFixture[str]) -> None:
    terminate = ["standing", "terminate", "*", "--clause", "4.4", "--why", "moved"]
    notice = ["--notice", "2026-03-02", "--reference", "L-1"]
    assert run([*terminate, *notice, "--end", "2026-04-30"]) == Exit.REFUSED
    assert "90 days" in capsys.readouterr().err
    assert run([*terminate, *notice, "--end", "2026-06-30"]) == Exit.OK
    assert "ends_at: 2026-07-01T00:00:00.000+08:00" in capsys.readouterr().out
    assert run(["standing", "terminations"]) == Exit.OK
    assert "moved" in capsys.readouterr().out
    assert run(["standing", "reinstate", "*", "--why", "stays"]) == Exit.OK
    capsys.readouterr()
    assert run(["standing", "terminations", "--json"]) == Exit.OK
    assert said(capsys) == {"items": []}


def test_the_warning_of_the_end_is_shown_in_both_languages(
    memory: Memory, capsys: pytest.CaptureFixture[str]
) -> None:
    memory.clock.jump(265 * 86_400)
    assert run(["standing", "show"]) == Exit.OK
    printed = capsys.readouterr().out
    assert "renews itself" in printed
    assert "自动续约" in printed


def test_a_change_wants_a_reason(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["standing", "lift", "1"]) == Exit.USAGE
    assert "--why" in capsys.readouterr().err
