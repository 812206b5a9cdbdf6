"""Reckon the contract's figures for Prometheus now and then, off the event loop."""

from __future__ import annotations

import asyncio
import copy
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from config.contract import Contract
from metrics.office import Office
from metrics.sla import DeclaredRelief, SlaView, complaint_times, readings_of
from metrics.sla_gauges import SlaGauges, sla_gauges

from .api.ports import FiguresSource, RefusedError
from .ports import Clock
from .reconciling import recent_difference

INTERVAL_S: Final = 15.0
RECONCILE_S: Final = 3600.0
"""Between two comparisons of archive and index, which read two months of rows."""
FIRST_RECONCILE_S: Final = 60.0
"""From the start to the first one: a start has enough to read."""


class SlaWatch:
    """Keep the figures of one gateway's contract as fresh as `INTERVAL_S`.

    A scrape reads what is there, and how old it is; it never waits for a reckoning.
    """

    def __init__(
        self,
        contract: Contract,
        office: Office,
        figures: FiguresSource,
        accounts: Callable[[], Iterable[str]],
        clock: Clock,
        data_dir: Path | None = None,
    ) -> None:
        """`accounts` gives those whose segments are billed; `data_dir` is None without archive."""
        self.gauges = SlaGauges()
        self._contract = contract
        self._readings = readings_of(contract.sla, contract.billing)
        self._office = office
        self._figures = figures
        self._accounts = accounts
        self._clock = clock
        self._view: SlaView | None = None
        self._data_dir = data_dir
        self._difference = 0
        self._compare_at = clock.now() + FIRST_RECONCILE_S

    async def run(self) -> None:
        """Reckon for as long as the gateway runs; without a contract there is nothing to do."""
        while self._contract.checked:
            await self.reckon()
            await asyncio.sleep(INTERVAL_S)

    async def reckon(self) -> None:
        """Reckon once; where the history can't be read the figures stay as they are."""
        try:
            ledger = await self._figures.ledger()
        except (RefusedError, OSError, sqlite3.Error):
            return
        # The registers may gain entries while another thread reads them.
        relief = DeclaredRelief(copy.deepcopy(self._office.windows))
        times = complaint_times(self._office.complaints, self._contract.sla, None)
        view = self._view
        self._view = view = (
            SlaView(ledger, self._readings, relief) if view is None else view.follow(ledger, relief)
        )
        await self._reconcile()
        gauges = await asyncio.to_thread(
            sla_gauges, self._contract, view, times, list(self._accounts()), self._clock.at()
        )
        self.gauges = replace(gauges, difference=float(self._difference))

    async def _reconcile(self) -> None:
        """Compare once in a while; where files can't be read just now it is tried again later."""
        now = self._clock.now()
        if self._data_dir is None or now < self._compare_at:
            return
        self._compare_at = now + RECONCILE_S
        with suppress(OSError, sqlite3.Error):
            self._difference = await asyncio.to_thread(
                recent_difference, self._data_dir, self._clock.at()
            )
