"""Give the shapes of the API's answers, for the OpenAPI document and for those who build them.

More fields than those named may come.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict


class Problem(TypedDict):
    """What was wrong, as RFC 9457 has it."""

    type: str
    title: str
    status: int
    detail: str


class Check(TypedDict):
    """How one check ended, and the keys of settings and contract that govern it.

    `title` is what a failure of the check is called, whether it failed or not; `seen` is the span
    of the text or the value that decided, `allowed` the nearest that passes. `breach_rows` are the
    rows of clause 7.3 that a failed check of a message names itself.
    """

    name: str
    passed: bool
    mode: Literal["enforce", "monitor", "off"]
    clause: str
    detail: str
    detail_zh: NotRequired[str]
    title: NotRequired[str]
    title_zh: NotRequired[str]
    seen: NotRequired[str]
    allowed: NotRequired[str]
    breach_rows: NotRequired[list[int]]
    keys: NotRequired[list[str]]


class Verdict(TypedDict):
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


class ReceiptView(TypedDict):
    """How far the delivery receipt has come."""

    state: str
    attempts: int
    acknowledged_at: str | None


class MessageView(TypedDict):
    """One message."""

    id: str
    account: str
    enterprise_code: str
    direction: Literal["mt", "mo"]
    service: str | None
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
    liability: str | None
    final_at: str | None
    receipt: ReceiptView | None
    fee: int | None


class MessageList(TypedDict):
    """Messages, newest first, and the cursor of the next page."""

    items: list[MessageView]
    next: str | None


class ClockShown(TypedDict):
    """The gateway's business time; a real clock has the scale 1 and can't be moved."""

    at: str
    simulated: bool
    scale: float


class FieldShown(TypedDict):
    """One field of a PDU: where it lies, its value, its meaning."""

    offset: int
    length: int
    name: str
    value: int | str
    note: str


class PduShown(TypedDict):
    """One PDU, in hexadecimal and field by field."""

    at: str
    direction: Literal["received", "sent"]
    hex: str
    summary: str
    error: str | None
    fields: list[FieldShown]


class PdusShown(TypedDict):
    """The PDUs of a message."""

    id: str
    pdus: list[PduShown]


class Ending(TypedDict):
    """How a message ended, and whose failure it is."""

    state: str
    error: str
    meaning: str
    meaning_zh: str
    liability: str | None


class Why(Explained):
    """Every check, and how the message ended."""

    id: str
    sentence: str
    outcome: Ending


class Timeline(TypedDict):
    """What happened to a message, in order."""

    id: str
    events: list[dict[str, Any]]


class WindowShown(TypedDict):
    """Requests waiting for a response."""

    limit: int
    outstanding: int


class SessionShown(TypedDict):
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


class SessionList(TypedDict):
    """The bound sessions, oldest first."""

    items: list[SessionShown]


class SessionClosing(TypedDict):
    """A session that is being ended."""

    id: str
    mode: Literal["unbind", "reset", "stall"]


class UplinkShown(TypedDict):
    """An uplink message that was taken in; `account` is null when the number is nobody's."""

    id: str
    account: str | None


class AccountShown(TypedDict):
    """One account, without its password."""

    system_id: str
    enterprise_code: str
    access_numbers: list[str]
    services: list[str]
    max_binds: int
    window: int
    sessions: int


class AccountList(TypedDict):
    """All accounts."""

    items: list[AccountShown]


class ProfileShown(TypedDict):
    """One behaviour of the simulated network."""

    name: str
    current: bool
    en: str
    zh: str


class ProfileList(TypedDict):
    """All profiles."""

    current: str
    items: list[ProfileShown]


class SubscriberShown(TypedDict):
    """One simulated handset; `fixed` when its state was set."""

    msisdn: str
    state: str
    fixed: bool
    carrier: str


class SubscriberList(TypedDict):
    """The handsets whose state was set, and every state there is."""

    states: list[str]
    items: list[SubscriberShown]


class CheckShown(TypedDict):
    """One check of readiness."""

    name: str
    ok: bool


class Readiness(TypedDict):
    """Whether the gateway can do its work."""

    ready: bool
    checks: list[CheckShown]


class Liveness(TypedDict):
    """That the process runs."""

    alive: bool
