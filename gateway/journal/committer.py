"""Commit batches to the journal in a process of its own: one INSERT, one fsync, one answer.

Run as `python -m gateway.journal.committer` by `gateway.journal.sqlite`, never by hand. It is a
process because of the interpreter lock: a thread that returns from fsync has to wait for it, and
a loop that makes short system calls gives it back and takes it again so fast that the thread
starves (docs/journal.md has the measurement).

Rules:

1. A batch is stored (`STORED`), or not stored and never will be (`FULL`: SQLite ran out of space
   and undid it), or unknown (`FAILED`). After `FAILED` the process ends: an fsync that failed
   can't be repeated, the kernel may have dropped the pages (reliability: PostgreSQL's lesson).
2. Checkpoints happen after the answer, every megabyte and when it is quiet. SQLite's own would
   happen before it, and the WAL would grow without bound if they only ever ran beside commits.
3. The WAL is given its size at the start. A commit then overwrites blocks that exist, which takes
   one write of the disk; a growing file takes two, one of them for its length.

Standard library only, so that it starts in milliseconds and stays small.
"""

from __future__ import annotations

import argparse
import mmap
import os
import select
import sqlite3
import sys
from pathlib import Path
from time import perf_counter

from gateway.child import die_with_parent, ignore_stop_signals
from gateway.disk import free_inodes, free_octets
from gateway.failpoints import is_armed, reach

from .anchors import Anchor, write_anchor
from .files import (
    FORMAT,
    INSERT_BATCH,
    INSERT_SEGMENT,
    SCHEMA,
    START,
    Position,
    chain,
    file_of,
    journal_files,
    last_position,
    month_ends,
    month_in,
    month_of,
)
from .protocol import (
    CLOSE,
    CLOSED,
    COMMAND,
    FAILED,
    FULL,
    READY,
    REPLY,
    SLOT_OCTETS,
    SPACE,
    STORED,
    TEXT_OCTETS,
)

CHECKPOINT_OCTETS = 1 << 20
WAL_OCTETS = 4 << 20
QUIET_S = 0.05
QUIET_OCTETS = 1 << 16
TICK_S = 0.25
"""How often a shortage of space is looked at again."""

LOW_OCTETS = 4 << 20
"""Below this much free space new messages are refused; the rest is for what must be recorded."""
ENOUGH_OCTETS = 6 << 20
LOW_INODES = 8

_SYNCHRONOUS = {
    "full": ("PRAGMA synchronous = FULL", 2),
    "normal": ("PRAGMA synchronous = NORMAL", 1),
}
"""Setting → its statement and what SQLite then reports."""


class JournalError(Exception):
    """Say why the journal's files can't be trusted or used."""


class NoSpaceError(Exception):
    """Say that a batch was not stored, and never will be, for want of space."""


class Segment:
    """Write one open file of the journal."""

    def __init__(self, data_dir: Path, month: str, after: Position, synchronous: str) -> None:
        self.month = month
        path = file_of(data_dir, month)
        self._connection = sqlite3.connect(path, isolation_level=None, timeout=5)
        self._configure(path, synchronous)
        self._create(path, after)
        if is_armed("commit.before"):
            self._pass_before_commit()
        self._reserve(data_dir)
        _sync_directory(data_dir)
        self._uncheckpointed = 0

    def insert(self, sequence: int, at: float, digest: bytes, events: memoryview) -> None:
        """Make one batch durable. Raises sqlite3.Error."""
        reach("insert.before")
        self._connection.execute(INSERT_BATCH, (sequence, at, digest, events))
        reach("commit.after")
        self._uncheckpointed += len(events) + 4096

    def checkpoint(self, over: int = 0) -> None:
        """Move the WAL into the file when more than `over` octets wait there.

        Raises sqlite3.Error, other than for want of space: then the WAL keeps what it has.
        """
        if self._uncheckpointed <= over:
            return
        reach("checkpoint.before")
        try:
            row = self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        except sqlite3.OperationalError as error:
            if not is_full(error):
                raise
            return
        reach("checkpoint.after")
        _, frames, moved = row
        if frames == moved:
            self._uncheckpointed = 0

    def close(self) -> None:
        """Move everything into the file and close it. Raises sqlite3.Error."""
        self.checkpoint()
        self._connection.close()

    def _configure(self, path: Path, synchronous: str) -> None:
        execute = self._connection.execute
        mode = execute("PRAGMA journal_mode = WAL").fetchone()[0]
        statement, wanted = _SYNCHRONOUS[synchronous]
        execute(statement)
        seen = execute("PRAGMA synchronous").fetchone()[0]
        if mode != "wal" or seen != wanted:
            raise JournalError(
                f"{path}: journal_mode {mode} and synchronous {seen} seen, wal and {wanted} wanted"
            )
        execute("PRAGMA wal_autocheckpoint = 0")
        execute("PRAGMA trusted_schema = OFF")

    def _create(self, path: Path, after: Position) -> None:
        reach("segment.before")
        self._connection.executescript(SCHEMA)
        row = (FORMAT, self.month, after.sequence, after.hash)
        self._connection.execute(INSERT_SEGMENT, row)
        reach("segment.commit")
        self._connection.execute("COMMIT")
        reach("segment.after")
        seen = self._connection.execute("SELECT format FROM segment").fetchone()[0]
        if seen != FORMAT:
            raise JournalError(f"{path}: format {seen} seen, {FORMAT} is known to this version")
        if last_position(self._connection) != after:
            raise JournalError(f"{path}: does not continue the file before it")
        self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()

    def _pass_before_commit(self) -> None:
        """Pass commit.before within the INSERT: SQLite commits by itself when the trigger is done,
        so what is tested is the statement of every day."""
        self._connection.create_function("reach", 1, reach)
        self._connection.execute(
            "CREATE TEMP TRIGGER inserted AFTER INSERT ON batch "
            "BEGIN SELECT reach('commit.before'); END"
        )

    def _reserve(self, data_dir: Path) -> None:
        """Give the WAL its size: spill a transaction into it, then take that back."""
        wanted = min(WAL_OCTETS, free_octets(data_dir) // 8)
        execute = self._connection.execute
        execute("PRAGMA cache_size = 64")
        try:
            execute("BEGIN IMMEDIATE")
            execute("CREATE TABLE reserve (content BLOB)")
            execute("INSERT INTO reserve VALUES (zeroblob(?))", (wanted,))
        except sqlite3.OperationalError as error:
            if not is_full(error):
                raise
        if self._connection.in_transaction:
            execute("ROLLBACK")
        execute("PRAGMA cache_size = -2000")


class Chain:
    """Extend the journal's hash chain across its monthly files."""

    def __init__(self, data_dir: Path, synchronous: str) -> None:
        self._data_dir = data_dir
        self._synchronous = synchronous
        self._segment: Segment | None = None
        self._month_ends = 0.0
        self._day = 0
        self._anchored = 0
        self.position = _end_of(data_dir)

    def commit(self, at: float, events: memoryview) -> None:
        """Make one batch durable and move the position behind it.

        Raises NoSpaceError when it was undone whole, otherwise sqlite3.Error or OSError; the
        position then stays where it was.
        """
        sequence = self.position.sequence + 1
        segment = self._segment
        if segment is None or at >= self._month_ends:
            segment = self._begin(at)
        digest = chain(self.position.hash, sequence, at, events)
        try:
            segment.insert(sequence, at, digest, events)
        except sqlite3.OperationalError as error:
            raise NoSpaceError(str(error)) if is_full(error) else error from error
        self.position = Position(sequence, digest)

    def settle(self, at: float, over: int) -> None:
        """Do what can wait until after the answer: checkpoint, and anchor the day's first batch."""
        if self._segment is not None:
            self._segment.checkpoint(over)
        day = int((at + 8 * 3600) // 86_400)
        if day > self._day and self.position.sequence:
            self._day = day
            self._anchor(at)

    def close(self, at: float) -> None:
        """Close the file cleanly and anchor the chain's end."""
        if self._segment is not None:
            self._segment.close()
            self._segment = None
        self._anchor(at)

    def open_at(self, at: float) -> None:
        """Open the file of the month that holds `at`, so that the first commit is no slower."""
        self._open(at)

    def _begin(self, at: float) -> Segment:
        """Open the file of a new month. Nothing of the batch is written yet, so any failure
        while the disk is short of space or inodes is for want of them."""
        try:
            return self._open(at)
        except (sqlite3.OperationalError, OSError) as error:
            if short_of_space(self._data_dir, True):
                raise NoSpaceError(str(error)) from error
            raise

    def _open(self, at: float) -> Segment:
        """Begin the month of `at`, or stay with a later one: a clock set back opens no file."""
        files = journal_files(self._data_dir)
        newest = month_in(files[-1]) if files else ""
        month = max(month_of(at), newest)
        previous, self._segment = self._segment, None
        if previous is not None:
            previous.close()
        self._segment = Segment(self._data_dir, month, self.position, self._synchronous)
        self._month_ends = month_ends(month)
        return self._segment

    def _anchor(self, at: float) -> None:
        if self.position.sequence == self._anchored:
            return
        try:
            reach("anchor.before")
            write_anchor(self._data_dir, Anchor(at, self.position))
            reach("anchor.after")
            self._anchored = self.position.sequence
        except OSError:
            # An anchor is a second witness. The chain stands without it, and the disk that
            # refused it is told of by the next commit.
            self._day = 0


class Server:
    """Answer the writer's commands until it goes away."""

    def __init__(self, journal: Chain, data_dir: Path, pipes: tuple[int, int]) -> None:
        self._journal = journal
        self._data_dir = data_dir
        self._commands, self._replies = pipes
        self._refused = False
        self._short = False

    def run(self, blob: mmap.mmap, at: float) -> None:
        """Open the current file, say READY and serve. Returns when the writer has closed."""
        self._journal.open_at(at)
        self._watch_space()
        self._say(READY)
        view = memoryview(blob)
        quiet = True
        while True:
            waiting = TICK_S if self._short else (None if quiet else QUIET_S)
            if not select.select([self._commands], [], [], waiting)[0]:
                quiet = True
                self._idle(at)
                continue
            command = os.read(self._commands, COMMAND.size)
            if not command:
                return
            kind, at, length = COMMAND.unpack(command)
            if kind == CLOSE:
                self._journal.close(at)
                self._say(CLOSED)
                return
            quiet = False
            self._commit(at, view[:length])

    def _commit(self, at: float, events: memoryview) -> None:
        began = perf_counter()
        try:
            self._journal.commit(at, events)
        except NoSpaceError as error:
            self._refused = self._short = True
            self._say(FULL, perf_counter() - began, str(error))
            return
        seconds = perf_counter() - began
        self._refused = False
        self._watch_space()
        self._say(STORED, seconds)
        self._journal.settle(at, CHECKPOINT_OCTETS)

    def _idle(self, at: float) -> None:
        """Use a quiet moment: checkpoint, and see whether space has come or gone.

        After a refusal that free space doesn't explain (a quota, say) the next batch may try.
        """
        self._journal.settle(at, QUIET_OCTETS)
        before = self._short
        self._refused = False
        self._watch_space()
        if self._short != before:
            self._say(SPACE)

    def _watch_space(self) -> None:
        self._short = self._refused or short_of_space(self._data_dir, self._short)

    def _say(self, kind: bytes, seconds: float = 0.0, text: str = "") -> None:
        say(self._replies, self._journal.position, kind, self._short, seconds, text)


def say(
    replies: int, position: Position, kind: bytes, short: bool, seconds: float, text: str
) -> None:
    """Send one reply."""
    words = text.encode()[:TEXT_OCTETS]
    head = (kind, short, seconds, position.sequence, position.hash, len(words))
    os.write(replies, REPLY.pack(*head) + words)


def short_of_space(data_dir: Path, already: bool) -> bool:
    """Say whether space or inodes run out; once short, it takes more to be enough again."""
    inodes = free_inodes(data_dir)
    if inodes is not None and inodes < LOW_INODES:
        return True
    return free_octets(data_dir) < (ENOUGH_OCTETS if already else LOW_OCTETS)


def is_full(error: sqlite3.OperationalError) -> bool:
    """Say whether SQLite found no space and undid the statement whole."""
    return error.sqlite_errorcode == sqlite3.SQLITE_FULL


def _end_of(data_dir: Path) -> Position:
    """Find the end of the chain: the newest file whose layout is complete."""
    for path in reversed(journal_files(data_dir)):
        connection = sqlite3.connect(path, isolation_level=None, timeout=5)
        try:
            position = last_position(connection)
        except sqlite3.OperationalError as error:
            if "no such table" not in str(error):
                raise JournalError(f"{path}: {error}") from error
            position = None
        except sqlite3.DatabaseError as error:
            raise JournalError(f"{path}: {error}") from error
        finally:
            connection.close()
        if position is not None:
            return position
    return START


def _sync_directory(path: Path) -> None:
    """Make the names of new files durable; SQLite does so for its own journals alone."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def main() -> int:
    """Run the committer with the descriptors named on the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("--commands", type=int, required=True)
    parser.add_argument("--replies", type=int, required=True)
    parser.add_argument("--blob", type=int, required=True)
    parser.add_argument("--at", type=float, required=True)
    parser.add_argument("--synchronous", choices=sorted(_SYNCHRONOUS), required=True)
    options = parser.parse_args()
    ignore_stop_signals()
    die_with_parent()
    os.umask(0o077)
    blob = mmap.mmap(options.blob, SLOT_OCTETS, prot=mmap.PROT_READ)
    journal = None
    try:
        journal = Chain(options.data_dir, options.synchronous)
        pipes = (options.commands, options.replies)
        Server(journal, options.data_dir, pipes).run(blob, options.at)
    except (sqlite3.Error, OSError, JournalError) as error:
        position = START if journal is None else journal.position
        text = f"{type(error).__name__}: {error}"
        say(options.replies, position, FAILED, False, 0.0, text)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
