from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from gateway.cli.app import run
from gateway.cli.clock import seconds_of
from gateway.cli.exits import CommandError, Exit
from gateway.clock import SimulatedClock
from tests.gateway.api.memory import NOON, Memory

from .running import http_gateway


@pytest.fixture(autouse=True)
def memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[Memory]:
    memory = Memory()
    memory.clock = SimulatedClock(NOON, lambda: 0.0)  # type: ignore[assignment]  # a clock as well
    with http_gateway(memory) as url:
        monkeypatch.setenv("SMSGW_URL", url)
        monkeypatch.delenv("SMSGW_TOKEN", raising=False)
        yield memory


def test_the_clock_is_shown_put_forward_and_paced(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["clock", "now"]) == Exit.OK
    assert "at: 2026-03-02T12:00:00.000+08:00\nsimulated: yes\n" in capsys.readouterr().out
    assert run(["clock", "advance", "1d12h", "--json"]) == Exit.OK
    assert json.loads(capsys.readouterr().out)["at"] == "2026-03-04T00:00:00.000+08:00"
    assert run(["clock", "advance", "--to", "2026-12-01", "--json"]) == Exit.OK
    assert json.loads(capsys.readouterr().out)["at"] == "2026-12-01T00:00:00.000+08:00"
    assert run(["clock", "scale", "60", "--json"]) == Exit.OK
    assert json.loads(capsys.readouterr().out)["scale"] == 60.0
    assert run(["clock", "advance", "--to", "2026-01-01"]) == Exit.REFUSED
    assert "time never goes back" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["1d", "--to", "2026-12-01"], ["soon"], ["1d and 2h"]])
def test_how_far_is_said_once_and_in_units(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["clock", "advance", *arguments]) == Exit.USAGE
    assert "90d" in capsys.readouterr().err


@pytest.mark.parametrize(("text", "seconds"), [("45s", 45), ("30m", 1800), ("1.5h", 5400)])
def test_durations(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


def test_a_number_without_unit_is_no_duration() -> None:
    with pytest.raises(CommandError, match="numbers with s, m, h or d"):
        seconds_of("90")
