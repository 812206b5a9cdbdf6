"""Give the shapes of unsubscribing: what is asked, and what is answered (clause 4.3).

There is no `from __future__ import annotations` here: pydantic would compile each annotation
again.
"""

from typing import Annotated, Literal, TypedDict

from pydantic import Field

from config.section import AccessNumber

from .bodies import Asked, At
from .registry_shapes import (
    Categories,
    ConsentShown,
    Msisdn,
    OptOutShown,
    Stopped,
    WhyGiven,
)
from .template_shapes import Reference


class InterfaceQuery(Asked):
    """Which days, both counted in; today unless given."""

    start: Annotated[At | None, Field(alias="from", description="first day")] = None
    end: Annotated[At | None, Field(alias="to", description="last day, counted in")] = None


class UnsubscribeBody(Asked):
    """A user's refusal, of every category and towards every access number unless said otherwise."""

    number: Msisdn
    category: Categories = ()
    access_number: AccessNumber | None = None
    proof: Reference = ""
    at: At | None = None
    why: WhyGiven = ""


class InterfaceFigures(TypedDict):
    """How one account's interface worked; latencies in seconds, null without a call."""

    account: str
    calls: int
    failed: int
    late: int
    median_s: float | None
    p95_s: float | None
    max_s: float | None


class OpenRequest(TypedDict):
    """An unsubscription that party A has not completed."""

    account: str
    number: str
    due_at: str
    overdue: bool


class Interface(TypedDict):
    """Party A's interface: its calls by account, what is open, and how many wait for a call."""

    at: str
    configured: bool
    agreed_s: float
    accounts: list[InterfaceFigures]
    open: list[OpenRequest]
    waiting: int


class Subscriptions(TypedDict):
    """What a number has consented to and refuses; `interface` says how far party A is."""

    number: str
    at: str
    consents: list[ConsentShown]
    optouts: list[OptOutShown]
    stopped: list[Stopped]
    interface: Literal["none", "waiting", "open", "not_configured"]
