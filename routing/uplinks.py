"""Decide what an uplink message changes in the registries (clauses 3.1.7, 3.1.8 and 4.3).

A refusal holds for the next verdict, even of the same millisecond. A message that asks for nothing
special is the user's own, by which an answer may be commercial or go outside the scope; a refusal
is none. A longer text that only mentions a refusal waits for a person.
"""

from __future__ import annotations

from .event import Event
from .events import JournalEvent, MoReceived
from .numbering import normalise_recipient
from .registry_events import ReviewOpened
from .rules import Rules


def take_uplink(rules: Rules, mo: MoReceived) -> list[Event]:
    """Let the registries know of an uplink message.

    Gives the changes that follow, applied, and what the carrier answers.
    """
    number = normalise_recipient(mo.sender)
    if number is None:
        return []
    registries = rules.registries
    found = registries.keywords.recognise(mo.text, mo.access_number)
    if found.action == "review":
        change: Event | None = ReviewOpened(
            mo.at, mo.mo_id, number, mo.access_number, mo.text, found.rule
        )
    else:
        change = found.event(number, _owned(rules, mo), "", mo_id=mo.mo_id, at=mo.at)
    if change is None:
        registries.uplinks.record(number, _owned(rules, mo), mo.at)
    else:
        registries.apply(change)
    answer = registries.answers.answer(found.action, number, mo)
    return [event for event in (change, answer) if event is not None]


def remember(rules: Rules, event: JournalEvent) -> None:
    """Take in, at start-up, what the journal has of changes, and uplink messages of late.

    What followed from a message is an event of its own; it only says that the user has written.
    """
    if not isinstance(event, MoReceived):
        rules.registries.apply(event)
        return
    number = normalise_recipient(event.sender)
    found = rules.registries.keywords.recognise(event.text, event.access_number)
    if number is not None and found.action in ("none", "help"):
        rules.registries.uplinks.record(number, _owned(rules, event), event.at)


def _owned(rules: Rules, mo: MoReceived) -> str:
    """Give the access number without extension digits."""
    owner = rules.owner_of(mo.access_number)
    return mo.access_number if owner is None else owner.number
