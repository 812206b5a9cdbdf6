"""Hold cases of breach to what they do to traffic, over HTTP against a whole gateway."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.api.breach_shapes import BlockList, CaseList, CaseShown, RowList, StopShown
from gateway.clock import ManualClock
from gateway.load.errors import SubmitError
from smpp.constants import CommandStatus
from tests.support.http import Api, api_of
from tests.support.inprocess import NUMBER, TEXT, Running, running

from .memory import NOON, Memory, conforms

RECIPIENT = "13300000001"
DAY_S = 86_400.0
GENERAL = (3, 4, 6)
"""Rows of general breaches."""


async def step(api: Api, case: int, action: str, **more: Any) -> Any:
    found = await api.post(f"breaches/{case}/steps", action=action, why="as it is", **more)
    assert api.status == 200, found
    conforms(found, CaseShown)
    return found


async def refused(run: Running) -> int:
    """Bind and submit; give the status of the refusal, 0 for none."""
    async with await run.esme() as esme:
        try:
            await esme.submit(RECIPIENT, TEXT, NUMBER)
        except SubmitError as error:
            return error.command_status
    return 0


async def test_three_general_breaches_escalate_block_and_end_with_rectification(
    tmp_path: Path,
) -> None:
    clock = ManualClock(at=NOON)
    async with running(tmp_path, clock=clock) as run, api_of(run) as api:
        for case, row in enumerate(GENERAL, 1):
            made = await api.post("breaches", row=row, why="seen by hand", ports=[NUMBER])
            assert (api.status, made["case"], made["state"]) == (201, case, "suspected")
            await step(api, case, "confirm")
            clock.advance(DAY_S)
        run.gateway.registrar.settle()
        escalated = await api.get("breaches/4")
        assert (escalated["row"], escalated["grade"]) == (9, "serious")
        assert (escalated["causes"], escalated["evidence"]["account"]) == ([1, 2, 3], "police")
        assert await refused(run) == 0
        await step(api, 4, "confirm")
        await step(api, 4, "notice", reference="L-4")
        blocked = await step(api, 4, "deliver")
        assert blocked["blocked_ports"] == [NUMBER]
        shown = (await api.client.get("/metrics")).text
        assert "\nsmsgw_ports_blocked 1.0\n" in shown
        assert 'smsgw_breaches{grade="serious",state="rectification"} 1.0' in shown
        assert await refused(run) == CommandStatus.ESME_RSUBMITFAIL
    # The block outlives a restart, and an early pass does not shorten the thirty days.
    async with running(tmp_path, clock=clock) as run, api_of(run) as api:
        assert await refused(run) == CommandStatus.ESME_RSUBMITFAIL
        blocks = await api.get("blocks")
        conforms(blocks, BlockList)
        (block,) = blocks["items"]
        assert (block["name"], block["reason"], block["clause"]) == (
            "case 4",
            "port_blocked",
            "7.3.2",
        )
        clock.advance(DAY_S)
        await step(api, 4, "submit", reference="evidence 1")
        passed = await step(api, 4, "pass")
        clock.advance(28 * DAY_S)
        run.gateway.registrar.settle()
        assert await refused(run) == CommandStatus.ESME_RSUBMITFAIL
        clock.advance(2 * DAY_S)
        run.gateway.registrar.settle()
        assert (await api.get("breaches/4"))["state"] == "closed"
        assert passed["release_at"] < (await api.get("blocks"))["at"]
        assert await refused(run) == 0


async def test_a_stop_at_once_holds_for_the_next_submission_until_it_is_lifted() -> None:
    async with running() as run, api_of(run) as api:
        made = await api.post("blocks", ground="annex 1.13", why="a promise was broken")
        assert (api.status, made["stop"], made["until"]) == (201, 1, None)
        conforms(made, StopShown)
        assert await refused(run) == CommandStatus.ESME_RSUBMITFAIL
        lifted = await api.delete("blocks/1", why="explained")
        assert lifted["until"] is not None
        assert await refused(run) == 0
        again = await api.delete("blocks/1", why="explained")
        assert (api.status, "lifted" in again["detail"]) == (409, True)


async def test_refused_messages_are_warnings_of_their_row() -> None:
    async with running() as run, api_of(run) as api:
        async with await run.esme() as esme:
            with pytest.raises(SubmitError, match="RINVDSTADR"):
                await esme.submit("17600000001", TEXT, NUMBER)
        run.gateway.registrar.settle(everything=True)
        found = await api.get("breaches")
        conforms(found, CaseList)
        assert found["items"] == []
        rows = await api.get("breaches/rows")
        conforms(rows, RowList)
        by_row = {row["row"]: row for row in rows["items"]}
        assert len(by_row) == 28
        assert {row["row"]: row["warnings"] for row in found["signs"]} == {
            row: shown["warnings"] for row, shown in by_row.items() if shown["warnings"]
        }
        assert found["signs"]


async def test_a_sign_leads_to_a_case() -> None:
    async with running() as run, api_of(run) as api:
        await api.post("breaches/signs", row=11, why="criticised by the authority", reference="N 3")
        assert api.status == 201
        run.gateway.registrar.settle()
        (case,) = (await api.get("breaches", grade="serious"))["items"]
        assert (case["row"], case["state"]) == (11, "suspected")
        assert case["evidence"]["references"] == ["N 3"]
        assert (await api.get("breaches", state="closed"))["items"] == []


async def test_what_may_not_be_done_is_refused_with_what_may() -> None:
    kept = Memory()
    async with kept.client() as client:
        made = await client.post("/api/v1/breaches", json={"row": 13, "why": "seen"})
        assert made.status_code == 201
        steps = "/api/v1/breaches/1/steps"
        answer = await client.post(steps, json={"action": "pass", "why": "x"})
        assert answer.status_code == 409
        assert "only suspend, confirm, dismiss, raise" in answer.json()["detail"]
        fax = {"action": "notice", "why": "x", "form": "fax"}
        await client.post(steps, json={"action": "confirm", "why": "proved"})
        answer = await client.post(steps, json=fax)
        assert "only by letter" in answer.json()["detail"]
        answer = await client.post("/api/v1/breaches", json={"row": 29, "why": "seen"})
        assert answer.status_code == 422
        other = {"row": 13, "why": "seen", "ports": ["10658888"]}
        answer = await client.post("/api/v1/breaches", json=other)
        assert (answer.status_code, "10658888 seen" in answer.json()["detail"]) == (422, True)
        assert (await client.get("/api/v1/breaches/2")).status_code == 404
        assert (await client.get("/api/v1/breaches/x")).status_code == 404
        kept.registrar.full = True
        answer = await client.post("/api/v1/breaches", json={"row": 13, "why": "seen"})
        assert answer.status_code == 507


async def test_without_a_contract_nothing_can_be_broken() -> None:
    async with running(contract="none") as run, api_of(run) as api:
        found = await api.post("breaches", row=13, why="seen")
        assert (api.status, "without a contract" in found["detail"]) == (409, True)
