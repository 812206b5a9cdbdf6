from __future__ import annotations

import hashlib
import struct
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.journal.files import (
    GENESIS,
    START,
    chain,
    file_of,
    journal_files,
    last_position,
    month_ends,
    month_in,
    month_of,
    reading,
)


def at(*parts: int) -> float:
    return datetime(*parts, tzinfo=UTC).timestamp()  # type: ignore[misc,arg-type] # mypy can't count them


@pytest.mark.parametrize(
    ("instant", "month"),
    [
        (at(2026, 2, 28, 15, 59, 59), "2026-02"),
        (at(2026, 2, 28, 16), "2026-03"),
        (at(2026, 12, 31, 16), "2027-01"),
    ],
)
def test_months_are_those_of_shanghai(instant: float, month: str) -> None:
    assert month_of(instant) == month


@pytest.mark.parametrize(
    ("month", "end"), [("2026-02", at(2026, 2, 28, 16)), ("2026-12", at(2026, 12, 31, 16))]
)
def test_a_month_ends_where_the_next_begins(month: str, end: float) -> None:
    assert month_ends(month) == end
    assert month_of(end - 0.001) == month
    assert month_of(end) > month


def test_files_are_listed_by_month_and_others_left_out(tmp_path: Path) -> None:
    for name in ("2026-11", "2025-12", "2026-02"):
        file_of(tmp_path, name).touch()
    (tmp_path / "journal-2026-11.sqlite3-wal").touch()
    (tmp_path / "journal-x.sqlite3").touch()
    assert [month_in(p) for p in journal_files(tmp_path)] == ["2025-12", "2026-02", "2026-11"]


def test_the_hash_is_the_documented_one() -> None:
    by_hand = hashlib.sha256(GENESIS + struct.pack(">q", 1) + struct.pack(">d", 12.5) + b"blob")
    assert chain(GENESIS, 1, 12.5, b"blob") == by_hand.digest()


def test_a_file_without_layout_has_no_position(tmp_path: Path) -> None:
    path = file_of(tmp_path, "2026-02")
    path.touch()
    with reading(path) as connection:
        connection.execute("CREATE TEMP TABLE batch (sequence, hash)")
        connection.execute("CREATE TEMP TABLE segment (after_sequence, previous_hash)")
        assert last_position(connection) is None
        connection.execute("INSERT INTO temp.segment VALUES (?, ?)", (0, GENESIS))
        assert last_position(connection) == START
