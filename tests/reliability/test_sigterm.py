"""Stop in order under load: SIGTERM drains (I21)."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from .checker import check
from .driver import LoadClient
from .victim import Victim, settings

STOPPED_WITHIN_S = 5.0


@pytest.mark.slow
def test_sigterm_under_load_answers_what_was_read_and_exits_in_order(
    tmp_path: Path, victims: Callable[..., Victim], many: Callable[[int, int], int]
) -> None:
    ledger = tmp_path / "ledger"
    victim = victims(settings())
    victim.start()
    took: list[float] = []
    with LoadClient(victim.port, ledger, "--rate", "1000") as load:
        for _ in range(many(5, 50)):
            load.wait_for_acks(500)
            before = load.status()["unbinds"]
            began = time.monotonic()
            assert victim.terminate() == 0
            took.append(time.monotonic() - began)
            assert load.status()["unbinds"] - before == 8, "each session is asked to unbind"
            victim.start()
        load.wait_for_acks(1)
        load.quiesce()
    assert victim.terminate() == 0
    assert max(took) <= STOPPED_WITHIN_S
    assert "Traceback" not in victim.errors
    findings = check(ledger, victim.data)
    assert findings.wrong() == {}
    # Every request that was read has its answer: nothing is stored that wasn't acknowledged.
    assert findings.stored == findings.acknowledged


@pytest.mark.slow
def test_a_second_sigterm_ends_at_once_and_loses_nothing(
    tmp_path: Path, victims: Callable[..., Victim]
) -> None:
    ledger = tmp_path / "ledger"
    victim = victims(settings())
    victim.start()
    with LoadClient(victim.port, ledger, "--rate", "1000", "--plain") as load:
        load.wait_for_acks(200)
        victim.process.send_signal(signal.SIGTERM)
        victim.process.send_signal(signal.SIGTERM)
        assert victim.wait(2) == 0
        victim.start()
        load.wait_for_acks(1)
        load.quiesce(quiet_s=0.3)
    assert victim.terminate() == 0
    assert check(ledger, victim.data).wrong() == {}
