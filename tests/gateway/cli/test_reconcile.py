from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from gateway.cli.app import run
from gateway.cli.exits import Exit
from tests.gateway.archive.test_builder import build
from tests.support.journals import message, write_journal
from tests.support.submissions import AT, MESSAGE_ID


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    write_journal(folder, [(AT, [message(1), message(2)])])
    build(folder)
    return folder


def test_counts_that_agree_are_told(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["reconcile", "--data", str(data)]) == Exit.OK
    assert "months: 2026-02\nleft out: none\nevents: 2\ndifference: 0\n" in capsys.readouterr().out
    assert run(["reconcile", "--data", str(data), "--json"]) == Exit.OK
    assert json.loads(capsys.readouterr().out)["differences"] == []


def test_a_list_that_differs_fails_and_is_written_without_formulas(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs, out = tmp_path / "theirs.csv", tmp_path / "out.csv"
    theirs.write_text(f"message_id,status\n{MESSAGE_ID + 1},pending\n=1+1,delivered\n", "utf-8")
    days = ["--from", "2026-02-01", "--to", "2026-02-28"]
    command = ["reconcile", "--data", str(data), "--theirs", str(theirs), *days]
    assert run([*command, "--out", str(out)]) == Exit.FAILED
    told = capsys.readouterr().out
    assert "matched: 1\n" in told
    assert "only_theirs: 1\nonly_ours: 1\n" in told
    rows = list(csv.DictReader(out.read_text("utf-8-sig").splitlines()))
    assert [row["kind"] for row in rows] == ["only_theirs", "only_ours"]
    assert rows[0]["message"] == "'=1+1"
    assert run([*command, "--json"]) == Exit.FAILED
    assert len(json.loads(capsys.readouterr().out)["messages"]) == 2


def test_what_cannot_be_compared_is_told(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs = tmp_path / "theirs.csv"
    theirs.write_text("message_id\n1\n", "utf-8")
    base = ["reconcile", "--data", str(data)]
    days = ["--from", "2026-02-01", "--to", "2026-02-28"]
    for arguments, code, told in (
        (["reconcile", "--data", str(tmp_path / "none")], Exit.ENVIRONMENT, "not a directory"),
        ([*base, "--from", "2026-02-01"], Exit.USAGE, "go with --theirs"),
        ([*base, "--theirs", str(theirs)], Exit.USAGE, "needs --from and --to"),
        ([*base, "--theirs", str(theirs), *days], Exit.USAGE, "column status is missing"),
        ([*base, "--theirs", str(tmp_path / "x"), *days], Exit.ENVIRONMENT, "No such file"),
    ):
        assert run(arguments) == code
        assert told in capsys.readouterr().err
