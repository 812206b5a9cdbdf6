"""Hold logs to one line an event, and to what they may not tell."""

from __future__ import annotations

import io
import json
import logging
import os
import stat
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.log import Log, PduLog, capture_stdlib, open_log, open_pdu_log, whole_pdus
from smpp.codec import encode
from smpp.pdus import BindTransceiver, EnquireLink, SubmitSm

NOON = 1_772_424_000.0


def noon() -> float:
    return NOON


def opened(**options: Any) -> tuple[Log, io.StringIO]:
    stream = io.StringIO()
    return open_log(stream, noon, **options), stream


def records(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_away_from_a_terminal_an_event_is_a_json_object() -> None:
    log, stream = opened()
    log.info("session_bound", account="police", sessions=3)
    assert records(stream) == [
        {
            "at": "2026-03-02T12:00:00.000+08:00",
            "level": "info",
            "event": "session_bound",
            "account": "police",
            "sessions": 3,
        }
    ]


def test_on_a_terminal_an_event_is_a_line_for_people(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    stream = Terminal()
    log = open_log(stream, noon)
    log.warning("disk_full", free_mb=0, why="no space", data={"a": 1})
    assert stream.getvalue() == (
        '12:00:00.000 \x1b[33mwarning \x1b[0m disk_full free_mb=0 why="no space" data={"a": 1}\n'
    )


def test_no_color_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    stream = Terminal()
    open_log(stream, noon).info("ready")
    assert "\x1b" not in stream.getvalue()


@pytest.mark.parametrize("as_json", [True, False])
def test_numbers_and_texts_are_masked(as_json: bool) -> None:
    log, stream = opened(as_json=as_json)
    log.info(
        "rejected",
        recipient="13300000001",
        text="验证码482913",
        detail="recipient 13300000001 is out of scope",
        message={"to": "13300000002"},
    )
    for secret in ("13300000001", "13300000002", "482913"):
        assert secret not in stream.getvalue()
    assert "133******01" in stream.getvalue()


def test_levels_below_the_chosen_one_are_left_out() -> None:
    log, stream = opened(level="warning")
    log.info("quiet")
    log.error("loud")
    assert [record["event"] for record in records(stream)] == ["loud"]


def test_an_unknown_level_is_explained() -> None:
    with pytest.raises(ValueError, match=r"log level: 'chatty' seen, one of debug, info"):
        opened(level="chatty")


def test_an_exception_is_told_in_one_line_without_values() -> None:
    log, stream = opened()
    try:
        raise ValueError("13300000001\nis wrong")
    except ValueError:
        log.exception("failed")
    (record,) = records(stream)
    assert record["exception"] == "ValueError: 133******01\nis wrong"
    assert record["traceback"][0].startswith("test_log.py:")


@pytest.mark.parametrize("as_tuple", [True, False])
def test_an_exception_can_be_handed_over(as_tuple: bool) -> None:
    log, stream = opened()
    error = RuntimeError("x")
    log.error("failed", exc_info=(type(error), error, None) if as_tuple else error)
    log.error("fine", exc_info=True)
    log.error("fine", exc_info=False)
    assert records(stream)[0]["exception"] == "RuntimeError: x"
    assert "exception" not in records(stream)[1]
    assert "exception" not in records(stream)[2]


def test_a_value_of_another_type_is_written_as_text_and_masked() -> None:
    for as_json in (True, False):
        log, stream = opened(as_json=as_json)
        log.info("seen", peer=Path("/x/13300000001"))
        assert "133******01" in stream.getvalue()


def test_a_stream_that_is_gone_loses_the_line_and_nothing_else() -> None:
    log, stream = opened()
    stream.close()
    log.info("lost")


def test_two_logs_know_nothing_of_each_other() -> None:
    one, first = opened()
    other, second = opened()
    one.info("one")
    other.info("other")
    assert [record["event"] for record in records(first)] == ["one"]
    assert [record["event"] for record in records(second)] == ["other"]


@given(st.text(), st.text())
def test_an_event_is_one_json_line_whatever_it_holds(event: str, value: str) -> None:
    log, stream = opened(as_json=True)
    log.info(event, value=value)
    lines = stream.getvalue().splitlines()
    assert len(lines) == 1
    assert lines[0].isascii()
    assert json.loads(lines[0])["value"] == value


@given(st.text(), st.text())
def test_an_event_is_one_console_line_whatever_it_holds(event: str, value: str) -> None:
    log, stream = opened(as_json=False)
    log.info(event, value=value)
    line = stream.getvalue().removesuffix("\n")
    assert line.isprintable()


@pytest.fixture
def root_logger() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    logging.captureWarnings(False)
    root.handlers[:], root.level = handlers, level


@pytest.mark.usefixtures("root_logger")
def test_what_libraries_log_comes_out_of_the_log() -> None:
    log, stream = opened()
    capture_stdlib(log)
    logging.getLogger("uvicorn.error").warning("bad request from %s", "13300000001\r\n")
    try:
        raise KeyError("x")
    except KeyError:
        logging.getLogger("asyncio").exception("task failed")
    logging.getLogger("odd").log(35, "odd level")
    first, second, third = records(stream)
    assert first["event"] == "library_message"
    assert (first["logger"], first["level"]) == ("uvicorn.error", "warning")
    assert first["message"] == "bad request from 133******01\r\n"
    assert second["exception"].startswith("KeyError")
    assert third["level"] == "info"


@pytest.mark.usefixtures("root_logger")
def test_warnings_come_out_of_the_log() -> None:
    log, stream = opened()
    capture_stdlib(log)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn("something is deprecated", DeprecationWarning, stacklevel=1)
    assert "something is deprecated" in records(stream)[0]["message"]


# -- PDUs ------------------------------------------------------------------------------------------


def test_a_pdu_is_dumped_and_explained() -> None:
    stream = io.StringIO()
    pdu = encode(SubmitSm(destination_addr=b"13300000001", sequence_number=7))
    PduLog(stream, noon).write(3, "police", pdu, sent=False)
    lines = stream.getvalue().splitlines()
    assert lines[0] == (
        f"2026-03-02T12:00:00.000+08:00 session 3 (police) received {len(pdu)} octets"
    )
    assert lines[1].startswith("0000  00 00 00")
    assert any("destination_addr" in line for line in lines)
    assert lines[-2].startswith("submit_sm 7: to 13300000001")
    assert lines[-1] == ""


def test_a_password_is_in_no_log() -> None:
    stream = io.StringIO()
    pdu = encode(BindTransceiver(system_id=b"police", password=b"secret08"))
    PduLog(stream, noon).write(3, "", pdu, sent=False)
    assert "session 3 received" in stream.getvalue()
    assert "secret08" not in stream.getvalue()
    assert b"secret08".hex(" ") not in stream.getvalue()


@given(st.binary(max_size=200))
def test_no_octets_break_a_line_of_the_dump(octets: bytes) -> None:
    stream = io.StringIO()
    PduLog(stream, noon).write(3, "a\nb", octets, sent=True)
    assert all(line.isprintable() for line in stream.getvalue().split("\n"))


def test_an_address_with_a_line_feed_begins_no_line() -> None:
    stream = io.StringIO()
    pdu = encode(SubmitSm(source_addr=b"1\n2099-01-01", destination_addr=b"2"))
    PduLog(stream, noon).write(3, "", pdu, sent=False)
    assert not any(line.startswith("2099") for line in stream.getvalue().splitlines())


def test_the_pdu_log_is_appended_to_and_readable_by_its_group_at_most(tmp_path: Path) -> None:
    path = tmp_path / "pdus.log"
    path.write_text("before\n")
    log = open_pdu_log(str(path), noon)
    log.write(1, "", b"\0\0\0\x10", sent=True)
    log.close()
    log.write(1, "", b"", sent=True)  # closed: lost, not raised
    assert path.read_text().startswith("before\n")
    assert "sent 4 octets" in path.read_text()
    other = tmp_path / "new.log"
    open_pdu_log(str(other), noon).close()
    assert stat.S_IMODE(os.stat(other).st_mode) & 0o027 == 0


def test_a_dash_is_standard_error_and_stays_open(capsys: pytest.CaptureFixture[str]) -> None:
    log = open_pdu_log("-", noon)
    log.write(1, "", b"\0", sent=True)
    log.close()
    assert not sys.stderr.closed
    assert "sent 1 octets" in capsys.readouterr().err


def test_a_pdu_log_that_can_not_be_opened_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="directory"):
        open_pdu_log(str(tmp_path), noon)


def test_what_a_connection_read_is_cut_into_pdus_and_the_beginning_of_the_next() -> None:
    first = encode(EnquireLink(sequence_number=1))
    second = encode(EnquireLink(sequence_number=2))
    assert whole_pdus(first + second + first[:5], 1024) == ([first, second], first[:5])
    assert whole_pdus(b"", 1024) == ([], b"")


@pytest.mark.parametrize("length", [15, 1025])
def test_what_follows_an_impossible_length_is_one_piece(length: int) -> None:
    good = encode(EnquireLink(sequence_number=1))
    bad = length.to_bytes(4, "big") + bytes(40)
    assert whole_pdus(good + bad, 1024) == ([good, bad], b"")
