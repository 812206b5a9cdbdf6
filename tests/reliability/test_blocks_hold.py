"""Block and release while messages come: none is accepted that was sent after the block (I10).

An account's business is suspended (clause 7.5), or its access number blocked by the case of a
breach (clause 7.3). What the recorder was told is on disk and in force: a message that is sent
after that, and answered before it is lifted, is refused, on whatever session it comes. A bound
session stays bound: the business is stopped, not the connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from gateway.load.errors import SubmitError
from gateway.load.esme import Esme
from routing.event import Event
from routing.standing_events import PortBlocked, PortReleased, Suspended, SuspensionLifted
from tests.support.inprocess import NUMBER, Running, running
from tests.support.samples import BY_ID

Change = Callable[[Running, int], Event]
"""Makes the event that begins or ends the suspension or block of a number."""
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

    block: int = 0
    """The suspension or block in force for certain, 0 for none."""
    accepted: int = 0
    refused: int = 0
    wrongly: int = 0
    """Accepted although sent and answered within one block."""


async def _send(esme: Esme, race: Race, first: int, answered: asyncio.Semaphore) -> None:
    for number in range(10**6):
        before = race.block
        try:
            await esme.submit(f"133000{(first + number) % 10**5:05}", TEXT, NUMBER)
        except SubmitError:
            race.refused += 1
        else:
            race.accepted += 1
            race.wrongly += before > 0 and before == race.block
        answered.release()


def _suspended(gateway: Running, number: int) -> Event:
    return Suspended(gateway.gateway.clock.at(), number, "police", "7.5", "op", "test")


def _let_go(gateway: Running, number: int) -> Event:
    return SuspensionLifted(gateway.gateway.clock.at(), number, "op", "test")


def _blocked(gateway: Running, number: int) -> Event:
    at = gateway.gateway.clock.at()
    return PortBlocked(at, number, "police", "7.3.1", "op", "test", (NUMBER,))


def _released(gateway: Running, number: int) -> Event:
    return PortReleased(gateway.gateway.clock.at(), number, "op", "test")


KINDS: dict[str, tuple[Change, Change]] = {
    "suspended": (_suspended, _let_go),
    "port_blocked": (_blocked, _released),
}
"""Check → what makes it fail, and what ends that."""


async def _toggle(gateway: Running, race: Race, answered: asyncio.Semaphore, kind: str) -> None:
    registrar = gateway.gateway.registrar
    begin, end = KINDS[kind]
    for number in range(1, TOGGLES + 1):
        await registrar.record([begin(gateway, number)])
        race.block = number
        await _some_answers(answered)
        race.block = 0
        await registrar.record([end(gateway, number)])
        await _some_answers(answered)


async def _some_answers(answered: asyncio.Semaphore) -> None:
    for _ in range(SESSIONS * EACH):
        await answered.acquire()


async def _race(kind: str, **settings: Any) -> Race:
    race, answered = Race(), asyncio.Semaphore(0)
    async with running(**SETTINGS, **settings) as gateway:
        sessions = [await gateway.esme() for _ in range(SESSIONS)]
        senders = [
            asyncio.get_running_loop().create_task(_send(esme, race, place * 20_000, answered))
            for place, esme in enumerate(sessions)
        ]
        await _toggle(gateway, race, answered, kind)
        assert all(not esme.lost.done() for esme in sessions)
        for sender in senders:
            sender.cancel()
        await asyncio.gather(*senders, return_exceptions=True)
        for esme in sessions:
            await esme.close()
    return race


@pytest.mark.parametrize("kind", KINDS)
async def test_nothing_is_accepted_after_a_block_was_confirmed(kind: str) -> None:
    race = await _race(kind)
    assert race.wrongly == 0
    assert min(race.accepted, race.refused) > TOGGLES


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("mode", ["off", "monitor"])
async def test_the_race_finds_a_gateway_that_does_not_look(kind: str, mode: str) -> None:
    checks = {f"checks__{kind}": mode}
    race = await _race(kind, **checks)
    assert race.wrongly > TOGGLES
    assert race.refused == 0
