"""Serve the API of a gateway that runs in the test's own loop, and speak HTTP to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from gateway.descriptors import Room
from gateway.run import serve_http

from .inprocess import WITHIN_S, Running

ROOM = Room(1024, 64, 64)


@asynccontextmanager
async def serving(run: Running) -> AsyncIterator[str]:
    """Serve the API on a free port; give its address."""
    server = await serve_http(run.gateway, ROOM)
    assert server is not None
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        await server.stop(0.1)


class Api:
    """Call the operations of one API; `status` is that of the last answer."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.status = 0

    async def get(self, path: str, **query: Any) -> Any:
        """Read a resource."""
        return await self._call("GET", path, query)

    async def post(self, path: str, **body: Any) -> Any:
        """Send a JSON object."""
        return await self._call("POST", path, {}, body)

    async def delete(self, path: str, **query: Any) -> Any:
        """Delete a resource."""
        return await self._call("DELETE", path, query)

    async def _call(
        self, method: str, path: str, query: dict[str, Any], body: object = None
    ) -> Any:
        answer = await self.client.request(method, f"/api/v1/{path}", params=query, json=body)
        self.status = answer.status_code
        return answer.json() if answer.content else None


@asynccontextmanager
async def api_of(run: Running, *, token: str = "") -> AsyncIterator[Api]:
    """Give the API of a running gateway, with a token where one is named."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with (
        serving(run) as url,
        httpx.AsyncClient(
            base_url=url, headers=headers, timeout=WITHIN_S, trust_env=False
        ) as client,
    ):
        yield Api(client)
