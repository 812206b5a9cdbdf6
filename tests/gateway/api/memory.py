"""Fulfil the ports of the API in memory, and give a client that talks to the application."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import httpx
import msgspec

from config.loader import load_settings
from config.network import NetworkData, load_network
from config.section import Endpoint
from config.settings import Settings
from gateway.api.app import build_app
from gateway.api.ports import (
    ApiContext,
    CloseMode,
    ExplainRequest,
    HealthCheck,
    JsonObject,
    Page,
    RawPdu,
    RefusedError,
    SessionView,
    SubscriberView,
    Uplink,
    UplinkTaken,
    WindowView,
)
from gateway.clock import ManualClock
from gateway.retention import Month
from metrics.office import Office
from metrics.recorder import Recorder
from metrics.retention import Reason
from metrics.sla.behind import Kind, Place, Settled
from metrics.sla.ledger import SlaLedger
from routing.event import Event
from routing.query import parse_query
from routing.registries import Registries
from tests.support.samples import BY_ID

NOON = 1_772_424_000.0
"""2026-03-02T12:00:00+08:00."""
RECIPIENT = "13300000001"
SENDER = "106590990371"
TEXT = BY_ID["T01"].text
TOKENS = {"viewer": "viewer-token", "tester": "tester-token", "operator": "operator-token"}
LOOPBACK = Endpoint("127.0.0.1", 8775)
ELSEWHERE = Endpoint("0.0.0.0", 8775)


def message(number: int, **changes: object) -> JsonObject:
    """Make a delivered message in the API's shape."""
    made: JsonObject = {
        "id": str(number),
        "account": "police",
        "enterprise_code": "HA0001",
        "direction": "mt",
        "service": "instant",
        "sender": SENDER,
        "recipient": RECIPIENT,
        "text": TEXT,
        "data_coding": 8,
        "segments": 1,
        "carrier": "telecom",
        "submitted_at": "2026-03-02T12:00:00.000+08:00",
        "verdict": {
            "accepted": True, "status": 0, "status_name": "ESME_ROK", "reason": "none",
            "clause": "", "checks": [],
        },
        "state": "DELIVERED",
        "error": "000",
        "liability": "ok",
        "final_at": "2026-03-02T12:00:01.000+08:00",
        "receipt": None,
        "fee": None,
    }  # fmt: skip
    return {**made, **changes}


@dataclass
class MemoryMessages:
    """Keep messages in a list, newest first; `arrivals` come while somebody waits."""

    clock: ManualClock
    kept: list[JsonObject] = field(default_factory=list)
    arrivals: list[JsonObject] = field(default_factory=list)
    octets: dict[str, list[RawPdu]] = field(default_factory=dict)
    events: dict[str, list[JsonObject]] = field(default_factory=dict)
    counted: dict[Kind, list[Settled]] = field(default_factory=dict)
    _version: int = 0

    async def find(self, query: str, *, limit: int, cursor: str | None) -> Page:
        wanted = parse_query(query)
        start = int(cursor) if cursor else 0
        found = [kept for kept in self.kept if wanted.matches(kept)]
        more = str(start + limit) if len(found) > start + limit else None
        return Page(found[start : start + limit], more)

    async def get(self, message_id: str) -> JsonObject | None:
        return next((kept for kept in self.kept if kept["id"] == message_id), None)

    async def timeline(self, message_id: str) -> list[JsonObject] | None:
        return self.events.get(message_id)

    async def pdus(self, message_id: str) -> list[RawPdu] | None:
        return self.octets.get(message_id)

    async def settled(self, kind: Kind, place: Place, until_ms: int, limit: int) -> list[Settled]:
        chosen = [one for one in self.counted.get(kind, []) if place < (one.at_ms, one.id)]
        return [one for one in chosen if one.at_ms < until_ms][:limit]

    async def settled_of(self, ids: Sequence[int]) -> list[tuple[Settled, int]]:
        return [(one, one.at_ms + 5000) for rows in self.counted.values() for one in rows
                if one.id in ids]  # fmt: skip

    async def shown(self, ids: Sequence[int]) -> dict[int, JsonObject]:
        return {int(str(one["id"])): one for one in self.kept if int(str(one["id"])) in ids}

    def version(self) -> int:
        return self._version

    async def changed(self, version: int, timeout_s: float) -> None:
        if self.arrivals:
            self.kept.insert(0, self.arrivals.pop(0))
            self._version += 1
        else:
            self.clock.advance(timeout_s)


@dataclass
class MemorySessions:
    """Hold sessions that end at once."""

    views: dict[int, SessionView] = field(default_factory=dict)
    closed: list[tuple[int, str]] = field(default_factory=list)

    def all(self) -> Sequence[SessionView]:
        return list(self.views.values())

    def get(self, session_id: int) -> SessionView | None:
        return self.views.get(session_id)

    def close(self, session_id: int, mode: CloseMode) -> bool:
        self.closed.append((session_id, mode))
        return self.views.pop(session_id, None) is not None


@dataclass
class MemoryMo:
    """Take uplink messages for the one account, unless the disk is full."""

    taken: list[Uplink] = field(default_factory=list)
    full: bool = False

    async def take(self, messages: Sequence[Uplink]) -> list[UplinkTaken]:
        if self.full:
            raise RefusedError(507, "the journal has no space left")
        self.taken += messages
        first = len(self.taken) - len(messages) + 1
        return [
            UplinkTaken(first + n, "police" if uplink.recipient.startswith(SENDER) else "")
            for n, uplink in enumerate(messages)
        ]


@dataclass
class MemoryExplainer:
    """Refuse one sender, and know one account."""

    asked: list[ExplainRequest] = field(default_factory=list)

    def explain(self, request: ExplainRequest) -> JsonObject:
        self.asked.append(request)
        if request.account not in ("", "police"):
            raise ValueError(f"account: {request.account!r} seen, police allowed")
        passed = request.sender == SENDER
        detail = "" if passed else f"sender of {request.recipient} is not an access number"
        check = {
            "name": "sender_denied", "passed": passed, "mode": "enforce", "clause": "3.1.9",
            "detail": detail, "detail_zh": "" if passed else "发送号码不符",
            "seen": "" if passed else request.sender, "allowed": "" if passed else SENDER,
        }  # fmt: skip
        return {
            "accepted": passed,
            "status": 0 if passed else 0x0A,
            "reason": "none" if passed else "sender_denied",
            "clause": "" if passed else "3.1.9",
            "advice": "",
            "checks": [check],
        }


@dataclass
class MemoryHealth:
    """Give the checks it is told."""

    rows: list[HealthCheck] = field(
        default_factory=lambda: [HealthCheck("journal", True, "last commit 2 ms ago")]
    )

    def checks(self) -> Sequence[HealthCheck]:
        return self.rows


@dataclass
class MemorySubscribers:
    """Hold the states of handsets."""

    set_states: dict[str, str] = field(default_factory=dict)

    def carriers(self) -> Sequence[str]:
        return ("mobile", "telecom", "unicom")

    def carrier_by_prefix(self, msisdn: str) -> str:
        return "telecom"

    def states(self) -> Sequence[str]:
        return ("active", "powered_off")

    def fixed(self) -> Sequence[SubscriberView]:
        return [self.get(msisdn) for msisdn in self.set_states]

    def get(self, msisdn: str) -> SubscriberView:
        if not (msisdn.isdigit() and len(msisdn) == 11):
            raise ValueError(f"msisdn: {msisdn!r} seen, 11 digits allowed")
        state = self.set_states.get(msisdn, "active")
        return SubscriberView(msisdn, state, msisdn in self.set_states, "telecom")

    def put(self, msisdn: str, state: str, *, recovers_after: int) -> SubscriberView:
        if state not in self.states():
            raise ValueError(f"state: {state!r} seen, one of {', '.join(self.states())}")
        self.set_states[msisdn] = state
        return self.get(msisdn)

    def clear(self, msisdn: str) -> None:
        self.get(msisdn)
        self.set_states.pop(msisdn, None)


@dataclass
class MemoryAudit:
    """Keep what people did."""

    actions: list[tuple[str, str, str, str]] = field(default_factory=list)

    def record(self, who: str, action: str, target: str, detail: str) -> None:
        self.actions.append((who, action, target, detail))


@dataclass
class MemoryRegistrar:
    """Apply changes to registries of the shipped contract and keep them."""

    registries: Registries
    office: Office
    recorded: list[Event] = field(default_factory=list)
    full: bool = False

    async def record(self, events: Sequence[Event]) -> None:
        if self.full:
            raise RefusedError(507, "the disk is full")
        for event in events:
            try:
                self.office.check(event)
                self.registries.apply(event)
                self.office.apply(event)
            except ValueError as error:
                raise RefusedError(409, str(error)) from error
            self.recorded.append(event)


class MemoryFigures:
    """Count what a test applies."""

    def __init__(self) -> None:
        self.counted = SlaLedger(lambda _state, _error: "party_a")

    async def ledger(self) -> SlaLedger:
        return self.counted


class MemoryRetention:
    """Keep two months, of which the first may go once `free` is set."""

    def __init__(self) -> None:
        self.free = False
        self.asked_by: list[str] = []

    def reasons(self) -> tuple[Reason, ...]:
        return (Reason(NOON - 180 * 86_400.0, "schedule", "3.1.11"),)

    async def months(self) -> list[Month]:
        kept = self.reasons()
        return [Month("2025-01", 4096, () if self.free else kept), Month("2025-02", 8192, kept)]

    async def remove(self, who: str) -> tuple[str, ...]:
        self.asked_by.append(who)
        return ("2025-01",) if self.free else ()


def _sender(_account: str, sender: str) -> str:
    return sender


def _nothing(_text: str) -> bool:
    return False


@cache
def _settings(**changes: float) -> Settings:
    tokens = [{"name": f"{role}-1", "role": role, "token": t} for role, t in TOKENS.items()]
    overrides = {key.replace("__", "."): value for key, value in changes.items()}
    return load_settings(None, {}, {"http.tokens": tokens, **overrides})


@cache
def _network() -> NetworkData:
    return load_network()


class Memory:
    """Be a gateway as the API sees it."""

    def __init__(self, **settings: float) -> None:
        self.settings = _settings(**settings)
        self.clock = ManualClock(at=NOON)
        self.messages = MemoryMessages(self.clock)
        self.sessions = MemorySessions({7: session(7)})
        self.mo = MemoryMo()
        self.explainer = MemoryExplainer()
        self.health = MemoryHealth()
        self.subscribers = MemorySubscribers()
        self.audit = MemoryAudit()
        contract = self.settings.contract
        office = Office(contract, port_of=_sender, refuses=_nothing)
        self.registrar = MemoryRegistrar(Registries(contract), office)
        self.figures = MemoryFigures()
        self.retention: MemoryRetention | None = MemoryRetention()
        self.recorder = Recorder(["police"], ["telecom"], "0.0.1")

    @property
    def context(self) -> ApiContext:
        return ApiContext(
            settings=self.settings,
            version="0.0.1",
            clock=self.clock,
            messages=self.messages,
            sessions=self.sessions,
            mo=self.mo,
            explainer=self.explainer,
            health=self.health,
            subscribers=self.subscribers,
            audit=self.audit,
            registrar=self.registrar,
            figures=self.figures,
            retention=self.retention,
            metrics=self.recorder,
            network=_network(),
        )

    def client(
        self,
        role: str = "",
        *,
        listen: Endpoint = LOOPBACK,
        peer: str = "127.0.0.1",
        headers: Mapping[str, str] | None = None,
    ) -> httpx.AsyncClient:
        """Give a client that calls from `peer`, with the token of `role` where one is named."""
        token = {"Authorization": f"Bearer {TOKENS[role]}"} if role else {}
        app: Any = build_app(self.context, listen)
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(app, client=(peer, 40000), raise_app_exceptions=False),
            base_url="http://127.0.0.1:8775",
            headers={**token, **(headers or {})},
        )


def conforms(content: object, shape: type) -> None:
    """Hold an answer to its documented shape; more fields are welcome."""
    msgspec.convert(content, shape)


def session(number: int) -> SessionView:
    """Make a session bound at noon."""
    return SessionView(
        number, "police", "trx", "BOUND_TRX", 0x34, "127.0.0.1:41000", NOON,
        WindowView(1000, 3), WindowView(1000, 0), 12, 9, NOON,
    )  # fmt: skip
