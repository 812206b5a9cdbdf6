"""Run the gateway."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from .app import complain
from .configuration import load_given, load_or_stop


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
        stdout=sys.stdout,
        reload=lambda: load_given(config, given, os.environ).settings,
    )
