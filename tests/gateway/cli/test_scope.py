"""Hold the commands of the user scope to their output and exit codes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.cli.app import run
from gateway.cli.exits import Exit
from gateway.cli.scope import pieces_of
from tests.gateway.api.memory import NOON, Memory

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


def file_of(folder: Path, text: str) -> str:
    path = folder / "users.csv"
    path.write_text(text, "utf-8")
    return str(path)


def test_a_file_is_imported_and_in_force(
    tmp_path: Path, memory: Memory, capsys: pytest.CaptureFixture[str]
) -> None:
    file = file_of(tmp_path, "number,valid_to\n18900000001,\n18900000002,2026-03-01\n")
    assert run(["scope", "check", "13300000001"]) == Exit.OK
    assert run(["scope", "import", file, "--why", "list of March"]) == Exit.OK
    printed = capsys.readouterr().out
    assert "state: effective\n" in printed
    assert "version: 2\n" in printed
    assert run(["scope", "check", "13300000001"]) == Exit.FAILED
    assert run(["scope", "check", "18900000001"]) == Exit.OK
    assert run(["scope", "check", "18900000002"]) == Exit.FAILED
    assert run(["scope", "check", "18900000002", "--at", "2026-03-02"]) == Exit.OK
    shown = said(capsys, "scope", "show")
    assert shown["in_force"]["version"] == 2
    assert run(["scope", "show"]) == Exit.OK
    assert run(["scope", "step", "1", "revoke", "--why", "a mistake"]) == Exit.OK
    assert run(["scope", "check", "13300000001"]) == Exit.OK
    assert memory.registrar.registries.scopes.change(1).source == "users.csv"


def test_a_draft_waits_for_its_steps(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = file_of(tmp_path, "1890000*\n")
    start = ["scope", "import", file, "--why", "April", "--from", "2026-04-01", "--draft"]
    assert run(start) == Exit.OK
    assert run(["scope", "step", "1", "approve", "--why", "agreed"]) == Exit.REFUSED
    assert "submit or withdraw is" in capsys.readouterr().err
    assert run(["scope", "step", "1", "submit", "--why", "agreed"]) == Exit.OK
    assert run(["scope", "step", "1", "approve", "--why", "agreed"]) == Exit.OK
    (change,) = said(capsys, "scope", "changes")["items"]
    assert (change["state"], change["effective_from"]) == (
        "approved",
        "2026-04-01T00:00:00.000+08:00",
    )
    assert run(["scope", "changes"]) == Exit.OK


def test_bad_lines_are_all_named_and_nothing_is_imported(
    tmp_path: Path, memory: Memory, capsys: pytest.CaptureFixture[str]
) -> None:
    file = file_of(tmp_path, "number\n18900000001\n1890\n18900000003\nx\n")
    assert run(["scope", "import", file, "--why", "list"]) == Exit.FAILED
    error = capsys.readouterr().err
    assert f"{file}:3" in error
    assert f"{file}:5" in error
    assert memory.registrar.recorded == []
    made = said(capsys, "scope", "import", file, "--why", "list", "--partial")
    assert (made["rows"], len(made["left_out"])) == (2, 2)
    assert run(["scope", "import", str(tmp_path / "none"), "--why", "x"]) == Exit.FAILED


def test_an_import_that_breaks_off_is_withdrawn(
    tmp_path: Path, memory: Memory, capsys: pytest.CaptureFixture[str]
) -> None:
    file = file_of(tmp_path, "1890000*\n18900000001\n")
    assert run(["scope", "import", file, "--why", "list"]) == Exit.REFUSED
    assert "both name 18900000001" in capsys.readouterr().err
    assert memory.registrar.registries.scopes.state_at(1, NOON) == "withdrawn"


@pytest.mark.parametrize("heading", ["", "# users\n\nnumber,valid_to\n", "\ufefffrom,to\n"])
def test_pieces_hold_every_line_once_with_the_heading(tmp_path: Path, heading: str) -> None:
    numbers = [f"1890000000{n},18900000009" for n in range(7)]
    path = tmp_path / "users.csv"
    path.write_text(heading + "\n".join(numbers) + "\n", "utf-8")
    pieces = [piece.decode("utf-8-sig").splitlines() for piece in pieces_of(path, 3)]
    words = heading.lstrip("\ufeff").splitlines()[-1:]
    assert [piece[:1] for piece in pieces if words] == [words for _ in pieces if words]
    assert [line for piece in pieces for line in piece if line not in words] == numbers
    assert len(pieces) > 1
