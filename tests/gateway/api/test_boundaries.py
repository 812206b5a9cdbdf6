"""Hold a whole gateway to the limits of clause 7.3 and annex 1 item 14, one below and one above."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest

from config.section import SHANGHAI
from gateway.clock import ManualClock
from routing.office_events import ComplaintReceived
from tests.support.http import Api, api_of
from tests.support.inprocess import Running, running

NOON = datetime(2026, 3, 10, 12, tzinfo=SHANGHAI).timestamp()
COMPLAINT = {"channel": "10000", "cause": "no_consent", "attribution": "unclear"}


@pytest.fixture
async def gateway() -> AsyncIterator[Running]:
    async with running(clock=ManualClock(at=NOON)) as found:
        yield found


async def complain(gateway: Running, upto: int) -> None:
    """Enter complaints of users who had not agreed until there are so many."""
    registrar, at = gateway.gateway.registrar, gateway.gateway.clock.at()
    known = len(gateway.gateway.office.complaints.complaints)
    await registrar.record(
        [
            ComplaintReceived(at, n, "police", "10000", "no_consent", "unclear", "party_b", "op")
            for n in range(known + 1, upto + 1)
        ]
    )
    registrar.settle()


async def rows_of(api: Api) -> list[tuple[int, str, int]]:
    """Give row, grade and number of breaches of every case, the latest first."""
    found = (await api.get("breaches"))["items"]
    return [(one["row"], one["grade"], one["evidence"]["breaches"]) for one in found]


@pytest.mark.parametrize(
    ("complaints", "below", "above"),
    [(1_000, (1, "general"), (8, "serious")), (10_000, (8, "serious"), (22, "major"))],
)
async def test_one_more_complaint_than_the_limit_makes_the_breach_graver(
    gateway: Running, complaints: int, below: tuple[int, str], above: tuple[int, str]
) -> None:
    async with api_of(gateway) as api:
        await complain(gateway, complaints)
        assert await rows_of(api) == [(*below, complaints)]
        await api.post("complaints", **COMPLAINT)
        gateway.gateway.registrar.settle()
        assert (await rows_of(api))[0][:2] == above


async def test_the_limits_of_the_contract_file_count() -> None:
    limits: dict[str, Any] = {
        "contract__breach__consent_serious": 2,
        "contract__breach__consent_major": 4,
    }
    seen: list[int] = []
    async with running(clock=ManualClock(at=NOON), **limits) as gateway, api_of(gateway) as api:
        for _complaint in range(5):
            await api.post("complaints", **COMPLAINT)
            gateway.gateway.registrar.settle()
            seen.append((await rows_of(api))[0][0])
    assert seen == [1, 1, 8, 8, 22]


MONTHS = ("2026-01", "2026-02", "2026-04", "2026-12", "2028-02")


@pytest.mark.parametrize("month", MONTHS)
@pytest.mark.parametrize(("late_s", "reached"), [(-0.001, True), (0.0, False)])
async def test_a_month_has_as_many_days_as_it_has(month: str, late_s: float, reached: bool) -> None:
    """The hundredth complaint counts in the last millisecond of a month, and not in the next."""
    begin = datetime.fromisoformat(f"{month}-01").replace(tzinfo=SHANGHAI)
    year, number = begin.year + begin.month // 12, begin.month % 12 + 1
    end = begin.replace(year=year, month=number).timestamp()
    clock = ManualClock(at=begin.timestamp())
    async with running(clock=clock) as gateway, api_of(gateway) as api:
        await complain(gateway, 99)
        clock.advance(end + late_s - clock.at())
        await api.post("complaints", **COMPLAINT)
        (counts,) = (await api.get("complaints", limit=1))["counts"]
    assert (counts["month"], counts["stop_right"]) == (100 if reached else 1, reached)
