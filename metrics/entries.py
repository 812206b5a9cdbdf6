"""Check what a person enters into a register: words of closed lists, moments, who and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from math import isfinite
from typing import Final, TypeVar

from config.section import SHANGHAI

PARTIES: Final = ("party_a", "party_b")

Entry = TypeVar("Entry")


class EntryError(ValueError):
    """Say that an entry can't be taken, with what was seen and what is allowed."""


def shown(at: float) -> str:
    """Give an instant (UTC seconds since the epoch) for people, in Asia/Shanghai."""
    return datetime.fromtimestamp(at, SHANGHAI).isoformat(" ", "seconds")


def one_of(what: str, seen: str, allowed: Iterable[str]) -> None:
    """Raise EntryError unless `seen` is one of the allowed words."""
    words = tuple(allowed)
    if seen not in words:
        raise EntryError(f"{what}: {seen!r}, allowed are {', '.join(words) or 'none'}")


def given(**texts: str) -> None:
    """Raise EntryError for the first text that is empty."""
    for what, text in texts.items():
        if not text.strip():
            raise EntryError(f"{what}: empty, must be given")


def moment_of(what: str, moment: float, at: float, not_before: float = 0.0) -> float:
    """Give the moment that an entry made at `at` speaks of; 0.0 is `at` itself.

    Raises EntryError for one after the entry or before `not_before`.
    """
    found = moment or at
    if not isfinite(found) or found < 0:
        raise EntryError(f"{what}: {found}, a time in seconds since 1970-01-01 is allowed")
    if found > at:
        raise EntryError(f"{what}: {shown(found)}, at latest {shown(at)}, the time of the entry")
    if found < not_before:
        raise EntryError(f"{what}: {shown(found)}, at earliest {shown(not_before)}")
    return found


def next_in(what: str, seen: int, entries: Mapping[int, object]) -> None:
    """Raise EntryError unless a new entry has the number after the last one."""
    if seen != len(entries) + 1:
        raise EntryError(f"{what}: number {seen}, the next one is {len(entries) + 1}")


def entry_of(what: str, number: int, entries: Mapping[int, Entry]) -> Entry:
    """Give an entry by its number.

    Raises EntryError when there is none.
    """
    found = entries.get(number)
    if found is None:
        known = f"1 to {len(entries)}" if entries else "there are none yet"
        raise EntryError(f"{what}: no number {number}, known: {known}")
    return found


def step_of(what: str, state: str, action: str, moves: Mapping[str, Mapping[str, str]]) -> str:
    """Give the state to which an action leads.

    Raises EntryError naming the state and what is allowed there.
    """
    found = moves[state].get(action)
    if found is None:
        allowed = ", ".join(moves[state]) or "nothing, it has ended"
        raise EntryError(f"{what} is {state}: {action!r} is not allowed, only {allowed}")
    return found
