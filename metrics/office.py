"""Hold all registers that people keep beside the traffic, folded from the same events.

The ledger of breaches counts what the others record: a complaint feeds the rows and lines that its
state allows. `check` refuses an entry before it is recorded, `apply` takes a recorded one, `due`
gives what follows by itself. The same events in the same order make an equal office.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, cast, get_args

from config.contract import Contract
from routing.assessment_events import AssessmentEntered, AssessmentMoved
from routing.breach_events import BreachEvent, BreachSign
from routing.event import Event
from routing.events import Retained
from routing.office_events import (
    ComplaintMoved,
    ComplaintReceived,
    DocumentEnded,
    DocumentFiled,
    HoldPlaced,
    HoldReleased,
    IncidentMoved,
    IncidentOpened,
    NoticeClosed,
    NoticeSent,
    UnsubscribeCalled,
    WindowDeclared,
    WindowMoved,
)
from routing.registry_events import OptedOut
from routing.settlement_events import SettlementEvent
from routing.standing import Hold, Reason

from .assessment import AssessmentRegister
from .breaches.cases import Figures
from .breaches.ledger import Ledger
from .breaches.periods import day_number, day_of
from .breaches.terms import Terms, compile_terms
from .complaints import ComplaintRegister
from .documents import DocumentRegister
from .holds import HoldRegister
from .incidents import CAUSES, IncidentRegister
from .notices import NoticeRegister
from .settlement.accounts import Accounts
from .unsubscribe import RESULTS, Unsubscriptions
from .windows import WindowRegister


class Office:
    """Own the registers of one contract."""

    def __init__(
        self,
        contract: Contract,
        *,
        port_of: Callable[[str, str], str],
        refuses: Callable[[str], bool],
    ) -> None:
        """Begin empty.

        `port_of` gives the access number of an account's sender without its extension, "" for
        none; `refuses` says whether an uplink text is a user's refusal.
        """
        self.ledger = Ledger(_terms(contract, port_of, refuses))
        self.complaints = ComplaintRegister(contract.complaints, contract.sla)
        self.notices = NoticeRegister()
        self.incidents = IncidentRegister(self.notices)
        self.documents = DocumentRegister()
        self.windows = WindowRegister(contract.fm, self.notices)
        self.unsubscriptions = Unsubscriptions(contract.optout.unsubscribe_h * 3600.0)
        self.assessments = AssessmentRegister()
        self.retention = HoldRegister()
        self.accounts = Accounts(contract)
        self._looked_on: date | None = None
        self._registers: dict[type[Event], Any] = {
            ComplaintReceived: self.complaints,
            ComplaintMoved: self.complaints,
            NoticeSent: self.notices,
            NoticeClosed: self.notices,
            IncidentOpened: self.incidents,
            IncidentMoved: self.incidents,
            DocumentFiled: self.documents,
            DocumentEnded: self.documents,
            WindowDeclared: self.windows,
            WindowMoved: self.windows,
            UnsubscribeCalled: self.unsubscriptions,
            HoldPlaced: self.retention,
            HoldReleased: self.retention,
            Retained: self.retention,
            **dict.fromkeys(get_args(SettlementEvent), self.accounts),
            AssessmentEntered: self.assessments,
            AssessmentMoved: self.assessments,
        }

    def check(self, event: Event) -> None:
        """Raise EntryError for an entry that can't be, saying what is allowed.

        Steps of the ledger are checked where they are decided (see `metrics.breaches.orders`).
        """
        register = self._registers.get(type(event))
        if register is not None:
            register.check(event)

    def apply(self, event: Event) -> None:
        """Take in an event of the journal; those that concern no register are passed over.

        Raises EntryError or BreachError (both ValueError) where the state there doesn't allow it.
        """
        if isinstance(event, (ComplaintReceived, ComplaintMoved)):
            self._complaint(event)
            return
        if isinstance(event, (IncidentOpened, IncidentMoved)):
            self._incident(event)
            return
        if isinstance(event, OptedOut):
            self.unsubscriptions.refuse(event)
        register = self._registers.get(type(event))
        if register is None:
            self.ledger.apply(event)
            return
        register.apply(event)
        if isinstance(event, UnsubscribeCalled):
            self._unsubscribed(event)

    def due(self, at: float, *, everything: bool = False) -> tuple[BreachEvent, ...]:
        """Give what follows by itself by now, to be recorded and applied; see `Ledger.due`."""
        self._unpaid(at)
        return self.ledger.due(at, everything=everything)

    def holds(self, at: float) -> tuple[Hold, ...]:
        """Give what stands in the way of submissions by cases and immediate stops."""
        return tuple(
            Hold(
                f"case {block.case}" if block.case > 0 else f"stop {-block.case}",
                cast("Reason", block.reason),
                block.account,
                block.clause,
                block.why,
                block.since,
                block.until,
                block.ports,
                due=block.due,
            )
            for block in self.ledger.blocks_at(at)
        )

    def held_messages(self) -> Iterable[int]:
        """Name the messages whose records must outlive their time: of open complaints."""
        return self.complaints.held()

    def _unpaid(self, at: float) -> None:
        """Let the ledger see the invoices that are overdue, once a day (row 7)."""
        today = day_of(at)
        if today != self._looked_on and self.accounts.owners:
            self._looked_on = today
            for account, invoice in self.accounts.overdue(today):
                self.ledger.unpaid(at, account, invoice)

    def _unsubscribed(self, event: UnsubscribeCalled) -> None:
        """Let the ledger see that party A's interface fails (row 2)."""
        if not RESULTS[event.result]:
            today = day_number(event.at)
            calls = self.unsubscriptions.statistics(event.account, today, today)
            self.ledger.unsubscriptions(event.at, event.account, calls.failed, calls.calls)

    def _complaint(self, event: ComplaintReceived | ComplaintMoved) -> None:
        """Let the ledger count a complaint for each counter once, when it first feeds it.

        What was counted stays evidence; a complaint taken back is for whoever judges the case.
        """
        before = self._counted(event.complaint)
        self.complaints.apply(event)
        fresh = tuple(name for name in self._counted(event.complaint) if name not in before)
        if fresh:
            found = self.complaints.complaints[event.complaint]
            self.ledger.count_complaint(
                found.received_at, found.account, f"complaint {found.number}", fresh, found.ports
            )

    def _incident(self, event: IncidentOpened | IncidentMoved) -> None:
        """Let the ledger see a failure of the network that party A's side caused (rows 18, 26)."""
        before = self.incidents.incidents.get(event.incident)
        cause = "" if before is None else before.cause
        self.incidents.apply(event)
        found = self.incidents.incidents[event.incident]
        row = CAUSES.get(found.cause, 0)
        if row and row != CAUSES.get(cause, 0):
            self.ledger.apply(
                BreachSign(
                    found.discovered_at, found.account, row, event.who, event.why,
                    reference=f"incident {found.number}",
                )
            )  # fmt: skip

    def _counted(self, number: int) -> tuple[str, ...]:
        found = self.complaints.complaints.get(number)
        return () if found is None else self.complaints.counters_of(found)


def _terms(
    contract: Contract,
    port_of: Callable[[str, str], str],
    refuses: Callable[[str], bool],
) -> Terms:
    if contract.checked:
        return compile_terms(contract, port_of=port_of, refuses=refuses)
    figures = Figures(contract.breach, contract.suspension.explain_days)
    return Terms(figures, port_of=port_of, refuses=refuses)
