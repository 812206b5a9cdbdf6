"""Hold what follows by itself: cases for evidence, escalations, raises, releases."""

from __future__ import annotations

import pytest

from metrics.breaches.consequences import SYSTEM
from routing.breach_events import CaseMoved, CaseOpened
from routing.event import Event
from tests.support.breaches import (
    ACCOUNT,
    DAY,
    OTHER_PORT,
    PORT,
    START,
    Desk,
    message,
    terms,
)


def opened(events: tuple[Event, ...]) -> list[tuple[int, int]]:
    return [(event.case, event.row) for event in events if isinstance(event, CaseOpened)]


def test_a_breach_opens_a_case_and_a_warning_none() -> None:
    desk = Desk()
    desk.happen(message("commercial", accepted=False))
    assert desk.settle(START) == ()
    desk.happen(message("commercial", message_id=7))
    (event,) = desk.settle(START + 1.0)
    assert isinstance(event, CaseOpened)
    assert (event.case, event.account, event.row, event.grade) == (1, ACCOUNT, 23, "major")
    assert (event.who, event.ports, event.first_at) == (SYSTEM, (PORT,), START)
    assert desk.ledger.cases[1].evidence.message_ids == [7]


def test_what_followed_once_follows_no_more() -> None:
    desk = Desk()
    desk.happen(message("commercial", "scope", "no_consent"))
    assert desk.ledger.due(START) == desk.ledger.due(START)
    desk.settle(START)
    assert desk.ledger.due(START) == ()


def test_only_the_gravest_row_of_a_message_opens_a_case() -> None:
    desk = Desk()
    desk.happen(message("commercial", "signature_missing"))
    assert opened(desk.settle(START)) == [(1, 23)]
    beside = [(found.row, found.breaches) for found in desk.ledger.evidence()]
    assert beside == [(21, 1)]


def test_further_breaches_join_the_suspicion_and_later_ones_open_the_next_case() -> None:
    desk = Desk()
    for number in (1, 2):
        desk.happen(message("commercial", at=START + number, message_id=number))
        desk.settle(START + number)
    assert (len(desk.ledger.cases), desk.ledger.cases[1].evidence.breaches) == (1, 2)
    desk.order(1, "confirm", START + 3)
    desk.happen(message("commercial", at=START + 4, message_id=3))
    assert opened(desk.settle(START + 5)) == [(2, 23)]
    assert desk.ledger.cases[1].evidence.message_ids == [1, 2]
    assert desk.ledger.cases[2].evidence.message_ids == [3]


def test_an_unpaid_invoice_opens_a_case_only_where_the_contract_is_read_so() -> None:
    for automatic in (False, True):
        desk = Desk(terms(row7_auto=automatic))
        desk.ledger.unpaid(START, ACCOUNT, "INV-1")
        assert opened(desk.settle(START)) == ([(1, 7)] if automatic else [])


@pytest.mark.parametrize(("count", "row"), [(1000, 1), (1001, 8), (10001, 22)])
def test_complaints_open_the_case_of_their_number(count: int, row: int) -> None:
    desk = Desk()
    for number in range(count):
        desk.ledger.count_complaint(START, ACCOUNT, f"C{number}", ("no_consent",))
    assert opened(desk.settle(START)) == [(1, row)]


def test_further_complaints_raise_a_suspicion() -> None:
    desk = Desk(terms(consent_serious=1, consent_major=2))
    seen = []
    for number in range(1, 4):
        desk.ledger.count_complaint(START, ACCOUNT, f"C{number}", ("no_consent",))
        desk.settle(START + number)
        seen.append((desk.ledger.cases[1].row, desk.ledger.cases[1].grade))
    assert seen == [(1, "general"), (8, "serious"), (22, "major")]
    last = desk.journal[-1]
    assert isinstance(last, CaseMoved)
    assert (last.who, last.why) == (SYSTEM, "3 complaints of users who had not agreed")
    assert len(desk.ledger.cases) == 1


def test_a_confirmed_case_is_not_raised_but_followed_by_another() -> None:
    desk = Desk(terms(consent_serious=1))
    desk.ledger.count_complaint(START, ACCOUNT, "C1", ("no_consent",))
    desk.settle(START)
    desk.order(1, "confirm", START)
    desk.ledger.count_complaint(START, ACCOUNT, "C2", ("no_consent",))
    assert opened(desk.settle(START)) == [(2, 8)]
    assert desk.ledger.cases[1].row == 1


def test_three_general_cases_open_one_of_row_9_with_their_ports() -> None:
    desk = Desk()
    for number, port in enumerate((PORT, OTHER_PORT, PORT)):
        desk.confirmed(START + number * DAY, 5, ports=(port,))
    (event,) = desk.settle(START + 3 * DAY)
    assert isinstance(event, CaseOpened)
    assert (event.row, event.grade, event.causes) == (9, "serious", (1, 2, 3))
    assert (event.ports, event.first_at) == ((PORT, OTHER_PORT), START)
    assert desk.settle(START + 4 * DAY) == ()


def test_a_case_of_all_ports_makes_the_escalation_one_of_all_ports() -> None:
    desk = Desk()
    for ports in ((PORT,), (), (PORT,)):
        desk.confirmed(START, 5, ports=ports)
    (event,) = desk.settle(START)
    assert isinstance(event, CaseOpened)
    assert event.ports == ()


def test_two_serious_cases_open_one_of_row_25() -> None:
    desk = Desk()
    desk.confirmed(START, 16)
    desk.confirmed(START, 13)
    assert opened(desk.settle(START)) == [(3, 25)]


def test_a_dismissed_escalation_does_not_come_back() -> None:
    desk = Desk()
    desk.confirmed(START, 16)
    desk.confirmed(START, 13)
    desk.settle(START)
    desk.order(3, "dismiss", START)
    assert desk.settle(START + DAY) == ()


def test_an_escalation_rests_on_the_evidence_of_its_cases() -> None:
    desk = Desk()
    for number in range(1, 4):
        desk.happen(message("impersonation", at=START + number, message_id=number))
        desk.happen(*[message(at=START + number)] * 200)
        desk.settle(START + number)
        desk.order(number, "confirm", START + number)
    desk.settle(START + 9)
    case = desk.ledger.cases[4]
    assert (case.row, case.evidence.breaches, case.evidence.message_ids) == (9, 3, [1, 2, 3])
    assert (case.evidence.first_at, case.evidence.last_at) == (START + 1, START + 3)
    assert case.blocked_ports(desk.ledger.terms.figures) == (PORT,)


def test_a_day_on_a_large_scale_opens_a_case_once() -> None:
    desk = Desk()
    for number in range(1000):
        desk.happen(message("impersonation", message_id=number + 1))
    assert opened(desk.settle(START)) == [(1, 6), (2, 9)]
    desk.happen(message("impersonation", message_id=2000))
    assert desk.settle(START + DAY) == ()
    case = desk.ledger.cases[2]
    assert (case.evidence.breaches, case.ports) == (1000, (PORT,))
    desk.order(2, "dismiss", START + DAY)
    assert desk.settle(START + DAY) == ()


def test_a_days_share_opens_its_case_when_the_day_is_over() -> None:
    desk = Desk()
    desk.happen(message("impersonation", message_id=1), *[message()] * 99)
    assert opened(desk.settle(START)) == [(1, 6)]
    assert opened(desk.settle(START + DAY)) == [(2, 9)]


def test_releases_are_steps_of_the_system() -> None:
    desk = Desk(terms(general_days=0))
    case = desk.confirmed(START, 5)
    for action in ("notice", "deliver", "submit", "pass"):
        desk.order(1, action, START)
    assert desk.settle(case.release_at - 1.0) == ()
    (event,) = desk.settle(case.release_at)
    assert isinstance(event, CaseMoved)
    assert (event.who, event.action, event.state) == (SYSTEM, "close", "closed")
