"""Make messages that broke something, and a ledger that carries out what it is told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from config.interpretation import Breach
from config.section import SHANGHAI
from metrics.breaches.cases import Case, Figures
from metrics.breaches.ledger import Ledger
from metrics.breaches.orders import Order
from metrics.breaches.terms import Terms
from routing.breach_events import EvidenceGathered, TrafficCounted
from routing.event import Event
from routing.events import Failure, Submission
from tests.support.submissions import submission

PORT = "106590990371"
OTHER_PORT = "106590990372"
ACCOUNT = "police"
WHO = "operator"


def moment(text: str) -> float:
    """Give the instant of a day and time in Shanghai, UTC seconds since the epoch."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).timestamp()


START = moment("2026-03-02 10:00:00")
DAY = 86400.0


def message(*reasons: str, accepted: bool = True, **changes: Any) -> Submission:
    """Give a message for which these checks failed: in `monitor` mode, or refused by them."""
    mode = "monitor" if accepted else "enforce"
    failures = tuple(Failure(reason, mode, "") for reason in reasons)
    fields = {"at": START, "accepted": accepted, "failures": failures}
    return submission(**{**fields, **changes})


def terms(*, monthly_auto_stop: bool = False, **figures: Any) -> Terms:
    """Give the shipped figures with changes to those of clause 7.3; 【示例警务】 is registered."""
    return Terms(
        Figures(Breach.model_validate(figures)),
        since=moment("2023-12-01 00:00:00"),
        monthly_auto_stop=monthly_auto_stop,
        signatures=frozenset({"示例警务"}),
        refuses=lambda text: text == "TD",
    )


class Desk:
    """Sit at a ledger: carry out orders and keep every event, as the journal does."""

    def __init__(self, of: Terms | None = None) -> None:
        self.ledger = Ledger(of or terms())
        self.journal: list[Event] = []

    def happen(self, *events: Event) -> None:
        """Apply events and keep them."""
        for event in events:
            self.ledger.apply(event)
            self.journal.append(event)

    def settle(self, at: float) -> tuple[Event, ...]:
        """Apply what follows by itself, and give what follows from the evidence."""
        found: list[Event] = []
        while events := self.ledger.due(at):
            self.happen(*events)
            found += events
        return tuple(e for e in found if not isinstance(e, EvidenceGathered | TrafficCounted))

    def order(self, case: int, action: str, at: float, **particulars: Any) -> Case:
        """Carry out a step of a case and give the case."""
        order = Order(action, at, WHO, f"{action} it", **particulars)
        self.happen(*self.ledger.order(case, order))
        return self.ledger.cases[case]

    def open(self, at: float, row: int, **particulars: Any) -> Case:
        """Open a case by hand and give it."""
        event = self.ledger.open_case(at, ACCOUNT, row, who=WHO, why="seen", **particulars)
        self.happen(event)
        return self.ledger.cases[event.case]

    def confirmed(self, at: float, row: int, **particulars: Any) -> Case:
        """Open a case by hand, confirm it at the same moment and give it."""
        return self.order(self.open(at, row, **particulars).number, "confirm", at)
