from __future__ import annotations

from typing import get_args

import pytest

from routing.events import LASTING, decode_batch, encode_batch
from routing.settlement_events import (
    ClaimEntered,
    FreeMonthGranted,
    PaymentReceived,
    SettlementEvent,
    StatementIssued,
)

EVENTS: tuple[SettlementEvent, ...] = (
    StatementIssued(1.0, "HN-20251201-1", "police", "op", b'{"number":"HN-20251201-1"}'),
    PaymentReceived(2.0, 1, "2026-06-20", 3_786_900, "op", "HN-20251201-1", "fee", "B-1"),
    FreeMonthGranted(3.0, "2026-02-01", "2026-02-28", 1.5, "op", "N-7"),
    ClaimEntered(4.0, 1, 120_050, "2026-05-03", "op", "an outage", "C-2"),
)


@pytest.mark.parametrize("event", EVENTS)
def test_each_comes_back_from_the_journal(event: SettlementEvent) -> None:
    assert decode_batch(encode_batch([event])) == [event]


def test_all_are_kept_for_good() -> None:
    assert {type(event) for event in EVENTS} == set(get_args(SettlementEvent)) <= set(LASTING)
