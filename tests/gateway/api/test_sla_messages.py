"""Hold the messages listed behind a figure to the figure, over HTTP against a whole gateway."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.api.sla_shapes import BehindShown
from routing.events import Outcome
from tests.support.http import Api
from tests.support.submissions import MESSAGE_ID, submission

from .memory import ELSEWHERE, NOON, Memory, conforms, message
from .test_sla import after_traffic

CLASSES = ("ok", "carrier", "exempt", "ported", "party_a", "force_majeure", "pending")


async def behind(api: Api, name: str, **query: Any) -> list[dict[str, Any]]:
    """Give every message behind a figure, page after page, and hold them to the figure."""
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = await api.get("sla/messages", **{"class": name}, limit=2, cursor=cursor, **query)
        conforms(page, BehindShown)
        found += page["items"]
        if page["next"] is None:
            break
        cursor = page["next"]
    figures = await api.get("sla", **query)
    assert sum(one["segments"] for one in found) == figures[name], name
    assert len({one["id"] for one in found}) == len(found)
    return found


async def test_every_figure_lists_its_messages(tmp_path: Path) -> None:
    async with after_traffic(tmp_path) as api:
        counts = {name: len(await behind(api, name)) for name in CLASSES}
        assert counts == {
            "ok": 9, "carrier": 1, "exempt": 0, "ported": 0, "party_a": 2, "force_majeure": 0,
            "pending": 0,
        }  # fmt: skip
        (lost,) = await behind(api, "carrier")
        assert (lost["class"], lost["day"]) == ("carrier", "2026-03-02")
        assert lost["message"]["liability"] == "carrier"
        ups = await behind(api, "ok", **{"interpretation.sla.directions": "mo"})
        assert [one["message"]["direction"] for one in ups] == ["mo"]
        code = lost["message"]["error"]
        assert await behind(api, "carrier", **{"interpretation.sla.code_class": "{}"}) == [lost]
        read = {"interpretation.sla.code_class": f'{{"{code}": "exempt"}}'}
        assert await behind(api, "carrier", **read) == []
        assert [one["id"] for one in await behind(api, "exempt", **read)] == [lost["id"]]
        assert await behind(api, "ok", **{"from": "2026-03-01", "to": "2026-03-01"}) == []


async def test_a_window_moves_its_failures_to_another_figure(tmp_path: Path) -> None:
    async with after_traffic(tmp_path) as api:
        (lost,) = await behind(api, "carrier")
        body = {"kind": "government_order", "cause": "order", "why": "x", "reference": "No. 1"}
        await api.post("windows", **body, starts_at="2026-03-02", ends_at="2026-03-03")
        (taken,) = await behind(api, "force_majeure")
        assert taken["id"] == lost["id"]
        assert await behind(api, "carrier") == []


async def test_what_a_handset_hid_is_exempt_once_a_complaint_has_shown_it(tmp_path: Path) -> None:
    async with after_traffic(tmp_path) as api:
        first = next(one for one in await behind(api, "ok") if one["message"]["direction"] == "mt")
        made = await api.post(
            "complaints", channel="10000", cause="intercepted", attribution="unclear",
            message_id=first["id"],
        )  # fmt: skip
        exempt = {"interpretation.sla.handset_intercept": "exempt"}
        assert (await api.get("sla", **exempt))["exempt"] == 0
        await api.post(
            f"complaints/{made['complaint']}/steps", action="verify", attribution="party_a"
        )
        assert [one["id"] for one in await behind(api, "exempt", **exempt)] == [first["id"]]
        assert len(await behind(api, "ok", **exempt)) == 8
        assert (await api.get("sla"))["ok"] == 9


async def test_viewers_see_no_number_of_a_user() -> None:
    memory = Memory()
    memory.messages.kept = [message(MESSAGE_ID)]
    for event in (
        submission(at=NOON - 60, message_id=MESSAGE_ID),
        Outcome(NOON - 50, MESSAGE_ID, 5, "609", "carrier", "telecom"),
    ):
        memory.figures.counted.apply(event)
    async with memory.client("viewer", listen=ELSEWHERE, peer="192.0.2.7") as client:
        answer = await client.get("/api/v1/sla/messages", params={"class": "carrier"})
    (item,) = answer.json()["items"]
    assert (item["id"], item["message"]["recipient"]) == (str(MESSAGE_ID), "133******01")
    assert "13300000001" not in answer.text


async def test_a_message_that_is_kept_no_more_is_listed_without_its_record() -> None:
    memory = Memory()
    memory.figures.counted.apply(submission(at=NOON - 60, message_id=MESSAGE_ID))
    async with memory.client() as client:
        answer = await client.get("/api/v1/sla/messages", params={"class": "pending"})
    assert answer.json()["items"] == [
        {"id": str(MESSAGE_ID), "class": "pending", "day": "2026-03-02", "segments": 1,
         "message": None},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({}, "class"),
        ({"class": "lost"}, "class"),
        ({"class": "ok", "cursor": "x"}, "`next` of the page before"),
        ({"class": "ok", "limit": "0"}, "limit"),
        ({"class": "ok", "from": "2026-03-02"}, "given together"),
    ],
)
async def test_bad_questions_say_what_is_allowed(query: dict[str, str], words: str) -> None:
    async with Memory().client() as client:
        answer = await client.get("/api/v1/sla/messages", params=query)
    assert (answer.status_code, words in answer.text) == (422, True), answer.text
