"""SMPP times: absolute and relative, both ways."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp import times
from smpp.constants import CommandStatus
from smpp.errors import DecodeError, EncodeError

EXPIRY = CommandStatus.ESME_RINVEXPIRY.value
NOON = datetime(2026, 3, 18, 4, 0, tzinfo=UTC).timestamp()
"""Noon of 2026-03-18 in Shanghai."""


def parse(value: bytes | str, at: float = NOON) -> float | None:
    return times.parse_time(value, at, command_status=EXPIRY, field="validity_period")


def utc(*parts: int) -> float:
    year, month, day, hour, minute, second = (*parts, 0, 0, 0)[:6]
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp()


def test_an_empty_time_is_none() -> None:
    assert parse(b"") is None
    assert parse("") is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("260318120000032+", utc(2026, 3, 18, 4)),
        ("260318120000000+", utc(2026, 3, 18, 12)),
        ("260318120000000-", utc(2026, 3, 18, 12)),
        ("260318120000020-", utc(2026, 3, 18, 17)),
        ("260318120000923+", utc(2026, 3, 18, 6, 15) + 0.9),
        ("260318000000048+", utc(2026, 3, 17, 12)),
        ("240229235959000+", utc(2024, 2, 29, 23, 59, 59)),
        ("760101000000000+", utc(2076, 1, 1)),
        ("770101000000000+", utc(1977, 1, 1)),
    ],
)
def test_an_absolute_time_counts_from_its_own_zone(value: str, expected: float) -> None:
    assert parse(value) == pytest.approx(expected, abs=1e-6)
    assert parse(value.encode()) == parse(value)


def test_the_century_is_the_one_nearest_to_the_present() -> None:
    assert parse("010101000000000+", utc(2099, 6, 1)) == utc(2101, 1, 1)
    assert parse("990101000000000+", utc(2101, 6, 1)) == utc(2099, 1, 1)


@pytest.mark.parametrize(
    ("value", "expected_s"),
    [
        ("000000000000000R", 0),
        ("000000000001000R", 1),
        ("000000003000000R", 1800),
        ("000002000000000R", 2 * 86400),
        ("000031235959000R", 32 * 86400 - 1),
    ],
)
def test_a_relative_time_counts_from_the_present(value: str, expected_s: int) -> None:
    assert parse(value, NOON + 0.25) == NOON + 0.25 + expected_s


@pytest.mark.parametrize(
    ("start", "value", "end"),
    [
        ((2026, 3, 18, 12), "000100000000000R", (2026, 4, 18, 12)),
        ((2026, 3, 18, 12), "010000000000000R", (2027, 3, 18, 12)),
        ((2026, 1, 31, 12), "000100000000000R", (2026, 2, 28, 12)),
        ((2024, 1, 31, 12), "000100000000000R", (2024, 2, 29, 12)),
        ((2024, 2, 29, 12), "010000000000000R", (2025, 2, 28, 12)),
        ((2026, 12, 31, 12), "000200000000000R", (2027, 2, 28, 12)),
        ((2026, 11, 30, 12), "000100000000000R", (2026, 12, 30, 12)),
        ((2026, 1, 31, 12), "000101010000000R", (2026, 3, 1, 13)),
        ((2026, 5, 5, 12), "001200000000000R", (2027, 5, 5, 12)),
    ],
)
def test_months_and_years_of_a_relative_time_are_calendar_ones(
    start: tuple[int, ...], value: str, end: tuple[int, ...]
) -> None:
    eight_hours = 8 * 3600
    assert parse(value, utc(*start) - eight_hours) == utc(*end) - eight_hours


def test_calendar_months_are_counted_in_the_zone() -> None:
    # 23:00 of 31 January UTC is 1 February in Shanghai.
    at = utc(2026, 1, 31, 23)
    assert parse("000100000000000R", at) == at + 28 * 86400
    got = times.parse_time(
        "000100000000000R", at, command_status=EXPIRY, field="validity_period", zone=UTC
    )
    assert got == utc(2026, 2, 28, 23)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("26031812000000+", "15 characters: 16"),
        ("2603181200000032+", "17 characters: 16"),
        ("2603181200000x2+", "first 15 characters must be digits"),
        ("26031812000003²+", "first 15 characters must be digits"),
        ("260318120000032Z", r"last character must be \+, - or R"),
        ("260318120000032r", r"last character must be \+, - or R"),
        ("260318120000049+", "49 quarters of an hour from UTC, at most 48"),
        ("261318120000032+", "no such date and time"),
        ("260230120000032+", "no such date and time"),
        ("260318240000032+", "no such date and time"),
        ("000000000000001R", "000 before its R"),
        ("000000480000000R", "48 hours, at most 23"),
        ("000032000000000R", "32 days, at most 31"),
        ("001300000000000R", "13 months, at most 12"),
        ("000000006000000R", "60 minutes, at most 59"),
        ("000000000060000R", "60 seconds, at most 59"),
    ],
)
def test_a_malformed_time_is_refused_with_the_callers_status(value: str, message: str) -> None:
    with pytest.raises(DecodeError, match=f"validity_period: .*{message}") as caught:
        parse(value)
    assert caught.value.command_status == EXPIRY
    assert caught.value.field == "validity_period"


def test_a_time_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(DecodeError, match="schedule_delivery_time"):
        times.parse_time(
            "990000000000000R",
            utc(9950, 1, 1),
            command_status=CommandStatus.ESME_RINVSCHED.value,
            field="schedule_delivery_time",
        )


def test_absolute_times_are_written_in_the_zone() -> None:
    assert times.format_absolute(NOON) == b"260318120000032+"
    assert times.format_absolute(NOON, UTC) == b"260318040000000+"
    assert times.format_absolute(NOON + 0.79, UTC) == b"260318040000700+"
    west = timezone(-timedelta(hours=3, minutes=30))
    assert times.format_absolute(NOON, west) == b"260318003000014-"


@pytest.mark.parametrize("offset", [timedelta(minutes=8), timedelta(hours=13)])
def test_a_zone_that_the_form_cannot_give_is_our_own_mistake(offset: timedelta) -> None:
    with pytest.raises(EncodeError, match="quarters of an hour, at most 12 hours"):
        times.format_absolute(NOON, timezone(offset))


@pytest.mark.parametrize(
    ("duration_s", "expected"),
    [
        (0, b"000000000000000R"),
        (0.1, b"000000000001000R"),
        (48 * 3600, b"000002000000000R"),
        (90061, b"000001010101000R"),
        (32 * 86400 - 1, b"000031235959000R"),
    ],
)
def test_durations_are_written_with_seconds_rounded_up(duration_s: float, expected: bytes) -> None:
    assert times.format_relative(duration_s) == expected


@pytest.mark.parametrize("duration_s", [-1.0, 32 * 86400])
def test_a_duration_that_the_form_cannot_give_is_our_own_mistake(duration_s: float) -> None:
    with pytest.raises(EncodeError, match="allowed are 0 to 2764799 s"):
        times.format_relative(duration_s)


QUARTERS = st.integers(-48, 48).map(lambda n: timezone(timedelta(minutes=15 * n)))


@given(st.integers(0, 4_000_000_000 * 10), QUARTERS)
def test_an_absolute_time_is_read_back(tenths: int, zone: timezone) -> None:
    at = tenths / 10
    assert parse(times.format_absolute(at, zone), at) == pytest.approx(at, abs=1e-4)


@given(st.integers(0, 32 * 86400 - 1))
def test_a_relative_time_is_read_back(duration_s: int) -> None:
    assert parse(times.format_relative(duration_s)) == NOON + duration_s


@given(st.one_of(st.text(max_size=18), st.from_regex(r"[0-9]{15}[+\-R]", fullmatch=True)))
def test_any_text_parses_or_raises_our_error(value: str) -> None:
    try:
        parsed = parse(value)
    except DecodeError:
        return
    assert (parsed is None) == (not value)
