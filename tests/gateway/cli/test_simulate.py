from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.cli.app import run
from gateway.cli.exits import Exit

DAYS = ["simulate", "--from", "2023-12-01", "--to", "2023-12-03"]


def test_simulated_days_are_summed_up_and_can_be_verified(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = str(tmp_path / "life")
    assert run([*DAYS, "--per-day", "40", "--data", data, "--json"]) == Exit.OK
    found = json.loads(capsys.readouterr().out)
    assert (found["days"], found["data"]) == (3, data)
    assert found["accepted"] == found["statuses"]["ESME_ROK"] == found["submitted"] > 90
    assert run(["verify", "--data", data]) == Exit.OK


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["simulate", "--from", "2023-12-02", "--to", "2023-12-01"], "--to 2023-12-01 is before"),
        ([*DAYS, "--per-day", "0"], "--per-day 0: 1 to 1000000"),
        ([*DAYS, "--data", "folder"], "folder is not empty"),
    ],
)
def test_what_can_not_be_simulated_is_told(
    arguments: list[str],
    error: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "mine").touch()
    assert run(arguments) == Exit.USAGE
    assert error in capsys.readouterr().err


def test_a_day_that_can_not_be_read_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    day = tmp_path / "day.toml"
    day.write_text("[hours]\n")
    data = str(tmp_path / "life")
    assert run([*DAYS, "--traffic", str(day), "--data", data]) == Exit.CONFIG
    assert "day.toml" in capsys.readouterr().err


def test_an_unknown_profile_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = str(tmp_path / "life")
    assert run([*DAYS, "--profile", "sunny", "--data", data]) == Exit.CONFIG
    assert "sunny" in capsys.readouterr().err
