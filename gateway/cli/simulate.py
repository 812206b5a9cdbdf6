"""Live through a contract in simulated time."""

from __future__ import annotations

import dataclasses
import os
import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from .configuration import load_or_stop
from .exits import CommandError, Exit
from .output import write_fields, write_json

if TYPE_CHECKING:
    from config.settings import Settings
    from gateway.simulation.driver import Outcome, Simulation, SimulationOptions

MAX_PER_DAY = 1_000_000


def simulate(
    *,
    start: Annotated[date, Parameter(name="--from", help="First day, 2023-12-01.")],
    to: Annotated[date, Parameter(help="Last day, counted in.")],
    per_day: Annotated[int, Parameter(help="Messages a day, on average.")] = 5000,
    profile: Annotated[str, Parameter(help="Behaviour of the simulated network.")] = "healthy",
    seed: Annotated[int, Parameter(help="Seed of all that is drawn.")] = 1,
    contract: Annotated[str, Parameter(help="Contract: henan or a file.")] = "henan",
    data: Annotated[Path, Parameter(help="Folder for journal and archive; a new one.")] = Path(
        "smsgw-simulated"
    ),
    traffic: Annotated[Path | None, Parameter(help="Texts and hours, TOML.")] = None,
    events: Annotated[
        bool, Parameter(help="Let complaints, incidents and breaches happen.")
    ] = True,
    keep_all: Annotated[
        bool, Parameter(help="Keep all records; else months go when clause 3.1.11 lets them.")
    ] = False,
    json: Annotated[bool, Parameter(help="Print JSON.")] = False,
) -> int:
    """Live through days of a contract, and leave a data folder that all reports open."""
    if to < start:
        raise CommandError(Exit.USAGE, f"--to {to} is before --from {start}")
    if not 1 <= per_day <= MAX_PER_DAY:
        raise CommandError(Exit.USAGE, f"--per-day {per_day}: 1 to {MAX_PER_DAY}")
    if data.exists() and any(data.iterdir()):
        raise CommandError(
            Exit.USAGE, f"{data} is not empty; a simulation needs a folder of its own"
        )
    from gateway.simulation.driver import SETTINGS, SimulationOptions  # noqa: PLC0415 - slow

    given = {
        **SETTINGS,
        "contract": contract,
        "network.profile": profile,
        "network.seed": seed,
        "data.dir": str(data),
    }
    settings, _ = load_or_stop(None, given, {})
    options = SimulationOptions(start, to, per_day, seed, events, keep_all)
    outcome = _run(settings, options, traffic)
    shown = {
        **dataclasses.asdict(outcome),
        "per_second": round(outcome.per_second),
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
        "data": str(data),
    }
    shown["seconds"] = round(outcome.seconds, 1)
    if json:
        write_json(shown)
    else:
        write_fields(shown)
    return Exit.OK if outcome.days == (to - start).days + 1 else Exit.FAILED


def _run(settings: Settings, options: SimulationOptions, traffic: Path | None) -> Outcome:
    from pydantic import ValidationError  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    from config.traffic import load_day  # noqa: PLC0415
    from gateway.clock import ManualClock, SystemClock  # noqa: PLC0415
    from gateway.log import open_log  # noqa: PLC0415
    from gateway.simulation.driver import Simulation, SimulationError, midnight  # noqa: PLC0415
    from gateway.simulation.loop import run_simulated  # noqa: PLC0415

    try:
        day = load_day(traffic)
    except (OSError, ValueError, ValidationError) as error:
        raise CommandError(Exit.CONFIG, f"{traffic}: {error}") from error
    clock = ManualClock(midnight(options.first))
    log = open_log(sys.stderr, SystemClock.at, as_json=None)
    console = Console(stderr=True)
    columns = (BarColumn(), TextColumn("{task.description}"), TimeRemainingColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task("starting", total=(options.last - options.first).days + 1)
        try:
            simulation = Simulation(
                settings, options, day, clock, log,
                lambda done: bar.update(
                    task, completed=done.days, description=f"{done.day}, {done.submitted:,} sent"
                ),
            )  # fmt: skip
            with _stopping(simulation):
                outcome: Outcome = run_simulated(simulation.run(), clock)
        except SimulationError as error:
            raise CommandError(Exit.FAILED, str(error)) from error
        except OSError as error:
            raise CommandError(Exit.ENVIRONMENT, str(error)) from error
    return outcome


@contextmanager
def _stopping(simulation: Simulation) -> Iterator[None]:
    """End after the slot at work at the first signal, at once at the second."""

    def stop(_number: int, _frame: object) -> None:
        if simulation.stopping:
            os._exit(Exit.FAILED)
        simulation.stopping = True

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
