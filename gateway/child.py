"""Say how to start another process of this package, and how such a process ends with its parent.

Standard library only: the processes that are started this way stay small.
"""

from __future__ import annotations

import ctypes
import os
import signal
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


def die_with_parent() -> None:
    """Ask Linux to kill this process when the thread that started it ends.

    So nothing outlives a SIGKILL of the gateway. Elsewhere the end of its pipe tells the process.
    """
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


def ignore_stop_signals() -> None:
    """Leave stopping to the parent: Ctrl-C, a service's stop and SIGHUP reach the whole group."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
