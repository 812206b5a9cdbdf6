"""Give the shapes of what is asked and answered about templates.

There is no `from __future__ import annotations` here: pydantic would compile each annotation
again.
"""

from typing import Annotated, Any, Literal, TypedDict

from pydantic import Field, PlainSerializer, PlainValidator, WithJsonSchema

from config.content import Category
from config.section import Service, parse_end

from .bodies import LONGEST_TEXT, Asked, At

LONGEST_WHY = 500
LONGEST_TEMPLATE = 500

State = Literal["draft", "submitted", "approved", "effective", "ended", "revoked"]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
Why = Annotated[str, Field(min_length=1, max_length=LONGEST_WHY)]
"""Why something is done: it is journalled with who did it."""
Reference = Annotated[str, Field(max_length=200)]
"""Number of a paper."""


def _end(value: object) -> float:
    return parse_end(value).timestamp()


Until = Annotated[
    float,
    PlainValidator(_end),
    PlainSerializer(str),
    WithJsonSchema({"type": "string", "examples": ["2026-11-30", "2026-11-30T18:00:00+08:00"]}),
]
"""First moment after a period, as `At`; a plain date counts to its 24:00."""


class TemplateListQuery(Asked):
    """Which templates, and how many at a time."""

    state: Annotated[
        State | None, Field(description="only templates with a version in this state")
    ] = None
    limit: Annotated[int, Field(ge=1, le=1000, description="templates per page")] = 50
    cursor: Annotated[str, Field(max_length=64, description="`next` of the page before")] = ""


class DraftBody(Asked):
    """A new version of a template, or another wording of its open draft."""

    template: Name
    text: Annotated[str, Field(min_length=1, max_length=LONGEST_TEMPLATE)]
    category: Category = "notice"
    service: Service = "ordinary"
    description: Annotated[str, Field(max_length=LONGEST_WHY)] = ""
    why: Why


class StepBody(Asked):
    """Why a step is taken."""

    why: Why


class ApproveBody(StepBody):
    """From when and until when a version is approved: at once, without end, unless given."""

    effective_from: At | None = None
    until: Until | None = None
    approval: Reference = ""


class RevokeBody(StepBody):
    """Which version ends, and when: the latest approved one, at once, unless given."""

    version: Annotated[int, Field(ge=0)] | None = None
    revoked_from: At | None = None


class MatchBody(Asked):
    """A text to compare with the templates, with or without its signature."""

    text: Annotated[str, Field(max_length=LONGEST_TEXT)]
    service: Service = "ordinary"
    at: At | None = None


class VersionShown(TypedDict):
    """One version of a template; `state` is that of this moment, version 0 the contract's."""

    template: str
    version: int
    state: State
    text: str
    category: str
    service: str
    description: str
    drafted_at: str | None
    drafted_by: str
    submitted_at: str | None
    decided_at: str | None
    decided_by: str
    approval: str
    effective_from: str | None
    until: str | None
    revoked_from: str | None
    why: str


class TemplateShown(TypedDict):
    """A template: the version in force, if any, and the latest one."""

    template: str
    versions: int
    effective: VersionShown | None
    latest: VersionShown


class TemplateList(TypedDict):
    """Templates by name, and the cursor of the next page."""

    items: list[TemplateShown]
    next: str | None


class TemplateVersions(TypedDict):
    """Every version of a template, the oldest first."""

    template: str
    items: list[VersionShown]


class DeviationShown(TypedDict):
    """One place where a text differs: what it says, and what the template has there."""

    seen: str
    allowed: str


class Matched(TypedDict):
    """How near a text comes to an approved template; `similarity` is 0 to 1, rounded down."""

    kind: Literal["exact", "similar", "minor", "major", "none"]
    approved: bool
    template: str | None
    version: int | None
    similarity: str
    deviations: list[DeviationShown]
    free_values: list[str]
    elsewhere: dict[str, Any] | None
    breach_row: int | None
    detail: str
    detail_zh: str
