"""Hold the API of standing to what it does to traffic, over HTTP against a whole gateway."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest

from gateway.api.standing_shapes import (
    StandingShown,
    SuspensionList,
    SuspensionShown,
    TerminationList,
    TerminationShown,
)
from gateway.clock import ManualClock
from gateway.load.errors import BindError, SubmitError
from routing.standing_events import ContractTerminated, Suspended, SuspensionLifted
from smpp.constants import CommandStatus
from tests.support.http import Api, api_of
from tests.support.inprocess import NUMBER, TEXT, Running, police, running
from tests.support.rules import shanghai

from .memory import NOON, conforms

RECIPIENT = "13300000001"
DAY_S = 86_400.0
TERM: Final[dict[str, Any]] = {"contract__renewal__mode": "none"}
"""Renewal off: the term ends on 2026-11-30 24:00."""
END = shanghai("2026-12-01T00:00:00")
TOKENS = [
    {"name": "auditor", "role": "viewer", "token": "viewer-token"},
    {"name": "desk", "role": "operator", "token": "operator-token"},
]
PORTS = [NUMBER, "106590990372"]


async def suspend(api: Api, **changes: Any) -> Any:
    body = {"account": "police", "clause": "7.5", "why": "suspicion of fraud"}
    return await api.post("standing/suspensions", **{**body, **changes})


async def terminate(api: Api, **changes: Any) -> Any:
    body = {"account": "*", "clause": "7.2", "why": "arrears", "ends_at": "2026-03-31"}
    return await api.post("standing/terminations", **{**body, **changes})


async def refused(run: Running, sender: str = NUMBER) -> int:
    """Bind and submit; give the status of the refusal, 0 for none."""
    async with await run.esme() as esme:
        try:
            await esme.submit(RECIPIENT, TEXT, sender)
        except SubmitError as error:
            return error.command_status
    return 0


async def test_a_suspended_account_binds_and_gets_its_receipts_and_uplink(tmp_path: Path) -> None:
    """The same after a restart, and traffic flows once it is lifted."""
    async with running(tmp_path) as run, api_of(run) as api, await run.esme() as esme:
        submitted = await esme.submit(RECIPIENT, TEXT, NUMBER)
        made = await suspend(api)
        assert (api.status, made["suspension"], made["state"]) == (201, 1, "in_force")
        assert await refused(run) == CommandStatus.ESME_RSUBMITFAIL
        await esme.receipt(submitted.message_ids[0])
        await api.post("mo", **{"from": RECIPIENT, "to": NUMBER, "text": "CX"})
        assert (await esme.uplink()).text == "CX"
    async with running(tmp_path) as run, api_of(run) as api:
        assert await refused(run) == CommandStatus.ESME_RSUBMITFAIL
        lifted = await api.delete("standing/suspensions/1", why="explained")
        assert (api.status, lifted["state"]) == (200, "over")
        assert await refused(run) == 0
        assert (await suspend(api))["suspension"] == 2


async def test_the_checks_say_why_in_both_languages_and_what_would_pass() -> None:
    async with running(clock=ManualClock(at=NOON)) as run, api_of(run) as api:
        await suspend(api, until="2026-03-10")
        found = await api.post("checks:explain", **{"from": NUMBER, "to": RECIPIENT, "text": TEXT})
    assert (found["reason"], found["status_name"]) == ("suspended", "ESME_RSUBMITFAIL")
    check = next(one for one in found["checks"] if one["name"] == "suspended")
    assert "suspicion of fraud" in check["detail"]
    assert "被中止" in check["detail_zh"]
    assert check["seen"] == f"{NUMBER}: suspension 1"
    assert check["allowed"] == "from 2026-03-11 00:00:00+08:00 on"


async def test_the_standing_shows_term_warning_and_holds() -> None:
    clock = ManualClock(at=END - 90 * DAY_S - 0.001)
    async with running(clock=clock, **TERM) as run, api_of(run) as api:
        early = await api.get("standing")
        clock.jump(0.001)
        await suspend(api, ports=[NUMBER], services=["ordinary"], reference="B-7")
        shown = await api.get("standing")
    conforms(early, StandingShown)
    conforms(shown, StandingShown)
    assert early["items"][0]["warning"] is None
    assert shown["term"]["current_ends_at"] == "2026-12-01T00:00:00.000+08:00"
    assert (shown["term"]["days_left"], shown["term"]["in_force"]) == (90, True)
    (account,) = shown["items"]
    assert (account["account"], account["in_force"]) == ("police", True)
    assert account["ends_at"] == "2026-12-01T00:00:00.000+08:00"
    assert "in 90 days" in account["warning"]["detail"]
    assert "90天" in account["warning"]["detail_zh"]
    (hold,) = account["holds"]
    assert (hold["name"], hold["reason"], hold["who"]) == ("suspension 1", "suspended", "local")
    assert (hold["ports"], hold["services"], hold["reference"]) == ([NUMBER], ["ordinary"], "B-7")
    assert hold["due"] == "2026-09-07T00:00:00.000+08:00"


async def test_a_term_that_renews_itself_has_no_end() -> None:
    async with running() as run, api_of(run) as api:
        shown = await api.get("standing")
    assert shown["items"][0]["ends_at"] is None
    assert shown["term"]["original_ends_at"] == "2026-12-01T00:00:00.000+08:00"
    assert shown["term"]["renews_months"] > 0


async def test_the_last_millisecond_of_the_term_is_accepted_and_the_next_refused() -> None:
    """2026-11-30 23:59:59.999 Asia/Shanghai is in the term (clause 10.1)."""
    clock = ManualClock(at=END - 0.001)
    async with running(clock=clock, **TERM) as run, await run.esme() as esme:
        await esme.submit(RECIPIENT, TEXT, NUMBER)
        clock.jump(END - clock.at())
        with pytest.raises(SubmitError) as late:
            await esme.submit(RECIPIENT, TEXT, NUMBER)
        assert late.value.command_status == CommandStatus.ESME_RSUBMITFAIL
        with pytest.raises(BindError) as bind:
            await run.esme()
        assert bind.value.command_status == CommandStatus.ESME_RBINDFAIL


async def test_a_suspension_of_one_number_leaves_the_other() -> None:
    async with (
        running(account=[police(access_numbers=PORTS)], contract="none") as run,
        api_of(run) as api,
    ):
        await suspend(api)
        assert api.status == 409
    contract = {"contract__access_numbers": [{"number": number} for number in PORTS]}
    modes: dict[str, Any] = {**contract, "checks__signature_mismatch": "off"}
    async with running(account=[police(access_numbers=PORTS)], **modes) as run, api_of(run) as api:
        await suspend(api, account="*", ports=PORTS[:1])
        assert await refused(run, PORTS[0]) == CommandStatus.ESME_RSUBMITFAIL
        assert await refused(run, PORTS[1]) == 0


async def test_suspensions_come_and_go_by_their_times() -> None:
    clock = ManualClock(at=NOON)
    async with running(clock=clock) as run, api_of(run) as api:
        made = await suspend(api, since="2026-03-03T00:00:00", until="2026-03-03")
        conforms(made, SuspensionShown)
        states = [made["state"]]
        for _ in range(2):
            clock.jump(DAY_S)
            listed = await api.get("standing/suspensions")
            conforms(listed, SuspensionList)
            states.append(listed["items"][0]["state"])
        assert states == ["coming", "in_force", "over"]
        problem = await api.delete("standing/suspensions/1", why="late")
        assert (api.status, "has its end already" in problem["detail"]) == (409, True)


async def test_a_terminated_account_is_out_of_force_until_it_is_taken_back(tmp_path: Path) -> None:
    clock = ManualClock(at=NOON)
    async with running(tmp_path, clock=clock) as run, api_of(run) as api:
        made = await terminate(api, account="police", ends_at="2026-03-02T12:00:01", reference="L1")
        conforms(made, TerminationShown)
        assert (api.status, made["ends_at"]) == (201, "2026-03-02T12:00:01.000+08:00")
        assert await refused(run) == 0
        warned = (await api.get("standing"))["items"][0]["warning"]
        assert "clause 7.2" in warned["detail"]
        again = await terminate(api, account="police")
        assert (api.status, "terminated already" in again["detail"]) == (409, True)
        clock.jump(1.0)
        with pytest.raises(BindError):
            await refused(run)
    async with running(tmp_path, clock=clock) as run, api_of(run) as api:
        with pytest.raises(BindError):
            await refused(run)
        shown = (await api.get("standing"))["items"][0]
        assert (shown["in_force"], "7.2" in shown["out_of_force"]["detail"]) == (False, True)
        listed = await api.get("standing/terminations")
        conforms(listed, TerminationList)
        back = await api.delete("standing/terminations/police", why="paid")
        assert listed["items"] == [back]
        assert await refused(run) == 0
        await api.delete("standing/terminations/police", why="paid")
        assert api.status == 404


async def test_the_contract_is_terminated_for_every_account() -> None:
    async with running(clock=ManualClock(at=NOON)) as run, api_of(run) as api:
        made = await terminate(api)
        assert (made["account"], made["ends_at"]) == ("*", "2026-04-01T00:00:00.000+08:00")
        assert (await api.get("standing"))["items"][0]["ends_at"] == made["ends_at"]
        await api.delete("standing/terminations/*", why="mistake")
        assert api.status == 200


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"account": "nobody"}, 422, "'nobody' seen, police or * allowed"),
        ({"account": ""}, 422, "account"),
        ({"why": ""}, 422, "why"),
        ({"clause": ""}, 422, "clause"),
        ({"ports": ["10086"]}, 422, f"10086 seen, one of {NUMBER} allowed"),
        ({"services": ["fast"]}, 422, "services"),
        ({"since": "soon"}, 422, "since"),
        ({"until": "2026-03-01"}, 409, "isn't after its begin"),
    ],
)
async def test_a_suspension_with_a_fault_is_refused_and_not_recorded(
    changes: dict[str, Any], status: int, words: str
) -> None:
    async with running(clock=ManualClock(at=NOON)) as run, api_of(run) as api:
        problem = await suspend(api, **changes)
        assert api.status == status
        assert words in problem["detail"]
        assert run.events(Suspended) == []


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"ends_at": "2026-03-01"}, 409, "from 2026-03-02 12:00:00"),
        ({"clause": "4.4"}, 422, "notice_at"),
        ({"clause": "4.4", "notice_at": "2026-03-01"}, 409, "90 days"),
    ],
)
async def test_a_termination_with_a_fault_is_refused_and_not_recorded(
    changes: dict[str, Any], status: int, words: str
) -> None:
    async with running(clock=ManualClock(at=NOON)) as run, api_of(run) as api:
        problem = await terminate(api, **changes)
        assert api.status == status
        assert words in problem["detail"]
        assert run.events(ContractTerminated) == []


@pytest.mark.parametrize("number", ["1", "x", "9" * 30])
async def test_an_unknown_suspension_is_not_found(number: str) -> None:
    async with running() as run, api_of(run) as api:
        await api.delete(f"standing/suspensions/{number}", why="none")
        assert api.status == 404


async def test_lifting_wants_a_reason() -> None:
    async with running() as run, api_of(run) as api:
        await suspend(api)
        await api.delete("standing/suspensions/1")
        assert api.status == 422


async def test_changes_carry_the_name_of_the_token_and_need_an_operator() -> None:
    async with running(http__tokens=TOKENS) as run:
        async with api_of(run, token="viewer-token") as api:
            await suspend(api)
            assert api.status == 403
        async with api_of(run, token="operator-token") as api:
            await suspend(api)
            await api.delete("standing/suspensions/1", why="explained")
        (made,), (lifted,) = run.events(Suspended), run.events(SuspensionLifted)
    assert (made.who, made.why) == ("desk", "suspicion of fraud")
    assert (lifted.who, lifted.why) == ("desk", "explained")
