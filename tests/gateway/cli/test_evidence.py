from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from gateway.cli.app import run
from gateway.cli.exits import Exit
from tests.gateway.archive.test_builder import build
from tests.support.journals import message, write_journal
from tests.support.submissions import AT


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    write_journal(folder, [(AT, [message(1), message(2)])])
    build(folder)
    return folder


def command(data: Path, out: Path) -> list[str]:
    days = ["--from", "2026-02-25", "--to", "2026-02-25"]
    return ["evidence", "--data", str(data), "--account", "police", *days, "--class", "pending",
            "--out", str(out)]  # fmt: skip


def test_evidence_is_written_for_its_owner_and_checked_alone(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "evidence"
    assert run(command(data, out)) == Exit.OK
    assert "messages: 2\n" in capsys.readouterr().out
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert run(["verify", "--evidence", str(out)]) == Exit.OK
    assert "in order" in capsys.readouterr().out
    out.write_text(out.read_text("utf-8").replace('"messages":2', '"messages":3'), "utf-8")
    assert run(["verify", "--evidence", str(out), "--json"]) == Exit.FAILED
    assert json.loads(capsys.readouterr().out)["ok"] is False


def test_what_cannot_be_written_or_read_is_told(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "evidence"
    out.write_text("kept", "utf-8")
    assert run(command(data, out)) == Exit.ENVIRONMENT
    assert out.read_text("utf-8") == "kept"
    assert run(command(tmp_path / "none", out)) == Exit.ENVIRONMENT
    late = [*command(data, out), "--to", "2026-02-01"]
    assert run([one for place, one in enumerate(late) if place not in (7, 8)]) == Exit.USAGE
    assert run(["verify", "--evidence", str(tmp_path / "none")]) == Exit.ENVIRONMENT
    assert "No such file" in capsys.readouterr().err
