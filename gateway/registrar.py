"""Change registries and office: a change holds at once, and is told of when it is on disk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import cast

from config.account import Account
from gateway.ports import Clock, Journal
from metrics.office import Office
from metrics.office_gauges import OfficeGauges, gauges_of
from routing.event import Event
from routing.events import JournalEvent, MoReceived
from routing.registries import Registries
from routing.rules import Rules
from routing.uplinks import take_uplink


class NotRecordedError(Exception):
    """Say that the disk was full: the change holds until the next start and isn't on disk."""


class Registrar:
    """Change the registries and the office of a running gateway."""

    def __init__(
        self, clock: Clock, journal: Journal, rules: Callable[[], Rules], office: Office
    ) -> None:
        """`rules` gives those in force; a reload leaves the registries as they are."""
        self.clock = clock
        self.office = office
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
                self.office.check(event)
                self._take(event)
        finally:
            self._stand()
            self._journal.after_commit(stored.set_result)
        if not await stored:
            raise NotRecordedError("the disk is full: the change holds until the next start only")

    def settle(self, *, everything: bool = False) -> None:
        """Record what follows by itself by now: evidence, cases, ends of blocks (clause 7.3).

        For a call once a second, and one with `everything` at the end. Without room on disk it
        waits.
        """
        at = self.clock.at()
        while not self._journal.full() and (events := self.office.due(at, everything=everything)):
            for event in events:
                self._take(event)
        self._stand()

    def gauges(self, accounts: Mapping[str, Account]) -> OfficeGauges:
        """Give what a scrape shows of the office."""
        return gauges_of(self.office, self.clock.at(), accounts)

    def _take(self, event: Event) -> None:
        self.registries.apply(event)
        # An import closes with the time at which it began, and holds from now on all the same.
        self.registries.changed(self.clock.at())
        self.office.apply(event)
        self._journal.append(cast("JournalEvent", event))

    def _stand(self) -> None:
        """Let verdicts know of the blocks that the ledger of breaches leads to."""
        self.registries.standing.adopt(self.office.holds(self.clock.at()))

    def uplink(self, mo: MoReceived) -> list[JournalEvent]:
        """Take an uplink message in; gives what has to be journalled with it."""
        changes = take_uplink(self._rules(), mo)
        for change in changes:
            self.office.apply(change)
        return cast("list[JournalEvent]", changes)
