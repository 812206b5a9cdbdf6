"""Hold the quality index and the settlements to the traffic, over HTTP against a whole gateway."""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from gateway.api.sla_shapes import SettlementList, SettlementShown, SlaShown, WindowsShown
from gateway.clock import ManualClock
from gateway.load.errors import SubmitError
from tests.support.http import Api, api_of
from tests.support.inprocess import NUMBER, TEXT, running

from .memory import NOON, Memory, conforms

PERIOD = "2025-12-01"
"""First day of the period that holds NOON."""
FAILS, ABSENT, FINE = "19900000009", "19900000004", "13300000001"
OUTSIDE = "17600000001"


@asynccontextmanager
async def after_traffic(folder: Path, **settings: Any) -> AsyncIterator[Api]:
    """Give the API after 8 delivered, 1 failed by the carrier, 1 absent, 1 refused and 1 uplink."""
    clock = ManualClock(at=NOON)
    async with (
        running(folder, clock=clock, **settings) as run,
        api_of(run) as api,
        await run.esme() as esme,
    ):
        for recipient in [FINE] * 8 + [FAILS, ABSENT]:
            sent = await esme.submit(recipient, TEXT, NUMBER)
            await esme.receipt(sent.message_ids[0])
        with pytest.raises(SubmitError):
            await esme.submit(OUTSIDE, TEXT, NUMBER)
        await api.post("mo", **{"from": FINE, "to": NUMBER, "text": "CX"})
        await esme.uplink()
        await run.gateway.journal.flush()
        yield api


async def test_the_index_is_what_the_traffic_was(tmp_path: Path) -> None:
    async with after_traffic(tmp_path) as api:
        found = await api.get("sla")
        conforms(found, SlaShown)
        assert (found["from"], found["to"]) == (PERIOD, "2026-05-31")
        names = ("ok", "carrier", "exempt", "ported", "party_a", "pending", "base")
        assert [found[name] for name in names] == [9, 1, 0, 0, 2, 0, 10]
        assert (found["success_rate"], found["failure_rate"]) == ("0.90000000", "0.10000000")
        assert found["directions"]["mo"]["ok"] == 1
        # The rate is missed, the complaints are not: by default one of the two is enough.
        assert (found["limbs"], found["met"]) == ({"rate": False, "complaints": True}, True)
        day = await api.get("sla", **{"from": "2026-03-02", "to": "2026-03-02"})
        assert day["ok"] == 9
        before = await api.get("sla", **{"from": "2026-03-01", "to": "2026-03-01"})
        assert (before["base"], before["success_rate"], before["met"]) == (0, "n/a", True)
        windows = await api.get("sla/windows")
        conforms(windows, WindowsShown)
        assert {name: one["ok"] for name, one in windows["windows"].items()} == {
            "month": 9, "period": 9, "year": 9, "trailing12": 9,
        }  # fmt: skip
        assert (await api.get("sla", service="instant"))["base"] == 0


async def test_another_reading_changes_the_answer_and_not_the_contract(tmp_path: Path) -> None:
    async with after_traffic(tmp_path) as api:
        missed = await api.get("sla", **{"interpretation.sla.logic": "and"})
        assert (missed["logic"], missed["met"]) == ("and", False)
        attempts = await api.get("sla", **{"interpretation.sla.base": "attempts"})
        assert attempts["base"] == 12
        assert (await api.get("sla"))["met"]
        settled = await api.get(f"settlements/{PERIOD}", **{"interpretation.sla.logic": "and"})
        assert (settled["success_fee_fen"], settled["rebate_fen"]) == (27, 3)
        assert settled["payable_fen"] == 24


async def test_a_window_of_force_majeure_takes_its_failures_out(tmp_path: Path) -> None:
    async with after_traffic(tmp_path) as api:
        body = {"kind": "government_order", "cause": "order", "why": "x", "reference": "No. 1"}
        await api.post("windows", **body, starts_at="2026-03-02", ends_at="2026-03-03")
        assert api.status == 201
        found = await api.get("sla")
        assert (found["carrier"], found["force_majeure"], found["met"]) == (0, 1, True)
        assert found["limbs"]["rate"]


async def test_a_settlement_is_three_fen_a_segment_in_every_form(tmp_path: Path) -> None:
    async with after_traffic(tmp_path) as api:
        found = await api.get(f"settlements/{PERIOD}")
        conforms(found, SettlementShown)
        assert (found["success_fee_fen"], found["rebate_fen"], found["payable_fen"]) == (27, 0, 27)
        assert [month["fee_fen"] for month in found["months"]] == [0, 0, 0, 27, 0, 0]
        assert found["issued"] is None
        assert await api.get(f"settlements/{PERIOD}.json") == found
        text = (await api.client.get(f"/api/v1/settlements/{PERIOD}.csv")).text
        rows = list(csv.DictReader(StringIO(text)))
        assert sum(int(row["amount_fen"]) for row in rows) == 27
        sheet = await api.client.get(f"/api/v1/settlements/{PERIOD}.xlsx")
        assert "xl/workbook.xml" in ZipFile(BytesIO(sheet.content)).namelist()
        assert f"settlement-{PERIOD}.xlsx" in sheet.headers["content-disposition"]
        every = await api.get("settlements")
        conforms(every, SettlementList)
        assert [one["period"] for one in every["items"]][::4] == ["2023-12-01", PERIOD]
        assert sum(one["payable_fen"] for one in every["items"]) == 27


async def test_figures_are_the_same_after_a_restart(tmp_path: Path) -> None:
    async with after_traffic(tmp_path) as api:
        before = await api.get("sla")
    async with running(tmp_path, clock=ManualClock(at=NOON)) as run, api_of(run) as api:
        assert await api.get("sla") == before


@pytest.mark.parametrize(
    ("path", "query", "status", "words"),
    [
        ("sla", {"interpretation.sla.logic": "xor"}, 422, "'xor' seen"),
        ("sla", {"interpretation.money": "x"}, 422, "no such key"),
        ("sla", {"colour": "red"}, 422, "'colour'"),
        ("sla", {"from": "2026-03-02"}, 422, "given together"),
        ("sla", {"from": "2026-03-02", "to": "2026-03-01"}, 422, "2026-03-02 or later"),
        ("sla", {"window": "week"}, 422, "window"),
        ("sla", {"account": "fire"}, 422, "police allowed"),
        ("settlements/2025-12-02", {}, 404, "2025-12-02"),
        ("settlements/yesterday", {}, 404, "yesterday"),
        ("settlements/2025-12-01.pdf", {}, 404, ".xlsx"),
    ],
)
async def test_bad_questions_say_what_is_allowed(
    path: str, query: dict[str, str], status: int, words: str
) -> None:
    async with Memory().client() as client:
        answer = await client.get(f"/api/v1/{path}", params=query)
    assert (answer.status_code, words in answer.text) == (status, True), answer.text


async def test_where_nothing_is_kept_nothing_is_counted() -> None:
    async with running() as run, api_of(run) as api:
        await api.get("sla")
        assert api.status == 503
    async with running(contract="none") as run, api_of(run) as api:
        await api.get("sla")
        assert api.status == 409
