"""Read a gateway's figures as Prometheus would, and how late its event loop was."""

from __future__ import annotations

from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families

from .victim import Victim

LAG = "smsgw_event_loop_lag_seconds"


def values(victim: Victim) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Scrape everything: (name, labels) → value."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(victim.get("/metrics").text)
        for sample in family.samples
    }


def value_of(victim: Victim, name: str, **labels: str) -> float:
    """Give one series' value."""
    return values(victim)[name, frozenset(labels.items())]


@dataclass(frozen=True, slots=True)
class Lag:
    """Hold how late the event loop woke between two scrapes."""

    count: int
    within: dict[float, int]
    """Upper bound in seconds → wakes that were at most so late."""

    def share_within(self, seconds: float) -> float:
        """Give the share of wakes that were at most so late; `seconds` is a bucket's bound."""
        assert self.count, "the loop's lag was not measured"
        return self.within[seconds] / self.count

    def __sub__(self, before: Lag) -> Lag:
        within = {bound: n - before.within[bound] for bound, n in self.within.items()}
        return Lag(self.count - before.count, within)


def lag_of(victim: Victim) -> Lag:
    """Read the histogram of the event loop's lag."""
    within: dict[float, int] = {}
    count = 0
    for (name, labels), value in values(victim).items():
        if name == f"{LAG}_bucket":
            within[float(dict(labels)["le"])] = int(value)
        elif name == f"{LAG}_count":
            count = int(value)
    return Lag(count, within)
