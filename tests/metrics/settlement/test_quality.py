"""Test how the quality index is judged."""

from __future__ import annotations

from typing import Any

import pytest

from config.interpretation import Sla
from metrics.settlement.amounts import SettlementError
from metrics.settlement.quality import Measured, Observed, Quality, Results, judge

EMPTY = Measured(Results(), Results())


def of(ok: int, carrier: int) -> Measured:
    return Measured(Results(ok=ok, carrier=carrier), Results())


def judged(measured: Measured, complaints: int = 11, **keys: Any) -> Quality:
    return judge(Sla(**keys), Observed(measured, complaints))


@pytest.mark.parametrize(
    ("ok", "carrier", "met"),
    [(99, 1, True), (9_899_999, 100_001, False), (98, 2, False), (0, 1, False), (0, 0, True)],
)
def test_exactly_the_rate_is_met_and_nothing_less(ok: int, carrier: int, met: bool) -> None:
    assert judged(of(ok, carrier)).met is met


def test_ten_complaints_are_met_and_eleven_are_not() -> None:
    assert judged(of(0, 1), 10).complaints_met
    assert not judged(of(0, 1), 11).complaints_met


def test_a_period_without_messages_has_no_success_rate_and_no_failures() -> None:
    assert judged(EMPTY).success_rate is None
    assert judged(EMPTY).failure_rate == 0


@pytest.mark.parametrize(
    ("logic", "expected"),
    [
        ("or", (False, True, True, True)),
        ("and", (False, False, False, True)),
        ("rate_only", (False, False, True, True)),
        ("complaints_only", (False, True, False, True)),
    ],
)
def test_the_limbs_are_joined_as_the_contract_is_read(
    logic: str, expected: tuple[bool, ...]
) -> None:
    found = tuple(
        judged(rate, complaints, logic=logic).met
        for rate in (of(98, 2), of(99, 1))
        for complaints in (11, 10)
    )
    assert found == expected


SPREAD = Measured(
    Results(ok=90, carrier=1, exempt=2, ported=3, party_a=10, force_majeure=4, refused=6),
    Results(),
)


@pytest.mark.parametrize(
    ("base", "out_of", "all_failures"),
    [("ok_carrier", 91, 1), ("accepted", 100, 10), ("attempts", 106, 16)],
)
def test_the_reading_decides_what_fails_and_out_of_how_many(
    base: str, out_of: int, all_failures: int
) -> None:
    assert (judged(SPREAD, base=base).failures, judged(SPREAD, base=base).base) == (1, out_of)
    sla = Sla().model_copy(update={"base": base})
    found = judge(sla, Observed(SPREAD, 11), "all")
    assert (found.failures, found.base) == (all_failures, out_of)
    assert found.success_rate is not None
    assert found.success_rate + found.failure_rate == 1


def test_one_direction_alone_can_be_judged() -> None:
    measured = Measured(Results(ok=98, carrier=2), Results(ok=100))
    assert judged(measured).rate_met, "198 of 200"
    assert not judged(measured, directions="mt").rate_met
    assert judged(measured, directions="mo").rate_met


def test_every_window_must_reach_the_rate_while_the_rebate_is_the_periods() -> None:
    bad_month = judge(Sla(rate_window="month"), Observed(of(199, 1), 11, (of(100, 0), of(98, 2))))
    assert not bad_month.rate_met
    assert (bad_month.failures, bad_month.base) == (1, 200)
    year = judge(Sla(rate_window="trailing12"), Observed(of(98, 2), 11, (of(999, 1),)))
    assert year.rate_met


def test_windows_are_given_exactly_when_they_are_asked_for() -> None:
    with pytest.raises(SettlementError, match="rate window month: results of 0 other times"):
        judge(Sla(rate_window="month"), Observed(EMPTY, 0))
    with pytest.raises(SettlementError, match="of 1 other times are given, none allowed"):
        judge(Sla(), Observed(EMPTY, 0, (EMPTY,)))


def test_counts_that_cannot_be_are_refused() -> None:
    with pytest.raises(SettlementError, match="carrier: -1, at least 0"):
        Results(carrier=-1)
    with pytest.raises(SettlementError, match="refused: 2, at most the 1"):
        Results(party_a=1, refused=2)
    with pytest.raises(SettlementError, match="complaints: -1"):
        judge(Sla(), Observed(EMPTY, -1))
