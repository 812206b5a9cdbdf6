"""Hold evidence to exact counts and a bounded size."""

from __future__ import annotations

from itertools import product

import pytest

from metrics.breaches.evidence import MAX_PORTS, SAMPLE, Evidence

PORT = "106590990371"


def test_breaches_are_counted_with_first_and_last_time_and_port() -> None:
    found = Evidence("police", 16)
    found.breach(20.0, (PORT,), message_id=1)
    found.breach(10.0, (PORT,), message_id=2, acted=False)
    found.breach(15.0, ("1065909903",), message_id=3)
    assert (found.breaches, found.acted, found.count) == (3, 2, 3)
    assert (found.first_at, found.last_at) == (10.0, 20.0)
    assert found.ports == {PORT: 2, "1065909903": 1}
    assert found.touched() == ("1065909903", PORT)
    assert found.message_ids == [1, 2, 3]


def test_warnings_are_counted_apart() -> None:
    found = Evidence("police", 16)
    found.warn(5.0, 7)
    found.warn(4.0, 8)
    assert (found.breaches, found.warnings, found.acted) == (0, 2, 0)
    assert (found.first_at, found.last_at, found.message_ids) == (4.0, 5.0, [7, 8])


def test_a_breach_takes_the_place_of_warnings_in_the_sample() -> None:
    found = Evidence("police", 16)
    found.warn(1.0, 7)
    found.breach(2.0, (PORT,), message_id=8)
    found.warn(3.0, 9)
    assert (found.first_at, found.last_at, found.message_ids) == (2.0, 3.0, [8])
    assert (found.breaches, found.warnings) == (1, 2)


def test_the_sample_is_bounded_and_keeps_the_first() -> None:
    found = Evidence("police", 5)
    for number in range(1, 1001):
        found.breach(float(number), (PORT,), message_id=number, reference=f"C{number}")
    assert found.message_ids == list(range(1, SAMPLE + 1))
    assert found.references == [f"C{number}" for number in range(1, SAMPLE + 1)]
    assert found.breaches == 1000


def test_a_reference_is_listed_once() -> None:
    found = Evidence("police", 5)
    found.breach(1.0, (PORT,), reference="C1")
    found.breach(2.0, (PORT,), reference="C1")
    assert (found.references, found.message_ids, found.breaches) == (["C1"], [], 2)


def test_no_port_means_that_all_are_concerned() -> None:
    found = Evidence("police", 19)
    found.breach(1.0, (PORT,))
    assert not found.all_ports
    found.breach(2.0, ())
    assert found.touched() == ()


def test_too_many_ports_are_not_told_apart() -> None:
    found = Evidence("police", 16)
    for number in range(MAX_PORTS):
        found.breach(1.0, (f"{number:05}",))
    assert len(found.touched()) == MAX_PORTS
    found.breach(1.0, ("99999",))
    assert found.touched() == ()
    assert len(found.ports) == MAX_PORTS


@pytest.mark.parametrize("kinds", list(product("bw", repeat=4)))
def test_parts_taken_in_one_after_another_are_the_whole(kinds: tuple[str, ...]) -> None:
    whole, parts = Evidence("police", 5), Evidence("police", 5)
    for number, kind in enumerate(kinds, 1):
        part = Evidence("police", 5)
        for found in (whole, part):
            if kind == "b":
                found.breach(float(number), (f"{number % 2}",), message_id=number, reference="C")
            else:
                found.warn(float(number), number, "W")
        parts.take_in(part)
    assert parts == whole


def test_nothing_taken_in_changes_nothing() -> None:
    found = Evidence("police", 9)
    found.take_in(Evidence("police", 5))
    assert found == Evidence("police", 9)
