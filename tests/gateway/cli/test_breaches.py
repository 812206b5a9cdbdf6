"""Walk a case of breach through the commands, as an operator would."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from gateway.cli.app import run
from gateway.cli.exits import Exit
from routing.breach_events import BreachSign, CaseMoved
from tests.gateway.api.memory import NOON, SENDER, Memory

from .running import http_gateway


@pytest.fixture(autouse=True)
def memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[Memory]:
    memory = Memory()
    with http_gateway(memory) as url:
        monkeypatch.setenv("SMSGW_URL", url)
        monkeypatch.delenv("SMSGW_TOKEN", raising=False)
        yield memory


def said(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    capsys.readouterr()
    assert run([*words, "--json"]) == Exit.OK
    return json.loads(capsys.readouterr().out)


def step(verb: str, *more: str) -> int:
    return run(["breaches", verb, "1", "--why", "as it is", *more])


def test_a_case_goes_from_suspicion_to_the_end_of_its_block(
    memory: Memory, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = ["breaches", "open", "13", "--why", "seen", "--port", SENDER]
    assert run(opened) == Exit.OK
    assert "state: suspected" in capsys.readouterr().out
    for verb, state in (
        ("suspend", "suspended"),
        ("explain", "explained"),
        ("confirm", "confirmed"),
        ("notice", "notice_sent"),
        ("return", "confirmed"),
        ("notice", "notice_sent"),
        ("deliver", "rectification"),
        ("submit", "evidence_submitted"),
        ("reject", "rectification"),
        ("submit", "evidence_submitted"),
        ("pass", "confirmed_pass"),
    ):
        assert step(verb) == Exit.OK, verb
        assert f"state: {state}" in capsys.readouterr().out
    assert step("close") == Exit.REFUSED
    assert "can be closed from" in capsys.readouterr().err
    shown = said(capsys, "breaches", "show", "1")
    assert (shown["grade"], shown["blocked_ports"]) == ("serious", [SENDER])
    memory.clock.advance(31 * 86_400.0)
    assert step("close") == Exit.OK
    assert said(capsys, "breaches", "list", "--state", "closed")["items"][0]["case"] == 1
    moves = [event for event in memory.registrar.recorded if isinstance(event, CaseMoved)]
    assert {event.who for event in moves} == {"local"}


def test_a_major_breach_is_stopped_and_terminated(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["breaches", "open", "28", "--why", "x", "--grade", "major"]) == Exit.OK
    assert step("fail") == Exit.REFUSED
    assert "only suspend, confirm, dismiss, raise" in capsys.readouterr().err
    assert step("confirm", "--grade", "major") == Exit.OK
    assert step("terminate", "--report", "--reference", "L-9") == Exit.OK
    found = said(capsys, "breaches", "show", "1")
    assert (found["penalty_fen"], found["reported"]) == (10_000_000, True)


def test_cases_can_be_dismissed_raised_and_fail(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["breaches", "open", "1", "--why", "served without consent"]) == Exit.OK
    assert run(["breaches", "raise", "1", "8", "--why", "1001 complaints"]) == Exit.OK
    assert said(capsys, "breaches", "show", "1")["row"] == 8
    assert step("dismiss") == Exit.OK
    assert step("stop") == Exit.REFUSED
    assert "nothing, it has ended" in capsys.readouterr().err
    assert step("fail") == Exit.REFUSED


def test_rows_and_signs(memory: Memory, capsys: pytest.CaptureFixture[str]) -> None:
    sign = ["breaches", "sign", "11", "--why", "criticised", "--reference", "No. 3"]
    assert run(sign) == Exit.OK
    (event,) = memory.registrar.recorded
    assert isinstance(event, BreachSign)
    assert (event.row, event.reference) == (11, "No. 3")
    assert run(["breaches", "rows"]) == Exit.OK
    lines = capsys.readouterr().out.splitlines()
    assert len([line for line in lines if line[:1].isdigit()]) == 28
    office = memory.registrar.office
    for gathered in office.due(NOON):
        office.apply(gathered)
    assert run(["breaches", "list"]) == Exit.OK
    assert "signs without a case:" in capsys.readouterr().out
    assert len(said(capsys, "breaches", "rows")["items"]) == 28


def test_a_business_is_stopped_at_once_and_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["blocks", "stop", "9.2", "--why", "an order", "--port", SENDER]) == Exit.OK
    assert "ground_zh: 政府命令" in capsys.readouterr().out
    assert run(["blocks", "resume", "1", "--why", "it ended"]) == Exit.OK
    assert run(["blocks", "resume", "1", "--why", "again"]) == Exit.REFUSED
    assert run(["blocks", "list"]) == Exit.OK
    assert said(capsys, "blocks", "list")["items"] == []
