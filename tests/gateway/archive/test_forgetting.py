"""Remove from the archive what the journal holds no more, a few rows at a time."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.archive import forgetting
from gateway.archive.builder import ArchiveBuilder
from gateway.archive.database import reading_archive
from gateway.journal.reader import SqliteJournalReader
from routing.events import (
    Bound,
    JournalEvent,
    Outcome,
    Retained,
    SegmentHeld,
    Unbound,
)
from tests.support.journals import PDU, Batches, write_journal
from tests.support.submissions import AT, MESSAGE_ID, parts, submission

MONTH_S = 31 * 86_400.0
COUNTED = ("messages", "segments", "timeline", "sessions", "removed", "lasting")


def counts(data: Path) -> dict[str, int]:
    with reading_archive(data) as connection:
        return {
            table: connection.execute(" ".join(("SELECT count(*) FROM", table))).fetchone()[0]
            for table in COUNTED
        }


def message(number: int, at: float) -> JournalEvent:
    return submission(message_id=MESSAGE_ID + number, at=at, registered_delivery=0)


def ended(number: int, at: float) -> JournalEvent:
    return Outcome(at, MESSAGE_ID + number, 2, "000", "ok", "telecom")


def history(open_ones: int = 0) -> Batches:
    """Give ten messages in each of two months, the first of them in parts, then the removal."""
    first: list[JournalEvent] = [
        Bound(AT, 1, "police", "transceiver", 0x34, "127.0.0.1", ""),
        SegmentHeld(AT, MESSAGE_ID - 1, "police", 1, 1, "106590990371", "13300000001", 7, 2, 1, 1,
                    PDU, "00aa"),
        submission(message_id=MESSAGE_ID, registered_delivery=0, segment_count=2,
                   segments=parts(0, 0, first_id=MESSAGE_ID - 1)),
        *(message(number, AT) for number in range(1, 10)),
        *(ended(number, AT + 5) for number in range(open_ones, 10)),
        Unbound(AT + 9, 1, "police", "unbind"),
    ]  # fmt: skip
    later = AT + MONTH_S
    second: list[JournalEvent] = [
        *(message(number, later) for number in range(20, 30)),
        *(ended(number, later + 5) for number in range(20, 30)),
    ]
    gone = Retained(later + 10, "system", later - 1, ("2026-02",), 1)
    return [(AT, first), (later, second), (later + 10, [gone])]


def build(data: Path) -> int:
    """Bring the archive up to the journal; gives the transactions that took."""
    builder = ArchiveBuilder(data, SqliteJournalReader(data), {})
    turns = 0
    while builder.advance():
        turns += 1
    builder.close()
    return turns


def test_rows_of_removed_months_go(tmp_path: Path) -> None:
    batches = history()
    write_journal(tmp_path, batches[:2])
    build(tmp_path)
    whole = counts(tmp_path)
    assert (whole["messages"], whole["segments"], whole["sessions"]) == (20, 2, 1)
    write_journal(tmp_path, batches[2:])
    build(tmp_path)
    kept = counts(tmp_path)
    assert kept == {
        "messages": 10, "segments": 0, "timeline": 10, "sessions": 0, "removed": 0, "lasting": 1,
    }  # fmt: skip


def test_they_go_a_few_at_a_time_and_on_after_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "AT_ONCE", 3)
    write_journal(tmp_path, history())
    builder = ArchiveBuilder(tmp_path, SqliteJournalReader(tmp_path), {})
    assert builder.advance()
    assert counts(tmp_path)["messages"] == 17
    builder.close()
    assert build(tmp_path) == 4  # three, three, one, and nothing more
    assert counts(tmp_path)["messages"] == 10
    assert build(tmp_path) == 0


def test_what_is_under_way_stays(tmp_path: Path) -> None:
    write_journal(tmp_path, history(open_ones=4))
    build(tmp_path)
    assert counts(tmp_path)["messages"] == 14
