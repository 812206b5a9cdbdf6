"""Kill a gateway under load again and again, start it again, and see whether anything is missing.

The tests of this folder call `torture` with few cycles; `make torture` with many. By hand:

    python -m tests.reliability.torture --kills 200
    python -m tests.reliability.torture --kills 100 --power-cut
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from .checker import Findings, check
from .driver import LoadClient
from .victim import PowerCut, Victim, pause, settings

SHIM = Path(__file__).with_name("power_cut.c")
DURING_RECOVERY_EVERY = 10
SHORTEST_S = 0.2


@dataclass(frozen=True, slots=True)
class Plan:
    """Say how to torture: `longest_s` is the longest time under load before a kill."""

    kills: int
    longest_s: float = 2.0
    rate: int = 2000
    durability: str = "full"
    shim: Path | None = None
    """Compiled power_cut.c: cut the power instead of killing the process."""
    seed: int = 1
    settled: bool = True
    """Wait for every receipt before the check. What has lost messages never settles."""


@dataclass(frozen=True, slots=True)
class Report:
    """Hold the outcome; `recovery_s` has the time of every start that was let finish."""

    findings: Findings
    kills: int
    during_recovery: int
    recovery_s: list[float]
    seconds: float

    def __str__(self) -> str:
        times = sorted(self.recovery_s)
        return (
            f"{self.kills} kills ({self.during_recovery} during recovery) in {self.seconds:.0f} s: "
            f"{self.findings.summary()}; recovery median {times[len(times) // 2]:.2f} s, "
            f"longest {times[-1]:.2f} s"
        )


def build_shim(folder: Path) -> Path | None:
    """Compile power_cut.c; None without a C compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    library = folder / "power_cut.so"
    options = ["-O2", "-shared", "-fPIC", "-o", str(library), str(SHIM), "-ldl"]
    subprocess.run([compiler, *options], check=True)
    return library


def torture(plan: Plan, folder: Path, tell: Callable[[str], None] = lambda _line: None) -> Report:
    """Kill as often as planned, let everything settle, stop in order, check."""
    began = time.monotonic()
    dice = random.Random(plan.seed)
    victim = Victim(folder, settings(durability=plan.durability))
    power = PowerCut(victim, plan.shim) if plan.shim is not None else None
    end = victim.kill if power is None else power.cut
    ledger = folder / "ledger"
    during_recovery = 0
    try:
        victim.start()
        with LoadClient(victim.port, ledger, "--rate", str(plan.rate)) as load:
            for number in range(1, plan.kills + 1):
                load.wait_for_acks(1)
                pause(dice.uniform(SHORTEST_S, plan.longest_s))
                end()
                if number % DURING_RECOVERY_EVERY == 0:
                    during_recovery += 1
                    victim.spawn()
                    pause(dice.uniform(0.05, victim.recovery_s[-1]))
                    end()
                victim.start()
                tell(f"kill {number}: ready again after {victim.recovery_s[-1]:.2f} s")
            load.wait_for_acks(1)
            if plan.settled:
                load.quiesce()
        code = victim.terminate()
        assert code == 0, f"exit code {code} after SIGTERM:\n{victim.errors[-2000:]}"
    finally:
        victim.close()
    return Report(
        check(ledger, victim.data, settled=plan.settled),
        plan.kills + during_recovery,
        during_recovery,
        victim.recovery_s,
        time.monotonic() - began,
    )


def main() -> int:
    """Torture as the command line asks; 1 when anything is wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--longest", type=float, default=3.0, help="seconds under load, at most")
    parser.add_argument("--rate", type=int, default=2000, help="messages per second")
    parser.add_argument("--durability", choices=("full", "normal", "none"), default="full")
    parser.add_argument("--power-cut", action="store_true", help="forget what was not fsynced")
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shim = build_shim(folder) if options.power_cut else None
        if options.power_cut and shim is None:
            parser.error("--power-cut needs a C compiler: apt-get install gcc libc6-dev")
        plan = Plan(
            options.kills,
            options.longest,
            options.rate,
            options.durability,
            shim,
            options.seed,
        )
        sys.stderr.write(f"seed {plan.seed}\n")
        report = torture(plan, folder, lambda line: _say(sys.stderr, line))
    _say(sys.stdout, str(report))
    wrong = report.findings.wrong()
    for name, what in wrong.items():
        _say(sys.stdout, f"{name}: {what}")
    return 1 if wrong else 0


def _say(stream: TextIO, line: str) -> None:
    stream.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
