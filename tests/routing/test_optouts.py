from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from config.content import OptOutRules
from routing.category_masks import CATEGORIES
from routing.optouts import OptOutBook, OptOutTerms, read_terms
from routing.registry_events import ImportOpened, OptedIn, OptedOut

NUMBER = "13300000001"
PORT = "106590990371"
OTHER = "106590990372"
JUNE_1 = 1_780_243_200.0

Scope = Literal["commercial", "category", "all"]


def book(*events: OptedOut | OptedIn, scope: Scope = "category", grace_s: int = 0) -> OptOutBook:
    made = OptOutBook(OptOutRules(scope=scope, grace_s=grace_s))
    for event in events:
        made.apply(event)
    return made


def out(at: float = JUNE_1, port: str = PORT, *categories: str, said_at: float = 0.0) -> OptedOut:
    return OptedOut(at, NUMBER, port, categories, refused_at=said_at)


def back(at: float = JUNE_1, port: str = PORT, *categories: str, said_at: float = 0.0) -> OptedIn:
    return OptedIn(at, NUMBER, port, categories, accepted_at=said_at)


def stopped(optouts: OptOutBook, at: float = JUNE_1, port: str = PORT) -> set[str]:
    return set(optouts.stopped_categories(NUMBER, port, at))


def test_number_that_refused_nothing_gets_everything() -> None:
    assert stopped(book()) == set()
    assert book().judge("POLICE", PORT, "notice", JUNE_1) is None


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("commercial", {"commercial"}),
        ("category", {"commercial", "reminder"}),
        ("all", set(CATEGORIES)),
    ],
)
def test_refusal_stops_commercial_messages_always_and_what_the_scope_says(
    scope: Scope, expected: set[str]
) -> None:
    assert stopped(book(out(JUNE_1, PORT, "reminder"), scope=scope)) == expected


def test_refusal_of_everything_stops_every_category() -> None:
    assert stopped(book(out())) == set(CATEGORIES)
    assert stopped(book(out(), scope="commercial")) == {"commercial"}


def test_refusal_is_towards_one_access_number_or_all() -> None:
    one = book(out(JUNE_1, PORT, "reminder"))
    assert (stopped(one, port=OTHER), stopped(one)) == (set(), {"commercial", "reminder"})
    every = book(out(JUNE_1, "", "reminder"))
    assert stopped(every, port=OTHER) == stopped(every) == {"commercial", "reminder"}


def test_refusal_holds_for_a_message_of_the_same_millisecond_and_for_a_clock_set_back() -> None:
    optouts = book(out())
    for at in (JUNE_1, JUNE_1 - 0.001, JUNE_1 - 3600.0):
        assert optouts.judge(NUMBER, PORT, "reminder", at) is not None


def test_acceptance_of_the_same_millisecond_takes_the_refusal_back() -> None:
    assert stopped(book(out(), back())) == set()
    assert stopped(book(back(), out())) == set(CATEGORIES)


def test_acceptance_gives_back_the_categories_that_it_names() -> None:
    optouts = book(out(JUNE_1, PORT, "reminder"), back(JUNE_1 + 1.0, PORT, "reminder"))
    assert stopped(optouts, JUNE_1 + 2.0) == {"commercial"}
    optouts.apply(back(JUNE_1 + 2.0))
    assert stopped(optouts, JUNE_1 + 2.0) == set()


def test_acceptance_at_one_access_number_leaves_the_others_refused() -> None:
    optouts = book(out(JUNE_1, ""), back(JUNE_1 + 1.0))
    assert stopped(optouts, JUNE_1 + 1.0) == set()
    assert stopped(optouts, JUNE_1 + 1.0, OTHER) == set(CATEGORIES)


def test_refusal_told_later_does_not_override_an_acceptance_said_in_between() -> None:
    optouts = book(back(JUNE_1), out(JUNE_1 + 5.0, said_at=JUNE_1 - 5.0))
    assert stopped(optouts, JUNE_1 + 5.0) == set()


def test_refusal_never_waits() -> None:
    assert stopped(book(out(said_at=JUNE_1 + 3600.0))) == set(CATEGORIES)


def test_time_of_grace_ends_exactly() -> None:
    optouts = book(out(), grace_s=60)
    moments = (JUNE_1, JUNE_1 + 59.999, JUNE_1 + 60.0)
    assert [bool(stopped(optouts, at)) for at in moments] == [False, False, True]


def test_rules_adopted_last_count() -> None:
    optouts = book(out(JUNE_1, PORT, "reminder"))
    optouts.adopt(OptOutRules(scope="all"))
    assert stopped(optouts) == set(CATEGORIES)


def test_what_held_at_a_past_moment_can_be_asked() -> None:
    optouts = book(out(JUNE_1, PORT, "reminder"), back(JUNE_1 + 10.0))
    moments = (JUNE_1 - 1.0, JUNE_1, JUNE_1 + 9.0, JUNE_1 + 10.0)
    assert [optouts.stopped(NUMBER, PORT, "reminder", at) for at in moments] == [
        False,
        True,
        True,
        False,
    ]


def test_finding_names_what_was_refused_and_when() -> None:
    finding = book(out(JUNE_1, PORT, "reminder")).judge(NUMBER, PORT, "reminder", JUNE_1)
    assert finding is not None
    assert finding.en == (
        "The user refused reminder from 106590990371 at 2026-06-01 00:00:00+08:00; "
        "this message is reminder."
    )
    assert "对106590990371退订" in finding.zh
    assert finding.seen == "13300000001: opted out, reminder"
    every = book(out(JUNE_1, "")).judge(NUMBER, PORT, "notice", JUNE_1)
    assert every is not None
    assert "every category from every access number" in every.en
    assert "对全部接入号码退订" in every.zh


def test_records_show_everything_that_was_said() -> None:
    optouts = book(out(JUNE_1, PORT, "reminder"), back(JUNE_1 + 1.0))
    shown = [(r.refused, r.access_number, r.categories) for r in optouts.records_of(NUMBER)]
    assert shown == [(True, PORT, ("reminder",)), (False, PORT, ())]
    assert list(optouts.records()) == optouts.records_of(NUMBER)
    assert list(optouts.numbers()) == [int(NUMBER)]


def test_unknown_category_is_refused() -> None:
    with pytest.raises(ValueError, match="category 'spam'"):
        book().judge(NUMBER, PORT, "spam", JUNE_1)
    with pytest.raises(ValueError, match="category 'spam'"):
        book(out(JUNE_1, PORT, "spam"))


def test_terms_survive_the_form_of_an_import() -> None:
    for terms in (OptOutTerms(True, PORT, 4, "mo"), OptOutTerms(False, "", (1 << 16) - 1)):
        assert read_terms(terms.as_texts()) == terms


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (("stop", "", "", ""), "state 'stop': out or in"),
        (("out", "abc", "", ""), "access number 'abc'"),
        (("out", "", "spam", ""), "category 'spam'"),
        (("out", "", "", "fax"), "source 'fax': one of mo"),
    ],
)
def test_bad_terms_of_an_import_are_refused(texts: tuple[str, ...], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        read_terms(texts)


def test_unfinished_import_and_memory_are_shown() -> None:
    optouts = book(out())
    optouts.apply(ImportOpened(JUNE_1, 7, "optouts"))
    assert optouts.unfinished == (7,)
    assert 0 < optouts.octets < 10_000


NAMES = ("notice", "reminder", "commercial")
SAID = st.lists(st.sampled_from(NAMES), max_size=2, unique=True).map(tuple)
PORTS = st.sampled_from([PORT, OTHER, ""])


class OptOutMachine(RuleBasedStateMachine):
    """Compare the book with a list of what was said, searched from its end."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[tuple[bool, str, frozenset[str]]] = []
        self.scope: Scope = "category"
        self.optouts = book()
        self.now = JUNE_1

    @initialize(scope=st.sampled_from(["commercial", "category", "all"]))
    def read(self, scope: Scope) -> None:
        self.scope = scope
        self.optouts = book(scope=scope)

    @rule(refused=st.booleans(), port=PORTS, names=SAID, step=st.sampled_from([0.0, 0.0, 1.0]))
    def say(self, refused: bool, port: str, names: tuple[str, ...], step: float) -> None:
        self.now += step
        kind = OptedOut if refused else OptedIn
        self.optouts.apply(kind(self.now, NUMBER, port, names))
        self.said.append((refused, port, frozenset(names or CATEGORIES)))

    @rule(port=st.sampled_from([PORT, OTHER]), name=st.sampled_from(NAMES))
    def judge(self, port: str, name: str) -> None:
        expected = self.expected(port, name)
        for at in (self.now, self.now - 1.0):
            assert (self.optouts.judge(NUMBER, port, name, at) is not None) == expected
        assert self.optouts.stopped(NUMBER, port, name, self.now) == expected

    def expected(self, port: str, name: str) -> bool:
        for refused, towards, names in reversed(self.said):
            if towards not in ("", port):
                continue
            stops = {
                "commercial": name == "commercial",
                "category": name == "commercial" or name in names,
                "all": True,
            }[self.scope]
            if stops if refused else name in names:
                return refused
        return False


TestOptOuts = OptOutMachine.TestCase
TestOptOuts.settings = settings(max_examples=150, stateful_step_count=25, deadline=None)
