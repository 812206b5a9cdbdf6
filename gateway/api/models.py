"""Give the shapes of request bodies, which are checked, and of answers, for the OpenAPI document.

Answers are written from plain objects without passing through these models. There is no
`from __future__ import annotations` here: pydantic would compile each annotation again.
"""

from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    PlainSerializer,
    PlainValidator,
    Tag,
    WithJsonSchema,
)

from config.section import parse_instant

LONGEST_TEXT = 40_000
"""Characters: above any text that fits a message_payload."""
MOST_UPLINKS = 10_000
LONGEST_WAIT_S = 300.0

Address = Annotated[str, Field(max_length=64)]
Text = Annotated[str, Field(max_length=LONGEST_TEXT)]


def _instant(value: object) -> float:
    return parse_instant(value).timestamp()


At = Annotated[
    float,
    PlainValidator(_instant),
    PlainSerializer(str),
    WithJsonSchema({"type": "string", "examples": ["2026-11-30T08:00:00+08:00"]}),
]
"""ISO 8601 with offset; a time without one and a plain date are Asia/Shanghai."""


class Body(BaseModel):
    """Be a request body: a key that is not named is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class UplinkBody(Body):
    """A message from a handset."""

    sender: Annotated[str, Field(alias="from", pattern=r"^\+?[0-9]{3,20}$")]
    recipient: Annotated[str, Field(alias="to", pattern=r"^[0-9]{3,20}$")]
    text: Text


def _one_or_many(value: object) -> str:
    return "many" if isinstance(value, list) else "one"


Uplinks = Annotated[
    Annotated[UplinkBody, Tag("one")]
    | Annotated[list[UplinkBody], Field(min_length=1, max_length=MOST_UPLINKS), Tag("many")],
    Discriminator(_one_or_many),
]


class ExplainBody(Body):
    """A message to judge without sending it."""

    sender: Annotated[Address, Field(alias="from")]
    recipient: Annotated[Address, Field(alias="to")]
    text: Text
    account: Annotated[str, Field(max_length=16)] = ""
    service: Literal["", "ordinary", "instant"] = ""
    data_coding: Annotated[int, Field(ge=0, le=255)] | None = None
    at: At | None = None


class WaitBody(Body):
    """What to wait for: at least `count` messages that match `q`."""

    q: Annotated[str, Field(max_length=2000)] = ""
    count: Annotated[int, Field(ge=1, le=1000)] = 1
    timeout_s: Annotated[float, Field(ge=0, le=LONGEST_WAIT_S, allow_inf_nan=False)] = 30.0


class SubscriberBody(Body):
    """The state to put a simulated handset in; 0: it never recovers by itself."""

    state: Annotated[str, Field(max_length=64)]
    recovers_after: Annotated[int, Field(ge=0, le=1000)] = 0


class Answer(BaseModel):
    """Be an answer; more fields than those named may come."""

    model_config = ConfigDict(extra="allow", defer_build=True)


class Problem(Answer):
    """What was wrong, as RFC 9457 has it."""

    type: str
    title: str
    status: int
    detail: str


class Check(Answer):
    """How one check ended."""

    name: str
    passed: bool
    mode: Literal["enforce", "monitor", "off"]
    clause: str
    detail: str


class Verdict(Answer):
    """What the checks said."""

    accepted: bool
    status: int
    status_name: str
    reason: str
    clause: str
    checks: list[Check]


class Explained(Verdict):
    """What the checks say, and what to change."""

    advice: str


class ReceiptView(Answer):
    """How far the delivery receipt has come."""

    state: str
    attempts: int
    acknowledged_at: str | None


class MessageView(Answer):
    """One message."""

    id: str
    account: str
    enterprise_code: str
    direction: Literal["mt", "mo"]
    service: str
    sender: str
    recipient: str
    text: str
    data_coding: int
    segments: int
    carrier: str
    submitted_at: str
    verdict: Verdict | None
    state: str
    error: str
    liability: str
    final_at: str | None
    receipt: ReceiptView | None
    fee: int | None


class MessageList(Answer):
    """Messages, newest first, and the cursor of the next page."""

    items: list[MessageView]
    next: str | None


class FieldShown(Answer):
    """One field of a PDU: where it lies, its value, its meaning."""

    offset: int
    length: int
    name: str
    value: int | str
    note: str


class PduShown(Answer):
    """One PDU, in hexadecimal and field by field."""

    at: str
    direction: Literal["received", "sent"]
    hex: str
    summary: str
    error: str | None
    fields: list[FieldShown]


class PdusShown(Answer):
    """The PDUs of a message."""

    id: str
    pdus: list[PduShown]


class Ending(Answer):
    """How a message ended, and whose failure it is."""

    state: str
    error: str
    meaning: str
    meaning_zh: str
    liability: str


class Why(Explained):
    """Every check, and how the message ended."""

    id: str
    sentence: str
    outcome: Ending


class Timeline(Answer):
    """What happened to a message, in order."""

    id: str
    events: list[dict[str, Any]]


class WindowShown(Answer):
    """Requests waiting for a response."""

    limit: int
    outstanding: int


class SessionShown(Answer):
    """One bound session."""

    id: str
    account: str
    bind_type: Literal["tx", "rx", "trx"]
    state: str
    interface_version: str
    peer: str
    tls: bool
    system_type: str
    bound_at: str
    last_activity_at: str
    window: dict[Literal["received", "sent"], WindowShown]
    submits: int
    deliveries: int


class SessionList(Answer):
    """The bound sessions, oldest first."""

    items: list[SessionShown]


class SessionClosing(Answer):
    """A session that is being ended."""

    id: str
    mode: Literal["unbind", "reset", "stall"]


class UplinkShown(Answer):
    """An uplink message that was taken in; `account` is null when the number is nobody's."""

    id: str
    account: str | None


class AccountShown(Answer):
    """One account, without its password."""

    system_id: str
    enterprise_code: str
    access_numbers: list[str]
    services: list[str]
    max_binds: int
    window: int
    sessions: int


class AccountList(Answer):
    """All accounts."""

    items: list[AccountShown]


class ProfileShown(Answer):
    """One behaviour of the simulated network."""

    name: str
    current: bool
    en: str
    zh: str


class ProfileList(Answer):
    """All profiles."""

    current: str
    items: list[ProfileShown]


class SubscriberShown(Answer):
    """One simulated handset; `fixed` when its state was set."""

    msisdn: str
    state: str
    fixed: bool
    carrier: str


class SubscriberList(Answer):
    """The handsets whose state was set, and every state there is."""

    states: list[str]
    items: list[SubscriberShown]


class CheckShown(Answer):
    """One check of readiness."""

    name: str
    ok: bool


class Readiness(Answer):
    """Whether the gateway can do its work."""

    ready: bool
    checks: list[CheckShown]


class Liveness(Answer):
    """That the process runs."""

    alive: bool
