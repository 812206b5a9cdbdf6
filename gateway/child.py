"""Say how to start another process of this package."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
"""The folder that holds the package, wherever it was installed or checked out."""


def python_command(module: str, *arguments: str) -> list[str]:
    """Give the command line that runs `module` of this package with this interpreter.

    `-P` keeps the working directory off the module path: what lies there is not ours.
    """
    return [sys.executable, "-P", "-m", module, *arguments]


def python_environment() -> dict[str, str]:
    """Give the environment in which `python_command` finds this package, and no other first."""
    rest = os.environ.get("PYTHONPATH")
    path = str(_ROOT) if not rest else f"{_ROOT}{os.pathsep}{rest}"
    return {**os.environ, "PYTHONPATH": path}
