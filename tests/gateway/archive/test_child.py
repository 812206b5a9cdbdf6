from __future__ import annotations

import os
from pathlib import Path

import pytest

import gateway.archive.child as child_module
from gateway.archive.builder import ArchiveBuilder
from gateway.archive.child import serve
from gateway.journal.reader import SqliteJournalReader
from tests.support.journals import message, write_journal
from tests.support.submissions import AT


def served(data_dir: Path, wakes: bytes) -> list[int]:
    """Run the archiver's loop in this process until its wakes end; give what it reported."""
    wake_read, wake_write = os.pipe()
    report_read, report_write = os.pipe()
    os.write(wake_write, wakes)
    os.close(wake_write)
    builder = ArchiveBuilder(data_dir, SqliteJournalReader(data_dir), {})
    try:
        serve(builder, data_dir, wake_read, report_write)
        os.close(report_write)
        with os.fdopen(report_read, "rb") as reports:
            return [int(line) for line in reports]
    finally:
        os.close(wake_read)
        builder.close()


def test_it_takes_in_what_is_there_and_reports_how_far_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.archive.builder.TRANSACTION_EVENTS", 2)
    write_journal(tmp_path, [(AT, [message(number)]) for number in range(5)])
    reports = served(tmp_path, b"\n")
    assert reports[0] == 2
    assert reports == sorted(reports)


def test_it_ends_between_two_transactions_when_its_parent_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.archive.builder.TRANSACTION_EVENTS", 1)
    write_journal(tmp_path, [(AT, [message(number)]) for number in range(50)])
    assert served(tmp_path, b"") == [1]


def test_it_leaves_the_last_space_to_the_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child_module, "free_octets", lambda _: child_module.RESERVE_OCTETS - 1)
    write_journal(tmp_path, [(AT, [message(1)])])
    assert served(tmp_path, b"") == [0]
