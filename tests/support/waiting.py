"""Wait for a condition of another process or thread, without guessing how long it takes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")

PERIOD_S = 0.02


def wait_until(look: Callable[[], Found], what: str, *, within_s: float = 30.0) -> Found:
    """Give the first true value of `look()`; fail the test after `within_s` seconds."""
    deadline = time.monotonic() + within_s
    pause = threading.Event()
    while not (found := look()):
        assert time.monotonic() < deadline, f"not within {within_s:.0f} s: {what}"
        pause.wait(PERIOD_S)
    return found
