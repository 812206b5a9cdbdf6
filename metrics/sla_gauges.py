"""Give Prometheus the contract's own figures: exact, from the fold of the journal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import nan
from typing import Final

from config.contract import Contract

from .sla import SlaView, Window, assess, named
from .sla.windows import WINDOWS, date_at

CLASSES: Final = ("ok", "carrier", "exempt", "ported", "party_a", "force_majeure", "pending")
"""Result classes of segments, as `GET sla` names them."""
_DIRECTIONS: Final = ("mt", "mo")


@dataclass(slots=True, frozen=True)
class SlaGauges:
    """Hold what a scrape shows; keys are label values.

    `ratio` and `met` by window; a window without anything to measure has a ratio of NaN and is met.
    `segments` by (window, class), `billed` by (account, direction). `as_of` is UTC seconds since
    the epoch, 0 before the first reckoning.
    """

    ratio: Mapping[tuple[str, ...], float] = field(default_factory=dict)
    met: Mapping[tuple[str, ...], float] = field(default_factory=dict)
    segments: Mapping[tuple[str, ...], float] = field(default_factory=dict)
    billed: Mapping[tuple[str, ...], float] = field(default_factory=dict)
    as_of: float = 0.0
    difference: float = 0.0
    """By how much independent counts of the latest two months differ."""


def sla_gauges(
    contract: Contract,
    view: SlaView,
    complaints: Iterable[float],
    accounts: Iterable[str],
    at: float,
) -> SlaGauges:
    """Reckon the windows that hold at `at` (UTC seconds since the epoch)."""
    times = list(complaints)
    ratio: dict[tuple[str, ...], float] = {}
    met: dict[tuple[str, ...], float] = {}
    segments: dict[tuple[str, ...], float] = {}
    term = contract.service_term()
    for name in WINDOWS:
        window = named(
            name, date_at(at), anchor=contract.billing.anchor,
            months=contract.billing.period_months, term_from=term.first_day,
        )  # fmt: skip
        found = assess(view, window, at, times)
        whole = found.success.whole
        ratio[name,] = found.success.part / whole if whole else nan
        met[name,] = float(found.met)
        counts = found.segments._asdict()
        segments |= {(name, kind): float(counts[kind]) for kind in CLASSES}
    everything = view.counts(Window(term.first_day, date_at(at)), at)
    billed: dict[tuple[str, ...], float] = {
        (account, direction): float(
            everything.classes(account=account, direction=direction, unit=contract.billing.unit).ok
        )
        for account in accounts
        for direction in _DIRECTIONS
    }
    return SlaGauges(ratio, met, segments, billed, at)
