"""Hold the ledger: manual entry, overlapping cases, blocks, freezes, and being rebuilt."""

from __future__ import annotations

import math

import pytest

from metrics.breaches import BreachError, Order
from metrics.breaches.rows import ROWS
from routing.breach_events import (
    BreachEvent,
    BusinessResumed,
    BusinessStopped,
    CaseMoved,
    CaseOpened,
)
from routing.events import Outcome, Started
from tests.support.breaches import (
    ACCOUNT,
    DAY,
    OTHER_PORT,
    PORT,
    START,
    WHO,
    Desk,
    message,
    moment,
    terms,
)


@pytest.mark.parametrize("row", [n for n, row in ROWS.items() if row.detection == "person"])
def test_a_person_enters_what_no_traffic_shows(row: int) -> None:
    desk = Desk()
    case = desk.open(START, row, ports=(PORT,), first_at=START - DAY)
    assert (case.row, case.grade, case.first_at) == (row, ROWS[row].grade, START - DAY)
    assert desk.settle(START) == ()


def test_row_28_is_opened_at_the_grade_a_person_chooses() -> None:
    assert Desk().open(START, 28, grade="major").grade == "major"


def test_a_case_opened_by_hand_takes_the_evidence_that_has_none() -> None:
    desk = Desk()
    desk.ledger.unpaid(START - DAY, ACCOUNT, "INV-1")
    desk.settle(START - DAY)
    case = desk.open(START, 7)
    assert (case.first_at, case.evidence.references) == (START - DAY, ["INV-1"])
    assert desk.ledger.evidence() == ()


def test_a_second_case_of_a_row_has_evidence_of_its_own() -> None:
    desk = Desk()
    first, second = desk.open(START, 11), desk.open(START, 11)
    desk.happen(desk.ledger.sign(START, ACCOUNT, 11, who=WHO, why="seen", reference="D-1"))
    desk.settle(START)
    assert (first.evidence.references, second.evidence.references) == (["D-1"], [])
    desk.order(second.number, "confirm", START)
    desk.happen(desk.ledger.sign(START, ACCOUNT, 11, who=WHO, why="seen", reference="D-2"))
    desk.settle(START)
    desk.settle(START)
    assert first.evidence.references == ["D-1", "D-2"]


def test_a_sign_of_other_data_opens_a_case() -> None:
    desk = Desk()
    sign = desk.ledger.sign(
        START, ACCOUNT, 18, who=WHO, why="incident", ports=(PORT,), reference="I-1", message_id=7
    )
    desk.happen(sign)
    desk.settle(START)
    case = desk.ledger.cases[1]
    assert (case.row, case.ports, case.evidence.references) == (18, (PORT,), ["I-1"])


@pytest.mark.parametrize(
    ("row", "grade", "error"),
    [(0, "", "clause 7.3 has rows 1 to 28"), (16, "major", "allowed is serious")],
)
def test_a_row_or_grade_that_there_is_not_is_refused(row: int, grade: str, error: str) -> None:
    with pytest.raises(BreachError, match=error):
        Desk().open(START, row, grade=grade)


@pytest.mark.parametrize("missing", ["account", "who", "why"])
def test_an_entry_says_whom_it_concerns_who_made_it_and_why(missing: str) -> None:
    words = {"account": ACCOUNT, "who": WHO, "why": "seen", missing: " "}
    ledger = Desk().ledger
    account, who, why = words.values()
    with pytest.raises(BreachError, match=f"`{missing}` is empty"):
        ledger.open_case(START, account, 16, who=who, why=why)
    with pytest.raises(BreachError, match=f"`{missing}` is empty"):
        ledger.sign(START, account, 16, who=who, why=why)
    with pytest.raises(BreachError, match=f"`{missing}` is empty"):
        ledger.stop_at_once(START, account, "9.2", who=who, why=why)


def test_a_case_that_there_is_not_is_refused() -> None:
    with pytest.raises(BreachError, match="case 7: there are 0, numbered from 1"):
        Desk().ledger.order(7, Order("confirm", START, WHO, "seen"))


@pytest.mark.parametrize(
    ("event", "error"),
    [
        (CaseOpened(START, 2, ACCOUNT, 16, "serious", WHO, "seen"), "the next number is 1"),
        (CaseMoved(START, 1, "confirm", "confirmed", WHO, "seen"), "case 1: there are 0"),
        (BusinessStopped(START, 2, ACCOUNT, "9.2", WHO, "order"), "the next number is 1"),
        (BusinessResumed(START, 1, WHO, "settled"), "stop 1: there are 0"),
    ],
)
def test_events_out_of_turn_are_refused(
    event: CaseOpened | CaseMoved | BusinessStopped | BusinessResumed, error: str
) -> None:
    ledger = Desk().ledger
    with pytest.raises(BreachError, match=error):
        ledger.apply(event)


def test_events_that_concern_no_breach_are_passed_over() -> None:
    desk = Desk()
    empty = Desk()
    desk.happen(Started(START, 1, "0.1.0", 7, "normal", "henan"))
    assert desk.ledger.state() == empty.ledger.state()


def rectifying(desk: Desk, row: int, at: float = START, *ports: str) -> int:
    """Give the number of a case in rectification, the letter sent and arrived at `at`."""
    number = desk.confirmed(at, row, ports=ports or (PORT,)).number
    desk.order(number, "notice", at)
    desk.order(number, "deliver", at)
    return number


def passed(desk: Desk, number: int, at: float) -> None:
    desk.order(number, "submit", at)
    desk.order(number, "pass", at)


def test_of_overlapping_cases_the_longest_end_governs() -> None:
    desk = Desk()
    general, serious = rectifying(desk, 5), rectifying(desk, 16)
    passed(desk, serious, START + DAY)
    passed(desk, general, START + DAY)
    ends = [moment("2026-03-17 00:00:00"), moment("2026-04-02 00:00:00")]
    assert desk.ledger.blocked_until(ACCOUNT, PORT, START + DAY) == ends[1]
    desk.settle(ends[0])
    assert [desk.ledger.cases[n].state for n in (general, serious)] == ["closed", "confirmed_pass"]
    assert desk.ledger.blocked_until(ACCOUNT, PORT, ends[0]) == ends[1]
    assert desk.ledger.blocked_until(ACCOUNT, PORT, ends[1]) == 0.0


def test_only_the_ports_of_the_case_are_blocked() -> None:
    desk = Desk()
    rectifying(desk, 5)
    assert desk.ledger.blocked_until(ACCOUNT, PORT, START) == math.inf
    assert desk.ledger.blocked_until(ACCOUNT, OTHER_PORT, START) == 0.0
    assert desk.ledger.blocked_until("other", PORT, START) == 0.0


def test_all_ports_are_blocked_where_the_contract_is_read_so() -> None:
    desk = Desk(terms(block_scope="all_ports"))
    rectifying(desk, 5)
    assert desk.ledger.blocked_until(ACCOUNT, OTHER_PORT, START) == math.inf


def test_blocks_are_plain_tuples() -> None:
    desk = Desk()
    rectifying(desk, 5)
    why = "row 5: A message caused a user's complaint"
    end = moment("2026-03-17 00:00:00")
    (block,) = desk.ledger.blocks_at(START)
    expected = (ACCOUNT, (PORT,), START, math.inf, 1, "port_blocked", "7.3.1", why, end)
    assert block == expected


def test_applications_are_frozen_from_the_notice_until_the_block_ends() -> None:
    desk = Desk()
    case = desk.confirmed(START, 5, ports=(PORT,))
    assert desk.ledger.frozen_until(ACCOUNT, START) == 0.0
    desk.order(case.number, "notice", START)
    assert desk.ledger.frozen_until(ACCOUNT, START) == math.inf
    desk.order(case.number, "deliver", START)
    passed(desk, case.number, START + DAY)
    assert desk.ledger.frozen_until(ACCOUNT, START + DAY) == case.release_at
    assert desk.ledger.frozen_until(ACCOUNT, case.release_at) == 0.0
    assert desk.ledger.frozen_until("other", START + DAY) == 0.0


def test_a_major_breach_freezes_applications_for_six_months() -> None:
    desk = Desk()
    desk.confirmed(START, 23)
    end = moment("2026-09-03 00:00:00")
    assert desk.ledger.frozen_until(ACCOUNT, end - 0.001) == end
    assert desk.ledger.frozen_until(ACCOUNT, end) == 0.0


def test_signs_that_belong_to_no_case_can_be_listed() -> None:
    desk = Desk()
    desk.happen(message("scope", accepted=False), message("commercial", accepted=False))
    desk.settle(START)
    assert [found.row for found in desk.ledger.evidence()] == [16, 23]
    assert desk.ledger.evidence("other") == ()


def test_what_is_fresh_goes_to_the_case_before_it_is_confirmed() -> None:
    desk = Desk()
    for number in (1, 2):
        desk.happen(message("commercial", at=START, message_id=number))
        if number == 1:
            desk.settle(START)
    desk.order(1, "confirm", START)
    assert desk.ledger.cases[1].evidence.message_ids == [1, 2]
    assert desk.settle(START) == ()


def test_after_a_restart_a_message_under_way_still_becomes_a_breach() -> None:
    desk = Desk()
    desk.ledger.take_up(message("scope", message_id=7))
    desk.happen(Outcome(START, 7, 2, "000", "ok", "telecom"))
    desk.settle(START)
    assert desk.ledger.cases[1].row == 16


def test_unsubscriptions_that_fail_open_a_case() -> None:
    desk = Desk()
    desk.ledger.unsubscriptions(START, ACCOUNT, 5, 100)
    desk.settle(START)
    assert desk.ledger.cases[1].row == 2


def test_three_general_breaches_escalate_block_the_port_and_rectification_frees_it() -> None:
    """Play a contract's month: times are given, nothing depends on the clock of the machine."""
    desk = Desk()
    ledger = desk.ledger
    days = [moment(f"2026-03-0{day} 09:00:00") for day in (2, 4, 6)]
    for number, at in enumerate(days, 1):
        desk.happen(*[message(at=at)] * 500)
        desk.happen(message("impersonation", at=at, message_id=number))
        desk.settle(at)
        assert ledger.cases[number].row == 6
        desk.order(number, "confirm", at + 3600.0)
    assert ledger.blocks_at(days[2] + 3600.0) == ()

    found = moment("2026-03-06 12:00:00")
    desk.settle(found)
    escalated = ledger.cases[4]
    assert (escalated.row, escalated.grade, escalated.causes) == (9, "serious", (1, 2, 3))
    desk.order(4, "confirm", found)
    sent = moment("2026-03-07 10:00:00")
    desk.order(4, "notice", sent, reference="N-1")
    assert ledger.blocked_until(ACCOUNT, PORT, sent) == math.inf
    desk.order(4, "deliver", moment("2026-03-09 15:00:00"))

    desk.order(4, "submit", moment("2026-03-20 10:00:00"), reference="R-1")
    desk.order(4, "pass", moment("2026-03-21 10:00:00"))
    end = moment("2026-04-07 00:00:00")
    assert ledger.blocked_until(ACCOUNT, PORT, end - 0.001) == end
    assert ledger.frozen_until(ACCOUNT, end - 0.001) == end
    desk.settle(end)
    assert escalated.state == "closed"
    assert ledger.blocked_until(ACCOUNT, PORT, end) == 0.0
    assert ledger.frozen_until(ACCOUNT, end) == 0.0
    assert escalated.penalty_fen == 0

    again = Desk()
    again.happen(*desk.journal)
    assert again.ledger.state() == ledger.state()
    lasting = Desk()
    lasting.happen(*[event for event in desk.journal if isinstance(event, BreachEvent)])
    assert lasting.ledger.state() == ledger.state()
