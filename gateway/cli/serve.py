"""Run the gateway."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from config.section import SHANGHAI, parse_instant

from .app import complain
from .configuration import load_given, load_or_stop
from .exits import CommandError, Exit

if TYPE_CHECKING:
    from config.settings import Settings
    from gateway.clock import SimulatedClock


def serve(
    *,
    config: Annotated[Path | None, Parameter(help="Settings file, TOML.")] = None,
    contract: Annotated[
        str | None, Parameter(help="Contract: henan, none (a plain SMSC), or a file.")
    ] = None,
    smpp: Annotated[str | None, Parameter(help="SMPP address, HOST:PORT; port 0: any.")] = None,
    http: Annotated[str | None, Parameter(help="HTTP address, HOST:PORT; port 0: any.")] = None,
    data: Annotated[str | None, Parameter(help="Folder for journal and archive.")] = None,
    seed: Annotated[int | None, Parameter(help="Seed of the simulated network.")] = None,
    profile: Annotated[str | None, Parameter(help="Behaviour of the simulated network.")] = None,
    clock: Annotated[
        str,
        Parameter(help="Simulate: start at a time, at `now` or at the `last` one of the data."),
    ] = "",
    log_pdus: Annotated[
        str | None, Parameter(help="File for every PDU, in full; - for standard error.")
    ] = None,
    json: Annotated[bool, Parameter(help="Print the ready line and logs as JSON.")] = False,
) -> int:
    """Run the gateway until SIGTERM or Ctrl-C."""
    given = {
        "contract": contract,
        "smpp.listen": smpp,
        "http.listen": http,
        "data.dir": data,
        "network.seed": seed,
        "network.profile": profile,
    }
    settings, warnings = load_or_stop(config, given, os.environ)
    for warning in warnings:
        complain(str(warning))
    from gateway.run import run  # noqa: PLC0415 - a wrong configuration is said before

    return run(
        settings,
        json_output=json,
        log_pdus=log_pdus,
        clock=_clock(clock, settings),
        stdout=sys.stdout,
        reload=lambda: load_given(config, given, os.environ).settings,
    )


def _clock(start: str, settings: Settings) -> SimulatedClock | None:
    """Make the clock of a simulation; None for the real one.

    Raises CommandError for what is no time, and for one before the data's last.
    """
    if not start:
        return None
    from gateway.clock import SimulatedClock, SystemClock  # noqa: PLC0415 - rarely wanted
    from gateway.journal.reader import SqliteJournalReader  # noqa: PLC0415

    last = SqliteJournalReader(settings.data.dir).last_at()
    try:
        at = {"now": SystemClock.at(), "last": last or SystemClock.at()}.get(start)
        at = parse_instant(start).timestamp() if at is None else at
    except ValueError as error:
        raise CommandError(Exit.USAGE, f"--clock {start}: now, last, or {error}") from error
    if at < last:
        when = datetime.fromtimestamp(last, SHANGHAI).isoformat(timespec="seconds")
        raise CommandError(
            Exit.USAGE, f"--clock {start}: the data goes on to {when}; time never goes back"
        )
    return SimulatedClock(at)
