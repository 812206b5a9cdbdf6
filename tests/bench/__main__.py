"""Measure everything in one run: `python -m tests.bench`, or `make bench`.

Every round measures each thing once, in turn, and the figures are medians over the rounds: what
the machine does to one it does to all, so the ratios hold where the figures themselves don't.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from gateway.load.errors import EsmeError
from tests.support.gateway_process import GatewayFailedError

from . import servers
from .machine import describe_machine
from .measures import Bench
from .rows import ON_DEMAND, ONCE, REPEATED, ROWS, Measure, Row

ROUNDS, SECONDS = 5, 4.0


@dataclass(frozen=True, slots=True)
class Result:
    """Hold one row's outcome; `ratio` and `kept` are None where there is nothing to compare."""

    key: str
    words: str
    unit: str
    median: float
    rounds: list[float]
    ratio: float | None
    beside: str
    target: float | None
    kept: bool | None


def main() -> int:
    """Run the benchmark; exit 1 when a target is missed or a measure fails."""
    arguments = _arguments()
    _raise_file_limit()
    console = Console(width=None if sys.stdout.isatty() else 130)
    skipped = servers.install_npm_smpp()
    if skipped:
        console.print(f"npm smpp is not measured: {skipped}", style="yellow")
    with tempfile.TemporaryDirectory(prefix="smsgw-bench-", dir=arguments.folder) as folder:
        bench = Bench(arguments.seconds, Path(folder))
        machine = describe_machine(bench.folder)
        figures, failures = _measure(bench, _chosen(arguments, npm=not skipped), arguments.rounds)
    results = [result for row in ROWS if (result := _result(row, figures)) is not None]
    console.print(_table(results))
    for name, failure in failures.items():
        console.print(f"{name} failed: {failure}", style="red", markup=False)
    console.print(", ".join(f"{name} {value}" for name, value in machine.items()), style="dim")
    report = {
        "machine": machine,
        "rounds": arguments.rounds,
        "seconds": arguments.seconds,
        "skipped": skipped,
        "failures": failures,
        "results": [asdict(result) for result in results],
    }
    arguments.out.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", "utf-8")
    return int(bool(failures) or any(result.kept is False for result in results))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench ARGS=", description=__doc__)
    every = [*REPEATED, *ONCE, *ON_DEMAND]
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of each load")
    parser.add_argument("--only", nargs="+", choices=every, default=[], metavar="NAME")
    parser.add_argument("--flight", action="store_true", help="also 1,000,000 messages in flight")
    parser.add_argument("--folder", type=Path, default=None, help="where the data lies")
    parser.add_argument("--out", type=Path, default=Path("bench-report.json"))
    return parser.parse_args()


def _chosen(arguments: argparse.Namespace, *, npm: bool) -> list[tuple[str, Measure, bool]]:
    """Give (name, measure, whether it is repeated) of what to measure."""
    wanted = set(arguments.only) or {*REPEATED, *ONCE, *(ON_DEMAND if arguments.flight else ())}
    if not npm:
        wanted.discard("npm")
    every = [(name, measure, True) for name, measure in REPEATED.items()]
    every += [(name, measure, False) for name, measure in (ONCE | ON_DEMAND).items()]
    return [each for each in every if each[0] in wanted]


def _measure(
    bench: Bench, chosen: list[tuple[str, Measure, bool]], rounds: int
) -> tuple[dict[str, list[float]], dict[str, str]]:
    """Give the figures of all rounds by row, and what went wrong by measure."""
    figures: dict[str, list[float]] = {}
    failures: dict[str, str] = {}
    for number in range(1, rounds + 1):
        for name, measure, repeated in chosen:
            if not repeated and number > 1:
                continue
            sys.stderr.write(f"\rround {number} of {rounds}: {name:<12}")
            sys.stderr.flush()
            try:
                measured = measure(bench)
            except (GatewayFailedError, EsmeError, RuntimeError, OSError) as error:
                failures[name] = str(error)
                continue
            for key, value in measured.items():
                figures.setdefault(key, []).append(value)
    sys.stderr.write("\n")
    return figures, failures


def _result(row: Row, figures: dict[str, list[float]]) -> Result | None:
    rounds = figures.get(row.key)
    if rounds is None:
        return None
    median = statistics.median(rounds)
    beside = figures.get(row.beside)
    ratio = median / statistics.median(beside) if beside else None
    judged = ratio if row.beside else median
    kept = None
    if row.target is not None and judged is not None:
        kept = judged >= row.target if row.at_least else judged <= row.target
    return Result(row.key, row.words, row.unit, median, rounds, ratio, row.beside, row.target, kept)


def _table(results: list[Result]) -> Table:
    table = Table(box=None, pad_edge=False)
    for number, heading in enumerate(("", "median", "unit", "ratio", "target", "")):
        table.add_column(heading, justify="left" if number in (0, 2) else "right")
    for result in results:
        row = next(row for row in ROWS if row.key == result.key)
        sign = "≥" if row.at_least else "≤"
        times = " ×" if row.beside else ""
        table.add_row(
            result.words,
            f"{result.median:,.0f}" if result.median >= 100 else f"{result.median:,.3g}",
            result.unit,
            f"{result.ratio:.2f} × {result.beside}" if result.ratio is not None else "",
            f"{sign} {result.target:g}{times}" if result.target is not None else "",
            {None: "", True: "kept", False: "MISSED"}[result.kept],
            style="red" if result.kept is False else None,
        )
    return table


def _raise_file_limit() -> None:
    """Allow as many open files as this process may have: a bind is one on each side."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


if __name__ == "__main__":
    sys.exit(main())
