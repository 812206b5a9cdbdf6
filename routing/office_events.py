"""Name what the journal records of complaints, notices, incidents, documents and fault windows.

The rules of `routing.events` hold: fields are positional, new ones go to the end with a default,
times are UTC seconds since the epoch. A moment of 0.0 is `at`, an end of 0.0 is none. `who` is a
person, or `system` for what follows by itself; `why` is the reason given. Sides are `party_a` and
`party_b`. Entries of each register are numbered from 1 on.
"""

from __future__ import annotations

from typing import TypeAlias

from .event import Event


class ComplaintReceived(Event, tag=70, gc=False):
    """Record a user's complaint or report (clauses 4.3.1 and 4.3.2)."""

    complaint: int
    account: str
    channel: str
    """One of `complaints.channels`."""
    cause: str
    """One of `metrics.complaints.CAUSES`."""
    attribution: str
    """Who answers for it as far as known: party_a, party_b or unclear."""
    owner: str
    """Side that received it and has to act."""
    who: str
    number: str = ""
    message_id: int = 0
    received_at: float = 0.0
    reference: str = ""
    """Number of the ticket where it came from."""
    ports: tuple[str, ...] = ()
    """Access numbers it is about; none are all of the account's."""
    why: str = ""


class ComplaintMoved(Event, tag=71, gc=False):
    """Record one step of a complaint.

    transfer: `owner` is the side that has to act from `moment` on. verify: `attribution`, and
    `cause` where it proved to be another.
    """

    complaint: int
    action: str
    who: str
    why: str = ""
    moment: float = 0.0
    owner: str = ""
    attribution: str = ""
    cause: str = ""


class NoticeSent(Event, tag=72, gc=False):
    """Record that a party sent the other a notice (clause 11.9)."""

    notice: int
    account: str
    subject: str
    """One of `metrics.notices.SUBJECTS`."""
    form: str
    """letter, fax or email."""
    sender: str
    who: str
    sent_at: float = 0.0
    reference: str = ""
    """Number of the letter, of its courier's waybill or of the case it belongs to."""
    text: str = ""


class NoticeClosed(Event, tag=73, gc=False):
    """Record what became of a notice: delivered, refused, returned or withdrawn."""

    notice: int
    result: str
    """`refused` is a failure by the receiver's fault, `returned` any other one."""
    who: str
    moment: float = 0.0
    proof: str = ""
    """Signed slip, fax report or reference of the mail."""
    why: str = ""


class IncidentOpened(Event, tag=74, gc=False):
    """Record a security accident or a fault on one side (annex 1 item 12, clause 3.1.15)."""

    incident: int
    account: str
    side: str
    kind: str
    """`security` or `fault`."""
    major: bool
    who: str
    why: str
    discovered_at: float = 0.0
    cause: str = ""
    """How party A's side brought the carrier's network down (`metrics.incidents.CAUSES`); "":
    it didn't, or nobody has said."""


class IncidentMoved(Event, tag=75, gc=False):
    """Record one step of an incident; `notice` is the number of the written notice."""

    incident: int
    action: str
    who: str
    why: str = ""
    moment: float = 0.0
    reference: str = ""
    notice: int = 0
    cause: str = ""
    """What the step `attribute` says of the network's failure."""


class DocumentFiled(Event, tag=76, gc=False):
    """Record a paper that party A handed in (clauses 2.2 and 7.1, annex 1 item 15)."""

    document: int
    account: str
    kind: str
    """One of `metrics.documents.KINDS`."""
    reference: str
    who: str
    valid_from: float = 0.0
    expires_at: float = 0.0
    """First instant at which it no longer holds."""
    sha256: str = ""


class DocumentEnded(Event, tag=77, gc=False):
    """Record that a paper no longer holds: lost, revoked or entered by mistake."""

    document: int
    result: str
    who: str
    why: str
    moment: float = 0.0


class WindowDeclared(Event, tag=78, gc=False):
    """Record a time whose failures are not party B's (clauses 3.2.4, 9.1 and 9.2).

    `starts_at` <= at < `ends_at`. Prefixes and areas are alternatives; none are everybody.
    """

    window: int
    kind: str
    """One of `metrics.windows.KINDS`."""
    cause: str
    starts_at: float
    who: str
    why: str
    ends_at: float = 0.0
    prefixes: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    notice: int = 0
    """Number of the written notice of clause 9.1 in the register of notices."""
    reference: str = ""
    """Order of the government, incident, or party A's agreement to maintenance."""


class WindowMoved(Event, tag=79, gc=False):
    """Record one step of a window: end (`moment`), notice, agree, dispute, settle, withdraw."""

    window: int
    action: str
    who: str
    why: str = ""
    moment: float = 0.0
    notice: int = 0
    reference: str = ""


class HoldPlaced(Event, tag=88, gc=False):
    """Record an order to keep all records from a time on (clause 3.1.11), such as a legal hold."""

    hold: int
    since: float
    """UTC seconds since the epoch."""
    who: str
    why: str
    reference: str = ""
    """Letter or file number that asks for it."""


class HoldReleased(Event, tag=89, gc=False):
    """Record that such an order is over."""

    hold: int
    who: str
    why: str


class UnsubscribeCalled(Event, tag=80, gc=False):
    """Record a call of party A's interface for unsubscribing (clause 4.3)."""

    account: str
    number: str
    result: str
    """One of `metrics.unsubscribe.RESULTS`."""
    requested_at: float
    """When the user asked for it."""
    latency_s: float
    attempts: int = 1
    who: str = ""
    detail: str = ""


OfficeEvent: TypeAlias = (
    ComplaintReceived
    | ComplaintMoved
    | NoticeSent
    | NoticeClosed
    | IncidentOpened
    | IncidentMoved
    | DocumentFiled
    | DocumentEnded
    | WindowDeclared
    | WindowMoved
    | UnsubscribeCalled
    | HoldPlaced
    | HoldReleased
)
