"""Give the shapes of what is asked and answered about the standing of accounts.

There is no `from __future__ import annotations` here: pydantic would compile each annotation
again.
"""

from typing import Annotated, Literal, TypedDict

from pydantic import Field

from config.section import AccessNumber, Service

from .bodies import Asked, At
from .template_shapes import Reference, Until, Why

AccountName = Annotated[str, Field(min_length=1, max_length=16)]
"""system_id of an account; `*` is every account of the contract."""
Clause = Annotated[str, Field(min_length=1, max_length=40)]
"""Such as `7.5` or `annex 13`."""
SuspensionState = Literal["coming", "in_force", "over"]


class SuspensionBody(Asked):
    """What to suspend: without ports all of them, without services all kinds, from now on."""

    account: AccountName
    clause: Clause
    why: Why
    ports: Annotated[tuple[AccessNumber, ...], Field(max_length=1000)] = ()
    services: Annotated[tuple[Service, ...], Field(max_length=2)] = ()
    since: At | None = None
    until: Until | None = None
    explain_by: Until | None = None
    reference: Reference = ""


class TerminationBody(Asked):
    """What ends, and when: with clause 4.4 at least 90 days after the notice was delivered."""

    account: AccountName
    clause: Clause
    why: Why
    ends_at: Until
    notice_at: At | None = None
    reference: Reference = ""


class WhyQuery(Asked):
    """Why something is taken back."""

    why: Annotated[
        str, Field(min_length=1, max_length=500, description="why; it is journalled with who")
    ]


class FindingShown(TypedDict):
    """One sentence in each language, what decided, and what would pass."""

    detail: str
    detail_zh: str
    seen: str
    allowed: str


class HoldShown(TypedDict):
    """One thing that stands in the way; without ports all of them, without services all kinds."""

    name: str
    reason: Literal["suspended", "port_blocked"]
    account: str
    clause: str
    why: str
    who: str
    since: str | None
    until: str | None
    due: str | None
    ports: list[str]
    services: list[str]
    reference: str


class SuspensionShown(HoldShown):
    """One suspension with its number."""

    suspension: int
    state: SuspensionState


class SuspensionList(TypedDict):
    """Every suspension that was recorded, over or not, in their order."""

    items: list[SuspensionShown]


class TerminationShown(TypedDict):
    """The end of the contract, or of an account's part of it."""

    account: str
    clause: str
    why: str
    who: str
    at: str | None
    ends_at: str | None
    notice_at: str | None
    reference: str


class TerminationList(TypedDict):
    """The terminations that weren't taken back."""

    items: list[TerminationShown]


class TermShown(TypedDict):
    """The term of the contract: as signed, and the period that runs."""

    starts_at: str | None
    original_ends_at: str | None
    current_ends_at: str | None
    renews_months: int
    renewals: int
    days_left: int
    in_force: bool


class AccountStanding(TypedDict):
    """Whether an account may submit, what stands in its way, and the warning of its end."""

    account: str
    in_force: bool
    out_of_force: FindingShown | None
    ends_at: str | None
    warning: FindingShown | None
    holds: list[HoldShown]


class StandingShown(TypedDict):
    """The term, and the standing of each account at this moment."""

    at: str
    term: TermShown | None
    items: list[AccountStanding]
