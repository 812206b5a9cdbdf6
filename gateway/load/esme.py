"""Be an ESME: connect, bind, submit texts, wait for receipts and uplink messages, unbind.

    async with await Esme.connect("127.0.0.1", 2775) as esme:
        await esme.bind("police", "secret08")
        submitted = await esme.submit("13300000001", "【示例警务】…", "106590990371")
        receipt = await esme.receipt(submitted.message_ids[0])

Every wait has an end: responses by `limits.response_s`, deliveries by `timeout_s`.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Self

from gateway.clock import SystemClock
from smpp.constants import BindMode
from smpp.pdus import CancelSm, Pdu, QuerySm, QuerySmResp, SubmitSmResp
from smpp.session import SessionLimits

from .binding import bind_request, check_bound
from .connection import Acknowledge, EsmeConnection, always_ok
from .errors import ConnectError, ConnectionLostError, NoAnswerError, SubmitError, why_not_connected
from .inbox import Delivery, Inbox, Receipt, Uplink
from .submission import DEFAULT_OPTIONS, SubmitOptions, submissions

if TYPE_CHECKING:
    from gateway.ports import Clock


@dataclass(frozen=True, slots=True)
class Submitted:
    """Hold the message_ids of a message's segments, in order; the first names the message."""

    message_ids: tuple[str, ...]


class Esme:
    """Speak SMPP to a message centre over one connection. Made by `connect`."""

    def __init__(self, connection: EsmeConnection, inbox: Inbox) -> None:
        self.connection = connection
        self.inbox = inbox
        self.mode: BindMode | None = None
        self._reference = 0
        connection.lost.add_done_callback(self._lost)

    # -- begin and end ----------------------------------------------------------------------

    @classmethod
    async def connect(  # noqa: PLR0913 - all but two are optional and given by name
        cls,
        host: str,
        port: int,
        *,
        tls: ssl.SSLContext | None = None,
        limits: SessionLimits | None = None,
        timeout_s: float = 10.0,
        acknowledge: Acknowledge = always_ok,
        on_delivery: Callable[[Delivery], None] | None = None,
        on_pdu: Callable[[Pdu], None] | None = None,
        default_alphabet: str = "gsm0338",
        clock: Clock | None = None,
        local_host: str | None = None,
    ) -> Esme:
        """Open a connection; nothing is sent yet.

        `acknowledge` decides how deliveries are answered, `on_delivery` gets them instead of the
        inbox, `local_host` is the address to connect from. Raises ConnectError.
        """
        inbox = Inbox(on_delivery, default_alphabet)
        loop = asyncio.get_running_loop()
        settled = limits or SessionLimits()

        def protocol() -> EsmeConnection:
            return EsmeConnection(
                clock or SystemClock(), settled, inbox.take_pdu, acknowledge, on_pdu
            )

        try:
            async with asyncio.timeout(timeout_s):
                _, connection = await loop.create_connection(
                    protocol,
                    host,
                    port,
                    ssl=tls,
                    local_addr=(local_host, 0) if local_host else None,
                )
        except TimeoutError as error:
            raise ConnectError(
                f"{host}:{port} did not accept a connection within {timeout_s:g} s",
                timed_out=True,
            ) from error
        except OSError as error:
            raise ConnectError(why_not_connected(host, port, error)) from error
        return cls(connection, inbox)

    async def bind(
        self,
        system_id: str,
        password: str,
        mode: BindMode = BindMode.TRX,
        interface_version: int = 0x34,
        *,
        system_type: str = "",
        address_range: str = "",
    ) -> Pdu:
        """Bind and give the response.

        Raises BindError for any status but ESME_ROK, EncodeError and ValueError for values that
        a bind can't carry, NoAnswerError, ConnectionLostError.
        """
        request = bind_request(
            system_id,
            password,
            mode,
            interface_version,
            system_type=system_type,
            address_range=address_range,
        )
        response = await self.connection.request(request)
        check_bound(system_id, response)
        self.mode = mode
        return response

    async def unbind(self, timeout_s: float = 5.0) -> str:
        """End the session politely and wait for its end; gives the reason it ended.

        A message centre that does not answer within `timeout_s` is left without it.
        """
        if self.connection.session.bound:
            self.connection.unbind()
            with suppress(TimeoutError):
                async with asyncio.timeout(timeout_s):
                    return await asyncio.shield(self.connection.lost)
        self.connection.abort("unbind_by_us")
        return await asyncio.shield(self.connection.lost)

    async def close(self) -> None:
        """Close the connection without an unbind and wait until it is closed."""
        self.connection.close()
        await asyncio.shield(self.connection.lost)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            await self.unbind()
        else:
            self.connection.abort()

    @property
    def lost(self) -> asyncio.Future[str]:
        """Become the reason once the connection is gone; shield it when waiting."""
        return self.connection.lost

    # -- requests ---------------------------------------------------------------------------

    async def submit(
        self, to: str, text: str, sender: str = "", options: SubmitOptions = DEFAULT_OPTIONS
    ) -> Submitted:
        """Submit a text in as many segments as it needs, all sent before the first response.

        Raises SubmitError when a segment is refused (after all are answered), NoAnswerError,
        ConnectionLostError, and for values that don't fit EncodeError and ValueError.
        """
        self._reference += 1
        pdus = submissions(to, text, sender, options, self._reference)
        answers = []
        for pdu in pdus:
            await self.connection.place()
            answers.append(self.connection.request(pdu))
        responses = [await answer for answer in answers]
        message_ids = tuple(
            response.message_id.decode("latin-1")
            for response in responses
            if isinstance(response, SubmitSmResp) and response.command_status == 0
        )
        for number, response in enumerate(responses, 1):
            if response.command_status or not isinstance(response, SubmitSmResp):
                raise SubmitError(response.command_status, number, len(responses), message_ids)
        return Submitted(message_ids)

    async def request(self, pdu: Pdu) -> Pdu:
        """Send any request and give its response, whatever its status.

        Raises LocalProtocolError when the state forbids it, NoAnswerError, ConnectionLostError.
        """
        await self.connection.place()
        return await self.connection.request(pdu)

    async def query(self, message_id: str, sender: str = "") -> QuerySmResp:
        """Ask for the state of a message (SMPP 3.4 §4.8). Raises SubmitError if refused."""
        response = await self.request(
            QuerySm(message_id=message_id.encode("latin-1"), source_addr=sender.encode("ascii"))
        )
        if response.command_status or not isinstance(response, QuerySmResp):
            raise SubmitError(response.command_status, 1, 1, ())
        return response

    async def cancel(self, message_id: str, sender: str = "", to: str = "") -> int:
        """Cancel a message that waits (SMPP 3.4 §4.9); gives the command_status."""
        response = await self.request(
            CancelSm(
                message_id=message_id.encode("latin-1"),
                source_addr=sender.encode("ascii"),
                destination_addr=to.encode("ascii"),
            )
        )
        return response.command_status

    # -- deliveries -------------------------------------------------------------------------

    async def receipt(self, message_id: str, timeout_s: float = 10.0) -> Receipt:
        """Wait for the final receipt of a message. Raises NoAnswerError, ConnectionLostError."""

        def wanted(delivery: Delivery) -> bool:
            return (
                isinstance(delivery, Receipt)
                and delivery.message_id == message_id
                and not delivery.intermediate
            )

        found = await self.delivery(wanted, timeout_s, f"receipt of message {message_id}")
        assert isinstance(found, Receipt)
        return found

    async def uplink(self, timeout_s: float = 10.0) -> Uplink:
        """Wait for the next uplink message. Raises NoAnswerError, ConnectionLostError."""
        found = await self.delivery(lambda d: isinstance(d, Uplink), timeout_s, "uplink message")
        assert isinstance(found, Uplink)
        return found

    async def delivery(
        self,
        wanted: Callable[[Delivery], bool],
        timeout_s: float = 10.0,
        name: str = "delivery",
    ) -> Delivery:
        """Wait for a delivery that `wanted` accepts; what it refuses stays in the inbox."""
        future = self.inbox.wait(wanted)
        if self.lost.done() and not future.done():
            future.cancel()
            raise ConnectionLostError(self.lost.result())
        try:
            async with asyncio.timeout(timeout_s):
                return await future
        except TimeoutError as error:
            raise NoAnswerError(f"no {name} within {timeout_s:g} s") from error

    async def deliveries(self) -> AsyncIterator[Delivery]:
        """Yield receipts and uplink messages as they come, until the connection ends."""
        while True:
            future = self.inbox.wait(lambda _delivery: True)
            if self.lost.done() and not future.done():
                future.cancel()
                return
            try:
                yield await future
            except ConnectionLostError:
                return

    def _lost(self, lost: asyncio.Future[str]) -> None:
        if not lost.cancelled():
            self.inbox.end(ConnectionLostError(lost.result()))


__all__ = [
    "BindMode",
    "Delivery",
    "Esme",
    "Receipt",
    "SubmitOptions",
    "Submitted",
    "Uplink",
]
