"""Test how a settlement is shown to people and given to programs."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date
from io import StringIO
from typing import Any

import msgspec
import pytest

from metrics.breaches.periods import start_of
from metrics.settlement.free_month import FreeMonth
from metrics.settlement.quality import Measured, Results
from metrics.settlement.settlement import Adjustment, Settlement, settle
from metrics.settlement.statement import Statement, StatementBook, heading_of
from metrics.settlement.table import (
    CSV_COLUMNS,
    Language,
    View,
    as_csv,
    as_json,
    layout,
    month_name,
    text_of,
)

from .samples import CONTRACT, PERIOD, counts, judged, read

ADJUSTED = Adjustment(date(2023, 12, 1), 10, 30, 0, "迟到的状态报告")
FREE = FreeMonth(date(2024, 8, 1), date(2024, 8, 31))


def settled(**keys: Any) -> Settlement:
    return settle(CONTRACT, PERIOD, counts(), judged(), **keys)


def issued(settlement: Settlement) -> Statement:
    at = start_of(date(2024, 12, 4))
    return StatementBook().draft(settlement, heading_of(CONTRACT), at, cut_off_at=at)


def summary(view: View, language: Language) -> dict[str, str]:
    return {
        entry.label: text_of(entry.value, entry.kind) for entry in layout(view, language).summary
    }


def test_the_reckoning_stands_below_the_table_in_chinese() -> None:
    view = View(settled(), late_fee_fen=223_635, late_fee_on=date(2025, 1, 23))
    assert summary(view, "zh") == {
        "通信费合计（元，5.2、5.3）": "37,869.00",
        "成功率（3.2.4）": "98.424951%",
        "失败率（3.2.4）": "1.575048%",
        "连续12个月内投诉（起）": "14",
        "服务质量指标": "未达标",
        "减免费用（元，3.2.4）": "-596.46",
        "应付金额（元，含税）": "37,272.54",
        "其中不含税金额（元）": "35,162.77",
        "其中税额（元）": "2,109.77",
        "逾期违约金（元，7.2），截至2025-01-23": "2,236.35",
    }


def test_the_reckoning_stands_below_the_table_in_english() -> None:
    found = summary(View(settled(free_month=FREE, adjustments=[ADJUSTED])), "en")
    assert found["Free month (5.2)"] == "2024-08-01 to 2024-08-31"
    assert found["Adjustment (CNY) of 2023-12-01 迟到的状态报告"] == "0.30"
    assert found["Quality index"] == "Missed"
    assert not [label for label in found if "Late fee" in label or "Function fee" in label]


def test_a_function_fee_is_shown_where_there_is_one() -> None:
    contract = read(pricing={"function_fee_fen": 1_000})
    found = settle(contract, PERIOD, counts(), judged())
    assert summary(View(found), "en")["Function fee (CNY, 5.1)"] == "60.00"


def test_without_messages_there_are_no_rates() -> None:
    nothing = judged(0, Measured(Results(), Results()))
    found = settle(CONTRACT, PERIOD, [], nothing)
    assert summary(View(found), "zh")["成功率（3.2.4）"] == "无"
    assert summary(View(found), "en")["Failure rate (3.2.4)"] == "n/a"
    quality = as_json(View(found))["quality"]
    assert isinstance(quality, dict)
    assert (quality["success_rate"], quality["failure_rate"]) == (None, None)


def test_what_is_payable_is_what_the_statement_comes_to() -> None:
    found = [entry for entry in layout(View(settled()), "zh").summary if entry.main]
    assert [(entry.label, entry.value) for entry in found] == [("应付金额（元，含税）", 3_727_254)]


def test_a_credit_is_called_one() -> None:
    back = replace(ADJUSTED, fee_fen=-5_000_000)
    found = summary(View(settled(adjustments=[back])), "en")
    assert found["Credit (CNY, tax included)"] == "12,727.46"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_table_has_a_row_for_each_line_and_its_sums(language: Language) -> None:
    found = layout(View(settled()), language)
    assert len(found.rows) == len(settled().lines) == 24
    assert {len(row) for row in (*found.rows, found.total, found.columns)} == {7}
    assert found.total[3] == 1_262_300
    assert found.total[6] == sum(row[6] for row in found.rows if isinstance(row[6], int))
    assert found.total[6] == 3_786_900


def test_the_rows_are_in_the_readers_language() -> None:
    assert layout(View(settled()), "zh").rows[0][:3] == ("2024-06", "普通行业短信", "下行")
    assert layout(View(settled()), "en").rows[3][:3] == ("2024-06", "Instant", "Uplink")


def test_a_draft_says_that_it_is_one() -> None:
    assert [entry.value for entry in layout(View(settled()), "en").head] == [
        "Draft, not issued",
        "2024-06-01 to 2024-11-30",
    ]


def test_an_issued_statement_names_its_number_contract_and_parties() -> None:
    statement = issued(settled())
    values = [entry.value for entry in layout(View(settled(), statement), "zh").head]
    assert values == [
        statement.number, CONTRACT.number, CONTRACT.party_a.name, CONTRACT.party_b.name,
        "2024-06-01 至 2024-11-30", "2024-12-04",
    ]  # fmt: skip


def test_an_issued_statement_shows_its_digest() -> None:
    statement = issued(settled())
    assert layout(View(settled(), statement), "zh").notes[-1].endswith(statement.digest)
    assert len(layout(View(settled()), "zh").notes) == 2


def test_a_correction_names_what_it_corrects_and_why() -> None:
    statement = replace(issued(settled()), corrects="X-20240601-1", reason="recounted")
    entries = {entry.label: entry.value for entry in layout(View(settled(), statement), "en").head}
    assert entries["Corrects statement"] == "X-20240601-1"
    assert entries["Reason of the correction"] == "recounted"
    issue = as_json(View(settled(), statement))["issued"]
    assert isinstance(issue, dict)
    assert (issue["corrects"], issue["reason"]) == ("X-20240601-1", "recounted")


def test_json_has_integer_fen_and_rates_that_are_not_rounded_up() -> None:
    statement = issued(settled(free_month=FREE))
    view = View(settled(), statement, late_fee_fen=223_635, late_fee_on=date(2025, 1, 23))
    found = as_json(view)
    assert msgspec.json.decode(msgspec.json.encode(found)) == found
    assert {name: found[name] for name in found if name.endswith("_fen")} == {
        "success_fee_fen": 3_786_900,
        "function_fee_fen": 0,
        "rebate_fen": 59_646,
        "adjustment_fen": 0,
        "payable_fen": 3_727_254,
        "net_fen": 3_516_277,
        "vat_fen": 210_977,
        "late_fee_fen": 223_635,
    }
    assert found["period"] == "2024-06-01"
    assert found["free_month"] is None
    assert found["issued"] == {
        "number": statement.number,
        "at": "2024-12-04T00:00:00+08:00",
        "corrects": None,
        "reason": None,
        "digest": statement.digest,
    }
    quality = found["quality"]
    assert isinstance(quality, dict)
    assert quality["success_rate"] == "0.98424951"
    assert quality["limbs"] == {"rate": False, "complaints": False}


def test_json_of_a_draft_with_a_free_month_and_an_adjustment() -> None:
    found = as_json(View(settled(free_month=FREE, adjustments=[ADJUSTED])))
    assert found["issued"] is None
    assert found["free_month"] == {"from": "2024-08-01", "to": "2024-08-31"}
    assert found["adjustments"] == [
        {"period": "2023-12-01", "successful": 10, "fee_fen": 30, "rebate_fen": 0,
         "reason": "迟到的状态报告"},
    ]  # fmt: skip
    months = found["months"]
    assert isinstance(months, list)
    fees = [month["fee_fen"] for month in months if isinstance(month, dict)]
    assert fees[2] == 0
    assert sum(fee for fee in fees if isinstance(fee, int)) == found["success_fee_fen"]


def test_the_amounts_of_the_csv_add_up_to_what_is_payable() -> None:
    settlement = settled(free_month=FREE, adjustments=[ADJUSTED])
    rows = list(csv.DictReader(StringIO(as_csv(settlement))))
    assert tuple(rows[0]) == CSV_COLUMNS
    assert sum(int(row["amount_fen"]) for row in rows) == settlement.payable_fen
    assert [row["item"] for row in rows[24:]] == ["function_fee", "rebate", "adjustment"]
    assert rows[0]["amount_fen"] == str(settlement.lines[0].fee_fen)
    assert rows[-1]["period"] == "2023-12-01"
    assert None not in rows[-1]


def test_a_month_that_is_no_calendar_month_is_named_by_its_day() -> None:
    assert month_name(date(2024, 6, 1)) == "2024-06"
    assert month_name(date(2024, 6, 15)) == "2024-06-15"
