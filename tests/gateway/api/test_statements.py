"""Issue statements over HTTP, pay them late, and find them unchanged after more traffic."""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path

import pytest

from gateway.api.statement_shapes import (
    ArrearsShown,
    ClaimList,
    ClaimShown,
    FreeMonthShown,
    PaymentList,
    PaymentShown,
    StatementList,
    StatementShown,
)
from gateway.clock import ManualClock
from metrics.breaches import Ledger
from metrics.sla.windows import DAY_S
from routing.events import Outcome
from tests.support.http import api_of
from tests.support.inprocess import NUMBER, TEXT, running
from tests.support.rules import shanghai
from tests.support.submissions import MESSAGE_ID, submission

from .memory import Memory, conforms

ROOT = "/api/v1"
PERIOD = "2025-12-01"
SENT = shanghai("2026-03-02T12:00:00")
AFTER = shanghai("2026-06-10T10:00:00")


def sent(count: int, first: int = 0, at: float = SENT, ended_at: float = 0.0) -> Memory:
    memory = Memory()
    send_more(memory, count, first, at, ended_at)
    memory.clock = ManualClock(at=AFTER)
    return memory


def send_more(
    memory: Memory, count: int, first: int = 0, at: float = SENT, ended_at: float = 0.0
) -> None:
    for number in range(first, first + count):
        one = MESSAGE_ID + number
        memory.figures.counted.apply(submission(at=at, message_id=one, segment_count=1))
        ended = Outcome(ended_at or at + 5, one, 2, "000", "ok", "telecom")
        memory.figures.counted.apply(ended)


async def test_a_statement_is_issued_once_and_stays_what_it_was() -> None:
    memory = sent(100)
    async with memory.client() as client:
        issued = await client.post(f"{ROOT}/settlements/{PERIOD}/issue", json={})
        assert issued.status_code == 201
        statement = issued.json()
        conforms(statement, StatementShown)
        assert statement["settlement"]["payable_fen"] == 300
        again = await client.post(f"{ROOT}/settlements/{PERIOD}/issue", json={})
        assert again.status_code == 409
        assert "a correction needs a reason" in again.json()["detail"]
        path = f"{ROOT}/statements/{statement['number']}"
        forms = {form: (await client.get(path + form)).content for form in ("", ".json", ".csv")}
        send_more(memory, 10, 200)
        assert {form: (await client.get(path + form)).content for form in forms} == forms
        book = (await client.get(path + ".xlsx")).content
        assert book[:2] == b"PK"
        shown = (await client.get(f"{ROOT}/settlements/{PERIOD}")).json()
        assert (shown["payable_fen"], shown["issued"]["number"]) == (300, statement["number"])
        other = {"interpretation.billing.unit": "message"}
        asked = (await client.get(f"{ROOT}/settlements/{PERIOD}", params=other)).json()
        assert (asked["payable_fen"], asked["issued"]) == (330, None)
        body = {"reason": "ten were found"}
        corrected = await client.post(f"{ROOT}/settlements/{PERIOD}/issue", json=body)
        assert corrected.json()["settlement"]["issued"]["corrects"] == statement["number"]
        found = (await client.get(f"{ROOT}/statements")).json()
        conforms(found, StatementList)
        assert [one["payable_fen"] for one in found["items"]] == [300, 330]
        rows = list(csv.DictReader(StringIO(forms[".csv"].decode("utf-8-sig"))))
        assert sum(int(row["amount_fen"]) for row in rows) == 300


async def test_before_the_cut_off_nothing_is_issued() -> None:
    memory = sent(1)
    memory.clock = ManualClock(at=shanghai("2026-06-03T23:59:59"))
    async with memory.client() as client:
        early = await client.post(f"{ROOT}/settlements/{PERIOD}/issue", json={})
        assert early.status_code == 409
        assert "results come in until 2026-06-04" in early.json()["detail"]
        memory.clock.advance(1)
        assert (await client.post(f"{ROOT}/settlements/{PERIOD}/issue", json={})).status_code == 201


async def test_what_comes_after_the_statement_is_on_the_next_one() -> None:
    memory = sent(100)
    async with memory.client() as client:
        await client.post(f"{ROOT}/settlements/{PERIOD}/issue", json={})
        send_more(memory, 4, 500)
        send_more(memory, 7, 600, at=shanghai("2026-07-02T12:00:00"))
        memory.clock.advance(30 * DAY_S)
        following = (await client.get(f"{ROOT}/settlements/2026-06-01")).json()
        [change] = following["adjustments"]
        assert (change["period"], change["successful"], change["fee_fen"]) == (PERIOD, 4, 12)
        assert following["payable_fen"] == 7 * 3 + 12


async def test_payments_lower_what_is_owed_and_the_late_fee_is_of_each_day() -> None:
    memory = sent(1000)
    async with memory.client() as client:
        issued = (await client.post(f"{ROOT}/settlements/{PERIOD}/issue", json={})).json()
        memory.clock.advance(60 * DAY_S)  # 2026-08-09; due was 2026-07-10
        body = {"paid_on": "2026-07-30", "amount_fen": 1000, "invoice": issued["number"]}
        paid = await client.post(f"{ROOT}/payments", json=body)
        assert paid.status_code == 201
        conforms(paid.json(), PaymentShown)
        conforms((await client.get(f"{ROOT}/payments")).json(), PaymentList)
        found = (await client.get(f"{ROOT}/arrears")).json()
        conforms(found, ArrearsShown)
        assert (found["open_fen"], found["overdue_fen"], found["late_fee_fen"]) == (
            2000, 2000, 240,
        )  # fmt: skip
        [invoice] = found["invoices"]
        assert [span["days"] for span in invoice["overdue"]] == [20, 10]
        before = (await client.get(f"{ROOT}/arrears", params={"on": "2026-07-10"})).json()
        assert (before["overdue_fen"], before["late_fee_fen"]) == (0, 0)
        unknown = await client.post(f"{ROOT}/payments", json={**body, "invoice": "X-1"})
        assert unknown.status_code == 409
        assert issued["number"] in unknown.json()["detail"]
        future = await client.post(f"{ROOT}/payments", json={**body, "paid_on": "2026-08-10"})
        assert future.status_code == 409


async def test_the_free_month_comes_off_the_bill() -> None:
    memory = sent(100)
    async with memory.client() as client:
        assert (await client.get(f"{ROOT}/free-month")).json() == {"free_month": None}
        late = {"first_day": "2026-03-01", "delivered_at": "2026-02-20"}
        refused = await client.post(f"{ROOT}/free-month", json=late)
        assert refused.status_code == 409
        assert "2026-04-01" in refused.json()["detail"]
        good = {"first_day": "2026-03-01", "delivered_at": "2026-01-20"}
        granted = await client.post(f"{ROOT}/free-month", json=good)
        assert granted.status_code == 201
        conforms(granted.json(), FreeMonthShown)
        assert granted.json()["free_month"]["last_day"] == "2026-03-31"
        shown = (await client.get(f"{ROOT}/settlements/{PERIOD}")).json()
        assert shown["payable_fen"] == 0


async def test_claims_are_judged_by_the_limit() -> None:
    async with sent(1000).client() as client:
        await client.post(f"{ROOT}/settlements/{PERIOD}/issue", json={})
        body = {"amount_fen": 99_999, "happened_on": "2026-06-05", "why": "an outage"}
        entered = await client.post(f"{ROOT}/claims", json=body)
        assert entered.status_code == 201
        conforms(entered.json(), ClaimShown)
        assert entered.json()["liable_fen"] < 99_999
        found = (await client.get(f"{ROOT}/claims")).json()
        conforms(found, ClaimList)
        assert found["items"] == [entered.json()]


@pytest.mark.parametrize("path", ["statements/X-1", "statements/X-1.csv"])
async def test_an_unknown_statement_is_not_there(path: str) -> None:
    async with sent(1).client() as client:
        answer = await client.get(f"{ROOT}/{path}")
        assert answer.status_code == 404
        assert "none is issued" in answer.json()["detail"]


async def test_statements_and_payments_live_through_a_restart_and_arrears_are_a_breach(
    tmp_path: Path,
) -> None:
    clock = ManualClock(at=SENT)
    async with running(tmp_path, clock=clock) as run, api_of(run) as api:
        async with await run.esme() as esme:
            await esme.submit("13300000001", TEXT, NUMBER)
            await run.gateway.journal.flush()
        clock.jump(AFTER - SENT)
        issued = await api.post(f"settlements/{PERIOD}/issue")
        assert issued["settlement"]["payable_fen"] == 3
    clock.jump(40 * DAY_S)
    async with running(tmp_path, clock=clock) as run, api_of(run) as api:
        assert await api.get(f"statements/{issued['number']}") == issued
        run.gateway.registrar.settle()
        ledger: Ledger = run.gateway.office.ledger
        assert [case.row for case in ledger.cases.values()] in ([], [7])
        assert ("police", issued["number"]) in ledger.facts.invoices
        await api.post("payments", paid_on="2026-07-20", amount_fen=3)
        assert (await api.get("arrears"))["overdue_fen"] == 0
