"""Hold the review of uplink messages to the refusals that follow from it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.api.registry_shapes import ReviewDone, ReviewList, ReviewShown
from routing.registry_events import OptedOut, ReviewOpened, ReviewSettled
from tests.support.http import api_of
from tests.support.inprocess import NUMBER, TEXT, running

from .memory import NOON, Memory, conforms

USER = "13300000001"
ASKED = "请不要再给我发短信了"
PATH = "/api/v1/reviews"


def waiting(*mo_ids: int) -> Memory:
    memory = Memory()
    for mo_id in mo_ids:
        memory.registrar.registries.apply(
            ReviewOpened(NOON - 60.0, mo_id, USER, f"{NUMBER}01", ASKED, "optout.review")
        )
    return memory


async def test_a_text_that_mentions_a_refusal_waits_and_stops_messages_once_it_is_settled(
    tmp_path: Path,
) -> None:
    async def judged(api: Any) -> str:
        found = await api.post("checks:explain", **{"from": NUMBER, "to": USER, "text": TEXT})
        return str(found["reason"])

    async with running(tmp_path) as run, api_of(run) as api:
        await api.post("mo", **{"from": USER, "to": NUMBER, "text": ASKED})
        assert await judged(api) == "none"
        (review,) = (await api.get("reviews"))["items"]
        assert (review["text"], review["number"]) == (ASKED, USER)
        await api.post(f"reviews/{review['mo_id']}:settle", decision="opt_out")
        assert api.status == 200
        assert await judged(api) == "opted_out"
    async with running(tmp_path) as run, api_of(run) as api:
        assert (await api.get("reviews"))["items"] == []
        assert await judged(api) == "opted_out"


@pytest.mark.parametrize(
    ("body", "port", "categories"),
    [
        ({"decision": "opt_out", "category": "notice"}, NUMBER, ("notice",)),
        ({"decision": "opt_out_all"}, "", ()),
    ],
)
async def test_a_refusal_is_of_the_access_number_or_of_all(
    body: dict[str, str], port: str, categories: tuple[str, ...]
) -> None:
    memory = waiting(7)
    async with memory.client() as client:
        shown = await client.get(f"{PATH}/7")
        done = await client.post(f"{PATH}/7:settle", json={**body, "why": "it says so"})
        again = await client.post(f"{PATH}/7:settle", json=body)
    conforms(shown.json(), ReviewShown)
    conforms(done.json(), ReviewDone)
    assert (done.json()["who"], again.status_code) == ("local", 404)
    settled, out = memory.registrar.recorded
    assert isinstance(settled, ReviewSettled)
    assert isinstance(out, OptedOut)
    assert (out.access_number, out.categories, out.source) == (port, categories, "mo")
    assert (out.refused_at, out.mo_id, out.why) == (NOON - 60.0, 7, "it says so")


async def test_a_text_that_is_no_refusal_changes_nothing_else() -> None:
    memory = waiting(7)
    async with memory.client() as client:
        wrong = await client.post(
            f"{PATH}/7:settle", json={"decision": "none", "category": "notice"}
        )
        done = await client.post(f"{PATH}/7:settle", json={"decision": "none"})
    assert (wrong.status_code, done.status_code) == (422, 200)
    assert [type(event) for event in memory.registrar.recorded] == [ReviewSettled]


async def test_reviews_are_listed_by_page_and_masked_for_viewers() -> None:
    memory = waiting(7, 8, 9)
    async with memory.client("viewer") as client:
        first = (await client.get(PATH, params={"limit": 2})).json()
        rest = (await client.get(PATH, params={"cursor": first["next"]})).json()
        wrong = await client.get(PATH, params={"cursor": "x"})
    conforms(first, ReviewList)
    assert [item["mo_id"] for item in first["items"]] == ["7", "8"]
    assert [item["mo_id"] for item in rest["items"]] == ["9"]
    assert rest["next"] is None
    assert first["items"][0]["number"] == "133******01"
    assert ASKED not in str(first)
    assert wrong.status_code == 422
