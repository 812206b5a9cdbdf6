"""Hold the commands of the registries to their output and exit codes."""

from __future__ import annotations

import io
import json
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.cli.app import run
from gateway.cli.exits import Exit
from routing.registry_events import (
    ConsentGranted,
    ConsentWithdrawn,
    ImportOpened,
    OptedIn,
    OptedOut,
)
from tests.gateway.api.memory import SENDER, Memory

from .running import http_gateway

USER = "13300000001"
OUTSIDE = "13300100000"


@pytest.fixture(autouse=True)
def memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[Memory]:
    memory = Memory()
    with http_gateway(memory) as url:
        monkeypatch.setenv("SMSGW_URL", url)
        monkeypatch.delenv("SMSGW_TOKEN", raising=False)
        yield memory


def said(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_a_consent_is_added_shown_listed_and_removed(
    memory: Memory, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--channel", "web", "--proof", "C-1", "--category", "notice", "--category",
               "reminder", "--until", "2026-12-31", "--why", "form"]  # fmt: skip
    assert run(["consents", "add", OUTSIDE, *options]) == Exit.OK
    printed = capsys.readouterr().out
    assert f"number: {OUTSIDE}\n" in printed
    assert 'held: ["notice", "reminder"]\n' in printed
    assert "notice, reminder  web      C-1" in printed
    (event,) = memory.registrar.recorded
    assert isinstance(event, ConsentGranted)
    assert (event.who, event.why, event.categories) == ("local", "form", ("notice", "reminder"))
    assert run(["consents", "list"]) == Exit.OK
    assert OUTSIDE in capsys.readouterr().out
    remove = ["consents", "remove", OUTSIDE, "--why", "letter", "--category", "notice"]
    assert run([*remove, "--json"]) == Exit.OK
    assert said(capsys)["held"] == ["reminder"]
    assert isinstance(memory.registrar.recorded[1], ConsentWithdrawn)
    assert run(["consents", "show", OUTSIDE, "--at", "2026-03-01", "--json"]) == Exit.OK
    assert said(capsys)["held"] == []


def test_an_optout_is_added_shown_and_removed(
    memory: Memory, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--source", "party_a", "--access-number", SENDER, "--category", "reminder",
               "--proof", "L-9", "--at", "2026-03-01"]  # fmt: skip
    assert run(["optouts", "add", USER, *options]) == Exit.OK
    assert "party_a" in capsys.readouterr().out
    assert run(["optouts", "show", USER, "--json"]) == Exit.OK
    assert said(capsys)["stopped"] == [
        {"access_number": SENDER, "categories": ["reminder", "commercial"]}
    ]
    assert run(["optouts", "remove", USER, "--why", "came back", "--source", "mo"]) == Exit.OK
    capsys.readouterr()
    out, back = memory.registrar.recorded
    assert isinstance(out, OptedOut)
    assert (out.access_number, out.proof) == (SENDER, "L-9")
    assert isinstance(back, OptedIn)
    assert (back.why, back.source, back.categories) == ("came back", "mo", ())
    assert run(["optouts", "remove", OUTSIDE, "--why", "x"]) == Exit.REFUSED
    assert "nothing on record" in capsys.readouterr().err


def test_a_list_goes_on_at_its_cursor(memory: Memory, capsys: pytest.CaptureFixture[str]) -> None:
    for number in (USER, OUTSIDE):
        memory.registrar.registries.apply(OptedOut(0.0, number))
    assert run(["optouts", "list", "--limit", "1"]) == Exit.OK
    captured = capsys.readouterr()
    assert f"{USER}  yes      all            all" in captured.out
    assert (USER in captured.out, captured.err) == (True, "more: --cursor 1\n")
    assert run(["optouts", "list", "--cursor", "1", "--json"]) == Exit.OK
    assert [item["number"] for item in said(capsys)["items"]] == [OUTSIDE]


def test_a_file_is_imported_and_exported_again(
    memory: Memory, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given, out = tmp_path / "in.csv", tmp_path / "out.csv"
    given.write_text(f"number,source,proof\n{USER},mo,纸 1\n", "utf-8")
    assert run(["optouts", "import", str(given), "--why", "their list"]) == Exit.OK
    assert capsys.readouterr().out == "1 rows taken, 0 left out\n"
    opened = memory.registrar.recorded[0]
    assert isinstance(opened, ImportOpened)
    assert (opened.source, opened.why) == ("in.csv", "their list")
    assert run(["optouts", "export", "--out", str(out)]) == Exit.OK
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert (
        out.read_text("utf-8").splitlines()[1] == f"{USER},,,out,mo,纸 1,2026-03-02T12:00:00+08:00"
    )
    assert run(["optouts", "export"]) == Exit.OK
    assert capsys.readouterr().out == out.read_text("utf-8")


def test_every_bad_row_is_named_and_nothing_is_taken_unless_in_part(
    memory: Memory, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def typed() -> io.TextIOWrapper:
        return io.TextIOWrapper(io.BytesIO(f"number,source\n{USER},mo\n12,mo\n,x\n".encode()))

    monkeypatch.setattr(sys, "stdin", typed())
    assert run(["optouts", "import", "-"]) == Exit.REFUSED
    err = capsys.readouterr().err
    assert "line 3, number: '12' seen, allowed: 11 digits that begin with 1\n" in err
    assert "line 4, number" in err
    assert "nothing was imported" in err
    assert not memory.registrar.recorded
    monkeypatch.setattr(sys, "stdin", typed())
    assert run(["optouts", "import", "-", "--partial", "--json"]) == Exit.OK
    assert (made := said(capsys))["rows"] == 1
    assert made["refused"] == 2
    monkeypatch.setattr(sys, "stdin", typed())
    assert run(["optouts", "import", "-", "--partial"]) == Exit.OK
    captured = capsys.readouterr()
    assert (captured.out, "line 3" in captured.err) == ("1 rows taken, 2 left out\n", True)


def test_files_that_cannot_be_read_or_written_are_the_environments_fault(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = str(tmp_path / "none" / "file.csv")
    assert run(["consents", "import", missing]) == Exit.ENVIRONMENT
    assert run(["consents", "export", "--out", missing]) == Exit.ENVIRONMENT
    assert capsys.readouterr().err.count("No such file") == 2


def test_an_export_that_is_refused_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SMSGW_TOKEN", "wrong")
    out = tmp_path / "out.csv"
    assert run(["consents", "export", "--out", str(out)]) == Exit.REFUSED
    assert "401" in capsys.readouterr().err
    assert not out.exists()


def test_complaints_and_templates_are_taken_from_files_and_given_out(
    memory: Memory, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    complaints = tmp_path / "march.csv"
    complaints.write_text("channel,cause,attribution\n12321,time,unclear\n12321,rain,unclear\n")
    assert run(["complaints", "import", str(complaints)]) == Exit.REFUSED
    assert "line 3, cause: 'rain' seen" in capsys.readouterr().err
    assert memory.registrar.office.complaints.complaints == {}
    assert run(["complaints", "import", str(complaints), "--partial", "--json"]) == Exit.OK
    assert said(capsys)["rows"] == 1
    templates = tmp_path / "templates.csv"
    templates.write_text("template,text,state\nT1,您好{text},approved\n", "utf-8")
    assert run(["templates", "import", str(templates), "--why", "March"]) == Exit.OK
    assert "1 rows taken, 0 left out" in capsys.readouterr().out
    assert run(["templates", "export"]) == Exit.OK
    assert "T1,您好{text},notice,ordinary,,effective," in capsys.readouterr().out
