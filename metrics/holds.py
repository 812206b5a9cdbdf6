"""Keep the orders by which records are kept longer than their time (clause 3.1.11)."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isfinite

from routing.events import Retained
from routing.office_events import HoldPlaced, HoldReleased

from .entries import EntryError, entry_of, given, next_in, shown


@dataclass(slots=True)
class KeepOrder:
    """Be one order: everything from `since` on (UTC seconds) is kept until it is released."""

    number: int
    since: float
    released_at: float = 0.0
    """0.0 while it stands."""
    history: list[HoldPlaced | HoldReleased] = field(default_factory=list)


@dataclass(slots=True)
class HoldRegister:
    """Fold orders to keep records; `check` refuses an event before it is recorded."""

    orders: dict[int, KeepOrder] = field(default_factory=dict)
    removals: list[Retained] = field(default_factory=list)
    """What was removed and by whom, in order; a removal that was cut short is there again."""

    def check(self, event: HoldPlaced | HoldReleased) -> None:
        """Raise EntryError for an event that can't be, saying what is allowed."""
        given(who=event.who, why=event.why)
        if isinstance(event, HoldReleased):
            self._standing(event)
            return
        next_in("hold", event.hold, self.orders)
        if not isfinite(event.since) or event.since < 0:
            raise EntryError(f"since: {event.since}, a time in seconds since 1970-01-01 is allowed")

    def apply(self, event: HoldPlaced | HoldReleased | Retained) -> None:
        """Take a recorded event in. Raises EntryError where the state doesn't allow it."""
        if isinstance(event, Retained):
            self.removals.append(event)
            return
        if isinstance(event, HoldPlaced):
            next_in("hold", event.hold, self.orders)
            found = self.orders[event.hold] = KeepOrder(event.hold, event.since)
        else:
            found = self._standing(event)
            found.released_at = event.at
        found.history.append(event)

    def standing(self) -> tuple[KeepOrder, ...]:
        """Give the orders that are not released, in order of their numbers."""
        return tuple(one for one in self.orders.values() if not one.released_at)

    def _standing(self, event: HoldReleased) -> KeepOrder:
        found = entry_of("hold", event.hold, self.orders)
        if found.released_at:
            raise EntryError(
                f"hold {found.number} was released at {shown(found.released_at)}: "
                "nothing more is allowed"
            )
        return found
