"""Hold that nothing is attempted after its user has refused, however long it waited (I11)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.policy import compile_policy
from routing.message import DELIVERED, REJECTED
from routing.registry_events import OptedIn, OptedOut
from routing.standing_events import Suspended, SuspensionLifted
from tests.support.submissions import submission

from .outcome_world import ACCOUNT, World, gateway_settings

DAY_S = 86_400.0
AT_ONCE, RETRIED, AFTER_5_S = "19900000000", "19900000005", "19900000105"
NUMBERS = (AT_ONCE, RETRIED, AFTER_5_S, "19900000130")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = fresh(tmp_path)
    yield made
    made.close()


def fresh(data: Path) -> World:
    """Give a world with registries of its own."""
    return World(data, compile_policy(gateway_settings()))


def submit(world: World, recipient: str, scheduled_s: float = 0.0) -> int:
    world.last_id += 1
    at = world.clock.at()
    world.submit(
        submission(
            at=at, message_id=world.last_id, recipient=recipient, validity_at=at + DAY_S,
            schedule_at=at + scheduled_s if scheduled_s else 0.0, registered_delivery=1,
        )
    )  # fmt: skip
    return world.last_id


def refuse(world: World, recipient: str) -> None:
    world.policy.rules.registries.apply(
        OptedOut(world.clock.at(), recipient, source="customer_service")
    )


def passes(world: World, seconds: float) -> None:
    while world.store.under_way is not None:
        world.store.answer(stored=True)
        world.turn()
    world.clock.advance(seconds)
    world.turn()


@pytest.mark.parametrize(
    ("recipient", "scheduled_s"),
    [(AT_ONCE, 60.0), (RETRIED, 0.0), (AFTER_5_S, 0.0), (AT_ONCE, 0.0)],
)
def test_a_refusal_stops_what_is_scheduled_retried_slow_or_not_yet_on_disk(
    world: World, recipient: str, scheduled_s: float
) -> None:
    one = submit(world, recipient, scheduled_s)
    other = submit(world, recipient.replace("1990", "1330"), scheduled_s)
    if scheduled_s or recipient != AT_ONCE:
        passes(world, 1.0)
    refuse(world, recipient)
    world.settle()
    assert (world.outcomes[one].state, world.outcomes[one].error) == (REJECTED, "9A3")
    assert world.outcomes[one].liability == "party_a"
    assert world.outcomes[other].state == DELIVERED


def test_what_a_suspension_holds_goes_out_when_it_is_lifted(world: World) -> None:
    one = submit(world, AFTER_5_S)
    passes(world, 1.0)
    at = world.clock.at()
    registries = world.policy.rules.registries
    registries.apply(Suspended(at, 1, ACCOUNT, "7.5", "op", "suspicion"))
    for _ in range(20):
        passes(world, 31.0)
    assert one not in world.outcomes
    registries.apply(SuspensionLifted(world.clock.at(), 1, "op", "explained"))
    passes(world, 31.0)
    passes(world, 0.0)
    assert world.outcomes[one].state == DELIVERED


def test_what_is_held_too_long_expires(world: World) -> None:
    one = submit(world, AFTER_5_S)
    passes(world, 1.0)
    suspended = Suspended(world.clock.at(), 1, ACCOUNT, "7.5", "op", "suspicion")
    world.policy.rules.registries.apply(suspended)
    world.settle()
    assert world.outcomes[one].state not in (DELIVERED, REJECTED)
    assert world.outcomes[one].at >= world.clock.at() - 7 * DAY_S


STEP = st.one_of(
    st.tuples(st.just("submit"), st.sampled_from(NUMBERS), st.sampled_from((0.0, 0.0, 4.0, 40.0))),
    st.tuples(st.just("refuse"), st.sampled_from(NUMBERS), st.just(0.0)),
    st.tuples(st.just("accept"), st.sampled_from(NUMBERS), st.just(0.0)),
    st.tuples(st.just("wait"), st.just(""), st.sampled_from((0.01, 1.0, 6.0, 61.0))),
    st.tuples(st.just("commit"), st.just(""), st.just(0.0)),
)


@settings(max_examples=60, deadline=None)
@given(steps=st.lists(STEP, min_size=2, max_size=25))
def test_no_delivery_is_later_than_a_refusal(
    steps: list[tuple[str, str, float]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    world = fresh(tmp_path_factory.mktemp("world"))
    refused: dict[str, list[tuple[float, bool]]] = {number: [] for number in NUMBERS}
    sent: dict[int, str] = {}
    try:
        for what, number, seconds in steps:
            # No two things happen at one instant, so that earlier and later are told apart.
            world.clock.advance(0.001)
            if what == "submit":
                if refused[number] and refused[number][-1][1]:
                    continue  # The verdict lets none in.
                sent[submit(world, number, seconds)] = number
            elif what == "commit":
                passes(world, 0.0)
            elif what == "wait":
                passes(world, seconds)
            else:
                at = world.clock.at()
                kind = OptedOut if what == "refuse" else OptedIn
                world.policy.rules.registries.apply(kind(at, number, source="customer_service"))
                refused[number].append((at, what == "refuse"))
        world.settle()
    finally:
        world.close()
    assert world.outcomes.keys() == sent.keys()
    for one, outcome in world.outcomes.items():
        before = [off for at, off in refused[sent[one]] if at < outcome.at]
        assert (outcome.state == REJECTED) == bool(before and before[-1]), outcome
