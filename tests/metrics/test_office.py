from __future__ import annotations

import pytest

from config.contract import Contract
from config.loader import load_settings
from metrics.office import Office
from routing.breach_events import CaseOpened
from routing.event import Event
from routing.office_events import (
    ComplaintMoved,
    ComplaintReceived,
    IncidentMoved,
    IncidentOpened,
)

NOON = 1_800_000_000.0


def _contract() -> Contract:
    return load_settings(None, {}, {}).contract


def _office() -> Office:
    return Office(_contract(), port_of=lambda _account, sender: sender, refuses=lambda _text: False)


def _complaint(number: int, at: float = NOON) -> ComplaintReceived:
    return ComplaintReceived(
        at, number, "police", "10000", "no_consent", "unclear", "party_b", "op",
        ports=("106590990371",),
    )  # fmt: skip


def _settle(office: Office, at: float) -> list[Event]:
    found: list[Event] = []
    while events := office.due(at):
        for event in events:
            office.apply(event)
        found += events
    return found


def test_an_entry_that_cant_be_is_refused_before_it_is_recorded() -> None:
    office = _office()
    with pytest.raises(ValueError, match=r"complaint: number 2, the next one is 1"):
        office.check(_complaint(2))
    assert office.complaints.complaints == {}


def test_a_complaint_feeds_each_line_once_when_its_state_lets_it() -> None:
    office = _office()
    office.apply(_complaint(1))
    assert {row for _account, row, _day, _by in office.ledger.facts.fresh} == {1}
    verify = ComplaintMoved(NOON + 60, 1, "verify", "op", attribution="party_a")
    office.apply(verify)
    fresh = office.ledger.facts.fresh.values()
    assert sorted((one.row, one.breaches) for one in fresh) == [(1, 1), (5, 1)]


def test_the_same_events_make_the_same_office() -> None:
    one, other = _office(), _office()
    events: list[Event] = [_complaint(1), _complaint(2, NOON + 1)]
    for event in events:
        one.apply(event)
    events += _settle(one, NOON + 2)
    for event in events:
        other.apply(event)
    assert other.ledger.state() == one.ledger.state()
    assert other.complaints == one.complaints


def test_a_stop_stands_in_the_way_at_once_a_suspected_case_does_not() -> None:
    office = _office()
    ledger = office.ledger
    opened = ledger.open_case(NOON, "police", 12, who="op", why="press", ports=("106590990371",))
    office.apply(opened)
    assert office.holds(NOON) == ()
    office.apply(ledger.stop_at_once(NOON, "police", "annex 1.13", who="op", why="promise broken"))
    (hold,) = office.holds(NOON)
    assert (hold.name, hold.reason, hold.clause) == ("stop 1", "suspended", "annex 1.13")


def _failure(cause: str) -> IncidentOpened:
    return IncidentOpened(
        NOON, 1, "police", "party_a", "security", True, "op", "a flood", NOON - 60, cause
    )


def _rows(office: Office) -> list[tuple[int, str]]:
    return sorted((one.row, one.references[0]) for one in office.ledger.facts.fresh.values())


@pytest.mark.parametrize(("cause", "row"), [("third_party", 18), ("malicious", 26)])
def test_an_incident_that_brought_the_network_down_is_a_sign(cause: str, row: int) -> None:
    office = _office()
    office.apply(_failure(cause))
    assert _rows(office) == [(row, "incident 1")]
    (opened,) = [one for one in _settle(office, NOON + 1) if isinstance(one, CaseOpened)]
    assert (opened.row, opened.first_at) == (row, NOON - 60)


def test_a_cause_said_later_is_a_sign_once() -> None:
    office = _office()
    office.apply(_failure(""))
    assert _rows(office) == []
    for at, cause in ((1, "unproven"), (2, "malicious"), (3, "third_party")):
        office.apply(IncidentMoved(NOON + at, 1, "attribute", "op", "proof", cause=cause))
    assert _rows(office) == [(18, "incident 1"), (26, "incident 1")]
    assert [one.breaches for one in office.ledger.facts.fresh.values()] == [1, 1]


def test_the_sign_of_an_incident_is_found_again() -> None:
    one, other = _office(), _office()
    events: list[Event] = [_failure("third_party")]
    one.apply(events[0])
    events += _settle(one, NOON + 2)
    for event in events:
        other.apply(event)
    assert other.ledger.state() == one.ledger.state()
