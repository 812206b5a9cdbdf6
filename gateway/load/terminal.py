"""Show a report on a terminal."""

from __future__ import annotations

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from .report import Latency, Report

BUSY_CORES = 0.9
"""From here on the generator itself may be what holds the run back."""

GROWING = 0.02
"""Share of the rate by which the receipts owed may grow before it is remarked on."""
GROWING_AFTER_S = 1.0
"""In less time the growth is that of the first receipts' way back."""


def print_report(report: Report, console: Console) -> None:
    """Print the summary of a run: rates, latencies, statuses, thresholds."""
    console.print(render(report))


def render(report: Report) -> RenderableType:
    """Give the summary as something rich can print."""
    parts: list[RenderableType] = [
        Text(f"{report.target}  {report.description}", style="bold"),
        _rates(report),
    ]
    if report.latency.count:
        parts.append(_latencies(report))
    parts.append(_counts(report))
    parts += [Text(note, style="yellow") for note in notes(report)]
    for judgement in report.thresholds:
        word, style = ("kept", "green") if judgement.kept else ("crossed", "bold red")
        parts.append(Text(f"threshold {judgement.expression}: {word}", style=style))
    return Group(*parts)


def notes(report: Report) -> list[str]:
    """Say what makes the figures doubtful, in sentences."""
    found = []
    if report.generator_cores > BUSY_CORES:
        found.append(
            f"The load generator used {report.generator_cores:.2f} cores: it may have been the "
            "limit. Try --processes."
        )
    if report.unsent:
        found.append(
            f"{report.unsent} messages were due and never sent: the windows were full. "
            "The latency of those that were sent counts from when they were due."
        )
    growing = report.backlog_growth > GROWING * report.accepted_rate
    if growing and report.measured_s >= GROWING_AFTER_S:
        found.append(
            f"The receipts owed grew by {report.backlog_growth:,.0f} per second: "
            "receipts come more slowly than messages go."
        )
    if report.untracked_receipts:
        found.append(
            f"{report.untracked_receipts} receipts were of no message of this run, or repeated."
        )
    for reason, count in report.closings.items():
        found.append(f"{count} sessions ended before the run did: {reason}.")
    return found


def _rates(report: Report) -> Table:
    table = _table("", "per second", "in all")
    table.add_row("submit_sm", f"{report.submit_rate:,.0f}", f"{report.submitted:,}")
    table.add_row("accepted", f"{report.accepted_rate:,.0f}", f"{report.accepted:,}")
    if report.receipts or report.missing_receipts:
        table.add_row("receipts", f"{report.receipt_rate:,.0f}", f"{report.receipts:,}")
    if report.uplinks:
        table.add_row("uplink messages", "", f"{report.uplinks:,}")
    return table


def _latencies(report: Report) -> Table:
    table = _table("ms", "mean", "p50", "p90", "p95", "p99", "p99.9", "max")
    _latency_row(table, "submit_sm_resp", report.latency)
    if report.receipt_latency.count:
        _latency_row(table, "receipt", report.receipt_latency)
    return table


def _latency_row(table: Table, name: str, latency: Latency) -> None:
    values = (
        latency.mean_ms,
        latency.p50_ms,
        latency.p90_ms,
        latency.p95_ms,
        latency.p99_ms,
        latency.p999_ms,
        latency.max_ms,
    )
    table.add_row(name, *(f"{value:,.2f}" for value in values))


def _counts(report: Report) -> Table:
    table = _table("", "messages")
    for status, count in report.statuses.items():
        table.add_row(status, f"{count:,}")
    if report.unanswered:
        table.add_row("no response", f"{report.unanswered:,}")
    for word, count in report.receipt_states.items():
        table.add_row(f"receipt {word}", f"{count:,}")
    if report.missing_receipts:
        table.add_row("receipt missing", f"{report.missing_receipts:,}")
    return table


def _table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False, show_edge=False, header_style="dim")
    for number, heading in enumerate(headings):
        table.add_column(heading, justify="right" if number else "left", no_wrap=True)
    return table
