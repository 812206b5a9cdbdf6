from __future__ import annotations

import asyncio

from gateway.journal.forgetful import ForgetfulJournal
from routing.events import Stopped

EVENT = Stopped(1_772_000_000.0, "signal")


async def test_a_commit_is_answered_in_the_next_turn_of_the_loop_and_not_before() -> None:
    journal = ForgetfulJournal()
    answers: list[bool] = []
    journal.append(EVENT)
    journal.after_commit(answers.append)
    assert answers == []
    await asyncio.sleep(0)
    assert answers == [True]


async def test_commits_are_answered_in_the_order_in_which_they_were_asked_for() -> None:
    journal = ForgetfulJournal()
    answers: list[str] = []
    journal.extend([EVENT, EVENT])
    journal.after_commit(lambda stored: answers.append(f"first {stored}"))
    journal.after_commit(lambda stored: answers.append(f"second {stored}"))
    await asyncio.sleep(0)
    assert answers == ["first True", "second True"]


async def test_it_never_fills_never_fails_and_never_advances() -> None:
    journal = ForgetfulJournal()
    journal.extend([EVENT] * 1000)
    await journal.flush()
    assert not journal.full()
    assert not journal.short_of_space()
    assert journal.failed is None
    assert journal.sequence == 0
    await journal.close()
