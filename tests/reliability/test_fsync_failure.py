"""Fail one fsync: nothing is acknowledged from then on, and the gateway ends (I16)."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from .checker import check
from .driver import LoadClient
from .victim import Victim, settings, until

ENDED_WITHIN_S = 2.0
FAILING = (1, 3, 5, 8, 12, 17, 23, 40, 77, 150)


@pytest.mark.slow
@pytest.mark.parametrize("failing", FAILING)
def test_after_a_failed_fsync_nothing_is_acknowledged_and_the_gateway_ends(
    shim: Path, tmp_path: Path, victims: Callable[..., Victim], failing: int
) -> None:
    ledger = tmp_path / "ledger"
    broken = {"LD_PRELOAD": str(shim), "FAIL_SYNC_AT": str(failing)}
    victim = victims(settings(), environ=broken)
    with LoadClient(victim.port, ledger, "--rate", "1000", "--plain") as load:
        victim.spawn()
        assert victim.wait(20) == 4
        assert time.time_ns() / 1e9 - failed_at(victim) <= ENDED_WITHIN_S
        acknowledged = load.status()["acks"]
        victim.environ = {}
        victim.start()
        until(lambda: load.status()["acks"] > acknowledged, 10, "acknowledgements after it")
        load.quiesce(quiet_s=0.3)
    assert victim.terminate() == 0
    assert check(ledger, victim.data).wrong() == {}


def failed_at(victim: Victim) -> float:
    """Give the time at which the gateway said that its journal failed, or refused to start."""
    line = r'"at": "([^"]+)"[^\n]*"event": "(gateway.failed|start.refused)"'
    found = re.search(line, victim.errors)
    assert found is not None, victim.errors
    # Whoever had said that it was ready did not refuse to start.
    assert not {"gateway.ready", "start.refused"} <= set(
        re.findall(r"[a-z]+\.[a-z]+", victim.errors)
    )
    return datetime.fromisoformat(found[1]).timestamp()
