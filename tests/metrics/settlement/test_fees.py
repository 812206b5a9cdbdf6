"""Test what is charged for each month, service and direction."""

from __future__ import annotations

from datetime import date

import pytest

from config.interpretation import Pricing
from metrics.settlement.amounts import SettlementError
from metrics.settlement.fees import Count, Line, charge
from metrics.settlement.free_month import FreeMonth

from .samples import PERIOD, month

PRICING = Pricing()


def test_each_direction_has_its_price() -> None:
    found = charge(
        PERIOD,
        [Count(month(6), "ordinary", "mt", 100), Count(month(6), "ordinary", "mo", 10)],
        Pricing(mt_fen=3, mo_fen=4),
    )
    assert [line.fee_fen for line in found[:2]] == [300, 40]


def test_every_month_service_and_direction_has_a_line_in_order() -> None:
    found = charge(PERIOD, [Count(month(7), "instant", "mo", 5)], PRICING)
    assert len(found) == 6 * 2 * 2
    assert [(line.month, line.service, line.direction) for line in found[4:8]] == [
        (month(7), "ordinary", "mt"),
        (month(7), "ordinary", "mo"),
        (month(7), "instant", "mt"),
        (month(7), "instant", "mo"),
    ]
    assert found[7] == Line(month(7), "instant", "mo", 5, 0, 3)
    assert sum(line.fee_fen for line in found) == 15


def test_a_service_that_is_not_contracted_has_lines_only_with_units() -> None:
    some = [Count(month(6), "instant", "mt", 1)]
    assert len(charge(PERIOD, [], PRICING, services=["ordinary"])) == 12
    assert len(charge(PERIOD, some, PRICING, services=["ordinary"])) == 24


def test_a_free_month_costs_nothing_in_either_direction() -> None:
    free = FreeMonth(date(2024, 8, 1), date(2024, 8, 31))
    units = [
        Count(month(8), "ordinary", "mt", 100),
        Count(month(8), "ordinary", "mo", 10, 10),
        Count(month(9), "ordinary", "mt", 1),
    ]
    found = charge(PERIOD, units, PRICING, free_month=free)
    assert sum(line.free for line in found) == 110
    assert sum(line.fee_fen for line in found) == 3


def test_a_month_that_is_free_in_part_needs_its_free_units() -> None:
    free = FreeMonth(date(2024, 8, 10), date(2024, 9, 8))
    units = [Count(month(8), "ordinary", "mt", 100, 60)]
    with pytest.raises(SettlementError, match="2024-08-01 ordinary mt: free units not given, 0 to"):
        charge(PERIOD, [Count(month(8), "ordinary", "mt", 100)], PRICING, free_month=free)
    with pytest.raises(SettlementError, match="free units 101, 0 to 100 allowed"):
        charge(PERIOD, [units[0]._replace(free=101)], PRICING, free_month=free)
    assert sum(line.fee_fen for line in charge(PERIOD, units, PRICING, free_month=free)) == 120


def test_units_are_not_free_where_the_month_is_not() -> None:
    with pytest.raises(SettlementError, match="free units 1, 0 to 0 allowed"):
        charge(PERIOD, [Count(month(8), "ordinary", "mt", 100, 1)], PRICING)
    free = FreeMonth(date(2024, 8, 1), date(2024, 8, 31))
    with pytest.raises(SettlementError, match="free units 99, 100 to 100 allowed"):
        charge(PERIOD, [Count(month(8), "ordinary", "mt", 100, 99)], PRICING, free_month=free)


def test_counts_that_cannot_be_are_refused() -> None:
    one = Count(month(6), "ordinary", "mt", 1)
    with pytest.raises(SettlementError, match="counted twice"):
        charge(PERIOD, [one, one], PRICING)
    with pytest.raises(SettlementError, match="-1 successful, at least 0"):
        charge(PERIOD, [one._replace(successful=-1)], PRICING)
    with pytest.raises(SettlementError, match="2024-12-01 ordinary mt: the period 2024-06-01"):
        charge(PERIOD, [one._replace(month=month(12))], PRICING)
