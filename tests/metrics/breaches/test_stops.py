"""Hold immediate stops: their grounds, the line of a month's complaints, the automatic one."""

from __future__ import annotations

import math

import pytest

from metrics.breaches.cases import Block, BreachError
from metrics.breaches.stops import GROUNDS
from tests.support.breaches import ACCOUNT, DAY, PORT, START, WHO, Desk, moment, terms


def complained(desk: Desk, count: int, at: float = START) -> None:
    for number in range(count):
        desk.ledger.count_complaint(at, ACCOUNT, f"C{number}", ("monthly",))


def test_a_stop_blocks_without_a_notice_until_it_is_lifted() -> None:
    desk = Desk()
    desk.happen(
        desk.ledger.stop_at_once(
            START, ACCOUNT, "annex 1.13", who=WHO, why="promise", ports=(PORT,)
        )
    )
    expected = Block(
        ACCOUNT, (PORT,), START, math.inf, -1, "suspended", "annex 1.13", "promise", 0.0
    )
    assert desk.ledger.blocks_at(START + 99 * DAY) == (expected,)
    assert desk.ledger.blocks_at(START - 1.0) == ()
    desk.happen(desk.ledger.resume(1, START + DAY, who=WHO, why="settled"))
    assert desk.ledger.blocks_at(START + DAY - 1.0) != ()
    assert desk.ledger.blocks_at(START + DAY) == ()


def test_a_stop_needs_a_ground_of_the_contract() -> None:
    with pytest.raises(BreachError, match=r"ground '7\.3': allowed is 7\.2, 7\.7, 9\.2, annex"):
        Desk().ledger.stop_at_once(START, ACCOUNT, "7.3", who=WHO, why="seen")


def test_grounds_are_named_in_both_languages() -> None:
    assert all(en and zh for en, zh in GROUNDS.values())


def test_a_stop_is_lifted_once_and_not_before_it_began() -> None:
    desk = Desk()
    desk.happen(desk.ledger.stop_at_once(START, ACCOUNT, "9.2", who=WHO, why="order"))
    with pytest.raises(BreachError, match="stop 1: lifted at"):
        desk.ledger.resume(1, START - 1.0, who=WHO, why="settled")
    with pytest.raises(BreachError, match="stop 2: there are 1"):
        desk.ledger.resume(2, START, who=WHO, why="settled")
    desk.happen(desk.ledger.resume(1, START, who=WHO, why="settled"))
    with pytest.raises(BreachError, match=r"stop 1 was lifted at \d+ already"):
        desk.ledger.resume(1, START, who=WHO, why="settled")


@pytest.mark.parametrize(("count", "right"), [(99, False), (100, True), (101, True)])
def test_a_hundred_complaints_in_a_month_give_the_right_to_stop(count: int, right: bool) -> None:
    desk = Desk()
    complained(desk, count)
    assert desk.ledger.stop_right(ACCOUNT, START) is right
    assert desk.settle(START) == ()


def test_complaints_of_two_months_are_counted_apart() -> None:
    desk = Desk()
    complained(desk, 50, moment("2026-03-31 23:59:59"))
    complained(desk, 50, moment("2026-04-01 00:00:00"))
    assert not desk.ledger.stop_right(ACCOUNT, moment("2026-03-31 23:59:59"))
    assert not desk.ledger.stop_right(ACCOUNT, moment("2026-04-30 00:00:00"))


def test_the_stop_follows_by_itself_once_a_month_where_the_contract_is_read_so() -> None:
    desk = Desk(terms(monthly_auto_stop=True))
    complained(desk, 99)
    assert desk.settle(START) == ()
    complained(desk, 1)
    assert len(desk.settle(START)) == 1
    assert desk.ledger.stops[1].why == "100 complaints in 2026-03"
    assert desk.settle(START + 1.0) == ()
    desk.happen(desk.ledger.resume(1, START + DAY, who=WHO, why="settled"))
    assert desk.settle(START + DAY) == ()
    complained(desk, 100, START + 31 * DAY)
    assert len(desk.settle(START + 31 * DAY)) == 1
