"""Suspend and lift while messages come: none is accepted that was sent after the suspension (I10).

What the recorder of a suspension was told is on disk and in force: a message that is sent after
that, and answered before the suspension is lifted, is refused, on whatever session it comes. A
bound session stays bound (clause 7.5: the business is suspended, not the connection).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest

from gateway.load.errors import SubmitError
from gateway.load.esme import Esme
from routing.standing_events import Suspended, SuspensionLifted
from tests.support.inprocess import NUMBER, Running, running
from tests.support.samples import BY_ID

TOGGLES = 200
SESSIONS = 4
EACH = 3
"""Answers of each session awaited between two changes."""
TEXT = BY_ID["T18"].text
SETTINGS: dict[str, Any] = {"checks__frequency": "off"}
"""The same text goes to the same users all the time."""


@dataclass
class Race:
    """Hold what the sessions know of the suspension, and what they have seen."""

    suspension: int = 0
    """The one in force for certain, 0 for none."""
    accepted: int = 0
    refused: int = 0
    wrongly: int = 0
    """Accepted although sent and answered within one suspension."""


async def _send(esme: Esme, race: Race, first: int, answered: asyncio.Semaphore) -> None:
    for number in range(10**6):
        before = race.suspension
        try:
            await esme.submit(f"133000{(first + number) % 10**5:05}", TEXT, NUMBER)
        except SubmitError:
            race.refused += 1
        else:
            race.accepted += 1
            race.wrongly += before > 0 and before == race.suspension
        answered.release()


async def _toggle(gateway: Running, race: Race, answered: asyncio.Semaphore) -> None:
    registrar = gateway.gateway.registrar
    for _ in range(TOGGLES):
        at = registrar.clock.at()
        number = registrar.registries.standing.next_suspension()
        await registrar.record([Suspended(at, number, "police", "7.5", "op", "test")])
        race.suspension = number
        await _some_answers(answered)
        race.suspension = 0
        lifted = SuspensionLifted(registrar.clock.at(), number, "op", "test")
        await registrar.record([lifted])
        await _some_answers(answered)


async def _some_answers(answered: asyncio.Semaphore) -> None:
    for _ in range(SESSIONS * EACH):
        await answered.acquire()


async def _race(**settings: Any) -> Race:
    race, answered = Race(), asyncio.Semaphore(0)
    async with running(**SETTINGS, **settings) as gateway:
        sessions = [await gateway.esme() for _ in range(SESSIONS)]
        senders = [
            asyncio.get_running_loop().create_task(_send(esme, race, place * 20_000, answered))
            for place, esme in enumerate(sessions)
        ]
        await _toggle(gateway, race, answered)
        assert all(not esme.lost.done() for esme in sessions)
        for sender in senders:
            sender.cancel()
        await asyncio.gather(*senders, return_exceptions=True)
        for esme in sessions:
            await esme.close()
    return race


async def test_nothing_is_accepted_after_a_suspension_was_confirmed() -> None:
    race = await _race()
    assert race.wrongly == 0
    assert min(race.accepted, race.refused) > TOGGLES


@pytest.mark.parametrize("mode", ["off", "monitor"])
async def test_the_race_finds_a_gateway_that_does_not_look(mode: str) -> None:
    race = await _race(checks__suspended=mode)
    assert race.wrongly > TOGGLES
    assert race.refused == 0
