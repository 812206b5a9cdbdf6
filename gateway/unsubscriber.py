"""Tell party A's interface of the users who refuse its messages (clause 4.3).

The gateway itself blocks at once, whatever becomes of the call. Every refusal that party A has not
made itself is told to it: as POST of JSON, with a key by which a repeated call is known, and an
answer such as {"result": "done"}. What fails is called again at once a few times, then after a
pause, until the agreed time is over; a restart goes on with what is open. The requests are those
of the register (`metrics.unsubscribe`), which is bounded.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from config.settings import Unsubscribe, reserved
from metrics.unsubscribe import ENDED, RESULTS, Request, Unsubscriptions
from routing.event import Event
from routing.office_events import UnsubscribeCalled

from .ports import Clock
from .registrar import NotRecordedError

if TYPE_CHECKING:
    import httpx

LOOK_S: Final = 0.5
AT_ONCE: Final = 8
"""Calls under way at once."""
LARGEST_ANSWER: Final = 65_536
WHO: Final = "system"
_FIRST_PAUSE_S: Final = 0.5
_KEY: Final = "Idempotency-Key"
_SERVER_ERROR: Final = 500


class Answer(NamedTuple):
    """Say what came of one call; `detail` never has the token."""

    result: str
    detail: str = ""


@dataclass(frozen=True)
class UnsubscriberParts:
    """Hold what the caller works with.

    `settings` gives those in force, `account_of` whose access number one is ("" for every one),
    `record` journals an event and returns when it is on disk.
    """

    clock: Clock
    register: Unsubscriptions
    settings: Callable[[], Unsubscribe]
    account_of: Callable[[str], str]
    record: Callable[[Sequence[Event]], Awaitable[None]]


@dataclass
class Unsubscriber:
    """Call party A's interface for as long as `run` runs."""

    parts: UnsubscriberParts
    _later: dict[str, float] = field(default_factory=dict)
    """Number → monotonic time before which it isn't called again."""

    async def run(self) -> None:
        """Look for requests now and then, and make their calls."""
        while True:
            await asyncio.sleep(LOOK_S)
            if self.parts.settings().url and (due := self._due()):
                await self._call_all(due)

    def _due(self) -> list[Request]:
        clock, register = self.parts.clock, self.parts.register
        at, now = clock.at(), clock.now()
        wanted = register.wanted
        self._later = {one: until for one, until in self._later.items() if one in wanted}
        found: list[Request] = []
        for number, request in wanted.items():
            in_time = at - request.requested_at <= register.deadline_s
            if in_time and self._later.get(number, now) <= now:
                found.append(request)
                if len(found) == AT_ONCE:
                    break
        return found

    async def _call_all(self, due: list[Request]) -> None:
        import httpx  # noqa: PLC0415 - 0.1 s, and only where there is an interface

        settings = self.parts.settings()
        headers = {"Accept": "application/json"}
        if settings.token is not None:
            headers["Authorization"] = f"Bearer {settings.token.reveal()}"
        async with httpx.AsyncClient(
            timeout=settings.timeout_s, headers=headers, trust_env=False, follow_redirects=False
        ) as client:
            await asyncio.gather(*(self._tell(client, settings, request) for request in due))

    async def _tell(
        self, client: httpx.AsyncClient, settings: Unsubscribe, request: Request
    ) -> None:
        clock = self.parts.clock
        began, pause_s, answer, attempts = clock.now(), _FIRST_PAUSE_S, Answer("unreachable"), 0
        while attempts < settings.attempts:
            if attempts:
                await asyncio.sleep(pause_s)
                pause_s *= 2
            attempts += 1
            answer = await call(client, str(settings.url), request, settings.timeout_s)
            if answer.result in ENDED:
                break
        if answer.result not in ENDED:
            self._later[request.number] = clock.now() + settings.pause_s
        event = UnsubscribeCalled(
            clock.at(),
            self.parts.account_of(request.access_number),
            request.number,
            answer.result,
            request.requested_at,
            clock.now() - began,
            attempts,
            WHO,
            answer.detail,
        )
        # Without room on disk the request stays and is made again: party A knows it by its key.
        with suppress(NotRecordedError):
            await self.parts.record([event])


async def call(client: httpx.AsyncClient, url: str, request: Request, timeout_s: float) -> Answer:
    """Make one call and read its answer."""
    import httpx  # noqa: PLC0415

    content = {
        "number": request.number,
        "access_number": request.access_number,
        "categories": list(request.categories),
        "source": request.source,
        "requested_at_ms": round(request.requested_at * 1000),
    }
    key = f"{request.number}-{content['requested_at_ms']}"
    try:
        # httpx bounds each step of a call; this bounds the whole of it.
        async with asyncio.timeout(timeout_s):
            if await _leads_astray(httpx.URL(url)):
                return Answer("unreachable", "the name leads to a reserved address")
            return await _posted(client.stream("POST", url, json=content, headers={_KEY: key}))
    except (TimeoutError, httpx.TimeoutException):
        return Answer("timeout", f"no answer within {timeout_s:g} s")
    except httpx.DecodingError as error:
        return Answer("invalid_answer", str(error)[:200])
    except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
        return Answer("unreachable", f"{type(error).__name__}: {error}"[:200])


async def _posted(stream: AbstractAsyncContextManager[httpx.Response]) -> Answer:
    async with stream as answer:
        body = b""
        async for piece in answer.aiter_bytes():
            body += piece
            if len(body) > LARGEST_ANSWER:
                return Answer("invalid_answer", f"more than {LARGEST_ANSWER} octets")
        return read_answer(answer.status_code, body)


async def _leads_astray(url: httpx.URL) -> bool:
    """Say whether a name of the interface leads to an address that no interface has."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(url.host, url.port, type=socket.SOCK_STREAM)
    return any(reserved(str(address[0])) for *_, address in found)


def read_answer(status: int, body: bytes) -> Answer:
    """Read what party A answered: a result of `metrics.unsubscribe.RESULTS`."""
    if status >= _SERVER_ERROR:
        return Answer("unreachable", f"status {status}")
    try:
        content: Any = json.loads(body)
    except ValueError:
        content = None
    result = content.get("result") if isinstance(content, dict) else None
    if status // 100 == 2 and isinstance(result, str) and result in RESULTS:
        return Answer(result)
    if status // 100 == 4:
        return Answer("refused", f"status {status}")
    return Answer("invalid_answer", f"status {status}, without a result that is known")
