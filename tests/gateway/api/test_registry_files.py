"""Hold imports and exports of registries to all or nothing, and to what they bring to traffic."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.api import registry_files
from gateway.api.registry_shapes import BadFile, ImportResult
from routing.registry_csv import ImportHead, RegistryReader
from routing.registry_events import (
    ConsentGranted,
    ImportClosed,
    ImportOpened,
    ListChanged,
    NumberPorted,
    OptedOut,
)
from routing.registry_forms import LISTED, OPTOUTS
from tests.support.http import api_of
from tests.support.inprocess import NUMBER, TEXT, running

from .memory import NOON, Memory, conforms

USER = "13300000001"
OTHER = "13300000002"
CSV = {"Content-Type": "text/csv"}
GOOD = f"number,source,proof,at\n{USER},party_a,L-9,2026-03-01\n{OTHER},mo,,\n"
BAD = f"number,source\n{USER},party_a\n1330000,mo\n{OTHER},rumour\n"


async def put(client: httpx.AsyncClient, text: str, path: str = "optouts", **query: Any) -> Any:
    return await client.post(
        f"/api/v1/{path}/import", content=text.encode(), headers=CSV, params=query
    )


async def test_an_import_holds_at_once_and_after_a_restart(tmp_path: Path) -> None:
    message = {"from": NUMBER, "to": USER, "text": TEXT}
    async with running(tmp_path) as run, api_of(run) as api:
        assert (await put(api.client, GOOD)).json()["rows"] == 2
        assert (await api.post("checks:explain", **message))["reason"] == "opted_out"
    async with running(tmp_path) as run, api_of(run) as api:
        assert (await api.post("checks:explain", **message))["reason"] == "opted_out"
        again = (await put(api.client, GOOD)).json()
        assert (again["import_id"], again["rows"]) == (2, 2)


async def test_an_import_says_what_it_brought_and_is_journalled_with_who_and_why() -> None:
    memory = Memory()
    async with memory.client() as client:
        answer = await put(client, GOOD, why="their list", file="list.csv")
        shown = (await client.get(f"/api/v1/optouts/{USER}")).json()
    conforms(answer.json(), ImportResult)
    assert answer.json() == {
        "import_id": 1, "registry": "optouts", "rows": 2, "refused": 0, "bad_rows": [],
    }  # fmt: skip
    (record,) = shown["records"]
    assert (record["proof"], record["source"], record["import_id"]) == ("L-9", "party_a", 1)
    opened = memory.registrar.recorded[0]
    assert isinstance(opened, ImportOpened)
    assert (opened.who, opened.why, opened.source) == ("local", "their list", "list.csv")


async def test_one_bad_row_leaves_everything_out_and_every_bad_row_is_named() -> None:
    memory = Memory()
    async with memory.client() as client:
        answer = await put(client, BAD)
    problem = answer.json()
    conforms(problem, BadFile)
    assert (answer.status_code, problem["refused"]) == (422, 2)
    assert [(bad["line"], bad["column"]) for bad in problem["bad_rows"]] == [
        (3, "number"),
        (4, "source"),
    ]
    assert problem["bad_rows"][1]["seen"] == "rumour"
    assert "line 3, number: '1330000' seen" in problem["detail"]
    assert not memory.registrar.recorded


async def test_a_partial_import_leaves_the_bad_rows_out() -> None:
    memory = Memory()
    async with memory.client() as client:
        answer = await put(client, BAD, partial="true")
    assert (answer.status_code, answer.json()["rows"], answer.json()["refused"]) == (200, 1, 2)
    assert len(answer.json()["bad_rows"]) == 2
    assert [record.number for record in memory.registrar.registries.optouts.records()] == [USER]


async def test_a_file_that_breaks_off_is_refused_even_in_part() -> None:
    memory = Memory()
    async with memory.client() as client:
        answer = await put(client, "phone\n1\n", partial="true")
    assert (answer.status_code, "number" in answer.json()["detail"]) == (422, True)
    assert not memory.registrar.recorded


async def test_what_is_no_csv_in_utf_8_is_refused() -> None:
    async with Memory().client() as client:
        path = "/api/v1/consents/import"
        json = await client.post(path, json={})
        gbk = await client.post(path, content="number\n退订".encode("gbk"), headers=CSV)
    assert (json.status_code, "text/csv allowed" in json.text) == (415, True)
    assert (gbk.status_code, "not UTF-8 at octet 7" in gbk.text) == (422, True)


async def test_a_long_file_is_recorded_in_parts_that_hold_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(registry_files, "_CHUNK_ROWS", 2)
    memory = Memory()
    rows = "\n".join(str(13300000000 + number) for number in range(5))
    async with memory.client() as client:
        answer = await put(client, f"\ufeffnumber\n{rows}\n", "consents")
    assert answer.json()["rows"] == 5
    closed = memory.registrar.recorded[-1]
    assert isinstance(closed, ImportClosed)
    assert (closed.chunks, closed.rows) == (3, 5)


@pytest.mark.parametrize("path", ["consents", "optouts", "lists", "numbers"])
async def test_what_is_exported_can_be_imported(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry_files, "_LINES", 1)
    events = (
        ConsentGranted(NOON, USER, ("notice",), "web", "纸 1", "3", NOON - 60.0, NOON + 60.0),
        OptedOut(NOON, OTHER, NUMBER, ("reminder",), "mo", "P,2"),
        ListChanged(NOON, "black", "1330", scope="account", holder="police", reason="P 3"),
        NumberPorted(NOON, OTHER, "unicom", NOON + 60.0),
    )
    first, second = Memory(), Memory()
    for event in events:
        first.registrar.registries.apply(event)
    async with first.client() as client:
        one = await client.get(f"/api/v1/{path}.csv")
        other = await client.get(f"/api/v1/{path}", headers={"Accept": "text/csv"})
    assert one.headers["content-type"] == "text/csv; charset=utf-8"
    assert one.headers["content-disposition"] == f'attachment; filename="{path}.csv"'
    assert (one.content, len(one.text.splitlines())) == (other.content, 2)
    async with second.client() as client:
        assert (await put(client, one.text, path)).status_code == 200
        again = await client.get(f"/api/v1/{path}.csv")
    assert again.content == one.content


async def test_a_viewer_gets_a_file_with_masked_numbers() -> None:
    memory = Memory()
    memory.registrar.registries.apply(OptedOut(NOON, USER))
    async with memory.client("viewer") as client:
        text = (await client.get("/api/v1/optouts.csv")).text
    assert text.splitlines()[1].startswith("133******01,")


@pytest.mark.parametrize("path", ["optouts", "lists"])
async def test_what_an_import_without_an_end_brought_is_not_listed(path: str) -> None:
    """As when the disk fills up within."""
    memory = Memory()
    reader = RegistryReader(OPTOUTS if path == "optouts" else LISTED, ImportHead(1, NOON, "op"))
    heading = "list,number" if path == "lists" else "source,number"
    row = f"{'red' if path == 'lists' else 'mo'},{USER}"
    opened, rows, _closed = reader.events([heading, row])
    for event in (opened, rows):
        memory.registrar.registries.apply(event)
    async with memory.client() as client:
        assert (await client.get(f"/api/v1/{path}")).json() == {"items": [], "next": None}
        assert (await put(client, f"{heading}\n{row}\n", path)).json()["import_id"] == 2
        assert len((await client.get(f"/api/v1/{path}")).json()["items"]) == 1
