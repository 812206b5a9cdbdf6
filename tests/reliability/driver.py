"""Drive clients, which are processes of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from .victim import ROOT, until

QUIET_S = 3.5
"""No receipt for so long after the last: parts that wait in vain are given up after two seconds."""


class Orders:
    """Run a client that obeys lines on standard input and answers each with a line of JSON.

    `module` is its name in this folder. It runs from `with` to its end.
    """

    def __init__(self, module: str, *options: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"tests.reliability.{module}", *options],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def status(self, order: str = "status") -> dict[str, float]:
        """Give an order, and the figures of the moment it is answered with."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{order}\n")
        line = self._process.stdout.readline()
        assert line, f"the client ended: {self._process.wait()}"
        found: dict[str, float] = json.loads(line)
        return found


class LoadClient:
    """Run one client with a ledger from `with` to its end."""

    def __init__(self, port: int, ledger: Path, *options: str) -> None:
        self.ledger = ledger
        self._orders = Orders("client", "--port", str(port), "--ledger", str(ledger), *options)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._orders.__exit__(kind, error, trace)

    def status(self, order: str = "status") -> dict[str, float]:
        """Ask for the figures of the moment."""
        return self._orders.status(order)

    def stop_submitting(self) -> None:
        """Submit nothing more."""
        self.status("stop")

    def wait_for_acks(self, more: int, within_s: float = 15.0) -> None:
        """Wait until so many more messages were acknowledged."""
        target = self.status()["acks"] + more
        until(lambda: self.status()["acks"] >= target, within_s, f"{more} more acknowledgements")

    def quiesce(self, within_s: float = 60.0, quiet_s: float = QUIET_S) -> None:
        """Stop submitting; wait for every receipt owed, and for those nobody can count."""
        self.stop_submitting()

        def settled() -> bool:
            now = self.status()
            return not now["owed"] and not now["unanswered"] and now["quiet_s"] > quiet_s

        try:
            until(settled, within_s)
        except AssertionError:
            raise AssertionError(f"not settled in {within_s:g} s: {self.status()}") from None
