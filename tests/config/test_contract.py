from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from pydantic import ValidationError

from config.contract import Contract, NumberEntry, Term

LEAST = {
    "number": "SL2300729",
    "enterprise_code": "SL0371",
    "party_a": {"name": "甲方"},
    "party_b": {"name": "乙方"},
    "term": {"from": "2023-12-01", "to": "2026-11-30"},
}


def contract(**values: object) -> Contract:
    return Contract.model_validate({**LEAST, **values})


def test_ordinary_and_instant_messages_are_contracted() -> None:
    made = contract()
    assert made.service_kinds == (1, 3)
    assert made.services == ("ordinary", "instant")
    assert made.service_types == {
        "": "account",
        "INST": "instant",
        "MMS": "multimedia",
        "SMART": "smart",
    }


def test_kinds_without_a_channel_are_no_services() -> None:
    assert contract(service_kinds=[4, 3, 2]).services == ("instant",)


@pytest.mark.parametrize("kinds", [[], [0], [5], [1, 1]])
def test_kinds_are_the_numbers_of_clause_2_1(kinds: list[int]) -> None:
    with pytest.raises(ValidationError):
        contract(service_kinds=kinds)


def test_the_term_decides_unless_the_signature_does() -> None:
    signed = contract(signed_on="2021-12-13")
    assert signed.service_term().first_day == date(2023, 12, 1)
    signed = contract(signed_on="2021-12-13", effective_from="signature")
    assert signed.service_term().first_day == date(2021, 12, 13)
    assert contract(effective_from="signature").service_term().first_day == date(2023, 12, 1)


@pytest.mark.parametrize(
    ("renewal", "months"),
    [
        ({}, 0),
        ({"mode": "none", "months": 12}, 0),
        ({"mode": "auto"}, 0),
        ({"mode": "auto", "months": 12}, 12),
    ],
)
def test_a_term_is_renewed_only_for_an_agreed_length(
    renewal: dict[str, object], months: int
) -> None:
    assert contract(renewal=renewal).service_term().renewal_months == months


def test_a_term_ends_after_it_starts() -> None:
    with pytest.raises(ValidationError, match="`to` on or after `from`"):
        Term.model_validate({"from": "2026-12-01", "to": "2026-11-30"})


@pytest.mark.parametrize(
    ("entry", "interval"),
    [
        ({"number": "13300000001"}, (13300000001, 13300000001)),
        ({"from": "13300000000", "to": "13300099999"}, (13300000000, 13300099999)),
        ({"prefix": "1330000"}, (13300000000, 13300009999)),
        ({"prefix": "13300000001"}, (13300000001, 13300000001)),
    ],
)
def test_an_entry_names_an_interval(entry: dict[str, str], interval: tuple[int, int]) -> None:
    assert NumberEntry.model_validate(entry).interval == interval


def test_an_entry_holds_for_a_time() -> None:
    entry = NumberEntry.model_validate(
        {"prefix": "133", "valid_from": "2026-01-01", "valid_to": "2026-01-01"}
    )
    assert entry.valid_from == datetime(2025, 12, 31, 16, tzinfo=UTC)
    assert entry.valid_to == datetime(2026, 1, 1, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"number": "13300000001", "prefix": "133"},
        {"from": "13300000001"},
        {"to": "13300000001"},
        {"from": "13300000002", "to": "13300000001"},
        {"number": "1330000000"},
        {"number": "23300000001"},
        {"number": "1330000000１"},
        {"prefix": ""},
        {"prefix": "133", "valid_from": "2026-01-02", "valid_to": "2026-01-01"},
    ],
)
def test_an_entry_that_names_nobody_is_refused(entry: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        NumberEntry.model_validate(entry)


def test_a_contract_of_no_kind_checks_nothing() -> None:
    assert contract().checked
    assert not contract(kind="none").checked


@pytest.mark.parametrize("key", list(LEAST))
def test_what_was_agreed_must_be_said(key: str) -> None:
    with pytest.raises(ValidationError):
        Contract.model_validate({name: value for name, value in LEAST.items() if name != key})
