from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import gateway.archive.builder as builder_module
from gateway.archive.builder import (
    ArchiveBuilder,
    ArchiveConflictError,
    ArchiveDamagedError,
    load_open,
)
from gateway.archive.database import archive_file, delete_archive, reading_archive
from gateway.archive.rows import COLUMNS, MessageRow
from gateway.journal.reader import SqliteJournalReader
from routing.events import (
    JournalEvent,
    MoReceived,
    Outcome,
    ReceiptAcknowledged,
    SegmentHeld,
    Submission,
)
from routing.open_messages import OpenMessages
from routing.receipts import Multipart
from tests.support.journals import PDU, History, message, write_journal
from tests.support.submissions import AT, MESSAGE_ID, parts, submission

Dump = dict[str, list[tuple[object, ...]]]
TABLES = (
    "progress",
    "messages",
    "segments",
    "timeline",
    "sessions",
    "open_messages",
    "open_segments",
    "open_mo",
)


def build(data_dir: Path, multipart: dict[str, Multipart] | None = None) -> None:
    """Bring the archive up to the journal."""
    builder = ArchiveBuilder(data_dir, SqliteJournalReader(data_dir), multipart or {})
    while builder.advance():
        pass
    builder.close()


def dump(data_dir: Path) -> Dump:
    with reading_archive(data_dir) as connection:
        return {
            table: connection.execute(
                " ".join(("SELECT * FROM", table, "ORDER BY 1, 2"))
            ).fetchall()
            for table in TABLES
        }


def one(data_dir: Path, message_id: int = MESSAGE_ID) -> MessageRow:
    with reading_archive(data_dir) as connection:
        sql = " ".join(("SELECT", ", ".join(COLUMNS), "FROM messages WHERE id = ?"))
        return MessageRow(*connection.execute(sql, (message_id,)).fetchone())


def archived(data_dir: Path, *events: JournalEvent) -> MessageRow:
    """Archive events in a batch each and give the row of the first message."""
    write_journal(data_dir, [(AT, [event]) for event in events])
    build(data_dir)
    return one(data_dir)


def test_the_row_has_the_columns_of_the_table(tmp_path: Path) -> None:
    build(tmp_path)
    with reading_archive(tmp_path) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(messages)")]
    assert columns == list(COLUMNS)


def test_an_accepted_message_waits_for_its_outcome(tmp_path: Path) -> None:
    row = archived(tmp_path, submission())
    assert (row.state, row.liability, row.final_ms) == (1, "pending", None)
    assert (row.receipt_state, row.accepted, row.batch) == ("waiting", 1, 1)


def test_outcome_and_acknowledgement_complete_a_message(tmp_path: Path) -> None:
    row = archived(
        tmp_path,
        submission(),
        Outcome(AT + 2.5, MESSAGE_ID, 2, "000", "ok", "telecom"),
        ReceiptAcknowledged(AT + 3, MESSAGE_ID, 1, AT + 2.6, 2),
    )
    assert (row.state, row.liability, row.final_ms) == (2, "ok", round((AT + 2.5) * 1000))
    assert (row.receipt_state, row.receipt_attempts) == ("acknowledged", 2)
    assert row.receipt_ms == round((AT + 3) * 1000)
    assert dump(tmp_path)["open_messages"] == []


def test_a_receipt_is_pending_between_outcome_and_acknowledgement(tmp_path: Path) -> None:
    row = archived(tmp_path, submission(), Outcome(AT, MESSAGE_ID, 5, "650", "exempt", "telecom"))
    assert (row.receipt_state, row.receipt_ms) == ("pending", None)
    assert len(dump(tmp_path)["open_messages"]) == 1


def test_a_second_outcome_changes_nothing(tmp_path: Path) -> None:
    row = archived(
        tmp_path,
        submission(),
        Outcome(AT, MESSAGE_ID, 2, "000", "ok", "telecom"),
        Outcome(AT + 9, MESSAGE_ID, 5, "650", "exempt", "telecom"),
    )
    assert (row.state, row.error) == (2, "000")


@pytest.mark.parametrize(
    "change",
    [
        "state = 5",
        "error = '650'",
        "liability = 'exempt'",
        "final_ms = final_ms + 1",
        "final_ms = NULL",
        "state = 1, final_ms = NULL",
    ],
)
def test_the_schema_itself_keeps_an_outcome_as_it_is(tmp_path: Path, change: str) -> None:
    archived(tmp_path, submission(), Outcome(AT, MESSAGE_ID, 2, "000", "ok", "telecom"))
    connection = sqlite3.connect(archive_file(tmp_path))
    with pytest.raises(sqlite3.IntegrityError):
        connection.execute(f"UPDATE messages SET {change}")
    connection.execute("UPDATE messages SET receipt_attempts = 3, state = 2")
    connection.close()


@pytest.mark.parametrize("way", ["REPLACE", "INSERT", "INSERT OR IGNORE"])
def test_the_schema_itself_lets_no_second_row_with_an_outcome_in(tmp_path: Path, way: str) -> None:
    archived(tmp_path, submission(), Outcome(AT, MESSAGE_ID, 2, "000", "ok", "telecom"))
    connection = sqlite3.connect(archive_file(tmp_path))
    row = connection.execute("SELECT * FROM messages").fetchone()
    with pytest.raises(sqlite3.IntegrityError, match="an outcome is there already"):
        connection.execute(f"{way} INTO messages VALUES ({', '.join('?' * len(row))})", row)
    connection.close()


@pytest.mark.parametrize(("state", "final_ms"), [(2, "NULL"), (1, "7"), (10, "7")])
def test_the_schema_itself_wants_an_outcome_to_have_its_time(
    tmp_path: Path, state: int, final_ms: str
) -> None:
    archived(tmp_path, submission())
    connection = sqlite3.connect(archive_file(tmp_path))
    with pytest.raises(sqlite3.IntegrityError, match="CHECK"):
        connection.execute(f"UPDATE messages SET state = {state}, final_ms = {final_ms}")
    connection.close()


def test_the_receipts_of_all_parts_make_the_message_acknowledged(tmp_path: Path) -> None:
    whole = submission(segments=parts(1, 1), segment_count=2)
    outcome = Outcome(AT, MESSAGE_ID, 2, "000", "ok", "telecom")
    first = ReceiptAcknowledged(AT + 1, MESSAGE_ID, 1, AT)
    row = archived(tmp_path, whole, outcome, first)
    assert row.receipt_state == "pending"
    write_journal(tmp_path, [(AT, [ReceiptAcknowledged(AT + 2, MESSAGE_ID + 1, 1, AT)])])
    build(tmp_path)
    assert one(tmp_path).receipt_state == "acknowledged"


@pytest.mark.parametrize("policy", get_args(Multipart))
def test_the_receipt_policy_of_the_account_decides_what_is_owed(
    tmp_path: Path, policy: Multipart
) -> None:
    answered = MESSAGE_ID + (policy == "last")
    write_journal(
        tmp_path,
        [
            (AT, [submission(segments=parts(1, 1), segment_count=2)]),
            (AT, [Outcome(AT, MESSAGE_ID, 2, "000", "ok", "telecom")]),
            (AT, [ReceiptAcknowledged(AT, answered, 1, AT)]),
        ],
    )
    build(tmp_path, {"police": policy})
    expected = "pending" if policy == "segment" else "acknowledged"
    assert one(tmp_path).receipt_state == expected


def test_parts_that_wait_are_kept_until_the_message_is_whole(tmp_path: Path) -> None:
    held = SegmentHeld(AT, MESSAGE_ID, "police", 1, 1, "1", "2", 7, 2, 1, 1, PDU)
    write_journal(tmp_path, [(AT, [held])])
    build(tmp_path)
    with reading_archive(tmp_path) as connection:
        assert load_open(connection, {}).held == {MESSAGE_ID: held}
    write_journal(tmp_path, [(AT, [submission(segments=parts(1, 1))])])
    build(tmp_path)
    with reading_archive(tmp_path) as connection:
        found = load_open(connection, {})
    assert (list(found.held), list(found.messages)) == ([], [MESSAGE_ID])


def fold(data_dir: Path) -> OpenMessages:
    found = OpenMessages()
    for _, _, events in SqliteJournalReader(data_dir).read(0):
        for event in events:
            found.apply(event)
    return found


def expected_states(data_dir: Path) -> dict[int, int]:
    """Say by the plainest possible fold which state each message must have."""
    states: dict[int, int] = {}
    for _, _, events in SqliteJournalReader(data_dir).read(0):
        for event in events:
            if isinstance(event, Submission):
                states[event.message_id] = 1 if event.accepted else 8
            elif isinstance(event, MoReceived):
                states[event.mo_id] = 1
            elif isinstance(event, Outcome):
                states[event.message_id] = event.state
            elif type(event).__name__ == "MoAcknowledged":
                states[event.mo_id] = 2  # type: ignore[union-attr] # by its name
            elif type(event).__name__ == "MoDropped":
                states[event.mo_id] = 5  # type: ignore[union-attr] # by its name
    return states


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 10**6), cuts=st.lists(st.integers(1, 15), min_size=1, max_size=4))
def test_an_archive_built_in_steps_equals_one_built_at_once(
    tmp_path_factory: pytest.TempPathFactory, seed: int, cuts: list[int]
) -> None:
    data_dir = tmp_path_factory.mktemp("data")
    history = History(seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(builder_module, "TRANSACTION_EVENTS", 1 + seed % 40)
        for cut in cuts:
            write_journal(data_dir, history.batches(cut))
            build(data_dir)
    stepwise = dump(data_dir)
    delete_archive(data_dir)
    build(data_dir)
    assert dump(data_dir) == stepwise
    assert {row[0]: row[COLUMNS.index("state")] for row in stepwise["messages"]} == expected_states(
        data_dir
    )
    with reading_archive(data_dir) as connection:
        found = load_open(connection, {})
    whole = fold(data_dir)
    assert found.messages == whole.messages
    assert (found.held, found.mo) == (whole.held, whole.mo)


def test_a_message_journalled_twice_is_kept_once(tmp_path: Path) -> None:
    row = archived(tmp_path, message(0), submission(text="another"))
    assert row.text != "another"


def test_only_one_archiver_can_move_the_archive(tmp_path: Path) -> None:
    write_journal(tmp_path, [(AT, [message(1)])])
    journal = SqliteJournalReader(tmp_path)
    first, second = (ArchiveBuilder(tmp_path, journal, {}) for _ in range(2))
    assert first.advance()
    with pytest.raises(ArchiveConflictError):
        second.advance()
    first.close()
    second.close()


def test_damage_found_while_writing_is_told_apart(tmp_path: Path) -> None:
    write_journal(tmp_path, [(AT, [message(number)]) for number in range(500)])
    build(tmp_path)
    path = archive_file(tmp_path)
    with reading_archive(tmp_path) as connection:
        query = "SELECT rootpage, page_size FROM sqlite_master, pragma_page_size WHERE name = ?"
        page, size = connection.execute(query, ("messages",)).fetchone()
    content = bytearray(path.read_bytes())
    damaged = slice((page - 1) * size, page * size)
    content[damaged] = bytes(b ^ 0x5A for b in content[damaged])
    path.write_bytes(content)
    write_journal(tmp_path, [(AT, [message(999)])])
    builder = ArchiveBuilder(tmp_path, SqliteJournalReader(tmp_path), {})
    with pytest.raises(ArchiveDamagedError):
        builder.advance()
    builder.close()


def test_damage_found_at_the_opening_is_told_apart(tmp_path: Path) -> None:
    write_journal(tmp_path, [(AT, [message(n) for n in range(200)])])
    build(tmp_path)
    path = archive_file(tmp_path)
    with reading_archive(tmp_path) as connection:
        query = "SELECT rootpage, page_size FROM sqlite_master, pragma_page_size WHERE name = ?"
        page, size = connection.execute(query, ("figures",)).fetchone()
    content = bytearray(path.read_bytes())
    damaged = slice((page - 1) * size, page * size)
    content[damaged] = bytes(b ^ 0x5A for b in content[damaged])
    path.write_bytes(content)
    with pytest.raises(ArchiveDamagedError):
        ArchiveBuilder(tmp_path, SqliteJournalReader(tmp_path), {})
