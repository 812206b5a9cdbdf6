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
from routing.carry_over import CarryOverError
from routing.events import JournalEvent
from routing.liability import CodeTable
from routing.reasons import REASONS
from smpp.constants import MessageState

from .database import JournalSource, reading_archive

WRITE_S: Final = 1.0
"""Least time between two writings; one that takes long is followed by a longer pause."""
_SHARE: Final = 20
"""A writing takes at most one part in so many of the time."""
FAR_AHEAD: Final = 500
"""Batches from which reading the archive's counts is quicker than folding the journal on."""
_REJECTED: Final = int(MessageState.REJECTED)
_READ: Final = "SELECT sequence, content FROM figures WHERE only = 1"
_UPTO: Final = "SELECT sequence FROM figures WHERE only = 1"
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
    """Read the counts as they are when somebody asks.

    One fold serves everybody who asked before it began, and the next one goes on from it: a
    question costs what the journal has gained since the last one. What was handed out is never
    changed.
    """

    def __init__(self, data_dir: Path, journal: JournalSource, liability_of: LiabilityOf) -> None:
        self._data_dir = data_dir
        self._journal = journal
        self._liability_of = liability_of
        self._turn = asyncio.Lock()
        self._asked = 0
        self._answered = 0
        """Of those that have asked, how many the last fold has seen come."""
        self._kept: tuple[int, SlaLedger] | None = None

    async def ledger(self) -> SlaLedger:
        """Give all counts up to the end of the journal; nobody may change them, see `fork`.

        Where the archive can't be read they come from the journal alone, which takes its time.
        """
        return (await self.counted())[1]

    async def counted(self) -> tuple[int, SlaLedger]:
        """Give the last batch that was counted beside the counts themselves, see `ledger`."""
        self._asked += 1
        mine = self._asked
        async with self._turn:
            if self._answered < mine or self._kept is None:
                upto = self._asked
                self._kept = await asyncio.to_thread(self._read, self._kept)
                self._answered = upto
            return self._kept

    def _read(self, kept: tuple[int, SlaLedger] | None) -> tuple[int, SlaLedger]:
        sequence, ledger = self._begin(kept)
        forked = kept is None or ledger is not kept[1]
        for number, _, events in self._journal.read(sequence):
            if not forked:
                ledger, forked = ledger.fork(), True
            apply = ledger.apply
            for event in events:
                apply(event)
            sequence = number
        return sequence, ledger

    def _begin(self, kept: tuple[int, SlaLedger] | None) -> tuple[int, SlaLedger]:
        """Give what to go on from: the last fold, or the archive's where that is far ahead."""
        try:
            with reading_archive(self._data_dir) as connection:
                written = connection.execute(_UPTO).fetchone()
                if kept is not None and (written is None or written[0] < kept[0] + FAR_AHEAD):
                    return kept
                return stored(connection, self._journal, self._liability_of)
        except sqlite3.DatabaseError:
            return kept or carried(self._journal, self._liability_of)


def stored(
    connection: sqlite3.Connection, journal: JournalSource, liability_of: LiabilityOf
) -> tuple[int, SlaLedger]:
    """Give the counts that an archive holds, and the batch that they go up to.

    Where the journal doesn't go on from there, they are those that it carries over. Raises
    sqlite3.DatabaseError and CarryOverError.
    """
    row = connection.execute(_READ).fetchone()
    if row is not None:
        further = journal.carried_over(int(row[0]))
        # Counts that can't be read are folded again: the journal has everything.
        with suppress(msgspec.MsgspecError):
            if further is None:
                return int(row[0]), SlaLedger.load(row[1], liability_of)
    return carried(journal, liability_of)


def carried(journal: JournalSource, liability_of: LiabilityOf) -> tuple[int, SlaLedger]:
    """Give the counts that a journal carries over from removed months; none where it has all.

    Raises CarryOverError.
    """
    found = journal.carried_over(0)
    if found is None:
        return 0, SlaLedger(liability_of)
    try:
        return found.figures_upto, SlaLedger.load(found.figures, liability_of)
    except msgspec.MsgspecError as error:
        raise CarryOverError(f"carried over: counts that can't be read: {error}") from error
