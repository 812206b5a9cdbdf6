"""Let one account offer far more than its share, and see that another gets all of its own (R9)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from .canary import Canary, p99
from .driver import LoadClient
from .victim import Victim, until

RATE, NOISY_RATE = 200, 500
OFFERED = 10 * NOISY_RATE
SHARE = 0.95
SLOWER = 2.0
ROOM_S = 0.1
"""Added to twice the canary's solo p99, which is a few milliseconds: client and gateway of the
noisy account share two processors with the canary's."""
RECEIPT_P99_S = 1.5
"""A receipt passes some six turns of the loop, and the turns of a busy machine are long."""
CAPACITY = 600
"""Ordinary attempts per second of the simulated network, where an ordinary flood queues up."""
BACKLOG_S = 1.0
SETTINGS = """
contract = "none"
[[account]]
system_id = "police"
password = "secret08"
[[account]]
system_id = "noisy"
password = "secret08"
window = 1000
{noisy}
[network]
{network}
"""


def settings(noisy: str = "", network: str = "") -> str:
    return SETTINGS.format(noisy=noisy, network=network)


@pytest.mark.slow
def test_submissions_beyond_the_rate_take_nothing_from_another_account(
    tmp_path: Path, victims: Callable[..., Victim], many: Callable[[int, int], int]
) -> None:
    seconds = many(1, 30)
    victim = victims(settings(noisy=f"throughput = {{ rate = {NOISY_RATE} }}"))
    victim.start()
    with Canary(victim.port, RATE) as canary:
        alone = canary.measure(seconds)
    options = ("--rate", str(OFFERED), "--sessions", "1", "--window", "1000", "--plain")
    with LoadClient(victim.port, tmp_path / "noisy", *options, "--system-id", "noisy") as load:
        load.wait_for_acks(NOISY_RATE)
        before = load.status()
        with Canary(victim.port, RATE) as canary:
            met = canary.measure(seconds)
        after = load.status("stop")
    refused = after["naks"] - before["naks"]
    assert refused >= 2 * NOISY_RATE * seconds, "the neighbour was not noisy"
    assert met.accepted >= SHARE * RATE * seconds
    assert met.accepted == met.sent
    assert p99(met.answers_s) <= SLOWER * p99(alone.answers_s) + ROOM_S
    assert victim.terminate() == 0


@pytest.mark.slow
def test_a_backlog_of_receipts_delays_no_receipt_of_another_account(
    tmp_path: Path, victims: Callable[..., Victim], many: Callable[[int, int], int]
) -> None:
    backlog = many(20_000, 300_000)
    victim = victims(settings())
    victim.start()
    noisy = ("--plain", "--system-id", "noisy")
    senders = ("--rate", "20000", "--sessions", "4", "--window", "1000", "--kinds", "tx")
    with LoadClient(victim.port, tmp_path / "sent", *noisy, *senders) as load:
        until(lambda: load.status()["acks"] >= backlog, many(30, 300), "a backlog")
        load.stop_submitting()
        until(lambda: not load.status()["unanswered"], 10, "the last answers")

    def pending() -> float:
        return victim.metric("smsgw_receipts_pending", account="noisy")

    until(lambda: pending() >= backlog, 20, "every receipt waits")
    with Canary(victim.port, RATE, asks=True) as canary:
        alone = canary.measure(many(1, 5))
    receivers = ("--rate", "0", "--sessions", "150", "--kinds", "rx")
    with (
        Canary(victim.port, RATE, asks=True) as canary,
        LoadClient(victim.port, tmp_path / "received", *noisy, *receivers) as load,
    ):
        until(lambda: load.status()["receipts"] >= backlog, many(30, 300), "all receipts")
        met = canary.measure(0)
    assert len(met.receipts_s) == met.sent
    assert p99(met.receipts_s) <= SLOWER * p99(alone.receipts_s) + RECEIPT_P99_S
    assert victim.terminate() == 0


@pytest.mark.slow
def test_a_flood_of_ordinary_messages_delays_no_instant_one(
    tmp_path: Path, victims: Callable[..., Victim], many: Callable[[int, int], int]
) -> None:
    victim = victims(settings(network=f"capacity = {{ ordinary = {CAPACITY} }}"))
    victim.start()
    # One account: the canary alone receives, so the flood's receipts come to it as well.
    flood = ("--rate", str(4 * CAPACITY), "--kinds", "tx", "--plain")
    with LoadClient(victim.port, tmp_path / "flood", *flood) as load:
        load.wait_for_acks(CAPACITY)
        with Canary(victim.port, asks=True, service_type=b"INST") as canary:
            met = canary.measure(many(1, 3))
        assert load.status("stop")["acks"] >= (2 + BACKLOG_S) * CAPACITY
    assert len(met.receipts_s) == met.sent
    assert p99(met.receipts_s) <= RECEIPT_P99_S
    # Without a lane of their own they would have waited as these do.
    with Canary(victim.port, asks=True) as canary:
        met = canary.measure(0.1)
    assert min(met.receipts_s) >= BACKLOG_S
    assert victim.terminate() == 0
