"""Gather what speaks for one breach: how often, when, on which ports, and a few examples."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

SAMPLE: Final = 20
"""Message ids, and other references, kept as examples: the first ones seen."""
MAX_PORTS: Final = 64
"""Access numbers told apart; with more of them they count as not separable."""


@dataclass(slots=True)
class Evidence:
    """Hold the signs of one row for one account, of bounded size however many they are.

    A sign is a breach, or a warning where the message was refused and so did no harm. `acted` are
    the breaches for which this row was the gravest of all that the same message broke: only they
    make a case, the others are recorded beside it. Times are UTC seconds since the epoch.
    """

    account: str
    row: int
    case: int = 0
    """Number of the case that these signs belong to, 0 for none."""
    breaches: int = 0
    warnings: int = 0
    acted: int = 0
    first_at: float = 0.0
    """Of the first breach, or of the first warning while there is no breach."""
    last_at: float = 0.0
    """Of the last sign of either kind."""
    message_ids: list[int] = field(default_factory=list)
    """Of breaches; those of warnings give way to them."""
    references: list[str] = field(default_factory=list)
    """Numbers of complaints, invoices and papers."""
    ports: dict[str, int] = field(default_factory=dict)
    """Breaches by access number."""
    all_ports: bool = False
    """Whether the access numbers can't be told apart."""

    @property
    def count(self) -> int:
        """Give the number of signs of either kind."""
        return self.breaches + self.warnings

    def warn(self, at: float, message_id: int, reference: str = "") -> None:
        """Add a message that was refused."""
        if not self.breaches:
            self.first_at = min(self.first_at, at) if self.warnings else at
            self._sample(message_id, "")
        self._sample(0, reference)
        self.warnings += 1
        self.last_at = max(self.last_at, at)

    def breach(
        self,
        at: float,
        ports: tuple[str, ...],
        *,
        message_id: int = 0,
        reference: str = "",
        acted: bool = True,
    ) -> None:
        """Add a breach on some access numbers; none means that it concerns all of them."""
        if not self.breaches:
            self.first_at = at
            self.message_ids.clear()
        self.breaches += 1
        self.acted += acted
        self.first_at = min(self.first_at, at)
        self.last_at = max(self.last_at, at)
        self._sample(message_id, reference)
        self.all_ports |= not ports
        for port in ports:
            self._port(port)

    def touched(self) -> tuple[str, ...]:
        """Give the access numbers concerned, none where all are."""
        return () if self.all_ports else tuple(sorted(self.ports))

    def take_in(self, other: Evidence) -> None:
        """Add what another row, or another case, gathered for the same account."""
        if not other.count:
            return
        if other.breaches and not self.breaches:
            self.first_at = other.first_at
            self.message_ids = list(other.message_ids)
        elif bool(other.breaches) == bool(self.breaches):
            self.first_at = min(self.first_at, other.first_at) if self.count else other.first_at
            for message_id in other.message_ids:
                self._sample(message_id, "")
        self.last_at = max(self.last_at, other.last_at)
        self.breaches += other.breaches
        self.warnings += other.warnings
        self.acted += other.acted
        for reference in other.references:
            self._sample(0, reference)
        self.all_ports |= other.all_ports
        for port, count in other.ports.items():
            self._port(port, count)

    def _sample(self, message_id: int, reference: str) -> None:
        if message_id and len(self.message_ids) < SAMPLE:
            self.message_ids.append(message_id)
        if reference and reference not in self.references and len(self.references) < SAMPLE:
            self.references.append(reference)

    def _port(self, port: str, count: int = 1) -> None:
        if port in self.ports:
            self.ports[port] += count
        elif len(self.ports) >= MAX_PORTS:
            self.all_ports = True
        else:
            self.ports[port] = count
