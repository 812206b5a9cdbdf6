from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

import gateway.archive.reader as reader_module
from gateway.archive.builder import ArchiveBuilder
from gateway.archive.database import archive_file
from gateway.archive.reader import ArchiveReader, ArchiveUnavailableError, QuestionTooLargeError
from gateway.journal.reader import SqliteJournalReader
from routing.events import (
    Attempted,
    JournalEvent,
    Outcome,
    ReceiptAcknowledged,
    SegmentHeld,
)
from routing.query import parse_query
from tests.support.journals import PDU, History, message, write_journal
from tests.support.submissions import AT, MESSAGE_ID, parts, submission

EVERYTHING = parse_query("")


def build(data_dir: Path) -> None:
    builder = ArchiveBuilder(data_dir, SqliteJournalReader(data_dir), {})
    while builder.advance():
        pass
    builder.close()


def archived(data_dir: Path, *batches: list[JournalEvent]) -> ArchiveReader:
    write_journal(data_dir, [(AT, events) for events in batches])
    build(data_dir)
    return ArchiveReader(data_dir, SqliteJournalReader(data_dir), "100099")


async def ids(reader: ArchiveReader, query: str) -> list[int]:
    found = await reader.find(parse_query(query), limit=1000, cursor=None)
    return [int(str(item["id"])) - MESSAGE_ID for item in found.items]


async def test_messages_are_listed_newest_first_in_json_shape(tmp_path: Path) -> None:
    reader = archived(tmp_path, [message(1), message(2)], [message(3)])
    found = await reader.find(EVERYTHING, limit=10, cursor=None)
    assert [item["id"] for item in found.items] == [str(MESSAGE_ID + n) for n in (3, 2, 1)]
    assert found.next is None
    assert found.items[0]["enterprise_code"] == "100099"
    assert await reader.get(MESSAGE_ID + 3) == found.items[0]


async def test_pages_are_stable_while_messages_come(tmp_path: Path) -> None:
    reader = archived(tmp_path, [message(number) for number in range(25)])
    seen: list[object] = []
    cursor: str | None = None
    for page in range(4):
        found = await reader.find(EVERYTHING, limit=8, cursor=cursor)
        seen += [item["id"] for item in found.items]
        cursor = found.next
        write_journal(tmp_path, [(AT, [message(100 + page)])])
        build(tmp_path)
    assert seen == [str(MESSAGE_ID + number) for number in reversed(range(25))]
    assert cursor is None


@pytest.mark.parametrize("limit", [0, 1001])
async def test_a_limit_out_of_range_is_refused(tmp_path: Path, limit: int) -> None:
    reader = archived(tmp_path, [message(1)])
    with pytest.raises(ValueError, match=f"limit: {limit} seen, 1 to 1000 allowed"):
        await reader.find(EVERYTHING, limit=limit, cursor=None)


@pytest.mark.parametrize("cursor", ["", "x", "-1", "٣", "9" * 20])
async def test_a_malformed_cursor_is_refused(tmp_path: Path, cursor: str) -> None:
    reader = archived(tmp_path, [message(1)])
    with pytest.raises(ValueError, match="the next of an earlier page allowed"):
        await reader.find(EVERYTHING, limit=1, cursor=cursor)


async def test_queries_select_and_count(tmp_path: Path) -> None:
    reader = archived(
        tmp_path,
        [
            submission(message_id=MESSAGE_ID + 1, recipient="13300000001"),
            submission(message_id=MESSAGE_ID + 2, recipient="17700000001", text="第2条"),
            submission(message_id=MESSAGE_ID + 3, accepted=False, status=69, reason="scope"),
            Outcome(AT + 40, MESSAGE_ID + 2, 5, "650", "exempt", "telecom"),
        ],
    )
    assert await ids(reader, "to:177*") == [2]
    assert await ids(reader, "is:rejected | state:UNDELIVERABLE") == [3, 2]
    assert await ids(reader, "-is:rejected -text:第2") == [1]
    assert await ids(reader, "latency:>30s liability:exempt") == [2]
    assert await reader.count(parse_query("account:police")) == 3
    assert await reader.count(parse_query("reason:scope")) == 1


async def test_a_part_leads_to_its_message(tmp_path: Path) -> None:
    reader = archived(tmp_path, [submission(segments=parts(1, 1), segment_count=2)])
    whole = await reader.get(MESSAGE_ID + 1)
    assert whole is not None
    assert whole["id"] == str(MESSAGE_ID)
    assert await reader.id_of("w2") == MESSAGE_ID + 1
    assert await reader.id_of("w9") is None
    assert await reader.id_of("") is None


async def test_unknown_ids_give_nothing(tmp_path: Path) -> None:
    reader = archived(tmp_path, [message(1)])
    for unknown in (5, -1, 1 << 70):
        assert await reader.get(unknown) is None
        assert await reader.timeline(unknown) is None
        assert await reader.pdus(unknown) is None


async def test_the_timeline_tells_all_that_happened_to_message_and_parts(tmp_path: Path) -> None:
    held = SegmentHeld(AT, MESSAGE_ID, "police", 1, 1, "1", "2", 7, 2, 1, 1, PDU)
    reader = archived(
        tmp_path,
        [message(50), held],
        [submission(segments=parts(1, 1), segment_count=2, pdu=PDU + PDU, at=AT + 1)],
        [Attempted(AT + 2, MESSAGE_ID, 1, "652", AT + 30), message(51)],
        [Outcome(AT + 30, MESSAGE_ID, 2, "000", "ok", "telecom", 2)],
        [ReceiptAcknowledged(AT + 31, MESSAGE_ID + 1, 1, AT + 30)],
    )
    told = await reader.timeline(MESSAGE_ID + 1)
    assert told is not None
    assert [entry["event"] for entry in told] == [
        "segment_held",
        "submission",
        "attempted",
        "outcome",
        "receipt_acknowledged",
    ]
    assert told[2]["error"] == "652"
    assert told[2]["at"] == "2026-02-25T14:13:22.000+08:00"
    assert told[1]["segments"] == [
        {
            "message_id": MESSAGE_ID + n,
            "index": n + 1,
            "registered_delivery": 1,
            "wire_id": f"w{n + 1}",
        }
        for n in range(2)
    ]
    assert all("pdu" not in entry for entry in told)


async def test_the_pdus_of_all_parts_are_given_one_by_one(tmp_path: Path) -> None:
    longer = bytes.fromhex("00000012000000040000000000000002abcd")
    reader = archived(tmp_path, [submission(pdu=PDU + longer)])
    found = await reader.pdus(MESSAGE_ID)
    assert found is not None
    assert [(pdu.at, pdu.octets) for pdu in found] == [(AT, PDU), (AT, longer)]


@pytest.mark.parametrize("broken", [b"\0\0\0\5abcd", b"\0\0\1\0abcd", b"ab"])
async def test_octets_that_are_no_pdu_are_given_as_they_are(tmp_path: Path, broken: bytes) -> None:
    reader = archived(tmp_path, [submission(pdu=PDU + broken)])
    found = await reader.pdus(MESSAGE_ID)
    assert found is not None
    assert [pdu.octets for pdu in found] == [PDU, broken]


async def test_without_an_archive_questions_say_so(tmp_path: Path) -> None:
    reader = ArchiveReader(tmp_path, SqliteJournalReader(tmp_path))
    with pytest.raises(ArchiveUnavailableError, match="archive: unable to open"):
        await reader.get(1)
    archive_file(tmp_path).write_bytes(b"no database" * 100)
    with pytest.raises(ArchiveUnavailableError, match="not a database"):
        await reader.get(1)


async def test_a_question_that_reads_too_much_is_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = archived(tmp_path, [message(number) for number in range(300)])
    monkeypatch.setattr(reader_module, "_STEPS", 10)
    monkeypatch.setattr(reader_module, "_TURNS", 5)
    with pytest.raises(QuestionTooLargeError, match="narrow it"):
        await reader.count(parse_query("text:nowhere"))


@pytest.mark.parametrize("seed", range(4))
async def test_python_and_sql_answer_every_query_alike(tmp_path: Path, seed: int) -> None:
    write_journal(tmp_path, History(seed).batches(60))
    build(tmp_path)
    reader = ArchiveReader(tmp_path, SqliteJournalReader(tmp_path))
    everything = (await reader.find(EVERYTHING, limit=1000, cursor=None)).items
    assert len(everything) > 50
    for text in (
        "to:133*",
        "to:*7",
        "to:*00*",
        "-to:133* -to:177*",
        "state:DELIVERED | state:ENROUTE service:instant",
        "is:rejected -is:mo",
        "latency:<=10s",
        "-latency:<=10s",
        "latency:>1h is:final",
        "segments:>1",
        "segments:2 | segments:<1",
        "error:65*",
        "reason:scope status:69",
        "status:ESME_ROK",
        "liability:pending",
        "-liability:exempt",
        "after:2026-02-25T15:00:00 before:2026-02-26",
        "carrier:telecom text:验证码",
        "is:open",
        "is:mt (is:accepted | state:REJECTED)",
    ):
        query = parse_query(text)
        by_sql = (await reader.find(query, limit=1000, cursor=None)).items
        assert by_sql == [item for item in everything if query.matches(item)], text


def test_the_recipient_index_answers_prefixes(tmp_path: Path) -> None:
    archived(tmp_path, [message(1)])
    query = parse_query("to:133*")
    connection = sqlite3.connect(archive_file(tmp_path))
    sql = " ".join(("EXPLAIN QUERY PLAN SELECT id FROM messages WHERE", query.where))
    plan = " ".join(row[3] for row in connection.execute(sql, query.parameters))
    connection.close()
    assert "messages_by_recipient" in plan
