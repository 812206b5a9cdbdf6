from __future__ import annotations

import pytest

from routing.checks.addresses import (
    destination_invalid,
    nearest,
    sender_denied,
    sender_missing,
)
from tests.support.findings import english
from tests.support.rules import FACTS, NUMBER, rules
from tests.support.submissions import in_flight


@pytest.mark.parametrize("sender", ["", " ", "   "])
def test_empty_sender_is_missing_and_not_denied(sender: str) -> None:
    detail = sender_missing(in_flight(sender=sender), rules(), FACTS)
    assert english(detail) == f"source_addr is empty; this account's access numbers are {NUMBER}"
    assert sender_denied(in_flight(sender=sender), rules(), FACTS) is None


def test_any_sender_at_all_is_not_missing() -> None:
    assert sender_missing(in_flight(sender="POLICE"), rules(), FACTS) is None


def test_first_numbers_of_many_are_named() -> None:
    numbers = [f"10659099037{n}" for n in range(5)]
    detail = sender_missing(in_flight(sender=""), rules(None, {"access_numbers": numbers}), FACTS)
    assert detail is not None
    assert english(detail).endswith("106590990370, 106590990371, 106590990372 and 2 more")


def test_account_without_numbers_has_none_to_offer() -> None:
    bare = rules(None, {"access_numbers": []})
    missing = sender_missing(in_flight(sender=""), bare, FACTS)
    assert missing is not None
    assert english(missing).endswith("numbers are none")
    denied = sender_denied(in_flight(), bare, FACTS)
    assert english(denied) == f"sender {NUMBER}: this account has no access numbers"


@pytest.mark.parametrize("sender", [NUMBER, NUMBER + "1", NUMBER + "12345678"])
def test_own_number_with_free_extension_passes(sender: str) -> None:
    assert sender_denied(in_flight(sender=sender), rules(), FACTS) is None


def test_foreign_number_is_told_the_nearest_own_one() -> None:
    detail = sender_denied(in_flight(sender="1069000099"), rules(), FACTS)
    assert english(detail) == (
        "sender 1069000099 is not one of this account's access numbers; nearest: 106590990371"
    )


def test_alphanumeric_sender_is_anonymous_whatever_its_digits() -> None:
    for sender in ("POLICE", NUMBER):
        detail = sender_denied(in_flight(sender=sender, source_ton=5), rules(), FACTS)
        assert english(detail) == (
            f"sender {sender!r} (TON 5, alphanumeric) is anonymous; use one of {NUMBER}"
        )


@pytest.mark.parametrize(
    "sender", ["POLICE", NUMBER + "#", "+" + NUMBER, "１０６５９０９９０３７１"]
)
def test_sender_of_other_than_digits_is_anonymous(sender: str) -> None:
    detail = sender_denied(in_flight(sender=sender), rules(), FACTS)
    assert detail is not None
    assert "(not digits alone) is anonymous" in english(detail)


def test_extension_beyond_twenty_digits_is_refused() -> None:
    detail = sender_denied(in_flight(sender=NUMBER + "123456789"), rules(), FACTS)
    assert english(detail) == f"sender {NUMBER}123456789: 21 digits, at most 20"


def test_limit_of_digits_is_the_contract_s() -> None:
    short = rules({"max_number_digits": 14})
    assert sender_denied(in_flight(sender=NUMBER + "12"), short, FACTS) is None
    detail = sender_denied(in_flight(sender=NUMBER + "123"), short, FACTS)
    assert detail is not None
    assert "at most 14" in english(detail)


def test_unregistered_extension_is_named() -> None:
    numbers = [{"number": NUMBER, "extension_policy": "registered", "extensions": ["01"]}]
    registered = rules({"access_numbers": numbers})
    assert sender_denied(in_flight(sender=NUMBER + "01"), registered, FACTS) is None
    detail = sender_denied(in_flight(sender=NUMBER + "02"), registered, FACTS)
    assert english(detail) == f"sender {NUMBER}02: extension 02 of {NUMBER} isn't registered"


@pytest.mark.parametrize(
    ("sender", "expected"),
    [
        ("10659099037", "106590990371"),
        ("1069000099", "106590990371"),
        ("107", "1068000"),
        ("10680001", "1068000"),
        ("1068", "1068000"),
    ],
)
def test_nearest_number_shares_the_longest_start(sender: str, expected: str) -> None:
    numbers = ["106590990371", "1068000", "1065909903710000"]
    assert nearest(sender, rules(None, {"access_numbers": numbers})) == expected


def test_recipient_with_a_carrier_passes() -> None:
    assert destination_invalid(in_flight(), rules(), FACTS) is None


@pytest.mark.parametrize(
    ("recipient", "words"),
    [
        ("", "destination_addr is empty"),
        ("03710000000", "'03710000000' is no mainland mobile number"),
        ("+14155550100", "is no mainland mobile number: 11 digits that begin with 1"),
        ("16000000000", "segment 160 isn't allotted to any carrier"),
    ],
)
def test_recipient_without_a_carrier_is_told_why(recipient: str, words: str) -> None:
    detail = destination_invalid(in_flight(recipient=recipient, carrier=""), rules(), FACTS)
    assert detail is not None
    assert words in english(detail)
