"""Hold what may be ordered when, and what follows: dates, blocks, penalties, refusals."""

from __future__ import annotations

import math
from typing import Any

import pytest

from metrics.breaches.cases import BreachError, Case
from metrics.breaches.orders import Order
from tests.support.breaches import DAY, PORT, START, Desk, moment, terms

SENT = START + 3600.0
ARRIVED = START + 2 * DAY


def notified(row: int = 16, **figures: Any) -> tuple[Desk, Case]:
    """Give a confirmed case whose letter was sent and has arrived."""
    desk = Desk(terms(**figures))
    case = desk.confirmed(START, row, ports=(PORT,))
    desk.order(case.number, "notice", SENT)
    desk.order(case.number, "deliver", ARRIVED)
    return desk, case


@pytest.mark.parametrize(
    ("row", "last_day"), [(5, "2026-03-16"), (16, "2026-04-01")], ids=["general", "serious"]
)
def test_rectification_runs_from_the_day_of_sending(row: int, last_day: str) -> None:
    _desk, case = notified(row)
    assert case.state == "rectification"
    assert case.rectify_by == moment(f"{last_day} 00:00:00") + DAY


def test_rectification_can_run_from_the_letters_arrival() -> None:
    desk = Desk(terms(start="delivered"))
    case = desk.confirmed(START, 5, ports=(PORT,))
    desk.order(case.number, "notice", SENT)
    assert (case.rectify_by, desk.ledger.blocks_at(SENT)) == (0.0, ())
    desk.order(case.number, "deliver", ARRIVED)
    assert case.rectify_by == moment("2026-03-19 00:00:00")
    assert [block.since for block in desk.ledger.blocks_at(ARRIVED)] == [ARRIVED]


def test_the_block_is_on_while_the_letter_is_under_way_and_off_when_it_comes_back() -> None:
    desk = Desk()
    case = desk.confirmed(START, 5, ports=(PORT,))
    desk.order(case.number, "notice", SENT)
    assert desk.ledger.blocked_until("police", PORT, SENT) == math.inf
    desk.order(case.number, "return", ARRIVED)
    assert (case.state, case.rectify_by, desk.ledger.blocks_at(ARRIVED)) == ("confirmed", 0.0, ())


def test_a_letter_may_be_recorded_later_than_it_was_sent() -> None:
    desk = Desk()
    case = desk.confirmed(START, 5)
    desk.order(case.number, "notice", START + DAY, moment=SENT)
    assert (case.sent_at, case.rectify_by) == (SENT, moment("2026-03-17 00:00:00"))
    assert case.blocked_at == START + DAY


@pytest.mark.parametrize("when", [START - 1.0, START + DAY + 1.0])
def test_a_letter_is_sent_after_the_confirmation_and_not_in_the_future(when: float) -> None:
    desk = Desk()
    case = desk.confirmed(START, 5)
    with pytest.raises(BreachError, match=r"sent at \d+, allowed is from"):
        desk.order(case.number, "notice", START + DAY, moment=when)


def test_a_letter_arrives_after_it_was_sent() -> None:
    desk = Desk()
    case = desk.confirmed(START, 5)
    desk.order(case.number, "notice", SENT)
    with pytest.raises(BreachError, match=r"delivered at \d+, allowed is from \d+ \(it was sent\)"):
        desk.order(case.number, "deliver", ARRIVED, moment=SENT - 1.0)
    desk.order(case.number, "deliver", ARRIVED, moment=SENT)
    assert case.delivered_at == SENT


@pytest.mark.parametrize("form", ["fax", "email", ""])
def test_a_notice_in_another_form_than_a_letter_is_void(form: str) -> None:
    desk = Desk()
    case = desk.confirmed(START, 5)
    with pytest.raises(BreachError, match=r"only by letter \(clause 11\.9\.1\)"):
        desk.order(case.number, "notice", SENT, form=form)
    assert case.state == "confirmed"


def test_the_block_stays_after_the_last_day_until_party_b_confirms() -> None:
    desk, case = notified(5)
    desk.order(case.number, "submit", ARRIVED + DAY)
    late = case.rectify_by + 10 * DAY
    assert desk.settle(late) == ()
    assert desk.ledger.blocked_until("police", PORT, late) == math.inf
    desk.order(case.number, "pass", late)
    assert case.release_at == late
    assert desk.ledger.blocks_at(late) == ()
    desk.settle(late)
    assert case.state == "closed"


def test_an_early_pass_leaves_the_block_until_the_last_day_is_over() -> None:
    desk, case = notified(5)
    desk.order(case.number, "submit", ARRIVED + 1.0)
    desk.order(case.number, "pass", ARRIVED + DAY)
    end = moment("2026-03-17 00:00:00")
    assert desk.ledger.blocked_until("police", PORT, end - 0.001) == end
    assert desk.settle(end - 0.001) == ()
    assert desk.ledger.blocks_at(end) == ()
    desk.settle(end)
    assert case.state == "closed"


def test_an_early_release_ends_the_block_with_the_pass() -> None:
    desk, case = notified(5, early_release=True)
    desk.order(case.number, "submit", ARRIVED + 1.0)
    desk.order(case.number, "pass", ARRIVED + DAY)
    assert desk.ledger.blocks_at(ARRIVED + DAY) == ()
    desk.settle(ARRIVED + DAY)
    assert case.state == "closed"


def test_a_case_that_passed_cannot_be_closed_before_its_block_ends() -> None:
    desk, case = notified(5)
    desk.order(case.number, "submit", ARRIVED + 1.0)
    desk.order(case.number, "pass", ARRIVED + 2.0)
    with pytest.raises(BreachError, match="it can be closed from"):
        desk.order(case.number, "close", ARRIVED + 3.0)


def test_rectification_fails_only_after_its_last_day() -> None:
    desk, case = notified(5)
    with pytest.raises(BreachError, match="it can fail only afterwards"):
        desk.order(case.number, "fail", case.rectify_by - 0.001)
    desk.order(case.number, "fail", case.rectify_by)
    assert case.state == "failed"


def test_evidence_may_be_refused_and_given_again_even_after_failing() -> None:
    desk, case = notified(5)
    desk.order(case.number, "submit", ARRIVED + 1.0, reference="R-1")
    desk.order(case.number, "reject", ARRIVED + 2.0)
    desk.order(case.number, "fail", case.rectify_by)
    desk.order(case.number, "submit", case.rectify_by + 1.0)
    desk.order(case.number, "pass", case.rectify_by + 2.0)
    assert case.state == "confirmed_pass"
    assert case.penalty_fen == 0


@pytest.mark.parametrize(("row", "penalty_fen"), [(5, 1_000_000), (16, 5_000_000)])
def test_termination_after_failing_costs_the_grades_penalty(row: int, penalty_fen: int) -> None:
    desk, case = notified(row)
    desk.order(case.number, "fail", case.rectify_by)
    desk.order(case.number, "terminate", case.rectify_by + 1.0, report=True)
    assert (case.state, case.penalty_fen, case.reported) == ("terminated", penalty_fen, True)


def test_a_terminated_contract_lets_no_port_submit() -> None:
    desk, case = notified(5)
    desk.order(case.number, "fail", case.rectify_by)
    desk.order(case.number, "terminate", case.rectify_by)
    (block,) = desk.ledger.blocks_at(case.rectify_by)
    assert (block.ports, block.until, block.reason) == ((), math.inf, "not_in_force")
    assert (block.clause, block.due) == ("7.3.1", 0.0)


def test_confirming_a_major_breach_stops_the_business_at_once() -> None:
    desk = Desk()
    case = desk.confirmed(START, 23, ports=(PORT,))
    (block,) = desk.ledger.blocks_at(START)
    assert (case.state, block.reason, block.ports) == ("stopped", "suspended", (PORT,))
    assert (block.clause, block.due) == ("7.3.3", case.frozen_until)
    assert [event.action for event in desk.journal[1:]] == ["confirm", "stop"]  # type: ignore[attr-defined]  # steps of the case
    assert case.frozen_until == moment("2026-09-03 00:00:00")


def test_a_major_breach_ends_by_release_after_the_freeze() -> None:
    desk = Desk()
    case = desk.confirmed(START, 23, ports=(PORT,))
    with pytest.raises(BreachError, match="it can be closed from"):
        desk.order(case.number, "close", case.frozen_until - 1.0)
    desk.order(case.number, "close", case.frozen_until)
    assert (case.state, desk.ledger.blocks_at(case.frozen_until)) == ("closed", ())


def test_early_release_lets_a_stopped_business_go_on_but_keeps_the_freeze() -> None:
    desk = Desk(terms(early_release=True))
    case = desk.confirmed(START, 23)
    desk.order(case.number, "close", START + DAY)
    assert desk.ledger.blocks_at(START + DAY) == ()
    assert desk.ledger.frozen_until("police", START + DAY) == moment("2026-09-03 00:00:00")


def test_a_major_breach_may_end_the_contract() -> None:
    desk = Desk()
    case = desk.confirmed(START, 23)
    desk.order(case.number, "terminate", START + 1.0)
    assert (case.penalty_fen, case.reported) == (10_000_000, False)


def test_a_breach_is_either_rectified_or_stopped_by_its_grade() -> None:
    desk = Desk()
    case = desk.confirmed(START, 5)
    with pytest.raises(BreachError, match="a general breach is rectified, not stopped"):
        desk.order(case.number, "stop", SENT)
    case.grade = "major"
    with pytest.raises(BreachError, match="a major breach has no rectification; stop it"):
        desk.order(case.number, "notice", SENT)
    desk.order(case.number, "stop", SENT)
    assert case.state == "stopped"


def test_a_suspension_asks_for_an_explanation_within_five_days() -> None:
    desk = Desk()
    case = desk.open(START, 16, ports=(PORT,))
    desk.order(case.number, "suspend", START)
    (block,) = desk.ledger.blocks_at(START)
    assert (block.reason, block.ports, block.until) == ("suspended", (PORT,), math.inf)
    assert case.explain_by == moment("2026-03-08 00:00:00")
    assert (block.clause, block.due) == ("7.5", case.explain_by)


def test_an_explanation_that_convinces_lifts_the_suspension() -> None:
    desk = Desk()
    case = desk.open(START, 16)
    desk.order(case.number, "suspend", START)
    desk.order(case.number, "explain", SENT)
    assert desk.ledger.blocks_at(SENT) != ()
    desk.order(case.number, "dismiss", ARRIVED)
    assert (case.state, desk.ledger.blocks_at(ARRIVED)) == ("dismissed", ())


def test_a_suspension_stays_until_the_block_of_rectification_takes_its_place() -> None:
    desk = Desk()
    case = desk.open(START, 16, ports=(PORT,))
    desk.order(case.number, "suspend", START)
    desk.order(case.number, "confirm", SENT)
    assert [block.reason for block in desk.ledger.blocks_at(SENT)] == ["suspended"]
    desk.order(case.number, "notice", SENT)
    assert [block.reason for block in desk.ledger.blocks_at(SENT)] == ["port_blocked"]


def test_without_an_explanation_in_time_the_contract_may_end_without_penalty() -> None:
    desk = Desk()
    case = desk.open(START, 16)
    desk.order(case.number, "suspend", START)
    with pytest.raises(BreachError, match="party A may explain itself until"):
        desk.order(case.number, "terminate", case.explain_by - 0.001)
    desk.order(case.number, "terminate", case.explain_by)
    assert (case.state, case.penalty_fen) == ("terminated", 0)
    (block,) = desk.ledger.blocks_at(case.explain_by)
    assert (block.reason, block.clause) == ("not_in_force", "7.5")


def test_row_28_is_confirmed_at_the_grade_a_person_chooses() -> None:
    desk = Desk()
    case = desk.open(START, 28)
    desk.order(case.number, "confirm", START, grade="serious")
    assert (case.grade, case.state) == ("serious", "confirmed")


def test_another_row_cannot_be_confirmed_at_another_grade() -> None:
    desk = Desk()
    case = desk.open(START, 5)
    with pytest.raises(BreachError, match="grade 'major' was chosen, allowed is general"):
        desk.order(case.number, "confirm", START, grade="major")


@pytest.mark.parametrize(("row", "to"), [(5, 8), (1, 5), (8, 1), (8, 8), (22, 22)])
def test_only_service_without_consent_is_raised_and_only_upwards(row: int, to: int) -> None:
    desk = Desk()
    case = desk.open(START, row)
    with pytest.raises(BreachError, match=f"row {row} can't become row {to}"):
        desk.order(case.number, "raise", START, row=to)


def test_raising_changes_row_and_grade() -> None:
    desk = Desk()
    case = desk.open(START, 1)
    desk.order(case.number, "raise", START, row=22)
    assert (case.row, case.grade, case.state) == (22, "major", "suspected")


def test_a_step_that_the_state_does_not_allow_names_state_and_steps() -> None:
    desk = Desk()
    case = desk.open(START, 5)
    with pytest.raises(
        BreachError,
        match="case 1 is suspected: pass is not allowed, only suspend, confirm, dismiss, raise",
    ):
        desk.order(case.number, "pass", START)
    desk.order(case.number, "dismiss", START)
    with pytest.raises(BreachError, match="only nothing, it has ended"):
        desk.order(case.number, "confirm", START)


@pytest.mark.parametrize("at", [START - 1.0, math.nan])
def test_a_step_is_not_before_the_last_one(at: float) -> None:
    desk = Desk()
    case = desk.open(START, 5)
    with pytest.raises(BreachError, match="is before the case's last step"):
        desk.order(case.number, "confirm", at)


def test_an_order_says_who_and_why() -> None:
    desk = Desk()
    desk.open(START, 5)
    with pytest.raises(BreachError, match="confirm needs `why`, it was empty"):
        desk.ledger.order(1, Order("confirm", START, "operator", " "))
    with pytest.raises(BreachError, match="confirm needs `who`, it was empty"):
        desk.ledger.order(1, Order("confirm", START, "", "seen"))


def test_an_order_changes_nothing_until_its_events_are_applied() -> None:
    desk = Desk()
    case = desk.open(START, 5)
    desk.ledger.order(1, Order("confirm", START, "operator", "seen"))
    assert (case.state, len(case.history)) == ("suspected", 1)
