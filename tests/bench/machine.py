"""Describe the machine and the programs, so that figures can be compared later."""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
from pathlib import Path


def describe_machine(folder: Path) -> dict[str, str | int | float]:
    """Give what a reader needs to judge the figures; `folder` is where the data lies."""
    return {
        "processor": _field(Path("/proc/cpuinfo"), "model name") or platform.processor(),
        "cores": os.cpu_count() or 0,
        "memory_mb": round(int((_field(Path("/proc/meminfo"), "MemTotal") or "0").split()[0]) / 1e3)
        if Path("/proc/meminfo").exists()
        else 0,
        "system": platform.platform(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "node": _output("node", "--version"),
        "file_system": _output("stat", "-f", "-c", "%T", str(folder)),
        "load_at_start": os.getloadavg()[0],
    }


def memory_mb(pid: int) -> tuple[float, float]:
    """Give a process's own resident memory, and that of it and its children, in megabytes.

    The second counts what processes share once (PSS). Linux only.
    """
    own = int((_field(Path(f"/proc/{pid}/status"), "VmRSS") or "0 kB").split()[0]) / 1e3
    shared_once = sum(
        int((_field(Path(f"/proc/{each}/smaps_rollup"), "Pss") or "0 kB").split()[0]) / 1e3
        for each in [pid, *_descendants(pid)]
    )
    return own, shared_once


def _descendants(pid: int) -> list[int]:
    found: list[int] = []
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, children.read_text().split()):
            found += [child, *_descendants(child)]
    return found


def _field(path: Path, name: str) -> str:
    try:
        lines = path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return ""
    values = (line.partition(":")[2].strip() for line in lines if line.startswith(name))
    return next(values, "")


def _output(*command: str) -> str:
    try:
        return subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=30
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""
