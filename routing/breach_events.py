"""Name what the journal records of breaches, their cases and immediate stops (clause 7).

The rules of `routing.events` hold: fields are positional, new ones go to the end with a default,
times are UTC seconds since the epoch. `who` is a person, or `system` for what follows by itself;
`why` is the reason given. An access number stands without extension; no ports mean all of the
account's.
"""

from __future__ import annotations

from typing import TypeAlias

from .event import Event


class BreachSign(Event, tag=56, gc=False):
    """Record a sign of a breach that no message shows alone: an incident, a lease, a paper."""

    account: str
    row: int
    """Of the table of clause 7.3."""
    who: str
    why: str
    ports: tuple[str, ...] = ()
    message_id: int = 0
    reference: str = ""
    """Number of the incident, complaint or paper."""


class CaseOpened(Event, tag=57, gc=False):
    """Record that a breach is suspected."""

    case: int
    account: str
    row: int
    grade: str
    who: str
    why: str
    ports: tuple[str, ...] = ()
    first_at: float = 0.0
    """Time of the first breach."""
    causes: tuple[int, ...] = ()
    """Cases that together make this one (rows 9 and 25)."""
    trigger: str = ""
    """What it was opened for, where that may happen once only, such as one day's number."""


class CaseMoved(Event, tag=58, gc=False):
    """Record one step of a case; what `moment`, `until` and the rest mean follows from `action`.

    suspend: `until` is when the explanation is due. notice: `moment` is when the letter was sent,
    `until` when rectification ends if that is counted from there, else 0. deliver: `moment` is
    when it arrived, `until` when rectification ends. pass: `until` is when the block ends.
    stop: `until` is when the freeze of applications ends.
    """

    case: int
    action: str
    state: str
    """State of the case after the step."""
    who: str
    why: str
    moment: float = 0.0
    until: float = 0.0
    row: int = 0
    """Of a case whose row changed, else 0."""
    grade: str = ""
    """Confirmed or changed grade, else ""."""
    penalty_fen: int = 0
    reported: bool = False
    """Whether the authority is told (clause 7.3)."""
    form: str = ""
    """Form of a notice: letter, fax or email."""
    reference: str = ""
    """Number of the notice, the evidence or the paper."""


class BusinessStopped(Event, tag=59, gc=False):
    """Record that party B stops an account's business without a case of clause 7.3."""

    stop: int
    account: str
    ground: str
    """Clause that allows it, such as `annex 1.14`."""
    who: str
    why: str
    ports: tuple[str, ...] = ()
    trigger: str = ""
    """What it was done for, where that may happen once only, such as one month's complaints."""


class BusinessResumed(Event, tag=60, gc=False):
    """Record that an immediate stop is lifted."""

    stop: int
    who: str
    why: str


class EvidenceGathered(Event, tag=61, gc=False):
    """Record the signs of one row and day that came since the last such event.

    It lets the ledger be rebuilt without the messages. Examples are the first ones; counts are
    exact.
    """

    account: str
    row: int
    day: int
    """Days since 1970-01-01, Asia/Shanghai."""
    by_message: bool
    """Whether messages show them, so that they count for the scale of the day."""
    breaches: int
    warnings: int
    acted: int
    """Breaches for which this row was the gravest."""
    first_at: float
    last_at: float
    message_ids: tuple[int, ...] = ()
    references: tuple[str, ...] = ()
    ports: tuple[tuple[str, int], ...] = ()
    """Access numbers with their breaches."""
    all_ports: bool = False


class TrafficCounted(Event, tag=62, gc=False):
    """Record the accepted messages of an account's day that came since the last such event."""

    account: str
    day: int
    messages: int


BreachEvent: TypeAlias = (
    BreachSign
    | CaseOpened
    | CaseMoved
    | BusinessStopped
    | BusinessResumed
    | EvidenceGathered
    | TrafficCounted
)
