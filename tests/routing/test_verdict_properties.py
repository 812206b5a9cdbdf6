"""A verdict depends on the submission, the versions of contract and registries, and the clock.

On nothing else: not on what was judged before, on which objects hold the rules, on the order of
rows that do not concern each other, on the process, nor on whether the registries were filled by
people or folded from the journal. Each property has a control: a table with a check that goes by
something else is found out.
"""

from __future__ import annotations

import copy
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given as suppose
from hypothesis import settings
from hypothesis import strategies as st

from routing.event import Event
from routing.events import JournalEvent, decode_batch, encode_batch
from routing.facts import Facts
from routing.message import Message
from routing.rules import AccountRules
from routing.verdict import TABLE, Check, Judge
from tests.support.submissions import AT
from tests.support.verdicts import (
    DECLARED,
    HOUR_S,
    NUMBERS,
    OTHERS,
    SENDERS,
    TEXTS,
    changes_of,
    given,
    pass_by,
    ruled,
    verdict,
)

ROOT = Path(__file__).resolve().parents[2]
SUBJECTS = st.builds(
    given,
    st.sampled_from(NUMBERS),
    st.sampled_from(TEXTS),
    st.sampled_from(SENDERS),
    st.sampled_from((AT - 12 * HOUR_S, AT - HOUR_S, AT, AT + HOUR_S)),
)
UNRELATED = st.lists(
    st.builds(
        given,
        st.sampled_from(OTHERS),
        st.sampled_from(TEXTS),
        st.sampled_from(SENDERS),
        st.floats(AT - 24 * HOUR_S, AT + HOUR_S),
    ),
    max_size=12,
)
CHANGES = st.lists(
    st.builds(
        changes_of,
        st.sampled_from(NUMBERS),
        st.integers(0, 5),
        st.integers(0, 5),
        st.sampled_from((AT - 48 * HOUR_S, AT - HOUR_S, AT - 1.0)),
    ),
    max_size=10,
).map(lambda changes: sorted(changes, key=lambda change: change.at))


def shuffled(declared: dict[str, Any], seed: int) -> dict[str, Any]:
    """Give what a contract declares with the rows of its lists in another order.

    But for the signatures: a sentence names them in the order of the file.
    """
    dice = random.Random(seed)

    def mixed(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: mixed(each) for key, each in value.items()}
        if isinstance(value, list):
            rows = [mixed(each) for each in value]
            dice.shuffle(rows)
            return rows
        return value

    return {**cast("dict[str, Any]", mixed(declared)), "signatures": declared["signatures"]}


def interleaved(changes: list[Event], seed: int) -> list[Event]:
    """Give the changes with those of different numbers in another order at each moment."""
    dice = random.Random(seed)
    mixed: list[Event] = []
    for at in sorted({change.at for change in changes}):
        queues: dict[str, list[Event]] = {}
        for change in changes:
            if change.at == at:
                name = getattr(change, "number", "") or getattr(change, "entry", "")
                queues.setdefault(name, []).append(change)
        while queues:
            number = dice.choice(sorted(queues))
            mixed.append(queues[number].pop(0))
            if not queues[number]:
                del queues[number]
    return mixed


@settings(max_examples=60, deadline=None)
@suppose(subject=SUBJECTS, changes=CHANGES, before=UNRELATED)
def test_what_was_judged_before_of_others_is_no_matter(
    subject: Any, changes: list[Event], before: list[Any]
) -> None:
    judge = Judge(ruled(changes))
    alone = verdict(Judge(ruled(changes)), subject)
    pass_by(judge, before)
    assert verdict(judge, subject) == alone
    assert verdict(judge, subject) == alone


@settings(max_examples=60, deadline=None)
@suppose(subject=SUBJECTS, changes=CHANGES, seed=st.integers(0, 1000))
def test_the_order_of_rows_that_do_not_concern_each_other_is_no_matter(
    subject: Any, changes: list[Event], seed: int
) -> None:
    other = ruled(interleaved(changes, seed), shuffled(DECLARED, seed))
    assert verdict(Judge(other), subject) == verdict(Judge(ruled(changes)), subject)


@settings(max_examples=60, deadline=None)
@suppose(subject=SUBJECTS, changes=CHANGES)
def test_registries_folded_from_the_journal_judge_alike(subject: Any, changes: list[Event]) -> None:
    stored = decode_batch(encode_batch(cast("list[JournalEvent]", changes)))
    again = ruled(stored, copy.deepcopy(DECLARED))
    assert verdict(Judge(again), subject) == verdict(Judge(ruled(changes)), subject)


@settings(max_examples=30, deadline=None)
@suppose(subject=SUBJECTS, changes=CHANGES)
def test_equal_submissions_of_other_objects_are_judged_alike(
    subject: Any, changes: list[Event]
) -> None:
    (other,) = decode_batch(encode_batch([subject]))
    compiled = ruled(changes)
    assert verdict(Judge(compiled), cast("Any", other)) == verdict(Judge(compiled), subject)


def printed(seed: str, *arguments: str) -> str:
    command = [sys.executable, "-m", "tests.support.verdicts", *arguments]
    environ = {**os.environ, "PYTHONHASHSEED": seed}
    found = subprocess.run(
        command, cwd=ROOT, env=environ, capture_output=True, text=True, check=True
    )
    return found.stdout


def test_every_process_judges_alike() -> None:
    one, other = printed("1"), printed("2")
    assert one == other
    assert len(one.strip()) == 64


# -- controls ---------------------------------------------------------------------------------


def test_a_check_that_goes_by_the_process_is_found() -> None:
    assert printed("1", "--leaky") != printed("2", "--leaky")


class Counting:
    """Be a check that refuses every third message it sees, whosever it is."""

    def __init__(self) -> None:
        self.seen = 0

    def __call__(self, message: Message, rules: AccountRules, facts: Facts) -> str | None:
        self.seen += 1
        return None if self.seen % 3 else "one too many"


def test_a_check_that_remembers_others_is_found() -> None:
    subject = given(NUMBERS[0], TEXTS[0])

    def judge() -> Judge:
        return Judge(ruled(), (*TABLE, Check("window", "message", Counting())))

    alone, second = judge(), judge()
    pass_by(second, [given(one, TEXTS[0]) for one in OTHERS[:2]])
    assert verdict(second, subject) != verdict(alone, subject)


def test_the_changes_and_texts_here_make_a_difference() -> None:
    """Where every verdict were the same, the properties above would show nothing."""
    verdicts = {
        verdict(Judge(ruled([changes_of(NUMBERS[0], kind, 0, AT - 1.0)])), given(NUMBERS[0], text))
        for kind in range(6)
        for text in TEXTS
    }
    assert len(verdicts) > 2 * len(TEXTS)


@pytest.mark.parametrize("recipient", NUMBERS)
def test_a_version_of_the_registries_does_make_a_difference(recipient: str) -> None:
    subject = given(recipient, TEXTS[0])
    refused = ruled([changes_of(recipient, 2, 0, AT - 1.0)])
    assert verdict(Judge(refused), subject) != verdict(Judge(ruled()), subject)
