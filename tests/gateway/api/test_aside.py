"""Hold that long reckoning has its turn: one at a time, and a line that is only so long."""

from __future__ import annotations

import asyncio
import threading

import pytest

from gateway.api.aside import Aside
from gateway.api.ports import RefusedError


async def test_one_piece_of_work_is_done_at_a_time() -> None:
    aside, lock, most, running = Aside(), threading.Lock(), 0, 0

    def work() -> int:
        nonlocal most, running
        with lock:
            running += 1
            most = max(most, running)
        threading.Event().wait(0.002)
        with lock:
            running -= 1
        return threading.get_ident()

    threads = await asyncio.gather(*(aside.run(work) for _ in range(8)))
    assert most == 1
    assert threading.get_ident() not in threads


async def test_those_who_find_too_many_waiting_are_refused_and_others_go_on() -> None:
    aside, gate = Aside(most_waiting=2), threading.Event()
    asked = [asyncio.ensure_future(aside.run(gate.wait)) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(RefusedError, match="2 questions for figures wait, 2 allowed") as refused:
        await aside.run(gate.wait)
    assert refused.value.status == 503
    gate.set()
    assert await asyncio.gather(*asked) == [True] * 3
    assert await aside.run(lambda: 7) == 7


async def test_work_that_fails_gives_its_turn_back() -> None:
    aside = Aside(most_waiting=0)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            await aside.run(lambda: 1 // 0)
