from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from routing.number_history import NEVER, Columns, Gate, NumberHistory, TextPool

NUMBER = 13_300_000_001


def concerning(bit: int) -> Callable[[int], bool]:
    return lambda mask: mask & bit != 0


def masks() -> NumberHistory[int]:
    """Give a history whose terms are bits, a row being covered by one with all its bits."""
    return NumberHistory(lambda new, old: old & new == old)


def columns(*rows: tuple[int, int, float, float, str]) -> Columns[int]:
    """Make the columns of rows (number, terms, since, until, text)."""
    terms = tuple(dict.fromkeys(row[1] for row in rows))
    return Columns(
        numbers=array("Q", [row[0] for row in rows]),
        since=array("d", [row[2] for row in rows]),
        until=array("d", [row[3] for row in rows]),
        terms=terms,
        picks=[terms.index(row[1]) for row in rows],
        texts=[row[4] for row in rows],
    )


def test_row_decides_from_its_first_moment_until_its_end() -> None:
    history = masks()
    history.add(NUMBER, 1, since=10.0, until=20.0, recorded_at=5.0)
    moments = (9.999, 10.0, 19.999, 20.0)
    assert [history.said(NUMBER, concerning(1), at) for at in moments] == [None, 1, 1, None]


def test_of_rows_that_begin_together_the_one_recorded_last_decides() -> None:
    history = masks()
    history.add(NUMBER, 3, since=10.0, recorded_at=10.0)
    history.add(NUMBER, 1, since=10.0, recorded_at=10.0)
    assert history.said(NUMBER, concerning(1), 10.0) == 1
    assert history.said(NUMBER, concerning(2), 10.0) == 3


def test_back_dated_row_does_not_override_one_that_begins_later() -> None:
    history = masks()
    history.add(NUMBER, 3, since=10.0, recorded_at=10.0)
    history.add(NUMBER, 1, since=8.0, recorded_at=20.0)
    assert history.said(NUMBER, concerning(1), 30.0) == 3
    assert history.since(history.deciding(NUMBER, concerning(1), 30.0)) == 10.0
    assert history.deciding_then(NUMBER, concerning(1), 9.0) == 2


def test_back_dated_row_of_the_same_question_leaves_the_later_one_deciding() -> None:
    history = masks()
    history.add(NUMBER, 1, since=10.0, recorded_at=10.0)
    history.add(NUMBER, 3, since=8.0, recorded_at=20.0)
    assert history.said(NUMBER, concerning(1), 30.0) == 1
    assert history.said(NUMBER, concerning(2), 30.0) == 3


def test_single_row_that_has_yet_to_begin_does_not_decide() -> None:
    history = masks()
    history.add(NUMBER, 1, since=20.0, recorded_at=10.0)
    assert [history.said(NUMBER, concerning(1), at) for at in (19.999, 20.0)] == [None, 1]


def test_change_is_in_force_though_the_clock_was_set_back() -> None:
    history = masks()
    history.add(NUMBER, 1, since=100.5, recorded_at=100.5)
    assert history.said(NUMBER, concerning(1), 100.4) == 1
    assert history.deciding(NUMBER, concerning(1), 100.4) == 1


def test_rows_of_an_import_count_from_its_gate_on() -> None:
    history, gate = masks(), Gate(7)
    history.add_rows(columns((NUMBER, 1, 1.0, NEVER, "proof")), gate, 5.0)
    assert history.said(NUMBER, concerning(1), 9.0) is None
    assert history.rows(NUMBER) == []
    gate.open(6.0)
    history.saw(6.0)
    assert history.said(NUMBER, concerning(1), 9.0) == 1
    (row,) = history.rows(NUMBER)
    assert (row.since, row.recorded_at, row.text, row.import_id) == (1.0, 6.0, "proof", 7)
    assert history.deciding_then(NUMBER, concerning(1), 9.0, known_at=5.9) == 0


def test_what_is_unknown_has_no_rows() -> None:
    history = masks()
    assert not history.knows(NUMBER)
    assert history.said(NUMBER, concerning(1), 1.0) is None
    assert history.deciding(NUMBER, concerning(1), 1.0) == 0
    assert (history.rows(NUMBER), history.live_terms(NUMBER), len(history)) == ([], [], 0)


def test_ten_thousand_changes_of_mind_leave_a_live_chain_of_one_each() -> None:
    history = masks()
    for step in range(10_000):
        history.add(NUMBER, 1 << step % 2, since=float(step), recorded_at=float(step))
    assert sorted(history.live_terms(NUMBER)) == [1, 2]
    assert len(history.rows(NUMBER)) == 10_000


def test_rows_of_a_closed_gate_are_no_live_terms() -> None:
    history = masks()
    history.add_rows(columns((NUMBER, 1, 1.0, NEVER, "")), Gate(7), 5.0)
    assert history.live_terms(NUMBER) == []
    assert history.knows(NUMBER)


def test_more_terms_than_find_room_in_the_table_are_told_apart() -> None:
    history = NumberHistory[int](lambda new, old: False)
    for step in range(33_000):
        history.add(NUMBER + step, step, since=0.0, recorded_at=0.0)
    said = [history.said(NUMBER + step, lambda terms: True, 1.0) for step in range(33_000)]
    assert said == list(range(33_000))


def test_two_million_rows_would_take_less_than_120_megabytes() -> None:
    history, gate = masks(), Gate(1)
    rows = [(NUMBER + step, 1, 1.0, NEVER, "proof") for step in range(20_000)]
    history.add_rows(columns(*rows), gate, 1.0)
    assert history.octets / len(rows) < 60


def test_texts_are_kept_once_while_they_come_often_and_survive_being_forgotten() -> None:
    pool = TextPool()
    assert (pool.put(""), pool.get(0)) == (0, "")
    first = pool.put("登记")
    assert pool.put("登记") == first
    places = {f"{n}": pool.put(f"{n}") for n in range(10_000)}
    assert all(pool.get(place) == text for text, place in places.items())
    assert pool.get(pool.put("登记")) == pool.get(first) == "登记"


@dataclass
class ModelRow:
    number: int
    mask: int
    since: float
    until: float
    recorded_at: float
    text: str
    gate: Gate | None = None

    def known(self) -> float:
        if self.gate is None:
            return self.recorded_at
        return max(self.gate.at, self.recorded_at) if self.gate.in_force else NEVER

    def counts(self) -> bool:
        return self.gate is None or self.gate.in_force


NUMBERS = st.sampled_from([NUMBER, NUMBER + 1, 133])
MASKS = st.integers(1, 7)
STEPS = st.sampled_from([-3.0, -1.0, 0.0, 0.0, 0.0, 1.0, 3.0])
ENDS = st.sampled_from([1.0, 2.0, 5.0, NEVER, NEVER])


class HistoryMachine(RuleBasedStateMachine):
    """Compare a history with a list of rows that is searched from end to end."""

    def __init__(self) -> None:
        super().__init__()
        self.history = masks()
        self.model: list[ModelRow] = []
        self.now = 100.0
        self.latest = float("-inf")
        self.gates: list[Gate] = []

    @rule(number=NUMBERS, mask=MASKS, step=STEPS, length=ENDS)
    def add(self, number: int, mask: int, step: float, length: float) -> None:
        since = self.now + step
        text = f"{len(self.model)}"
        self.history.add(
            number, mask, since=since, until=since + length, recorded_at=self.now, text=text
        )
        self.model.append(ModelRow(number, mask, since, since + length, self.now, text))
        self.latest = max(self.latest, self.now)

    @rule(rows=st.lists(st.tuples(NUMBERS, MASKS, STEPS, ENDS), min_size=1, max_size=4))
    def add_import(self, rows: list[tuple[int, int, float, float]]) -> None:
        gate = Gate(len(self.gates) + 1)
        self.gates.append(gate)
        made = [
            (number, mask, self.now + step, self.now + step + length, f"{number}")
            for number, mask, step, length in rows
        ]
        self.history.add_rows(columns(*made), gate, self.now)
        self.model += [
            ModelRow(number, mask, since, until, self.now, text, gate)
            for number, mask, since, until, text in made
        ]

    @rule(choice=st.integers(0, 100))
    def open_gate(self, choice: int) -> None:
        shut = [gate for gate in self.gates if not gate.in_force]
        if shut:
            shut[choice % len(shut)].open(self.now)
            self.history.saw(self.now)
            self.latest = max(self.latest, self.now)

    @rule(step=st.sampled_from([-1.0, 0.5, 1.0, 10.0]))
    def time_passes(self, step: float) -> None:
        self.now += step

    @rule(number=NUMBERS, bit=st.sampled_from([1, 2, 4]), step=STEPS)
    def ask(self, number: int, bit: int, step: float) -> None:
        at = self.now + abs(step)
        expected = self.expected(number, bit, max(at, self.latest))
        row = self.history.deciding(number, concerning(bit), at)
        assert (self.history.row(number, row).text if row else None) == (
            expected.text if expected else None
        )
        said = self.history.said(number, concerning(bit), at)
        assert said == (expected.mask if expected else None)

    @rule(number=NUMBERS, bit=st.sampled_from([1, 2, 4]), step=STEPS, known=STEPS)
    def ask_of_the_past(self, number: int, bit: int, step: float, known: float) -> None:
        at, known_at = self.now + 3 * step, self.now + 3 * known
        expected = self.expected(number, bit, at, known_at)
        row = self.history.deciding_then(number, concerning(bit), at, known_at)
        assert (self.history.row(number, row).text if row else None) == (
            expected.text if expected else None
        )

    @rule(number=NUMBERS)
    def look_at_all(self, number: int) -> None:
        shown = [(row.terms, row.since, row.text) for row in self.history.rows(number)]
        rows = [row for row in self.model if row.number == number and row.counts()]
        assert shown == [(row.mask, row.since, row.text) for row in rows]
        assert list(self.history.numbers()) == sorted({row.number for row in self.model})

    def expected(
        self, number: int, bit: int, at: float, known_at: float = NEVER
    ) -> ModelRow | None:
        found: ModelRow | None = None
        for row in self.model:
            asked = row.number == number and row.mask & bit and row.counts()
            valid = row.since <= at < row.until and row.known() <= known_at
            if asked and valid and (found is None or row.since >= found.since):
                found = row
        return found


TestHistory = HistoryMachine.TestCase
TestHistory.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
