"""Hold the assessment of clause 3.1.15 to what was measured and what people say, over HTTP."""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import StringIO
from pathlib import Path

import httpx
import pytest

from gateway.api.assessment_shapes import AssessmentList, AssessmentShown
from gateway.clock import ManualClock
from metrics.sla.windows import DAY_S
from routing.events import Outcome
from routing.office_events import ComplaintMoved, ComplaintReceived, IncidentMoved, IncidentOpened
from tests.support.http import api_of
from tests.support.inprocess import running
from tests.support.submissions import MESSAGE_ID, submission
from tests.support.workbooks import workbook

from .memory import NOON, Memory, conforms

YEAR = "2024-12-01"
"""First day of the last contract year that ended before NOON."""
LAST_MAY = NOON - 290 * DAY_S


def measured(*, missed: bool = False, faults: int = 0) -> Memory:
    """Give a gateway with a year of traffic: its index met or missed, and faults of party B."""
    memory = Memory()
    for number in range(10):
        one, liability = MESSAGE_ID + number, "carrier" if missed and number else "ok"
        memory.figures.counted.apply(submission(at=LAST_MAY, message_id=one))
        memory.figures.counted.apply(Outcome(LAST_MAY + 5, one, 2, "000", liability, "telecom"))
    office = memory.registrar.office
    for number in range(1, 12 if missed else 1):
        office.apply(ComplaintReceived(
            LAST_MAY, number, "police", "12321", "other", "unclear", "party_b", "op",
        ))  # fmt: skip
        office.apply(ComplaintMoved(LAST_MAY, number, "verify", "op", attribution="party_b"))
    for number in range(1, faults + 1):
        office.apply(IncidentOpened(
            LAST_MAY, number, "police", "party_b", "fault", False, "op", "a cable was cut",
        ))  # fmt: skip
        office.apply(IncidentMoved(LAST_MAY + number * 80_000, number, "resolve", "op"))
    return memory


@asynccontextmanager
async def client_of(memory: Memory) -> AsyncIterator[httpx.AsyncClient]:
    async with memory.client() as client:
        client.base_url = client.base_url.join("/api/v1/")
        yield client


async def test_measured_inputs_come_from_traffic_and_incidents() -> None:
    async with client_of(measured(faults=2)) as client:
        found = (await client.get(f"assessments/{YEAR}")).json()
        conforms(found, AssessmentShown)
        # 40 of the index, 12 of 2 faults at 10 points, 7.5 of 1 in 2 resolved within a day.
        assert (found["state"], found["score"], found["least_score"]) == (
            "incomplete", None, "59.50",
        )  # fmt: skip
        assert found["missing"] == ["support", "satisfaction"]
        assert [one["in_time"] for one in found["faults"]] == [True, False]
        every = (await client.get("assessments")).json()
        conforms(every, AssessmentList)
        assert [(one["year"], one["ended"]) for one in every["items"]] == [
            ("2023-12-01", True), (YEAR, True), ("2025-12-01", False),
        ]  # fmt: skip


async def test_people_enter_support_and_satisfaction() -> None:
    memory = measured()
    async with client_of(memory) as client:
        body = {"support": 80, "why": "minutes", "reference": "M-4"}
        found = (await client.post(f"assessments/{YEAR}/inputs", json=body)).json()
        conforms(found, AssessmentShown)
        assert found["missing"] == ["satisfaction"]
        found = (await client.post(f"assessments/{YEAR}/inputs", json={"satisfaction": 60})).json()
        assert (found["state"], found["score"]) == ("qualified", "91.00")
        assert [step["event"] for step in found["history"]] == ["AssessmentEntered"] * 2
        assert found["history"][0]["reference"] == "M-4"
        refused = await client.post(f"assessments/{YEAR}/inputs", json={})
        assert (refused.status_code, "at least one score" in refused.text) == (409, True)
        refused = await client.post(f"assessments/{YEAR}/inputs", json={"support": 101})
        assert refused.status_code == 422


async def test_a_year_that_did_not_qualify_is_rectified_by_a_deadline() -> None:
    memory = measured(missed=True)
    async with client_of(memory) as client:
        order = {"why": "the index was missed"}
        refused = await client.post(f"assessments/{YEAR}/order", json=order)
        assert (refused.status_code, "is incomplete" in refused.text) == (409, True)
        await client.post(f"assessments/{YEAR}/inputs", json={"support": 50, "satisfaction": 40})
        found = (await client.post(f"assessments/{YEAR}/order", json=order)).json()
        assert (found["state"], found["score"]) == ("not_qualified", "43.50")
        made = found["rectification"]
        assert (made["state"], made["deadline"]) == ("ordered", "2026-04-01T12:00:00.000+08:00")
        due = (await client.get("due")).json()["items"]
        assert [task["entry"] for task in due if task["clause"] == "3.1.15"] == [
            f"assessment {YEAR}"
        ]
        again = await client.post(f"assessments/{YEAR}/order", json=order)
        assert (again.status_code, "only complete, withdraw" in again.text) == (409, True)
        memory.clock.advance(31 * DAY_S)
        assert (await client.get(f"assessments/{YEAR}")).json()["rectification"]["overdue"]
        for action in ("complete", "accept"):
            found = (await client.post(f"assessments/{YEAR}/order", json={"action": action})).json()
        assert (found["rectification"]["state"], found["rectification"]["overdue"]) == (
            "accepted", True,
        )  # fmt: skip


async def test_a_year_that_runs_or_qualified_is_not_rectified() -> None:
    async with client_of(measured()) as client:
        for year, state in (("2025-12-01", "running"), (YEAR, "qualified")):
            await client.post(f"assessments/{year}/inputs", json={"support": 0, "satisfaction": 0})
            answer = await client.post(f"assessments/{year}/order", json={"why": "x"})
            assert (answer.status_code, f"is {state}" in answer.text) == (409, True), answer.text


async def test_another_reading_changes_the_result_and_not_the_contract() -> None:
    async with client_of(measured(missed=True)) as client:
        await client.post(f"assessments/{YEAR}/inputs", json={"support": 50, "satisfaction": 40})
        asked = {"interpretation.assessment.pass_score": "43"}
        found = (await client.get(f"assessments/{YEAR}", params=asked)).json()
        assert (found["state"], found["pass_score"]) == ("qualified", 43)
        asked = {
            "interpretation.sla.logic": "complaints_only",
            "interpretation.sla.complaints": "11",
        }
        found = (await client.get(f"assessments/{YEAR}", params=asked)).json()
        assert found["score"] == "83.50"
        assert (await client.get(f"assessments/{YEAR}")).json()["score"] == "43.50"


async def test_what_is_ordered_goes_by_the_contract_alone() -> None:
    async with client_of(measured()) as client:
        await client.post(f"assessments/{YEAR}/inputs", json={"support": 50, "satisfaction": 40})
        asked = {"interpretation.assessment.pass_score": "100"}
        answer = await client.post(f"assessments/{YEAR}/order", json={"why": "x"}, params=asked)
        assert answer.status_code == 422
        assert "no query parameters" in answer.text


async def test_an_assessment_comes_in_every_form() -> None:
    async with client_of(measured(faults=1)) as client:
        found = (await client.get(f"assessments/{YEAR}")).json()
        assert (await client.get(f"assessments/{YEAR}.json")).json() == found
        table = await client.get(f"assessments/{YEAR}.csv")
        rows = list(csv.DictReader(StringIO(table.text)))
        assert [row["points"] for row in rows] == ["40.00", "13.50", "15.00", "", "", ""]
        sheet = await client.get(f"assessments/{YEAR}.xlsx")
        assert f"assessment-{YEAR}.xlsx" in sheet.headers["content-disposition"]
        assert list(workbook(sheet.content)) == ["年度考核", "故障", "Assessment", "Faults"]


@pytest.mark.parametrize(
    ("path", "query", "status", "words"),
    [
        ("2024-12-02", {}, 404, "2023-12-01, 2024-12-01, 2025-12-01"),
        ("2026-12-01", {}, 404, "2026-12-01"),
        ("2024-12-01.pdf", {}, 404, ".xlsx"),
        (YEAR, {"interpretation.assessment.pass_score": "101"}, 422, "0 to 100"),
        (YEAR, {"account": "police"}, 422, "'account'"),
    ],
)
async def test_bad_questions_say_what_is_allowed(
    path: str, query: dict[str, str], status: int, words: str
) -> None:
    async with client_of(measured()) as client:
        answer = await client.get(f"assessments/{path}", params=query)
    assert (answer.status_code, words in answer.text) == (status, True), answer.text


async def test_an_unknown_year_takes_no_input() -> None:
    async with client_of(measured()) as client:
        answer = await client.post("assessments/2022-12-01/inputs", json={"support": 1})
    assert answer.status_code == 404


async def test_what_was_entered_is_there_after_a_restart(tmp_path: Path) -> None:
    async with running(tmp_path, clock=ManualClock(at=NOON)) as run, api_of(run) as api:
        await api.post(f"assessments/{YEAR}/inputs", support=7, satisfaction=8)
        assert api.status == 200
        before = await api.get(f"assessments/{YEAR}")
        assert (before["inputs"][3]["score"], before["state"]) == ("7.00", "qualified")
    async with running(tmp_path, clock=ManualClock(at=NOON)) as run, api_of(run) as api:
        assert await api.get(f"assessments/{YEAR}") == before


async def test_without_a_contract_there_is_nothing_to_assess() -> None:
    async with running(contract="none") as run, api_of(run) as api:
        await api.get("assessments")
        assert api.status == 409
        await api.post(f"assessments/{YEAR}/inputs", support=1)
        assert api.status == 409
