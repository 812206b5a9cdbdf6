"""Give the shapes of what is asked and answered about the retention of records.

There is no `from __future__ import annotations` here: pydantic would compile each annotation
again.
"""

from typing import Any, Literal, TypedDict

from .bodies import Asked, At
from .office_shapes import Words
from .template_shapes import Reference


class HoldBody(Asked):
    """An order to keep every record from a time on."""

    since: At
    why: Words
    reference: Reference = ""


class ReleaseBody(Asked):
    """Why an order is over."""

    why: Words


class ReasonShown(TypedDict):
    """One reason to keep every record from `since` on; `entry` asks for it."""

    since: str
    what: Literal["schedule", "period", "order", "complaint", "incident", "under_way"]
    clause: str
    entry: str
    en: str
    zh: str


class MonthShown(TypedDict):
    """One month of records; a month that nothing keeps is removed at the next look."""

    month: str
    octets: int
    kept_by: list[ReasonShown]


class HoldShown(TypedDict):
    """One order to keep records; `released_at` is null while it stands."""

    hold: int
    since: str | None
    released_at: str | None
    history: list[dict[str, Any]]


class RetentionShown(TypedDict):
    """What is kept, by which reason, and what was removed."""

    at: str
    mode: Literal["automatic", "manual"]
    kept_since: str
    reasons: list[ReasonShown]
    months: list[MonthShown]
    holds: list[HoldShown]
    removals: list[dict[str, Any]]


class Removed(TypedDict):
    """The months that are gone, oldest first."""

    months: list[str]
