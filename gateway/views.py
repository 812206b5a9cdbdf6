"""Show the running gateway to the API: its Protocols, fulfilled from the parts.

Each class is one port of `gateway.api.ports`; none holds state of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from gateway.api.ports import (
    CloseMode,
    ExplainRequest,
    HealthCheck,
    JsonObject,
    RefusedError,
    SessionView,
    SubscriberView,
    Uplink,
    UplinkTaken,
    WindowView,
)
from gateway.ports import Clock, Journal
from gateway.registrar import NotRecordedError, Registrar
from gateway.server.connection import Connection
from gateway.server.desk import Desk
from gateway.server.sessions import Sessions
from metrics.office import Office
from routing.event import Event
from routing.events import MoReceived, OperatorAction, Submission
from routing.explain import explain
from routing.facts import Facts
from routing.numbering import normalise_recipient
from routing.registries import Registries
from routing.rules import Rules
from routing.subscribers import Subscribers
from smpp.errors import EncodeError
from smpp.text import choose_data_coding, encode_text

if TYPE_CHECKING:
    from gateway.delivery.mo import MoOffice

BIND_TYPES = {"TX": "tx", "RX": "rx", "TRX": "trx"}


class SessionViews:
    """Show the bound sessions and end them."""

    def __init__(self, sessions: Sessions, clock: Clock, window_of: Callable[[str], int]) -> None:
        self._sessions = sessions
        self._window_of = window_of
        self._clock = clock

    def all(self) -> Sequence[SessionView]:
        return [self._view(connection) for connection in self._sessions if connection.account]

    def get(self, session_id: int) -> SessionView | None:
        connection = self._sessions.get(session_id)
        if connection is None or not connection.account:
            return None
        return self._view(connection)

    def close(self, session_id: int, mode: CloseMode) -> bool:
        connection = self._sessions.get(session_id)
        if connection is None or not connection.account:
            return False
        ends: dict[str, Callable[[], None]] = {
            "unbind": connection.unbind,
            "reset": lambda: connection.abort("operator"),
            "stall": lambda: connection.stall(on=True),
        }
        ends[mode]()
        return True

    def _view(self, connection: Connection) -> SessionView:
        session = connection.session
        idle_s = self._clock.now() - session.last_received
        return SessionView(
            id=connection.session_id,
            account=connection.account,
            bind_type=BIND_TYPES[connection.mode],  # type: ignore[arg-type]  # one of the three
            state=session.state.name,
            interface_version=session.interface_version,
            peer=connection.peer,
            bound_at=connection.bound_at,
            received=WindowView(self._window_of(connection.account), session.unanswered),
            sent=WindowView(session.window.limit, len(session.window)),
            submits=connection.submitted,
            deliveries=connection.delivered,
            last_activity_at=self._clock.at() - idle_s,
            system_type=connection.system_type,
            tls=connection.transport_info("ssl_object") is not None,
        )


class Uplinks:
    """Take uplink messages in."""

    def __init__(self, office: MoOffice) -> None:
        self._office = office

    async def take(self, messages: Sequence[Uplink]) -> list[UplinkTaken]:
        """Record all of the messages, or none where one can't be sent (RefusedError 422)."""
        for message in messages:
            try:
                self._office.check(message.sender, message.recipient, message.text)
            except ValueError as error:
                raise RefusedError(422, str(error)) from error
        loop = asyncio.get_running_loop()
        waiting: list[asyncio.Future[UplinkTaken]] = []
        for message in messages:
            future: asyncio.Future[UplinkTaken] = loop.create_future()
            waiting.append(future)
            self._office.receive(
                message.sender,
                message.recipient,
                message.text,
                source="api",
                done=_completer(future),
            )
        return list(await asyncio.gather(*waiting))


def _completer(future: asyncio.Future[UplinkTaken]) -> Callable[[MoReceived, bool], None]:
    def done(event: MoReceived, stored: bool) -> None:
        if future.done():
            return
        if stored:
            future.set_result(UplinkTaken(event.mo_id, event.account))
        else:
            future.set_exception(RefusedError(507, "the disk is full: nothing was recorded"))

    return done


class Explaining:
    """Judge a message without sending it."""

    def __init__(self, rules: Rules, desks: dict[str, Desk], clock: Clock) -> None:
        self._rules = rules
        self._desks = desks
        self._clock = clock

    def explain(self, request: ExplainRequest) -> JsonObject:
        """Give the verdict and every check.

        Raises ValueError for an unknown account or service.
        """
        desk = self._desk(request)
        service_type = ""
        if request.service:
            service_type = desk.rules.services.type_for(request.service)
        data_coding = request.data_coding
        if data_coding is None:
            data_coding = choose_data_coding(request.text, desk.alphabet)
        try:
            octets = len(encode_text(request.text, data_coding, desk.alphabet))
        except EncodeError as error:
            raise ValueError(f"text in data_coding {data_coding}: {error}") from error
        submission = Submission(
            request.at if request.at is not None else self._clock.at(),
            0,
            desk.account.system_id,
            0,
            0,
            "",
            request.sender,
            request.recipient,
            request.text,
            data_coding,
            0,
            0,
            segment_count=desk.count_segments(request.text, octets, data_coding),
            service_type=service_type,
        )
        # The account's state alone: what its last submission was like says nothing of this one.
        facts = Facts(self._clock.now(), desk.facts.bucket)
        facts.queued = desk.in_flight
        found = explain(desk.rules, submission, facts)
        return {
            "accepted": found.accepted,
            "status": found.status,
            "reason": found.reason,
            "clause": found.clause,
            "advice": found.advice,
            "account": desk.account.system_id,
            "service": found.submission.service,
            "recipient": found.submission.recipient,
            "carrier": found.submission.carrier,
            "segments": found.submission.segment_count,
            "checks": [asdict(check) for check in found.checks],
        }

    def _desk(self, request: ExplainRequest) -> Desk:
        if request.account:
            desk = self._desks.get(request.account)
            if desk is None:
                known = ", ".join(sorted(self._desks))
                raise ValueError(f"account: {request.account!r} seen, one of {known} allowed")
            return desk
        owner = self._rules.owner_of(request.sender)
        if owner is not None:
            return self._desks[owner.account]
        return next(iter(self._desks.values()))


class Handsets:
    """Read and set the states of simulated handsets."""

    def __init__(self, subscribers: Subscribers, rules: Rules, clock: Clock) -> None:
        self._subscribers = subscribers
        self._rules = rules
        self._clock = clock

    def carriers(self) -> Sequence[str]:
        return tuple(self._rules.plan.titles)

    def carrier_by_prefix(self, msisdn: str) -> str:
        return self._rules.plan.carrier_of(msisdn)

    def states(self) -> Sequence[str]:
        return tuple(self._subscribers.states)

    def fixed(self) -> Sequence[SubscriberView]:
        return [self.get(number) for number in self._subscribers.explicit()]

    def get(self, msisdn: str) -> SubscriberView:
        number = self._number(msisdn)
        carrier = self._carrier(number)
        return SubscriberView(
            number,
            self._subscribers.of(number).condition,
            number in self._subscribers.explicit(),
            carrier,
        )

    def put(self, msisdn: str, state: str, *, recovers_after: int) -> SubscriberView:
        number = self._number(msisdn)
        self._subscribers.put(number, state, recovers_after=recovers_after)
        return self.get(number)

    def clear(self, msisdn: str) -> None:
        self._subscribers.clear(self._number(msisdn))

    def _number(self, msisdn: str) -> str:
        number = normalise_recipient(msisdn, 0, 0)
        if number is None:
            raise ValueError(f"msisdn: {msisdn!r} seen, a mainland mobile number allowed")
        return number

    def _carrier(self, number: str) -> str:
        by_prefix = self._rules.plan.carrier_of(number)
        return self._rules.registries.portability.carrier_of(number, by_prefix, self._clock.at())


class HealthView:
    """Say whether the gateway can do its work."""

    def __init__(self, checks: Callable[[], Sequence[HealthCheck]]) -> None:
        self._checks = checks

    def checks(self) -> Sequence[HealthCheck]:
        return self._checks()


class Auditor:
    """Journal what a person did."""

    def __init__(self, journal: Journal, clock: Clock) -> None:
        self._journal = journal
        self._clock = clock

    def record(self, who: str, action: str, target: str, detail: str) -> None:
        self._journal.append(OperatorAction(self._clock.at(), who, action, target, detail))


class RegistriesView:
    """Show the registries and record what changes in them."""

    def __init__(self, registrar: Registrar) -> None:
        self._registrar = registrar

    @property
    def registries(self) -> Registries:
        return self._registrar.registries

    @property
    def office(self) -> Office:
        return self._registrar.office

    async def record(self, events: Sequence[Event]) -> None:
        """Apply changes and wait until they are on disk (RefusedError 409 and 507)."""
        try:
            await self._registrar.record(events)
        except ValueError as error:
            raise RefusedError(409, str(error)) from error
        except NotRecordedError as error:
            raise RefusedError(507, str(error)) from error
