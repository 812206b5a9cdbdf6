from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.clock import ManualClock
from gateway.ids import EPOCH_S, MessageIds, created_at

NOW = 1_795_000_000.0


def test_an_id_holds_time_node_and_counter() -> None:
    ids = MessageIds(ManualClock(at=EPOCH_S + 12.345).at, node=7)
    assert ids.next() == 12_345 << 22 | 7 << 12
    assert ids.next() == 12_345 << 22 | 7 << 12 | 1


def test_created_at_reads_the_time_back() -> None:
    assert created_at(MessageIds(ManualClock(at=NOW).at).next()) == pytest.approx(NOW, abs=0.001)


def test_more_than_4096_in_a_millisecond_run_ahead_of_the_clock() -> None:
    ids = MessageIds(ManualClock(at=NOW).at, node=1023)
    given_out = ids.next_many(10_000)
    assert len(set(given_out)) == 10_000
    assert {message_id >> 12 & 1023 for message_id in given_out} == {1023}
    assert (given_out[-1] >> 22) - (given_out[0] >> 22) == 2


@given(st.lists(st.floats(-10_000, 10_000), max_size=50))
def test_ids_rise_strictly_whatever_the_clock_does(jumps: list[float]) -> None:
    clock = ManualClock(at=NOW)
    ids = MessageIds(clock.at)
    given_out = []
    for seconds in jumps:
        clock.jump(seconds)
        given_out += ids.next_many(3)
    assert all(first < second for first, second in pairwise(given_out))


@given(st.integers(0, (1 << 62)))
def test_after_a_restart_ids_start_above_the_floor(floor: int) -> None:
    ids = MessageIds(ManualClock(at=NOW).at, node=3, floor=floor)
    first = ids.next()
    assert first > floor
    assert first >> 12 & 1023 == 3


def test_two_nodes_never_give_the_same_id() -> None:
    clock = ManualClock(at=NOW)
    one, two = MessageIds(clock.at, node=1), MessageIds(clock.at, node=2)
    assert not set(one.next_many(9000)) & set(two.next_many(9000))


@pytest.mark.parametrize("node", [-1, 1024])
def test_a_node_outside_ten_bits_is_refused(node: int) -> None:
    with pytest.raises(ValueError, match="0 to 1023 allowed"):
        MessageIds(ManualClock().at, node=node)


def test_a_floor_outside_63_bits_is_refused() -> None:
    with pytest.raises(ValueError, match="floor: "):
        MessageIds(ManualClock().at, floor=1 << 63)
