"""Write Prometheus's rules for a contract."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import yaml
from cyclopts import Parameter

from metrics.alerts import rules_of

from .configuration import load_or_stop
from .exits import CommandError, Exit

HEAD = "# Written by smsgw rules from contract {number}; a changed contract has others.\n"


def rules(
    *,
    config: Annotated[Path | None, Parameter(help="Settings file, TOML.")] = None,
    contract: Annotated[str | None, Parameter(help="Contract: henan or a file.")] = None,
    out: Annotated[Path | None, Parameter(help="File to write; standard output if none.")] = None,
) -> int:
    """Write recording and alert rules with the contract's own figures."""
    settings, _ = load_or_stop(config, {"contract": contract}, os.environ)
    if not settings.contract.checked:
        raise CommandError(Exit.USAGE, "without a contract there is nothing to be alarmed about")
    content = yaml.safe_dump(
        rules_of(settings.contract), sort_keys=False, allow_unicode=True, width=100
    )
    text = HEAD.format(number=settings.contract.number) + content
    if out is None:
        print(text, end="")
        return Exit.OK
    try:
        out.write_text(text, "utf-8")
    except OSError as error:
        raise CommandError(Exit.ENVIRONMENT, f"{out}: {error.strerror}") from error
    print(f"{out}: written")
    return Exit.OK
