"""Exactly one final outcome for each message, whatever happens and in whatever order (I5).

Hypothesis lets messages be submitted, time pass, the clock be set, messages be cancelled and
replaced, receipts be answered well, badly or not at all, the disk be full, and the gateway die
with the batch under way stored or not. Dispatcher, outbox, requests, batching journal, its files,
recovery and archive are the real ones; the test decides when the disk answers and what time it is.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from gateway.delivery.outbox import SESSION_ENDED
from routing.message import ENROUTE, Message
from routing.open_messages import OpenMessages
from smpp.constants import CommandStatus
from tests.support.submissions import MESSAGE_ID, TEXT, submission

from .outcome_world import DAY_S, World

RECIPIENTS = ("0000", "0001", "0002", "0004", "0005", "0008", "0011", "0012", "0130")
"""Last digits of magic recipients: delivered, off, failed, retried, silent, twice, after 30 s."""
OTHER_TEXTS = tuple(TEXT.replace("482913", f"73065{n}") for n in range(3))


class OneOutcome(RuleBasedStateMachine):
    """Let anything happen, in any order."""

    make_world: Callable[[Path], World] = World

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.world = type(self).make_world(Path(self.folder.name))
        self.ids: list[int] = []

    def teardown(self) -> None:
        try:
            self.world.settle()
            self.world.check_the_end()
        finally:
            self.world.close()
            self.folder.cleanup()

    @initialize(digits=st.sampled_from(RECIPIENTS))
    def begin_with_one(self, digits: str) -> None:
        self.submit(digits, asked=1, scheduled_s=0.0, valid_s=DAY_S)

    @rule(
        digits=st.sampled_from(RECIPIENTS),
        asked=st.sampled_from((0, 1, 1, 2, 17)),
        scheduled_s=st.sampled_from((0.0, 0.0, 60.0, 3600.0)),
        valid_s=st.sampled_from((5.0, 3700.0, DAY_S)),
    )
    def submit(self, digits: str, asked: int, scheduled_s: float, valid_s: float) -> None:
        self.world.last_id += 1
        self.ids.append(self.world.last_id)
        at = self.world.clock.at()
        self.world.submit(
            submission(
                at=at,
                message_id=self.world.last_id,
                recipient=f"1990000{digits}",
                registered_delivery=asked,
                schedule_at=at + scheduled_s if scheduled_s else 0.0,
                validity_at=at + valid_s,
                fault={"0011": "no_receipt", "0012": "receipt_twice"}.get(digits, ""),
            )
        )

    @rule(seconds=st.sampled_from((0.05, 1.0, 4.0, 31.0, 600.0, 3600.0, DAY_S)))
    def deliver_or_expire(self, seconds: float) -> None:
        self.world.clock.advance(seconds)
        self.world.turn()

    @rule(seconds=st.sampled_from((-7200.0, -0.5, 0.5, 7200.0)))
    def set_the_clock(self, seconds: float) -> None:
        self.world.clock.jump(seconds)

    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        self.world.cancel(data.draw(st.sampled_from(self.ids)))

    @rule(
        data=st.data(),
        text=st.sampled_from(OTHER_TEXTS),
        in_s=st.sampled_from((b"", b"", b"1", b"90")),
    )
    def replace(self, data: st.DataObject, text: str, in_s: bytes) -> None:
        self.world.replace(data.draw(st.sampled_from(self.ids)), text, in_s)

    @precondition(lambda self: self.world.store.under_way is not None)
    @rule()
    def commit(self) -> None:
        self.world.store.answer(stored=True)
        self.world.turn()

    @precondition(lambda self: self.world.store.under_way is not None)
    @rule()
    def commit_everything(self) -> None:
        answer_all(self.world)

    @precondition(lambda self: self.world.store.under_way is not None)
    @rule()
    def find_the_disk_full(self) -> None:
        self.world.store.answer(stored=False)
        self.world.turn()

    @precondition(lambda self: self.world.esme.waiting)
    @rule(
        answer=st.sampled_from(
            (
                (int(CommandStatus.ESME_ROK), ""),
                (int(CommandStatus.ESME_ROK), ""),
                (int(CommandStatus.ESME_RX_T_APPN), ""),
                (int(CommandStatus.ESME_RX_P_APPN), ""),
                (-1, "no deliver_sm_resp in time"),
                (-1, SESSION_ENDED),
            )
        )
    )
    def answer_receipts(self, answer: tuple[int, str]) -> None:
        self.world.answer_receipts(*answer)

    @rule(kept=st.booleans(), archived=st.sampled_from((0, 1, 1_000)))
    def crash(self, kept: bool, archived: int) -> None:
        self.world.crash(kept=kept, archived=archived)

    @invariant()
    def holds(self) -> None:
        self.world.check()


def run(machine: type[OneOutcome], **options: Any) -> None:
    torture = os.environ.get("SMSGW_TORTURE") == "1"
    chosen = {
        "phases": set(Phase) - {Phase.explain},
        "max_examples": 2_000 if torture else 50,
        "stateful_step_count": 50 if torture else 30,
        "derandomize": not torture,
        **options,
    }
    quiet = list(HealthCheck)
    run_state_machine_as_test(
        machine, settings=settings(deadline=None, suppress_health_check=quiet, **chosen)
    )


def test_every_message_gets_one_outcome_whatever_happens() -> None:
    run(OneOutcome)


class ForgetfulWorld(World):
    """Take up messages after a death as if their outcomes had not been read."""

    def recovered(self) -> OpenMessages:
        found = super().recovered()
        for message in found.messages.values():
            message.state, message.owed, message.final_at = ENROUTE, 0, 0.0
        return found

    def agrees(self, message: Message) -> None:
        """See nothing: the outcomes on disk have to show it."""


class ForgetfulRestart(OneOutcome):
    make_world = ForgetfulWorld


def test_a_restart_that_forgets_outcomes_is_found() -> None:
    """The negative control."""
    once = {"phases": [Phase.generate], "report_multiple_bugs": False, "database": None}
    with pytest.raises(AssertionError):
        run(ForgetfulRestart, max_examples=50, stateful_step_count=30, derandomize=True, **once)


# -- histories that were found ---------------------------------------------------------------


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Begin with one message to a handset that is off."""
    found = World(tmp_path)
    at = found.clock.at()
    found.submit(submission(at=at, recipient="19900000001", validity_at=at + DAY_S))
    answer_all(found)
    yield found
    found.settle()
    found.check_the_end()
    found.close()


def answer(world: World, *, stored: bool) -> None:
    world.store.answer(stored=stored)
    world.turn()


def answer_all(world: World) -> None:
    while world.store.under_way is not None:
        answer(world, stored=True)


def text_of(world: World) -> str:
    return world.open.messages[MESSAGE_ID].text


def test_a_replacement_refused_after_the_cancellation_is_in_no_receipt(world: World) -> None:
    world.replace(MESSAGE_ID, OTHER_TEXTS[0], b"")
    world.cancel(MESSAGE_ID)
    answer(world, stored=False)
    answer_all(world)
    assert text_of(world) == TEXT
    world.crash(kept=False, archived=0)


@pytest.mark.parametrize(
    ("first", "second", "left"),
    [
        (True, True, OTHER_TEXTS[1]),
        (True, False, OTHER_TEXTS[0]),
        (False, True, OTHER_TEXTS[1]),
        (False, False, TEXT),
    ],
)
def test_of_two_replacements_what_the_disk_took_holds(
    world: World, *, first: bool, second: bool, left: str
) -> None:
    world.replace(MESSAGE_ID, OTHER_TEXTS[0], b"90")
    world.replace(MESSAGE_ID, OTHER_TEXTS[1], b"90")
    answer(world, stored=first)
    answer(world, stored=second)
    assert text_of(world) == left
    world.crash(kept=False, archived=0)
    assert text_of(world) == left
