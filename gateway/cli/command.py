"""Describe one command of the command line as a row of a table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True, frozen=True)
class Command:
    """Be one command: its words, where its function is, what it does, and examples of its use."""

    words: tuple[str, ...]
    function: str
    help: str
    examples: tuple[str, ...]
