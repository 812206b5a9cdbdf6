"""Remove whole months of the journal: their files, oldest first, and never the newest.

The chain goes on, since each file holds the position behind the one before it. A power cut in
between leaves a journal that begins a few months earlier than intended, and is whole.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from gateway.failpoints import reach

from .files import file_of, journal_files, month_ends, month_in, reading


@dataclass(slots=True, frozen=True)
class Ended:
    """Name months, oldest first, and the last batch that lies in them."""

    months: tuple[str, ...] = ()
    last_sequence: int = 0


class MonthFiles:
    """Be the months of a journal on disk, off the loop. The committer has the newest file open."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir

    async def ended(self, before: float) -> Ended:
        """Find the months that ended by `before`. Raises as `ended` does."""
        return await asyncio.to_thread(ended, self._data_dir, before)

    async def remove(self, months: tuple[str, ...]) -> None:
        """Remove months. Raises OSError."""
        await asyncio.to_thread(remove, self._data_dir, months)


def ended(data_dir: Path, before: float) -> Ended:
    """Find the months at the journal's beginning that ended by `before`.

    A month whose successor's file holds no position yet stays: it is the end of the chain.
    Raises sqlite3.Error when a file can't be read.
    """
    files = journal_files(data_dir)
    months: list[str] = []
    last = 0
    for path, following in pairwise(files):
        after = _begins_after(following)
        if month_ends(month_in(path)) > before or after is None:
            break
        months.append(month_in(path))
        last = after
    return Ended(tuple(months), last)


def remove(data_dir: Path, months: tuple[str, ...]) -> None:
    """Remove the files of months, in the order given; each is gone for good before the next.

    Raises OSError.
    """
    directory = os.open(data_dir, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for month in months:
            path = file_of(data_dir, month)
            reach("retention.before")
            # The WAL last: a file without it could lack its latest batches.
            for name in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
                name.unlink(missing_ok=True)
                reach("retention.unlinked")
            os.fsync(directory)
            reach("retention.after")
    finally:
        os.close(directory)


def _begins_after(path: Path) -> int | None:
    """Give the sequence that a file continues; None while its layout isn't complete."""
    try:
        with reading(path) as connection:
            row = connection.execute("SELECT after_sequence FROM segment").fetchone()
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):
            return None
        raise
    return None if row is None else int(row[0])
