"""Hold send, load and verify to their output and exit codes."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.cli.app import run
from gateway.cli.exits import CommandError, Exit
from gateway.cli.target import parse_target
from smpp.constants import CommandStatus
from tests.gateway.load.message_centre import MessageCentre

from .running import in_a_thread

TO, TEXT = "13300000001", "【示例警务】测试"


@pytest.fixture
def centre() -> Iterator[MessageCentre]:
    with in_a_thread(MessageCentre().listening) as started:
        yield started


def send(centre: MessageCentre, *words: str, text: str = TEXT) -> int:
    return run(["send", TO, text, "--port", str(centre.port), *words])


def said(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_send_shows_the_id(centre: MessageCentre, capsys: pytest.CaptureFixture[str]) -> None:
    assert send(centre) == Exit.OK
    assert capsys.readouterr().out == "accepted, id 1\n"
    (submitted,) = centre.submitted
    assert submitted.registered_delivery == 0
    assert submitted.source_addr == b"106590990371"


def test_send_waits_for_the_receipt(
    centre: MessageCentre, capsys: pytest.CaptureFixture[str]
) -> None:
    assert send(centre, "--wait") == Exit.OK
    assert capsys.readouterr().out == "accepted; receipts: id 1 DELIVRD err 000\n"


def test_send_tells_all_as_json(centre: MessageCentre, capsys: pytest.CaptureFixture[str]) -> None:
    assert send(centre, "--wait", "--json", "--count", "2") == Exit.OK
    assert said(capsys) == [
        {
            "status": "ESME_ROK",
            "ids": [number],
            "receipts": [{"id": number, "stat": "DELIVRD", "err": "000"}],
        }
        for number in ("1", "2")
    ]


def test_send_cuts_a_long_text_as_asked(centre: MessageCentre) -> None:
    assert send(centre, "--udh", "sar", "--dcs", "8", "--receipt", text="长" * 100) == Exit.OK
    assert len(centre.submitted) == 2
    assert all(pdu.tlvs and pdu.registered_delivery for pdu in centre.submitted)


def test_a_refused_message_is_said_and_the_next_still_sent(
    centre: MessageCentre, capsys: pytest.CaptureFixture[str]
) -> None:
    centre.status_of = lambda number: CommandStatus.ESME_RINVDSTADR if number == 1 else 0
    assert send(centre, "--count", "2") == Exit.FAILED
    captured = capsys.readouterr()
    assert "ESME_RINVDSTADR" in captured.err
    assert captured.out == "accepted, id 2\n"


def test_a_refused_message_is_told_as_json(
    centre: MessageCentre, capsys: pytest.CaptureFixture[str]
) -> None:
    centre.status_of = lambda _number: CommandStatus.ESME_RTHROTTLED
    assert send(centre, "--json") == Exit.FAILED
    assert said(capsys)[0]["status"] == "ESME_RTHROTTLED"


def test_a_refused_bind_is_a_refusal(
    centre: MessageCentre, capsys: pytest.CaptureFixture[str]
) -> None:
    centre.bind_status = CommandStatus.ESME_RBINDFAIL
    assert send(centre, "--password", "wrong") == Exit.REFUSED
    captured = capsys.readouterr()
    assert "bind of 'police' refused" in captured.err
    assert "wrong" not in captured.err.replace("password that is wrong", "")


def test_a_receipt_that_does_not_come_is_a_timeout(
    centre: MessageCentre, capsys: pytest.CaptureFixture[str]
) -> None:
    centre.sends_receipts = False
    assert send(centre, "--wait", "--timeout", "0.05") == Exit.TIMED_OUT
    assert "no receipt of message 1 within 0.05 s" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["send", "load"])
def test_nobody_listening_is_the_environments_fault(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = str(unused.getsockname()[1])
        words = {
            "send": ["send", TO, TEXT, "--port", port],
            "load": ["load", "--target", f"127.0.0.1:{port}", "--binds", "1"],
        }
        assert run(words[command]) == Exit.ENVIRONMENT
    assert "nothing listens there" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "seen"),
    [(["--count", "0"], "--count: 0 seen"), (["--dcs", "0"], "")],
)
def test_what_can_not_be_sent_is_a_matter_of_usage(
    centre: MessageCentre, words: list[str], seen: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert send(centre, *words) == Exit.USAGE
    assert seen in capsys.readouterr().err


def load(centre: MessageCentre, *words: str) -> int:
    target = f"127.0.0.1:{centre.port}"
    return run(["load", "--target", target, "--binds", "1", "--count", "20", *words])


def test_load_reports_and_writes_its_files(
    centre: MessageCentre, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page, report = tmp_path / "report.html", tmp_path / "report.json"
    assert load(centre, "--html", str(page), "--report", str(report), "--json") == Exit.OK
    shown = json.loads(capsys.readouterr().out)
    assert shown["accepted"] == 20
    assert json.loads(report.read_text("utf-8")) == shown
    assert "<html" in page.read_text("utf-8")


def test_load_shows_its_report_to_people(
    centre: MessageCentre, capsys: pytest.CaptureFixture[str]
) -> None:
    assert load(centre, "--no-receipts") == Exit.OK
    assert "ESME_ROK" in capsys.readouterr().out
    assert {pdu.registered_delivery for pdu in centre.submitted} == {0}


def test_a_crossed_threshold_is_99(
    centre: MessageCentre, capsys: pytest.CaptureFixture[str]
) -> None:
    assert load(centre, "--threshold", "p99<1us", "--threshold", "errors<1%") == Exit.THRESHOLD
    assert "crossed" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "seen"),
    [
        (["--threshold", "speed>1"], "speed"),
        (["--window", "0"], "window: 0, at least 1"),
        (["--to", "x"], "recipients: 'x'"),
        (["--traffic", "/nowhere.jsonl"], "/nowhere.jsonl"),
    ],
)
def test_a_load_that_can_not_be_is_explained(
    centre: MessageCentre, words: list[str], seen: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert load(centre, *words) in (Exit.USAGE, Exit.ENVIRONMENT)
    assert seen in capsys.readouterr().err
    assert not centre.submitted


def test_a_report_that_can_not_be_written_is_said(
    centre: MessageCentre, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert load(centre, "--html", str(tmp_path)) == Exit.ENVIRONMENT
    assert "Is a directory" in capsys.readouterr().err


def test_a_target_is_host_and_port() -> None:
    assert parse_target("[::1]:2775") == ("::1", 2775)


@pytest.mark.parametrize("target", ["nowhere", "127.0.0.1:0", "127.0.0.1:70000", ""])
def test_a_target_that_is_none_is_explained(target: str) -> None:
    with pytest.raises(CommandError, match="--target") as raised:
        parse_target(target)
    assert raised.value.code == Exit.USAGE


def test_verify_of_an_empty_directory_is_in_order(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["verify", "--data", str(tmp_path)]) == Exit.OK
    assert capsys.readouterr().out.splitlines()[-1] == "in order"
    assert run(["verify", "--data", str(tmp_path), "--json"]) == Exit.OK
    (report,) = said(capsys)
    assert (report["ok"], report["problems"]) == (True, [])


def test_verify_names_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "journal-2026-03.sqlite3").write_bytes(b"no database at all" * 100)
    assert run(["verify", "--data", str(tmp_path)]) == Exit.FAILED
    out = capsys.readouterr().out
    assert "journal-2026-03.sqlite3: batch 1: can't be read" in out
    assert out.splitlines()[-1] == "1 problems"


def test_verify_looks_at_anchors_kept_elsewhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    anchors = tmp_path / "anchors.jsonl"
    anchors.write_text(json.dumps({"sequence": 9, "hash": "00" * 32, "at": 0.0}) + "\n")
    words = ["verify", "--data", str(tmp_path), "--anchors", str(anchors)]
    assert run(words) == Exit.FAILED
    assert "knows batch 9" in capsys.readouterr().out


@pytest.mark.parametrize("words", [["--data", "nowhere"], ["--data", ".", "--anchors", "nowhere"]])
def test_verify_of_what_is_not_there_is_said(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["verify", *words]) == Exit.ENVIRONMENT
    assert "nowhere" in capsys.readouterr().err
