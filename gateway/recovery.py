"""Find out, before anything else runs, what the last gateway left open.

The archive knows most of it, the journal's tail the rest. Without an archive, or with one that
doesn't belong to this journal, everything comes from the journal, only slower.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from gateway.archive.builder import load_accepted, load_lasting, load_open, load_uplinks
from gateway.archive.database import Progress, continues, progress_of, reading_archive
from gateway.archive.highest import Highest
from gateway.archive.rows import milliseconds, subject_of
from gateway.archive.under_way import load_watched
from gateway.journal.reader import SqliteJournalReader
from routing.carry_over import CarryOverError
from routing.events import (
    LASTING,
    JournalEvent,
    MoReceived,
    Outcome,
    Submission,
    decode_batch,
)
from routing.message import Message, begin
from routing.open_messages import OpenMessages
from routing.receipts import Multipart

_LASTING: Final = frozenset(LASTING)


def ignore(event: JournalEvent) -> None:
    """Have no use for a lasting event."""


def ignore_message(message: Message) -> None:
    """Have no use for an accepted message."""


def waits_never(submission: Submission) -> bool:
    """Have no use for what becomes of a message."""
    return False


@dataclass(slots=True)
class Wanted:
    """Say what a start wants to hear of beside what is open; times are UTC seconds.

    `lasting` is given every event of routing.events.LASTING that the journal holds, in order, and
    uplink messages received from `uplinks_since` on, in order. `accepted` is given each message
    accepted from `accepted_since` on once, in order. Accepted messages under way for which a check
    failed are kept where `waits` says so.
    """

    lasting: Callable[[JournalEvent], None] = ignore
    uplinks_since: float = float("inf")
    accepted: Callable[[Message], None] = ignore_message
    accepted_since: float = float("inf")
    waits: Callable[[Submission], bool] = waits_never

    def take(self, event: JournalEvent) -> None:
        """Hand on what is wanted of an event."""
        if isinstance(event, Submission):
            if event.accepted and event.at >= self.accepted_since:
                self.accepted(begin(event))
            return
        late = isinstance(event, MoReceived) and event.at >= self.uplinks_since
        if late or type(event) in _LASTING:
            self.lasting(event)


class JournalDamagedError(Exception):
    """Say which batch of the journal can't be read."""


@dataclass(slots=True, frozen=True)
class Recovered:
    """Hold what a gateway takes up again.

    `open` are messages without outcome, receipts without acknowledgement, parts that wait for
    others and uplink messages without acknowledgement. `highest_*` are the highest numbers ever
    given out: new ones begin above them. `sequence` and `hash` are the end of the journal,
    `tail` is how many batches the archive had not seen. `watched` are the messages of `open`
    whose end `Wanted.waits` wants to hear of, as they were submitted, in order of their id.
    """

    open: OpenMessages
    highest_id: int
    highest_session_id: int
    highest_short_id: int
    sequence: int
    hash: bytes
    tail: int
    watched: tuple[Submission, ...] = ()


def recover(
    data_dir: Path, multipart: Mapping[str, Multipart], wanted: Wanted | None = None
) -> Recovered:
    """Fold the archive's open rows and the journal's tail. Hold the directory's lock meanwhile.

    `multipart` is the receipt policy by account (routing.receipts). Raises JournalDamagedError.
    """
    wanted = wanted or Wanted()
    journal = SqliteJournalReader(data_dir)
    try:
        watched: dict[int, Submission] = {}
        progress, found = _from_archive(data_dir, journal, multipart, wanted, watched)
        if not progress.sequence:
            progress = _carried(journal, wanted)
        highest = Highest.after(progress)
        sequence, digest, tail = progress.sequence, progress.hash, 0
        for batch in journal.read_stored(progress.sequence):
            try:
                events = decode_batch(batch.blob)
            except msgspec.MsgspecError as error:
                text = f"{batch.path}: batch {batch.sequence}: {error}; run smsgw verify"
                raise JournalDamagedError(text) from error
            for event in events:
                wanted.take(event)
                found.apply(event)
                highest.note(event)
                _watch(event, wanted, watched)
            sequence, digest, tail = batch.sequence, batch.hash, tail + 1
    except (sqlite3.DatabaseError, msgspec.MsgspecError, CarryOverError) as error:
        raise JournalDamagedError(f"{data_dir}: journal: {error}; run smsgw verify") from error
    return Recovered(
        open=found,
        highest_id=highest.message_id,
        highest_session_id=highest.session_id,
        highest_short_id=highest.short_id,
        sequence=sequence,
        hash=digest,
        tail=tail,
        watched=tuple(watched[one] for one in sorted(watched)),
    )


def _watch(event: JournalEvent, wanted: Wanted, watched: dict[int, Submission]) -> None:
    """Keep a message that failed a check from its acceptance to its outcome."""
    if isinstance(event, Submission):
        if event.failures and event.accepted and wanted.waits(event):
            watched[event.message_id] = event
    elif watched and isinstance(event, Outcome):
        watched.pop(event.message_id, None)


def _from_archive(
    data_dir: Path,
    journal: SqliteJournalReader,
    multipart: Mapping[str, Multipart],
    wanted: Wanted,
    watched: dict[int, Submission],
) -> tuple[Progress, OpenMessages]:
    """Read what the archive knows; nothing when it is missing, damaged or another journal's."""
    try:
        with reading_archive(data_dir) as connection:
            connection.execute("BEGIN")
            progress = progress_of(connection)
            if progress is None or not continues(progress, journal):
                return Progress(), OpenMessages(multipart)
            found = load_open(connection, multipart)
            # Whole before any is handed on: where this breaks, all comes from the journal.
            kept = [*load_lasting(connection), *load_uplinks(connection, wanted.uplinks_since)]
            waiting = [one for one in load_watched(connection) if wanted.waits(one)]
            for event in kept:
                wanted.take(event)
            watched |= {one.message_id: one for one in waiting}
            _accepted(connection, journal, progress, wanted)
    except (sqlite3.DatabaseError, msgspec.MsgspecError):
        # The archive is rebuilt by the archiver; the journal has everything.
        return Progress(), OpenMessages(multipart)
    return progress, found


def _carried(journal: SqliteJournalReader, wanted: Wanted) -> Progress:
    """Hand on what removed months said and must stay known, and begin behind them."""
    found = journal.carried_over(0)
    if found is None:
        return Progress()
    for one in found.lasting:
        for event in decode_batch(one.content):
            wanted.take(event)
    return Progress(
        found.upto,
        highest_id=found.message_id,
        highest_session_id=found.session_id,
        highest_short_id=found.short_id,
    )


def _accepted(
    connection: sqlite3.Connection, journal: SqliteJournalReader, progress: Progress, wanted: Wanted
) -> None:
    """Hand on the accepted messages that the archive has; there may be too many to hold at once.

    Where the archive breaks half-way, the journal has the rest.
    """
    given = (0, 0)
    try:
        for message in load_accepted(connection, wanted.accepted_since):
            given = (milliseconds(message.at), message.message_id)
            wanted.accepted(message)
    except sqlite3.DatabaseError:
        for sequence, _, events in journal.read(0):
            if sequence > progress.sequence:
                break
            for event in events:
                left = isinstance(event, Submission)
                if left and (milliseconds(event.at), subject_of(event)) > given:
                    wanted.take(event)
