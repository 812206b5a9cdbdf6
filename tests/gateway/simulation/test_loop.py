from __future__ import annotations

import asyncio
import socket

from gateway.clock import ManualClock, SystemClock
from gateway.simulation.loop import run_simulated


class FastClock:
    """Run a thousand times as fast as the machine's clock."""

    scale = 1000.0

    def now(self) -> float:
        return SystemClock.now() * self.scale


def test_a_timer_rings_when_the_clock_has_come_to_it_and_not_before() -> None:
    clock = ManualClock(now=50.0)
    rung: list[float] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(3600.0, lambda: rung.append(loop.time()))
        clock.advance(3599.0)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert rung == []
        clock.advance(1.0)
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    run_simulated(main(), clock)
    assert rung == [3650.0]


def test_what_comes_from_outside_is_not_kept_waiting_by_a_standing_clock() -> None:
    async def main() -> bytes:
        near, far = socket.socketpair()
        reader, writer = await asyncio.open_connection(sock=near)
        far.sendall(b"here")
        found = await reader.readexactly(4)
        writer.close()
        far.close()
        return found

    assert run_simulated(main(), ManualClock()) == b"here"


def test_a_scaled_clock_lets_an_hour_pass_in_seconds() -> None:
    began = SystemClock.now()
    run_simulated(asyncio.sleep(600.0), FastClock())
    assert SystemClock.now() - began < 5.0
