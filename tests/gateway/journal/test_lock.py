from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from gateway.journal.lock import DataDirLockedError, DataLock


def test_a_missing_directory_is_created_for_the_owner_alone(tmp_path: Path) -> None:
    with DataLock.acquire(tmp_path / "a" / "b") as lock:
        assert stat.S_IMODE(lock.data_dir.stat().st_mode) == 0o700
        assert (lock.data_dir / "lock").read_text() == f"{os.getpid()}\n"


def test_a_second_holder_is_told_who_holds_it(tmp_path: Path) -> None:
    with (
        DataLock.acquire(tmp_path),
        pytest.raises(DataDirLockedError, match=f"with pid {os.getpid()}; stop it, or choose"),
    ):
        DataLock.acquire(tmp_path)


def test_a_closed_lock_can_be_taken_again(tmp_path: Path) -> None:
    lock = DataLock.acquire(tmp_path)
    lock.close()
    lock.close()
    DataLock.acquire(tmp_path).close()


def test_a_child_that_inherited_the_lock_keeps_it(tmp_path: Path) -> None:
    lock = DataLock.acquire(tmp_path)
    inherited = os.dup(lock.descriptor)
    lock.close()
    with pytest.raises(DataDirLockedError):
        DataLock.acquire(tmp_path)
    os.close(inherited)
    DataLock.acquire(tmp_path).close()
