"""Count and measure without locks, and show the result as Prometheus metric families.

The counters of `prometheus_client` take a lock per call, so that threads may share them, and 5 µs
to create each series (CPython 3.11: `inc` 0.37 µs, `observe` 0.80 µs). These belong to one thread,
cost 0.13 and 0.18 µs, and a series is one entry of a dict. The library still writes them out.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Generic, TypeAlias, TypeVar

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)

from .instruments import Instrument

Key = TypeVar("Key", bound=Hashable)
Labels: TypeAlias = tuple[str, ...]


class Tally(Generic[Key]):
    """Count events by key; `labels_of` turns a key into label values when it is shown."""

    __slots__ = ("_instrument", "_labels_of", "_values")

    def __init__(
        self, instrument: Instrument, labels_of: Callable[[Key], Labels], keys: Iterable[Key]
    ) -> None:
        """Begin every key in `keys` at 0."""
        self._instrument = instrument
        self._labels_of = labels_of
        self._values: dict[Key, int] = dict.fromkeys(keys, 0)

    @property
    def name(self) -> str:
        return self._instrument.name

    def add(self, key: Key, n: int = 1) -> None:
        """Count `n` more."""
        values = self._values
        values[key] = values.get(key, 0) + n

    def copy(self) -> Tally[Key]:
        """Give the counts as they are, apart from those to come."""
        twin = Tally(self._instrument, self._labels_of, ())
        twin._values = self._values.copy()
        return twin

    def family(self) -> CounterMetricFamily:
        """Show the counts; keys with equal labels are added up."""
        instrument = self._instrument
        family = CounterMetricFamily(instrument.name, instrument.help, labels=instrument.labels)
        sums: dict[Labels, int] = {}
        for key, value in self._values.items():
            labels = self._labels_of(key)
            sums[labels] = sums.get(labels, 0) + value
        for labels, value in sums.items():
            family.add_metric(labels, value)
        return family


class _Series:
    """Hold one histogram's counts per bucket, the last one unbounded, and the sum of values."""

    __slots__ = ("counts", "total")

    def __init__(self, counts: list[int], total: float = 0.0) -> None:
        self.counts = counts
        self.total = total


class Distribution(Generic[Key]):
    """Sort values into the instrument's buckets, by key."""

    __slots__ = ("_bounds", "_instrument", "_labels_of", "_series")

    def __init__(
        self, instrument: Instrument, labels_of: Callable[[Key], Labels], keys: Iterable[Key]
    ) -> None:
        """Begin every key in `keys` empty."""
        self._instrument = instrument
        self._bounds = instrument.buckets
        self._labels_of = labels_of
        self._series: dict[Key, _Series] = {key: self._empty() for key in keys}

    @property
    def name(self) -> str:
        return self._instrument.name

    def observe(self, key: Key, value: float, n: int = 1) -> None:
        """Take in `n` equal values."""
        series = self._series.get(key)
        if series is None:
            series = self._series[key] = self._empty()
        series.counts[bisect_left(self._bounds, value)] += n
        series.total += value * n

    def copy(self) -> Distribution[Key]:
        """Give the distributions as they are, apart from values to come."""
        twin = Distribution(self._instrument, self._labels_of, ())
        twin._series = {
            key: _Series(series.counts.copy(), series.total) for key, series in self._series.items()
        }
        return twin

    def _empty(self) -> _Series:
        return _Series([0] * (len(self._bounds) + 1))

    def family(self) -> HistogramMetricFamily:
        """Show the distributions."""
        instrument = self._instrument
        family = HistogramMetricFamily(instrument.name, instrument.help, labels=instrument.labels)
        names = [*(repr(bound) for bound in self._bounds), "+Inf"]
        for key, series in self._series.items():
            below = 0
            buckets: list[tuple[str, float]] = []
            for name, count in zip(names, series.counts, strict=True):
                below += count
                buckets.append((name, below))
            family.add_metric(self._labels_of(key), buckets, series.total)
        return family


def read_family(instrument: Instrument, values: Mapping[Labels, float]) -> Metric:
    """Show what was read at this moment: a gauge, or a counter that somebody else keeps."""
    kinds: dict[str, type[CounterMetricFamily | GaugeMetricFamily]] = {
        "counter": CounterMetricFamily,
        "gauge": GaugeMetricFamily,
    }
    family = kinds[instrument.kind](instrument.name, instrument.help, labels=instrument.labels)
    for labels, value in values.items():
        family.add_metric(labels, value)
    return family
