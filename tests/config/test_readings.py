from __future__ import annotations

import pytest

from config.loader import load_contract
from config.readings import read_as

CONTRACT = load_contract("henan")


def test_another_reading_leaves_the_contract_as_it_is() -> None:
    asked = {"sla.logic": "and", "sla.complaints": "8", "billing.unit": "message"}
    found = read_as(CONTRACT, asked)
    assert (found.sla.logic, found.sla.complaints, found.billing.unit) == ("and", 8, "message")
    assert CONTRACT.sla.logic == "or"
    assert found.sla.base == CONTRACT.sla.base
    assert read_as(CONTRACT, {}) == CONTRACT


@pytest.mark.parametrize(
    ("key", "text", "words"),
    [
        ("sla.logic", "xor", "'xor' seen, allowed"),
        ("sla.complaints", "many", "'many' seen"),
        ("sla.colour", "red", "sla.success_rate"),
        ("money.unit", "x", "no such key"),
        ("number", "x", "no such key"),
    ],
)
def test_a_reading_that_there_is_not_says_what_is_allowed(key: str, text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_as(CONTRACT, {key: text})
