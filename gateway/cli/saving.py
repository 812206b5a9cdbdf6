"""Fetch a file from a running gateway and write it where it is wanted."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from .exits import CommandError, Exit
from .remote import Gateway, fetch

BINARY: Final = frozenset({"xlsx", "zip"})
"""Forms that a terminal can't show."""


def save(
    gateway: Gateway, path: str, query: Mapping[str, str | int], form: str, out: Path | None
) -> int:
    """Write the file `PATH.FORM` of the gateway to `out`, or to standard output (CommandError)."""
    if out is None and form in BINARY and sys.stdout.isatty():
        raise CommandError(Exit.USAGE, f"--format {form}: needs --out, a terminal can't show it")
    content = fetch(gateway, f"{path}.{form}", query)
    if out is None:
        sys.stdout.buffer.write(content)
        return Exit.OK
    try:
        out.write_bytes(content)
    except OSError as error:
        raise CommandError(Exit.ENVIRONMENT, f"{out}: {error.strerror}") from error
    return Exit.OK
