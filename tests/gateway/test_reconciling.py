"""Reconcile a data directory, and party A's list with ours; each with what must be found."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gateway.archive.database import archive_file
from gateway.reconciling import Comparison, TheirsError, compare, recent_difference, reconcile
from routing.events import JournalEvent, Outcome
from tests.gateway.archive.test_builder import build
from tests.support.journals import History, write_journal
from tests.support.submissions import AT, MESSAGE_ID, submission

DAY_MS = 86_400_000
SENT = 10


@pytest.fixture
def data(tmp_path: Path) -> Path:
    events: list[JournalEvent] = []
    for number in range(SENT):
        one = MESSAGE_ID + number
        events.append(submission(message_id=one, wire_id="00af" if number == 9 else ""))
        state, liability = (5, "carrier") if number < 2 else (2, "ok")
        events.append(Outcome(AT + 3, one, state, "000", liability, "telecom"))
    write_journal(tmp_path, [(AT, events)])
    build(tmp_path)
    return tmp_path


def spoil(data: Path, change: str) -> None:
    with closing(sqlite3.connect(archive_file(data))) as archive:
        archive.execute("DROP TRIGGER final_states_never_change")
        archive.execute(change)
        archive.commit()


def test_invented_histories_reconcile(tmp_path: Path) -> None:
    write_journal(tmp_path, History(7).batches(300))
    build(tmp_path)
    found = reconcile(tmp_path)
    assert (found.difference, found.left_out) == (0, ())
    assert found.events > 300
    assert recent_difference(tmp_path, AT + 86_400) == 0


@pytest.mark.parametrize(
    ("change", "figures", "apart"),
    [
        (f"DELETE FROM messages WHERE id = {MESSAGE_ID + 5}",
         {"ended", "delivered", "segments"}, 3),
        (f"UPDATE messages SET liability = 'carrier' WHERE id = {MESSAGE_ID + 5}",
         {"delivered", "segments"}, 2),
        (f"UPDATE messages SET segments = 4 WHERE id = {MESSAGE_ID + 5}", {"segments"}, 3),
    ],
)  # fmt: skip
def test_a_row_that_is_wrong_is_found(
    data: Path, change: str, figures: set[str], apart: int
) -> None:
    assert reconcile(data).difference == 0
    spoil(data, change)
    found = reconcile(data)
    assert {one.figure for one in found.found} == figures
    assert found.difference == apart
    assert recent_difference(data, AT + 60) == apart


def listed(data: Path, text: str) -> Comparison:
    file = data / "theirs.csv"
    file.write_text(text, "utf-8")
    return compare(data, file, round(AT * 1000) - 1, round(AT * 1000) + DAY_MS)


def whole() -> list[str]:
    lines = [f"{MESSAGE_ID + number},{'failed' if number < 2 else 'delivered'},1"
             for number in range(SENT - 1)]  # fmt: skip
    return ["message_id,status,segments", *lines, "00af,DELIVRD,1"]


def test_a_list_that_agrees_agrees_in_every_form_of_id(data: Path) -> None:
    lines = whole()
    lines[3] = f"{MESSAGE_ID + 2:016X},2,1"
    found = listed(data, "\n".join(lines))
    assert found.ok
    assert (found.matched, found.named) == (SENT, ())
    assert found.segments_ours == found.segments_theirs == SENT - 2


def test_each_kind_of_difference_is_counted_and_named(data: Path) -> None:
    lines = whole()
    lines[1] = f"{MESSAGE_ID},delivered,1"
    lines[5] = f"{MESSAGE_ID + 4},delivered,3"
    lines[6] = "99,delivered,1"
    found = listed(data, "\n".join(lines))
    assert found.differing == {"only_theirs": 1, "only_ours": 1, "state": 1, "segments": 1}
    named = {one.kind: one for one in found.named}
    assert (named["only_theirs"].message, named["only_theirs"].line) == ("99", 7)
    assert named["only_ours"].message == str(MESSAGE_ID + 5)
    assert (named["state"].ours, named["state"].theirs) == ("failed", "delivered")
    assert (named["segments"].ours, named["segments"].theirs) == ("1", "3")
    assert (found.segments_ours, found.segments_theirs) == (SENT - 2, SENT - 2 + 1 + 2)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "line 1: column message_id is missing"),
        ("message_id,state\n", "line 1: column status is missing; seen message_id, state"),
        ("message_id,status\n1,fine\n", "line 2, column status: 'fine', allowed are delivered"),
        ("message_id,status\n,failed\n", "line 2, column message_id: empty"),
        ("message_id,status\n1,failed,3\n", "line 2: 3 columns, 2 expected"),
        ("message_id,status,segments\n1,failed,0\n", "line 2, column segments: '0'"),
    ],
)
def test_a_list_that_cannot_be_read_is_refused_by_line_and_column(
    data: Path, text: str, told: str
) -> None:
    with pytest.raises(TheirsError) as caught:
        listed(data, text)
    assert told in str(caught.value)
