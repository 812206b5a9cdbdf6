from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gateway.api.ports import RefusedError
from gateway.archive.builder import ArchiveBuilder
from gateway.archive.reader import ArchiveReader
from gateway.journal.reader import SqliteJournalReader
from gateway.messages_view import CATCH_UP_S, Messages, NoMessages
from routing.events import JournalEvent
from smpp.message_id import format_message_id
from tests.support.inprocess import NUMBER, TEXT, running
from tests.support.journals import write_journal
from tests.support.submissions import AT, MESSAGE_ID, parts, submission

PDU = bytes.fromhex("00000010000000150000000000000001")
WIRE_ID = "0000002A"


class Progress:
    """Be an archive that has caught up, and note what was asked of it."""

    def __init__(self) -> None:
        self.waits: list[tuple[int, float]] = []

    def version(self) -> int:
        return 7

    async def changed(self, version: int, timeout_s: float) -> None:
        self.waits.append((version, timeout_s))

    async def wait_for(self, sequence: int, timeout_s: float) -> bool:
        self.waits.append((sequence, timeout_s))
        return True


def archived(data: Path, *events: JournalEvent) -> Messages:
    """Give the view of an archive that holds these events."""
    return Messages(reader_of(data, *events), Progress(), lambda: 1)


def reader_of(data: Path, *events: JournalEvent) -> ArchiveReader:
    write_journal(data, [(AT, list(events))])
    journal = SqliteJournalReader(data)
    builder = ArchiveBuilder(data, journal, {})
    while builder.advance():
        pass
    builder.close()
    return ArchiveReader(data, journal)


@pytest.mark.parametrize("form", ["decimal", "padded", "hex", "hex_upper", "uuid"])
async def test_a_message_is_found_by_every_form_of_its_id(tmp_path: Path, form: str) -> None:
    messages = archived(tmp_path, submission())
    shown = format_message_id(MESSAGE_ID, form).decode()  # type: ignore[arg-type]  # a form
    found = await messages.get(shown)
    assert found is not None
    assert found["id"] == str(MESSAGE_ID)


async def test_a_message_is_found_by_the_short_id_its_session_was_given(tmp_path: Path) -> None:
    messages = archived(tmp_path, submission(wire_id=WIRE_ID))
    found = await messages.get(WIRE_ID)
    assert found is not None
    assert found["id"] == str(MESSAGE_ID)


async def test_a_message_is_found_by_the_id_of_one_of_its_parts(tmp_path: Path) -> None:
    whole = submission(segment_count=2, segments=parts(1, 1))
    messages = archived(tmp_path, whole)
    found = await messages.get(str(MESSAGE_ID + 1))
    assert found is not None
    assert found["id"] == str(MESSAGE_ID)


@pytest.mark.parametrize("unknown", ["1", "²", "no id", "f" * 20, "9" * 20, ""])
async def test_what_is_no_id_of_a_message_finds_nothing(tmp_path: Path, unknown: str) -> None:
    messages = archived(tmp_path, submission())
    assert await messages.get(unknown) is None
    assert await messages.timeline(unknown) is None
    assert await messages.pdus(unknown) is None


async def test_timeline_and_pdus_tell_what_was_recorded(tmp_path: Path) -> None:
    messages = archived(tmp_path, submission(pdu=PDU))
    timeline = await messages.timeline(str(MESSAGE_ID))
    pdus = await messages.pdus(str(MESSAGE_ID))
    assert timeline is not None
    assert [entry["event"] for entry in timeline] == ["submission"]
    assert pdus is not None
    assert [(pdu.at, pdu.direction, pdu.octets) for pdu in pdus] == [(AT, "received", PDU)]


async def test_a_list_comes_in_pages_newest_first(tmp_path: Path) -> None:
    two = (submission(), submission(message_id=MESSAGE_ID + 8))
    messages = archived(tmp_path, *two)
    first = await messages.find("account:police", limit=1, cursor=None)
    second = await messages.find("account:police", limit=1, cursor=first.next)
    assert [item["id"] for item in first.items] == [str(MESSAGE_ID + 8)]
    assert [item["id"] for item in second.items] == [str(MESSAGE_ID)]
    assert second.next is None


async def test_a_malformed_question_is_a_value_error_in_words(tmp_path: Path) -> None:
    messages = archived(tmp_path, submission())
    with pytest.raises(ValueError, match="cursor"):
        await messages.find("", limit=1, cursor="next")
    with pytest.raises(ValueError, match="nonsense"):
        await messages.find("nonsense:1", limit=1, cursor=None)


async def test_a_question_waits_for_what_the_journal_had_when_it_was_asked(tmp_path: Path) -> None:
    progress = Progress()
    messages = Messages(reader_of(tmp_path, submission()), progress, lambda: 41)
    await messages.get(str(MESSAGE_ID))
    await messages.find("", limit=1, cursor=None)
    await messages.changed(3, 0.5)
    assert progress.waits == [(41, CATCH_UP_S), (41, CATCH_UP_S), (3, 0.5)]
    assert messages.version() == 7


async def test_an_archive_that_is_not_there_is_said_to_be_unavailable(tmp_path: Path) -> None:
    reader = ArchiveReader(tmp_path, SqliteJournalReader(tmp_path))
    messages = Messages(reader, Progress(), lambda: 0)
    with pytest.raises(RefusedError, match="archive") as refused:
        await messages.find("", limit=1, cursor=None)
    assert refused.value.status == 503


async def test_whoever_has_a_response_finds_the_message(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as run:
        async with await run.esme() as esme:
            submitted = await esme.submit("13300000001", TEXT, NUMBER)
            found = await run.gateway.messages.get(submitted.message_ids[0])
        assert found is not None
        assert found["text"] == TEXT


async def test_a_gateway_that_keeps_nothing_says_so() -> None:
    messages = NoMessages()
    questions = (
        messages.find("", limit=1, cursor=None),
        messages.get("1"),
        messages.timeline("1"),
        messages.pdus("1"),
        messages.changed(0, 1.0),
    )
    answers = await asyncio.gather(*questions, return_exceptions=True)
    assert [getattr(answer, "status", None) for answer in answers] == [503] * len(questions)
    assert "durability" in str(answers[0])
    assert messages.version() == 0
