"""State what the HTTP API needs of the gateway: small Protocols and the values they exchange.

The API imports no other area of the gateway. The composition root fills an `ApiContext` with
objects that fulfil these; tests fill it with small ones of their own. Messages and verdicts pass
as plain JSON objects in the shapes of docs/api.md, unmasked: masking is the API's business.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from prometheus_client import CollectorRegistry

from config.network import NetworkData
from config.settings import Settings
from gateway.ports import Clock
from metrics.office import Office
from metrics.retention import Reason
from metrics.sla.behind import Kind, Place, Settled
from metrics.sla.ledger import SlaLedger
from routing.event import Event
from routing.registries import Registries

JsonObject: TypeAlias = dict[str, object]
"""One JSON object: str, int, float, bool, None, lists and objects of these."""

CloseMode: TypeAlias = Literal["unbind", "reset", "stall"]
"""How to end a session: politely, by RST, or by reading and writing nothing any more."""


class RefusedError(Exception):
    """Answer a request with an error; any port may raise it.

    `status` is the HTTP status (400 to 599), `detail` a sentence that says what was seen and what
    is allowed.
    """

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


@dataclass(slots=True, frozen=True)
class Page:
    """Be one page of a list; `next` is the cursor of the following page, None at the end."""

    items: list[JsonObject]
    next: str | None


@dataclass(slots=True, frozen=True)
class RawPdu:
    """Be one PDU of a message as it was on the wire; `at` in UTC seconds since the epoch."""

    at: float
    direction: Literal["received", "sent"]
    octets: bytes


class MessagesSource(Protocol):
    """Read messages from the archive. Ids are strings: the gateway's own, or the ESME's form."""

    async def find(self, query: str, *, limit: int, cursor: str | None) -> Page:
        """Give messages that match, newest first.

        Raises ValueError, in words for the caller, when the query or the cursor is malformed.
        """

    async def get(self, message_id: str) -> JsonObject | None:
        """Give one message, None when there is no such id.

        `verdict.checks` holds at least the checks that failed: `{name, passed, mode, detail}`.
        """

    async def timeline(self, message_id: str) -> list[JsonObject] | None:
        """Give what happened to a message in order, `{at, event, …}` each; None: no such id."""

    async def pdus(self, message_id: str) -> list[RawPdu] | None:
        """Give the message's PDUs, parts of a concatenated one in order; None: no such id."""

    async def settled(self, kind: Kind, place: Place, until_ms: int, limit: int) -> list[Settled]:
        """Give a slice of the messages that the quality index only counts.

        See `metrics.sla.behind`. Raises RefusedError (503) while the archive is behind.
        """

    async def settled_of(self, ids: Sequence[int]) -> list[tuple[Settled, int]]:
        """Give the messages of some ids that have ended, and when, in milliseconds."""

    async def shown(self, ids: Sequence[int]) -> dict[int, JsonObject]:
        """Give messages by number as `get` does; those that are kept no more are left out."""

    def version(self) -> int:
        """Give a number that rises whenever the archive has taken something in."""

    async def changed(self, version: int, timeout_s: float) -> None:
        """Return when `version()` is above the given one, or after `timeout_s` seconds."""


@dataclass(slots=True, frozen=True)
class WindowView:
    """Show one direction of a session's window: requests waiting for a response."""

    limit: int
    outstanding: int


@dataclass(slots=True, frozen=True)
class SessionView:
    """Show one bound session; times are UTC seconds since the epoch.

    `received` is the window of the ESME's requests, `sent` that of the gateway's. `submits` counts
    the submissions taken and `deliveries` the deliver_sm sent since the bind.
    """

    id: int
    account: str
    bind_type: Literal["tx", "rx", "trx"]
    state: str
    interface_version: int
    peer: str
    bound_at: float
    received: WindowView
    sent: WindowView
    submits: int
    deliveries: int
    last_activity_at: float
    system_type: str = ""
    tls: bool = False


class SessionsControl(Protocol):
    """Show the bound sessions and end them."""

    def all(self) -> Sequence[SessionView]:
        """Give all sessions, oldest first."""

    def get(self, session_id: int) -> SessionView | None:
        """Give one session, None when it is not there (any more)."""

    def close(self, session_id: int, mode: CloseMode) -> bool:
        """Begin to end a session; False when it is not there (any more)."""


@dataclass(slots=True, frozen=True)
class Uplink:
    """Be one message from a handset to inject; `recipient` is the access number it was sent to."""

    sender: str
    recipient: str
    text: str


@dataclass(slots=True, frozen=True)
class UplinkTaken:
    """Say under which id an uplink message is recorded and whose it is ("": nobody's)."""

    id: int
    account: str


class MoIntake(Protocol):
    """Take uplink messages in."""

    async def take(self, messages: Sequence[Uplink]) -> list[UplinkTaken]:
        """Record the messages and start their delivery; return when they are on disk.

        Raises RefusedError (507) when the journal could not store them.
        """


@dataclass(slots=True, frozen=True)
class ExplainRequest:
    """Be a message whose verdict is asked for; nothing is sent and nothing is charged.

    An empty `account` is the only account or the owner of the sender; an empty `service` and a
    `data_coding` of None are what the account and the text suggest; `at` is UTC seconds since the
    epoch, None is the present.
    """

    sender: str
    recipient: str
    text: str
    account: str = ""
    service: str = ""
    data_coding: int | None = None
    at: float | None = None


class Explainer(Protocol):
    """Judge a message without sending it."""

    def explain(self, request: ExplainRequest) -> JsonObject:
        """Give `{accepted, status, reason, clause, advice, checks: [...]}`, every check in order.

        `status` is the command_status as a number.

        Raises ValueError, in words for the caller, for an unknown account or service.
        """


@dataclass(slots=True, frozen=True)
class HealthCheck:
    """Be one named check of readiness: `why` says what is wrong, or what is in order."""

    name: str
    ok: bool
    why: str


class Health(Protocol):
    """Say whether the gateway can do its work."""

    def checks(self) -> Sequence[HealthCheck]:
        """Give every check: listeners, journal, disk, archive, and so on; fast, no I/O."""


@dataclass(slots=True, frozen=True)
class SubscriberView:
    """Show one simulated handset; `fixed` says that its state was set by an operator."""

    msisdn: str
    state: str
    fixed: bool
    carrier: str


class SubscribersControl(Protocol):
    """Read and set the states of simulated handsets."""

    def carriers(self) -> Sequence[str]:
        """Give the names of the carriers of the number plan."""

    def carrier_by_prefix(self, msisdn: str) -> str:
        """Give the carrier that an 11-digit number's prefix is allotted to, "" for none."""

    def states(self) -> Sequence[str]:
        """Give the names of all states."""

    def fixed(self) -> Sequence[SubscriberView]:
        """Give the handsets whose state was set."""

    def get(self, msisdn: str) -> SubscriberView:
        """Give one handset: every number has a state.

        Raises ValueError, in words for the caller, when it is not a mobile number.
        """

    def put(self, msisdn: str, state: str, *, recovers_after: int) -> SubscriberView:
        """Set a state, to be left after so many failed attempts (0: never).

        Raises ValueError, in words for the caller, for an unknown state or a wrong number.
        """

    def clear(self, msisdn: str) -> None:
        """Give a handset back its natural state."""


class Audit(Protocol):
    """Journal what a person did."""

    def record(self, who: str, action: str, target: str, detail: str) -> None:
        """Append one OperatorAction."""


class RegistriesControl(Protocol):
    """Show the registries that verdicts look into and those of the office, and change them."""

    @property
    def registries(self) -> Registries:
        """Give those that verdicts look into, as in force."""

    @property
    def office(self) -> Office:
        """Give breaches and their cases, complaints, notices, incidents, papers and windows."""

    async def record(self, events: Sequence[Event]) -> None:
        """Apply changes one after the other; return when they are on disk.

        Raises RefusedError: 409 for one that doesn't fit to what is there (those before it hold),
        507 when the disk is full.
        """


class FiguresSource(Protocol):
    """Give the counts of the quality index; `gateway.archive.figures.FiguresReader` does."""

    async def ledger(self) -> SlaLedger:
        """Give all counts up to the end of the journal.

        Raises RefusedError (503) where nothing is kept.
        """


class KeptMonth(Protocol):
    """Be one month of records: YYYY-MM, its octets, and what keeps it; nothing: it may go."""

    @property
    def name(self) -> str: ...

    @property
    def octets(self) -> int: ...

    @property
    def kept_by(self) -> tuple[Reason, ...]: ...


class RetentionControl(Protocol):
    """Show what keeps records, and remove those that nothing keeps."""

    def reasons(self) -> tuple[Reason, ...]:
        """Give every reason to keep records, the one that reaches furthest back first."""

    async def months(self) -> Sequence[KeptMonth]:
        """Give the months that are there, oldest first."""

    async def remove(self, who: str) -> tuple[str, ...]:
        """Remove the months that may go, and name them.

        Raises RefusedError (503) where that can't be done now.
        """


class MetricsSource(Protocol):
    """Give the figures of /metrics; `metrics.recorder.Recorder` is one."""

    def freeze(self) -> CollectorRegistry:
        """Give this moment's values, which the API writes out in another thread."""


@dataclass(slots=True)
class ApiContext:
    """Hold everything the API works with; `network` as adjusted by the settings."""

    settings: Settings
    version: str
    clock: Clock
    metrics: MetricsSource
    network: NetworkData
    messages: MessagesSource
    sessions: SessionsControl
    mo: MoIntake
    explainer: Explainer
    health: Health
    subscribers: SubscribersControl
    audit: Audit
    registrar: RegistriesControl
    figures: FiguresSource
    retention: RetentionControl | None
    """None where nothing is kept."""

    def follow(self, settings: Settings) -> None:
        """Show other settings from here on."""
        self.settings = settings
