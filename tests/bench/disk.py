"""Measure what the disk gives: the bounds of every durable answer."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from threading import Event
from time import perf_counter

RECORD = b"x" * 512


def fdatasync_s(folder: Path, count: int, pause_s: float) -> list[float]:
    """Give the times of appending 512 octets and fdatasync, with a pause between."""
    path = folder / "fdatasync.bin"
    file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    try:
        return [_timed_append(file, pause_s) for _ in range(count)]
    finally:
        os.close(file)
        path.unlink()


def _timed_append(file: int, pause_s: float) -> float:
    _pause(pause_s)
    began = perf_counter()
    os.write(file, RECORD)
    os.fdatasync(file)
    return perf_counter() - began


def sqlite_commit_s(folder: Path, count: int, pause_s: float) -> list[float]:
    """Give the times of inserting and committing one row (WAL, synchronous=FULL)."""
    path = folder / "commit.sqlite"
    database = sqlite3.connect(path, isolation_level=None)
    try:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        database.execute("CREATE TABLE record (octets BLOB)")
        return [_timed_insert(database, pause_s) for _ in range(count)]
    finally:
        database.close()
        for each in folder.glob("commit.sqlite*"):
            each.unlink()


def _timed_insert(database: sqlite3.Connection, pause_s: float) -> float:
    _pause(pause_s)
    began = perf_counter()
    database.execute("INSERT INTO record VALUES (?)", (RECORD,))
    return perf_counter() - began


def _pause(seconds: float) -> None:
    """Leave the disk idle for a moment, as it is for the message that is compared."""
    Event().wait(seconds)
