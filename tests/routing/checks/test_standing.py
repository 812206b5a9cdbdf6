from __future__ import annotations

import pytest

from routing.checks.standing import enterprise_code, not_in_force, service_kind
from routing.standing_events import ContractTerminated
from tests.support.findings import english
from tests.support.rules import FACTS, rules, shanghai
from tests.support.submissions import in_flight


def test_account_of_another_enterprise_is_named() -> None:
    assert enterprise_code(in_flight(), rules(), FACTS) is None
    detail = enterprise_code(in_flight(), rules(None, {"enterprise_code": "OTHER"}), FACTS)
    assert english(detail) == "account police acts for another enterprise than HNGA"


@pytest.mark.parametrize(
    ("time", "passed"),
    [
        ("2023-11-30T23:59:59", False),
        ("2023-12-01T00:00:00", True),
        ("2026-11-30T23:59:59", True),
        ("2026-12-01T00:00:00", False),
    ],
)
def test_term_runs_from_its_first_midnight_to_its_last(time: str, passed: bool) -> None:
    detail = not_in_force(in_flight(at=shanghai(time)), rules(), FACTS)
    assert (detail is None) is passed


def test_submission_out_of_term_is_told_both_times() -> None:
    late = not_in_force(in_flight(at=shanghai("2026-12-01T00:00:00")), rules(), FACTS)
    assert late is not None
    assert late.en == "The service ended at 2026-11-30 24:00 (clause 10.1)."
    assert late.seen == "2026-12-01 00:00:00+08:00"
    early = not_in_force(in_flight(at=shanghai("2023-11-01T08:00:00")), rules(), FACTS)
    assert early is not None
    assert early.allowed == "from 2023-12-01 00:00:00+08:00 on"


def test_terminated_contract_is_not_in_force_from_its_end_on() -> None:
    compiled = rules()
    at, end = shanghai("2026-03-02T12:00:00"), shanghai("2026-04-01T00:00:00")
    compiled.registries.apply(ContractTerminated(at, "7.2", "op", "arrears", end))
    assert not_in_force(in_flight(at=end - 0.001), compiled, FACTS) is None
    found = not_in_force(in_flight(at=end), compiled, FACTS)
    assert found is not None
    assert "clause 7.2" in found.en


def test_renewed_term_has_no_end() -> None:
    renewed = rules({"renewal": {"mode": "auto", "months": 12}})
    assert not_in_force(in_flight(at=shanghai("2031-01-01T00:00:00")), renewed, FACTS) is None


@pytest.mark.parametrize(
    ("service_type", "seen"),
    [("MMS", "multimedia"), ("SMART", "smart"), ("XYZ", "no contracted kind")],
)
def test_kind_that_is_not_contracted_is_refused(service_type: str, seen: str) -> None:
    detail = service_kind(in_flight(service_type=service_type), rules(), FACTS)
    assert (
        english(detail)
        == f"service_type {service_type!r} is {seen}, permitted are instant, ordinary"
    )


@pytest.mark.parametrize("service_type", ["", "INST"])
def test_contracted_kinds_pass(service_type: str) -> None:
    assert service_kind(in_flight(service_type=service_type), rules(), FACTS) is None


def test_kind_that_the_account_may_not_use_is_refused() -> None:
    ordinary = rules(None, {"services": ["ordinary"]})
    detail = service_kind(in_flight(service_type="INST"), ordinary, FACTS)
    assert english(detail) == "service_type 'INST' is instant, permitted are ordinary"
