from __future__ import annotations

import math

import pytest

from gateway.load.thresholds import METRICS, parse_threshold


@pytest.mark.parametrize(
    ("expression", "metric", "comparison", "limit"),
    [
        ("p99<20ms", "p99", "<", 0.02),
        (" max <= 1.5 s ", "max", "<=", 1.5),
        ("p50<250us", "p50", "<", 0.00025),
        ("errors<0.1%", "errors", "<", 0.001),
        ("errors<=0", "errors", "<=", 0.0),
        ("rate>5000", "rate", ">", 5000.0),
        ("receipt_rate>=4000/s", "receipt_rate", ">=", 4000.0),
        ("backlog<1000", "backlog", "<", 1000.0),
    ],
)
def test_expressions_are_read_in_the_metrics_unit(
    expression: str, metric: str, comparison: str, limit: float
) -> None:
    threshold = parse_threshold(expression)
    assert (threshold.metric, threshold.comparison) == (metric, comparison)
    assert threshold.limit == pytest.approx(limit)


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("p99", "wanted a metric, <"),
        ("p99=20ms", "wanted a metric"),
        ("p98<20ms", "metric 'p98', allowed are mean, p50"),
        ("p99<20", "unit none, p99 takes us, µs, ms, s"),
        ("rate>5ms", "unit ms, rate takes /s, none"),
        ("p99<1.2.3ms", r"'1.2.3' is no number"),
    ],
)
def test_what_is_wrong_is_said_with_what_is_allowed(expression: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_threshold(expression)


@pytest.mark.parametrize(
    ("expression", "seen", "kept"),
    [
        ("p99<20ms", 0.0199, True),
        ("p99<20ms", 0.02, False),
        ("p99<=20ms", 0.02, True),
        ("p99>20ms", 0.02, False),
        ("p99>=20ms", 0.02, True),
        ("p99<20ms", math.nan, False),
    ],
)
def test_the_bound_itself_counts_by_its_sign(expression: str, seen: float, kept: bool) -> None:
    metrics = dict.fromkeys(METRICS, math.nan) | {"p99": seen}
    assert parse_threshold(expression).kept(metrics) is kept
