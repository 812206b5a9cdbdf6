"""Draft statements in turn: what came late is on the next one, and on no other."""

from __future__ import annotations

import pytest

from config.loader import load_settings
from metrics.settlement import Accounts, SettlementError, encode, periods_of
from metrics.settlement.drafting import LATE_RESULTS, drafted, settled_of
from metrics.sla import SlaView, readings_of
from metrics.sla.ledger import SlaLedger
from routing.events import Outcome
from routing.settlement_events import StatementIssued
from tests.support.rules import shanghai
from tests.support.submissions import MESSAGE_ID, submission

CONTRACT = load_settings(None, {}, {"contract": "henan"}).contract
FIRST, SECOND, THIRD = "2024-12-01", "2025-06-01", "2025-12-01"
SENT = shanghai("2025-02-03T12:00:00")
AT = shanghai("2026-06-10T10:00:00")


class Subject:
    def __init__(self) -> None:
        self.accounts = Accounts(CONTRACT)
        self.ledger = SlaLedger(lambda _state, _error: "party_a")
        self.sent = 0

    def view(self) -> SlaView:
        return SlaView(self.ledger, readings_of(CONTRACT.sla, CONTRACT.billing))

    def send(self, count: int, at: float = SENT) -> None:
        for _ in range(count):
            self.sent += 1
            one = MESSAGE_ID + self.sent
            self.ledger.apply(submission(at=at, message_id=one))
            self.ledger.apply(Outcome(at + 5, one, 2, "000", "ok", "telecom"))

    def issue(self, period: str, reason: str = "") -> int:
        found = drafted(self.accounts, self.view(), period, AT, reason=reason)
        event = StatementIssued(AT, found.number, "police", "op", encode(found))
        self.accounts.check(event)
        self.accounts.apply(event)
        return found.settlement.payable_fen

    def adjusted(self, period: str) -> list[tuple[int, int, str]]:
        found = settled_of(
            self.accounts, CONTRACT, self.view(), periods_of(CONTRACT).named(period), AT
        )
        return [(one.successful, one.fee_fen, one.reason) for one in found.adjustments]


def test_what_came_late_is_on_the_next_statement_once() -> None:
    subject = Subject()
    subject.send(100)
    assert subject.issue(FIRST) == 300
    subject.send(3)
    assert subject.adjusted(SECOND) == [(3, 9, LATE_RESULTS)]
    assert subject.adjusted(THIRD) == []
    assert subject.issue(SECOND) == 9
    assert subject.adjusted(THIRD) == []
    subject.send(2)
    assert subject.adjusted(THIRD) == [(2, 6, LATE_RESULTS)]
    assert subject.issue(THIRD) == 6


def test_a_correction_keeps_the_adjustments_of_what_it_corrects() -> None:
    subject = Subject()
    subject.send(100)
    subject.issue(FIRST)
    subject.send(3)
    subject.issue(SECOND)
    subject.send(4, shanghai("2025-07-03T12:00:00"))
    assert subject.issue(SECOND, "four were found") == 9 + 12
    assert sum(one.amount_fen for one in subject.accounts.book.invoices()) == 107 * 3


def test_a_day_on_which_no_period_begins_is_refused() -> None:
    with pytest.raises(SettlementError, match="none begins on that day"):
        drafted(Accounts(CONTRACT), Subject().view(), "2025-01-01", AT)
