"""The day of sample traffic is what its generator writes, fits the demonstration, can be sent."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from gateway.load.options import LoadOptions
from gateway.load.traffic import load_traffic
from tests.support.samples import SAMPLES

ROOT = Path(__file__).resolve().parents[3]
DAY = ROOT / "examples" / "traffic" / "day.jsonl"


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    return [json.loads(line) for line in DAY.read_text("utf-8").splitlines()]


def test_the_file_is_what_its_generator_writes() -> None:
    generator = ROOT / "tools" / "generate_sample_traffic.py"
    checked = subprocess.run([sys.executable, generator, "--check"], check=False)
    assert checked.returncode == 0


def test_the_shares_are_those_of_the_profile(rows: list[dict[str, str]]) -> None:
    assert Counter(row["category"] for row in rows) == {
        "verify": 700,
        "notice": 800,
        "traffic": 300,
        "antifraud": 160,
        "internal": 40,
    }


def test_every_text_passes_the_contract_and_keeps_its_service(rows: list[dict[str, str]]) -> None:
    # tests/routing/test_verdict.py holds that each of these samples is accepted.
    accepted = {(sample.text, sample.service) for sample in SAMPLES if sample.id != "T29"}
    assert {(row["text"], row["service"]) for row in rows} == accepted


def test_recipients_are_in_the_demonstrations_scope_and_differ(rows: list[dict[str, str]]) -> None:
    numbers = [int(row["to"]) for row in rows]
    assert {number // 100_000 for number in numbers} == {133000, 177000, 189000}
    assert len(set(numbers)) == len(numbers)


def test_times_ascend_through_one_day_and_peak_before_and_after_noon(
    rows: list[dict[str, str]],
) -> None:
    times = [datetime.fromisoformat(row["at"]) for row in rows]
    assert times == sorted(times)
    assert {at.date().isoformat() for at in times} == {"2026-03-18"}
    hours = Counter(at.hour for at in times)
    assert {hour for hour, _count in hours.most_common(4)} == {9, 10, 15, 16}
    night = [row for row, at in zip(rows, times, strict=True) if not 8 <= at.hour < 20]
    assert {row["service"] for row in night} == {"instant"}


def test_it_can_be_sent_as_it_stands() -> None:
    messages = load_traffic(LoadOptions(traffic=DAY), 0, 1)
    assert len(messages) == 2_000
    assert max(len(message.pdus) for message in messages) == 3
