"""Hold the commands of templates to their output and exit codes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from gateway.cli.app import run
from gateway.cli.exits import Exit
from tests.gateway.api.memory import Memory
from tests.support.samples import BY_ID
from tests.support.templates import TEMPLATES

from .running import http_gateway

T01 = TEMPLATES[0]
TEXT = BY_ID["T01"].text


@pytest.fixture(autouse=True)
def memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[Memory]:
    memory = Memory()
    with http_gateway(memory) as url:
        monkeypatch.setenv("SMSGW_URL", url)
        monkeypatch.delenv("SMSGW_TOKEN", raising=False)
        yield memory


def draft(*more: str) -> int:
    return run(["templates", "draft", "T01", T01.text, "--service", T01.service, "--why", "new",
                *more])  # fmt: skip


def said(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_a_template_goes_through_its_procedure(capsys: pytest.CaptureFixture[str]) -> None:
    assert draft("--category", "verification", "--description", "codes") == Exit.OK
    assert "state: draft\n" in capsys.readouterr().out
    for step, state in (("submit", "submitted"), ("send-back", "draft"), ("submit", "submitted")):
        assert run(["templates", step, "T01", "--why", "so", "--json"]) == Exit.OK
        assert said(capsys)["state"] == state
    approve = ["templates", "approve", "T01", "--why", "in order", "--approval", "B-1"]
    assert run([*approve, "--until", "2026-03-31", "--json"]) == Exit.OK
    version = said(capsys)
    assert (version["state"], version["approval"]) == ("effective", "B-1")
    assert version["until"] == "2026-04-01T00:00:00.000+08:00"
    revoke = ["templates", "revoke", "T01", "--why", "replaced", "--version", "1"]
    assert run([*revoke, "--from", "2026-03-20"]) == Exit.OK
    assert "revoked_from: 2026-03-20T00:00:00.000+08:00" in capsys.readouterr().out


def test_templates_are_listed_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    draft()
    run(["templates", "draft", "T02", "您预约的业务已取消。", "--why", "new"])
    capsys.readouterr()
    assert run(["templates", "list", "--limit", "1"]) == Exit.OK
    printed = capsys.readouterr()
    assert printed.out.splitlines()[1].startswith("T01")
    assert printed.err == "more: --cursor T01\n"
    assert run(["templates", "list", "--state", "draft", "--cursor", "T01", "--json"]) == Exit.OK
    assert [item["template"] for item in said(capsys)["items"]] == ["T02"]
    assert run(["templates", "show", "T01"]) == Exit.OK
    assert f"1: {T01.text}" in capsys.readouterr().out
    assert run(["templates", "show", "T01", "--json"]) == Exit.OK
    assert len(said(capsys)["items"]) == 1


def test_a_text_is_compared(capsys: pytest.CaptureFixture[str]) -> None:
    match = ["templates", "match", TEXT, "--service", T01.service]
    assert run(match) == Exit.FAILED
    assert "none: template -, similarity 0" in capsys.readouterr().out
    draft()
    run(["templates", "submit", "T01", "--why", "ready"])
    run(["templates", "approve", "T01", "--why", "in order"])
    capsys.readouterr()
    assert run([*match, "--at", "2026-03-03"]) == Exit.OK
    assert "exact: template T01 version 1, similarity 1" in capsys.readouterr().out
    other = TEXT.replace("请勿告知他人", "可以告知他人，也可以转发给其他朋友查看")
    assert run(["templates", "match", other, "--service", T01.service]) == Exit.FAILED
    printed = capsys.readouterr().out
    assert "where the template has" in printed
    assert "minor: template T01" in printed
    assert run([*match, "--json"]) == Exit.OK
    assert said(capsys)["kind"] == "exact"


def test_a_step_out_of_turn_is_refused_with_the_state(capsys: pytest.CaptureFixture[str]) -> None:
    draft()
    assert run(["templates", "approve", "T01", "--why", "hurry"]) == Exit.REFUSED
    assert "version 1 is draft; approve wants one that is submitted" in capsys.readouterr().err


def test_a_change_wants_a_reason(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["templates", "submit", "T01"]) == Exit.USAGE
    assert "--why" in capsys.readouterr().err
