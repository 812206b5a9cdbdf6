"""Let one session send as fast as it can, and see that no other feels it (R8)."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from .canary import Canary, p99
from .driver import Orders
from .metrics import lag_of
from .victim import Victim, until

P99_S = 0.5
"""50 ms on a machine of its own; here the storm, the gateway, its two children and the canary
share two processors with whatever else runs. What bounds it is counted, not timed, in
tests/gateway/server/test_connection.py."""
SLOW_S = 0.25
SHARE_IN_TIME = 0.99
GROWTH_OCTETS = 16 << 20
STALL_S = 1.0
SETTINGS = """
contract = "none"
[smpp.timers]
write_stall_s = {stall_s}
[[account]]
system_id = "police"
password = "secret08"
[[account]]
system_id = "storm"
password = "secret08"
"""


def options_of(victim: Victim) -> tuple[str, ...]:
    return ("--port", str(victim.port), "--system-id", "storm")


@pytest.mark.slow
def test_a_storm_is_answered_whole_and_delays_nobody(
    victims: Callable[..., Victim], many: Callable[[int, int], int]
) -> None:
    victim = victims(SETTINGS.format(stall_s=30))
    victim.start()
    with Orders("storm", *options_of(victim)) as storm:
        before = lag_of(victim)
        storm.status("storm")
        with Canary(victim.port) as canary:
            met = canary.measure(many(2, 60))
        lag = lag_of(victim) - before
        end = storm.status("stop")
    assert end["sent"] > 50_000, "that was no storm"
    assert (end["answered"], end["wrong"], end["ended"]) == (end["sent"], 0, False)
    assert met.accepted == met.sent
    assert p99(met.answers_s) <= P99_S
    assert lag.share_within(SLOW_S) >= SHARE_IN_TIME
    assert victim.terminate() == 0


@pytest.mark.slow
def test_a_storm_that_reads_nothing_costs_little_memory_and_is_cut(
    victims: Callable[..., Victim],
) -> None:
    victim = victims(SETTINGS.format(stall_s=STALL_S))
    victim.start()
    with Canary(victim.port) as canary:
        canary.measure(0.5)
    octets = victim.memory_octets()
    largest = 0

    def cut() -> bool:
        nonlocal largest
        largest = max(largest, victim.memory_octets())
        series = {"account": "storm", "reason": "write_stall"}
        return victim.metric("smsgw_smpp_sessions_closed_total", **series) == 1

    with Orders("storm", "--deaf", *options_of(victim)) as storm:
        began = time.monotonic()
        storm.status("storm")
        with Canary(victim.port) as canary:
            until(cut, 3 * STALL_S + 5, "the session that does not read is cut")
            met = canary.measure(0.1)
        assert time.monotonic() - began >= STALL_S, "it had its time to read"
    assert largest - octets <= GROWTH_OCTETS
    assert p99(met.answers_s) <= P99_S
    assert met.accepted == met.sent
    assert victim.terminate() == 0
