"""Keep the ledger of breaches: a fold over the journal, and the orders that add to it.

What happened goes in by `apply`, and by three calls for what other registers count (complaints,
invoices, unsubscriptions); the same facts in the same order give an equal ledger, and the events
of `routing.breach_events` alone give one with the same evidence, cases and stops. What should
follow by itself comes out of `due` as events to journal and apply, again until there are none:
first the evidence gathered from messages, then what it leads to (a case, an escalation, the end
of a block). What people decide goes through `open_case`, `order`, `sign`, `stop_at_once` and
`resume`: they give the events and change nothing before these are applied.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from routing.breach_events import (
    BreachEvent,
    BreachSign,
    BusinessResumed,
    BusinessStopped,
    CaseMoved,
    CaseOpened,
    EvidenceGathered,
    TrafficCounted,
)
from routing.event import Event
from routing.events import (
    MoAcknowledged,
    MoDropped,
    MoReceived,
    MoRefused,
    Outcome,
    Submission,
)

from .calendar import Due, calendar
from .cases import COLLECTING, OPEN_END, RECTIFYING, Block, BreachError, Case, opened
from .consequences import openings, raises, releases
from .escalation import DailyFigures, trigger_of
from .evidence import Evidence
from .facts import Facts, key_of
from .orders import Order, decide
from .rows import grade_of
from .stops import GROUNDS, Stop, stop_right, stops_due
from .terms import Terms


class Ledger:
    """Hold evidence, cases and stops of all accounts."""

    def __init__(self, terms: Terms) -> None:
        """Begin empty."""
        self.terms = terms
        self.facts = Facts(terms, DailyFigures(terms.breach.escalation.window_days))
        """Evidence and counters; what other registers count goes in here."""
        self.cases: dict[int, Case] = {}
        """By number, from 1."""
        self.stops: dict[int, Stop] = {}
        """By number, from 1."""
        facts = self.facts
        self._folds: dict[type[Any], Callable[[Any], None]] = {
            Submission: facts.submission,
            Outcome: facts.outcome,
            MoReceived: facts.mo_received,
            MoAcknowledged: facts.mo_acknowledged,
            MoRefused: facts.mo_refused,
            MoDropped: facts.mo_dropped,
            BreachSign: facts.sign,
            EvidenceGathered: facts.evidence_gathered,
            TrafficCounted: facts.traffic_counted,
            CaseOpened: self._opened,
            CaseMoved: self._moved,
            BusinessStopped: self._stopped,
            BusinessResumed: self._resumed,
        }

    def apply(self, event: Event) -> None:
        """Take in an event of the journal; kinds that concern no breach are passed over.

        Raises BreachError for a step that the case's state doesn't allow, and for a case or stop
        out of its turn.
        """
        fold = self._folds.get(type(event))
        if fold is not None:
            fold(event)

    def due(self, at: float, *, everything: bool = False) -> tuple[BreachEvent, ...]:
        """Give what follows by itself by now, to be journalled and applied in this order.

        Ask again after applying, until nothing follows. Once a second is often enough, since each
        time records what is fresh; a step of a case records it as well. With `everything` also
        the numbers of messages that are recorded once an hour: before the ledger is given up.
        """
        facts, cases = self.facts, self.cases
        gathered = tuple(facts.gathered(at, everything=everything))
        return gathered or (
            *openings(facts, cases, at),
            *raises(facts, cases, at),
            *releases(facts, cases, at),
            *stops_due(facts, self.stops, at),
        )

    def take_up(self, event: Submission | MoReceived) -> None:
        """Take up what is under way after a restart (see `Facts.take_up`)."""
        self.facts.take_up(event)

    # -- what other registers count -----------------------------------------------------------

    def count_complaint(
        self,
        at: float,
        account: str,
        number: str,
        counters: tuple[str, ...],
        ports: tuple[str, ...] = (),
    ) -> None:
        """Take in a complaint (see `Facts.complaint`)."""
        self.facts.complaint(at, account, number, counters, ports)

    def unpaid(self, at: float, account: str, invoice: str) -> None:
        """Take in an overdue invoice (see `Facts.unpaid`)."""
        self.facts.unpaid(at, account, invoice)

    def unsubscriptions(self, at: float, account: str, failed: int, total: int) -> None:
        """Take in how many unsubscriptions failed (see `Facts.unsubscriptions`)."""
        self.facts.unsubscriptions(at, account, failed, total)

    # -- what people decide -------------------------------------------------------------------

    def open_case(
        self,
        at: float,
        account: str,
        row: int,
        *,
        who: str,
        why: str,
        grade: str = "",
        ports: tuple[str, ...] = (),
        first_at: float = 0.0,
    ) -> CaseOpened:
        """Open a case by hand, of any row; of row 28 a person chooses the `grade`.

        Evidence of that row which has no case yet goes to it. Raises BreachError for a row or
        grade that there isn't, and where `account`, `who` or `why` is empty.
        """
        _filled(account=account, who=who, why=why)
        chosen = _grade(row, grade)
        found = self.facts.evidence.get((account, key_of(row)))
        if found is not None and not found.case and found.breaches:
            ports = ports or found.touched()
            first_at = first_at or found.first_at
        number = len(self.cases) + 1
        return CaseOpened(at, number, account, row, chosen, who, why, ports, first_at or at)

    def order(self, case: int, order: Order) -> tuple[BreachEvent, ...]:
        """Decide a step of a case (see `orders`); what is fresh goes to the case before.

        Raises BreachError for a case that there isn't and for a step that isn't allowed.
        """
        steps = decide(self._case(case), order, self.terms.figures)
        return *self.facts.gathered(order.at), *steps

    def sign(
        self,
        at: float,
        account: str,
        row: int,
        *,
        who: str,
        why: str,
        ports: tuple[str, ...] = (),
        reference: str = "",
        message_id: int = 0,
    ) -> BreachSign:
        """Enter a sign that no message shows by itself, such as an incident or a paper.

        A case follows from `due`. Raises BreachError like `open_case`.
        """
        _filled(account=account, who=who, why=why)
        _grade(row, "")
        return BreachSign(at, account, row, who, why, ports, message_id, reference)

    def stop_at_once(
        self,
        at: float,
        account: str,
        ground: str,
        *,
        who: str,
        why: str,
        ports: tuple[str, ...] = (),
    ) -> BusinessStopped:
        """Stop an account's business without a notice, on one of `stops.GROUNDS`.

        Raises BreachError for another ground, and where `account`, `who` or `why` is empty.
        """
        _filled(account=account, who=who, why=why)
        if ground not in GROUNDS:
            raise BreachError(f"ground {ground!r}: allowed is {', '.join(GROUNDS)}")
        return BusinessStopped(at, len(self.stops) + 1, account, ground, who, why, ports)

    def resume(self, stop: int, at: float, *, who: str, why: str) -> BusinessResumed:
        """Lift an immediate stop.

        Raises BreachError for a stop that there isn't, one that is lifted, and a time before it.
        """
        _filled(who=who, why=why)
        found = self._running(stop)
        if not at >= found.since:
            raise BreachError(f"stop {stop}: lifted at {at:.0f}, it began at {found.since:.0f}")
        return BusinessResumed(at, stop, who, why)

    # -- what is asked ------------------------------------------------------------------------

    def blocks_at(self, at: float) -> tuple[Block, ...]:
        """Give the blocks in force at a moment, those of cases first."""
        blocks = [case.block(self.terms.figures) for case in self.cases.values()]
        blocks += [stop.block() for stop in self.stops.values()]
        return tuple(each for each in blocks if each and each.since <= at < each.until)

    def blocked_until(self, account: str, port: str, at: float) -> float:
        """Give the end of an access number's block, infinite until party B lifts it, 0 for none.

        Of overlapping cases the longest governs.
        """
        ends = (
            block.until
            for block in self.blocks_at(at)
            if block.account == account and (not block.ports or port in block.ports)
        )
        return max(ends, default=0.0)

    def frozen_until(self, account: str, at: float) -> float:
        """Give until when an account's applications are not accepted, 0 where they are.

        It is so during rectification and for the months after a major breach (clause 7.3).
        """
        ends = [0.0]
        for case in self.cases.values():
            if case.account == account:
                ends.append(case.frozen_until)
                if case.state in RECTIFYING and case.blocked_at:
                    ends.append(case.release_at or OPEN_END)
        latest = max(ends)
        return latest if at < latest else 0.0

    def calendar(self, account: str = "") -> tuple[Due, ...]:
        """Give what is due when, of one account or of all, the earliest first."""
        cases = self.cases.values()
        return calendar(case for case in cases if not account or case.account == account)

    def stop_right(self, account: str, at: float) -> bool:
        """Say whether the month's complaints let party B stop at once (annex 1 item 14)."""
        return stop_right(self.facts, account, at)

    def evidence(self, account: str = "") -> tuple[Evidence, ...]:
        """Give the signs that belong to no case, warnings among them, by account and row."""
        found = (each for _key, each in sorted(self.facts.evidence.items()))
        return tuple(e for e in found if not e.case and (not account or e.account == account))

    def state(self) -> tuple[object, ...]:
        """Give all that it holds, for comparing two ledgers."""
        return self.facts, self.cases, self.stops

    # -- applying -----------------------------------------------------------------------------

    def _opened(self, event: CaseOpened) -> None:
        if event.case != len(self.cases) + 1:
            raise BreachError(f"case {event.case}: the next number is {len(self.cases) + 1}")
        self.cases[event.case] = opened(event, self._evidence_for(event))

    def _evidence_for(self, event: CaseOpened) -> Evidence:
        """Give the evidence that a case begins with, and go on collecting into it."""
        if event.causes or event.trigger:
            return self._gathered(event)
        key = (event.account, key_of(event.row))
        found = self.facts.evidence.get(key)
        if found is None:
            found = self.facts.evidence[key] = Evidence(*key)
        elif found.case:
            return Evidence(*key, case=event.case)
        found.case = event.case
        return found

    def _gathered(self, event: CaseOpened) -> Evidence:
        """Copy what an escalation rests on: its cases' evidence, or that of one day and row."""
        found = Evidence(event.account, event.row, event.case)
        for number in event.causes:
            found.take_in(self._case(number).evidence)
        for (account, day, row), each in self.facts.daily.breaches.items():
            if account == event.account and event.trigger == trigger_of(day, row):
                found.take_in(each)
        return found

    def _moved(self, event: CaseMoved) -> None:
        case = self._case(event.case)
        case.apply(event)
        if case.state in COLLECTING:
            return
        key = (case.account, key_of(case.row))
        if self.facts.evidence.get(key) is case.evidence:
            del self.facts.evidence[key]

    def _stopped(self, event: BusinessStopped) -> None:
        if event.stop != len(self.stops) + 1:
            raise BreachError(f"stop {event.stop}: the next number is {len(self.stops) + 1}")
        self.stops[event.stop] = Stop(
            event.stop, event.account, event.ground, event.at, event.who, event.why,
            event.ports, event.trigger,
        )  # fmt: skip

    def _resumed(self, event: BusinessResumed) -> None:
        self._running(event.stop).until = event.at

    def _case(self, number: int) -> Case:
        case = self.cases.get(number)
        if case is None:
            raise BreachError(f"case {number}: there are {len(self.cases)}, numbered from 1")
        return case

    def _running(self, number: int) -> Stop:
        stop = self.stops.get(number)
        if stop is None:
            raise BreachError(f"stop {number}: there are {len(self.stops)}, numbered from 1")
        if stop.until != OPEN_END:
            raise BreachError(f"stop {number} was lifted at {stop.until:.0f} already")
        return stop


def _filled(**words: str) -> None:
    for name, word in words.items():
        if not word.strip():
            raise BreachError(f"`{name}` is empty; a breach needs {', '.join(words)}")


def _grade(row: int, chosen: str) -> str:
    try:
        return grade_of(row, chosen)
    except ValueError as error:
        raise BreachError(str(error)) from error
