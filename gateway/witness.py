"""Show the office what the journal has stored: of all traffic the few events that tell of breaches.

A turn of the loop is looked through once, when it is encoded. Nearly all of it is messages that
passed every check, and what became of them: of these only the number counts. What the disk had no
space for was never there, so it is shown only when it is stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from config.contract import Contract
from metrics.office import Office
from routing.events import (
    JournalEvent,
    MoAcknowledged,
    MoDropped,
    MoReceived,
    MoRefused,
    Outcome,
    Submission,
)
from routing.rules import Rules

_UPLINK: Final = (MoReceived, MoAcknowledged, MoRefused, MoDropped)


def open_office(contract: Contract, rules: Callable[[], Rules]) -> Office:
    """Open an office without entries; `rules` gives those in force."""

    def port_of(account: str, sender: str) -> str:
        known = rules().accounts.get(account)
        return "" if known is None else known.base_of(sender)

    def refuses(text: str) -> bool:
        return rules().registries.keywords.recognise(text).action in ("opt_out", "opt_out_all")

    return Office(contract, port_of=port_of, refuses=refuses)


@dataclass(slots=True)
class Noted:
    """Hold what one turn of the loop has for the office."""

    accepted: dict[str, int] = field(default_factory=dict)
    """Accepted messages that passed every check, by account."""
    at: float = 0.0
    """Business time of the last of them; all are of one turn of the loop."""
    events: list[JournalEvent] = field(default_factory=list)


class Witness:
    """Look through the journal of one gateway for its office."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._waiting = office.ledger.facts.waiting

    def look(self, events: Iterable[JournalEvent]) -> Noted | None:
        """Pick out what the office wants to see, None where there is nothing."""
        noted = Noted()
        accepted, picked = noted.accepted, noted.events
        for event in events:
            if isinstance(event, Submission):
                if event.failures:
                    picked.append(event)
                elif event.accepted:
                    account = event.account
                    accepted[account] = accepted.get(account, 0) + 1
                    noted.at = event.at
            elif isinstance(event, Outcome):
                if event.message_id in self._waiting:
                    picked.append(event)
            elif isinstance(event, _UPLINK):
                picked.append(event)
        return noted if accepted or picked else None

    def stored(self, noted: Noted) -> None:
        """Show what is on disk now."""
        facts = self._office.ledger.facts
        for account, messages in noted.accepted.items():
            facts.accepted(account, noted.at, messages)
        for event in noted.events:
            self._office.apply(event)
