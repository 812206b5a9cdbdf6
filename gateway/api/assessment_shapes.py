"""Give the shapes of what is asked and answered about the yearly assessments.

There is no `from __future__ import annotations` here: pydantic would compile each annotation
again.
"""

from typing import Annotated, Any, Literal, TypedDict

from pydantic import ConfigDict, Field

from .bodies import Asked, At
from .office_shapes import Words
from .template_shapes import Reference, Until

Scored = Annotated[int, Field(ge=0, le=100)]


class AssessmentQuery(Asked):
    """How to read the contract: `interpretation.KEY=VALUE` for any key, such as
    assessment.pass_score."""

    model_config = ConfigDict(extra="allow", frozen=True, populate_by_name=True, defer_build=True)


class InputsBody(Asked):
    """What party A says of a year; what is left out stays as it was."""

    support: Scored | None = None
    satisfaction: Scored | None = None
    why: Words = ""
    reference: Reference = ""


class OrderBody(Asked):
    """A step of a year's rectification; an order without a deadline has the contract's days."""

    action: Literal["order", "complete", "accept", "reject", "withdraw"] = "order"
    why: Words = ""
    moment: At | None = None
    deadline: Until | None = None
    reference: Reference = ""


class InputShown(TypedDict):
    """One input; scores are decimal strings of 0 to 100, null while missing."""

    input: str
    weight: int
    score: str | None
    points: str | None
    detail: str
    detail_zh: str


class FaultShown(TypedDict):
    """One fault of party B's side; `in_time` is null while neither is decided."""

    incident: int
    discovered_at: str | None
    resolved_at: str | None
    in_time: bool | None


class RectificationShown(TypedDict):
    """What party A demanded after a year that did not qualify."""

    state: Literal["none", "ordered", "completed", "accepted", "withdrawn"]
    actions: list[str]
    ordered_at: str | None
    deadline: str | None
    completed_at: str | None
    accepted_at: str | None
    overdue: bool


class AssessmentShown(TypedDict):
    """One contract year; without a score while an input is missing."""

    year: str
    last_day: str
    ended: bool
    state: Literal["running", "incomplete", "qualified", "not_qualified"]
    score: str | None
    least_score: str | None
    most_score: str | None
    pass_score: int
    missing: list[str]
    inputs: list[InputShown]
    index: dict[str, Any]
    faults: list[FaultShown]
    rectification: RectificationShown
    history: list[dict[str, Any]]


class AssessmentList(TypedDict):
    """Every contract year that has begun, the earliest first."""

    at: str
    items: list[AssessmentShown]
