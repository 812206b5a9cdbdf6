from __future__ import annotations

import math
from datetime import datetime
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.content import TimeWindow
from config.section import SHANGHAI
from routing.time_windows import Hours


def window(opens: str, closes: str, category: str = "commercial", **more: object) -> TimeWindow:
    return TimeWindow.model_validate(
        {"category": category, "opens": opens, "closes": closes, **more}
    )


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).timestamp()


ADS = Hours([window("08:00", "22:00")])


@pytest.mark.parametrize(
    ("moment", "passes"),
    [
        ("2026-03-18T07:59:59.999", False),
        ("2026-03-18T08:00:00", True),
        ("2026-03-18T21:59:59.999", True),
        ("2026-03-18T22:00:00", False),
        ("2026-03-19T00:00:00", False),
    ],
)
def test_a_window_holds_its_first_moment_and_not_its_last(moment: str, passes: bool) -> None:
    assert (ADS.judge("commercial", "ordinary", at(moment)) is None) == passes


@pytest.mark.parametrize(
    ("moment", "opens"),
    [("2026-02-28T07:59", "2026-02-28 08:00"), ("2026-02-28T22:00", "2026-03-01 08:00")],
)
def test_what_is_found_names_the_next_moment(moment: str, opens: str) -> None:
    finding = ADS.judge("commercial", "ordinary", at(moment))
    assert finding is not None
    assert finding.en == (
        "Messages of category commercial are sent at 08:00-22:00 (Asia/Shanghai) only."
    )
    assert finding.zh == "商业类短信仅可在北京时间08:00-22:00发送。"
    assert finding.seen == moment.replace("T", " ") + ":00+08:00"
    assert finding.allowed == f"from {opens}+08:00 on"
    assert ADS.next_open("commercial", "ordinary", at(moment)) == at(opens)


@pytest.mark.parametrize(
    ("moment", "passes"),
    [
        ("2026-03-18T20:59:59", False),
        ("2026-03-18T21:00", True),
        ("2026-03-18T23:59:59.999", True),
        ("2026-03-19T00:00", True),
        ("2026-03-19T05:59", True),
        ("2026-03-19T06:00", False),
    ],
)
def test_a_window_may_go_over_midnight(moment: str, passes: bool) -> None:
    hours = Hours([window("21:00", "06:00")])
    assert (hours.judge("commercial", "instant", at(moment)) is None) == passes


def test_24_00_is_the_end_of_the_day_and_as_an_opening_its_beginning() -> None:
    evening = Hours([window("18:00", "24:00")])
    assert evening.judge("commercial", "ordinary", at("2026-03-18T23:59:59.999")) is None
    finding = evening.judge("commercial", "ordinary", at("2026-03-19T00:00"))
    assert finding is not None
    assert "18:00-24:00" in finding.en
    night = Hours([window("24:00", "06:00")])
    assert night.judge("commercial", "ordinary", at("2026-03-19T00:00")) is None
    assert night.judge("commercial", "ordinary", at("2026-03-19T06:00")) is not None


@pytest.mark.parametrize(
    ("opens", "closes"), [("00:00", "24:00"), ("00:00", "00:00"), ("08:00", "08:00")]
)
def test_a_window_of_a_whole_day_never_closes(opens: str, closes: str) -> None:
    hours = Hours([window(opens, closes)])
    for hour in range(24):
        assert hours.judge("commercial", "ordinary", at(f"2026-03-18T{hour:02d}:00")) is None


def test_windows_add_up() -> None:
    hours = Hours([window("14:00", "18:00"), window("08:00", "12:00"), window("11:00", "13:00")])
    finding = hours.judge("commercial", "ordinary", at("2026-03-18T13:00"))
    assert finding is not None
    assert "08:00-13:00, 14:00-18:00" in finding.en
    assert finding.allowed == "from 2026-03-18 14:00+08:00 on"


def test_a_category_or_service_without_windows_has_no_limit() -> None:
    night = at("2026-03-18T03:00")
    hours = Hours([window("08:00", "22:00", services=("ordinary",))])
    assert hours.judge("commercial", "ordinary", night) is not None
    assert hours.judge("commercial", "instant", night) is None
    assert hours.judge("notice", "ordinary", night) is None
    assert hours.next_open("notice", "ordinary", night) == night


def test_emergencies_and_instant_codes_have_no_hours() -> None:
    night = at("2026-03-18T03:00")
    hours = Hours([window("08:00", "22:00", "emergency"), window("08:00", "22:00", "verification")])
    assert hours.judge("emergency", "ordinary", night) is None
    assert hours.judge("emergency", "instant", night) is None
    assert hours.judge("verification", "instant", night) is None
    assert hours.judge("verification", "ordinary", night) is not None


MINUTES = st.integers(0, 1440)


def _text(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


@given(st.lists(st.tuples(MINUTES, MINUTES), min_size=1, max_size=4), st.integers(0, 1439))
def test_a_naive_look_at_every_minute_agrees(spans: list[tuple[int, int]], minute: int) -> None:
    def open_at(moment: int) -> bool:
        return any(
            first % 1440 <= moment < last
            if first % 1440 < last
            else moment >= first % 1440 or moment < last
            for first, last in spans
        )

    hours = Hours([window(_text(first), _text(last)) for first, last in spans])
    midnight = at("2026-03-18T00:00")
    moment = midnight + 60.0 * minute
    assert (hours.judge("commercial", "ordinary", moment) is None) == open_at(minute)
    waits = next(wait for wait in range(1441) if open_at((minute + wait) % 1440))
    assert hours.next_open("commercial", "ordinary", moment) == moment + 60 * waits


@given(st.floats(0, 4e9))
def test_the_next_moment_passes_itself(moment: float) -> None:
    opens = ADS.next_open("commercial", "ordinary", moment)
    assert opens >= moment
    assert ADS.judge("commercial", "ordinary", opens) is None
    if opens > moment:
        assert ADS.judge("commercial", "ordinary", math.nextafter(opens, 0)) is not None


def test_every_service_can_be_named() -> None:
    services = get_args(get_args(TimeWindow.model_fields["services"].annotation)[0])
    assert set(services) == {"ordinary", "instant"}
