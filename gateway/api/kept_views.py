"""Keep what was read of the ledger under the last few readings, for the next question."""

from __future__ import annotations

from typing import Final

from metrics.sla import Readings, Relief, SlaLedger, SlaView

MOST: Final = 8


class KeptViews:
    """Give views that go on from the last one under the same reading.

    The current window is then read at the cost of the days that have changed since.
    """

    __slots__ = ("_most", "_views")

    def __init__(self, most: int = MOST) -> None:
        """`most` readings are kept, those asked for last."""
        self._most = most
        self._views: dict[Readings, SlaView] = {}

    def of(self, ledger: SlaLedger, readings: Readings, relief: Relief) -> SlaView:
        """Give a view of a ledger under a reading."""
        known = self._views.pop(readings, None)
        view = SlaView(ledger, readings, relief) if known is None else known.follow(ledger, relief)
        self._views[readings] = view
        while len(self._views) > self._most:
            del self._views[next(iter(self._views))]
        return view
