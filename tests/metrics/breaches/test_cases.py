"""Hold the machine of a case: its table is closed, and a case changes by its table alone."""

from __future__ import annotations

import pytest

from config.interpretation import Breach
from metrics.breaches.cases import (
    ACTIONS,
    ENDED,
    MOVES,
    BreachError,
    Case,
    Figures,
    action_of,
    opened,
)
from metrics.breaches.evidence import Evidence
from routing.breach_events import CaseMoved, CaseOpened

PORT = "106590990371"
FIGURES = Figures(Breach())


def case(row: int = 16, ports: tuple[str, ...] = (PORT,)) -> Case:
    event = CaseOpened(10.0, 1, "police", row, "", "operator", "seen", ports)
    return opened(event, Evidence("police", row))


def test_every_move_leads_to_a_state_of_the_table() -> None:
    reached = {state for moves in MOVES.values() for state in moves.values()}
    assert reached - MOVES.keys() == set()
    assert MOVES.keys() - reached == set()


def test_every_action_is_used_and_known() -> None:
    assert {action for moves in MOVES.values() for action in moves} == set(ACTIONS)


def test_a_case_ends_only_where_nothing_is_allowed_any_more() -> None:
    assert {state for state, moves in MOVES.items() if not moves} == ENDED


def test_every_state_leads_to_an_end() -> None:
    ending = set(ENDED)
    for _round in MOVES:
        ending |= {state for state, moves in MOVES.items() if ending & set(moves.values())}
    assert ending == set(MOVES)


def test_a_case_begins_as_its_event_says() -> None:
    made = case()
    assert (made.state, made.grade, made.opened_at, made.first_at) == (
        "suspected", "serious", 10.0, 10.0,
    )  # fmt: skip
    assert made.history[0].at == 10.0


def test_a_step_is_kept_with_who_and_why() -> None:
    made = case()
    step = CaseMoved(11.0, 1, "suspend", "suspended", "operator", "complaints", until=99.0)
    made.apply(step)
    assert (made.state, made.moved_at, made.explain_by) == ("suspended", 11.0, 99.0)
    assert made.history[-1] is step


def test_a_step_that_leads_elsewhere_is_refused() -> None:
    made = case()
    with pytest.raises(BreachError, match="dismiss leads to dismissed, the event says 'closed'"):
        made.apply(CaseMoved(11.0, 1, "dismiss", "closed", "operator", "seen"))
    assert (made.state, len(made.history)) == ("suspected", 1)


def test_a_step_that_the_state_does_not_know_is_refused() -> None:
    made = case()
    with pytest.raises(BreachError, match="case 1 is suspected: close is not allowed"):
        made.apply(CaseMoved(11.0, 1, "close", "closed", "operator", "seen"))
    with pytest.raises(BreachError, match="bribe is not allowed"):
        action_of("bribe", made)


def test_ports_of_the_evidence_come_to_those_named() -> None:
    made = case()
    assert made.blocked_ports(FIGURES) == (PORT,)
    made.evidence.breach(1.0, ("1065909903",))
    assert made.blocked_ports(FIGURES) == ("1065909903", PORT)


def test_all_ports_are_blocked_where_they_cannot_be_told_apart() -> None:
    made = case()
    made.evidence.breach(1.0, ())
    assert made.blocked_ports(FIGURES) == ()


def test_all_ports_are_blocked_where_the_contract_is_read_so() -> None:
    assert case().blocked_ports(Figures(Breach(block_scope="all_ports"))) == ()


def test_a_suspicion_blocks_nothing() -> None:
    assert case().block(FIGURES) is None


def test_figures_follow_the_grade() -> None:
    assert [FIGURES.days(grade) for grade in ("general", "serious")] == [14, 30]
    penalties = [FIGURES.penalty_fen(grade) for grade in ("general", "serious", "major")]
    assert penalties == [1_000_000, 5_000_000, 10_000_000]


@pytest.mark.parametrize(
    ("row", "suspected", "confirmed"),
    [
        (16, ("suspend", "confirm", "dismiss"), ("notice", "dismiss")),
        (1, ("suspend", "confirm", "dismiss", "raise"), ("notice", "dismiss")),
        (22, ("suspend", "confirm", "dismiss"), ("stop", "dismiss")),
    ],
)
def test_actions_are_those_of_the_state_that_row_and_grade_allow(
    row: int, suspected: tuple[str, ...], confirmed: tuple[str, ...]
) -> None:
    made = case(row)
    assert made.actions == suspected
    made.apply(CaseMoved(11.0, 1, "confirm", "confirmed", "op", "proved", grade=made.grade))
    assert made.actions == confirmed
