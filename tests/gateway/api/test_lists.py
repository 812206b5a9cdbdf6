"""Hold the API of lists and of ported numbers to what they do to traffic."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.api.registry_shapes import EntryShown, ListedList, NumberPortings, PortingList
from routing.registry_events import ListChanged, NumberPorted
from tests.support.http import api_of
from tests.support.inprocess import NUMBER, TEXT, running

from .memory import NOON, Memory, conforms

USER = "13300000001"
OTHER = "13300000002"
LISTS = "/api/v1/lists"
NUMBERS = "/api/v1/numbers"


async def judged(api: Any) -> str:
    found = await api.post("checks:explain", **{"from": NUMBER, "to": USER, "text": TEXT})
    return str(found["reason"])


async def test_a_listed_number_is_refused_until_it_is_taken_off(tmp_path: Path) -> None:
    async with running(tmp_path) as run, api_of(run) as api:
        made = await api.post("lists", list="black", number=USER, reason="complaint")
        assert (api.status, made["on"], made["refused_by"]) == (
            201,
            {"black": "complaint"},
            "black",
        )
        assert await judged(api) == "opted_out"
    async with running(tmp_path) as run, api_of(run) as api:
        assert await judged(api) == "opted_out"
        gone = await api.delete(f"lists/black/{USER}", why="settled")
        assert (api.status, gone["on"], gone["refused_by"]) == (200, {}, "")
        assert await judged(api) == "none"


async def test_an_entry_of_first_digits_holds_for_its_holder_and_its_time() -> None:
    memory = Memory()
    body = {"list": "red", "prefix": "133", "scope": "account", "holder": "police",
            "valid_from": "2026-03-03", "valid_to": "2026-03-03", "why": "an order"}  # fmt: skip
    async with memory.client() as client:
        made = (await client.post(LISTS, json=body)).json()
        memory.clock.jump(86_400.0)
        police = (await client.get(f"{LISTS}/{USER}", params={"account": "police"})).json()
        others = (await client.get(f"{LISTS}/{USER}")).json()
    conforms(made, EntryShown)
    assert (made["number"], made["prefix"], made["on"]) == (None, "133", {})
    (record,) = made["records"]
    assert record["valid_to"] == "2026-03-04T00:00:00.000+08:00"
    assert (police["refused_by"], others["refused_by"]) == ("red", "")
    (event,) = memory.registrar.recorded
    assert isinstance(event, ListChanged)
    assert (event.who, event.why) == ("local", "an order")


async def test_entries_are_listed_by_page_and_by_list() -> None:
    memory = Memory()
    for name, entry in (("black", USER), ("white", OTHER), ("black", "134")):
        memory.registrar.registries.apply(ListChanged(NOON, name, entry))
    async with memory.client() as client:
        first = (await client.get(LISTS, params={"list": "black", "limit": 1})).json()
        rest = (await client.get(LISTS, params={"list": "black", "cursor": first["next"]})).json()
        every = (await client.get(LISTS)).json()
    conforms(every, ListedList)
    assert [item["prefix"] for item in first["items"]] == ["134"]
    assert ([item["number"] for item in rest["items"]], rest["next"]) == ([USER], None)
    assert len(every["items"]) == 3
    assert every["items"][1]["records"][0]["list"] == "black"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"list": "grey", "number": USER}, "'red', 'black' or 'white'"),
        ({"list": "red"}, "number or prefix"),
        ({"list": "red", "number": USER, "prefix": "133"}, "number or prefix"),
        ({"list": "red", "number": USER, "holder": "police"}, "holder"),
        ({"list": "red", "number": USER, "scope": "account", "holder": "x"}, "police allowed"),
        ({"list": "red", "number": USER, "valid_to": "2026-03-01"}, "a moment after"),
    ],
)
async def test_an_entry_that_cannot_be_is_refused(body: dict[str, str], words: str) -> None:
    memory = Memory()
    async with memory.client() as client:
        answer = await client.post(LISTS, json=body)
    assert answer.status_code == 422
    assert words in answer.text
    assert not memory.registrar.recorded


async def test_what_is_on_no_list_cannot_be_taken_off() -> None:
    memory = Memory()
    memory.registrar.registries.apply(
        ListChanged(NOON, "black", USER, scope="signature", holder="示例警务")
    )
    path = f"{LISTS}/black/{USER}"
    why = {"why": "x"}
    async with memory.client() as client:
        assert (await client.delete(path, params=why)).status_code == 404
        assert (await client.delete(f"{LISTS}/grey/{USER}", params=why)).status_code == 404
        assert (await client.delete(f"{LISTS}/red/x1", params=why)).status_code == 422
        holder = {"scope": "signature", "holder": "示例警务"}
        shown = await client.get(f"{LISTS}/{USER}", params={"signature": "示例警务"})
        assert shown.json()["refused_by"] == "black"
        gone = await client.delete(path, params={**why, **holder})
    assert (gone.status_code, gone.json()["refused_by"]) == (200, "")


async def test_a_viewer_sees_masked_entries() -> None:
    memory = Memory()
    memory.registrar.registries.apply(ListChanged(NOON, "black", USER))
    memory.registrar.registries.apply(ListChanged(NOON, "black", "1330000000"))
    memory.registrar.registries.apply(NumberPorted(NOON, USER, "mobile"))
    async with memory.client("viewer") as client:
        for path in (LISTS, f"{LISTS}.csv", f"{LISTS}/{USER}", NUMBERS, f"{NUMBERS}/{USER}"):
            text = (await client.get(path)).text
            assert "133******01" in text
            assert "13300" not in text


async def test_a_ported_number_is_another_carriers_until_it_is_given_back(tmp_path: Path) -> None:
    async with running(tmp_path) as run, api_of(run) as api:
        before = await api.get(f"numbers/{USER}")
        assert before["carrier"] == "telecom"
        made = await api.post("numbers", number=USER, carrier="unicom", why="notice")
        assert (api.status, made["carrier"]) == (201, "unicom")
        await api.post("numbers", number=USER, carrier="nobody")
        assert api.status == 422
    async with running(tmp_path) as run, api_of(run) as api:
        assert (await api.get(f"numbers/{USER}"))["carrier"] == "unicom"
        back = await api.delete(f"numbers/{USER}", why="ported back")
        assert (back["carrier"], len(back["records"])) == ("telecom", 2)


async def test_a_porting_holds_from_its_moment() -> None:
    memory = Memory()
    body = {"number": USER, "carrier": "mobile", "at": "2026-03-10"}
    async with memory.client() as client:
        made = (await client.post(NUMBERS, json=body)).json()
        later = await client.get(f"{NUMBERS}/{USER}", params={"at": "2026-03-10"})
        listed = await client.get(NUMBERS)
        table = await client.get(NUMBERS, headers={"Accept": "text/csv"})
        unknown = await client.delete(f"{NUMBERS}/{OTHER}", params={"why": "x"})
    conforms(made, NumberPortings)
    conforms(listed.json(), PortingList)
    assert (made["carrier"], later.json()["carrier"]) == ("telecom", "mobile")
    assert table.text.splitlines()[1] == f"{USER},mobile,2026-03-10T00:00:00+08:00"
    assert unknown.status_code == 404
