"""Have thousands of requests outstanding, far beyond the window: each is answered once (R11)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from .account import account
from .checker import Findings, check
from .driver import LoadClient
from .ledger import read_ledger
from .seldom import torture_only
from .victim import Victim, settings, until

WINDOW = 100
FLOOD = ("--sessions", "1", "--plain", "--rate", "1000000")
RTHROTTLED = 0x58


@pytest.fixture
def count(many: Callable[[int, int], int]) -> int:
    return many(4_000, 10_000)


def flood(victim: Victim, ledger: Path, count: int) -> tuple[dict[str, float], Findings]:
    """Send everything at once; give the client's figures and the check once all has settled."""
    victim.start()
    outstanding = ("--window", str(count + 1), "--count", str(count))
    with LoadClient(victim.port, ledger, *FLOOD, *outstanding) as load:
        until(lambda: load.status()["intents"] == count, 15, "everything sent")
        load.quiesce(quiet_s=0.3)
        status = load.status()
    assert victim.terminate() == 0
    return status, check(ledger, victim.data)


def victim_with(victims: Callable[..., Victim], overflow: str) -> Victim:
    return victims(settings() + account(window=str(WINDOW), window_overflow=f'"{overflow}"'))


@pytest.mark.slow
def test_what_is_beyond_the_window_is_refused_once(
    tmp_path: Path, victims: Callable[..., Victim], count: int
) -> None:
    figures, findings = flood(victim_with(victims, "throttle"), tmp_path / "ledger", count)
    assert findings.wrong() == {}
    assert figures["acks"] + figures["naks"] == count
    assert figures["acks"] >= WINDOW
    assert set(read_ledger(tmp_path / "ledger").refused.values()) == {RTHROTTLED}


@torture_only
@pytest.mark.slow
def test_what_is_beyond_the_window_waits_where_reading_stops(
    tmp_path: Path, victims: Callable[..., Victim], count: int
) -> None:
    figures, findings = flood(victim_with(victims, "stop_reading"), tmp_path / "ledger", count)
    assert findings.wrong() == {}
    assert (figures["acks"], figures["naks"], figures["lost"]) == (count, 0, 0)


@torture_only
@pytest.mark.slow
def test_what_was_read_is_answered_before_the_session_is_closed(
    tmp_path: Path, victims: Callable[..., Victim], count: int
) -> None:
    figures, findings = flood(victim_with(victims, "close"), tmp_path / "ledger", count)
    assert findings.wrong() == {}
    assert figures["lost"] == 1
    assert WINDOW <= figures["acks"] < count
    assert findings.stored == findings.acknowledged, "what had no answer is not stored"
