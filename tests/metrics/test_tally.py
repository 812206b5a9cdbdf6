"""Hold counting and measuring to exact figures."""

from __future__ import annotations

from metrics.instruments import Instrument
from metrics.tally import Distribution, Tally, read_family

COUNTER = Instrument("smsgw_things_total", "counter", "Things.", ("kind",))
HISTOGRAM = Instrument("smsgw_wait_seconds", "histogram", "Waits.", ("kind",), (0.1, 1.0))
GAUGE = Instrument("smsgw_level", "gauge", "Level.", ("kind",))


def label(key: int) -> tuple[str, ...]:
    return ("even" if key % 2 == 0 else "odd",)


def samples(family: object) -> dict[tuple[str, ...], float]:
    return {
        (sample.name, *sample.labels.values()): sample.value
        for sample in family.samples  # type: ignore[attr-defined]  # every metric family has them
    }


def test_a_tally_begins_at_zero_and_adds_up() -> None:
    tally = Tally(COUNTER, label, [1, 2])
    tally.add(1)
    tally.add(1, 4)
    assert samples(tally.family()) == {
        ("smsgw_things_total", "odd"): 5,
        ("smsgw_things_total", "even"): 0,
    }


def test_keys_with_the_same_labels_are_one_series() -> None:
    tally = Tally(COUNTER, label, [1])
    tally.add(1, 2)
    tally.add(3, 5)
    assert samples(tally.family()) == {("smsgw_things_total", "odd"): 7}


def test_a_copy_of_a_tally_stands_still() -> None:
    tally = Tally(COUNTER, label, [1])
    copy = tally.copy()
    tally.add(1)
    assert samples(copy.family()) == {("smsgw_things_total", "odd"): 0}


def test_a_value_falls_into_the_first_bucket_that_holds_it() -> None:
    waits = Distribution(HISTOGRAM, label, [1])
    for value in (0.05, 0.1, 0.11, 1.0):
        waits.observe(1, value)
    waits.observe(1, 7.0, 2)
    shown = samples(waits.family())
    assert shown["smsgw_wait_seconds_bucket", "odd", "0.1"] == 2
    assert shown["smsgw_wait_seconds_bucket", "odd", "1.0"] == 4
    assert shown["smsgw_wait_seconds_bucket", "odd", "+Inf"] == 6
    assert shown["smsgw_wait_seconds_count", "odd"] == 6
    assert shown["smsgw_wait_seconds_sum", "odd"] == 0.05 + 0.1 + 0.11 + 1.0 + 14.0


def test_a_key_that_was_not_foreseen_is_measured_too() -> None:
    waits: Distribution[int] = Distribution(HISTOGRAM, label, [])
    waits.observe(2, 0.5)
    assert samples(waits.family())["smsgw_wait_seconds_count", "even"] == 1


def test_a_copy_of_a_distribution_stands_still() -> None:
    waits = Distribution(HISTOGRAM, label, [1])
    copy = waits.copy()
    waits.observe(1, 0.5)
    assert samples(copy.family())["smsgw_wait_seconds_count", "odd"] == 0


def test_a_gauge_shows_what_was_read() -> None:
    assert samples(read_family(GAUGE, {("odd",): 3.5})) == {("smsgw_level", "odd"): 3.5}
