"""Read expressions such as `p99<20ms`, `errors<0.1%` and `rate>5000`, and judge a run by them."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

METRICS: Final[dict[str, str]] = {
    "mean": "s",
    "p50": "s",
    "p90": "s",
    "p95": "s",
    "p99": "s",
    "p999": "s",
    "max": "s",
    "receipt_p50": "s",
    "receipt_p99": "s",
    "receipt_max": "s",
    "rate": "1/s",
    "receipt_rate": "1/s",
    "errors": "share",
    "refused": "share",
    "unanswered": "share",
    "backlog": "count",
    "missing_receipts": "count",
}
"""Metric → its unit. p… are latencies of submit_sm_resp, receipt_p… from submit to receipt, rates
those of the measured interval, shares those of all messages sent, backlog the receipts owed when
sending ended, missing_receipts those that never came."""

_OPERATORS: Final[dict[str, Callable[[float, float], bool]]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}
_FACTORS: Final[dict[str, dict[str, float]]] = {
    "s": {"us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0},
    "share": {"%": 0.01, "": 1.0},
    "1/s": {"/s": 1.0, "": 1.0},
    "count": {"": 1.0},
}
_EXPRESSION: Final = re.compile(r"\s*([a-z_0-9]+)\s*(<=|>=|<|>)\s*([0-9.]+)\s*([a-zµ%/]*)\s*")


@dataclass(frozen=True, slots=True)
class Threshold:
    """Bound one metric. `limit` is in the metric's own unit: seconds, shares, per second."""

    expression: str
    metric: str
    comparison: str
    limit: float

    def kept(self, metrics: Mapping[str, float]) -> bool:
        """Say whether a run with these metrics stays within the bound."""
        return _OPERATORS[self.comparison](metrics[self.metric], self.limit)


def parse_threshold(expression: str) -> Threshold:
    """Read one expression. Raises ValueError, naming what is allowed."""
    match = _EXPRESSION.fullmatch(expression)
    if match is None:
        raise ValueError(
            f"threshold {expression!r}: wanted a metric, <, <=, > or >=, and a number, "
            "such as p99<20ms, errors<0.1% or rate>5000"
        )
    metric, comparison, number, unit = match.groups()
    kind = METRICS.get(metric)
    if kind is None:
        raise ValueError(
            f"threshold {expression!r}: metric {metric!r}, allowed are {', '.join(METRICS)}"
        )
    factor = _FACTORS[kind].get(unit)
    if factor is None:
        units = ", ".join(unit or "none" for unit in _FACTORS[kind])
        raise ValueError(f"threshold {expression!r}: unit {unit or 'none'}, {metric} takes {units}")
    try:
        value = float(number)
    except ValueError as error:
        raise ValueError(f"threshold {expression!r}: {number!r} is no number") from error
    return Threshold(expression.strip(), metric, comparison, value * factor)
