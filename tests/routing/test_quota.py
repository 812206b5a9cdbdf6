from __future__ import annotations

import math
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.content import Quota
from config.section import SHANGHAI
from routing.quota import QuotaBook, day_end, month_end, month_start


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).timestamp()


NOON = at("2026-03-18T12:00")


def test_the_daily_quota_is_used_to_its_last_segment() -> None:
    book = QuotaBook(Quota(daily=10))
    book.count("police", 7, NOON)
    assert book.judge("police", 3, NOON) is None
    finding = book.judge("police", 4, NOON)
    assert finding is not None
    assert finding.en == (
        "The account may send 10 segments a day, has sent 7, and this message counts 4."
    )
    assert finding.zh == "当日配额10段，已用7段，本条计4段。"
    assert finding.seen == "police: 7 + 4 of 10 segments a day"
    assert finding.allowed == "from 2026-03-19 00:00:00+08:00 on"


def test_a_day_begins_at_midnight_in_shanghai() -> None:
    book = QuotaBook(Quota(daily=1))
    midnight = at("2026-03-19T00:00")
    book.count("police", 1, math.nextafter(midnight, 0))
    assert book.judge("police", 1, math.nextafter(midnight, 0)) is not None
    assert book.judge("police", 1, midnight) is None


@pytest.mark.parametrize(
    ("last", "following"),
    [
        ("2026-01-31T23:59:59", "2026-02-01"),
        ("2026-02-28T23:59:59", "2026-03-01"),
        ("2028-02-29T23:59:59", "2028-03-01"),
        ("2026-04-30T23:59:59", "2026-05-01"),
        ("2026-12-31T23:59:59", "2027-01-01"),
    ],
)
def test_a_month_ends_with_its_own_last_day(last: str, following: str) -> None:
    book = QuotaBook(Quota(monthly=2))
    book.count("police", 2, at(last[:8] + "01T00:00"))
    finding = book.judge("police", 1, at(last))
    assert finding is not None
    assert finding.allowed == f"from {following} 00:00:00+08:00 on"
    assert "2 segments a month" in finding.en
    assert finding.zh.startswith("本月配额2段")
    assert book.judge("police", 1, at(following)) is None
    assert month_end(at(last)) == at(following)
    assert month_start(at(last)) == at(last[:8] + "01")


def test_of_both_quotas_the_month_says_when_it_goes_on() -> None:
    book = QuotaBook(Quota(daily=5, monthly=5))
    book.count("police", 5, NOON)
    finding = book.judge("police", 1, NOON)
    assert finding is not None
    assert finding.allowed == "from 2026-04-01 00:00:00+08:00 on"


def test_by_message_a_long_one_counts_once() -> None:
    book = QuotaBook(Quota(daily=2, unit="message"))
    book.count("police", 5, NOON)
    assert book.judge("police", 5, NOON) is None
    book.count("police", 5, NOON)
    finding = book.judge("police", 5, NOON)
    assert finding is not None
    assert "2 messages a day, has sent 2, and this message counts 1" in finding.en
    assert "条" in finding.zh


def test_a_message_above_the_whole_quota_never_passes() -> None:
    finding = QuotaBook(Quota(daily=2)).judge("police", 3, NOON)
    assert finding is not None
    assert finding.allowed == ""


def test_accounts_have_quotas_of_their_own() -> None:
    book = QuotaBook(Quota(daily=1))
    book.count("police", 1, NOON)
    assert book.judge("police", 1, NOON) is not None
    assert book.judge("traffic", 1, NOON) is None


def test_zero_is_unlimited() -> None:
    book = QuotaBook(Quota())
    book.count("police", 10**9, NOON)
    assert book.judge("police", 10**9, NOON) is None
    assert not book.limited
    assert QuotaBook(Quota(monthly=1)).limited


def test_other_limits_hold_for_what_was_counted_before() -> None:
    book = QuotaBook(Quota())
    book.count("police", 3, NOON)
    book.adopt(Quota(daily=3))
    assert book.judge("police", 1, NOON) is not None


def test_a_clock_that_steps_back_over_midnight_gives_nothing_away() -> None:
    book = QuotaBook(Quota(daily=2))
    book.count("police", 1, at("2026-03-19T00:00:01"))
    book.count("police", 1, at("2026-03-18T23:59:59"))
    finding = book.judge("police", 1, at("2026-03-18T23:59:59"))
    assert finding is not None
    assert finding.allowed == "from 2026-03-20 00:00:00+08:00 on"


@given(
    st.lists(
        st.tuples(st.sampled_from([0.0, 3600.0, 40_000.0, 86_400.0, 900_000.0]), st.integers(1, 4)),
        max_size=40,
    ),
    st.integers(0, 8),
    st.integers(0, 12),
)
def test_a_naive_sum_over_the_calendar_agrees(
    steps: list[tuple[float, int]], daily: int, monthly: int
) -> None:
    book = QuotaBook(Quota(daily=daily, monthly=monthly))
    sent: list[tuple[datetime, int]] = []
    moment = NOON
    for wait, segments in steps:
        moment += wait
        local = datetime.fromtimestamp(moment, SHANGHAI)
        day = sum(n for when, n in sent if when.date() == local.date())
        month = sum(n for when, n in sent if (when.year, when.month) == (local.year, local.month))
        over_day = daily and day + segments > daily
        refused = bool(over_day or (monthly and month + segments > monthly))
        assert (book.judge("police", segments, moment) is not None) == refused
        assert book.used("police", moment) == (day, month)
        assert day_end(moment) > moment
        if not refused:
            book.count("police", segments, moment)
            sent.append((local, segments))
