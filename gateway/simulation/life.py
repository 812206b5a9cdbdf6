"""Let happen, in simulated years, what happens beside the traffic of a contract.

Each period is settled, its statement issued and its invoice paid, one of them late. Complaints come
and are answered, the carrier's platform fails now and then, a cable is cut, and party A breaks the
contract: three general breaches in a row escalate, the access number is blocked, is put right and
freed (clause 7.3). The dates are drawn from the seed.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from typing import TypeAlias

from gateway.api.ports import FiguresSource
from gateway.clock import ManualClock
from gateway.registrar import Registrar
from metrics.breaches import Order
from metrics.breaches.periods import day_of
from metrics.settlement import encode, periods_of
from metrics.settlement.drafting import drafted
from metrics.sla import DeclaredRelief, SlaView, complaint_times, readings_of
from routing.event import Event
from routing.office_events import (
    ComplaintMoved,
    ComplaintReceived,
    IncidentMoved,
    IncidentOpened,
    NoticeClosed,
    NoticeSent,
    WindowDeclared,
)
from routing.settlement_events import PaymentReceived, StatementIssued
from routing.subscribers import Subscribers

WHO = "simulation"
HOUR_S = 3600.0
DAY_S = 24 * HOUR_S
MONTH_S = 30.4375 * DAY_S
COMPLAINTS_A_MONTH = 0.6
MONTHS_BETWEEN_FAULTS = 5
CHANNELS = ("10000", "12321", "12345")
CAUSES = (
    ("frequency", "party_a"), ("no_consent", "party_a"), ("not_received", "party_b"),
    ("wrong_person", "party_a"), ("cannot_unsubscribe", "party_a"), ("content", "party_a"),
)  # fmt: skip
"""What is complained of, and whose duty it proves to be."""

Act: TypeAlias = Callable[[], Awaitable[None]]


@dataclass(slots=True)
class LifeParts:
    """Hold what a life works on; `account` and `port` are whose contract it is."""

    clock: ManualClock
    registrar: Registrar
    subscribers: Subscribers
    figures: FiguresSource
    account: str
    port: str


@dataclass(slots=True)
class Life:
    """Own what is still to happen."""

    parts: LifeParts
    _due: list[tuple[float, int, Act]] = field(default_factory=list)
    _number: Iterator[int] = field(default_factory=count)

    def next_at(self) -> float:
        """Give when something happens next, UTC seconds; infinite for nothing more."""
        return self._due[0][0] if self._due else float("inf")

    async def happen(self) -> None:
        """Let happen what is due by the clock."""
        while self._due and self._due[0][0] <= self.parts.clock.at():
            await heappop(self._due)[2]()

    def plan(self, start: float, end: float, seed: int) -> None:
        """Draw what happens from `start` to `end`, UTC seconds."""
        draw = random.Random(f"life {seed}")
        months = (end - start) / MONTH_S
        for _ in range(round(months * COMPLAINTS_A_MONTH)):
            cause, side = draw.choice(CAUSES)
            at = draw.uniform(start, end)
            minutes = draw.uniform(5, 55)
            self._at(at, self._complaint(draw.choice(CHANNELS), cause, side, minutes * 60))
        faults = int(months / MONTHS_BETWEEN_FAULTS)
        for number in range(faults):
            at = start + (number + draw.uniform(0.2, 0.8)) * (end - start) / faults
            self._at(_morning(at), self._fault(draw.uniform(0.5, 2.0) * HOUR_S))
        self._settlements(start, end, draw)
        if months >= 6:
            middle = start + (end - start) * draw.uniform(0.4, 0.5)
            self._at(_morning(middle), self._cable_cut(4 * HOUR_S))
            begin = _morning(start + (end - start) * draw.uniform(0.55, 0.6))
            for number in range(3):
                self._at(begin + number * 5 * DAY_S, self._breach(6))

    def _at(self, at: float, act: Act) -> None:
        heappush(self._due, (at, next(self._number), act))

    def _after(self, seconds: float, act: Act) -> None:
        self._at(self.parts.clock.at() + seconds, act)

    async def _record(self, *events: Event) -> None:
        await self.parts.registrar.record(events)

    # -- complaints ---------------------------------------------------------------------------

    def _complaint(self, channel: str, cause: str, side: str, reply_s: float) -> Act:
        async def receive() -> None:
            at = self.parts.clock.at()
            number = len(self.parts.registrar.office.complaints.complaints) + 1
            await self._record(
                ComplaintReceived(
                    at, number, self.parts.account, channel, cause, "unclear", "party_b", WHO
                )
            )
            self._after(reply_s, self._moved(number, "reply"))
            self._after(DAY_S, self._moved(number, "verify", side))
            self._after(5 * DAY_S, self._moved(number, "close"))

        return receive

    def _moved(self, number: int, action: str, side: str = "") -> Act:
        async def move() -> None:
            at = self.parts.clock.at()
            why = "" if action == "reply" else "simulated"
            await self._record(ComplaintMoved(at, number, action, WHO, why, attribution=side))

        return move

    # -- faults -------------------------------------------------------------------------------

    def _fault(self, seconds: float) -> Act:
        """Let the carrier's gateway fail for everybody (clause 3.2.1)."""

        async def begin() -> None:
            at = self.parts.clock.at()
            number = len(self.parts.registrar.office.incidents.incidents) + 1
            self.parts.subscribers.overcome("gateway_fault")
            await self._record(
                IncidentOpened(
                    at, number, self.parts.account, "party_b", "fault", False, WHO,
                    "the carrier's platform fails",
                )
            )  # fmt: skip
            self._after(seconds, lambda: end(number))

        async def end(number: int) -> None:
            self.parts.subscribers.overcome("")
            for action in ("resolve", "close"):
                at = self.parts.clock.at()
                await self._record(IncidentMoved(at, number, action, WHO, "the fault is mended"))

        return begin

    def _cable_cut(self, seconds: float) -> Act:
        """Let a cable be cut, with the written notice of clause 9.1."""

        async def begin() -> None:
            at = self.parts.clock.at()
            office = self.parts.registrar.office
            notice, window = len(office.notices.notices) + 1, len(office.windows.windows) + 1
            self.parts.subscribers.overcome("out_of_area")
            await self._record(
                NoticeSent(
                    at, notice, self.parts.account, "force_majeure", "letter", "party_b", WHO
                ),
                NoticeClosed(at, notice, "delivered", WHO, proof="signed slip"),
                WindowDeclared(
                    at, window, "force_majeure", "cable_cut", at, WHO, "a cable is cut",
                    at + seconds, notice=notice,
                ),
            )  # fmt: skip
            self._after(seconds, end)

        async def end() -> None:
            self.parts.subscribers.overcome("")

        return begin

    # -- money --------------------------------------------------------------------------------

    def _settlements(self, start: float, end: float, draw: random.Random) -> None:
        """Let each period that ends be settled: most invoices are paid in time, one is late."""
        contract = self.parts.registrar.office.accounts.contract
        if not contract.checked:
            return
        periods = periods_of(contract)
        for number, period in enumerate(periods.begun_by(day_of(end - 1))):
            issued_at = periods.cut_off_at(period) + 10 * HOUR_S + draw.uniform(0, 3) * DAY_S
            days = contract.billing.due_days
            after = days + draw.uniform(5, 20) if number == 0 else draw.uniform(0.3, 0.9) * days
            if start <= period.starts_at and issued_at < end:
                self._at(issued_at, self._statement(period.name, after * DAY_S))

    def _statement(self, period: str, paid_after_s: float) -> Act:
        async def issue() -> None:
            at, office = self.parts.clock.at(), self.parts.registrar.office
            contract = office.accounts.contract
            view = SlaView(
                await self.parts.figures.ledger(),
                readings_of(contract.sla, contract.billing),
                DeclaredRelief(office.windows),
            )
            times = complaint_times(office.complaints, contract.sla, None)
            found = drafted(office.accounts, view, period, at, times)
            await self._record(
                StatementIssued(at, found.number, self.parts.account, WHO, encode(found))
            )
            self._after(paid_after_s, lambda: pay(found.number))

        async def pay(number: str) -> None:
            at, accounts = self.parts.clock.at(), self.parts.registrar.office.accounts
            today = day_of(at)
            [owed] = [one for one in accounts.arrears(today).owed if one.invoice.number == number]
            for amount, purpose in ((owed.open_fen, "fee"), (owed.late_fee_fen, "late_fee")):
                if amount > 0:
                    next_ = len(accounts.payments) + 1
                    await self._record(
                        PaymentReceived(at, next_, today.isoformat(), amount, WHO, number, purpose)
                    )

        return issue

    # -- breaches -----------------------------------------------------------------------------

    def _breach(self, row: int) -> Act:
        """Open a case, confirm it, and let it be put right within its days."""

        async def begin() -> None:
            ledger = self.parts.registrar.office.ledger
            event = ledger.open_case(
                self.parts.clock.at(), self.parts.account, row, who=WHO, why="seen in promotion",
                ports=(self.parts.port,),
            )  # fmt: skip
            await self._record(event)
            for days, action in ((1, "confirm"), (2, "notice"), (4, "deliver"), (10, "submit"),
                                 (12, "pass"), (30, "close")):  # fmt: skip
                self._after(days * DAY_S, self._step(event.case, action))
            self._after(1.5 * DAY_S, self._escalated)

        return begin

    async def _escalated(self) -> None:
        """Treat what has escalated to rows 9 or 25 like the others."""
        for case in list(self.parts.registrar.office.ledger.cases.values()):
            if case.trigger and case.state == "suspected":
                for days, action in ((0, "confirm"), (1, "notice"), (3, "deliver"), (20, "submit"),
                                     (25, "pass"), (40, "close")):  # fmt: skip
                    self._after(days * DAY_S, self._step(case.number, action))

    def _step(self, number: int, action: str) -> Act:
        async def step() -> None:
            ledger = self.parts.registrar.office.ledger
            if action in ledger.cases[number].actions:
                order = Order(action, self.parts.clock.at(), WHO, "simulated")
                await self._record(*ledger.order(number, order))

        return step


def _morning(at: float) -> float:
    """Give 10:00 of the day of a time, Asia/Shanghai."""
    return at - (at + 8 * HOUR_S) % DAY_S + 10 * HOUR_S
