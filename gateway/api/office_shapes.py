"""Give the shapes of what is asked and answered about complaints, incidents, notices and papers.

There is no `from __future__ import annotations` here: pydantic would compile each annotation
again.
"""

from typing import Annotated, Any, Literal, TypedDict

from pydantic import Field

from config.section import AccessNumber

from .bodies import Asked, At
from .template_shapes import Reference, Until

Account = Annotated[str, Field(max_length=16)]
"""system_id of an account; may be left out where there is only one."""
Words = Annotated[str, Field(max_length=500)]
NetworkCause = Literal["third_party", "malicious", "unproven"]
Side = Literal["party_a", "party_b"]
Cause = Literal[
    "no_consent", "time", "way", "content", "frequency", "cannot_unsubscribe", "wrong_person",
    "not_received", "intercepted", "fee", "other",
]  # fmt: skip
ComplaintState = Literal["received", "verified", "rejected", "closed", "void"]
Subject = Literal[
    "fee", "free_month", "breach", "end_or_change", "extension", "rules", "scope_or_content",
    "force_majeure", "incident", "urging", "other",
]  # fmt: skip
PaperKind = Literal[
    "subject_certificate", "sp_licence", "ministry_number_certificate", "company_introduction",
    "business_description", "service_phone", "service_mail", "principal_contract",
    "end_user_promise", "content_provider", "safety_officer", "content_reviewer", "hotline_test",
]  # fmt: skip
WindowKind = Literal["force_majeure", "government_order", "party_a_platform", "maintenance"]
WindowCause = Literal[
    "war", "riot", "terrorism", "disaster", "law_change", "network_security", "no_coverage",
    "power_cut", "cable_cut", "order", "hardware", "system_software", "planned",
]  # fmt: skip


class EntriesQuery(Asked):
    """Which entries, and how many at a time, the latest first."""

    account: Annotated[Account, Field(description="only of this account")] = ""
    state: Annotated[str, Field(max_length=32, description="only in this state")] = ""
    limit: Annotated[int, Field(ge=1, le=1000, description="entries per page")] = 50
    cursor: Annotated[str, Field(max_length=16, description="`next` of the page before")] = ""


class ComplaintBody(Asked):
    """A complaint or report of a user; what is left out is taken from the message it is about."""

    channel: Annotated[str, Field(min_length=1, max_length=64)]
    cause: Cause
    attribution: Literal["party_a", "party_b", "unclear"]
    account: Account = ""
    owner: Side = "party_b"
    number: Annotated[str, Field(pattern=r"^(\+?[0-9]{3,20})?$")] = ""
    message_id: Annotated[str, Field(max_length=64)] = ""
    received_at: At | None = None
    reference: Reference = ""
    ports: Annotated[tuple[AccessNumber, ...], Field(max_length=1000)] = ()
    why: Words = ""


class ComplaintStep(Asked):
    """A step of a complaint: transfer needs `owner`, verify `attribution`."""

    action: Literal["transfer", "reply", "verify", "reject", "close", "reopen", "void"]
    why: Words = ""
    moment: At | None = None
    owner: Side | None = None
    attribution: Side | None = None
    cause: Cause | None = None


class IncidentBody(Asked):
    """A security accident or a fault, of one side.

    `cause` is for major ones of party A that brought the carrier's network down.
    """

    side: Side
    kind: Literal["security", "fault"]
    why: Annotated[Words, Field(min_length=1)]
    major: bool = False
    account: Account = ""
    discovered_at: At | None = None
    cause: NetworkCause | None = None


class IncidentStep(Asked):
    """A step: report needs `reference`, written_notice `notice`, attribute `cause` and `why`."""

    action: Literal[
        "report", "written_notice", "stop", "resume", "release", "attribute", "resolve", "close"
    ]
    why: Words = ""
    moment: At | None = None
    reference: Reference = ""
    notice: Annotated[int, Field(ge=0)] = 0
    cause: NetworkCause | None = None


class NoticeBody(Asked):
    """A notice of one party to the other; by clause 11.9.1 some subjects need a letter."""

    subject: Subject
    form: Literal["letter", "fax", "email"]
    sender: Side
    account: Account = ""
    sent_at: At | None = None
    reference: Reference = ""
    text: Annotated[str, Field(max_length=4000)] = ""


class NoticeStep(Asked):
    """What became of a notice: delivered and refused need `proof`, the others `why`."""

    action: Literal["delivered", "refused", "returned", "withdrawn"]
    moment: At | None = None
    proof: Reference = ""
    why: Words = ""


class DocumentBody(Asked):
    """A paper that party A handed in."""

    kind: PaperKind
    reference: Annotated[Reference, Field(min_length=1)]
    account: Account = ""
    valid_from: At | None = None
    expires_at: Until | None = None
    sha256: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""


class DocumentStep(Asked):
    """How a paper ended."""

    action: Literal["lost", "revoked", "replaced", "mistaken"]
    why: Annotated[Words, Field(min_length=1)]
    moment: At | None = None


class WindowBody(Asked):
    """A time whose failures are not party B's; without prefixes and areas for everybody."""

    kind: WindowKind
    cause: WindowCause
    why: Annotated[Words, Field(min_length=1)]
    starts_at: At | None = None
    ends_at: At | None = None
    prefixes: Annotated[tuple[str, ...], Field(max_length=1000)] = ()
    areas: Annotated[tuple[str, ...], Field(max_length=1000)] = ()
    notice: Annotated[int, Field(ge=0)] = 0
    reference: Reference = ""


class WindowStep(Asked):
    """A step of a window: notice needs `notice`, agree `reference`."""

    action: Literal["end", "notice", "agree", "dispute", "settle", "withdraw"]
    why: Words = ""
    moment: At | None = None
    notice: Annotated[int, Field(ge=0)] = 0
    reference: Reference = ""


class ClockShown(TypedDict):
    """One hour in which a side must act (clauses 4.3.1 and 4.3.2)."""

    side: str
    clause: str
    started_at: str | None
    due_at: str | None
    answered_at: str | None
    late: bool


class ComplaintShown(TypedDict):
    """One complaint; `counters` are the counts that it feeds as it stands."""

    complaint: int
    account: str
    channel: str
    cause: str
    clause: str
    attribution: str
    state: ComplaintState
    actions: list[str]
    verified: bool
    owner: str
    number: str
    message_id: str
    reference: str
    ports: list[str]
    received_at: str | None
    transferred_at: str | None
    first_reply_at: str | None
    verified_at: str | None
    closed_at: str | None
    ping_pong: int
    clocks: list[ClockShown]
    counters: list[str]
    history: list[dict[str, Any]]


class ComplaintCounts(TypedDict):
    """Counts of an account: of this month for annex 1 item 14, of twelve months for 3.2.4."""

    account: str
    month: int
    month_limit: int
    stop_right: bool
    twelve_months: int
    twelve_months_limit: int
    met: bool


class ComplaintList(TypedDict):
    """Complaints, the latest first, and the counts of each account."""

    items: list[ComplaintShown]
    next: str | None
    counts: list[ComplaintCounts]


class IncidentShown(TypedDict):
    """One incident; `late` names the reports of annex 1 item 12 that are late."""

    incident: int
    account: str
    side: str
    kind: str
    major: bool
    cause: str
    state: str
    actions: list[str]
    discovered_at: str | None
    report_by: str | None
    reported_at: str | None
    notice: int
    resolved_at: str | None
    closed_at: str | None
    legal_hold: bool
    emergency_stop: bool
    late: list[str]
    history: list[dict[str, Any]]


class IncidentList(TypedDict):
    """Incidents, the latest first."""

    items: list[IncidentShown]
    next: str | None


class NoticeShown(TypedDict):
    """One notice; `standing` says whether it has effect (clause 11.9)."""

    notice: int
    account: str
    subject: str
    clause: str
    form: str
    sender: str
    state: str
    standing: Literal["void", "under_way", "valid", "returned", "withdrawn"]
    sent_at: str | None
    delivered_at: str | None
    effective_at: str | None
    reference: str
    text: str
    proof: str
    history: list[dict[str, Any]]


class NoticeList(TypedDict):
    """Notices, the latest first."""

    items: list[NoticeShown]
    next: str | None


class DocumentShown(TypedDict):
    """One paper, and whether it holds at this moment."""

    document: int
    account: str
    kind: str
    clause: str
    reference: str
    holds: bool
    valid_from: str | None
    expires_at: str | None
    ended_at: str | None
    result: str
    sha256: str
    history: list[dict[str, Any]]


class DocumentList(TypedDict):
    """Papers, the latest first."""

    items: list[DocumentShown]
    next: str | None


class WindowShown(TypedDict):
    """One window; it `relieves` when it has the notice or agreement that it needs."""

    window: int
    kind: str
    cause: str
    clause: str
    liability: str
    state: str
    actions: list[str]
    relieves: bool
    starts_at: str | None
    ends_at: str | None
    prefixes: list[str]
    areas: list[str]
    notice: int
    reference: str
    history: list[dict[str, Any]]


class WindowList(TypedDict):
    """Windows, the latest first."""

    items: list[WindowShown]
    next: str | None


class TaskShown(TypedDict):
    """One thing that has to be done; without a time where none is set."""

    due_at: str | None
    account: str
    entry: str
    clause: str
    overdue: bool
    detail: str
    detail_zh: str


class TaskList(TypedDict):
    """Everything that has to be done, the most urgent first."""

    at: str
    items: list[TaskShown]
