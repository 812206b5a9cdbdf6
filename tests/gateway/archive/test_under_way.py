from __future__ import annotations

from pathlib import Path

from gateway.archive.builder import ArchiveBuilder
from gateway.archive.database import reading_archive
from gateway.archive.under_way import load_watched
from gateway.journal.reader import SqliteJournalReader
from routing.events import Failure, JournalEvent, Outcome, Submission
from tests.support.journals import message, write_journal
from tests.support.submissions import AT, MESSAGE_ID, submission

OUT_OF_SCOPE = (Failure("scope", "monitor", "not in scope", rows=(16,)),)


def watched(data_dir: Path, *events: JournalEvent) -> list[Submission]:
    write_journal(data_dir, [(AT, list(events))])
    builder = ArchiveBuilder(data_dir, SqliteJournalReader(data_dir), {})
    while builder.advance():
        pass
    builder.close()
    with reading_archive(data_dir) as connection:
        return list(load_watched(connection))


def test_only_accepted_messages_without_outcome_that_failed_a_check_are_given(
    tmp_path: Path,
) -> None:
    failing = [submission(message_id=MESSAGE_ID + n, failures=OUT_OF_SCOPE) for n in (1, 2)]
    refused = submission(
        message_id=MESSAGE_ID + 3, failures=OUT_OF_SCOPE, accepted=False, error="9A1"
    )
    delivered = Outcome(AT, MESSAGE_ID + 1, 2, "000", "ok", "telecom")
    found = watched(tmp_path, *failing, refused, message(4), delivered)
    assert [one.message_id - MESSAGE_ID for one in found] == [2]


def test_a_message_is_given_with_all_that_a_ledger_asks_for(tmp_path: Path) -> None:
    whole = submission(failures=OUT_OF_SCOPE, at=AT + 0.25, segment_count=3, registered_delivery=0)
    (found,) = watched(tmp_path, whole)
    assert found.failures == OUT_OF_SCOPE
    for name in ("at", "message_id", "account", "sender", "recipient", "text", "segment_count"):
        assert getattr(found, name) == getattr(whole, name), name
