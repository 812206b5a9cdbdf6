"""Hold complaints, incidents, notices, papers and windows to their procedures, over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.api.office_shapes import (
    ComplaintList,
    DocumentList,
    IncidentList,
    NoticeList,
    TaskList,
    WindowList,
)
from gateway.clock import ManualClock
from tests.support.http import Api, api_of
from tests.support.inprocess import NUMBER, TEXT, running

from .memory import NOON, Memory, conforms

RECIPIENT = "13300000001"
HOUR_S = 3600.0


async def posted(api: Api, path: str, **body: Any) -> Any:
    found = await api.post(path, **body)
    assert api.status in (200, 201), found
    return found


async def test_a_complaint_of_a_message_goes_its_way_and_is_there_after_a_restart(
    tmp_path: Path,
) -> None:
    async with running(tmp_path) as run, api_of(run) as api:
        async with await run.esme() as esme:
            (sent,) = (await esme.submit(RECIPIENT, TEXT, NUMBER)).message_ids
        made = await posted(
            api, "complaints", channel="12321", cause="time", attribution="unclear", message_id=sent
        )
        assert (made["complaint"], made["account"], made["number"]) == (1, "police", RECIPIENT)
        assert made["message_id"] == sent
        assert [clock["clause"] for clock in made["clocks"]] == ["4.3.2"]
        await posted(api, "complaints/1/steps", action="reply")
        verified = await posted(api, "complaints/1/steps", action="verify", attribution="party_b")
        assert verified["counters"] == ["sla", "monthly"]
    async with running(tmp_path) as run, api_of(run) as api:
        found = await api.get("complaints")
        conforms(found, ComplaintList)
        assert [one["state"] for one in found["items"]] == ["verified"]
        (counts,) = found["counts"]
        assert (counts["month"], counts["twelve_months"], counts["met"]) == (1, 1, True)
        assert [one["event"] for one in found["items"][0]["history"]] == [
            "ComplaintReceived",
            "ComplaintMoved",
            "ComplaintMoved",
        ]


@pytest.mark.parametrize(("after_s", "late"), [(HOUR_S, False), (HOUR_S + 1, True)])
async def test_the_hour_of_the_first_reply_is_sixty_minutes(after_s: float, late: bool) -> None:
    clock = ManualClock(at=NOON)
    async with running(clock=clock) as run, api_of(run) as api:
        body = {"channel": "10000", "cause": "way", "attribution": "unclear"}
        await posted(api, "complaints", **body)
        clock.advance(after_s)
        (task,) = (await api.get("due"))["items"]
        assert (task["entry"], task["clause"], task["overdue"]) == ("complaint 1", "4.3.2", late)
        found = await posted(api, "complaints/1/steps", action="reply")
        assert [each["late"] for each in found["clocks"]] == [late]
        assert (await api.get("due"))["items"] == []


@pytest.mark.parametrize(("complaints", "reached"), [(99, False), (100, True)])
async def test_a_hundred_complaints_of_a_month_give_the_right_to_stop(
    complaints: int, reached: bool
) -> None:
    async with Memory().client() as client:
        body = {"channel": "10000", "cause": "other", "attribution": "unclear"}
        for _ in range(complaints):
            assert (await client.post("/api/v1/complaints", json=body)).status_code == 201
        found = (await client.get("/api/v1/complaints", params={"limit": 30})).json()
        (counts,) = found["counts"]
        assert (counts["month"], counts["stop_right"]) == (complaints, reached)
        seen = [one["complaint"] for one in found["items"]]
        while found["next"]:
            query = {"limit": 30, "cursor": found["next"]}
            found = (await client.get("/api/v1/complaints", params=query)).json()
            seen += [one["complaint"] for one in found["items"]]
        assert seen == list(range(complaints, 0, -1))


async def test_a_major_accident_is_due_at_once_and_after_a_day() -> None:
    clock = ManualClock(at=NOON)
    async with running(clock=clock) as run, api_of(run) as api:
        await posted(
            api, "incidents", side="party_a", kind="security", major=True, why="a break-in"
        )
        tasks = await api.get("due")
        conforms(tasks, TaskList)
        assert [task["entry"] for task in tasks["items"]] == ["incident 1", "incident 1"]
        await posted(api, "notices", subject="incident", form="fax", sender="party_a")
        await posted(api, "incidents/1/steps", action="written_notice", notice=1)
        clock.advance(24 * HOUR_S)
        await posted(api, "incidents/1/steps", action="report", reference="R-1")
        clock.advance(1)
        found = await api.get("incidents")
        conforms(found, IncidentList)
        assert (found["items"][0]["late"], found["items"][0]["legal_hold"]) == ([], True)
        await posted(api, "incidents/1/steps", action="resolve")
        assert (await api.get("incidents/1"))["actions"] == [
            "report", "written_notice", "resume", "release", "attribute", "close",
        ]  # fmt: skip


async def test_a_notice_of_a_breach_by_email_is_void_and_one_by_letter_counts() -> None:
    async with Memory().client() as client:
        for form in ("email", "letter"):
            body = {"subject": "breach", "form": form, "sender": "party_b"}
            made = await client.post("/api/v1/notices", json=body)
            assert made.status_code == 201
        for number in (1, 2):
            body = {"action": "delivered", "proof": "slip 7"}
            await client.post(f"/api/v1/notices/{number}/steps", json=body)
        found = (await client.get("/api/v1/notices", params={"state": "delivered"})).json()
        conforms(found, NoticeList)
        assert [one["standing"] for one in found["items"]] == ["valid", "void"]
        assert [one["effective_at"] is None for one in found["items"]] == [False, True]


async def test_a_paper_that_runs_out_is_due() -> None:
    async with Memory().client() as client:
        body = {"kind": "subject_certificate", "reference": "S-1", "expires_at": "2026-04-30"}
        made = await client.post("/api/v1/documents", json=body)
        assert made.json()["expires_at"] == "2026-05-01T00:00:00.000+08:00"
        (task,) = (await client.get("/api/v1/due")).json()["items"]
        assert (task["entry"], task["clause"]) == ("document 1", "2.2.1")
        await client.post(
            "/api/v1/documents/1/steps", json={"action": "replaced", "why": "a new one"}
        )
        found = (await client.get("/api/v1/documents")).json()
        conforms(found, DocumentList)
        assert (found["items"][0]["holds"], found["items"][0]["result"]) == (False, "replaced")


async def test_a_window_counts_when_it_has_what_it_needs() -> None:
    async with Memory().client() as client:
        body = {"kind": "force_majeure", "cause": "disaster", "why": "a flood"}
        made = (await client.post("/api/v1/windows", json=body)).json()
        assert (made["relieves"], made["liability"]) == (False, "force_majeure")
        notice = {"subject": "force_majeure", "form": "fax", "sender": "party_b"}
        await client.post("/api/v1/notices", json=notice)
        step = {"action": "delivered", "proof": "report"}
        await client.post("/api/v1/notices/1/steps", json=step)
        step = {"action": "notice", "notice": 1}  # type: ignore[dict-item]
        made = (await client.post("/api/v1/windows/1/steps", json=step)).json()
        assert made["relieves"]
        again = await client.post("/api/v1/windows", json=body)
        assert (again.status_code, "overlaps window 1" in again.json()["detail"]) == (409, True)
        conforms((await client.get("/api/v1/windows")).json(), WindowList)


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        ("complaints", {"cause": "time", "attribution": "unclear", "channel": "pigeon"}, 422,
         "'pigeon' seen, one of 10000, 12321"),
        ("complaints", {"cause": "rain", "attribution": "unclear", "channel": "10000"}, 422,
         "rain"),
        ("complaints", {"cause": "time", "attribution": "unclear", "channel": "10000",
                        "message_id": "77"}, 422, "no such message"),
        ("complaints", {"cause": "time", "attribution": "unclear", "channel": "10000",
                        "account": "fire"}, 422, "'fire' seen, one of police allowed"),
        ("complaints", {"cause": "time", "attribution": "unclear", "channel": "10000",
                        "received_at": "2030-01-01"}, 409, "at latest 2026-03-02"),
        ("complaints/1/steps", {"action": "reply"}, 404, "there are none yet"),
        ("incidents/1/steps", {"action": "close"}, 404, "incident '1'"),
        ("windows", {"kind": "maintenance", "cause": "war", "why": "x"}, 409, "planned"),
        ("incidents", {"side": "party_b", "kind": "fault", "why": "x", "major": True,
                       "cause": "malicious"}, 409, "for major ones of party_a"),
        ("notices", {"subject": "fee", "form": "pigeon", "sender": "party_a"}, 422, "letter"),
    ],
)  # fmt: skip
async def test_bad_entries_say_what_is_allowed(
    path: str, body: dict[str, Any], status: int, words: str
) -> None:
    async with Memory().client() as client:
        answer = await client.post(f"/api/v1/{path}", json=body)
    assert (answer.status_code, words in str(answer.json())) == (status, True), answer.json()


async def test_an_incident_whose_cause_is_found_later_opens_a_case() -> None:
    memory = Memory()
    async with memory.client() as client:
        api = Api(client)
        entered = {"side": "party_a", "kind": "security", "major": True, "why": "a flood"}
        assert (await posted(api, "incidents", **entered))["cause"] == ""
        step = {"action": "attribute", "cause": "unproven", "why": "no proof came"}
        assert (await posted(api, "incidents/1/steps", **step))["cause"] == "unproven"
    (sign,) = memory.registrar.office.ledger.facts.fresh.values()
    assert (sign.row, sign.references) == (26, ["incident 1"])


async def test_a_cursor_that_no_page_gave_is_refused() -> None:
    async with Memory().client() as client:
        answer = await client.get("/api/v1/complaints", params={"cursor": "later"})
    assert (answer.status_code, "'later' seen" in answer.json()["detail"]) == (422, True)


async def test_a_viewer_sees_the_number_of_who_complained_masked() -> None:
    kept = Memory()
    body = {"channel": "10000", "cause": "time", "attribution": "unclear", "number": RECIPIENT}
    async with kept.client("operator") as client:
        assert (await client.post("/api/v1/complaints", json=body)).json()["number"] == RECIPIENT
    async with kept.client("viewer") as client:
        answer = await client.get("/api/v1/complaints")
    assert answer.json()["items"][0]["number"] == "133******01"
    assert RECIPIENT not in answer.text
