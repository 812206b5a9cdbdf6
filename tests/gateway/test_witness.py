from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.load.errors import SubmitError
from routing.breach_events import CaseOpened, TrafficCounted
from routing.events import Failure, Submission
from tests.support.inprocess import NUMBER, TEXT, running

NOON = 1_800_000_000.0
MONITORED: dict[str, Any] = {"checks__signature_mismatch": "monitor"}
USER = "13300000001"
ALIEN = "【某某公司】您的验证码482913，5分钟内有效。"


async def test_a_refused_message_is_a_warning_and_no_breach() -> None:
    async with running() as gateway, await gateway.esme() as esme:
        with pytest.raises(SubmitError):
            await esme.submit(USER, ALIEN, NUMBER)
        gateway.gateway.registrar.settle()
        found = gateway.gateway.office.ledger.evidence("police")
    assert {(one.row, one.breaches, one.warnings) for one in found} == {(4, 0, 1), (27, 0, 1)}


async def test_what_is_monitored_becomes_a_breach_with_its_case(tmp_path: Path) -> None:
    async with running(tmp_path, **MONITORED) as gateway, await gateway.esme() as esme:
        await esme.submit(USER, ALIEN, NUMBER)
        gateway.gateway.registrar.settle()
        before = gateway.gateway.office.ledger
        cases = [(case.row, case.state) for case in before.cases.values()]
        assert (4, "suspected") in cases
    async with running(tmp_path, **MONITORED) as gateway:
        after = gateway.gateway.office.ledger
        assert [(case.row, case.state) for case in after.cases.values()] == cases
        assert after.evidence("police") == before.evidence("police")


async def test_the_number_of_messages_is_recorded_at_the_end() -> None:
    async with running() as gateway, await gateway.esme() as esme:
        await esme.submit(USER, TEXT, NUMBER)
    counted = gateway.events(TrafficCounted)
    assert [(event.account, event.messages) for event in counted] == [("police", 1)]
    assert gateway.events(CaseOpened) == []


async def test_what_the_disk_had_no_space_for_is_no_sign() -> None:
    async with running() as gateway:
        assert gateway.store is not None
        journal, facts = gateway.gateway.journal, gateway.gateway.office.ledger.facts
        gateway.store.refuse(short=True)
        journal.append(_refused(1))
        await journal.flush()
        assert facts.fresh == {}
        gateway.store.refuse(short=False)
        journal.append(_refused(2))
        await journal.flush()
        assert [one.warnings for one in facts.fresh.values()] == [1, 1]


def _refused(message_id: int) -> Submission:
    failure = Failure("signature_mismatch", "enforce", "another's")
    return Submission(
        NOON, message_id, "police", 1, 1, "notice", NUMBER, USER, ALIEN, 8, 0, 1,
        accepted=False, status=69, reason="signature_mismatch", failures=(failure,),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("word", "refuses"), [("TD", True), ("00000", True), ("全部退订", True), ("CX", False)]
)
async def test_whatever_refuses_is_a_refusal_for_the_ledger(word: str, refuses: bool) -> None:
    async with running() as gateway:
        assert gateway.gateway.office.ledger.terms.refuses(word) == refuses
