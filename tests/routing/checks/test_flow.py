from __future__ import annotations

from typing import Any

import pytest

from routing.checks.flow import fault, queue_full, throughput, window
from routing.facts import Facts
from tests.support.findings import english
from tests.support.rules import FACTS, rules
from tests.support.submissions import in_flight


def test_fault_that_asks_for_a_status_refuses() -> None:
    facts = Facts()
    assert fault(in_flight(), rules(), facts) is None
    facts.fault_status = 0x58
    detail = fault(in_flight(fault="throttled"), rules(), facts)
    assert english(detail) == "fault 'throttled' asks for command_status 0x00000058"


def limited(**throughput: Any) -> tuple[Any, Facts]:
    compiled = rules(None, {"throughput": throughput})
    return compiled, Facts(0.0, compiled.new_bucket(0.0))


def test_account_without_a_rate_is_never_throttled() -> None:
    assert throughput(in_flight(), rules(), FACTS) is None


def test_burst_is_admitted_and_the_next_message_told_when() -> None:
    compiled, facts = limited(rate=10.0, burst=2)
    results = [throughput(in_flight(), compiled, facts) for _ in range(3)]
    assert results[:2] == [None, None]
    assert english(results[2]) == (
        "faster than 10 messages a second with a burst of 2; free again in 0.100 s"
    )
    facts.now = 0.11
    assert throughput(in_flight(), compiled, facts) is None


def test_segments_cost_a_token_each_where_the_unit_says_so() -> None:
    compiled, facts = limited(rate=10.0, burst=4, unit="segment")
    assert throughput(in_flight(segment_count=3), compiled, facts) is None
    detail = throughput(in_flight(segment_count=3), compiled, facts)
    assert detail is not None
    assert "segments a second" in english(detail)
    assert throughput(in_flight(), compiled, facts) is None


def test_a_long_message_costs_one_token_by_message() -> None:
    compiled, facts = limited(rate=10.0, burst=2)
    assert throughput(in_flight(segment_count=3), compiled, facts) is None
    assert throughput(in_flight(segment_count=3), compiled, facts) is None


@pytest.mark.parametrize("unit", ["message", "segment"])
def test_parts_of_an_admitted_message_pass_an_empty_bucket(unit: str) -> None:
    compiled, facts = limited(rate=0.001, burst=3, unit=unit)
    facts.part_total = 3
    assert throughput(in_flight(), compiled, facts) is None
    while facts.bucket is not None and facts.bucket.take(0.0):
        pass
    facts.continues = True
    assert throughput(in_flight(), compiled, facts) is None
    facts.continues = False
    assert throughput(in_flight(), compiled, facts) is not None


@pytest.mark.parametrize(("unit", "wait_s"), [("message", 0.2), ("segment", 0.4)])
def test_what_is_slowed_down_passes_and_leaves_a_debt(unit: str, wait_s: float) -> None:
    compiled, facts = limited(rate=10.0, burst=1, unit=unit, reaction="delay")
    assert throughput(in_flight(), compiled, facts) is None
    assert throughput(in_flight(segment_count=3), compiled, facts) is None
    assert facts.bucket is not None
    assert facts.bucket.wait(0.0) == pytest.approx(wait_s)


def test_only_an_enforced_rate_slows_down() -> None:
    slowed = {"throughput": {"rate": 10.0, "burst": 1, "reaction": "delay"}}
    assert rules(None, slowed).throughput_delays
    watched = rules(None, slowed, modes={"throughput": "monitor"})
    facts = Facts(0.0, watched.new_bucket(0.0))
    assert not watched.throughput_delays
    assert throughput(in_flight(), watched, facts) is None
    assert throughput(in_flight(), watched, facts) is not None


def test_window_is_full_when_it_is_exceeded() -> None:
    compiled, facts = rules(None, {"window": 10}), Facts()
    facts.outstanding = 10
    assert window(in_flight(), compiled, facts) is None
    facts.outstanding = 11
    detail = window(in_flight(), compiled, facts)
    assert english(detail) == "11 requests are without a response, the window is 10"


def test_queue_is_full_when_its_last_place_is_taken() -> None:
    compiled, facts = rules(None, {"max_queued": 5}), Facts()
    facts.queued = 4
    assert queue_full(in_flight(), compiled, facts) is None
    facts.queued = 5
    detail = queue_full(in_flight(), compiled, facts)
    assert english(detail) == "5 messages of this account are not final, at most 5"


def test_other_full_resources_refuse_in_their_own_words() -> None:
    facts = Facts()
    facts.full = "the disk is full"
    assert english(queue_full(in_flight(), rules(), facts)) == "the disk is full"


def test_part_of_an_admitted_message_has_its_place() -> None:
    facts = Facts()
    facts.full, facts.continues = "the disk is full", True
    assert queue_full(in_flight(), rules(), facts) is None
