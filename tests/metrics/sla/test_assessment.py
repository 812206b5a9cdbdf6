"""Hold the verdict of clause 3.2.4: the worked figures of a period, its limbs and its readings."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.interpretation import Complaints, Sla
from metrics.complaints import ComplaintRegister
from metrics.sla import (
    Assessment,
    Classes,
    Rate,
    Readings,
    SlaLedger,
    SlaView,
    Window,
    assess,
    complaint_times,
)
from metrics.sla.assessment import complaint_figures, rates_of
from metrics.sla.windows import months_on
from routing.office_events import ComplaintMoved, ComplaintReceived

from .traffic import DAY_S, folded, instant, ledger, mo, mt, refusal

PERIOD = Window(date(2024, 6, 1), date(2024, 11, 30))
MIDDLE = instant("2024-08-15T12:00")
SETTLED = instant("2024-12-05T00:00")


@pytest.fixture(scope="module")
def period() -> SlaLedger:
    """Hold 1,300,000 segments of one settlement period, MT and MO."""
    return folded(
        mt(1, MIDDLE, "ok", 1_212_500),
        mt(2, MIDDLE, "carrier", 20_000),
        mt(3, MIDDLE, "exempt", 15_000),
        mt(4, MIDDLE, "party_a", 2_500),
        mo(5, MIDDLE, "ok", 49_800),
        mo(6, MIDDLE, "unsendable", 200),
    )


def judged(book: SlaLedger, complaints: int = 0, **changes: Any) -> Assessment:
    times = [MIDDLE + number for number in range(complaints)]
    return assess(SlaView(book, Readings(**changes)), PERIOD, SETTLED, times)


def payable(found: Assessment, fen: int = 3) -> tuple[int, int]:
    """Give the success fee and the rebate, half a fen rounded up."""
    fee = found.segments.ok * fen
    return fee, (2 * fee * found.failure.part + found.failure.whole) // (2 * found.failure.whole)


def test_the_worked_period_has_its_counts(period: SlaLedger) -> None:
    found = judged(period, complaints=14)
    assert found.segments == Classes(ok=1_262_300, carrier=20_200, exempt=15_000, party_a=2_500)
    assert found.segments.total == 1_300_000
    assert found.counts.classes(direction="mt").total == 1_250_000
    assert found.counts.classes(direction="mo").total == 50_000
    assert (found.success, found.failure) == (Rate(1_262_300, 1_282_500), Rate(20_200, 1_282_500))
    assert (found.rate_met, found.complaints_met, found.met) == (False, False, False)
    assert payable(found) == (3_786_900, 59_646)


@pytest.mark.parametrize(
    ("changes", "failure", "fee", "rebate"),
    [
        ({}, "0.01575048", 3_786_900, 59_646),
        ({"base": "attempts", "failures": "all"}, "0.02900000", 3_786_900, 109_820),
        ({"base": "attempts"}, "0.01553846", 3_786_900, 58_843),
        ({"base": "accepted"}, "0.01553846", 3_786_900, 58_843),
        ({"directions": "mt"}, "0.01622718", 3_637_500, 59_026),
        ({"failures": "all"}, "0.01575048", 3_786_900, 59_646),
    ],
)
def test_the_worked_period_under_every_reading_of_the_rate(
    period: SlaLedger, changes: dict[str, str], failure: str, fee: int, rebate: int
) -> None:
    found = judged(period, complaints=14, **changes)
    assert found.failure.decimal() == failure
    assert payable(found) == (fee, rebate)


@pytest.mark.parametrize(
    ("logic", "complaints", "met"),
    [
        ("or", 14, False),
        ("or", 11, False),
        ("or", 10, True),
        ("or", 8, True),
        ("and", 8, False),
        ("rate_only", 8, False),
        ("complaints_only", 10, True),
        ("complaints_only", 11, False),
    ],
)
def test_the_worked_period_under_every_logic(
    period: SlaLedger, logic: str, complaints: int, met: bool
) -> None:
    assert judged(period, complaints, logic=logic).met is met


@pytest.mark.parametrize(
    ("ok", "failed", "met"),
    [(99, 1, True), (9_899_999, 100_001, False), (9_900_000, 100_000, True), (0, 1, False)],
)
def test_the_rate_is_not_rounded_before_it_is_compared(ok: int, failed: int, met: bool) -> None:
    groups = [mt(1, MIDDLE, "carrier", failed)]
    if ok:
        groups.append(mt(2, MIDDLE, "ok", ok))
    found = judged(folded(*groups), logic="rate_only")
    assert found.met is met


def test_nothing_sent_is_not_applicable_and_met() -> None:
    found = judged(ledger(), complaints=11, logic="and")
    assert (found.rate_met, found.complaints_met, found.met) == (True, False, False)
    assert found.as_json()["success_rate"] == found.as_json()["failure_rate"] == "n/a"
    assert judged(ledger(), logic="rate_only").met


def test_the_shape_has_its_fields(period: SlaLedger) -> None:
    shown = judged(period, complaints=8).as_json()
    wanted = {
        "from": "2024-06-01", "to": "2024-11-30", "ok": 1_262_300, "carrier": 20_200,
        "exempt": 15_000, "ported": 0, "party_a": 2_500, "force_majeure": 0, "pending": 0,
        "base": 1_282_500, "success_rate": "0.98424951", "failure_rate": "0.01575048",
        "objective": "0.99", "complaints": 8, "limbs": {"rate": False, "complaints": True},
        "met": True,
    }  # fmt: skip
    assert {name: shown[name] for name in wanted} == wanted
    assert shown["directions"]["mo"]["ok"] == 49_800
    assert shown["messages"]["ok"] == 2


def test_an_account_or_a_service_can_be_judged_alone(period: SlaLedger) -> None:
    view = SlaView(period, Readings())
    other = assess(view, PERIOD, SETTLED, account="other")
    assert other.segments == Classes()
    assert other.as_json()["directions"]["mt"] == Classes()._asdict()
    assert assess(view, PERIOD, SETTLED, service="ordinary").segments.total == 1_300_000


def test_what_was_refused_counts_as_attempted_and_not_as_accepted() -> None:
    book = folded(
        mt(1, MIDDLE, "ok", 90),
        [refusal(2, MIDDLE, "no_consent", 6), refusal(3, MIDDLE, "internal", 4)],
    )
    counts = SlaView(book, Readings()).counts(PERIOD, SETTLED)
    bases = {
        base: rates_of(counts, Readings(base=base))
        for base in ("ok_carrier", "accepted", "attempts")
    }
    assert bases == {
        "ok_carrier": (Rate(90, 94), Rate(4, 94)),
        "accepted": (Rate(90, 90), Rate(0, 90)),
        "attempts": (Rate(90, 100), Rate(4, 100)),
    }


def test_the_rate_can_be_measured_by_month_or_by_twelve_months() -> None:
    book = folded(
        mt(1, instant("2024-01-10T12:00"), "ok", 9_900),
        mt(2, instant("2024-06-10T12:00"), "ok", 980),
        mt(3, instant("2024-06-10T12:00"), "carrier", 20),
        mt(4, instant("2024-08-10T12:00"), "ok", 2_000),
    )
    period, month, year = (
        judged(book, rate_window=name, logic="rate_only")
        for name in ("period", "month", "trailing12")
    )
    assert (period.met, period.measured) == (True, PERIOD)
    assert (month.met, month.measured) == (False, Window(date(2024, 6, 1), date(2024, 6, 30)))
    assert year.measured == Window(date(2023, 12, 1), PERIOD.last)
    assert year.measured_success == Rate(12_880, 12_900)
    assert period.success == month.success == year.success == Rate(2_980, 3_000)


# -- complaints -------------------------------------------------------------------------------


def test_complaints_count_in_the_twelve_months_to_the_end() -> None:
    first, last = instant("2023-12-01T00:00"), instant("2024-12-01T00:00")
    times = [first - 1e-3, first, last - 1e-3, last]
    assert complaint_figures(times, PERIOD).trailing == 2


def test_the_worst_twelve_months_may_begin_before_or_end_after_the_window() -> None:
    before = [instant("2023-06-05T00:00") + number for number in range(7)]
    inside = [instant("2024-06-01T00:00") + number for number in range(4)]
    figures = complaint_figures(before + inside, PERIOD)
    assert (figures.trailing, figures.worst) == (4, 11)
    found = assess(SlaView(ledger(), Readings()), PERIOD, SETTLED, before + inside)
    assert found.complaints_met
    strict = SlaView(ledger(), Readings(complaint_window="worst"))
    assert not assess(strict, PERIOD, SETTLED, before + inside).complaints_met


@given(st.lists(st.integers(-700, 900), max_size=12))
def test_the_worst_twelve_months_are_the_most_of_all(days: list[int]) -> None:
    times = sorted(PERIOD.starts_at + day * DAY_S for day in days)
    first = PERIOD.first - timedelta(days=366)
    starts = [first + timedelta(days=number) for number in range((PERIOD.last - first).days + 1)]
    most = 0
    for start in starts:
        year = Window(start, months_on(start, 12) - timedelta(days=1))
        if year.last >= PERIOD.first:
            most = max(most, sum(year.starts_at <= at < year.ends_at for at in times))
    assert complaint_figures(times, PERIOD).worst == most


def register() -> ComplaintRegister:
    book = ComplaintRegister(Complaints(), Sla())
    rows = [("police", "party_b"), ("police", "party_a"), ("traffic", "party_b"), ("police", "")]
    for number, (account, side) in enumerate(rows, 1):
        book.apply(
            ComplaintReceived(
                MIDDLE + number, number, account, "10000", "not_received", "unclear", "party_b",
                "desk",
            )
        )  # fmt: skip
        if side:
            book.apply(ComplaintMoved(MIDDLE + 9, number, "verify", "desk", attribution=side))
    return book


@pytest.mark.parametrize(
    ("complaint_filter", "account", "numbers"),
    [
        ("verified_b", None, [1, 3]),
        ("verified_b", "police", [1]),
        ("verified", None, [1, 2, 3]),
        ("all", None, [1, 2, 3, 4]),
    ],
)
def test_complaints_are_counted_under_another_filter_than_the_registers(
    complaint_filter: str, account: str | None, numbers: list[int]
) -> None:
    sla = Sla.model_validate({"complaint_filter": complaint_filter})
    times = complaint_times(register(), sla, account)
    assert times == [MIDDLE + number for number in numbers]


def test_a_view_keeps_to_its_reading() -> None:
    readings = Readings(complaints=3)
    assert SlaView(ledger(), readings).readings == replace(Readings(), complaints=3)
