"""Write and check configuration files, and hash passwords for them."""

from __future__ import annotations

import getpass
import os
import sys
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Final

from cyclopts import Parameter

from config import loader, secrets

from .exits import CommandError, Exit
from .output import write_json

TEMPLATES: Final = ("smsgw.toml", "contract.toml")
DEFAULT_FILE: Final = Path("smsgw.toml")
_LONGEST_PASSWORD: Final = 1024


def init(
    *,
    dir: Annotated[Path, Parameter(help="Folder to write to; it is made if need be.")] = Path(),
    force: Annotated[bool, Parameter(help="Overwrite files that are there.")] = False,
) -> int:
    """Write an annotated smsgw.toml and contract.toml to start from."""
    there = [str(dir / name) for name in TEMPLATES if (dir / name).exists()]
    if there and not force:
        raise CommandError(
            Exit.ENVIRONMENT, f"{', '.join(there)}: already there; --force overwrites"
        )
    source = files("config") / "data" / "templates"
    try:
        dir.mkdir(parents=True, exist_ok=True)
        for name in TEMPLATES:
            (dir / name).write_text((source / name).read_text("utf-8"), "utf-8")
    except OSError as error:
        raise CommandError(Exit.ENVIRONMENT, f"{error.filename}: {error.strerror}") from error
    for name in TEMPLATES:
        print(dir / name)
    return Exit.OK


def check(
    *,
    config: Annotated[
        Path | None, Parameter(help="Settings file; the defaults and the environment if none.")
    ] = None,
    json: Annotated[bool, Parameter(help="Print the problems as a JSON list.")] = False,
) -> int:
    """Check the configuration and every file it names: every error at once."""
    if config is None and DEFAULT_FILE.is_file():
        print(f"{DEFAULT_FILE} is here but not looked at without --config", file=sys.stderr)
    problems = loader.check_files(config, os.environ)
    wrong = [problem for problem in problems if problem.level == "error"]
    if json:
        write_json([asdict(problem) for problem in problems])
    else:
        for problem in problems:
            print(problem, file=sys.stderr)
        if not wrong:
            print(f"{config or 'defaults'}: in order")
    return Exit.CONFIG if wrong else Exit.OK


def hash_password() -> int:
    """Hash a password for the settings; it is asked for, or read from standard input."""
    if sys.stdin.isatty():
        password = getpass.getpass("Password: ")
    else:
        password = sys.stdin.read(_LONGEST_PASSWORD + 1).rstrip("\r\n")
    if not 0 < len(password) <= _LONGEST_PASSWORD:
        raise CommandError(
            Exit.USAGE, f"password: {len(password)} characters, 1 to {_LONGEST_PASSWORD} allowed"
        )
    print(secrets.hash_password(password))
    return Exit.OK
