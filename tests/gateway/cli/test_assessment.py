"""Hold the command of the yearly assessments to its output and exit codes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.cli.app import run
from gateway.cli.exits import Exit
from tests.gateway.api.test_assessments import YEAR, measured
from tests.support.workbooks import workbook

from .running import http_gateway


@pytest.fixture(autouse=True)
def gateway(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give a gateway whose last year missed the index."""
    with http_gateway(measured(missed=True)) as url:
        monkeypatch.setenv("SMSGW_URL", url)
        monkeypatch.delenv("SMSGW_TOKEN", raising=False)
        yield


def enter(support: int, satisfaction: int) -> int:
    scores = ["--support", str(support), "--satisfaction", str(satisfaction)]
    return run(["assessment", "enter", "--period", YEAR, *scores, "--why", "survey"])


def said(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    capsys.readouterr()
    run([*words, "--json"])
    return json.loads(capsys.readouterr().out)


def test_years_are_listed_and_one_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["assessment"]) == Exit.OK
    assert f"{YEAR}  2025-11-30  incomplete" in capsys.readouterr().out
    assert run(["assessment", "show", "--period", YEAR]) == Exit.OK
    printed = capsys.readouterr().out
    assert "score: open (60 passes)" in printed
    assert "missing: support, satisfaction" in printed
    assert len(said(capsys, "assessment", "list")["items"]) == 3
    assert said(capsys, "assessment", "--period", YEAR)["least_score"] == "30.00"


def test_the_exit_code_says_whether_a_year_qualified(capsys: pytest.CaptureFixture[str]) -> None:
    assert enter(0, 0) == Exit.FAILED
    assert run(["assessment", "show", "--period", YEAR]) == Exit.FAILED
    easier = ["--reading", "assessment.pass_score=30"]
    assert run(["assessment", "show", "--period", YEAR, *easier]) == Exit.OK


def test_a_rectification_is_ordered_and_accepted(capsys: pytest.CaptureFixture[str]) -> None:
    enter(0, 0)
    words = ["assessment", "order", "--period", YEAR]
    assert run([*words, "--why", "slow", "--deadline", "2026-05-01"]) == Exit.FAILED
    assert "rectification: ordered" in capsys.readouterr().out
    assert said(capsys, *words, "--step", "complete")["rectification"]["state"] == "completed"
    assert run([*words, "--step", "withdraw"]) == Exit.REFUSED


def test_an_assessment_is_written_to_a_file(tmp_path: Path) -> None:
    out = tmp_path / "assessment.xlsx"
    words = ["assessment", "--period", YEAR, "--format"]
    assert run([*words, "xlsx", "--out", str(out)]) == Exit.OK
    assert "Assessment" in workbook(out.read_bytes())
    assert run([*words, "csv", "--out", str(tmp_path / "a.csv")]) == Exit.OK
    assert (tmp_path / "a.csv").read_text().startswith("year,input,weight")


@pytest.mark.parametrize(
    "words", [["show"], ["enter", "--support", "1"], ["order"], ["--format", "csv"]]
)
def test_what_needs_a_year_says_so(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["assessment", *words]) == Exit.USAGE
    assert "--period" in capsys.readouterr().err
