from __future__ import annotations

from typing import cast

import pytest

from routing.events import JournalEvent, MoReceived
from routing.registry_events import OptedIn, OptedOut, ReviewOpened
from routing.rules import Rules
from routing.uplinks import remember, take_uplink
from tests.support.rules import NUMBER, account, snapshot
from tests.support.submissions import AT

USER = "13300000001"


def compiled() -> Rules:
    return snapshot([account()])


def written(text: str, sender: str = USER, number: str = NUMBER, at: float = AT) -> MoReceived:
    return MoReceived(at, 5, "police", sender, number, text, 1, "cli")


@pytest.mark.parametrize("text", ["TD", "td ", "ＴＤ", "退订", "T退订", "R", "N"])
def test_a_refusal_holds_for_the_next_verdict_of_the_same_moment(text: str) -> None:
    rules = compiled()
    (change,) = take_uplink(rules, written(text, number=NUMBER + "01"))
    assert isinstance(change, OptedOut)
    assert (change.number, change.access_number, change.mo_id) == (USER, NUMBER, 5)
    assert rules.registries.optouts.judge(USER, NUMBER, "notice", AT) is not None
    assert rules.registries.uplinks.last(USER, NUMBER) is None


def test_who_comes_back_gets_messages_again() -> None:
    rules = compiled()
    take_uplink(rules, written("TD"))
    (change,) = take_uplink(rules, written("KT"))
    assert isinstance(change, OptedIn)
    assert rules.registries.optouts.judge(USER, NUMBER, "notice", AT) is None


def test_a_text_that_only_mentions_a_refusal_waits_for_a_person() -> None:
    rules = compiled()
    (change,) = take_uplink(rules, written("请不要再给我发短信了"))
    assert isinstance(change, ReviewOpened)
    assert rules.registries.reviews.waiting() == (change,)
    assert rules.registries.optouts.judge(USER, NUMBER, "notice", AT) is None


@pytest.mark.parametrize("text", ["1", "收到", "3 民警态度不好", "CX"])
def test_any_other_text_is_remembered_as_the_users_own(text: str) -> None:
    rules = compiled()
    assert take_uplink(rules, written(text, sender="+86" + USER)) == []
    assert rules.registries.uplinks.last(USER, NUMBER) == AT


def test_a_sender_that_is_no_mobile_number_changes_nothing() -> None:
    rules = compiled()
    assert take_uplink(rules, written("TD", sender="10086")) == []
    remember(rules, written("1", sender="10086"))
    assert len(rules.registries.uplinks) == 0


def test_a_restart_knows_again_who_wrote_and_who_refused() -> None:
    before, after = compiled(), compiled()
    for text in ("1", "TD"):
        mo = written(text, at=AT if text == "1" else AT + 5.0)
        changes = take_uplink(before, mo)
        for event in (mo, *cast("list[JournalEvent]", changes)):
            remember(after, event)
    assert after.registries.uplinks.last(USER, NUMBER) == AT
    assert after.registries.optouts.judge(USER, NUMBER, "notice", AT + 6.0) is not None
