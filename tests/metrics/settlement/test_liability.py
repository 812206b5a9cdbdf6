"""Test the limit of party B's liability."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from config.interpretation import LiabilityRules
from metrics.settlement.amounts import SettlementError
from metrics.settlement.late_fees import Payment
from metrics.settlement.liability import Fees, cap_fen, latest_fees, liable_fen

MONTHS = {date(2024, 6, 1): 600, date(2024, 7, 1): 700, date(2024, 8, 1): 800}


@pytest.mark.parametrize(
    ("keys", "fees", "cap"),
    [
        ({}, Fees(500, 700), 500),
        ({}, Fees(0, 700), 700),
        ({"cap_base": "collected"}, Fees(0, 700), 0),
        ({"cap_base": "accrued"}, Fees(500, 700), 700),
        ({"cap_share": "0.5"}, Fees(501, 700), 250),
    ],
)
def test_the_cap_is_taken_of_the_fees_that_the_contract_is_read_to_mean(
    keys: dict[str, Any], fees: Fees, cap: int
) -> None:
    assert cap_fen(LiabilityRules(**keys), fees) == cap


@pytest.mark.parametrize(
    ("on", "accrued"),
    [
        (date(2024, 8, 1), 700),
        (date(2024, 8, 31), 700),
        (date(2024, 9, 1), 800),
        (date(2024, 6, 30), 0),
    ],
)
def test_accrued_are_the_fees_of_the_latest_month_that_is_over(on: date, accrued: int) -> None:
    assert latest_fees(LiabilityRules(), [], MONTHS, on).accrued_fen == accrued


@pytest.mark.parametrize(("months", "accrued"), [(0, 0), (2, 1500), (9, 2100)])
def test_the_number_of_months_is_the_contracts(months: int, accrued: int) -> None:
    rules = LiabilityRules(cap_months=months)
    assert latest_fees(rules, [], MONTHS, date(2024, 9, 1)).accrued_fen == accrued


def test_collected_are_the_fees_paid_in_the_month_up_to_the_day() -> None:
    payments = [
        Payment(date(2024, 7, 31), 1),
        Payment(date(2024, 8, 1), 10),
        Payment(date(2024, 8, 31), 100),
        Payment(date(2024, 9, 1), 1000),
        Payment(date(2024, 8, 15), 10_000, "", "late_fee"),
    ]
    found = latest_fees(LiabilityRules(), payments, MONTHS, date(2024, 8, 31))
    assert found.collected_fen == 110


def test_a_claim_is_met_up_to_the_cap() -> None:
    assert liable_fen(LiabilityRules(), 400, 500) == 400
    assert liable_fen(LiabilityRules(), 600, 500, rebate_fen=200) == 500


def test_the_rebate_uses_up_the_cap_where_the_contract_is_read_so() -> None:
    rules = LiabilityRules(cap_includes_rebate=True)
    assert liable_fen(rules, 600, 500, rebate_fen=200) == 300
    assert liable_fen(rules, 600, 500, rebate_fen=700) == 0


def test_a_claim_below_zero_is_refused() -> None:
    with pytest.raises(SettlementError, match="claim: -1 fen, at least 0"):
        liable_fen(LiabilityRules(), -1, 5)
