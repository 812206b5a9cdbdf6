"""Show messages to the API: the archive, once it has caught up with what was asked after.

Whoever has got a response may ask for the message at once. So a question first waits until the
archive has seen what the journal had when it was asked, for at most `CATCH_UP_S`; under a burst
the archive lags and the answer is as old as it says nothing about.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from gateway.api.ports import JsonObject, MessagesSource, Page, RawPdu, RefusedError
from gateway.archive.reader import (
    ArchiveReader,
    ArchiveUnavailableError,
    QuestionTooLargeError,
)
from gateway.server.requests import Finished
from metrics.sla.behind import Kind, Place, Settled
from metrics.sla.ledger import SlaLedger
from routing.query import parse_query
from smpp.constants import MessageState
from smpp.errors import DecodeError
from smpp.message_id import MessageIdForm, parse_message_id

CATCH_UP_S = 2.0
FORMS: tuple[MessageIdForm, ...] = ("decimal", "uuid", "hex")
_T = TypeVar("_T")


class Progress(Protocol):
    """Know how far the archive is."""

    def version(self) -> int: ...
    async def changed(self, version: int, timeout_s: float) -> None: ...
    async def wait_for(self, sequence: int, timeout_s: float) -> bool: ...


class Messages:
    """Read messages for the API."""

    def __init__(
        self, reader: ArchiveReader, progress: Progress, durable: Callable[[], int]
    ) -> None:
        self._reader = reader
        self._progress = progress
        self._durable = durable

    async def find(self, query: str, *, limit: int, cursor: str | None) -> Page:
        parsed = parse_query(query)
        await self._caught_up()
        found = await _answered(self._reader.find(parsed, limit=limit, cursor=cursor))
        return Page(found.items, found.next)

    async def get(self, message_id: str) -> JsonObject | None:
        number = await self._number(message_id)
        return None if number is None else await _answered(self._reader.get(number))

    async def timeline(self, message_id: str) -> list[JsonObject] | None:
        number = await self._number(message_id)
        return None if number is None else await _answered(self._reader.timeline(number))

    async def pdus(self, message_id: str) -> list[RawPdu] | None:
        number = await self._number(message_id)
        if number is None:
            return None
        stored = await _answered(self._reader.pdus(number))
        if stored is None:
            return None
        return [RawPdu(pdu.at, "received", pdu.octets) for pdu in stored]

    async def settled(self, kind: Kind, place: Place, until_ms: int, limit: int) -> list[Settled]:
        if not await self._caught_up():
            raise RefusedError(
                503, f"the archive is more than {CATCH_UP_S:g} s behind: ask again later"
            )
        return await _answered(self._reader.settled(kind, place, until_ms, limit))

    async def settled_of(self, ids: Sequence[int]) -> list[tuple[Settled, int]]:
        await self._caught_up()
        return await _answered(self._reader.settled_of(ids))

    async def shown(self, ids: Sequence[int]) -> dict[int, JsonObject]:
        return await _answered(self._reader.shown(ids))

    def version(self) -> int:
        return self._progress.version()

    async def changed(self, version: int, timeout_s: float) -> None:
        await self._progress.changed(version, timeout_s)

    async def _caught_up(self) -> bool:
        return await self._progress.wait_for(self._durable(), CATCH_UP_S)

    async def _number(self, message_id: str) -> int | None:
        """Find the number behind any form of an id."""
        await self._caught_up()
        for form in FORMS:
            try:
                number = parse_message_id(message_id, form)
            except DecodeError:
                continue
            if number < 2**63 and await _answered(self._reader.get(number)) is not None:
                return number
        return await _answered(self._reader.id_of(message_id))


async def _answered(question: Awaitable[_T]) -> _T:
    """Turn the archive's troubles into what the API may say of them."""
    try:
        return await question
    except QuestionTooLargeError as error:
        raise RefusedError(400, str(error)) from error
    except ArchiveUnavailableError as error:
        raise RefusedError(503, str(error)) from error


class NoMessages:
    """Stand in where nothing is kept (durability "none")."""

    async def find(self, query: str, *, limit: int, cursor: str | None) -> Page:
        raise _not_kept()

    async def get(self, message_id: str) -> JsonObject | None:
        raise _not_kept()

    async def timeline(self, message_id: str) -> list[JsonObject] | None:
        raise _not_kept()

    async def pdus(self, message_id: str) -> list[RawPdu] | None:
        raise _not_kept()

    async def settled(self, kind: Kind, place: Place, until_ms: int, limit: int) -> list[Settled]:
        raise _not_kept()

    async def settled_of(self, ids: Sequence[int]) -> list[tuple[Settled, int]]:
        raise _not_kept()

    async def shown(self, ids: Sequence[int]) -> dict[int, JsonObject]:
        raise _not_kept()

    def version(self) -> int:
        return 0

    async def changed(self, version: int, timeout_s: float) -> None:
        raise _not_kept()


class NoFigures:
    """Stand in where nothing is kept (durability "none")."""

    async def ledger(self) -> SlaLedger:
        raise _not_kept()


async def finished_message(messages: MessagesSource, number: int) -> Finished | None:
    """Read what query_sm says of a message that is not open any more; None: not such a one."""
    found = None if isinstance(messages, NoMessages) else await messages.get(str(number))
    if found is None or not found["final_at"]:
        return None
    return Finished(
        account=str(found["account"]),
        sender=str(found["sender"]),
        state=int(MessageState[str(found["state"])]),
        error=str(found["error"] or ""),
        final_at=datetime.fromisoformat(str(found["final_at"])).timestamp(),
    )


def _not_kept() -> RefusedError:
    return RefusedError(503, 'data.durability is "none": this gateway keeps no messages')
