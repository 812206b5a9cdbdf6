"""Keep which carrier serves a ported number (clause 3.2.3); its prefix is only the fallback.

A number may be ported many times, also at a moment to come, and what held at any moment can be
asked: a message may have been submitted before its recipient was ported and delivered after.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from .number_history import NEVER, NumberHistory, Row
from .registry_events import ImportEvent, NumberPorted
from .registry_imports import Imports


class PortTerms(NamedTuple):
    """Say what a row says: which carrier serves the number from then on."""

    carrier: str
    """A carrier's name in the number plan; "" = the one its prefix is allotted to."""

    def as_texts(self) -> tuple[str, ...]:
        """Give the form of an import: the carrier."""
        return (self.carrier,)


def read_terms(texts: tuple[str, ...]) -> PortTerms:
    """Read the form of an import, see `PortTerms.as_texts`."""
    (carrier,) = texts
    return PortTerms(carrier)


@dataclass(slots=True, frozen=True)
class PortRecord:
    """Show one porting; times are UTC seconds since the epoch."""

    number: str
    carrier: str
    ported_at: float
    recorded_at: float
    import_id: int


def _covers(new: PortTerms, old: PortTerms) -> bool:
    return True


def _any(terms: PortTerms) -> bool:
    return True


class Portability:
    """Hold all ported numbers; changed by `apply` alone."""

    __slots__ = ("_history", "_imports", "empty")

    def __init__(self) -> None:
        """Start without any ported number."""
        self.empty = True
        """Whether no number is on record: then every prefix tells the truth."""
        self._history = NumberHistory(_covers)
        self._imports = Imports("numbers", self._history, read_terms)

    def apply(self, event: NumberPorted | ImportEvent) -> None:
        """Take in one change.

        Raises ValueError for an import that doesn't fit together.
        """
        if isinstance(event, NumberPorted):
            self._history.add(
                int(event.number),
                PortTerms(event.carrier),
                since=event.ported_at or event.at,
                recorded_at=event.at,
            )
        else:
            self._imports.apply(event)
        self.empty = not len(self._history)

    def carrier_of(self, number: str, by_prefix: str, at: float) -> str:
        """Give the carrier that serves an 11-digit number, `by_prefix` where it isn't ported."""
        if not number.isdecimal():
            return by_prefix
        terms = self._history.said(int(number), _any, at)
        return by_prefix if terms is None else terms.carrier or by_prefix

    def carrier_then(self, number: str, by_prefix: str, at: float, known_at: float = NEVER) -> str:
        """Give the carrier that served a number at a past moment, as recorded by `known_at`."""
        row = self._history.deciding_then(int(number), _any, at, known_at)
        return (self._history.terms(row).carrier if row else "") or by_prefix

    def route(
        self, number: str, by_prefix: str, submitted_at: float, at: float
    ) -> tuple[str, bool]:
        """Give who serves a recipient at `at`, and whether the message was routed to another.

        A message goes to the carrier that was known to serve its recipient when it was submitted.
        """
        if not number.isdecimal():
            return by_prefix, False
        serving = self.carrier_of(number, by_prefix, at)
        if serving == by_prefix and not self._history.knows(int(number)):
            return by_prefix, False
        return serving, serving != self.carrier_then(number, by_prefix, submitted_at, submitted_at)

    def records_of(self, number: str) -> list[PortRecord]:
        """Give the portings of a number, the one recorded first in front."""
        return [_record(row) for row in self._history.rows(int(number))]

    def numbers(self) -> Iterator[int]:
        """Give all numbers on record, in rising order."""
        return self._history.numbers()

    def records(self) -> Iterator[PortRecord]:
        """Give everything on record, in the order of numbers."""
        for number in self._history.numbers():
            yield from map(_record, self._history.rows(number))

    @property
    def unfinished(self) -> tuple[int, ...]:
        """Give the imports without an end."""
        return self._imports.unfinished

    @property
    def octets(self) -> int:
        """Give the memory that the registry takes, about."""
        return self._history.octets


def _record(row: Row[PortTerms]) -> PortRecord:
    return PortRecord(
        number=str(row.number),
        carrier=row.terms.carrier,
        ported_at=row.since,
        recorded_at=row.recorded_at,
        import_id=row.import_id,
    )
