from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.load.histogram import Histogram, bucket_of, upper_end


@given(st.integers(0, 3_600_000_000))
def test_a_bucket_ends_at_or_above_its_values_by_at_most_one_part_in_64(value: int) -> None:
    end = upper_end(bucket_of(value))
    assert value <= end <= value + value // 64


@given(st.integers(0, 1_700))
def test_buckets_follow_one_another_without_gap(bucket: int) -> None:
    assert bucket_of(upper_end(bucket)) == bucket
    assert bucket_of(upper_end(bucket) + 1) == bucket + 1


def test_quantiles_of_known_durations() -> None:
    histogram = Histogram()
    for microseconds in range(1, 101):
        histogram.record(microseconds / 1e6)
    assert histogram.quantiles((0.0, 0.5, 0.99, 1.0)) == pytest.approx([1e-6, 50e-6, 99e-6, 1e-4])
    assert histogram.mean_s == pytest.approx(50.5e-6)


def test_a_count_weighs_and_the_maximum_is_exact() -> None:
    histogram = Histogram()
    histogram.record(0.001, 99)
    histogram.record(1.2345)
    assert histogram.quantile(0.99) == pytest.approx(0.001, rel=0.016)
    assert histogram.quantile(1.0) == histogram.max_s == 1.2345


def test_an_empty_histogram_gives_zero() -> None:
    assert Histogram().quantile(0.99) == Histogram().mean_s == 0.0


def test_durations_outside_the_range_are_held_to_it() -> None:
    histogram = Histogram()
    histogram.record(-1.0)
    histogram.record(1e9)
    assert histogram.quantiles((0.5, 1.0)) == [0.0, 3600.0]


def test_merging_equals_recording_in_one() -> None:
    first, second, both = Histogram(), Histogram(), Histogram()
    for number in range(1, 200):
        (first if number % 3 else second).record(number / 1e4)
        both.record(number / 1e4)
    first.merge(second.sparse(), second.sum_s, second.max_s)
    assert first.sparse() == both.sparse()
    assert (first.count, first.max_s) == (both.count, both.max_s)
    assert first.mean_s == pytest.approx(both.mean_s)
