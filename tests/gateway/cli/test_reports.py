"""Hold the command of the reports to its output and exit codes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest

from gateway.cli.app import run
from gateway.cli.exits import Exit
from tests.gateway.api.test_reports import complained
from tests.support.workbooks import workbook

from .running import http_gateway


@pytest.fixture(autouse=True)
def gateway(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with http_gateway(complained()) as url:
        monkeypatch.setenv("SMSGW_URL", url)
        monkeypatch.delenv("SMSGW_TOKEN", raising=False)
        yield


def test_reports_are_listed_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["reports"]) == Exit.OK
    assert "consent-proof COMPLAINT  3.1.7" in capsys.readouterr().out
    assert run(["reports", "--json"]) == Exit.OK
    assert "breaches" in capsys.readouterr().out
    assert run(["reports", "complaints", "--account", "police"]) == Exit.OK
    assert "no_consent" in capsys.readouterr().out
    assert run(["reports", "complaints", "--to", "2026-03-01", "--json"]) == Exit.OK
    assert json.loads(capsys.readouterr().out)["rows"] == []


def test_a_report_is_written_to_a_file(tmp_path: Path) -> None:
    out = tmp_path / "complaints.xlsx"
    assert run(["reports", "complaints", "--format", "xlsx", "--out", str(out)]) == Exit.OK
    assert "Complaint register" in workbook(out.read_bytes())
    out = tmp_path / "complaints.json"
    assert run(["reports", "complaints", "--out", str(out)]) == Exit.OK
    assert json.loads(out.read_text())["report"] == "complaints"


def test_the_proof_of_consent_says_by_its_exit_code_whether_it_is_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # The contract declares a consent, without proof.
    assert run(["reports", "consent-proof", "1"]) == Exit.FAILED
    printed = capsys.readouterr().out
    assert "number: 13300000001" in printed
    assert "the record names no proof" in printed
    assert run(["reports", "consent-proof", "1", "--json"]) == Exit.FAILED
    assert json.loads(capsys.readouterr().out)["missing"]
    out = tmp_path / "proof.zip"
    words = ["reports", "consent-proof", "1", "--format", "zip", "--out", str(out)]
    assert run(words) == Exit.OK
    with ZipFile(out) as book:
        assert "SHA256SUMS" in book.namelist()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["consent-proof"], Exit.USAGE),
        (["consent-proof", "1", "--format", "csv"], Exit.USAGE),
        (["complaints", "--format", "zip"], Exit.USAGE),
        (["weather"], Exit.REFUSED),
    ],
)
def test_what_cannot_be_is_refused(words: list[str], code: Exit) -> None:
    assert run(["reports", *words]) == code
