"""Decide what connections ask: the table from operations to those who answer them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from gateway.ports import Clock, Journal
from routing.events import PduRefused, Replaced, Unbound
from routing.message import Message
from smpp.codec import encode, refusal, reply
from smpp.constants import CommandId, CommandStatus
from smpp.errors import DecodeError
from smpp.pdus import (
    DataSm,
    DestAddress,
    Pdu,
    ReplaceSm,
    SubmitMulti,
    SubmitSm,
    UnsuccessSme,
)
from smpp.session import Answered, Refused, TimedOut

from .binder import Binder
from .connection import Connection
from .intake import Intake
from .requests import Requests
from .sessions import Sessions

SESSION_ENDED = "session ended"
NO_ANSWER = -1
BOUNDED = frozenset({CommandId.QUERY_SM, CommandId.CANCEL_SM, CommandId.REPLACE_SM})
"""Requests refused beyond the account's window here; the verdict refuses submissions."""
WITH_PASSWORD = frozenset(
    {
        CommandId.BIND_RECEIVER,
        CommandId.BIND_TRANSMITTER,
        CommandId.BIND_TRANSCEIVER,
        CommandId.OUTBIND,
    }
)
KNOWN = frozenset(map(int, CommandId))
HEADER_OCTETS = 16
ADDRESS_OCTETS = 20
"""Longest address of a submit_sm or deliver_sm; a data_sm has room for 64 (SMPP 3.4 §4.7.1)."""


class Deliveries(Protocol):
    """Take the ESMEs' answers to deliver_sm."""

    def acknowledged(
        self, receiver: Connection, account: str, answers: list[tuple[object, int, str]]
    ) -> None: ...


class PduLog(Protocol):
    def __call__(self, connection: Connection, data: bytes, *, sent: bool) -> None: ...


@dataclass(slots=True)
class HostParts:
    """Hold who answers what; filled by the composition root."""

    clock: Clock
    journal: Journal
    sessions: Sessions
    binder: Binder
    intake: Intake
    requests: Requests
    deliveries: Deliveries
    max_connections: int
    max_unbound_per_peer: int
    log: PduLog | None
    closed: Callable[[Connection, str], None]
    refused: Callable[[int, int], None]
    turned_away: Callable[[str, str, str], None]
    """Is told of connections that are not let in: peer, reason, detail."""
    received: Callable[[int, int, int], None] | None = None
    """Counts PDUs taken: command_id, command_status, how many."""
    responded: Callable[[list[bytes]], None] | None = None
    """Counts responses sent, but those to submissions."""
    took: Callable[[int, float, int], None] | None = None
    """Takes in the time to the ESME's response: command_id of the request, seconds, how many."""


class ServerHost:
    """Answer connections' questions by handing them on."""

    def __init__(self, parts: HostParts) -> None:
        self._p = parts
        intake, requests, binder = parts.intake, parts.requests, parts.binder
        self._handlers: dict[int, Callable[..., None]] = {
            CommandId.BIND_TRANSMITTER: binder.bind,
            CommandId.BIND_RECEIVER: binder.bind,
            CommandId.BIND_TRANSCEIVER: binder.bind,
            CommandId.UNBIND: _nothing,
            CommandId.QUERY_SM: requests.query,
            CommandId.CANCEL_SM: requests.cancel,
            CommandId.REPLACE_SM: requests.replace,
            CommandId.DATA_SM: partial(data_sm, intake),
            CommandId.SUBMIT_MULTI: partial(submit_multi, intake),
            CommandId.BROADCAST_SM: _unsupported,
            CommandId.QUERY_BROADCAST_SM: _unsupported,
            CommandId.CANCEL_BROADCAST_SM: _unsupported,
        }

    def connection_opened(self, connection: Connection) -> None:
        parts = self._p
        parts.sessions.opened(connection)
        if len(parts.sessions) > parts.max_connections:
            connection.abort("connection_limit")
            parts.turned_away(connection.peer, "limit", "max_connections")
        elif parts.sessions.unbound_of(connection.peer) > parts.max_unbound_per_peer:
            connection.abort("unbound_limit")
            parts.turned_away(connection.peer, "limit", "max_unbound_per_address")
        connection.logging_pdus = parts.log is not None

    def refusal(self, peer: str, here: int, everywhere: int) -> str:
        """Say why nobody from an address is let into a handshake; "" = they are.

        `here` and `everywhere` count the handshakes under way: they are connections too.
        """
        parts = self._p
        if not parts.binder.address_known(peer):
            return "address"
        full = len(parts.sessions) + everywhere >= parts.max_connections
        many = parts.sessions.unbound_of(peer) + here >= parts.max_unbound_per_peer
        return "limit" if full or many else ""

    def connection_closed(self, connection: Connection, reason: str) -> None:
        parts = self._p
        parts.sessions.closed(connection)
        parts.closed(connection, reason)
        if connection.account:
            parts.journal.append(
                Unbound(parts.clock.at(), connection.session_id, connection.account, reason)
            )

    def submits(self, connection: Connection, pdus: list[SubmitSm], octets: list[bytes]) -> None:
        if self._p.received is not None:
            self._p.received(CommandId.SUBMIT_SM, 0, len(pdus))
        self._p.intake.submits(connection, pdus, octets)

    def request(self, connection: Connection, pdu: Pdu) -> None:
        if self._p.received is not None:
            self._p.received(pdu.command_id, 0, 1)
        beyond = connection.session.unanswered > connection.requests_most
        if beyond and pdu.command_id in BOUNDED:
            connection.respond(encode(reply(pdu, CommandStatus.ESME_RTHROTTLED)))
        else:
            self._handlers[pdu.command_id](connection, pdu)

    def answered(self, connection: Connection, answers: list[Answered | TimedOut]) -> None:
        if not connection.account:
            return
        ended = SESSION_ENDED if connection.session.closed else "no deliver_sm_resp in time"
        told = [
            (answer.context, _status_of(answer.pdu), "")
            if type(answer) is Answered
            else (answer.context, NO_ANSWER, ended)
            for answer in answers
        ]
        if self._p.received is not None:
            for status, n in Counter(status for _context, status, _detail in told).items():
                if status != NO_ANSWER:
                    self._p.received(CommandId.DELIVER_SM_RESP, status, n)
        if self._p.took is not None:
            now = self._p.clock.now()
            # Deliveries written together have one time.
            sent = Counter(answer.sent_at for answer in answers if type(answer) is Answered)
            for sent_at, n in sent.items():
                self._p.took(CommandId.DELIVER_SM, now - sent_at, n)
        self._p.deliveries.acknowledged(connection, connection.account, told)

    def refused(self, connection: Connection, refusal: Refused) -> None:
        parts = self._p
        parts.refused(refusal.command_id, refusal.command_status)
        parts.journal.append(
            PduRefused(
                parts.clock.at(),
                connection.session_id,
                connection.account,
                refusal.command_id,
                refusal.command_status,
                refusal.detail,
                without_password(refusal, bound=bool(connection.account)),
            )
        )

    def responded(self, responses: list[bytes]) -> None:
        if self._p.responded is not None:
            self._p.responded(responses)

    def log_pdus(self, connection: Connection, data: bytes, *, sent: bool) -> None:
        if self._p.log is not None:
            self._p.log(connection, data, sent=sent)


def without_password(refusal: Refused, *, bound: bool) -> bytes:
    """Give what may be kept of a refused PDU: the journal never holds a password.

    Where the framing went wrong before a bind, or a PDU can't be told, its octets may be the rest
    of one that had a password.
    """
    if refusal.command_id in WITH_PASSWORD:
        return refusal.pdu[:HEADER_OCTETS]
    return refusal.pdu if bound or refusal.command_id in KNOWN else b""


def _status_of(answer: Pdu) -> int:
    """Give what an answer says; a generic_nack never says that all is well."""
    if answer.command_id == CommandId.GENERIC_NACK:
        return answer.command_status or int(CommandStatus.ESME_RUNKNOWNERR)
    return answer.command_status


def _nothing(connection: Connection, pdu: Pdu) -> None:
    """Leave an unbind to the connection, which answers it when all before it is answered."""


def _unsupported(connection: Connection, pdu: Pdu) -> None:
    """Answer an operation this gateway does not offer: SMPP 5.0 §4.7.6, "not supported"."""
    connection.respond(encode(reply(pdu, CommandStatus.ESME_RINVCMDID)))


def data_sm(intake: Intake, connection: Connection, pdu: DataSm) -> None:
    """Take data_sm in as the submit_sm it amounts to (SMPP 3.4 §4.7).

    An address that no deliver_sm could carry back is refused: a receipt would have to.
    """
    for address, status in (
        (pdu.source_addr, CommandStatus.ESME_RINVSRCADR),
        (pdu.destination_addr, CommandStatus.ESME_RINVDSTADR),
    ):
        if len(address) > ADDRESS_OCTETS:
            connection.respond(encode(reply(pdu, status)))
            return
    submit = SubmitSm(
        service_type=pdu.service_type,
        source_addr_ton=pdu.source_addr_ton,
        source_addr_npi=pdu.source_addr_npi,
        source_addr=pdu.source_addr,
        dest_addr_ton=pdu.dest_addr_ton,
        dest_addr_npi=pdu.dest_addr_npi,
        destination_addr=pdu.destination_addr,
        esm_class=pdu.esm_class,
        registered_delivery=pdu.registered_delivery,
        data_coding=pdu.data_coding,
        tlvs=pdu.tlvs,
        sequence_number=pdu.sequence_number,
    )

    def respond(status: int, message_id: bytes) -> bytes:
        if status:
            return refusal(CommandId.DATA_SM, pdu.sequence_number, status)
        return encode(reply(pdu, message_id=message_id))

    intake.submit_one(connection, submit, encode(pdu), respond)


class MultiAnswer:
    """Gather the answers to the destinations of one submit_multi into its response.

    All destinations share one message_id. The response is made by the last answer; the answers
    before it are empty.
    """

    def __init__(self, pdu: SubmitMulti, wire_id: str) -> None:
        self._pdu = pdu
        self._wire_id = wire_id
        self._left = len(pdu.dest_addresses)
        self._unsuccessful: list[UnsuccessSme] = []

    def answer(self, destination: DestAddress, status: int, message_id: bytes) -> bytes:
        """Take the answer to one destination; give the response after the last."""
        pdu = self._pdu
        self._left -= 1
        if status:
            self._unsuccessful.append(
                UnsuccessSme(
                    destination.dest_addr_ton,
                    destination.dest_addr_npi,
                    destination.destination_addr,
                    status,
                )
            )
        if self._left:
            return b""
        if len(self._unsuccessful) == len(pdu.dest_addresses):
            status = self._unsuccessful[0].error_status_code
            return refusal(CommandId.SUBMIT_MULTI, pdu.sequence_number, status)
        return encode(
            reply(
                pdu,
                message_id=self._wire_id.encode("ascii"),
                unsuccess_smes=tuple(self._unsuccessful),
            )
        )


def submit_multi(intake: Intake, connection: Connection, pdu: SubmitMulti) -> None:
    """Take a submit_multi in as one submission for each destination (SMPP 3.4 §4.5).

    Distribution lists are not kept here: one among the destinations refuses the whole. The
    response goes out when the last destination is on disk.
    """
    destinations = [d for d in pdu.dest_addresses if isinstance(d, DestAddress)]
    if not destinations or len(destinations) < len(pdu.dest_addresses):
        status = (
            CommandStatus.ESME_RINVDLNAME if pdu.dest_addresses else CommandStatus.ESME_RINVNUMDESTS
        )
        connection.respond(encode(reply(pdu, status)))
        return
    raw = encode(pdu)
    outstanding = connection.session.unanswered
    # Each destination answers once; all but the last of these answers are empty.
    connection.session.unanswered += len(destinations) - 1
    identity = intake.shared_identity(connection)
    multi = MultiAnswer(pdu, identity[1])
    for destination in destinations:
        respond = partial(multi.answer, destination)
        submit = single(pdu, destination)
        intake.submit_one(connection, submit, raw, respond, identity, outstanding=outstanding)
        identity = intake.other_identity(identity[1])


def single(pdu: SubmitMulti, destination: DestAddress) -> SubmitSm:
    """Give the submit_sm that one destination of a submit_multi amounts to."""
    return SubmitSm(
        service_type=pdu.service_type,
        source_addr_ton=pdu.source_addr_ton,
        source_addr_npi=pdu.source_addr_npi,
        source_addr=pdu.source_addr,
        dest_addr_ton=destination.dest_addr_ton,
        dest_addr_npi=destination.dest_addr_npi,
        destination_addr=destination.destination_addr,
        esm_class=pdu.esm_class,
        protocol_id=pdu.protocol_id,
        priority_flag=pdu.priority_flag,
        schedule_delivery_time=pdu.schedule_delivery_time,
        validity_period=pdu.validity_period,
        registered_delivery=pdu.registered_delivery,
        data_coding=pdu.data_coding,
        short_message=pdu.short_message,
        tlvs=pdu.tlvs,
        sequence_number=pdu.sequence_number,
    )


def rejudge(
    intake: Intake, connection: Connection, message: Message, pdu: ReplaceSm
) -> Replaced | int:
    """Judge a message as replace_sm would leave it; give the change, or the refusing status."""
    submission = intake.read(
        connection,
        SubmitSm(
            service_type=message.service_type.encode("latin-1"),
            source_addr_ton=message.source_ton,
            source_addr_npi=message.source_npi,
            source_addr=message.sender.encode("latin-1"),
            dest_addr_ton=message.dest_ton,
            dest_addr_npi=message.dest_npi,
            destination_addr=message.recipient.encode("latin-1"),
            esm_class=message.esm_class,
            schedule_delivery_time=pdu.schedule_delivery_time,
            validity_period=pdu.validity_period,
            registered_delivery=pdu.registered_delivery,
            data_coding=message.data_coding,
            short_message=pdu.short_message,
            tlvs=pdu.tlvs,
        ),
    )
    if isinstance(submission, DecodeError):
        return submission.command_status
    if not submission.accepted:
        return submission.status or int(CommandStatus.ESME_RREPLACEFAIL)
    return Replaced(
        submission.at,
        message.message_id,
        submission.text,
        message.data_coding,
        pdu.registered_delivery,
        submission.segment_count,
        submission.validity_at or message.validity_at,
        submission.schedule_at or message.schedule_at,
    )
