"""Answer query_sm, cancel_sm and replace_sm: what an ESME may ask of a message it submitted.

An account sees its own messages only; a foreign id and an unknown one get the same answer. The
source address must be the one of the submission (SMPP 3.4 §4.8.1, §4.9.1, §4.10.1).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Protocol

from gateway.ports import Clock, Journal
from routing.events import JournalEvent, Replaced
from routing.message import Message, queried_state, revise
from routing.open_messages import OpenMessages
from smpp.codec import encode, reply
from smpp.constants import CommandStatus
from smpp.pdus import CancelSm, Pdu, QuerySm, ReplaceSm
from smpp.times import format_absolute

from .connection import Connection
from .wire_ids import WireIds


@dataclass(frozen=True, slots=True)
class Finished:
    """Hold what query_sm says of a message that is not open any more."""

    account: str
    sender: str
    state: int
    error: str
    final_at: float


class Waiting(Protocol):
    """Be the dispatcher as far as requests need it."""

    def cancel(self, message: Message, done: Callable[[bool], None]) -> bool: ...
    def replan(self, message: Message) -> None: ...


class Rejudge(Protocol):
    """Judge a replacement text: a Replaced event, or the status that refuses it."""

    def __call__(
        self, connection: Connection, message: Message, pdu: ReplaceSm
    ) -> Replaced | int: ...


@dataclass(frozen=True, slots=True)
class RequestContext:
    clock: Clock
    journal: Journal
    open_messages: OpenMessages
    waiting: Waiting
    wire_ids: dict[str, WireIds]
    finished: Callable[[int], Awaitable[Finished | None]]
    rejudge: Rejudge
    start_task: Callable[[Coroutine[Any, Any, None], str], object]


class Requests:
    """Answer requests about waiting and finished messages."""

    def __init__(self, context: RequestContext) -> None:
        self._c = context

    def query(self, connection: Connection, pdu: QuerySm) -> None:
        message = self._find(connection, pdu.message_id, pdu.source_addr)
        if message is not None:
            at = self._c.clock.at()
            state = queried_state(message, at, connection.session.interface_version)
            final_at = message.final_at if message.final else 0.0
            self._tell(connection, pdu, state, message.error, final_at)
            return
        number = self._c.wire_ids[connection.account].find(pdu.message_id)
        if number is None:
            self._status(connection, pdu, CommandStatus.ESME_RINVMSGID)
            return
        self._c.start_task(self._query_archive(connection, pdu, number), "query_sm")

    async def _query_archive(self, connection: Connection, pdu: QuerySm, number: int) -> None:
        found = await self._c.finished(number)
        if (
            found is None
            or found.account != connection.account
            or (pdu.source_addr and found.sender.encode("latin-1") != pdu.source_addr)
        ):
            self._status(connection, pdu, CommandStatus.ESME_RQUERYFAIL)
        else:
            self._tell(connection, pdu, found.state, found.error, found.final_at)

    def cancel(self, connection: Connection, pdu: CancelSm) -> None:
        if pdu.message_id:
            message = self._find(connection, pdu.message_id, pdu.source_addr)
            targets = [message] if message is not None else []
        else:
            targets = self._matching(connection, pdu)
        targets = [message for message in targets if not message.final]
        if not targets:
            self._status(connection, pdu, CommandStatus.ESME_RCANCELFAIL)
            return
        left = len(targets)

        def done(stored: bool) -> None:
            nonlocal left
            left -= 1
            if left == 0 and stored:
                self._status(connection, pdu, CommandStatus.ESME_ROK)

        for message in targets:
            self._c.waiting.cancel(message, done)

    def replace(self, connection: Connection, pdu: ReplaceSm) -> None:
        message = self._find(connection, pdu.message_id, pdu.source_addr)
        if message is None or message.final or message.submission.segments:
            self._status(connection, pdu, CommandStatus.ESME_RREPLACEFAIL)
            return
        judged = self._c.rejudge(connection, message, pdu)
        if isinstance(judged, int):
            self._status(connection, pdu, judged)
            return
        event: Replaced = judged
        events: list[JournalEvent] = [event]
        self._c.journal.extend(events)

        def stored(is_stored: bool) -> None:
            if not is_stored:
                self._status(connection, pdu, CommandStatus.ESME_RSYSERR)
            elif message.final:
                self._status(connection, pdu, CommandStatus.ESME_RREPLACEFAIL)
            else:
                revise(message, event)
                self._c.waiting.replan(message)
                self._status(connection, pdu, CommandStatus.ESME_ROK)

        self._c.journal.after_commit(stored)

    # -- inside -----------------------------------------------------------------------------

    def _find(self, connection: Connection, wire_id: bytes, source_addr: bytes) -> Message | None:
        number = self._c.wire_ids[connection.account].find(wire_id)
        if number is None:
            return None
        message = self._c.open_messages.message_of(number)
        if message is None or message.submission.account != connection.account:
            return None
        if source_addr and message.submission.sender.encode("latin-1") != source_addr:
            return None
        return message

    def _matching(self, connection: Connection, pdu: CancelSm) -> list[Message]:
        """Give all waiting messages with these addresses (and service_type, when given)."""
        if not pdu.source_addr or not pdu.destination_addr:
            return []
        sender = pdu.source_addr.decode("latin-1")
        recipient = pdu.destination_addr.decode("latin-1")
        service_type = pdu.service_type.decode("latin-1")
        return [
            message
            for message in self._c.open_messages.messages.values()
            if message.submission.account == connection.account
            and message.submission.sender == sender
            and recipient.endswith(message.submission.recipient)
            and service_type in ("", message.submission.service_type)
        ]

    def _tell(
        self, connection: Connection, pdu: QuerySm, state: int, error: str, final_at: float
    ) -> None:
        code = int(error) if error.isascii() and error.isdigit() else 0
        final_date = format_absolute(final_at) if final_at else b""
        connection.send_encoded(
            encode(
                reply(
                    pdu,
                    CommandStatus.ESME_ROK,
                    message_id=pdu.message_id,
                    final_date=final_date,
                    message_state=state,
                    error_code=min(code, 255),
                )
            ),
            responses=1,
        )

    def _status(self, connection: Connection, pdu: Pdu, status: int) -> None:
        connection.send_encoded(encode(reply(pdu, status)), responses=1)
