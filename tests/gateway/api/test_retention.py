"""Hold the retention of records over HTTP to what the gateway keeps and removes."""

from __future__ import annotations

from gateway.api.retention_shapes import HoldShown, Removed, RetentionShown
from metrics.retention import TITLES
from routing.events import Retained

from .memory import NOON, Memory, conforms

ROOT = "/api/v1/retention"


async def test_what_is_kept_is_shown_with_its_reason() -> None:
    memory = Memory()
    memory.registrar.office.apply(Retained(NOON, "system", NOON - 1, ("2024-12",), 7))
    async with memory.client() as client:
        shown = (await client.get(ROOT)).json()
    conforms(shown, RetentionShown)
    reason = {
        "since": "2025-09-03T12:00:00.000+08:00", "what": "schedule", "clause": "3.1.11",
        "entry": "", "en": TITLES["schedule"][0], "zh": TITLES["schedule"][1],
    }  # fmt: skip
    assert shown["kept_since"] == reason["since"]
    assert shown["reasons"] == [reason]
    assert shown["months"][0] == {"month": "2025-01", "octets": 4096, "kept_by": [reason]}
    assert shown["mode"] == "manual"
    assert shown["removals"][0]["months"] == ["2024-12"]


async def test_months_that_nothing_keeps_go_and_are_named() -> None:
    memory = Memory()
    async with memory.client() as client:
        assert (await client.post(ROOT + "/run")).json() == {"months": []}
        assert memory.retention is not None
        memory.retention.free = True
        gone = (await client.post(ROOT + "/run")).json()
    conforms(gone, Removed)
    assert gone == {"months": ["2025-01"]}
    assert memory.retention.asked_by == ["local", "local"]


async def test_an_order_stands_until_it_is_released() -> None:
    memory = Memory()
    async with memory.client() as client:
        body = {"since": "2025-12-01", "why": "court file", "reference": "A-17"}
        placed = await client.post(ROOT + "/holds", json=body)
        assert placed.status_code == 201
        conforms(placed.json(), HoldShown)
        assert placed.json()["since"] == "2025-12-01T00:00:00.000+08:00"
        assert placed.json()["released_at"] is None
        path = ROOT + "/holds/1/release"
        released = (await client.post(path, json={"why": "closed"})).json()
        assert released["released_at"] == "2026-03-02T12:00:00.000+08:00"
        assert [one["why"] for one in released["history"]] == ["court file", "closed"]
        assert (await client.post(path, json={"why": "again"})).status_code == 409
        missing = await client.post(ROOT + "/holds/2/release", json={"why": "closed"})
        assert missing.status_code == 404


async def test_an_order_without_time_or_reason_is_refused() -> None:
    async with Memory().client() as client:
        for body in ({"why": "court"}, {"since": "soon", "why": "court"}, {"since": "2025-12-01"}):
            assert (await client.post(ROOT + "/holds", json=body)).status_code == 422


async def test_where_nothing_is_kept_nothing_is_removed() -> None:
    memory = Memory()
    memory.retention = None
    async with memory.client() as client:
        for method, path in (("GET", ROOT), ("POST", ROOT + "/run")):
            answer = await client.request(method, path)
            assert answer.status_code == 409
            assert "nothing is kept" in answer.json()["detail"]
