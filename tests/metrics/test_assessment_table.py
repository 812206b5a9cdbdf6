"""Hold what an assessment looks like: JSON, CSV, and a workbook in both languages."""

from __future__ import annotations

import csv
from io import StringIO

from metrics.assessment import Entry, YearAssessment, assess_year
from metrics.assessment_table import as_json, assessment_csv, assessment_xlsx
from routing.assessment_events import AssessmentMoved
from tests.support.workbooks import workbook

from .test_assessment import AFTER, MIDDLE, NAME, assessed, fault, register


def test_json_shows_inputs_bounds_and_what_is_missing() -> None:
    shown = as_json(assessed(fault(1, MIDDLE, 2), support=None))
    assert (shown["year"], shown["last_day"], shown["state"]) == (NAME, "2024-11-30", "qualified")
    assert (shown["score"], shown["least_score"], shown["most_score"]) == (None, "82.00", "97.00")
    assert shown["missing"] == ["support"]
    assert shown["inputs"][1] == {
        "input": "fault_count", "weight": 15, "score": "90.00", "points": "13.50",
        "detail": "1 faults, 0 cost nothing", "detail_zh": "故障 1 次，0 次以内不扣分",
    }  # fmt: skip
    assert shown["index"]["met"]
    assert shown["faults"][0]["resolved_at"] == "2024-06-15T14:00:00.000+08:00"
    assert shown["rectification"]["actions"] == ["order"]


def test_csv_ends_with_the_score() -> None:
    rows = list(csv.DictReader(StringIO(assessment_csv(assessed()))))
    assert [row["input"] for row in rows] == [
        "sla", "fault_count", "fault_resolution", "support", "satisfaction", "total",
    ]  # fmt: skip
    assert sum(float(row["points"]) for row in rows[:-1]) == float(rows[-1]["score"]) == 95.5


def ordered() -> YearAssessment:
    found = assessed(support=0, satisfaction=0)
    order = AssessmentMoved(AFTER, NAME, "order", "desk", "slow", deadline=AFTER + 86400)
    entry = register(order).of(NAME)
    assert isinstance(entry, Entry)
    return assess_year(found.figures, found.index, [fault(1, MIDDLE)], entry, AFTER)


def test_the_workbook_has_inputs_and_faults_in_both_languages() -> None:
    book = workbook(assessment_xlsx(ordered(), "DEMO-1"))
    assert list(book) == ["年度考核", "故障", "Assessment", "Faults"]
    english = {cell for row in book["Assessment"] for cell in row}
    assert {"DEMO-1", "Deadline", "2024-12-11 00:00", "index of clause 3.2.4"} <= english
    chinese = {cell for row in book["年度考核"] for cell in row}
    assert {"合同编号", "已要求整改", "技术支持服务"} <= chinese
    assert book["Faults"][-1] == [1.0, "2024-06-15 12:00", "no"]
