"""Take records out of a journal; every change to them is found without the journal."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.evidence import Evidence, Figure, Question, export, verify_evidence
from gateway.journal.anchors import FILE
from routing.events import JournalEvent, Outcome
from tests.gateway.archive.test_builder import build
from tests.support.journals import Batches, write_journal
from tests.support.submissions import AT, MESSAGE_ID, submission

DAY_S = 86_400.0
DAYS, PER_DAY, FAILED = 6, 4, 2
SECOND, FOURTH = AT + DAY_S, AT + 4 * DAY_S


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give six days of messages, a batch each; the first two of a day fail by the carrier."""
    folder = tmp_path_factory.mktemp("evidence")
    batches: Batches = []
    for day in range(DAYS):
        for place in range(PER_DAY):
            one, at = MESSAGE_ID + day * PER_DAY + place, AT + day * DAY_S + place
            liability, state = ("carrier", 5) if place < FAILED else ("ok", 2)
            events: list[JournalEvent] = [
                submission(message_id=one, at=at, segment_count=3),
                Outcome(at + 1, one, state, "000", liability, "telecom"),
            ]
            batches.append((at, events))
    write_journal(folder, batches)
    build(folder)
    return folder


def question(class_: str = "carrier", account: str = "police") -> Question:
    return Question(account, class_, round(SECOND * 1000) - 1, round(FOURTH * 1000) - 1)


def written(data: Path, *, records_only: bool = False, class_: str = "carrier") -> list[str]:
    file = StringIO()
    export(data, question(class_), file, records_only=records_only)
    return file.getvalue().splitlines()


def checked(folder: Path, lines: list[str], anchors: Path | None = None) -> Evidence:
    file = folder / "file"
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return verify_evidence(file, anchors)


@pytest.mark.parametrize("anchors", ["its own", "kept elsewhere"])
def test_evidence_holds_without_the_journal(data: Path, tmp_path: Path, anchors: str) -> None:
    kept = None
    if anchors == "kept elsewhere":
        kept = tmp_path / "anchors"
        kept.write_bytes((data / FILE).read_bytes())
    found = checked(tmp_path, written(data), kept)
    assert (found.problems, found.chain) == ([], "anchored")
    assert found.claimed == found.found == Figure(3 * FAILED, 3 * FAILED * 3)
    assert found.batches == found.last_sequence - found.first_sequence + 1


@pytest.mark.parametrize("class_", ["ok", "refused", "pending"])
def test_each_class_is_counted_again(data: Path, tmp_path: Path, class_: str) -> None:
    found = checked(tmp_path, written(data, class_=class_))
    assert found.ok
    assert found.found.messages == (3 * (PER_DAY - FAILED) if class_ == "ok" else 0)


def test_records_alone_hold_each_for_itself(data: Path, tmp_path: Path) -> None:
    found = checked(tmp_path, written(data, records_only=True))
    assert (found.problems, found.chain) == ([], "records_only")
    assert found.batches == 3 * FAILED


def test_a_batch_that_is_left_out_is_found(data: Path, tmp_path: Path) -> None:
    lines = written(data)
    for number in range(1, len(lines)):
        found = checked(tmp_path, [*lines[:number], *lines[number + 1 :]])
        # Without an end the chain is no longer held by two anchors.
        assert not found.ok or found.chain == "unbroken"
        if 1 < number < len(lines) - 1:
            assert not found.ok


def test_a_figure_that_is_claimed_too_low_is_found(data: Path, tmp_path: Path) -> None:
    lines = written(data)
    head = json.loads(lines[0])
    head["figure"]["segments"] -= 3
    told = checked(tmp_path, [json.dumps(head), *lines[1:]]).problems
    assert "15 segments are claimed" in str(told[0])
    left_out = head["messages"].pop()
    told = checked(tmp_path, [json.dumps(head), *lines[1:]]).problems
    assert f"message {left_out} is in the records and not listed" in str(told[0])
    head["messages"].append("77")
    told = checked(tmp_path, [json.dumps(head), *lines[1:]]).problems
    assert "message 77 is listed" in str(told[0])


def test_another_journal_made_whole_is_found_by_kept_anchors(data: Path, tmp_path: Path) -> None:
    kept = tmp_path / "anchors"
    rows = [json.loads(line) for line in (data / FILE).read_text("utf-8").splitlines()]
    for row in rows:
        row["hash"] = "00" * 32
    kept.write_text("\n".join(json.dumps(row) for row in rows) + "\n", "utf-8")
    found = checked(tmp_path, written(data), kept)
    assert "isn't the one of its anchor" in str(found.problems[0])


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_any_changed_octet_of_a_batch_is_found(
    data: Path, tmp_path: Path, drawn: st.DataObject
) -> None:
    lines = written(data)
    number = drawn.draw(st.integers(1, len(lines) - 1))
    row = json.loads(lines[number])
    name = drawn.draw(st.sampled_from(("hash", "previous", "events")))
    place = drawn.draw(st.integers(0, len(row[name]) - 1))
    octet = drawn.draw(st.sampled_from("0123456789abcdefXYZ"))
    changed = row[name][:place] + octet + row[name][place + 1 :]
    lines[number] = json.dumps({**row, name: changed})
    assert checked(tmp_path, lines).ok == (changed == row[name])


@pytest.mark.parametrize("line", ["", "{}", "[]", '{"question":{}}'])
def test_what_is_no_evidence_is_told(tmp_path: Path, line: str) -> None:
    found = checked(tmp_path, [line])
    assert "is no heading of evidence" in str(found.problems[0])
