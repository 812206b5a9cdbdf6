from __future__ import annotations

from datetime import date

import pytest
from pydantic import ValidationError

from config.interpretation import (
    Assessment,
    Billing,
    Breach,
    Complaints,
    LiabilityRules,
    Pricing,
    Retention,
    Sla,
)
from config.section import Section

DEFAULTS: list[tuple[Section, dict[str, object]]] = [
    (Sla(), {"logic": "or", "rate_window": "period", "base": "ok_carrier", "directions": "both"}),
    (Sla(), {"complaint_filter": "verified_b", "success_rate": "0.99", "complaints": 10}),
    (Sla(), {"handset_intercept": "ok", "no_receipt_h": 72, "code_class": {}}),
    (Sla(), {"failures": "carrier", "complaint_window": "end"}),
    (Pricing(), {"mt_fen": 3, "mo_fen": 3, "function_fee_fen": 0}),
    (Billing(), {"unit": "segment", "segment_rule": "domestic", "success_state": "delivered"}),
    (Billing(), {"mo_success": "acknowledged", "free_month": "calendar", "late_fee": "0.003"}),
    (Billing(), {"anchor": date(2023, 12, 1), "period_months": 6, "due_days": 30}),
    (LiabilityRules(), {"cap_months": 1, "cap_share": "1", "cap_includes_rebate": False}),
    (Breach(), {"start": "sent", "early_release": False, "row7_auto": False}),
    (Breach(), {"general_days": 14, "serious_days": 30, "major_freeze_months": 6}),
    (Breach(), {"general_penalty_fen": 10_000 * 100, "serious_penalty_fen": 50_000 * 100}),
    (Breach(), {"major_penalty_fen": 100_000 * 100, "consent_window": "term"}),
    (Breach(), {"consent_serious": 1000, "consent_major": 10000, "block_scope": "case_ports"}),
    (Breach().escalation, {"general_cases": 3, "serious_cases": 2, "window_days": 30}),
    (Complaints(), {"first_reply_s": 3600, "monthly_stop": 100, "monthly_auto_stop": False}),
    (Assessment(), {"pass_score": 60, "index_score": "met", "rectify_days": 30}),
    (Assessment(), {"faults_allowed": 0, "fault_points": 10, "resolve_h": 24}),
]


@pytest.mark.parametrize(("table", "values"), DEFAULTS)
def test_open_wording_is_read_as_proposed(table: Section, values: dict[str, object]) -> None:
    assert {key: getattr(table, key) for key in values} == values


def test_records_are_kept_five_months_and_six_from_may_2026() -> None:
    steps = [(step.from_, step.months) for step in Retention().schedule]
    assert steps == [(date(2015, 6, 30), 5), (date(2026, 5, 1), 6)]


@pytest.mark.parametrize("share", ["0", "1", "0.99", "0.003", "1.0"])
def test_a_share_is_a_decimal_text(share: str) -> None:
    assert Sla(success_rate=share).success_rate == share


@pytest.mark.parametrize("share", ["1.01", "2", "-0.1", ".5", "99%", "1e-2", ""])
def test_anything_else_is_no_share(share: str) -> None:
    with pytest.raises(ValidationError):
        Sla(success_rate=share)


def test_records_are_never_kept_for_less_than_five_months() -> None:
    with pytest.raises(ValidationError):
        Retention.model_validate({"schedule": [{"from": "2026-01-01", "months": 4}]})
    with pytest.raises(ValidationError):
        Retention.model_validate({"schedule": []})


def test_an_assessment_weighs_at_least_one_input() -> None:
    names = [name for name in Assessment.model_fields if name.startswith("weight_")]
    with pytest.raises(ValidationError, match="at least one weight"):
        Assessment.model_validate(dict.fromkeys(names, 0))
    assert Assessment.model_validate({**dict.fromkeys(names, 0), names[0]: 1}).weight_sla == 1
