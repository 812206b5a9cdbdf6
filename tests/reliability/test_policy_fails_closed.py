"""Let a check raise for some messages: none of them is accepted, and all others are (I9).

Nobody can say that such a message passed, so it is refused with ESME_RSYSERR whatever the mode of
the check, the session lives, and the log names the check. A check is a pure function without a
wait, so there is none that could hang.

Control: a walk that takes an error for a pass lets every one of them through.
"""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest

from gateway.load.errors import SubmitError
from gateway.load.esme import Esme
from routing.events import Attempted, Failure, Outcome, Submission
from routing.facts import Facts
from routing.message import Message
from routing.reasons import INTERNAL
from routing.rules import AccountRules
from routing.verdict import TABLE, Check, CheckFunction, Judge
from smpp.constants import CommandStatus, MessageState
from tests.support import inprocess
from tests.support.compiled import plain_python_only
from tests.support.inprocess import NUMBER, TEXT, Running, running

MESSAGES = 300
SETTINGS: dict[str, Any] = {"checks__frequency": "off"}
LONG = TEXT + "请" * 100


def fragile(message: Message, rules: AccountRules, facts: Facts) -> None:
    """Raise for one message of a hundred."""
    if message.recipient.endswith("77"):
        raise KeyError(message.recipient)


def recipients() -> list[str]:
    return [f"133000{number:05}" for number in range(MESSAGES)]


def break_a_check(gateway: Running, kind: type[Judge] = Judge) -> None:
    desk = gateway.gateway.desks["police"]
    desk.judge = kind(desk.judge.rules, (*TABLE, Check("scope", "both", fragile)))


async def submit_all(esme: Esme) -> dict[str, int]:
    """Submit to every recipient; give the command_status of the refused ones."""
    refused: dict[str, int] = {}
    for recipient in recipients():
        try:
            await esme.submit(recipient, TEXT, NUMBER)
        except SubmitError as error:
            refused[recipient] = error.command_status
    return refused


def went_out(gateway: Running) -> set[str]:
    """Name the recipients of messages that were accepted, attempted or ended."""
    known = {one.message_id: one for one in gateway.events(Submission)}
    attempted = {one.message_id for one in gateway.events(Attempted)}
    ended = attempted | {one.message_id for one in gateway.events(Outcome)}
    accepted = {one.message_id for one in known.values() if one.accepted}
    return {known[one].recipient for one in ended | accepted}


@pytest.mark.parametrize("mode", ["enforce", "monitor"])
async def test_a_message_that_a_check_could_not_judge_is_refused(
    mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = StringIO()
    monkeypatch.setattr(inprocess, "StringIO", lambda: said)
    broken = {recipient for recipient in recipients() if recipient.endswith("77")}
    assert len(broken) == MESSAGES // 100
    async with running(checks__scope=mode, **SETTINGS) as gateway, await gateway.esme() as esme:
        break_a_check(gateway)
        refused = await submit_all(esme)
        assert refused == dict.fromkeys(broken, CommandStatus.ESME_RSYSERR)
        assert went_out(gateway) == set(recipients()) - broken
        await esme.submit("13300000001", TEXT.replace("482913", "730651"), NUMBER)
        counted = gateway.gateway.recorder.freeze().get_sample_value(
            "smsgw_submits_total",
            {"account": "police", "service": "ordinary", "result": "rejected", "reason": INTERNAL},
        )
    lines = [json.loads(line) for line in said.getvalue().splitlines()]
    told = [line for line in lines if line["event"] == "check.broken"]
    assert counted == len(broken)
    assert {line["why"] for line in told} == {"check scope: KeyError"}
    assert 1 <= len(told) <= len(broken)
    assert not any(number in said.getvalue() for number in broken)


async def test_a_long_message_that_a_check_could_not_judge_is_not_delivered() -> None:
    async with running(**SETTINGS) as gateway, await gateway.esme() as esme:
        desk = gateway.gateway.desks["police"]
        desk.judge = Judge(desk.judge.rules, (*TABLE, Check("scope", "message", fragile)))
        submitted = await esme.submit("13300000077", LONG, NUMBER)
        stats = [(await esme.receipt(one)).stat for one in submitted.message_ids]
        assert set(stats) == {"REJECTD"}
        assert {one.state for one in gateway.events(Outcome)} <= {MessageState.REJECTED}
        (recorded,) = gateway.events(Submission)
        assert (recorded.accepted, recorded.reason) == (False, INTERNAL)


class Trusting(Judge):
    """Take an error for a pass, as a gateway would that fails open."""

    def _raised(self, look: CheckFunction, error: Exception) -> Failure:
        return Failure("scope", "monitor", str(error))


@plain_python_only
async def test_a_policy_that_fails_open_is_found() -> None:
    async with running(**SETTINGS) as gateway, await gateway.esme() as esme:
        break_a_check(gateway, Trusting)
        assert await submit_all(esme) == {}
        assert went_out(gateway) == set(recipients())
