"""Hold the commands of the registers beside the traffic to their output and exit codes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

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


def said(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    capsys.readouterr()
    assert run([*words, "--json"]) == Exit.OK
    return json.loads(capsys.readouterr().out)


def test_a_complaint_is_entered_moved_and_counted(
    memory: Memory, capsys: pytest.CaptureFixture[str]
) -> None:
    add = ["complaints", "add", "--channel", "10000", "--cause", "no_consent"]
    assert run([*add, "--attribution", "unclear", "--number", "13300000001"]) == Exit.OK
    assert "state: received" in capsys.readouterr().out
    memory.clock.advance(3601)
    (task,) = said(capsys, "due")["items"]
    assert (task["entry"], task["overdue"]) == ("complaint 1", True)
    assert run(["due"]) == Exit.OK
    assert "乙方首次响应" in capsys.readouterr().out
    assert run(["complaints", "step", "1", "transfer", "--owner", "party_a"]) == Exit.OK
    assert run(["complaints", "step", "1", "reply"]) == Exit.OK
    verify = ["complaints", "step", "1", "verify", "--attribution", "party_a", "--cause", "time"]
    assert run(verify) == Exit.OK
    assert run(["complaints", "step", "1", "close"]) == Exit.OK
    assert run(["complaints", "step", "1", "reply"]) == Exit.REFUSED
    assert "only reopen" in capsys.readouterr().err
    assert run(["complaints", "list", "--state", "closed"]) == Exit.OK
    assert "twelve_months: 0" in capsys.readouterr().out
    found = said(capsys, "complaints", "show", "1")
    assert [clock["late"] for clock in found["clocks"]] == [True, False]
    assert len(found["history"]) == 5


@pytest.mark.parametrize(
    ("add", "step", "state"),
    [
        (["incidents", "add", "--side", "party_b", "--kind", "fault", "--why", "a cable"],
         ["incidents", "step", "1", "resolve"], ("state", "resolved")),
        (["incidents", "add", "--side", "party_a", "--kind", "fault", "--why", "a flood",
          "--major", "--cause", "unproven"],
         ["incidents", "step", "1", "attribute", "--cause", "third_party", "--why", "proof"],
         ("cause", "third_party")),
        (["notices", "add", "--subject", "breach", "--form", "letter", "--sender", "party_b"],
         ["notices", "step", "1", "delivered", "--proof", "slip 7"], ("standing", "valid")),
        (["documents", "add", "--kind", "service_mail", "--reference", "M-1"],
         ["documents", "step", "1", "mistaken", "--why", "wrong paper"], ("result", "mistaken")),
        (["windows", "add", "--kind", "maintenance", "--cause", "planned", "--why", "software"],
         ["windows", "step", "1", "agree", "--reference", "minutes"], ("relieves", True)),
    ],
)  # fmt: skip
def test_an_entry_is_made_moved_listed_and_shown(
    add: list[str],
    step: list[str],
    state: tuple[str, object],
    capsys: pytest.CaptureFixture[str],
) -> None:
    noun = add[0]
    assert run([noun, "show", "1"]) == Exit.REFUSED
    assert "there are none yet" in capsys.readouterr().err
    assert run(add) == Exit.OK
    assert run(step) == Exit.OK
    assert f"{noun.removesuffix('s')}: 1\n" in capsys.readouterr().out
    found = said(capsys, noun, "show", "1")
    assert found[state[0]] == state[1]
    assert len(found["history"]) == 2
    assert said(capsys, noun, "list", "--account", "police")["items"] == [found]
    assert run([noun, "list"]) == Exit.OK
