from __future__ import annotations

import json
import math
from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from gateway.load.generator import Point, WorkerResult, durations
from gateway.load.histogram import Histogram
from gateway.load.html import to_html
from gateway.load.options import LoadOptions
from gateway.load.report import (
    MAX_POINTS,
    Judgement,
    Report,
    judge,
    make_report,
    merged_timeline,
    metrics_of,
    shortened,
)
from gateway.load.tally import Totals
from gateway.load.terminal import notes, print_report
from gateway.load.thresholds import METRICS, parse_threshold


def point(at_s: float, rate: float = 100.0, owed: int = 0) -> Point:
    return Point(at_s, rate, rate, rate / 2, owed, 0.001, 0.002 * at_s)


def result(scale: int = 1) -> WorkerResult:
    histogram = Histogram()
    histogram.record(0.010, 900 * scale)
    histogram.record(0.100, 100 * scale)
    return WorkerResult(
        began=Totals(100 * scale, 100 * scale, 0, 0, 50 * scale, 0),
        ended=Totals(1100 * scale, 1000 * scale, 50 * scale, 0, 550 * scale, 0),
        final=Totals(1100 * scale, 1000 * scale, 60 * scale, 40 * scale, 990 * scale, 3 * scale),
        measured_s=2.0,
        sessions=5,
        unsent=7,
        untracked=2,
        statuses={0: 1000 * scale, 0x58: 60 * scale, 0x401: scale},
        states={"DELIVRD": 900 * scale, "UNDELIV": 90 * scale},
        closings={"reset": 1},
        responses=durations(histogram),
        round_trips=durations(histogram),
        timeline=[point(1.0), point(2.0)],
        cpu_s=1.9,
    )


def report(*thresholds: str) -> Report:
    return make_report(LoadOptions(thresholds=thresholds), [result()], 1_773_792_000.0)


def test_rates_are_of_the_measured_time_and_counts_of_the_whole_run() -> None:
    made = report()
    assert (made.submit_rate, made.accepted_rate, made.receipt_rate) == (500.0, 450.0, 250.0)
    assert (made.submitted, made.refused, made.unanswered) == (1100, 60, 40)
    assert made.errors == pytest.approx(100 / 1100)
    assert (made.backlog, made.backlog_growth, made.missing_receipts) == (450, 200.0, 10)
    assert made.statuses == {"ESME_ROK": 1000, "ESME_RTHROTTLED": 60, "0x00000401": 1}
    assert made.latency.p50_ms == pytest.approx(10, rel=0.016)
    assert made.latency.p99_ms == pytest.approx(100, rel=0.016)


def test_processes_are_added_up() -> None:
    made = make_report(LoadOptions(processes=2), [result(1), result(3)], 0.0)
    assert (made.sessions, made.submitted, made.submit_rate) == (10, 4400, 2000.0)
    assert made.latency.count == 4000
    assert made.timeline[0].submits == 200.0
    assert made.generator_cores == pytest.approx(1.9)


def test_every_metric_has_its_value() -> None:
    assert set(metrics_of(report())) == set(METRICS)


@pytest.mark.parametrize(
    ("thresholds", "code"),
    [((), 1), (("errors<50%",), 1), (("p99<1ms",), 99), (("errors<1%",), 99)],
)
def test_exit_codes_with_lost_sessions(thresholds: tuple[str, ...], code: int) -> None:
    assert report(*thresholds).exit_code == code


def test_failed_messages_are_left_to_a_threshold_about_them() -> None:
    whole = replace(report(), closings={})
    assert whole.exit_code == 1
    assert replace(whole, thresholds=[Judgement("errors<50%", 0.1, True)]).exit_code == 0
    assert replace(whole, thresholds=[Judgement("p99<1s", 0.1, True)]).exit_code == 1


def test_a_latency_threshold_is_crossed_when_nothing_was_answered() -> None:
    empty = replace(report(), latency=replace(report().latency, count=0, p99_ms=0.0))
    [judgement] = judge(empty, [parse_threshold("p99<1s")])
    assert not judgement.kept
    assert math.isnan(judgement.seen)


def test_the_report_is_one_json_object() -> None:
    found = json.loads(report("p99<1ms").to_json())
    assert found["accepted_rate"] == 450.0
    assert found["thresholds"] == [{"expression": "p99<1ms", "seen": pytest.approx(0.1, rel=0.02),
                                    "kept": False}]  # fmt: skip
    assert "secret08" not in report().to_json().decode()


def test_a_long_timeline_is_joined_to_what_can_be_drawn() -> None:
    points = [point(float(second), owed=second) for second in range(1, 10_001)]
    joined = shortened(points)
    assert len(joined) <= MAX_POINTS
    assert joined[-1].at_s == 10_000.0
    assert joined[-1].owed == 10_000
    assert joined[0].p99_s == points[16].p99_s
    assert shortened(points[:5]) == points[:5]


def test_the_timelines_of_processes_are_added_second_by_second() -> None:
    merged = merged_timeline([[point(1.0), point(2.0)], [point(1.0, 50.0)]])
    assert [each.submits for each in merged] == [150.0]


def shown(made: Report) -> str:
    console = Console(file=StringIO(), width=120, no_color=True)
    print_report(made, console)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_the_summary_names_rates_latencies_statuses_and_thresholds() -> None:
    page = shown(report("p99<1ms", "rate>10"))
    for words in (
        "127.0.0.1:2775  10 trx binds × window 100 (closed loop), receipts requested",
        "submit_sm_resp",
        "ESME_RTHROTTLED",
        "receipt UNDELIV",
        "receipt missing",
        "threshold p99<1ms: crossed",
        "threshold rate>10: kept",
    ):
        assert words in page


def test_notes_say_what_makes_the_figures_doubtful() -> None:
    found = " ".join(notes(report()))
    assert "used 0.95 cores" in found
    assert "7 messages were due and never sent" in found
    assert "grew by 200 per second" in found
    assert "2 receipts were of no message of this run" in found
    assert "1 sessions ended before the run did: reset" in found


def test_a_sound_run_has_no_notes() -> None:
    sound = replace(
        report(),
        generator_cores=0.2,
        unsent=0,
        backlog_growth=0.0,
        untracked_receipts=0,
        closings={},
    )
    assert notes(sound) == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (LoadOptions(rate=500.0), "at 500 messages/s (open loop)"),
        (LoadOptions(rate=0.0, binds=7), "7 trx binds held without traffic"),
        (LoadOptions(count=9, receipts=False), "9 messages, no receipts"),
    ],
)
def test_the_run_is_described(options: LoadOptions, words: str) -> None:
    assert words in make_report(options, [result()], 0.0).description


def test_the_page_is_one_file_with_nothing_from_a_network() -> None:
    page = to_html(report("p99<1ms"))
    assert page.count("<svg") == 3
    assert "<script" not in page
    assert "http" not in page
    assert "src=" not in page
    assert "2026-03-18T00:00:00+00:00" in page


def test_what_others_chose_is_escaped() -> None:
    made = replace(report(), target="<b>&", receipt_states={"<i>": 1}, closings={"<u>": 1})
    page = to_html(made)
    for tag in ("<b>", "<i>", "<u>"):
        assert tag not in page
    assert "&lt;b&gt;&amp;" in page


def test_a_run_without_answers_has_a_page_too() -> None:
    nothing = durations(Histogram())
    idle = WorkerResult(Totals(), Totals(), Totals(), 0.0, 1, 0, 0, {}, {}, {}, nothing, nothing)
    made = make_report(LoadOptions(rate=0.0), [idle], 0.0)
    assert "<svg" not in to_html(made)
    assert shown(made)
    assert made.exit_code == 0
