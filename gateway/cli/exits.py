"""Name the exit codes, and the error that ends a command with one."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Say how a command ended."""

    OK = 0
    FAILED = 1
    """A check or a message failed."""
    USAGE = 2
    CONFIG = 3
    """Invalid configuration."""
    ENVIRONMENT = 4
    """Port in use, disk, database, or nobody listening."""
    REFUSED = 5
    """Refused by the server."""
    TIMED_OUT = 6
    THRESHOLD = 99
    """A threshold was crossed."""


class CommandError(Exception):
    """End the command with a code and a sentence on standard error."""

    def __init__(self, code: Exit, message: str) -> None:
        super().__init__(message)
        self.code = code
