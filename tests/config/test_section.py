from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from config.section import (
    DataPath,
    ExistingFile,
    Surroundings,
    Words,
    parse_end,
    parse_endpoint,
    parse_instant,
    parse_network,
)


@pytest.mark.parametrize(
    ("text", "host", "port", "loopback"),
    [
        ("127.0.0.1:2775", "127.0.0.1", 2775, True),
        ("127.0.0.2:0", "127.0.0.2", 0, True),
        ("localhost:80", "localhost", 80, True),
        ("[::1]:65535", "::1", 65535, True),
        ("0.0.0.0:2775", "0.0.0.0", 2775, False),
        ("[::]:2775", "::", 2775, False),
        ("smsgw.example:2775", "smsgw.example", 2775, False),
    ],
)
def test_an_endpoint_is_a_host_and_a_port(text: str, host: str, port: int, loopback: bool) -> None:
    endpoint = parse_endpoint(text)
    assert (endpoint.host, endpoint.port, endpoint.loopback) == (host, port, loopback)
    assert str(endpoint) == text
    assert parse_endpoint(endpoint) is endpoint


@pytest.mark.parametrize("value", ["2775", ":2775", "127.0.0.1", "::1:2775", "h:65536", "h:", 2775])
def test_anything_else_is_no_endpoint(value: object) -> None:
    with pytest.raises(ValueError, match="host:port"):
        parse_endpoint(value)


@pytest.mark.parametrize(
    ("text", "network"),
    [("10.1.0.0/16", "10.1.0.0/16"), ("::1", "::1/128"), ("1.2.3.4", "1.2.3.4/32")],
)
def test_a_network_is_an_address_or_a_range_of_them(text: str, network: str) -> None:
    assert parse_network(text) == network


@pytest.mark.parametrize("value", ["10.1.0.1/16", "10.1", "any", 10])
def test_anything_else_is_no_network(value: object) -> None:
    with pytest.raises(ValueError, match="CIDR"):
        parse_network(value)


def test_a_plain_date_begins_and_ends_in_shanghai() -> None:
    assert parse_instant(date(2026, 11, 30)) == datetime(2026, 11, 29, 16, tzinfo=UTC)
    assert parse_end("2026-11-30") == datetime(2026, 11, 30, 16, tzinfo=UTC)


def test_a_time_keeps_its_offset_and_is_in_shanghai_without() -> None:
    assert parse_instant("2026-11-30T08:00:00+00:00") == datetime(2026, 11, 30, 8, tzinfo=UTC)
    assert parse_instant(datetime(2026, 11, 30, 8)) == datetime(2026, 11, 30, tzinfo=UTC)  # noqa: DTZ001
    assert parse_end("2026-11-30T08:00:00") == datetime(2026, 11, 30, tzinfo=UTC)


@pytest.mark.parametrize("value", ["tomorrow", "2026-13-01", 20261130, None])
def test_anything_else_is_no_time(value: object) -> None:
    with pytest.raises(ValueError, match="a date"):
        parse_instant(value)
    with pytest.raises(ValueError, match="a date"):
        parse_end(value)


def test_paths_are_taken_from_the_folder_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "there").write_bytes(b"")
    where = Surroundings(tmp_path)
    existing = TypeAdapter[Path](ExistingFile)
    assert existing.validate_python("there", context=where) == tmp_path / "there"
    assert TypeAdapter[Path](DataPath).validate_python("new", context=where) == tmp_path / "new"
    for value in ("missing", "", 5, str(tmp_path)):
        with pytest.raises(ValidationError, match="existing file"):
            existing.validate_python(value, context=where)
    with pytest.raises(ValidationError, match="path of a folder"):
        TypeAdapter[Path](DataPath).validate_python("", context=where)


def test_words_are_listed_once() -> None:
    words = TypeAdapter[tuple[str, ...]](Words)
    assert words.validate_python(("T", "TD")) == ("T", "TD")
    with pytest.raises(ValidationError, match="more than once: T"):
        words.validate_python(("T", "TD", "T"))
