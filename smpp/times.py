"""Read and write SMPP times: schedule_delivery_time, validity_period, final_date.

SMPP 3.4 §7.1.1: sixteen characters, "YYMMDDhhmmsstnnp".

    absolute   p is + or -: local time, t tenths of a second, and how many quarters of an hour
               nn (00-48) that local time is ahead of (+) or behind (-) UTC
    relative   p is R, tnn is 000: years, months, days, hours, minutes, seconds from now

Times in and out are UTC seconds since the epoch; nothing here reads a clock.
"""

from __future__ import annotations

import math
from calendar import monthrange
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Final

from .errors import DecodeError, EncodeError

CHINA_ZONE: Final = timezone(timedelta(hours=8), "Asia/Shanghai")
"""Mainland time: +08:00 the year round since 1992, so no time zone data is needed."""

_OCTETS: Final = 16
_QUARTER_S: Final = 900
_MAX_QUARTERS: Final = 48
_MAX_RELATIVE_S: Final = 32 * 86400 - 1
_RELATIVE_LIMITS: Final = (
    ("years", 99),
    ("months", 12),
    ("days", 31),
    ("hours", 23),
    ("minutes", 59),
    ("seconds", 59),
)


def parse_time(
    value: bytes | str,
    at: float,
    *,
    command_status: int,
    field: str,
    zone: tzinfo = CHINA_ZONE,
) -> float | None:
    """Read an absolute or relative time as UTC seconds since the epoch; None for an empty one.

    `at` is the present, in UTC seconds: a relative time counts from it, and the century of an
    absolute one is that which brings it nearest. Years and months of a relative time are
    calendar ones, counted in `zone`; a day that the month lacks becomes its last day.

    Raises DecodeError with the caller's `command_status` (ESME_RINVSCHED or ESME_RINVEXPIRY)
    and `field` for anything else than the two forms of SMPP 3.4 §7.1.1.
    """
    if not value:
        return None
    text = value.decode("latin-1") if isinstance(value, bytes) else value
    try:
        return _parse(text, at, zone)
    except (ValueError, OverflowError) as error:
        raise DecodeError(command_status, field, str(error), 0) from error


def _parse(text: str, at: float, zone: tzinfo) -> float:
    if len(text) != _OCTETS:
        raise ValueError(f"{len(text)} characters: 16, as YYMMDDhhmmsstnn and +, - or R")
    digits, kind = text[:15], text[15]
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError(f"{text!r}: the first 15 characters must be digits")
    if kind not in "+-R":
        raise ValueError(f"{text!r}: the last character must be +, - or R")
    values = [int(digits[start : start + 2]) for start in range(0, 12, 2)]
    if kind == "R":
        return _relative(text, values, at, zone)
    return _absolute(text, values, at)


def _relative(text: str, values: list[int], at: float, zone: tzinfo) -> float:
    if text[12:15] != "000":
        raise ValueError(f"{text!r}: a relative time has 000 before its R")
    for (name, limit), value in zip(_RELATIVE_LIMITS, values, strict=True):
        if value > limit:
            raise ValueError(f"{text!r}: {value} {name}, at most {limit}")
    years, months, days, hours, minutes, seconds = values
    base = _add_months(at, years * 12 + months, zone) if years or months else at
    return base + days * 86400 + hours * 3600 + minutes * 60 + seconds


def _add_months(at: float, months: int, zone: tzinfo) -> float:
    start = datetime.fromtimestamp(at, zone)
    year, month0 = divmod(start.year * 12 + start.month - 1 + months, 12)
    day = min(start.day, monthrange(year, month0 + 1)[1])
    return start.replace(year=year, month=month0 + 1, day=day).timestamp()


def _absolute(text: str, values: list[int], at: float) -> float:
    quarters = int(text[13:15])
    if quarters > _MAX_QUARTERS:
        raise ValueError(f"{text!r}: {quarters} quarters of an hour from UTC, at most 48")
    offset_s = quarters * _QUARTER_S * (1 if text[15] == "+" else -1)
    year, month, day, hour, minute, second = values
    present = datetime.fromtimestamp(at, UTC).year
    year += (present - year + 50) // 100 * 100
    try:
        local = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError as error:
        raise ValueError(f"{text!r}: no such date and time ({error})") from error
    return local.timestamp() - offset_s + int(text[12]) / 10


def format_absolute(at: float, zone: tzinfo = CHINA_ZONE) -> bytes:
    """Write a time as an absolute one in `zone`, tenths of a second rounded down.

    Raises EncodeError where the zone's offset is not a whole number of quarters of an hour, or
    more than twelve hours.
    """
    tenths = math.floor(at * 10 + 1e-4)
    local = datetime.fromtimestamp(tenths // 10, zone)
    offset = local.utcoffset() or timedelta()
    quarters, remainder = divmod(abs(int(offset.total_seconds())), _QUARTER_S)
    if remainder or quarters > _MAX_QUARTERS:
        raise EncodeError("time", f"zone at {offset}: quarters of an hour, at most 12 hours")
    sign = "-" if offset < timedelta() else "+"
    return f"{local:%y%m%d%H%M%S}{tenths % 10}{quarters:02d}{sign}".encode("ascii")


def format_relative(duration_s: float) -> bytes:
    """Write a duration as a relative time in days and less, seconds rounded up.

    Raises EncodeError for a negative duration or one of 32 days or more, which the form can only
    give in calendar months: use an absolute time.
    """
    seconds = math.ceil(duration_s)
    if not 0 <= seconds <= _MAX_RELATIVE_S:
        raise EncodeError("time", f"{duration_s} s: allowed are 0 to {_MAX_RELATIVE_S} s")
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    day, hour = divmod(hours, 24)
    return b"0000%02d%02d%02d%02d000R" % (day, hour, minute, second)
