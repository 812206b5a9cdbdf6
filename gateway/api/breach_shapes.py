"""Give the shapes of what is asked and answered about breaches, their cases and blocks.

There is no `from __future__ import annotations` here: pydantic would compile each annotation
again.
"""

from typing import Annotated, Any, Literal, TypedDict

from pydantic import Field

from config.interpretation import Grade
from config.section import AccessNumber
from metrics.breaches.cases import Action, State
from metrics.breaches.rows import Detection

from .bodies import Asked, At
from .office_shapes import Account, Words
from .standing_shapes import HoldShown
from .template_shapes import Reference, Why

Row = Annotated[int, Field(ge=1, le=28)]
"""Of the table of clause 7.3."""
Ports = Annotated[tuple[AccessNumber, ...], Field(max_length=1000)]
Ground = Literal["7.2", "7.7", "9.2", "annex 1.12", "annex 1.13", "annex 1.14"]


class CaseListQuery(Asked):
    """Which cases, and how many at a time, the latest first."""

    account: Annotated[Account, Field(description="only of this account")] = ""
    state: Annotated[State | None, Field(description="only in this state")] = None
    grade: Annotated[Grade | None, Field(description="only of this grade")] = None
    limit: Annotated[int, Field(ge=1, le=1000, description="cases per page")] = 50
    cursor: Annotated[str, Field(max_length=16, description="`next` of the page before")] = ""


class CaseBody(Asked):
    """A breach that a person suspects; of row 28 the grade is chosen."""

    row: Row
    why: Why
    account: Account = ""
    grade: Grade | None = None
    ports: Ports = ()
    first_at: At | None = None


class CaseStep(Asked):
    """A step of a case; `actions` of the case names those that are allowed.

    confirm takes `grade` for a row that has several; raise `row`; notice and deliver `moment`, the
    time of the letter; terminate `report`, whether the authority is told.
    """

    action: Action
    why: Why
    grade: Grade | None = None
    row: Annotated[int, Field(ge=0, le=28)] = 0
    moment: At | None = None
    form: Literal["letter", "fax", "email"] = "letter"
    reference: Reference = ""
    report: bool = False


class SignBody(Asked):
    """A sign of a breach that no message shows by itself; a case follows from it."""

    row: Row
    why: Why
    account: Account = ""
    ports: Ports = ()
    reference: Reference = ""
    message_id: Annotated[str, Field(max_length=64)] = ""


class StopBody(Asked):
    """A stop at once, without a case, on a ground of the contract."""

    ground: Ground
    why: Annotated[Words, Field(min_length=1)]
    account: Account = ""
    ports: Ports = ()


class EvidenceShown(TypedDict):
    """Signs of one row: breaches, warnings of refused messages, and examples of both."""

    account: str
    row: int
    breaches: int
    warnings: int
    acted: int
    first_at: str | None
    last_at: str | None
    message_ids: list[str]
    references: list[str]
    ports: dict[str, int]
    all_ports: bool


class CaseShown(TypedDict):
    """One case; `actions` are the steps that are allowed now."""

    case: int
    account: str
    row: int
    row_en: str
    row_zh: str
    clause: str
    grade: Grade
    grade_zh: str
    state: State
    actions: list[str]
    opened_at: str | None
    first_at: str | None
    confirmed_at: str | None
    sent_at: str | None
    delivered_at: str | None
    explain_by: str | None
    blocked_at: str | None
    rectify_by: str | None
    release_at: str | None
    frozen_until: str | None
    ports: list[str]
    blocked_ports: list[str]
    penalty_fen: int
    reported: bool
    causes: list[int]
    trigger: str
    evidence: EvidenceShown
    history: list[dict[str, Any]]


class CaseList(TypedDict):
    """Cases, the latest first, and the signs that belong to none."""

    items: list[CaseShown]
    next: str | None
    signs: list[EvidenceShown]


class RowShown(TypedDict):
    """One row of the table of clause 7.3, and what there is of it."""

    row: int
    grades: list[Grade]
    grades_zh: list[str]
    detection: Detection
    clause: str
    consequence: str
    en: str
    zh: str
    breaches: int
    warnings: int
    cases: int
    open: int


class RowList(TypedDict):
    """All 28 rows, in the contract's order."""

    items: list[RowShown]


class SignTaken(TypedDict):
    """The sign as it was recorded."""

    account: str
    row: int
    at: str
    why: str


class BlockList(TypedDict):
    """What stands in the way of submissions at this moment."""

    at: str
    items: list[HoldShown]


class StopShown(TypedDict):
    """One stop at once."""

    stop: int
    account: str
    ground: str
    ground_en: str
    ground_zh: str
    since: str | None
    until: str | None
    who: str
    why: str
    ports: list[str]
    trigger: str
