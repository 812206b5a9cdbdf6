"""Talk to a running gateway over its HTTP API."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any, Final

import httpx
from cyclopts import Parameter

from .exits import CommandError, Exit

DEFAULT_URL: Final = "http://127.0.0.1:8775"
TIMEOUT_S: Final = 30.0
FILE_TIMEOUT_S: Final = 300.0


@Parameter(name="*")
@dataclass(slots=True, frozen=True)
class Gateway:
    """Say which gateway; a token comes from the environment alone, since arguments are public."""

    url: Annotated[
        str,
        Parameter(
            env_var="SMSGW_URL",
            help="Address of the gateway's HTTP side; a token is taken from SMSGW_TOKEN.",
        ),
    ] = DEFAULT_URL


THIS_MACHINE: Final = Gateway()


def call(
    gateway: Gateway,
    method: str,
    path: str,
    *,
    query: Mapping[str, str | int] | None = None,
    body: object = None,
    timeout_s: float = TIMEOUT_S,
) -> Any:
    """Make one request and give its JSON, None where there is none.

    Raises CommandError: 4 when nobody answers there, 5 for a refusal, 6 when it took too long.
    """
    with _client(gateway, timeout_s) as client:
        answer = client.request(
            method, f"/api/v1/{path}", params=query, json=body if body is not None else None
        )
    return _content(gateway, answer)


def send_file(gateway: Gateway, path: str, content: bytes, query: Mapping[str, str]) -> Any:
    """Post a CSV file and give the JSON of the answer; raises as `call` does."""
    with _client(gateway, FILE_TIMEOUT_S) as client:
        answer = client.post(
            f"/api/v1/{path}", params=query, content=content, headers={"Content-Type": "text/csv"}
        )
    return _content(gateway, answer)


def fetch(gateway: Gateway, path: str, query: Mapping[str, str | int]) -> bytes:
    """Give a small file of the gateway whole; raises as `call` does."""
    with _client(gateway, FILE_TIMEOUT_S) as client:
        answer = client.get(f"/api/v1/{path}", params=query)
    if not answer.is_success:
        _content(gateway, answer)
    return answer.content


def read_file(gateway: Gateway, path: str) -> Iterator[str]:
    """Give a file of the gateway piece by piece; raises as `call` does."""
    with (
        _client(gateway, FILE_TIMEOUT_S) as client,
        client.stream("GET", f"/api/v1/{path}") as answer,
    ):
        if not answer.is_success:
            answer.read()
            _content(gateway, answer)
        yield from answer.iter_text()


@contextmanager
def _client(gateway: Gateway, timeout_s: float) -> Iterator[httpx.Client]:
    """Give a client, and turn what the network does to it into CommandErrors."""
    token = os.environ.get("SMSGW_TOKEN", "")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        # A proxy of the environment has no business between us and our gateway.
        with httpx.Client(
            base_url=gateway.url, headers=headers, timeout=timeout_s, trust_env=False
        ) as client:
            yield client
    except httpx.TimeoutException as error:
        raise CommandError(
            Exit.TIMED_OUT, f"{gateway.url}: no answer within {timeout_s:g} s"
        ) from error
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        raise CommandError(
            Exit.ENVIRONMENT,
            f"{gateway.url}: {error}; is the gateway running? --url or SMSGW_URL name another",
        ) from error


def _content(gateway: Gateway, answer: httpx.Response) -> Any:
    try:
        content = answer.json() if answer.content else None
    except ValueError:
        content = None
    if answer.is_success:
        return content
    problem = content if isinstance(content, Mapping) else {}
    detail = str(problem.get("detail") or answer.reason_phrase)
    code = Exit.TIMED_OUT if answer.status_code == httpx.codes.REQUEST_TIMEOUT else Exit.REFUSED
    raise RemoteError(code, f"{gateway.url}: {answer.status_code}: {detail}", problem)


class RemoteError(CommandError):
    """Carry the problem that the gateway answered."""

    def __init__(self, code: Exit, message: str, problem: Mapping[str, Any]) -> None:
        super().__init__(code, message)
        self.problem = problem
