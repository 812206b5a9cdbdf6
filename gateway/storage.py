"""Open what a gateway keeps: the journal, the archive, and what the last run left in them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial

from config.settings import Settings
from metrics.office import Office
from routing.events import JournalEvent, Submission
from routing.open_messages import OpenMessages
from routing.retention import kept_from

from .api.ports import FiguresSource, MessagesSource
from .archive.figures import FiguresReader
from .archive.process import ArchiveProcess
from .archive.reader import ArchiveReader
from .archiver import archiver_command
from .ids import MessageIds
from .journal.batching import BatchingJournal, CommitObserved
from .journal.forgetful import ForgetfulJournal
from .journal.lock import DataLock
from .journal.reader import SqliteJournalReader
from .journal.sqlite import open_journal
from .messages_view import Messages, NoFigures, NoMessages
from .policy import Policy
from .ports import Clock
from .recounting import wanted_at_start
from .recovery import recover
from .retention import Retention, RetentionParts
from .server.wire_ids import ShortIds
from .witness import Witness

NODE = 0


@dataclass(frozen=True)
class StorageParts:
    """Hold what storage works with.

    `remember` is given every lasting event of the past, in order; `committed` each commit.
    """

    settings: Settings
    policy: Policy
    clock: Clock
    witness: Witness
    remember: Callable[[JournalEvent], None]
    committed: Callable[[CommitObserved], None]
    failed: Callable[[Exception], None]
    archiver_died: Callable[[int], None]
    office: Office
    removed: Callable[[tuple[str, ...], str], None]
    """Is told of months that retention removed, and by whom."""


@dataclass(frozen=True)
class Storage:
    """Hold what was opened; numbers given out begin above those of the last run."""

    journal: BatchingJournal | ForgetfulJournal
    archive: ArchiveProcess | None
    open_messages: OpenMessages
    ids: MessageIds
    short_ids: ShortIds
    messages: MessagesSource
    figures: FiguresSource
    retention: Retention | None = None
    """None where nothing is kept."""
    highest_session_id: int = 0
    watched: tuple[Submission, ...] = ()
    """Messages under way of which the office wants to know whether they are delivered."""


async def open_storage(closing: AsyncExitStack, parts: StorageParts) -> Storage:
    """Open all of it; `closing` releases the directory, the caller closes journal and archive.

    Raises DataDirLockedError, JournalDamagedError, JournalFailedError or OSError.
    """
    settings, policy, clock = parts.settings, parts.policy, parts.clock
    durability = settings.data.durability
    if durability == "none":
        return Storage(
            ForgetfulJournal(parts.witness),
            None,
            OpenMessages(policy.multipart),
            MessageIds(clock.at, NODE),
            ShortIds(),
            NoMessages(),
            NoFigures(),
        )
    data_dir = settings.data.dir
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = closing.enter_context(DataLock.acquire(data_dir))
    wanted = wanted_at_start(policy, parts.remember, clock.at())
    recovered = recover(data_dir, policy.multipart, wanted)
    journal = await open_journal(
        lock,
        clock,
        on_failure=parts.failed,
        observe=parts.committed,
        synchronous=durability,
        kept_from=partial(kept_from, settings.contract.retention.schedule),
        follower=parts.witness,
    )
    archiver = archiver_command(data_dir, policy.multipart, policy.codes)
    archive = ArchiveProcess(*archiver, parts.archiver_died)
    journalled = SqliteJournalReader(data_dir)
    reader = ArchiveReader(data_dir, journalled, settings.contract.enterprise_code)
    figures = FiguresReader(data_dir, journalled, policy.codes.liability_of)
    return Storage(
        journal,
        archive,
        recovered.open,
        MessageIds(clock.at, NODE, recovered.highest_id),
        ShortIds(recovered.highest_short_id),
        Messages(reader, archive, lambda: journal.sequence),
        figures,
        Retention(
            RetentionParts(
                data_dir,
                settings.contract,
                clock,
                journal,
                archive,
                figures,
                parts.office,
                recovered.open,
                parts.removed,
            )
        ),
        recovered.highest_session_id,
        recovered.watched,
    )
