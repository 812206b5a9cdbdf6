"""Write a report as one HTML file: no script, no other file, nothing from a network."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape

from .report import Latency, Report
from .terminal import notes

WIDTH, HEIGHT = 860, 240
LEFT, RIGHT, TOP, BOTTOM = 64, 12, 12, 28
_COLOURS = ("#1f6feb", "#d1720f", "#2da44e")
_STYLE = """
:root { color-scheme: light dark; --line: #8884; --dim: #777; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 900px; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; margin-bottom: 0; } h2 { font-size: 1.05rem; margin: 1.6rem 0 .3rem; }
table { border-collapse: collapse; } td, th { padding: .15rem .9rem .15rem 0; text-align: right; }
td:first-child, th:first-child { text-align: left; } th { color: var(--dim); font-weight: normal; }
.dim { color: var(--dim); } .kept { color: #2da44e; } .crossed { color: #cf222e; }
svg { width: 100%; height: auto; } svg text { font-size: 11px; fill: var(--dim); }
svg .grid { stroke: var(--line); } svg path { fill: none; stroke-width: 1.6; }
.legend span { margin-right: 1.2rem; } .legend i { display: inline-block; width: 1.2rem;
border-top: 3px solid; vertical-align: middle; margin-right: .4rem; }
"""
Line = tuple[str, Sequence[tuple[float, float]]]
"""(name, points)"""


def to_html(report: Report) -> str:
    """Give the page."""
    started = datetime.fromtimestamp(report.started_at, UTC).isoformat(timespec="seconds")
    timeline = report.timeline
    parts = [
        f"<h1>{escape(report.target)}</h1>",
        f"<p class=dim>{escape(report.description)}. {escape(started)}, "
        f"{report.measured_s:.1f} s measured, {report.sessions} sessions.</p>",
        *(f"<p>{escape(note)}</p>" for note in notes(report)),
        _thresholds(report),
        "<h2>Rates</h2>",
        _table(("", "per second", "in all"), _rate_rows(report)),
        _chart(
            [
                ("accepted", [(point.at_s, point.accepted) for point in timeline]),
                ("receipts", [(point.at_s, point.receipts) for point in timeline]),
            ],
            "messages per second over time in seconds",
        ),
        "<h2>Latency in milliseconds</h2>",
        _table(
            ("", "mean", "p50", "p90", "p95", "p99", "p99.9", "max"),
            [
                (name, *_latency_cells(latency))
                for name, latency in (
                    ("submit_sm_resp", report.latency),
                    ("receipt", report.receipt_latency),
                )
                if latency.count
            ],
        ),
        _chart(
            [
                ("p50", [(point.at_s, point.p50_s * 1e3) for point in timeline]),
                ("p99", [(point.at_s, point.p99_s * 1e3) for point in timeline]),
            ],
            "milliseconds over time in seconds",
        ),
        _chart(
            [
                ("submit_sm_resp", _nines(report.latency)),
                ("receipt", _nines(report.receipt_latency)),
            ],
            "milliseconds by share of messages (1 = 90 %, 2 = 99 %, 3 = 99.9 %)",
        ),
        "<h2>Results</h2>",
        _table(("", "messages"), _result_rows(report)),
    ]
    title = escape(f"Load of {report.target}")
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width">\n<title>{title}</title>\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n" + "\n".join(parts) + "\n</body>\n</html>\n"
    )


def _thresholds(report: Report) -> str:
    words = {True: "kept", False: "crossed"}
    return "".join(
        f"<p class={words[judgement.kept]}>Threshold {escape(judgement.expression)}: "
        f"{words[judgement.kept]}</p>"
        for judgement in report.thresholds
    )


def _rate_rows(report: Report) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [
        ("submit_sm", f"{report.submit_rate:,.0f}", f"{report.submitted:,}"),
        ("accepted", f"{report.accepted_rate:,.0f}", f"{report.accepted:,}"),
    ]
    if report.receipts or report.missing_receipts:
        rows.append(("receipts", f"{report.receipt_rate:,.0f}", f"{report.receipts:,}"))
    return rows


def _result_rows(report: Report) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [
        (status, f"{count:,}") for status, count in report.statuses.items()
    ]
    if report.unanswered:
        rows.append(("no response", f"{report.unanswered:,}"))
    rows += [(f"receipt {word}", f"{count:,}") for word, count in report.receipt_states.items()]
    if report.missing_receipts:
        rows.append(("receipt missing", f"{report.missing_receipts:,}"))
    return rows


def _latency_cells(latency: Latency) -> list[str]:
    values = (
        latency.mean_ms,
        latency.p50_ms,
        latency.p90_ms,
        latency.p95_ms,
        latency.p99_ms,
        latency.p999_ms,
        latency.max_ms,
    )
    return [f"{value:,.2f}" for value in values]


def _nines(latency: Latency) -> list[tuple[float, float]]:
    """Stretch the curve so that each further nine takes the same room."""
    return [(-math.log10(1 - share), ms) for share, ms in latency.curve if share < 1]


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(heading)}</th>" for heading in headings)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<table><tr>{head}</tr>{body}</table>"


def _chart(lines: Sequence[Line], caption: str) -> str:
    """Draw lines with their axes; nothing where there are fewer than two points."""
    drawn = [(name, points) for name, points in lines if len(points) > 1]
    if not drawn:
        return ""
    every = [point for _name, points in drawn for point in points]
    right = max(x for x, _y in every) or 1.0
    step = _step(max(y for _x, y in every))
    top = step * max(1, math.ceil(max(y for _x, y in every) / step))
    across = (WIDTH - LEFT - RIGHT) / right
    up = (HEIGHT - TOP - BOTTOM) / top
    floor = HEIGHT - BOTTOM
    shapes = [
        f'<path class=grid d="M{LEFT} {floor - y * up:.1f}H{WIDTH - RIGHT}"/>'
        f'<text x="{LEFT - 6}" y="{floor - y * up + 4:.1f}" text-anchor="end">{y:g}</text>'
        for y in (step * number for number in range(round(top / step) + 1))
    ]
    step_x = _step(right)
    shapes += [
        f'<text x="{LEFT + x * across:.1f}" y="{HEIGHT - 8}" text-anchor="middle">{x:g}</text>'
        for x in (step_x * number for number in range(int(right / step_x) + 1))
    ]
    for colour, (_name, points) in zip(_COLOURS, drawn, strict=False):
        path = "L".join(f"{LEFT + x * across:.1f} {floor - y * up:.1f}" for x, y in points)
        shapes.append(f'<path stroke="{colour}" d="M{path}"/>')
    legend = "".join(
        f'<span><i style="border-color:{colour}"></i>{escape(name)}</span>'
        for colour, (name, _points) in zip(_COLOURS, drawn, strict=False)
    )
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(caption)}">'
        f'{"".join(shapes)}</svg><p class="legend dim">{legend}{escape(caption)}</p>'
    )


def _step(highest: float) -> float:
    """Choose a round distance between marks, about five of them below the highest value."""
    if highest <= 0:
        return 1.0
    rough = highest / 5
    scale = 10.0 ** math.floor(math.log10(rough))
    return next(scale * round_ for round_ in (1, 2, 5, 10) if scale * round_ >= rough)
