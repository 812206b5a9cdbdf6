"""Keep a data directory to one gateway at a time."""

from __future__ import annotations

import fcntl
import os
import threading
from pathlib import Path
from types import TracebackType

_WAIT_S = 1.0
"""A gateway that was killed leaves its committer, which ends within milliseconds."""

_STEP_S = 0.01


class DataDirLockedError(Exception):
    """Say which process holds the data directory."""

    def __init__(self, data_dir: Path, pid: str) -> None:
        super().__init__(
            f"{data_dir}: in use by the gateway with pid {pid or 'unknown'}; "
            "stop it, or choose another directory with --data"
        )
        self.pid = pid


class DataLock:
    """Hold a data directory until closed or until this process and its children have ended.

    The lock belongs to the open file, so a child that inherits `descriptor` keeps it: a second
    gateway can't begin while the first one's committer still writes.
    """

    def __init__(self, data_dir: Path, descriptor: int) -> None:
        self.data_dir = data_dir
        self.descriptor = descriptor

    @classmethod
    def acquire(cls, data_dir: Path) -> DataLock:
        """Create the directory (mode 0700) when it is missing, and lock it.

        Raises DataDirLockedError when another gateway holds it, OSError when it can't be
        created or written.
        """
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(data_dir / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if not _locked_within(descriptor, _WAIT_S):
            pid = os.read(descriptor, 20).decode("ascii", "replace").strip()
            os.close(descriptor)
            raise DataDirLockedError(data_dir, pid)
        try:
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        except OSError:
            # A full disk can't hold even the pid; the lock itself needs no space.
            os.ftruncate(descriptor, 0)
        return cls(data_dir, descriptor)

    def close(self) -> None:
        """Give the directory up."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    def __enter__(self) -> DataLock:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _locked_within(descriptor: int, seconds: float) -> bool:
    pause = threading.Event()
    for _ in range(round(seconds / _STEP_S)):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pause.wait(_STEP_S)
        else:
            return True
    return False
