from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.archive.builder import ArchiveBuilder
from gateway.archive.database import archive_file
from gateway.journal.files import file_of
from gateway.journal.reader import SqliteJournalReader
from gateway.verification import Report, verify
from routing.events import JournalEvent, MoAcknowledged, MoReceived, Outcome, SegmentHeld
from tests.support.journals import PDU, History, message, write_journal
from tests.support.submissions import AT, MESSAGE_ID, submission

OUTCOME = Outcome(AT, MESSAGE_ID, 2, "000", "ok", "telecom")
DAY_S = 86_400.0


def archive(data_dir: Path) -> None:
    builder = ArchiveBuilder(data_dir, SqliteJournalReader(data_dir), {})
    while builder.advance():
        pass
    builder.close()


def in_archive(data_dir: Path, statement: str) -> None:
    connection = sqlite3.connect(archive_file(data_dir), isolation_level=None)
    connection.execute("DROP TRIGGER IF EXISTS final_states_never_change")
    connection.execute(statement)
    connection.close()


def told(report: Report) -> str:
    return "; ".join(str(problem) for problem in report.problems)


def test_an_empty_directory_is_in_order(tmp_path: Path) -> None:
    report = verify(tmp_path)
    assert (report.ok, report.batches, report.archive) == (True, 0, "missing")


@pytest.mark.parametrize("seed", range(5))
def test_what_a_gateway_leaves_is_in_order(tmp_path: Path, seed: int) -> None:
    history = History(seed)
    write_journal(tmp_path, history.batches(20))
    archive(tmp_path)
    write_journal(tmp_path, history.batches(10))
    report = verify(tmp_path)
    assert told(report) == ""
    assert (report.batches, report.last_sequence) == (30, 30)
    assert (report.archive, report.archive_sequence) == ("agrees", 20)
    assert report.last_hash == SqliteJournalReader(tmp_path).last().hash.hex()
    assert report.events > report.messages > 0


@pytest.mark.parametrize(
    ("events", "what"),
    [
        ([submission(), submission()], f"message {MESSAGE_ID} is there twice"),
        ([submission(), OUTCOME, OUTCOME], f"message {MESSAGE_ID} has a second outcome"),
        ([OUTCOME], f"an outcome of unknown message {MESSAGE_ID}"),
        (
            [submission(accepted=False, status=69), OUTCOME],
            f"message {MESSAGE_ID} has a second outcome",
        ),
        (
            [SegmentHeld(AT, 5, "police", 1, 1, "1", "2", 7, 2, 1, 1, PDU)] * 2,
            "part 5 is there twice",
        ),
        (
            [
                MoReceived(AT, MESSAGE_ID, "police", "1", "2", "TD", 1, "api"),
                MoAcknowledged(AT, MESSAGE_ID, 1, AT),
                MoAcknowledged(AT, MESSAGE_ID, 1, AT),
            ],
            f"message {MESSAGE_ID} has a second outcome",
        ),
    ],
)
def test_what_no_gateway_may_record_is_named_with_file_and_batch(
    tmp_path: Path, events: list[JournalEvent], what: str
) -> None:
    write_journal(tmp_path, [(AT, [message(50)]), (AT, events)])
    report = verify(tmp_path)
    assert not report.ok
    assert told(report) == f"journal-2026-02.sqlite3: batch 2: {what}"


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE messages SET state = 5", "has state 5, the journal says 2"),
        ("DELETE FROM messages", "has state None, the journal says 2"),
        ("UPDATE messages SET id = 77", "message 77 has state 2, the journal says None"),
        ("UPDATE progress SET hash = zeroblob(32)", "was built from another journal"),
        ("UPDATE progress SET sequence = 9", "knows batches up to 9, which the journal has lost"),
    ],
)
def test_an_archive_that_says_something_else_is_seen(
    tmp_path: Path, statement: str, what: str
) -> None:
    write_journal(tmp_path, [(AT, [submission(), OUTCOME])])
    archive(tmp_path)
    in_archive(tmp_path, statement)
    report = verify(tmp_path)
    assert report.archive == "differs"
    assert what in told(report)


def test_an_archive_that_cannot_be_read_is_seen(tmp_path: Path) -> None:
    write_journal(tmp_path, [(AT, [message(1)])])
    archive(tmp_path)
    in_archive(tmp_path, "UPDATE progress SET format = 99")
    assert verify(tmp_path).archive == "unreadable"
    archive_file(tmp_path).write_bytes(b"no database" * 100)
    report = verify(tmp_path)
    assert report.archive == "unreadable"
    assert "archive.sqlite3: can't be read" in told(report)


def test_a_batch_that_cannot_be_decoded_is_seen(tmp_path: Path) -> None:
    write_journal(tmp_path, [(AT, [message(1)])])
    connection = sqlite3.connect(file_of(tmp_path, "2026-02"), isolation_level=None)
    connection.execute("DROP TRIGGER batch_is_never_changed")
    connection.execute("UPDATE batch SET events = x'91c1'")
    connection.close()
    assert "batch 1: its hash doesn't fit its content" in told(verify(tmp_path))
    assert "batch 1: can't be decoded" in told(verify(tmp_path))


def test_outcomes_of_messages_removed_by_retention_are_in_order(tmp_path: Path) -> None:
    write_journal(tmp_path, [(AT, [submission()]), (AT + 10 * DAY_S, [OUTCOME, message(5)])])
    archive(tmp_path)
    file_of(tmp_path, "2026-02").unlink()
    report = verify(tmp_path)
    assert told(report) == ""
    assert report.archive == "agrees"


def test_the_check_printed_in_the_documentation_works(tmp_path: Path) -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "journal.md"
    match = re.search(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    assert match is not None
    command = [sys.executable, "-c", match[1], str(tmp_path)]
    write_journal(tmp_path, [(AT + n * 5 * DAY_S, [message(n)]) for n in range(9)])
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == f"9 {verify(tmp_path).last_hash}\n"
    connection = sqlite3.connect(file_of(tmp_path, "2026-03"), isolation_level=None)
    connection.execute("DROP TRIGGER batch_is_never_changed")
    connection.execute("UPDATE batch SET at = at + 1 WHERE sequence = 5")
    connection.close()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "batch 5 was changed" in done.stderr
