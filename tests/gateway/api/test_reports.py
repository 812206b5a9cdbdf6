"""Hold the reports over HTTP: every form, what viewers see, and the proof of consent."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO
from pathlib import Path
from zipfile import ZipFile

import httpx
import pytest

from gateway.api.report_shapes import ProofShown, ReportKinds, ReportShown
from metrics.reports import REPORTS
from routing.office_events import ComplaintReceived
from tests.support.http import api_of
from tests.support.inprocess import NUMBER, TEXT, running
from tests.support.workbooks import workbook

from .memory import ELSEWHERE, NOON, Memory, conforms
from .test_access import memory as filled

ROOT = "/api/v1/reports"
NUMBER_OF_A_USER = "13300000001"


def complained() -> Memory:
    memory = Memory()
    memory.registrar.office.apply(ComplaintReceived(
        NOON, 1, "police", "12321", "no_consent", "unclear", "party_b", "op", NUMBER_OF_A_USER,
        why=f"called from {NUMBER_OF_A_USER}",
    ))  # fmt: skip
    return memory


async def test_the_reports_are_listed_with_their_columns() -> None:
    async with Memory().client() as client:
        found = (await client.get(ROOT)).json()
    conforms(found, ReportKinds)
    assert [one["report"] for one in found["items"]] == list(REPORTS)


@pytest.mark.parametrize("name", REPORTS)
async def test_a_report_comes_in_every_form_with_the_same_rows(name: str) -> None:
    async with filled().client() as client:
        found = (await client.get(f"{ROOT}/{name}")).json()
        conforms(found, ReportShown)
        assert (await client.get(f"{ROOT}/{name}.json")).json() == found
        table = await client.get(f"{ROOT}/{name}.csv")
        sheet = await client.get(f"{ROOT}/{name}.xlsx")
    rows = list(csv.DictReader(StringIO(table.text)))
    assert len(rows) == len(found["rows"]) > 0
    assert list(rows[0]) == [column["key"] for column in found["columns"]]
    assert f'filename="{name}.xlsx"' in sheet.headers["content-disposition"]
    chinese, english = workbook(sheet.content).values()
    assert len(chinese) == len(english) == 3 + len(rows)


async def test_viewers_see_no_number_of_a_user_in_any_form() -> None:
    async with complained().client("viewer", listen=ELSEWHERE, peer="192.0.2.7") as client:
        answers = [
            await client.get(f"{ROOT}/{path}")
            for path in ("complaints", "complaints.csv", "consent-proof/1")
        ]
        sheet = workbook((await client.get(f"{ROOT}/complaints.xlsx")).content)
        proof = await client.get(f"{ROOT}/consent-proof/1.zip")
    with ZipFile(BytesIO(proof.content)) as book:
        texts = [book.read(name).decode() for name in book.namelist()]
    texts += [answer.text for answer in answers]
    assert "133******01" in answers[1].text
    assert not [text for text in (*texts, str(sheet)) if NUMBER_OF_A_USER in text]


async def test_a_report_is_narrowed_by_account_and_days() -> None:
    async with complained().client() as client:

        async def rows(**query: str) -> int:
            found = await client.get(f"{ROOT}/complaints", params=query)
            return len(found.json()["rows"])

        assert await rows(account="police") == 1
        assert await rows(**{"from": "2026-03-02", "to": "2026-03-02"}) == 1
        assert await rows(**{"to": "2026-03-01"}) == 0
        assert await rows(**{"from": "2026-03-03"}) == 0


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("weather", 404, "breaches, calendar"),
        ("breaches.pdf", 404, ".xlsx"),
        ("breaches?account=fire", 422, "police allowed"),
        ("breaches?from=2026-03-02&to=2026-03-01", 422, "2026-03-02 or later"),
        ("consent-proof/9", 404, "known: 1 to 1"),
        ("consent-proof/1.csv", 404, ".zip"),
    ],
)
async def test_bad_questions_say_what_is_allowed(path: str, status: int, words: str) -> None:
    async with complained().client() as client:
        answer: httpx.Response = await client.get(f"{ROOT}/{path}")
    assert (answer.status_code, words in answer.text) == (status, True), answer.text


async def test_the_proof_of_a_message_is_what_was_on_record(tmp_path: Path) -> None:
    async with running(tmp_path) as run, api_of(run) as api, await run.esme() as esme:
        sent = await esme.submit(NUMBER_OF_A_USER, TEXT, NUMBER)
        made = await api.post(
            "complaints", channel="12321", cause="no_consent", attribution="unclear",
            message_id=sent.message_ids[0],
        )  # fmt: skip
        found = await api.get(f"reports/consent-proof/{made['complaint']}")
        conforms(found, ProofShown)
        # The contract declares the consent of all numbers of its scope, which proves nothing.
        assert found["number"] == NUMBER_OF_A_USER
        assert {one["what"] for one in found["missing"]} == {"proof", "text_version"}
        assert all(one["held"] for one in found["categories"])
        assert [one["text"] for one in found["messages"]] == [TEXT]
        assert found["message"]["id"] == found["messages"][0]["id"]
