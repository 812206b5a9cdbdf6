"""Hold the bill to the same history as the quality index."""

from __future__ import annotations

from datetime import date
from typing import Any

from config.contract import Contract
from config.readings import read_as
from metrics.settlement import periods_of
from metrics.settlement.measured import settled
from metrics.settlement.settlement import Settlement
from metrics.sla import SlaLedger, SlaView, readings_of
from routing.events import MoAcknowledged, MoReceived, Outcome
from tests.support.rules import shanghai
from tests.support.submissions import MESSAGE_ID, submission

from .samples import CONTRACT

NOW = shanghai("2026-01-20T12:00:00")


def ledger() -> SlaLedger:
    """Count a long message and a lost one in December, an uplink and an instant one in January."""
    made = SlaLedger(lambda _state, _error: "party_a")
    december, january = shanghai("2025-12-31T23:59:00"), shanghai("2026-01-01T00:00:00")
    made.apply(submission(at=december, message_id=MESSAGE_ID, segment_count=3))
    made.apply(Outcome(december + 120, MESSAGE_ID, 2, "000", "ok", "telecom"))
    made.apply(submission(at=december, message_id=MESSAGE_ID + 1))
    made.apply(Outcome(december, MESSAGE_ID + 1, 5, "009", "carrier", "telecom"))
    made.apply(submission(at=january, message_id=MESSAGE_ID + 2, service="instant"))
    made.apply(Outcome(january, MESSAGE_ID + 2, 2, "000", "ok", "telecom"))
    made.apply(MoReceived(january, 9, "police", "13300000001", "106590990371", "CX", 1, "api"))
    made.apply(MoAcknowledged(january, 9, 1, january))
    return made


def settle(complaints: list[float] | None = None, at: float = NOW, **readings: Any) -> Settlement:
    asked = {key.replace("__", "."): value for key, value in readings.items()}
    contract: Contract = read_as(CONTRACT, asked)
    view = SlaView(ledger(), readings_of(contract.sla, contract.billing))
    period = periods_of(contract).named("2025-12-01")
    return settled(contract, view, period, at, complaints or [])


def test_each_month_service_and_direction_has_its_line() -> None:
    found = settle()
    assert [
        (line.month.month, line.service, line.direction, line.successful, line.fee_fen)
        for line in found.lines
        if line.successful
    ] == [
        (12, "ordinary", "mt", 3, 9),
        (1, "ordinary", "mo", 1, 3),
        (1, "instant", "mt", 1, 3),
    ]
    assert (found.success_fee_fen, found.rebate_fen, found.payable_fen) == (15, 0, 15)


def test_a_missed_index_is_rebated_by_its_failure_rate() -> None:
    found = settle([NOW] * 11)
    assert (found.quality.ok, found.quality.failures, found.quality.base) == (5, 1, 6)
    # 15 fen x 1/6 = 2.5, half up.
    assert (found.quality.met, found.rebate_fen) == (False, 3)


def test_other_readings_bill_messages_or_what_was_accepted() -> None:
    assert settle(billing__unit="message").success_fee_fen == 9
    assert settle(billing__success_state="accepted").success_fee_fen == 18


def test_free_days_cost_nothing() -> None:
    whole = settle(billing__free_month_first_day="2026-01-01")
    assert (whole.success_fee_fen, whole.free_month is None) == (9, False)
    some = settle(billing__free_month="days30", billing__free_month_first_day="2025-12-15")
    assert some.success_fee_fen == 0
    assert some.free_month is not None
    assert some.free_month.last_day == date(2026, 1, 13)


def test_months_that_have_not_come_are_left_out() -> None:
    found = settle(at=shanghai("2025-12-31T23:59:59"))
    assert {line.month.month for line in found.lines if line.successful} == {12}
