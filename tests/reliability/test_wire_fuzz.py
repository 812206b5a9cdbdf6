"""Send a gateway spoilt PDUs without end: nobody else notices, and nothing of it stays (R2)."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from .canary import Canary, p99
from .driver import Orders
from .victim import Victim, until

P99_S = 0.5
"""50 ms on a machine of its own; here two processes of the test compete with the gateway."""
SLOWER = 10.0
"""Where even the canary alone waits long, other work on the machine is what it waits for."""
GROWN_OCTETS = 24 * 1024 * 1024
"""Messages that the spoilt PDUs happened to be, and their receipts, wait for a session."""
SETTINGS = """
contract = "none"
[network]
profile = "perfect"
[smpp.timers]
pdu_read_s = 2
[smpp.limits]
failed_binds = 0
[data.spool]
max_per_account = 2000
[[account]]
system_id = "police"
password = "secret08"
[[account]]
system_id = "fuzz"
password = "secret08"
"""


def fuzz(victim: Victim, pdus: int, seed: str) -> dict[str, float]:
    """Send so many PDUs and give what became of the connections."""
    options = ("--port", str(victim.port), "--pdus", str(pdus), "--seed", seed)
    with Orders("fuzzer", *options) as fuzzer:
        until(lambda: not fuzzer.status()["left"], 60 + pdus / 500, "the end of the PDUs")
        return fuzzer.status()


def told(victim: Victim) -> list[str]:
    """Give the lines of the log above the level of information."""
    return [line for line in victim.errors.splitlines() if '"level": "info"' not in line]


@pytest.mark.slow
def test_spoilt_pdus_disturb_nobody_and_leave_nothing(
    victims: Callable[..., Victim], many: Callable[[int, int], int]
) -> None:
    victim = victims(SETTINGS)
    victim.start()
    pdus, seed = many(20_000, 1_000_000), os.environ.get("SMSGW_FUZZ_SEED", "1")
    with Canary(victim.port, rate=50.0) as canary:
        alone = p99(canary.measure(1.0).answers_s)
    with Canary(victim.port, rate=50.0) as canary:
        files = victim.open_files()
        fuzz(victim, pdus // 4, f"{seed}/warm")
        until(lambda: victim.open_files() <= files, 20, "the first connections' end")
        memory = victim.memory_octets()
        found = fuzz(victim, pdus, seed)
        until(lambda: victim.open_files() <= files, 20, "the connections' end")
        grown = victim.memory_octets() - memory
        measured = canary.measure(0.2)
    # Connections that were never answered or never ended by the gateway would prove nothing.
    assert found["octets"] > pdus
    assert found["ended"] > 0
    assert found["stalled"] == 0
    assert set(measured.statuses) == {0}
    assert p99(measured.answers_s) <= max(P99_S, SLOWER * alone)
    assert grown <= GROWN_OCTETS
    assert victim.terminate() == 0
    assert told(victim) == []
