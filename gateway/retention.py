"""Remove what need not be kept any more, a few times a day or when somebody asks (clause 3.1.11).

What goes is whole months of the journal, and then their rows in the archive. What must stay known
of them is carried over first (`routing.carry_over`); the removal is on record before anything is
gone.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from config.contract import Contract
from metrics.office import Office
from metrics.retention import Reason, kept_since, reasons
from metrics.sla import SlaLedger
from routing.carry_over import CarriedOver, Kept, parts_of
from routing.events import JournalEvent, Retained
from routing.open_messages import OpenMessages

from .api.ports import RefusedError
from .archive.database import progress_of, reading_archive
from .archive.figures import FiguresReader
from .archive.process import ArchiveProcess
from .ids import created_at
from .journal.batching import BatchingJournal
from .journal.files import journal_files, month_ends, month_in
from .ports import Clock

LOOK_S: Final = 600.0
"""Between two looks at whether a month may go, wall time."""
ARCHIVE_S: Final = 60.0
"""What the archive may take to see a month's end."""
WHO: Final = "system"

_LASTING: Final = "SELECT batch, place, content FROM lasting WHERE batch <= ? ORDER BY batch, place"


class RetentionError(RefusedError):
    """Say why nothing can be removed now."""

    def __init__(self, what: str) -> None:
        super().__init__(503, what)


class Month(msgspec.Struct, frozen=True):
    """Be one month of the journal, YYYY-MM, and which of the reasons keeps it; none may go."""

    name: str
    octets: int
    kept_by: tuple[Reason, ...]


@dataclass(frozen=True)
class RetentionParts:
    """Hold what retention works with; `open_messages` are those under way."""

    data_dir: Path
    contract: Contract
    clock: Clock
    journal: BatchingJournal
    archive: ArchiveProcess
    figures: FiguresReader
    office: Office
    open_messages: OpenMessages
    removed: Callable[[tuple[str, ...], str], None]
    """Is told of months that are gone, and by whom."""


class Retention:
    """Own the removal of a gateway's records."""

    def __init__(self, parts: RetentionParts) -> None:
        self._parts = parts
        self._turn = asyncio.Lock()

    async def run(self) -> None:
        """Look now and then for months that may go, for as long as the gateway runs."""
        while True:
            # Nothing goes while the archive is behind or no file opens; the next look tells.
            with suppress(RetentionError, OSError, sqlite3.Error):
                await self.remove(WHO)
            await asyncio.sleep(LOOK_S)

    def reasons(self) -> tuple[Reason, ...]:
        """Give every reason to keep records, the one that reaches furthest back first."""
        parts = self._parts
        at = parts.clock.at()
        return reasons(
            parts.contract, parts.office, at, created_at, _oldest(parts.open_messages)
        )  # fmt: skip

    async def months(self) -> list[Month]:
        """Give the months of the journal, oldest first, and what keeps each."""
        found = self.reasons()
        files = await asyncio.to_thread(_sizes, self._parts.data_dir)
        newest = len(files) - 1
        return [
            Month(name, octets, _keeping(name, found) if place < newest else found[:1])
            for place, (name, octets) in enumerate(files)
        ]

    async def remove(self, who: str) -> tuple[str, ...]:
        """Remove every whole month that nothing keeps, and give their names, oldest first.

        Raises RetentionError where that can't be done now; nothing is gone then.
        """
        async with self._turn:
            parts, before = self._parts, kept_since(self.reasons())
            gone = await parts.journal.retain(before, who, self._carry)
            if gone:
                at = parts.clock.at()
                parts.office.retention.apply(Retained(at, who, before, gone, 0))
                parts.removed(gone, who)
        return gone

    async def _carry(self, last_sequence: int) -> int:
        """Journal what batches up to one say and must stay known; see `gateway.ports.Carry`."""
        parts = self._parts
        if not await parts.archive.wait_for(last_sequence, ARCHIVE_S):
            raise RetentionError(
                f"the archive has seen batch {parts.archive.sequence}, not yet {last_sequence}"
            )
        upto, ledger = await parts.figures.counted()
        carried = await asyncio.to_thread(_gather, parts.data_dir, last_sequence, upto, ledger)
        begins = parts.journal.sequence + 1
        for event in parts_of(carried, parts.clock.at()):
            await self._stored(event)
        return begins

    async def _stored(self, event: JournalEvent) -> None:
        """Append one event and wait for the disk, so that no more than one waits for it."""
        stored: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._parts.journal.append(event)
        self._parts.journal.after_commit(
            lambda kept: None if stored.done() else stored.set_result(kept)
        )
        if not await stored:
            raise RetentionError("the disk is full")


def _gather(data_dir: Path, last_sequence: int, upto: int, ledger: SlaLedger) -> CarriedOver:
    with reading_archive(data_dir) as connection:
        connection.execute("BEGIN")
        progress = progress_of(connection)
        if progress is None or progress.sequence < last_sequence:
            raise RetentionError("the archive is being built again")
        lasting = [Kept(*row) for row in connection.execute(_LASTING, (last_sequence,))]
    return CarriedOver(
        last_sequence, progress.highest_id, progress.highest_session_id,
        progress.highest_short_id, lasting, upto, ledger.dump(),
    )  # fmt: skip


def _oldest(messages: OpenMessages) -> float | None:
    """Give when the oldest message, part or uplink message under way began."""
    ids = (*messages.messages, *messages.held, *messages.mo)
    return created_at(min(ids)) if ids else None


def _sizes(data_dir: Path) -> list[tuple[str, int]]:
    """Give the months on disk and their octets, with what isn't yet in the file itself."""
    return [
        (
            month_in(path),
            sum(one.stat().st_size for one in (path, Path(f"{path}-wal")) if one.exists()),
        )
        for path in journal_files(data_dir)
    ]


def _keeping(month: str, found: tuple[Reason, ...]) -> tuple[Reason, ...]:
    return tuple(one for one in found if one.since < month_ends(month))
