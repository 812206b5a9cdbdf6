"""Answer query_sm, cancel_sm and replace_sm: what an ESME may ask of a message it submitted.

An account sees its own messages only; a foreign id and an unknown one get the same answer. The
source address must be the one of the submission (SMPP 3.4 §4.8.1, §4.9.1, §4.10.1).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Protocol

from gateway.ports import Clock, Journal
from routing.events import Replaced
from routing.message import Message, queried_state
from routing.numbering import normalise_recipient
from routing.open_messages import OpenMessages
from smpp.codec import encode, reply
from smpp.constants import CommandStatus
from smpp.pdus import CancelSm, Pdu, QuerySm, ReplaceSm
from smpp.times import format_absolute

from .connection import Connection
from .replacements import Replacements
from .wire_ids import WireIds

SLICE = 2_000
"""Messages looked through before the loop is given back."""


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
        self._replacements = Replacements()
        self._searching: set[str] = set()
        """Accounts for which a cancel_sm without a message_id is looking for its messages."""

    def query(self, connection: Connection, pdu: QuerySm) -> None:
        message = self._find(connection, pdu.message_id, pdu.source_addr)
        if message is not None:
            at = self._c.clock.now() + message.offset
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
            self._cancel_all(connection, pdu, [message] if message is not None else [])
        elif not pdu.source_addr or not pdu.destination_addr:
            self._status(connection, pdu, CommandStatus.ESME_RCANCELFAIL)
        elif connection.account in self._searching:
            self._status(connection, pdu, CommandStatus.ESME_RTHROTTLED)
        else:
            self._searching.add(connection.account)
            self._c.start_task(self._cancel_matching(connection, pdu), "cancel_sm")

    async def _cancel_matching(self, connection: Connection, pdu: CancelSm) -> None:
        try:
            targets = await self._matching(connection.account, pdu)
        finally:
            self._searching.discard(connection.account)
        self._cancel_all(connection, pdu, targets)

    def _cancel_all(self, connection: Connection, pdu: CancelSm, found: list[Message]) -> None:
        targets = [message for message in found if not message.final]
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
        if message is None or message.final or message.segments:
            self._status(connection, pdu, CommandStatus.ESME_RREPLACEFAIL)
            return
        judged = self._c.rejudge(connection, message, pdu)
        if isinstance(judged, int):
            self._status(connection, pdu, judged)
            return
        self._replacements.begin(message, judged)
        self._c.waiting.replan(message)

        def committed(stored: bool) -> None:
            if stored:
                self._replacements.stored(message)
                self._status(connection, pdu, CommandStatus.ESME_ROK)
                return
            if self._replacements.refused(message):
                self._c.waiting.replan(message)
            self._status(connection, pdu, CommandStatus.ESME_RMSGQFUL)

        self._c.journal.append(judged)
        self._c.journal.after_commit(committed)

    # -- inside -----------------------------------------------------------------------------

    def _find(self, connection: Connection, wire_id: bytes, source_addr: bytes) -> Message | None:
        number = self._c.wire_ids[connection.account].find(wire_id)
        if number is None:
            return None
        message = self._c.open_messages.message_of(number)
        if message is None or message.account != connection.account:
            return None
        if source_addr and message.sender.encode("latin-1") != source_addr:
            return None
        return message

    async def _matching(self, account: str, pdu: CancelSm) -> list[Message]:
        """Give all waiting messages with these addresses (and service_type, when given).

        There may be a million, so the loop is given back between slices of them.
        """
        sender = pdu.source_addr.decode("latin-1")
        given = pdu.destination_addr.decode("latin-1")
        normal = normalise_recipient(given, pdu.dest_addr_ton, pdu.dest_addr_npi)
        service_type = pdu.service_type.decode("latin-1")
        waiting = list(self._c.open_messages.messages.values())
        found: list[Message] = []
        for start in range(0, len(waiting), SLICE):
            found += [
                message
                for message in waiting[start : start + SLICE]
                if message.recipient in (given, normal)
                and message.account == account
                and message.sender == sender
                and service_type in ("", message.service_type)
            ]
            await asyncio.sleep(0)
        return found

    def _tell(
        self, connection: Connection, pdu: QuerySm, state: int, error: str, final_at: float
    ) -> None:
        code = int(error) if error.isascii() and error.isdigit() else 0
        final_date = format_absolute(final_at) if final_at else b""
        connection.respond(
            encode(
                reply(
                    pdu,
                    CommandStatus.ESME_ROK,
                    message_id=pdu.message_id,
                    final_date=final_date,
                    message_state=state,
                    error_code=min(code, 255),
                )
            )
        )

    def _status(self, connection: Connection, pdu: Pdu, status: int) -> None:
        connection.respond(encode(reply(pdu, status)))
