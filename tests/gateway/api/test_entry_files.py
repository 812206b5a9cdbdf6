"""Hold files of entries to what single entries are held to: each bad row with line and column."""

from __future__ import annotations

import csv
import io
from typing import Any

import httpx
import pytest

from gateway.api.entry_files import MOST_ROWS
from routing.office_events import ComplaintReceived
from tests.support.inprocess import NUMBER

from .memory import NOON, Memory

COMPLAINTS = "/api/v1/complaints/import"
TEMPLATES = "/api/v1/templates/import"
HEADING = "channel,cause,attribution,number,received_at,ports,reference,why"
GOOD = f"12321,time,unclear,13300000001,2026-03-01T09:00,{NUMBER},'=T-1,rang twice"
PICTURE = b"\x89PNG"


async def send(
    client: httpx.AsyncClient, path: str, *lines: str, **query: str
) -> tuple[int, dict[str, Any]]:
    headers = {"Content-Type": "text/csv"}
    text = "\n".join(lines).encode()
    answer = await client.post(path, content=text, params=query, headers=headers)
    found: dict[str, Any] = answer.json()
    return answer.status_code, found


async def test_complaints_are_entered_one_a_row() -> None:
    memory = Memory()
    async with memory.client() as client:
        lines = (HEADING, GOOD, "10000,content,party_a,,,,,")
        status, found = await send(client, COMPLAINTS, *lines, why="report of March")
    assert (status, found) == (200, {"rows": 2, "refused": 0, "bad_rows": []})
    first, second = memory.registrar.office.complaints.complaints.values()
    assert isinstance(first.history[0], ComplaintReceived)
    assert (first.number, first.channel, first.ports, first.reference) == (
        1, "12321", (NUMBER,), "=T-1",
    )  # fmt: skip
    assert [one.history[0].why for one in (first, second)] == ["rang twice", "report of March"]


BAD = (
    ("pigeon,time,unclear,,,,,", "channel", "'pigeon'", "one of 10000"),
    ("12321,rain,unclear,,,,,", "cause", "rain", "Input should be"),
    ("12321,,unclear,,,,,", "cause", "", "Field required"),
    ("12321,time,unclear,nobody,,,,", "number", "nobody", "pattern"),
    ("12321,time,unclear,,soon,,,", "received_at", "soon", "2026-11-30"),
    ("12321,time,unclear,,2035-01-01,,,", "received_at", "", "at latest"),
    ("12321,time,unclear,,,106590990999,,", "ports", "106590990999", NUMBER),
    ("12321,time,unclear,,,,,,more", "", "9 cells", "8 as in the heading"),
)


@pytest.mark.parametrize(("line", "column", "seen", "allowed"), BAD)
async def test_a_bad_row_is_named_and_nothing_is_taken(
    line: str, column: str, seen: str, allowed: str
) -> None:
    memory = Memory()
    async with memory.client() as client:
        status, found = await send(client, COMPLAINTS, HEADING, GOOD, "", line)
        (bad,) = found["bad_rows"]
        assert (status, found["refused"]) == (422, 1)
        assert (bad["line"], bad["column"], bad["seen"]) == (4, column, seen)
        assert allowed in bad["allowed"]
        assert found["detail"].endswith("; nothing was imported")
        assert memory.registrar.office.complaints.complaints == {}
        lines = (HEADING, GOOD, "", line, GOOD)
        status, found = await send(client, COMPLAINTS, *lines, partial="true")
    assert (status, found["rows"], found["refused"]) == (200, 2, 1)
    assert list(memory.registrar.office.complaints.complaints) == [1, 2]


async def test_every_bad_row_is_named() -> None:
    async with Memory().client() as client:
        status, found = await send(client, COMPLAINTS, HEADING, *(row[0] for row in BAD))
    assert (status, found["refused"]) == (422, len(BAD))
    assert [bad["line"] for bad in found["bad_rows"]] == list(range(2, len(BAD) + 2))
    assert f"{len(BAD)} bad rows in all" in found["detail"]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (("",), "line 1: no column channel, cause, attribution"),
        (("channel,cause",), "line 1: no column attribution"),
        (("channel,channel",), "line 1: column 'channel' seen"),
        (("channel,weather",), "line 1: column 'weather' seen"),
        ((HEADING, '"12321'), "is there a quote without its end?"),
        ((HEADING, *["10000,time,unclear,,,,,"] * (MOST_ROWS + 1)), "more than 10000 rows"),
    ],
)
async def test_a_file_that_is_none_is_refused(lines: tuple[str, ...], words: str) -> None:
    async with Memory().client() as client:
        status, found = await send(client, COMPLAINTS, *lines)
    assert (status, words in found["detail"]) == (422, True), found


async def test_a_body_that_is_no_text_is_refused() -> None:
    async with Memory().client() as client:
        answer = await client.post(
            COMPLAINTS, content=PICTURE, headers={"Content-Type": "text/csv"}
        )
        assert (answer.status_code, "not UTF-8" in answer.text) == (422, True)
        assert (await client.post(COMPLAINTS, json={})).status_code == 415


# -- templates --------------------------------------------------------------------------------

ROWS = (
    "template,text,category,state,effective_from,until,approval",
    "T1,您的号码{number}，请到窗口办理。,reminder,approved,,,B-1",
    "T2,验证码{code}。,verification,draft,,,",
    "T3,您好{text},notice,approved,2026-09-01,2026-09-30,B-3",
    "T4,您好，请回电。,notice,submitted,,,",
)


async def test_templates_are_taken_as_far_as_their_state_says() -> None:
    memory = Memory()
    registry = memory.registrar.registries.templates
    async with memory.client() as client:
        status, found = await send(client, TEMPLATES, *ROWS, why="application of March")
        assert (status, found["rows"]) == (200, 4), found
    states = {name: registry.state(name, 1, NOON) for name in ("T1", "T2", "T3", "T4")}
    assert states == {"T1": "effective", "T2": "draft", "T3": "approved", "T4": "submitted"}
    (version,) = registry.versions("T1")
    assert (version.approval, version.reason) == ("B-1", "application of March")
    book = registry.book()
    assert book.judge("您的号码12，请到窗口办理。", "ordinary", NOON).approved


async def test_what_is_exported_is_imported_alike() -> None:
    one, other = Memory(), Memory()
    async with one.client() as client:
        await send(client, TEMPLATES, *ROWS, "T5,=SUM({number}),notice,draft,,,")
        text = (await client.get("/api/v1/templates.csv")).text
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["template"]: row["state"] for row in rows if row["template"] in ("T1", "T3")} == {
        "T1": "effective", "T3": "approved",
    }  # fmt: skip
    assert "'=SUM({number})" in text
    async with other.client() as client:
        status, found = await send(client, TEMPLATES, text)
        assert (status, found.get("bad_rows")) == (200, []), found
        again = (await client.get("/api/v1/templates.csv")).text
    assert list(csv.DictReader(io.StringIO(again))) == rows


@pytest.mark.parametrize(
    ("line", "column", "allowed"),
    [
        ("T1,再来一次,notice,draft,,,", "template", "each template once"),
        ("T9,您好{},notice,draft,,,", "text", "allowed is"),
        ("T9,您好,weather,draft,,,", "category", "Input should be"),
        ("T9,您好,notice,approved,,2020-01-01,", "until", "it isn't after effective_from"),
        ("T 9,您好,notice,draft,,,", "template", "pattern"),
    ],
)
async def test_a_bad_template_is_named_and_none_is_taken(
    line: str, column: str, allowed: str
) -> None:
    memory = Memory()
    async with memory.client() as client:
        status, found = await send(client, TEMPLATES, *ROWS, line)
    (bad,) = found["bad_rows"]
    assert (status, bad["line"], bad["column"]) == (422, 6, column), found
    assert allowed in bad["allowed"]
    assert not memory.registrar.registries.templates.versions("T1")


async def test_a_template_that_is_submitted_waits_for_its_decision() -> None:
    async with Memory().client() as client:
        await send(client, TEMPLATES, *ROWS)
        status, found = await send(client, TEMPLATES, ROWS[0], ROWS[4])
    assert (status, "is submitted" in found["detail"]) == (422, True)
