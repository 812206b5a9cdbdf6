from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta

import pytest

from config.section import SHANGHAI
from config.term import ServiceTerm, add_months

SIGNED = ServiceTerm(date(2023, 12, 1), date(2026, 11, 30))
RENEWED = ServiceTerm(date(2023, 12, 1), date(2026, 11, 30), renewal_months=12)


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).timestamp()


def test_the_last_day_counts_to_its_24_00_in_shanghai() -> None:
    end = datetime(2026, 11, 30, 16, tzinfo=UTC).timestamp()
    assert SIGNED.original_ends_at == SIGNED.ends_at == end
    assert SIGNED.in_force(math.nextafter(end, 0))
    assert not SIGNED.in_force(end)


def test_the_first_day_counts_from_its_00_00_in_shanghai() -> None:
    start = datetime(2023, 11, 30, 16, tzinfo=UTC).timestamp()
    assert SIGNED.in_force(start)
    assert not SIGNED.in_force(math.nextafter(start, 0))


def test_a_renewed_term_goes_on_and_remembers_its_original_end() -> None:
    status = RENEWED.status(at("2026-12-01T00:00:00"))
    assert status.in_force
    assert status.renewals == 1
    assert status.original_ends_at == at("2026-12-01T00:00:00")
    assert status.current_ends_at == at("2027-12-01T00:00:00")
    assert RENEWED.ends_at == math.inf
    assert RENEWED.in_force(at("2100-01-01T00:00:00"))


def test_a_term_without_renewal_ends_once() -> None:
    status = SIGNED.status(at("2030-01-01T00:00:00"))
    assert not status.in_force
    assert status.renewals == 0
    assert status.days_left == 0
    assert status.current_ends_at == at("2026-12-01T00:00:00")


def test_the_end_is_announced_ninety_days_before() -> None:
    first = at("2026-12-01T00:00:00") - timedelta(days=90).total_seconds()
    assert SIGNED.status(first).warning
    assert SIGNED.status(first).days_left == 90
    assert not SIGNED.status(first - 1).warning


def test_a_term_without_end_has_none() -> None:
    endless = ServiceTerm(date(1970, 1, 1), date.max)
    assert endless.ends_at == math.inf
    assert endless.in_force(at("2500-01-01T00:00:00"))
    status = endless.status(at("9999-12-30T00:00:00"))
    assert (status.current_ends_at, status.days_left, status.warning) == (math.inf, 1, False)


def test_a_term_may_end_with_the_calendar() -> None:
    term = ServiceTerm(date(2026, 1, 1), date(9999, 12, 30), renewal_months=12)
    assert term.original_ends_at == at("9999-12-31T00:00:00")
    assert term.status(at("9999-12-30T12:00:00")).renewals == 0


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2026, 12, 1), 12, date(2027, 12, 1)),
        (date(2026, 11, 30), 1, date(2026, 12, 30)),
        (date(2026, 12, 31), 0, date(2026, 12, 31)),
        (date(9999, 12, 30), 0, date(9999, 12, 30)),
        (date(9999, 12, 30), 1, date.max),
    ],
)
def test_months_are_calendar_months(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected
