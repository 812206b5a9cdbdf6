"""Hold many idle sessions, lose them all at once, and go on (R4)."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import pytest

from .canary import Canary, p99
from .driver import Orders
from .victim import Victim, pause, until

P99_S = 0.1
"""20 ms on a machine of its own; the CI's is shared with everything else that runs there."""
LONGEST_S = 3.0
"""What the canary may wait while thousands of connections break in the same instant: a quarter of
a second for ten thousand on a machine of its own."""
OCTETS_PER_SESSION = 30_000
FREED_WITHIN_S = 5.0
SETTINGS = """
contract = "none"
[smpp.timers]
enquire_link_s = {enquire_s}
[smpp.limits]
max_connections = 20000
[[account]]
system_id = "police"
password = "secret08"
[[account]]
system_id = "crowd"
password = "secret08"
max_binds = 20000
"""


def open_files(victim: Victim) -> int:
    return len(os.listdir(f"/proc/{victim.pid}/fd"))


def fewest_files(victim: Victim) -> int:
    """Count without the HTTP connections that are about to close."""
    fewest = open_files(victim)
    for _ in range(20):
        pause(0.01)
        fewest = min(fewest, open_files(victim))
    return fewest


def bound(victim: Victim) -> float:
    return victim.metric("smsgw_smpp_sessions", account="crowd", bind_type="trx")


def sessions(victim: Victim) -> int:
    return len(victim.get("/api/v1/sessions").json()["items"])


@pytest.mark.slow
def test_idle_sessions_cost_little_and_vanish_without_trace(
    victims: Callable[..., Victim], many: Callable[[int, int], int]
) -> None:
    count, enquire_s, hold_s = many(1_000, 10_000), many(1, 30), many(2, 120)
    victim = victims(SETTINGS.format(enquire_s=enquire_s))
    victim.start()
    with Canary(victim.port) as canary:
        canary.measure(0.5)
    until(lambda: sessions(victim) == 0, FREED_WITHIN_S, "the canary is forgotten")
    files, octets = fewest_files(victim), victim.memory_octets()
    options = ("--port", str(victim.port), "--sessions", str(count), "--system-id", "crowd")
    with Orders("crowd", *options, "--enquire-s", str(enquire_s)) as crowd:
        assert crowd.status("bind")["bound"] == count
        # What is looked for after the end must be visible before it.
        assert fewest_files(victim) >= files + count
        assert bound(victim) == count

        with Canary(victim.port) as canary:
            met = canary.measure(hold_s)
        now = crowd.status()
        assert now["bound"] == count, f"idle sessions were ended: {now}"
        assert now["asked"] >= count, "the gateway enquires as well"
        assert p99(met.answers_s) <= P99_S
        assert met.accepted == met.sent
        assert victim.memory_octets() - octets <= count * OCTETS_PER_SESSION

        with Canary(victim.port) as canary:
            began = time.monotonic()
            crowd.status("reset")
            until(lambda: bound(victim) == 0, FREED_WITHIN_S, "every session is forgotten")
            # One file more is the canary's.
            until(lambda: open_files(victim) <= files + 1, FREED_WITHIN_S, "every file is closed")
            assert time.monotonic() - began <= FREED_WITHIN_S
            met = canary.measure(0.1)
        assert max(met.answers_s) <= LONGEST_S
        assert met.accepted == met.sent
        until(lambda: open_files(victim) <= files, FREED_WITHIN_S, "the canary's file is closed")

        assert crowd.status("bind")["bound"] == count, "all bind again"
    assert victim.terminate() == 0
    assert "Traceback" not in victim.errors
