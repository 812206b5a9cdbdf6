"""Say how much space is left where the data lies. Standard library only."""

from __future__ import annotations

import os
from pathlib import Path


def free_octets(directory: Path) -> int:
    """Say how many octets an ordinary user may still write."""
    disk = os.statvfs(directory)
    return disk.f_bavail * disk.f_frsize


def free_inodes(directory: Path) -> int | None:
    """Say how many files an ordinary user may still create; None where nothing limits it."""
    disk = os.statvfs(directory)
    return disk.f_favail if disk.f_files else None
