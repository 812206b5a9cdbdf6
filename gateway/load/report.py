"""Sum up a load run: figures, thresholds, exit code, JSON; see `terminal` and `html` for pages."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

import msgspec

from .errors import status_name
from .generator import Durations, Point, WorkerResult
from .histogram import Histogram
from .options import LoadOptions
from .tally import Totals
from .thresholds import METRICS, Threshold

_Key = TypeVar("_Key", int, str)

THRESHOLD_CROSSED = 99
FAILED = 1
MAX_POINTS = 600
CURVE_SHARES = (
    *(share / 100 for share in range(0, 100, 2)),
    0.99,
    0.993,
    0.996,
    0.999,
    0.9993,
    0.9996,
    0.9999,
    1.0,
)
_ERROR_METRICS = frozenset({"errors", "refused", "unanswered"})


@dataclass(frozen=True, slots=True)
class Latency:
    """Hold quantiles in milliseconds; all 0 where nothing was measured (`count` 0)."""

    count: int
    mean_ms: float
    p50_ms: float
    p90_ms: float
    p95_ms: float
    p99_ms: float
    p999_ms: float
    max_ms: float
    curve: list[tuple[float, float]]
    """(share, milliseconds) for drawing."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """Say whether one threshold was kept; `seen` is in the metric's own unit."""

    expression: str
    seen: float
    kept: bool


@dataclass(frozen=True, slots=True)
class Report:
    """Hold what a run showed. Rates are of the measured interval, counts of the whole run.

    `errors` is the share of messages refused or unanswered. `backlog` is how many receipts were
    owed when sending ended, `backlog_growth` what it grew by per second while measuring.
    """

    target: str
    started_at: float
    description: str
    sessions: int
    measured_s: float
    submit_rate: float
    accepted_rate: float
    receipt_rate: float
    submitted: int
    accepted: int
    refused: int
    unanswered: int
    unsent: int
    receipts: int
    missing_receipts: int
    untracked_receipts: int
    uplinks: int
    errors: float
    backlog: int
    backlog_growth: float
    generator_cores: float
    statuses: dict[str, int]
    receipt_states: dict[str, int]
    closings: dict[str, int]
    latency: Latency
    receipt_latency: Latency
    timeline: list[Point]
    thresholds: list[Judgement] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """Give 99 when a threshold was crossed, 1 when messages or sessions failed, else 0.

        Failed messages are left to the thresholds where one of these is about them.
        """
        if any(not judgement.kept for judgement in self.thresholds):
            return THRESHOLD_CROSSED
        judged = any(
            judgement.expression.startswith(metric)
            for judgement in self.thresholds
            for metric in _ERROR_METRICS
        )
        failed = (self.errors > 0 and not judged) or bool(self.closings)
        return FAILED if failed else 0

    def to_json(self) -> bytes:
        """Give the report as one JSON object, indented."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n"


def make_report(options: LoadOptions, results: list[WorkerResult], started_at: float) -> Report:
    """Sum up the processes of a run that began at `started_at` (UTC seconds)."""
    measured_s = max(1e-9, *(result.measured_s for result in results))
    began = _sum(result.began for result in results)
    ended = _sum(result.ended for result in results)
    final = _sum(result.final for result in results)
    wants_receipts = options.receipts and options.mode != "tx"
    responses, round_trips = Histogram(), Histogram()
    for result in results:
        _merge(responses, result.responses)
        _merge(round_trips, result.round_trips)
    owed_before = began.accepted - began.receipts
    owed_after = ended.accepted - ended.receipts
    failed = final.refused + final.unanswered
    report = Report(
        target=f"{options.host}:{options.port}",
        started_at=started_at,
        description=describe(options),
        sessions=sum(result.sessions for result in results),
        measured_s=measured_s,
        submit_rate=(ended.submitted - began.submitted) / measured_s,
        accepted_rate=(ended.accepted - began.accepted) / measured_s,
        receipt_rate=(ended.receipts - began.receipts) / measured_s,
        submitted=final.submitted,
        accepted=final.accepted,
        refused=final.refused,
        unanswered=final.unanswered,
        unsent=sum(result.unsent for result in results),
        receipts=final.receipts,
        missing_receipts=max(0, final.accepted - final.receipts) if wants_receipts else 0,
        untracked_receipts=sum(result.untracked for result in results),
        uplinks=final.uplinks,
        errors=failed / final.submitted if final.submitted else 0.0,
        backlog=max(0, owed_after) if wants_receipts else 0,
        backlog_growth=(owed_after - owed_before) / measured_s if wants_receipts else 0.0,
        generator_cores=sum(result.cpu_s for result in results) / measured_s,
        statuses={
            status_name(status): count
            for status, count in sorted(_counts(result.statuses for result in results).items())
        },
        receipt_states=dict(
            sorted(_counts(result.states for result in results).items(), key=lambda i: -i[1])
        ),
        closings=_counts(result.closings for result in results),
        latency=_latency(responses),
        receipt_latency=_latency(round_trips),
        timeline=shortened(merged_timeline([result.timeline for result in results])),
    )
    return replace(report, thresholds=judge(report, options.parsed_thresholds()))


def metrics_of(report: Report) -> dict[str, float]:
    """Give the metrics that thresholds speak of, in their units."""
    latency, receipts = report.latency, report.receipt_latency
    sent = report.submitted or 1
    return {
        "mean": latency.mean_ms / 1e3,
        "p50": latency.p50_ms / 1e3,
        "p90": latency.p90_ms / 1e3,
        "p95": latency.p95_ms / 1e3,
        "p99": latency.p99_ms / 1e3,
        "p999": latency.p999_ms / 1e3,
        "max": latency.max_ms / 1e3,
        "receipt_p50": receipts.p50_ms / 1e3,
        "receipt_p99": receipts.p99_ms / 1e3,
        "receipt_max": receipts.max_ms / 1e3,
        "rate": report.accepted_rate,
        "receipt_rate": report.receipt_rate,
        "errors": report.errors,
        "refused": report.refused / sent,
        "unanswered": report.unanswered / sent,
        "backlog": float(report.backlog),
        "missing_receipts": float(report.missing_receipts),
    }


def judge(report: Report, thresholds: list[Threshold]) -> list[Judgement]:
    """Hold a report against thresholds. Without any answer a latency is no good: it is missed."""
    metrics = metrics_of(report)
    if not report.latency.count:
        metrics = {
            name: math.nan if METRICS[name] == "s" else value for name, value in metrics.items()
        }
    return [
        Judgement(threshold.expression, metrics[threshold.metric], threshold.kept(metrics))
        for threshold in thresholds
    ]


def describe(options: LoadOptions) -> str:
    """Say in one line what the run does."""
    if options.rate == 0:
        how = "held without traffic"
    elif options.pace is not None:
        how = f"at the times of {options.traffic} × {options.pace:g}"
    elif options.rate is not None:
        how = f"at {options.rate:g} messages/s (open loop)"
    else:
        how = f"× window {options.effective_window} (closed loop)"
    binds = f"{options.binds} {options.mode} binds"
    until = f"{options.count} messages" if options.count is not None else ""
    asked = "receipts requested" if options.receipts else "no receipts"
    return ", ".join(filter(None, (f"{binds} {how}", until, asked)))


def merged_timeline(timelines: list[list[Point]]) -> list[Point]:
    """Add up the points of several processes, second by second; latencies are the worst."""
    if len(timelines) == 1:
        return timelines[0]
    return [
        Point(
            at_s=points[0].at_s,
            submits=sum(point.submits for point in points),
            accepted=sum(point.accepted for point in points),
            receipts=sum(point.receipts for point in points),
            owed=sum(point.owed for point in points),
            p50_s=max(point.p50_s for point in points),
            p99_s=max(point.p99_s for point in points),
        )
        for points in zip(*timelines, strict=False)
    ]


def shortened(timeline: list[Point]) -> list[Point]:
    """Join neighbouring points until no more than MAX_POINTS are left."""
    size = -(-len(timeline) // MAX_POINTS)
    if size <= 1:
        return timeline
    return [_joined(timeline[start : start + size]) for start in range(0, len(timeline), size)]


def _joined(points: list[Point]) -> Point:
    count = len(points)
    return Point(
        at_s=points[-1].at_s,
        submits=sum(point.submits for point in points) / count,
        accepted=sum(point.accepted for point in points) / count,
        receipts=sum(point.receipts for point in points) / count,
        owed=points[-1].owed,
        p50_s=max(point.p50_s for point in points),
        p99_s=max(point.p99_s for point in points),
    )


def _sum(totals: Iterable[Totals]) -> Totals:
    every = list(totals)
    return Totals(
        submitted=sum(each.submitted for each in every),
        accepted=sum(each.accepted for each in every),
        refused=sum(each.refused for each in every),
        unanswered=sum(each.unanswered for each in every),
        receipts=sum(each.receipts for each in every),
        uplinks=sum(each.uplinks for each in every),
    )


def _counts(parts: Iterable[Mapping[_Key, int]]) -> dict[_Key, int]:
    counted: Counter[_Key] = Counter()
    for part in parts:
        counted.update(part)
    return dict(counted)


def _merge(histogram: Histogram, part: Durations) -> None:
    histogram.merge(part.buckets, part.sum_s, part.max_s)


def _latency(histogram: Histogram) -> Latency:
    p50, p90, p95, p99, p999 = histogram.quantiles((0.5, 0.9, 0.95, 0.99, 0.999))
    curve = zip(CURVE_SHARES, histogram.quantiles(CURVE_SHARES), strict=True)
    return Latency(
        count=histogram.count,
        mean_ms=histogram.mean_s * 1e3,
        p50_ms=p50 * 1e3,
        p90_ms=p90 * 1e3,
        p95_ms=p95 * 1e3,
        p99_ms=p99 * 1e3,
        p999_ms=p999 * 1e3,
        max_ms=histogram.max_s * 1e3,
        curve=[(share, seconds * 1e3) for share, seconds in curve] if histogram.count else [],
    )
