from __future__ import annotations

import pytest

from gateway.api.shapes import ClockShown
from gateway.clock import SimulatedClock

from .memory import NOON, Memory, conforms

PATH = "/api/v1/clock"


@pytest.fixture
def memory() -> Memory:
    made = Memory()
    made.clock = SimulatedClock(NOON, lambda: 0.0)  # type: ignore[assignment]  # a clock as well
    return made


async def test_a_simulated_clock_is_put_forward_and_paced(memory: Memory) -> None:
    async with memory.client() as client:
        shown = (await client.get(PATH)).json()
        conforms(shown, ClockShown)
        assert shown == {"at": "2026-03-02T12:00:00.000+08:00", "simulated": True, "scale": 1.0}
        moved = (await client.post(PATH, json={"advance_s": 3600, "scale": 60})).json()
        assert (moved["at"], moved["scale"]) == ("2026-03-02T13:00:00.000+08:00", 60.0)
        moved = (await client.post(PATH, json={"to": "2026-04-01"})).json()
        assert moved["at"] == "2026-04-01T00:00:00.000+08:00"
    assert [action[:3] for action in memory.audit.actions] == [
        ("local", "clock", "2026-03-02T12:00:00.000+08:00"),
        ("local", "clock", "2026-03-02T13:00:00.000+08:00"),
    ]


async def test_a_real_clock_is_shown_and_not_moved() -> None:
    memory = Memory()
    async with memory.client() as client:
        assert (await client.get(PATH)).json()["simulated"] is False
        refused = await client.post(PATH, json={"advance_s": 1})
    assert refused.status_code == 409
    assert "start it with smsgw serve --clock" in refused.json()["detail"]
    assert memory.audit.actions == []


async def test_time_never_goes_back(memory: Memory) -> None:
    async with memory.client() as client:
        refused = await client.post(PATH, json={"to": "2026-03-01"})
    assert refused.status_code == 409
    assert "time never goes back" in refused.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [{}, {"advance_s": -1}, {"advance_s": 1, "to": "2026-04-01"}, {"scale": 1e9}, {"to": "soon"}],
)
async def test_a_move_that_makes_no_sense_is_refused(
    memory: Memory, body: dict[str, object]
) -> None:
    async with memory.client() as client:
        assert (await client.post(PATH, json=body)).status_code == 422
