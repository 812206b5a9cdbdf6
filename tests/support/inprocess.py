"""Run a whole gateway inside the test's own loop, on free ports, and speak to it over loopback.

The journal is in memory unless a data directory is given; `Running.store` then shows what was
recorded and can be made to behave like a full or a broken disk.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any, TypeVar
from unittest.mock import patch

from config.loader import load_settings
from config.settings import Settings
from gateway import storage
from gateway.app import Gateway
from gateway.clock import SystemClock
from gateway.journal.batching import Follower
from gateway.journal.memory import MemoryStore, open_memory_journal
from gateway.load.esme import Esme
from gateway.log import open_log
from gateway.ports import Clock
from gateway.server.host import PduLog
from routing.events import JournalEvent
from smpp.constants import BindMode

E = TypeVar("E")

NUMBER = "106590990371"
TEXT = "【示例警务】紧急提醒482913：您可能正在遭遇电信网络诈骗，请立即停止转账汇款。"
WITHIN_S = 10.0


class MistakesError(AssertionError):
    """Report that something inside the gateway went wrong while the test looked elsewhere."""


@dataclass(slots=True)
class Running:
    """Hold one running gateway, what it recorded and what failed in it."""

    gateway: Gateway
    store: MemoryStore | None
    failures: list[BaseException] = field(default_factory=list)
    mistakes: list[dict[str, Any]] = field(default_factory=list)
    """What reached the loop's exception handler; a test that expects some clears it."""

    @property
    def port(self) -> int:
        return self.gateway.smpp_port

    def events(self, kind: type[E]) -> list[E]:
        """Give the recorded events of one class, in order."""
        assert self.store is not None
        return [event for event in self.all_events() if isinstance(event, kind)]

    def all_events(self) -> list[JournalEvent]:
        assert self.store is not None
        return [event for _number, _at, events in self.store.read(0) for event in events]

    async def esme(
        self,
        mode: BindMode | None = BindMode.TRX,
        *,
        system_id: str = "police",
        password: str = "secret08",
        interface_version: int = 0x34,
        **options: Any,
    ) -> Esme:
        """Connect an ESME and bind it (no mode: leave it unbound)."""
        esme = await Esme.connect("127.0.0.1", self.port, **options)
        if mode is not None:
            await esme.bind(system_id, password, mode, interface_version)
        return esme


def police(**changes: object) -> dict[str, object]:
    """Give the demo account's settings with changes."""
    return {"system_id": "police", "password": "secret08", "access_numbers": [NUMBER], **changes}


def settings_of(data: Path | None = None, **changes: Any) -> Settings:
    """Give settings for free ports; `changes` are keys with `__` for dots."""
    overrides: dict[str, object] = {
        "smpp.listen": "127.0.0.1:0",
        "http.listen": "127.0.0.1:0",
        "network.profile": "perfect",
    }
    if data is None:
        overrides["data.durability"] = "none"
    else:
        overrides["data.dir"] = str(data)
    overrides |= {key.replace("__", "."): value for key, value in changes.items()}
    return load_settings(None, {}, overrides)


@asynccontextmanager
async def running(
    data: Path | None = None,
    *,
    clock: Clock | None = None,
    pdu_log: PduLog | None = None,
    **changes: Any,
) -> AsyncIterator[Running]:
    """Run a gateway for the length of a block; fail when anything inside it went wrong."""
    loop = asyncio.get_running_loop()
    failures: list[BaseException] = []
    mistakes: list[dict[str, Any]] = []
    stores: list[MemoryStore] = []
    used = clock or SystemClock()

    def memory_journal(follower: Follower) -> object:
        journal, store = open_memory_journal(used, on_failure=failures.append, follower=follower)
        stores.append(store)
        return journal

    gateway = Gateway(
        settings_of(data, **changes),
        clock=used,
        on_failure=failures.append,
        log=open_log(StringIO(), used.at),
        pdu_log=pdu_log,
    )
    loop.set_exception_handler(lambda _loop, context: mistakes.append(context))
    with patch.object(storage, "ForgetfulJournal", memory_journal):
        await gateway.start()
    running_ = Running(gateway, stores[0] if stores else None, failures, mistakes)
    try:
        yield running_
    finally:
        async with asyncio.timeout(WITHIN_S):
            await gateway.stop()
        loop.set_exception_handler(None)
    if running_.mistakes:
        raise MistakesError(running_.mistakes)
    if running_.failures:
        raise MistakesError(running_.failures)


async def until(condition: Callable[[], object], what: str = "") -> None:
    """Wait until something holds, for as long as a slow machine may take."""
    async with asyncio.timeout(WITHIN_S):
        while not condition():  # noqa: ASYNC110 - any condition, not one that tells
            await asyncio.sleep(0.002)
