"""List what is in the repository, for the checks of the project itself."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

from tests.support.programs import ROOT, require_program

PACKAGES = ("smpp", "config", "routing", "metrics", "gateway")


@cache
def tracked_files() -> tuple[Path, ...]:
    """Give every tracked file that exists, as a path relative to the repository's root."""
    git = require_program("git")
    listed = subprocess.run(
        [git, "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout
    paths = (Path(name) for name in listed.split("\0") if name)
    return tuple(sorted(path for path in paths if (ROOT / path).is_file()))


def python_files(*folders: str) -> tuple[Path, ...]:
    """Give the tracked Python files below `folders` (below all of them when none is named)."""
    return tuple(
        path
        for path in tracked_files()
        if path.suffix == ".py" and (not folders or path.parts[0] in folders)
    )


def read(path: Path) -> str:
    """Give the text of a tracked file."""
    return (ROOT / path).read_text("utf-8")
