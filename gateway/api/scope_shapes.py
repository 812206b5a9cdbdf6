"""Give the shapes of what is asked and answered about the user scope.

There is no `from __future__ import annotations` here: pydantic would compile each annotation
again.
"""

from typing import Annotated, Any, Literal, TypedDict

from pydantic import Field

from config.contract import NumberEntry

from .bodies import Asked, At
from .template_shapes import Reference, Why

MOST_ENTRIES = 100_000
"""Entries of one request; a change takes any number of requests."""

ScopeState = Literal[
    "draft", "submitted", "approved", "rejected", "withdrawn", "revoked", "effective", "superseded"
]
Entries = Annotated[tuple[NumberEntry, ...], Field(min_length=1, max_length=MOST_ENTRIES)]


class ScopeBody(Asked):
    """A whole scope, in place of the one in force; from now on unless it says when."""

    entries: Entries
    reason: Why
    effective_from: At | None = None


class ChangeBody(Asked):
    """A change whose entries follow."""

    reason: Why
    effective_from: At | None = None
    source: Reference = ""


class RowsBody(Asked):
    """Some entries of a change."""

    entries: Entries


class RowsQuery(Asked):
    """What to do with bad lines of a CSV body."""

    partial: Annotated[
        bool, Field(description="leave bad lines out and list them, instead of refusing all")
    ] = False


class ImportQuery(RowsQuery):
    """A whole scope as a file."""

    reason: Annotated[str, Field(min_length=1, max_length=500, description="why; journalled")]
    effective_from: Annotated[
        At | None, Field(description="from when on; from now on if it isn't given")
    ] = None


class ChangeStep(Asked):
    """A step of a change: `complete` ends its entries."""

    action: Literal["complete", "submit", "approve", "reject", "withdraw", "revoke"]
    why: Why


class ChangesQuery(Asked):
    """Which changes, and how many at a time, the latest first."""

    limit: Annotated[int, Field(ge=1, le=1000, description="changes per page")] = 50
    cursor: Annotated[str, Field(max_length=16, description="`next` of the page before")] = ""


class NumberQuery(Asked):
    """At which moment."""

    at: Annotated[At | None, Field(description="moment to judge at; the present if none")] = None


class ChangeShown(TypedDict):
    """One change of the scope; `version` is 0 until it is approved."""

    change: int
    state: ScopeState
    actions: list[str]
    version: int
    rows: int
    complete: bool
    drafted_at: str | None
    wanted_from: str | None
    effective_from: str | None
    revoked_at: str | None
    who: str
    why: str
    source: str
    history: list[dict[str, Any]]


class RowsTaken(TypedDict):
    """How many entries a change has now, and what was left out."""

    change: int
    rows: int
    left_out: list[str]


class ChangeMade(ChangeShown):
    """A change that was made at once, and what was left out of its entries."""

    left_out: list[str]


class ChangeList(TypedDict):
    """Changes, the latest first."""

    items: list[ChangeShown]
    next: str | None


class VersionInForce(TypedDict):
    """One version and from when on; change 0 is the contract file's."""

    version: int
    change: int
    effective_from: str | None


class ScopeShown(TypedDict):
    """The version in force, and every version by the moment it came into force."""

    at: str
    in_force: VersionInForce | None
    versions: list[VersionInForce]


class NumberInScope(TypedDict):
    """Whether a number is in scope at a moment, and by which version that was judged."""

    number: str
    at: str
    in_scope: bool
    version: int
