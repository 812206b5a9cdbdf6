"""Test the settlement of a period against a worked example, to the fen, in every reading."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.settlement.amounts import SettlementError, share_text
from metrics.settlement.fees import Count
from metrics.settlement.free_month import FreeMonth
from metrics.settlement.quality import Failures, Measured, Observed, Results, judge
from metrics.settlement.settlement import Adjustment, Settlement, adjustment_between, settle

from .samples import CONTRACT, MEASURED, PERIOD, counts, judged, month, read


def example(
    complaints: int = 14, failures: Failures = "carrier", **tables: dict[str, Any]
) -> Settlement:
    contract = read(**tables)
    found = judge(contract.sla, Observed(MEASURED, complaints), failures)
    return settle(contract, PERIOD, counts(), found)


def test_the_worked_example_is_settled_to_the_fen() -> None:
    found = example()
    assert found.success_fee_fen == 3_786_900
    assert found.quality.base == 1_282_500
    success = found.quality.success_rate
    assert success is not None
    assert share_text(success) == "0.98424951"
    assert share_text(found.quality.failure_rate) == "0.01575048"
    assert not found.quality.met
    assert found.rebate_fen == 59_646
    assert found.payable_fen == 3_727_254


@pytest.mark.parametrize(
    ("complaints", "sla", "rebate_fen"),
    [
        (8, {}, 0),
        (8, {"logic": "and"}, 59_646),
        (14, {"logic": "rate_only"}, 59_646),
        (8, {"logic": "complaints_only"}, 0),
        (14, {"logic": "complaints_only"}, 59_646),
        (14, {"base": "attempts"}, 58_843),
        (14, {"base": "accepted"}, 58_843),
        (14, {"directions": "mt"}, 59_026),
        (14, {"directions": "mo"}, 0),
        (14, {"success_rate": "0.98"}, 0),
        (14, {"complaints": 14}, 0),
    ],
)
def test_each_reading_has_its_rebate(complaints: int, sla: dict[str, Any], rebate_fen: int) -> None:
    found = example(complaints, sla=sla)
    assert found.rebate_fen == rebate_fen
    assert found.payable_fen == 3_786_900 - rebate_fen


def test_all_failures_of_the_default_base_are_those_that_party_b_answers_for() -> None:
    assert example(failures="all").rebate_fen == 59_646
    assert example(failures="all", sla={"base": "attempts"}).rebate_fen == 109_820


def test_the_uplink_alone_is_rebated_on_the_uplink_fee() -> None:
    found = example(sla={"directions": "mo", "success_rate": "0.999"})
    assert found.rebate_fen == 598, "149,400 fen x 200/50,000 is 597.6"


def test_a_free_month_is_measured_and_not_charged() -> None:
    free = FreeMonth(date(2024, 8, 1), date(2024, 8, 31))
    found = settle(CONTRACT, PERIOD, counts(), judged(), free_month=free)
    august = sum(count.successful for count in counts() if count.month == month(8))
    assert found.month_fee_fen(month(8)) == 0
    assert found.success_fee_fen == 3_786_900 - 3 * august
    assert found.quality.base == 1_282_500
    assert found.free_month == free


def test_a_free_month_of_another_period_is_not_named() -> None:
    free = FreeMonth(date(2025, 1, 1), date(2025, 1, 31))
    found = settle(CONTRACT, PERIOD, counts(), judged(), free_month=free)
    assert found.free_month is None
    assert found.success_fee_fen == 3_786_900


@pytest.mark.parametrize(
    "free",
    [
        FreeMonth(date(2024, 5, 3), date(2024, 6, 1)),
        FreeMonth(date(2024, 11, 30), date(2024, 12, 29)),
    ],
)
def test_free_days_that_reach_into_the_period_are_named(free: FreeMonth) -> None:
    month_in_part = PERIOD.month_of(max(free.first_day, PERIOD.first_day))
    partly = [one._replace(successful=10, free=4) for one in counts() if one.month == month_in_part]
    found = settle(CONTRACT, PERIOD, partly, judged(), free_month=free)
    assert found.free_month == free
    assert found.success_fee_fen == 3 * 6 * 3, "six of ten units of three kinds"


def test_a_function_fee_is_due_each_month_and_not_rebated() -> None:
    found = example(pricing={"function_fee_fen": 1_000})
    assert found.function_fee_fen == 6_000
    assert found.rebate_fen == 59_646
    assert found.payable_fen == 3_727_254 + 6_000


def test_a_cap_holds_the_rebate_only_where_it_is_read_so() -> None:
    under = read(liability={"cap_includes_rebate": True})
    missed = judged()
    assert settle(CONTRACT, PERIOD, counts(), missed, cap_fen=5).rebate_fen == 59_646
    assert settle(under, PERIOD, counts(), missed, cap_fen=5).rebate_fen == 5
    assert settle(under, PERIOD, counts(), missed, cap_fen=60_000).rebate_fen == 59_646
    with pytest.raises(SettlementError, match="cap of liability: not given"):
        settle(under, PERIOD, counts(), missed)
    assert settle(under, PERIOD, counts(), judged(8)).rebate_fen == 0


def test_adjustments_of_earlier_periods_change_what_is_payable() -> None:
    more = Adjustment(date(2023, 12, 1), 10, 30, 0, "late receipts")
    less = Adjustment(date(2023, 12, 1), 0, 0, 100, "rebate recounted")
    found = settle(CONTRACT, PERIOD, counts(), judged(8), adjustments=[more, less])
    assert found.adjustment_fen == -70
    assert found.payable_fen == 3_786_900 - 70


def test_a_credit_beyond_the_fee_is_not_lost() -> None:
    back = Adjustment(date(2023, 12, 1), -10, -30, 0, "counted twice")
    nothing = Measured(Results(), Results())
    assert settle(CONTRACT, PERIOD, [], judged(0, nothing), adjustments=[back]).payable_fen == -30


def test_a_period_is_not_adjusted_on_its_own_statement() -> None:
    own = Adjustment(PERIOD.first_day, 1, 3, 0, "late receipt")
    with pytest.raises(SettlementError, match="it is earlier than 2024-06-01"):
        settle(CONTRACT, PERIOD, counts(), judged(8), adjustments=[own])


def test_a_recount_gives_what_has_changed_since() -> None:
    settled = example()
    late = Measured(MEASURED.mt + Results(ok=100), MEASURED.mo)
    recounted = settle(CONTRACT, PERIOD, counts(mt=1_212_600), judged(measured=late))
    found = adjustment_between(settled, recounted, reason="late receipts")
    assert found is not None
    assert (found.period, found.successful, found.fee_fen) == (PERIOD.first_day, 100, 300)
    assert found.amount_fen == recounted.payable_fen - settled.payable_fen
    assert adjustment_between(settled, recounted, made=[found]) is None
    assert adjustment_between(settled, settled) is None


def test_a_recount_of_another_period_is_refused() -> None:
    other = Settlement(
        period=type(PERIOD)(date(2025, 1, 1), date(2025, 1, 31), (date(2025, 1, 1),)),
        lines=(), quality=example().quality, rebate_fen=0, function_fee_fen=0, vat_rate="0",
    )  # fmt: skip
    with pytest.raises(SettlementError, match="recount of period 2025-01-01: 2024-06-01"):
        adjustment_between(example(), other)


UNITS = st.integers(0, 10**7)


@given(
    st.lists(UNITS, min_size=12, max_size=12),
    UNITS,
    UNITS,
    st.sampled_from(["ok_carrier", "accepted", "attempts"]),
    st.sampled_from(["both", "mt", "mo"]),
    st.sampled_from([None, *range(6)]),
)
def test_no_money_is_lost_and_the_rebate_is_within_the_fee(
    successes: list[int], carrier: int, exempt: int, base: str, directions: str, free: int | None
) -> None:
    contract = read(sla={"base": base, "directions": directions, "logic": "and"})
    given_counts = [
        Count(one, "ordinary", direction, successes.pop())
        for one in PERIOD.months
        for direction in ("mt", "mo")
    ]
    mt = sum(one.successful for one in given_counts if one.direction == "mt")
    mo = sum(one.successful for one in given_counts if one.direction == "mo")
    measured = Measured(Results(ok=mt, carrier=carrier), Results(ok=mo, exempt=exempt))
    free_month = None
    if free is not None:
        first = PERIOD.months[free]
        free_month = FreeMonth(first, date.fromordinal(PERIOD.end_of_month(first).toordinal() - 1))
    found = settle(
        contract,
        PERIOD,
        given_counts,
        judge(contract.sla, Observed(measured, 0)),
        free_month=free_month,
    )
    charged = [one for one in given_counts if not free_month or one.month != free_month.first_day]
    assert found.success_fee_fen == 3 * sum(one.successful for one in charged)
    assert sum(found.month_fee_fen(one) for one in PERIOD.months) == found.success_fee_fen
    assert 0 <= found.rebate_fen <= found.success_fee_fen
    assert found.payable_fen == found.success_fee_fen - found.rebate_fen
