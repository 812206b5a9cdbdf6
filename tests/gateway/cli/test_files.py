"""Hold the commands about configuration files to what they write and say."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from config.secrets import plain_reference, reference_of, verify
from gateway.cli.app import run
from gateway.cli.exits import Exit


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_init_writes_files_that_check_finds_in_order(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["init", "--dir", "etc"]) == Exit.OK
    assert capsys.readouterr().out.split() == ["etc/smsgw.toml", "etc/contract.toml"]
    assert run(["check", "--config", "etc/smsgw.toml"]) == Exit.OK
    assert capsys.readouterr().out == "etc/smsgw.toml: in order\n"


def test_init_overwrites_nothing_unless_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "smsgw.toml").write_text("mine")
    assert run(["init"]) == Exit.ENVIRONMENT
    assert "smsgw.toml: already there; --force overwrites" in capsys.readouterr().err
    assert (folder / "smsgw.toml").read_text() == "mine"
    assert not (folder / "contract.toml").exists()
    assert run(["init", "--force"]) == Exit.OK
    assert (folder / "smsgw.toml").read_text("utf-8").startswith("# Settings")


def test_init_says_where_it_can_not_write(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "etc").write_text("a file")
    assert run(["init", "--dir", "etc"]) == Exit.ENVIRONMENT
    assert "etc" in capsys.readouterr().err


BROKEN = """\
[smpp]
listen = "nowhere"
colour = "red"
"""


def test_check_tells_every_error_with_file_line_and_key(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "broken.toml").write_text(BROKEN)
    assert run(["check", "--config", "broken.toml"]) == Exit.CONFIG
    captured = capsys.readouterr()
    assert captured.out == ""
    assert 'broken.toml:2: smpp.listen: saw "nowhere"' in captured.err
    assert "broken.toml:3: smpp.colour" in captured.err


def test_check_tells_errors_as_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "broken.toml").write_text(BROKEN)
    assert run(["check", "--config", "broken.toml", "--json"]) == Exit.CONFIG
    problems = json.loads(capsys.readouterr().out)
    assert [(p["file"], p["line"], p["level"]) for p in problems] == [
        ("broken.toml", 2, "error"), ("broken.toml", 3, "error"),
    ]  # fmt: skip


def test_check_says_that_a_file_was_not_looked_at(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "smsgw.toml").write_text(BROKEN)
    assert run(["check"]) == Exit.OK
    captured = capsys.readouterr()
    assert captured.out == "defaults: in order\n"
    assert "smsgw.toml is here but not looked at" in captured.err


def test_check_looks_at_the_environment(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SMSGW_SMPP__LISTEN", "nowhere")
    assert run(["check"]) == Exit.CONFIG
    assert "SMSGW_SMPP__LISTEN" in capsys.readouterr().err


def test_serve_with_a_wrong_configuration_opens_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "broken.toml").write_text(BROKEN)
    assert run(["serve", "--config", "broken.toml", "--profile", "sunny"]) == Exit.CONFIG
    captured = capsys.readouterr()
    assert "smsgw: broken.toml:2: smpp.listen" in captured.err
    assert not (folder / "smsgw-data").exists()


@pytest.mark.parametrize(
    ("option", "value", "key"),
    [
        ("--smpp", "nowhere", "smpp.listen"),
        ("--http", "nowhere", "http.listen"),
        ("--contract", "nothing.toml", "nothing.toml"),
        ("--profile", "sunny", "network.profile"),
        ("--seed", "-1", "network.seed"),
    ],
)
def test_serve_checks_its_options_like_a_file(
    option: str, value: str, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["serve", option, value]) == Exit.CONFIG
    assert key in capsys.readouterr().err


def test_a_password_from_standard_input_is_hashed(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("secret08\n"))
    assert run(["hash-password"]) == Exit.OK
    written = capsys.readouterr().out.strip()
    assert "secret08" not in written
    assert verify(reference_of(written, environ={}, directory=folder), "secret08")
    assert not verify(plain_reference("other"), "secret08")


@pytest.mark.parametrize("typed", ["", "\n", "x" * 1025])
def test_a_password_out_of_bounds_is_explained(
    typed: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    assert run(["hash-password"]) == Exit.USAGE
    assert "1 to 1024 allowed" in capsys.readouterr().err


def test_a_password_is_asked_for_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", lambda prompt: "secret08")
    assert run(["hash-password"]) == Exit.OK
    assert capsys.readouterr().out.startswith("scrypt:")
