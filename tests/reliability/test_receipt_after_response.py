"""Send no receipt before its submit_sm_resp, even where delivery takes no time (I7)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from .checker import check
from .driver import LoadClient
from .ledger import read_ledger
from .victim import Victim, settings

ONE_STREAM = ("--sessions", "1", "--kinds", "trx", "--plain", "--window", "1000")
"""One transceiver session: responses and receipts share their order of octets."""
AT_ONCE = "19900000000"
RECEIPT_FIRST = "19900000013"


def submit(victim: Victim, ledger: Path, count: int, *options: str, within_s: float = 60.0) -> None:
    """Submit as fast as the client can, and wait for every answer and receipt."""
    wanted = ("--rate", "20000", "--count", str(count))
    with LoadClient(victim.port, ledger, *ONE_STREAM, *wanted, *options) as load:
        load.wait_for_acks(count, within_s)
        load.quiesce(within_s, quiet_s=0.1)
        assert load.status()["lost"] == 0, "one stream from first to last"


@pytest.mark.slow
def test_each_receipt_follows_its_response_in_the_stream(
    tmp_path: Path, victims: Callable[..., Victim], many: Callable[[int, int], int]
) -> None:
    """The profile `perfect` delivers at the instant of submission.

    A magic recipient is judged and answered by another way than the many. The last one asks for the
    wrong order, and is the negative control.
    """
    ledger, count = tmp_path / "ledger", many(20_000, 100_000)
    victim = victims(settings())
    victim.start()
    submit(victim, ledger, count, within_s=many(60, 300))
    submit(victim, ledger, 500, "--recipient", AT_ONCE, "--first-ref", "1000000")
    before = read_ledger(ledger)
    assert (len(before.receipts), before.early) == (count + 500, [])
    submit(victim, ledger, 20, "--recipient", RECEIPT_FIRST, "--first-ref", "2000000")
    assert victim.terminate() == 0
    findings = check(ledger, victim.data)
    assert findings.wrong().keys() == {"receipts_early"}
    assert set(findings.receipts_early) == findings_of_the_last(ledger)


def findings_of_the_last(ledger: Path) -> set[str]:
    """Give the ids of the messages that asked for the wrong order."""
    acknowledged = read_ledger(ledger).acknowledged
    return {message_id for ref, message_id in acknowledged.items() if ref > 2_000_000}
