from __future__ import annotations

import asyncio
import gc

import pytest

from gateway.tasks import Tasks


class Failures:
    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []

    def __call__(self, name: str, error: BaseException) -> None:
        self.seen.append((name, str(error)))


async def test_a_task_has_its_name_and_gives_its_result() -> None:
    tasks = Tasks(Failures())

    async def answer() -> int:
        return 42

    task = tasks.start(answer(), "answer")
    assert task.get_name() == "answer"
    assert await task == 42


async def test_a_failure_is_reported_with_the_name_of_the_task() -> None:
    failures = Failures()
    tasks = Tasks(failures)

    async def fail() -> None:
        raise OSError("no route")

    await asyncio.wait([tasks.start(fail(), "connector")])
    assert failures.seen == [("connector", "no route")]


async def test_a_task_nobody_else_keeps_survives_the_garbage_collector() -> None:
    tasks = Tasks(Failures())
    done = asyncio.Event()

    async def wait() -> None:
        await asyncio.get_running_loop().create_future()

    tasks.start(wait(), "waiter").add_done_callback(lambda _: done.set())
    await asyncio.sleep(0)
    gc.collect()
    assert len(tasks) == 1
    await tasks.close()
    assert done.is_set()


async def test_close_cancels_and_waits_without_reporting_the_cancellation() -> None:
    failures = Failures()
    tasks = Tasks(failures)
    ended = []

    async def run() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            ended.append(True)

    tasks.start(run(), "runner")
    await asyncio.sleep(0)
    await tasks.close()
    assert (ended, len(tasks), failures.seen) == ([True], 0, [])


async def test_nothing_starts_after_close() -> None:
    tasks = Tasks(Failures())
    await tasks.close()

    async def late() -> None:
        raise AssertionError("must not run")

    with pytest.raises(RuntimeError, match="task late: started after close"):
        tasks.start(late(), "late")
