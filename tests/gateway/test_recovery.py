from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.archive.builder import ArchiveBuilder
from gateway.archive.database import archive_file, delete_archive
from gateway.journal.files import GENESIS, file_of
from gateway.journal.reader import SqliteJournalReader
from gateway.recovery import JournalDamagedError, Recovered, Wanted, recover
from routing.events import Bound, Failure, JournalEvent, MoReceived, Outcome, Submission
from routing.open_messages import OpenMessages
from routing.registry_events import OptedIn, OptedOut
from tests.support.journals import History, message, write_journal
from tests.support.submissions import AT, MESSAGE_ID, submission


def archive(data_dir: Path, transactions: int = 1 << 30) -> None:
    builder = ArchiveBuilder(data_dir, SqliteJournalReader(data_dir), {})
    while transactions and builder.advance():
        transactions -= 1
    builder.close()


def folded(data_dir: Path) -> OpenMessages:
    found = OpenMessages()
    for _, _, events in SqliteJournalReader(data_dir).read(0):
        for event in events:
            found.apply(event)
    return found


def same(recovered: Recovered, data_dir: Path) -> None:
    whole = folded(data_dir)
    assert recovered.open.messages == whole.messages
    assert recovered.open.held == whole.held
    assert recovered.open.mo == whole.mo
    end = SqliteJournalReader(data_dir).last()
    assert (recovered.sequence, recovered.hash) == (end.sequence, end.hash)


def test_an_empty_directory_has_nothing_to_take_up(tmp_path: Path) -> None:
    found = recover(tmp_path, {})
    assert (found.sequence, found.hash, found.highest_id, found.tail) == (0, GENESIS, 0, 0)
    assert not found.open.messages


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    archived=st.integers(0, 12),
    behind=st.integers(0, 12),
    damage=st.sampled_from(["none", "missing", "damaged", "other"]),
)
def test_archive_and_tail_together_are_the_whole_journal(
    tmp_path_factory: pytest.TempPathFactory, seed: int, archived: int, behind: int, damage: str
) -> None:
    data_dir = tmp_path_factory.mktemp("data")
    history = History(seed)
    write_journal(data_dir, history.batches(archived))
    archive(data_dir)
    write_journal(data_dir, history.batches(behind))
    if damage == "missing":
        delete_archive(data_dir)
    elif damage == "damaged":
        archive_file(data_dir).write_bytes(b"no database" * 100)
    elif damage == "other":
        connection = sqlite3.connect(archive_file(data_dir), isolation_level=None)
        connection.execute("UPDATE progress SET hash = zeroblob(32) WHERE sequence > 0")
        connection.close()
    found = recover(data_dir, {})
    same(found, data_dir)
    assert found.tail == (behind if damage == "none" or not archived else archived + behind)


def test_an_archive_ahead_of_the_journal_is_not_believed(tmp_path: Path) -> None:
    write_journal(tmp_path, [(AT, [message(1)])])
    kept = file_of(tmp_path, "2026-02").read_bytes()
    write_journal(tmp_path, [(AT, [message(2)])])
    archive(tmp_path)
    for name in ("-wal", "-shm"):
        Path(f"{file_of(tmp_path, '2026-02')}{name}").unlink(missing_ok=True)
    file_of(tmp_path, "2026-02").write_bytes(kept)
    found = recover(tmp_path, {})
    assert list(found.open.messages) == [MESSAGE_ID + 1]
    assert (found.sequence, found.tail) == (1, 1)


@pytest.mark.parametrize("archived", [0, 1, 2])
def test_numbers_go_on_above_everything_ever_given_out(tmp_path: Path, archived: int) -> None:
    batches: list[list[JournalEvent]] = [
        [Bound(AT, 41, "police", "trx", 0x33, "127.0.0.1:40001"), message(3)],
        [
            submission(message_id=MESSAGE_ID + 2, wire_id="00000abc"),
            MoReceived(AT, MESSAGE_ID + 9, "", "13300000001", "106590990371", "TD", 1, "api"),
        ],
    ]
    for number, events in enumerate(batches):
        if number == archived:
            archive(tmp_path)
        write_journal(tmp_path, [(AT, events)])
    if archived == 2:
        archive(tmp_path)
    found = recover(tmp_path, {})
    assert (found.highest_id, found.highest_session_id, found.highest_short_id) == (
        MESSAGE_ID + 9,
        41,
        0xABC,
    )


def test_a_batch_that_cannot_be_decoded_is_named(tmp_path: Path) -> None:
    write_journal(tmp_path, [(AT, [message(1)])])
    path = file_of(tmp_path, "2026-02")
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("DROP TRIGGER batch_is_never_changed")
    connection.execute("UPDATE batch SET events = x'91c1'")
    connection.close()
    with pytest.raises(JournalDamagedError, match=rf"{path}: batch 1: .*; run smsgw verify"):
        recover(tmp_path, {})


def test_a_journal_that_is_no_database_is_named(tmp_path: Path) -> None:
    write_journal(tmp_path, [(AT, [message(1)])])
    archive(tmp_path)
    path = file_of(tmp_path, "2026-02")
    path.write_bytes(b"no database" * 100)
    with pytest.raises(JournalDamagedError, match="not a database; run smsgw verify"):
        recover(tmp_path, {})
    shutil.rmtree(tmp_path)


@pytest.mark.parametrize("archived", [0, 1, 2])
def test_lasting_events_come_back_whole_and_in_order(tmp_path: Path, archived: int) -> None:
    out = OptedOut(AT, "13300000001", "106590990371", ("notice",), "mo", "", 0.0)
    back = OptedIn(AT + 1.0, "13300000001", "106590990371", ("notice",), "mo", "", 0.0)
    write_journal(tmp_path, [(AT, [out, submission()]), (AT + 1.0, [back])])
    archive(tmp_path, archived)
    came: list[JournalEvent] = []
    recover(tmp_path, {}, Wanted(came.append))
    assert came == [out, back]


def test_an_archive_that_is_rebuilt_gives_lasting_events_once(tmp_path: Path) -> None:
    out = OptedOut(AT, "13300000001", "106590990371", ("notice",), "mo", "", 0.0)
    write_journal(tmp_path, [(AT, [out])])
    archive(tmp_path)
    delete_archive(tmp_path)
    archive(tmp_path)
    came: list[JournalEvent] = []
    recover(tmp_path, {}, Wanted(came.append))
    assert came == [out]


def watched_by(data_dir: Path) -> list[int]:
    wanted = Wanted(waits=lambda one: one.failures[0].reason == "scope")
    return [one.message_id - MESSAGE_ID for one in recover(data_dir, {}, wanted).watched]


def failing(number: int, reason: str = "scope", **changes: object) -> Submission:
    failures = (Failure(reason, "monitor", "not in scope"),)
    return submission(message_id=MESSAGE_ID + number, failures=failures, **changes)


def outcome(number: int) -> Outcome:
    return Outcome(AT, MESSAGE_ID + number, 2, "000", "ok", "telecom")


@pytest.mark.parametrize("archived", range(4))
def test_messages_that_failed_a_check_are_watched_while_they_are_under_way(
    tmp_path: Path, archived: int
) -> None:
    batches: list[list[JournalEvent]] = [
        [failing(1), failing(2), failing(3, "commercial"), failing(4, accepted=False, status=11)],
        [message(5), failing(6), outcome(1)],
        [outcome(6), failing(7)],
    ]
    for number, events in enumerate(batches):
        if number == archived:
            archive(tmp_path)
        write_journal(tmp_path, [(AT, events)])
    if archived == 3:
        archive(tmp_path)
    assert watched_by(tmp_path) == [2, 7]
    delete_archive(tmp_path)
    assert watched_by(tmp_path) == [2, 7]


def test_a_watched_message_is_known_with_what_it_failed(tmp_path: Path) -> None:
    whole = failing(1, text="您好", sender="10659099037101", at=AT + 0.25)
    write_journal(tmp_path, [(AT, [whole])])
    archive(tmp_path)
    (found,) = recover(tmp_path, {}, Wanted(waits=lambda _one: True)).watched
    assert found.failures == whole.failures
    assert (found.at, found.account, found.sender, found.recipient, found.text) == (
        whole.at, whole.account, whole.sender, whole.recipient, whole.text,
    )  # fmt: skip
