"""Hold the ledger to its promises under any sequence of facts, orders and days."""

from __future__ import annotations

from typing import cast

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from metrics.breaches.cases import ACTIONS, ENDED, MOVES, BreachError
from metrics.breaches.ledger import Ledger
from metrics.breaches.orders import Order
from metrics.breaches.stops import GROUNDS
from routing.breach_events import BreachEvent, CaseMoved
from routing.events import JournalEvent, Outcome, decode_batch, encode_batch
from tests.support.breaches import ACCOUNT, PORT, START, WHO, Desk, message, terms

REASONS = st.lists(
    st.sampled_from(
        ["scope", "no_consent", "commercial", "signature_missing", "impersonation", "length"]
    ),
    max_size=3,
)
TERMS = terms(consent_serious=2, consent_major=4, general_days=2, serious_days=4)
END_PENALTIES = {0, 1_000_000, 5_000_000, 10_000_000}


class LedgerMachine(RuleBasedStateMachine):
    """Do at random what journal, registers and people do; refusals are part of it."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk(TERMS)
        self.now = START
        self.messages = 0
        self.calls: list[tuple[int, float, str, str]] = []
        """Complaints: how many events came before, when, which counter, number."""

    @property
    def ledger(self) -> Ledger:
        return self.desk.ledger

    @rule(days=st.floats(0.0, 20.0))
    def time_passes(self, days: float) -> None:
        self.now += days * 86400.0

    @rule(reasons=REASONS, accepted=st.booleans())
    def message_is_submitted(self, reasons: list[str], accepted: bool) -> None:
        self.messages += 1
        changes = {"at": self.now, "message_id": self.messages}
        self.desk.happen(message(*reasons, accepted=accepted, **changes))

    @precondition(lambda self: self.messages)
    @rule(pick=st.integers(0, 10**6), state=st.sampled_from([2, 3, 5]))
    def message_ends(self, pick: int, state: int) -> None:
        message_id = 1 + pick % self.messages
        self.desk.happen(Outcome(self.now, message_id, state, "000", "ok", "telecom"))

    @rule(counter=st.sampled_from(["no_consent", "row5", "monthly"]))
    def user_complains(self, counter: str) -> None:
        number = f"C{len(self.calls)}"
        self.calls.append((len(self.desk.journal), self.now, counter, number))
        self.ledger.count_complaint(self.now, ACCOUNT, number, (counter,), (PORT,))

    @rule()
    def consequences_follow(self) -> None:
        self.desk.settle(self.now)
        assert self.ledger.due(self.now) == ()

    @rule(row=st.sampled_from([5, 10, 16, 24, 28]), grade=st.sampled_from(["", "major"]))
    def person_opens_a_case(self, row: int, grade: str) -> None:
        try:
            self.desk.open(self.now, row, grade=grade, ports=(PORT,))
        except BreachError:
            assert grade
            assert row not in {24, 28}

    @precondition(lambda self: self.ledger.cases)
    @rule(
        pick=st.integers(0, 10**6),
        action=st.sampled_from(ACTIONS),
        back=st.sampled_from([0.0, 0.0, 0.0, 86400.0]),
        form=st.sampled_from(["letter", "letter", "fax"]),
        row=st.sampled_from([0, 8]),
    )
    def person_orders_anything(
        self, pick: int, action: str, back: float, form: str, row: int
    ) -> None:
        number = 1 + pick % len(self.ledger.cases)
        case = self.ledger.cases[number]
        before = case.state
        order = Order(action, self.now - back, WHO, "seen", form=form, row=row)
        try:
            events = self.ledger.order(number, order)
        except BreachError:
            assert case.state == before
            return
        assert action in MOVES[before]
        self.desk.happen(*events)

    @precondition(lambda self: self.ledger.cases)
    @rule(pick=st.integers(0, 10**6), step=st.integers(0, 10**6))
    def person_takes_an_allowed_step(self, pick: int, step: int) -> None:
        number = 1 + pick % len(self.ledger.cases)
        moves = sorted(MOVES[self.ledger.cases[number].state])
        if moves:
            self.person_orders_anything(number - 1, moves[step % len(moves)], 0.0, "letter", 22)

    @rule(ground=st.sampled_from(sorted(GROUNDS)))
    def business_is_stopped(self, ground: str) -> None:
        stop = self.ledger.stop_at_once(self.now, ACCOUNT, ground, who=WHO, why="seen")
        self.desk.happen(stop)

    @precondition(lambda self: self.ledger.stops)
    @rule(pick=st.integers(0, 10**6))
    def business_is_resumed(self, pick: int) -> None:
        number = 1 + pick % len(self.ledger.stops)
        try:
            self.desk.happen(self.ledger.resume(number, self.now, who=WHO, why="settled"))
        except BreachError:
            assert self.ledger.stops[number].until <= self.now

    @invariant()
    def every_state_is_in_the_table_and_reached_by_it(self) -> None:
        for case in self.ledger.cases.values():
            state = "suspected"
            for event in case.history[1:]:
                assert isinstance(event, CaseMoved)
                state = MOVES[state][event.action]  # type: ignore[index]  # as the event says
            assert case.state == state
            assert all(event.who and event.why for event in case.history)

    @invariant()
    def penalties_are_due_only_on_termination(self) -> None:
        for case in self.ledger.cases.values():
            assert case.penalty_fen in END_PENALTIES
            assert case.state == "terminated" or not case.penalty_fen

    @invariant()
    def a_case_in_rectification_blocks_its_port(self) -> None:
        blocking = {"rectification", "evidence_submitted", "failed", "stopped", "suspended"}
        for case in self.ledger.cases.values():
            blocks = [b for b in self.ledger.blocks_at(self.now) if b.case == case.number]
            if case.state in blocking:
                assert len(blocks) == 1
            elif case.state in ENDED - {"terminated"}:
                assert blocks == []

    @invariant()
    def evidence_belongs_to_one_open_case_at_most(self) -> None:
        for (account, _row), found in self.ledger.facts.evidence.items():
            assert found.account == account
            if found.case:
                assert self.ledger.cases[found.case].evidence is found

    def teardown(self) -> None:
        """Rebuild the ledger from the journal, and from its lasting part alone."""
        self.desk.settle(self.now + 3600.0)
        whole = self.rebuilt(lasting=False)
        assert whole.state() == self.ledger.state()
        lasting = self.rebuilt(lasting=True)
        assert lasting.cases == self.ledger.cases
        assert lasting.stops == self.ledger.stops
        assert lasting.facts.evidence == self.ledger.facts.evidence
        assert lasting.facts.daily == self.ledger.facts.daily

    def rebuilt(self, *, lasting: bool) -> Ledger:
        """Apply the journal to an empty ledger, with the complaints between its events."""
        rebuilt = Ledger(TERMS)
        calls = iter(self.calls)
        call = next(calls, None)
        for index, event in enumerate([*self.desk.journal, None]):
            while call is not None and call[0] == index:
                _index, at, counter, number = call
                rebuilt.count_complaint(at, ACCOUNT, number, (counter,), (PORT,))
                call = next(calls, None)
            if event is not None and (isinstance(event, BreachEvent) or not lasting):
                rebuilt.apply(decode_batch(encode_batch([cast(JournalEvent, event)]))[0])
        return rebuilt


TestLedger = LedgerMachine.TestCase
TestLedger.settings = settings(max_examples=100, stateful_step_count=50, deadline=None)
