"""Hold that the readings are those of the contract file."""

from __future__ import annotations

from datetime import date

from config.interpretation import Billing, Sla
from metrics.sla.readings import Readings, readings_of


def test_the_defaults_are_those_of_the_contract_file() -> None:
    assert readings_of(Sla(), Billing()) == Readings()


def test_every_key_is_taken_over() -> None:
    sla = Sla(
        success_rate="0.995",
        complaints=8,
        logic="and",
        rate_window="month",
        base="attempts",
        directions="mt",
        handset_intercept="exempt",
        no_receipt_h=48,
        failures="all",
        complaint_window="worst",
        code_class={"701": "exempt", "608": "carrier"},
    )
    billing = Billing(mo_success="sent", anchor=date(2024, 1, 1), period_months=3, cut_off_days=5)
    assert readings_of(sla, billing) == Readings(
        objective="0.995",
        complaints=8,
        logic="and",
        rate_window="month",
        base="attempts",
        failures="all",
        directions="mt",
        handset_intercept="exempt",
        mo_success="sent",
        no_receipt_h=48,
        complaint_window="worst",
        code_class=(("608", "carrier"), ("701", "exempt")),
        anchor=date(2024, 1, 1),
        period_months=3,
        cut_off_days=5,
    )


def test_one_direction_narrows_the_rate() -> None:
    assert Readings().direction is None
    assert Readings(directions="mo").direction == "mo"
