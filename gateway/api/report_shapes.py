"""Give the shapes of what is asked and answered about reports.

There is no `from __future__ import annotations` here: pydantic would compile each annotation
again.
"""

from datetime import date
from typing import Annotated, Any, TypedDict

from pydantic import Field

from .bodies import Asked
from .office_shapes import Account


class ReportQuery(Asked):
    """Which rows: of one account, and of some days, both counted in."""

    account: Annotated[Account, Field(description="only of this account")] = ""
    first: Annotated[date | None, Field(alias="from", description="first day")] = None
    last: Annotated[date | None, Field(alias="to", description="last day")] = None


class ColumnShown(TypedDict):
    """One column of a report."""

    key: str
    en: str
    zh: str


class ReportKind(TypedDict):
    """One report that there is."""

    report: str
    clause: str
    en: str
    zh: str
    columns: list[ColumnShown]


class ReportKinds(TypedDict):
    """Every report that there is."""

    items: list[ReportKind]


class ReportShown(ReportKind):
    """One report; each row has the columns' keys."""

    at: str
    rows: list[dict[str, Any]]


class CategoryShown(TypedDict):
    """What a number agreed to of one category, and what the proof lacks."""

    category: str
    held: bool
    held_as_recorded_then: bool
    deciding: dict[str, Any] | None
    missing: list[str]


class ProofShown(TypedDict):
    """The proof of a user's consent, as it is produced upon a complaint."""

    complaint: dict[str, Any]
    number: str
    at: str | None
    made_at: str | None
    categories: list[CategoryShown]
    missing: list[dict[str, str]]
    consents: list[dict[str, Any]]
    optouts: list[dict[str, Any]]
    refused_at_the_moment: list[str]
    message: dict[str, Any] | None
    messages: list[dict[str, Any]]
    more_messages: bool
