"""Hold the commands that talk to a running gateway to their output and exit codes."""

from __future__ import annotations

import csv
import json
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.api.ports import RawPdu
from gateway.cli.app import run
from gateway.cli.exits import Exit
from gateway.cli.traffic import write_checks
from smpp.codec import encode
from smpp.pdus import SubmitSm
from tests.gateway.api.memory import NOON, RECIPIENT, SENDER, TEXT, TOKENS, Memory, message

from .running import http_gateway


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Memory, str]]:
    memory = Memory()
    with http_gateway(memory) as url:
        yield memory, url


@pytest.fixture
def memory(served: tuple[Memory, str], monkeypatch: pytest.MonkeyPatch) -> Memory:
    kept, url = served
    monkeypatch.setenv("SMSGW_URL", url)
    monkeypatch.delenv("SMSGW_TOKEN", raising=False)
    fresh = Memory()
    kept.messages.kept = [
        message(2, state="EXPIRED", error="602", liability="exempt"),
        message(1),
    ]
    kept.messages.octets = {"1": [RawPdu(NOON, "received", encode(SubmitSm(sequence_number=7)))]}
    kept.messages.events = {"1": [{"at": "2026-03-02", "event": "outcome", "state": 2}]}
    kept.sessions.views = fresh.sessions.views
    kept.sessions.closed = []
    kept.mo.taken = []
    kept.mo.full = False
    return kept


def said(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_mo_injects_a_message(memory: Memory, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["mo", RECIPIENT, SENDER, "TD"]) == Exit.OK
    assert capsys.readouterr().out == "1 for account police\n"
    assert memory.mo.taken[0].text == "TD"


def test_mo_says_when_nobody_owns_the_number(
    memory: Memory, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["mo", RECIPIENT, "10699999", "TD"]) == Exit.FAILED
    assert "belongs to no account" in capsys.readouterr().out
    assert run(["mo", RECIPIENT, "10699999", "TD", "--json"]) == Exit.FAILED
    assert said(capsys) == {"id": "2", "account": None}


def test_mo_that_is_refused_says_why(memory: Memory, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["mo", "x", SENDER, "TD"]) == Exit.REFUSED
    captured = capsys.readouterr()
    assert captured.out == ""
    assert '422: body from: "x" seen, a string of the form' in captured.err


def test_explain_shows_every_check(memory: Memory, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["explain", "--from", "1", "--to", RECIPIENT, TEXT, "--service", "instant"]
    assert run([*words, "--dcs", "8", "--at", "2026-03-02"]) == Exit.FAILED
    out = capsys.readouterr().out
    assert out.startswith("FAIL  sender_denied")
    assert "clause 3.1.9" in out
    assert "rejected: sender_denied, clause 3.1.9, ESME_RINVSRCADR" in out
    asked = memory.explainer.asked[-1]
    assert (asked.service, asked.data_coding, asked.at) == ("instant", 8, 1_772_380_800.0)


def test_a_check_of_the_protocol_cites_smpp_and_no_clause(
    capsys: pytest.CaptureFixture[str],
) -> None:
    row = {
        "name": "length", "passed": False, "mode": "enforce", "clause": "SMPP 3.4 §5.2.21",
        "detail": "too long", "detail_zh": "过长", "seen": "501", "allowed": "500",
        "keys": ["smpp.limits.max_characters", "checks.length"],
    }  # fmt: skip
    write_checks(
        {"accepted": False, "reason": "length", "clause": "SMPP 3.4 §5.2.21",
         "status_name": "ESME_RINVMSGLEN", "advice": "Shorten it.", "checks": [row]}
    )  # fmt: skip
    assert capsys.readouterr().out.splitlines() == [
        "FAIL  length              SMPP 3.4 §5.2.21        too long",
        "      过长",
        "      seen: 501",
        "      allowed: 500",
        "rejected: length, SMPP 3.4 §5.2.21, ESME_RINVMSGLEN",
        "Shorten it.",
        "governed by smpp.limits.max_characters, checks.length",
    ]


def test_explain_of_a_message_in_order_ends_well(
    memory: Memory, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["explain", "--from", SENDER, "--to", RECIPIENT, TEXT]) == Exit.OK
    assert capsys.readouterr().out.splitlines()[-1] == "accepted"
    assert run(["explain", "--from", SENDER, "--to", RECIPIENT, TEXT, "--json"]) == Exit.OK
    assert said(capsys)["accepted"] is True


def test_messages_are_listed(memory: Memory, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["messages", "list", "--limit", "1"]) == Exit.OK
    captured = capsys.readouterr()
    head, row = captured.out.splitlines()
    assert head.split()[:3] == ["id", "submitted_at", "account"]
    assert row.split()[0] == "2"
    assert captured.err == "more: --cursor 1\n"
    assert run(["messages", "list", "state:DELIVERED", "--cursor", "0", "--json"]) == Exit.OK
    assert [item["id"] for item in said(capsys)["items"]] == ["1"]


def test_a_wrong_query_is_explained(memory: Memory, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["messages", "list", "colour:red"]) == Exit.REFUSED
    assert "'colour:red' seen" in capsys.readouterr().err


def test_a_message_is_shown(memory: Memory, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["messages", "show", "1"]) == Exit.OK
    out = capsys.readouterr().out
    assert f"text: {TEXT}" in out
    assert "  accepted: yes" in out
    assert run(["messages", "show", "1", "--json"]) == Exit.OK
    assert said(capsys)["id"] == "1"


def test_a_message_is_shown_from_every_side(
    memory: Memory, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["messages", "show", "1", "--pdu", "--why", "--timeline"]) == Exit.OK
    out = capsys.readouterr().out
    assert "sequence_number = 7" in out
    assert "pass  scope" in out
    assert "Accepted, then DELIVERED" in out
    assert "2026-03-02 outcome state=2" in out
    assert run(["messages", "show", "1", "--pdu", "--why", "--json"]) == Exit.OK
    assert set(said(capsys)) == {"pdu", "why"}
    assert run(["messages", "show", "1", "--pdu", "--json"]) == Exit.OK
    assert said(capsys)["pdus"][0]["direction"] == "received"


@pytest.mark.parametrize("message_id", ["999", "../sessions", "?"])
def test_an_unknown_message_is_refused(
    memory: Memory, message_id: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["messages", "show", message_id]) == Exit.REFUSED
    assert "404" in capsys.readouterr().err


def test_waiting_ends_with_the_matches(memory: Memory, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["messages", "wait", "state:DELIVERED", "--timeout", "1"]) == Exit.OK
    assert capsys.readouterr().out.splitlines()[1].split()[0] == "1"
    assert run(["messages", "wait", "state:DELIVERED", "--json"]) == Exit.OK
    assert said(capsys)["items"][0]["id"] == "1"


def test_waiting_in_vain_shows_what_came_nearest(
    memory: Memory, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["messages", "wait", "state:EXPIRED error:650", "--timeout", "1"]
    assert run(words) == Exit.TIMED_OUT
    captured = capsys.readouterr()
    assert "2 EXPIRED: has state:EXPIRED, not error:650" in captured.out
    assert "0 of 1 messages matched" in captured.err
    assert run([*words, "--json"]) == Exit.TIMED_OUT
    assert said(capsys)["nearest"][0]["missed"] == ["error:650"]


def test_messages_are_exported_as_lines_to_standard_output(
    memory: Memory, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["messages", "export"]) == Exit.OK
    captured = capsys.readouterr()
    assert [json.loads(line)["id"] for line in captured.out.splitlines()] == ["2", "1"]
    assert captured.err.strip() == "2 messages"


def test_messages_are_exported_to_a_file_for_its_owner_alone(
    memory: Memory, tmp_path: Path
) -> None:
    path = tmp_path / "all.csv"
    assert run(["messages", "export", "state:DELIVERED", "--out", str(path)]) == Exit.OK
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["id"], row["text"], row["accepted"]) for row in rows] == [("1", TEXT, "true")]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_export_spans_pages(
    memory: Memory, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("gateway.cli.messages._PAGE", 1)
    assert run(["messages", "export", "--format", "json"]) == Exit.OK
    assert [item["id"] for item in said(capsys)] == ["2", "1"]


def test_a_file_that_can_not_be_written_is_said(
    memory: Memory, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["messages", "export", "--out", str(tmp_path)]) == Exit.ENVIRONMENT
    assert "Is a directory" in capsys.readouterr().err


def test_sessions_are_listed(memory: Memory, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sessions", "list"]) == Exit.OK
    row = capsys.readouterr().out.splitlines()[1].split()
    assert (row[0], row[1], row[-1]) == ("7", "police", "3/0")
    assert run(["sessions", "list", "--json"]) == Exit.OK
    assert said(capsys)["items"][0]["id"] == "7"


@pytest.mark.parametrize("mode", ["unbind", "reset", "stall"])
def test_a_session_is_ended(memory: Memory, mode: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sessions", mode, "7"]) == Exit.OK
    assert capsys.readouterr().out == f"session 7: {mode}\n"
    assert memory.sessions.closed == [(7, mode)]
    assert run(["sessions", mode, "7", "--json"]) == Exit.REFUSED


def test_a_session_is_ended_and_told_as_json(
    memory: Memory, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["sessions", "unbind", "7", "--json"]) == Exit.OK
    assert said(capsys) == {"id": "7", "mode": "unbind"}


def test_a_token_comes_from_the_environment(
    memory: Memory, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SMSGW_TOKEN", TOKENS["viewer"])
    assert run(["sessions", "unbind", "7"]) == Exit.REFUSED
    assert "role viewer seen, operator or above allowed" in capsys.readouterr().err


def test_nobody_listening_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        assert run(["sessions", "list", "--url", url]) == Exit.ENVIRONMENT
    assert "is the gateway running?" in capsys.readouterr().err


@pytest.mark.parametrize("url", ["nonsense", "http://[::1", "ftp://127.0.0.1"])
def test_an_address_that_is_none_is_said(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sessions", "list", "--url", url]) == Exit.ENVIRONMENT
    assert url in capsys.readouterr().err


def test_no_answer_in_time_is_a_code_of_its_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from gateway.cli.exits import CommandError
    from gateway.cli.remote import Gateway, call

    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        gateway = Gateway(f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(CommandError, match=r"no answer within 0\.05 s") as raised:
            call(gateway, "GET", "sessions", timeout_s=0.05)
    assert raised.value.code == Exit.TIMED_OUT
