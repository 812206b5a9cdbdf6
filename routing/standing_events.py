"""Name what the journal records of an account's standing and of changes of the user scope.

The rules of `routing.events` hold: fields are positional, new ones go to the end with a default,
times are UTC seconds since the epoch. A moment of 0.0 is `at`, an end of 0.0 is none. No ports are
all of the account's, no services all kinds, and an account of "" is every account of the contract.
An access number stands without extension. `who` is who did it, `why` is for people.
"""

from __future__ import annotations

from typing import TypeAlias

from .event import Event


class Suspended(Event, tag=46, gc=False):
    """Record that party B suspends business (clauses 7.2, 7.5, 7.7, 9.2, annex 12 to 14)."""

    suspension: int
    account: str
    clause: str
    who: str
    why: str
    ports: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    since: float = 0.0
    until: float = 0.0
    explain_by: float = 0.0
    """When party A's explanation is due (clause 7.5)."""
    reference: str = ""
    """Number of the order, the notice or the paper."""


class SuspensionLifted(Event, tag=47, gc=False):
    """Record that a suspension ends at `at`."""

    suspension: int
    who: str
    why: str


class PortBlocked(Event, tag=48, gc=False):
    """Record the block of a breach's case (clauses 7.3.1 and 7.3.2); again: its days change."""

    case: int
    account: str
    clause: str
    who: str
    why: str
    ports: tuple[str, ...] = ()
    since: float = 0.0
    rectify_by: float = 0.0
    """End of the last day of rectification; the block stays until it is released."""


class PortReleased(Event, tag=49, gc=False):
    """Record that party B confirms the rectification, so that the block ends at `until`."""

    case: int
    who: str
    why: str
    until: float = 0.0


class ContractTerminated(Event, tag=50, gc=False):
    """Record that the contract, or an account's part of it, ends at `ends_at`."""

    clause: str
    who: str
    why: str
    ends_at: float
    account: str = ""
    notice_at: float = 0.0
    """When the written notice was delivered (clauses 4.4 and 11.9)."""
    reference: str = ""


class TerminationRevoked(Event, tag=51, gc=False):
    """Record that a termination is taken back before it took effect, or entered by mistake."""

    who: str
    why: str
    account: str = ""


class ScopeDrafted(Event, tag=52, gc=False):
    """Record that a new version of the user scope is drafted (clause 3.1.5).

    Its entries follow in `ScopeRows` and are complete with `ScopeClosed`.
    """

    change: int
    who: str
    why: str
    effective_from: float = 0.0
    """When it is to take effect; 0.0: when it is approved."""
    source: str = ""
    """Name of the file, or another word for where the entries come from."""


class ScopeRows(Event, tag=53, gc=False):
    """Record some entries of a draft, column by column.

    `firsts` and `lasts` are unsigned 64-bit integers, `since` and `until` doubles, all in
    little-endian order. Without `lasts` all entries are single numbers, and without `since` and
    `until` none of them has dates; else each column has an element for each entry.
    """

    change: int
    index: int
    """From 0, without gaps."""
    firsts: bytes
    lasts: bytes = b""
    since: bytes = b""
    until: bytes = b""


class ScopeClosed(Event, tag=54, gc=False):
    """Record that a draft's entries are complete; counts and digest must agree with them."""

    change: int
    rows: int
    chunks: int
    sha256: str


class ScopeMoved(Event, tag=55, gc=False):
    """Record one step of a change; `moment` is when an approved version takes effect."""

    change: int
    action: str
    state: str
    """State of the change after the step."""
    who: str
    why: str
    moment: float = 0.0
    version: int = 0
    """Number of an approved version."""


StandingEvent: TypeAlias = (
    Suspended
    | SuspensionLifted
    | PortBlocked
    | PortReleased
    | ContractTerminated
    | TerminationRevoked
)
ScopeEvent: TypeAlias = ScopeDrafted | ScopeRows | ScopeClosed | ScopeMoved
