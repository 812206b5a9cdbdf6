"""Hold what happens to accepted messages when something changed before their delivery."""

from __future__ import annotations

from typing import Any

import pytest

from config.interpretation import Breach
from routing.message import Message, begin
from routing.registry_events import OptedIn, OptedOut
from routing.release import HOLD, Release
from routing.rules import Rules
from routing.scope import ScopeEntry
from routing.standing_events import ScopeDrafted, Suspended, SuspensionLifted
from tests.support.rules import NUMBER, account, shanghai, snapshot
from tests.support.submissions import AT, submission

RECIPIENT = "13300000001"
LATER = AT + 60.0


def compiled(**contract: Any) -> Rules:
    return snapshot([account()], contract)


def release(rules: Rules, while_blocked: str = "hold") -> Release:
    breach = Breach.model_validate({"while_blocked": while_blocked})
    return Release(lambda: rules, breach)


def waiting(**changes: Any) -> Message:
    return begin(submission(**changes))


def out(at: float) -> OptedOut:
    return OptedOut(at, RECIPIENT, source="customer_service")


def test_a_message_that_nothing_happened_to_is_sent() -> None:
    rules = compiled()
    assert release(rules).judge(waiting(), LATER) == ""
    assert release(rules).judge(waiting(schedule_at=LATER), LATER) == ""
    assert release(rules).changed_at < AT


def test_a_refusal_that_came_after_the_verdict_stops_the_next_attempt() -> None:
    rules = compiled()
    rules.registries.apply(out(AT + 1))
    assert release(rules).judge(waiting(), LATER) == "9A3"
    message = waiting(at=AT + 2)
    # It was judged when the refusal was there; what let it pass then isn't asked again.
    assert release(rules).judge(message, LATER) == ""
    message.attempts = 1
    assert release(rules).judge(message, LATER) == "9A3"
    assert message.at == AT + 2
    rules.registries.apply(OptedIn(AT + 3, RECIPIENT, source="customer_service"))
    assert release(rules).judge(message, LATER) == ""


def test_a_refusal_of_the_very_instant_counts() -> None:
    rules = compiled()
    rules.registries.apply(out(AT))
    assert release(rules).judge(waiting(), AT) == "9A3"


def test_a_check_that_is_monitored_withholds_nothing() -> None:
    rules = snapshot([account()], modes={"opted_out": "monitor"})
    rules.registries.apply(out(AT + 1))
    assert release(rules).judge(waiting(), LATER) == ""


def test_a_scheduled_message_is_judged_by_the_scope_of_its_release() -> None:
    rules = compiled()
    scopes = rules.registries.scopes
    rules.registries.apply(ScopeDrafted(AT + 1, 1, "op", "fewer users"))
    for event in scopes.rows(1, AT + 1, [ScopeEntry.number("17700000001")]):
        rules.registries.apply(event)
    rules.registries.apply(scopes.closing(1, AT + 1))
    for action in ("submit", "approve"):
        rules.registries.apply(scopes.order(1, action, AT + 1, who="op", why="agreed"))
    assert release(rules).judge(waiting(schedule_at=LATER), LATER) == "9A1"
    # One that is not scheduled is judged by the scope of its submission.
    assert release(rules).judge(waiting(), LATER) == ""


@pytest.mark.parametrize(
    ("while_blocked", "ruling"), [("hold", HOLD), ("send", ""), ("cancel", "9A8")]
)
def test_what_a_suspension_does_to_what_waits_is_configured(
    while_blocked: str, ruling: str
) -> None:
    rules = compiled()
    rules.registries.apply(Suspended(AT + 1, 1, "police", "7.5", "op", "suspicion"))
    assert release(rules, while_blocked).judge(waiting(), LATER) == ruling
    rules.registries.apply(SuspensionLifted(LATER, 1, "op", "explained"))
    assert release(rules, while_blocked).judge(waiting(), LATER) == ""


def test_what_is_scheduled_beyond_the_term_is_not_sent() -> None:
    rules = compiled(renewal={"mode": "none"})
    end = shanghai("2026-12-01T00:00:00")
    message = waiting(schedule_at=end)
    assert release(rules).judge(message, end - 0.001) == ""
    assert release(rules).judge(message, end) == "9B0"


def test_other_rules_are_followed_from_the_next_attempt_on() -> None:
    current = [compiled()]
    judging = Release(lambda: current[0], Breach())
    assert judging.judge(waiting(schedule_at=LATER), LATER) == ""
    current[0] = snapshot([account()], {"scope": {"entries": [{"prefix": "189"}]}})
    assert judging.judge(waiting(schedule_at=LATER), LATER) == "9A1"


def test_a_message_of_an_account_that_is_gone_is_sent() -> None:
    rules = snapshot([account(system_id="other")])
    rules.registries.apply(out(AT + 1))
    assert release(rules).judge(waiting(), LATER) == ""
    assert NUMBER in rules.owners
