from __future__ import annotations

import pytest

from routing.event import Event
from routing.registries import Registries
from routing.registry_events import (
    ConsentWithdrawn,
    ImportOpened,
    ListChanged,
    NumberPorted,
    OptedIn,
    OptedOut,
    ReviewOpened,
)
from routing.standing_events import Suspended, SuspensionLifted
from tests.support.rules import NUMBER, contract
from tests.support.submissions import AT, submission

USER = "13300000001"


def registries(*events: Event) -> Registries:
    found = Registries(contract())
    for event in events:
        found.apply(event)
    return found


def test_declared_consents_are_there_from_the_beginning() -> None:
    assert registries().consents.judge(USER, "notice", AT) is None
    assert Registries(contract(consents={})).consents.judge(USER, "notice", AT) is not None


def test_a_change_holds_for_the_next_verdict_of_the_same_millisecond() -> None:
    found = registries(OptedOut(AT, USER, NUMBER))
    assert found.optouts.judge(USER, NUMBER, "notice", AT) is not None
    found.apply(OptedIn(AT, USER, NUMBER))
    assert found.optouts.judge(USER, NUMBER, "notice", AT) is None


def test_each_event_reaches_its_registry() -> None:
    found = registries(
        ConsentWithdrawn(AT, USER),
        ListChanged(AT, "red", "13300000002", listed=True),
        NumberPorted(AT, "13300000003", "unicom"),
        Suspended(AT, 1, "police", "7.5", "party_b", "suspicion"),
        ReviewOpened(AT, 7, USER, NUMBER, "请不要再给我发短信了", "optout.review"),
    )
    assert found.consents.judge(USER, "notice", AT) is not None
    assert found.lists.judge("13300000002", "police", "", AT) is not None
    assert found.portability.carrier_of("13300000003", "telecom", AT) == "unicom"
    assert found.standing.suspended("police", NUMBER, "ordinary", AT) is not None
    assert [one.mo_id for one in found.reviews.waiting()] == [7]
    found.apply(SuspensionLifted(AT + 1.0, 1, "party_b", "explained"))
    assert found.standing.suspended("police", NUMBER, "ordinary", AT + 1.0) is None


def test_numbers_of_imports_go_on_after_those_on_record() -> None:
    found = registries(ImportOpened(AT, 4, "optouts"), ImportOpened(AT, 2, "lists"))
    assert [found.new_import(), found.new_import()] == [5, 6]


def test_an_import_reaches_the_registry_it_names() -> None:
    found = registries(ImportOpened(AT, 1, "optouts"))
    assert found.optouts.unfinished == (1,)
    assert found.consents.unfinished == ()


def test_what_changes_no_registry_is_passed_over() -> None:
    registries(submission())


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="suspension 9"):
        registries(SuspensionLifted(AT, 9, "party_b", "explained"))
