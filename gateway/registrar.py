"""Change the registries: a change holds at once, and is told of when it is on disk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import cast

from gateway.ports import Clock, Journal
from routing.event import Event
from routing.events import JournalEvent, MoReceived
from routing.registries import Registries
from routing.rules import Rules
from routing.uplinks import take_uplink


class NotRecordedError(Exception):
    """Say that the disk was full: the change holds until the next start and isn't on disk."""


class Registrar:
    """Own the registries of a running gateway."""

    def __init__(self, clock: Clock, journal: Journal, rules: Callable[[], Rules]) -> None:
        """`rules` gives those in force; a reload leaves the registries as they are."""
        self.clock = clock
        self._journal = journal
        self._rules = rules

    @property
    def registries(self) -> Registries:
        """Give what verdicts look into."""
        return self._rules().registries

    async def record(self, events: Sequence[Event]) -> None:
        """Apply changes one after the other and wait until they are on disk.

        Raises ValueError for one that doesn't fit: those before it hold, it and those behind it
        don't. Raises NotRecordedError.
        """
        stored: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        try:
            for event in events:
                self.registries.apply(event)
                self._journal.append(cast("JournalEvent", event))
        finally:
            self._journal.after_commit(stored.set_result)
        if not await stored:
            raise NotRecordedError("the disk is full: the change holds until the next start only")

    def uplink(self, mo: MoReceived) -> list[JournalEvent]:
        """Take an uplink message in; gives what has to be journalled with it."""
        return cast("list[JournalEvent]", take_uplink(self._rules(), mo))
