"""Hold the commands of the quality index and the settlements to their output and exit codes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.cli.app import run
from gateway.cli.exits import Exit
from gateway.cli.sla import READINGS
from routing.events import Outcome
from tests.gateway.api.memory import NOON, Memory
from tests.support.submissions import MESSAGE_ID, submission

from .running import http_gateway

PERIOD = "2025-12-01"


@pytest.fixture(autouse=True)
def memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[Memory]:
    """Give a gateway with 97 delivered messages and 3 that the carrier lost."""
    memory = Memory()
    for number in range(100):
        one, liability = MESSAGE_ID + number, "carrier" if number < 3 else "ok"
        memory.figures.counted.apply(submission(at=NOON - 60, message_id=one))
        state = 5 if number < 3 else 2
        memory.figures.counted.apply(Outcome(NOON - 50, one, state, "000", liability, "telecom"))
    with http_gateway(memory) as url:
        monkeypatch.setenv("SMSGW_URL", url)
        monkeypatch.delenv("SMSGW_TOKEN", raising=False)
        yield memory


def said(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    capsys.readouterr()
    run([*words, "--json"])
    return json.loads(capsys.readouterr().out)


def test_the_index_is_shown_and_its_exit_code_says_whether_it_is_met(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["sla"]) == Exit.OK
    printed = capsys.readouterr().out
    assert "success rate: 0.97000000 (objective 0.99)" in printed
    assert run(["sla", "--reading", "sla.logic=and"]) == Exit.FAILED
    assert run(["sla", "--from", "2026-03-01", "--to", "2026-03-01"]) == Exit.OK
    assert "success rate: n/a" in capsys.readouterr().out
    assert said(capsys, "sla", "--window", "month")["carrier"] == 3
    assert run(["sla", "--reading", "sla.logic"]) == Exit.USAGE
    assert run(["sla", "--reading", "sla.logic=xor"]) == Exit.REFUSED


def test_every_reading_is_set_beside_the_contract_s(capsys: pytest.CaptureFixture[str]) -> None:
    rows = said(capsys, "sla", "what-if")["items"]
    assert len(rows) == 1 + len(READINGS)
    met = {row["reading"]: row["met"] for row in rows}
    assert met["the contract's"]
    assert not met["sla.logic = and"]
    assert run(["sla", "what-if"]) == Exit.OK
    assert "sla.logic = rate_only" in capsys.readouterr().out


def test_the_messages_behind_a_figure_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sla", "messages", "--class", "carrier", "--limit", "2"]) == Exit.OK
    assert capsys.readouterr().out.count("2026-03-02") == 2
    capsys.readouterr()
    assert run(["sla", "messages", "--class", "carrier", "--limit", "0", "--json"]) == Exit.OK
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["class"] for one in found] == ["carrier"] * 3
    exempt = ["--reading", 'sla.code_class={"000": "exempt"}']
    assert run(["sla", "messages", "--class", "carrier", *exempt, "--json"]) == Exit.OK
    assert capsys.readouterr().out == ""


def test_settlements_are_listed_and_shown_in_yuan(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["settlement"]) == Exit.OK
    assert f"{PERIOD}  2026-05-31  2.91" in capsys.readouterr().out
    assert run(["settlement", "--period", PERIOD, "--reading", "sla.logic=and"]) == Exit.OK
    printed = capsys.readouterr().out
    assert "success fee: 2.91\nrebate: 0.09\npayable: 2.82\n" in printed
    assert said(capsys, "settlement", "--period", PERIOD)["payable_fen"] == 291
    assert run(["settlement", "--period", "2025-12-02"]) == Exit.REFUSED


def test_a_settlement_is_written_to_a_file(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    words = ["settlement", "--period", PERIOD, "--format"]
    out = tmp_path / "settlement.xlsx"
    assert run([*words, "xlsx", "--out", str(out)]) == Exit.OK
    assert out.read_bytes()[:2] == b"PK"
    assert run([*words, "csv"]) == Exit.OK
    assert capsysbinary.readouterr().out.startswith(b"period,item,month")
    assert run(["settlement", "--format", "csv"]) == Exit.USAGE
    assert run([*words, "csv", "--out", str(tmp_path / "no" / "x.csv")]) == Exit.ENVIRONMENT
