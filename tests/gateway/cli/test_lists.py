"""Hold the commands of lists, ported numbers and reviews to their output and exit codes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.cli.app import run
from gateway.cli.exits import Exit
from routing.registry_events import ListChanged, NumberPorted, OptedOut, ReviewOpened, ReviewSettled
from tests.gateway.api.memory import NOON, SENDER, Memory

from .running import http_gateway

USER = "13300000001"


@pytest.fixture(autouse=True)
def memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[Memory]:
    memory = Memory()
    with http_gateway(memory) as url:
        monkeypatch.setenv("SMSGW_URL", url)
        monkeypatch.delenv("SMSGW_TOKEN", raising=False)
        yield memory


def said(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_an_entry_is_put_on_a_list_shown_and_taken_off(
    memory: Memory, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--account", "police", "--reason", "complaint", "--until", "2026-12-31"]
    assert run(["lists", "add", USER, "--list", "black", *options, "--why", "call 7"]) == Exit.OK
    printed = capsys.readouterr().out
    assert "refused_by: black\n" in printed
    assert "prefix" not in printed
    (event,) = memory.registrar.recorded
    assert isinstance(event, ListChanged)
    assert (event.scope, event.holder, event.why) == ("account", "police", "call 7")
    assert run(["lists", "show", USER, "--account", "police", "--json"]) == Exit.OK
    assert said(capsys)["on"] == {"black": "complaint"}
    remove = ["lists", "remove", USER, "--list", "black", "--why", "settled"]
    assert run(remove) == Exit.REFUSED
    assert "isn't on the black list" in capsys.readouterr().err
    assert run([*remove, "--account", "police", "--json"]) == Exit.OK
    assert said(capsys)["on"] == {}


def test_first_digits_are_listed_for_a_signature(
    memory: Memory, capsys: pytest.CaptureFixture[str]
) -> None:
    add = ["lists", "add", "133", "--list", "red", "--signature", "示例警务"]
    assert run([*add, "--since", "2026-03-10"]) == Exit.OK
    capsys.readouterr()
    assert run(["lists", "list"]) == Exit.OK
    printed = capsys.readouterr().out
    assert printed.splitlines()[1].startswith("133    red   yes     signature  示例警务")
    (event,) = memory.registrar.recorded
    assert isinstance(event, ListChanged)
    assert event.valid_from > NOON
    assert run([*add, "--account", "police"]) == Exit.REFUSED
    assert "police and 示例警务" in capsys.readouterr().err


def test_a_number_is_ported_and_given_back(
    memory: Memory, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["numbers", "add", USER, "--carrier", "unicom", "--why", "notice"]) == Exit.OK
    assert "carrier: unicom\n" in capsys.readouterr().out
    assert run(["numbers", "show", USER, "--at", "2026-03-01", "--json"]) == Exit.OK
    assert said(capsys)["carrier"] == "telecom"
    assert run(["numbers", "list"]) == Exit.OK
    assert f"{USER}  unicom" in capsys.readouterr().out
    assert run(["numbers", "remove", USER, "--why", "ported back", "--json"]) == Exit.OK
    assert said(capsys)["carrier"] == "telecom"
    assert [type(event) for event in memory.registrar.recorded] == [NumberPorted, NumberPorted]


@pytest.mark.parametrize(
    ("name", "text"),
    [("lists", f"list,number\nblack,{USER}\n"), ("numbers", f"number,carrier\n{USER},mobile\n")],
)
def test_files_are_imported_and_exported(
    name: str, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "in.csv"
    file.write_text(text, "utf-8")
    assert run([name, "import", str(file), "--json"]) == Exit.OK
    assert said(capsys)["rows"] == 1
    assert run([name, "export"]) == Exit.OK
    assert USER in capsys.readouterr().out


def test_uplink_messages_are_listed_shown_and_settled(
    memory: Memory, capsys: pytest.CaptureFixture[str]
) -> None:
    for mo_id in (7, 8):
        memory.registrar.registries.apply(
            ReviewOpened(NOON, mo_id, USER, SENDER, "请不要再给我发短信了", "optout.review")
        )
    assert run(["reviews", "list", "--limit", "1"]) == Exit.OK
    captured = capsys.readouterr()
    assert "请不要再给我发短信了" in captured.out
    assert captured.err == "more: --cursor 7\n"
    assert run(["reviews", "list", "--cursor", "7", "--json"]) == Exit.OK
    assert [item["mo_id"] for item in said(capsys)["items"]] == ["8"]
    assert run(["reviews", "show", "7"]) == Exit.OK
    assert "mo_id: 7\n" in capsys.readouterr().out
    assert run(["reviews", "show", "8", "--json"]) == Exit.OK
    assert said(capsys)["mo_id"] == "8"
    settle = ["reviews", "settle", "7", "opt_out", "--category", "notice", "--why", "clear"]
    assert run(settle) == Exit.OK
    assert "decision: opt_out\n" in capsys.readouterr().out
    settled, out = memory.registrar.recorded
    assert isinstance(settled, ReviewSettled)
    assert isinstance(out, OptedOut)
    assert (out.categories, out.access_number) == (("notice",), SENDER)
    assert run(["reviews", "settle", "8", "none", "--json"]) == Exit.OK
    assert said(capsys)["decision"] == "none"
    assert run(settle) == Exit.REFUSED
