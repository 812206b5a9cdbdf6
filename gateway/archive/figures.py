"""Keep the quality index's counts beside the archive, with the batch of the journal they go up to.

The archiver folds every event once and writes the counts down at most once a second, in the same
transaction as its rows. Whoever asks reads them and folds what the journal has gained since, so
that a figure is never older than the question.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Final, TypeAlias

import msgspec

from metrics.sla.ledger import SlaLedger
from routing.events import JournalEvent
from routing.liability import CodeTable
from routing.reasons import REASONS
from smpp.constants import MessageState

from .database import JournalSource, reading_archive

WRITE_S: Final = 1.0
"""Least time between two writings; one that takes long is followed by a longer pause."""
_SHARE: Final = 20
"""A writing takes at most one part in so many of the time."""
_REJECTED: Final = int(MessageState.REJECTED)
_READ: Final = "SELECT sequence, content FROM figures WHERE only = 1"
_WRITE: Final = "INSERT OR REPLACE INTO figures VALUES (1, ?, ?)"

LiabilityOf: TypeAlias = Callable[[int, str], str]


def refused_classes(codes: CodeTable) -> dict[str, str]:
    """Give the class of every error of a refused submission, for who has no table of codes."""
    errors = {error for row in REASONS.values() for error in (row.error, row.digits)}
    return {error: codes.liability_of(_REJECTED, error) for error in sorted(errors) if error}


def by_classes(classes: Mapping[str, str]) -> LiabilityOf:
    """Give the function that looks up what `refused_classes` gave; unknown is party A's."""
    return lambda _state, error: classes.get(error, "party_a")


class FiguresBuilder:
    """Fold the journal's events for the archive that is open for writing."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        counted: tuple[int, SlaLedger],
        journalled: Iterable[tuple[int, float, list[JournalEvent]]],
        upto: int,
    ) -> None:
        """Go on with what is `stored`, up to batch `upto`, which the archive's rows have seen.

        `journalled` are the batches after it.
        """
        self._connection = connection
        self._sequence, self._ledger = counted
        for number, _, events in journalled:
            if number > upto:
                break
            self.apply(number, events)
        self._next_at = 0.0

    def apply(self, sequence: int, events: Iterable[JournalEvent]) -> None:
        """Take in the events of one batch; one that was taken in is passed over."""
        if sequence <= self._sequence:
            return
        apply = self._ledger.apply
        for event in events:
            apply(event)
        self._sequence = sequence

    def write(self, *, at_once: bool = False) -> None:
        """Write the counts down if it is time, inside the open transaction."""
        began = monotonic()
        if began < self._next_at and not at_once:
            return
        self._connection.execute(_WRITE, (self._sequence, self._ledger.dump()))
        ended = monotonic()
        self._next_at = ended + max(WRITE_S, (ended - began) * _SHARE)


class FiguresReader:
    """Read the counts as they are when somebody asks."""

    def __init__(self, data_dir: Path, journal: JournalSource, liability_of: LiabilityOf) -> None:
        self._data_dir = data_dir
        self._journal = journal
        self._liability_of = liability_of

    async def ledger(self) -> SlaLedger:
        """Give all counts up to the end of the journal.

        Where the archive can't be read they come from the journal alone, which takes its time.
        """
        return await asyncio.to_thread(self._read)

    def _read(self) -> SlaLedger:
        try:
            with reading_archive(self._data_dir) as connection:
                sequence, ledger = stored(connection, self._liability_of)
        except sqlite3.DatabaseError:
            sequence, ledger = 0, SlaLedger(self._liability_of)
        apply = ledger.apply
        for _, _, events in self._journal.read(sequence):
            for event in events:
                apply(event)
        return ledger


def stored(connection: sqlite3.Connection, liability_of: LiabilityOf) -> tuple[int, SlaLedger]:
    """Give the counts that an archive holds, and the batch that they go up to.

    Raises sqlite3.DatabaseError.
    """
    row = connection.execute(_READ).fetchone()
    if row is not None:
        # Counts that can't be read are folded again: the journal has everything.
        with suppress(msgspec.MsgspecError):
            return int(row[0]), SlaLedger.load(row[1], liability_of)
    return 0, SlaLedger(liability_of)
