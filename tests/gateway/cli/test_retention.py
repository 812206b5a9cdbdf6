from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from gateway.cli.app import run
from gateway.cli.exits import Exit
from tests.gateway.api.memory import Memory

from .running import http_gateway


@pytest.fixture(autouse=True)
def memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[Memory]:
    memory = Memory()
    with http_gateway(memory) as url:
        monkeypatch.setenv("SMSGW_URL", url)
        monkeypatch.delenv("SMSGW_TOKEN", raising=False)
        yield memory


def test_what_is_kept_is_shown_in_words(memory: Memory, capsys: pytest.CaptureFixture[str]) -> None:
    assert memory.retention is not None
    memory.retention.free = True
    assert run(["retention", "hold", "2025-12-01", "--why", "court file"]) == Exit.OK
    assert "since: 2025-12-01T00:00:00.000+08:00" in capsys.readouterr().out
    assert run(["retention", "show"]) == Exit.OK
    shown = capsys.readouterr().out
    assert "records of the latest months (clause 3.1.11)" in shown
    assert "nothing" in shown
    assert "court file" in shown
    assert run(["retention", "show", "--json"]) == Exit.OK
    assert json.loads(capsys.readouterr().out)["months"][1]["month"] == "2025-02"


def test_months_are_removed_and_orders_released(
    memory: Memory, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["retention", "run"]) == Exit.OK
    assert capsys.readouterr().out == "removed: none\n"
    assert memory.retention is not None
    memory.retention.free = True
    assert run(["retention", "run", "--json"]) == Exit.OK
    assert json.loads(capsys.readouterr().out) == {"months": ["2025-01"]}
    assert run(["retention", "hold", "2025-12-01", "--why", "x", "--reference", "A"]) == Exit.OK
    assert run(["retention", "release", "1", "--why", "closed"]) == Exit.OK
    assert run(["retention", "release", "1", "--why", "closed"]) == Exit.REFUSED
    assert "was released" in capsys.readouterr().err
