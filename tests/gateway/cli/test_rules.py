from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from gateway.cli.app import run
from gateway.cli.exits import Exit


def test_rules_are_written_to_a_file_or_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "rules.yml"
    assert run(["rules", "--out", str(file)]) == Exit.OK
    capsys.readouterr()
    assert run(["rules"]) == Exit.OK
    assert capsys.readouterr().out == file.read_text("utf-8")
    groups = yaml.safe_load(file.read_text("utf-8"))["groups"]
    assert [group["name"] for group in groups] == [
        "smsgw-recording", "smsgw-contract", "smsgw-operation",
    ]  # fmt: skip


def test_without_a_contract_there_are_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", "--contract", "none"]) == Exit.USAGE
    assert "without a contract" in capsys.readouterr().err


def test_a_folder_that_is_not_there_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["rules", "--out", str(tmp_path / "no" / "rules.yml")]) == Exit.ENVIRONMENT
    assert "rules.yml" in capsys.readouterr().err
