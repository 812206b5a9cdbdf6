"""Read text, count segments and messages for one account."""

from __future__ import annotations

from typing import Any

import pytest

from config.account import Account
from gateway.policy import compile_policy
from gateway.server import desk as desk_module
from gateway.server.desk import Desk, InFlight
from gateway.server.wire_ids import ShortIds, WireIds
from routing.facts import Facts
from tests.support.inprocess import police, settings_of
from tests.support.samples import BY_ID

LONG = BY_ID["T30"].text


def desk(everyone: InFlight | None = None, **changes: Any) -> Desk:
    settings = settings_of(account=[police(**changes)])
    policy = compile_policy(settings)
    account: Account = settings.account[0]
    return Desk(
        account,
        policy.rules.accounts["police"],
        policy.judges["police"],
        WireIds("decimal", ShortIds()),
        Facts(0.0, None),
        "domestic",
        1_000,
        everyone or InFlight(10),
    )


def test_messages_count_for_the_account_and_for_all() -> None:
    everyone = InFlight(10)
    one, other = desk(everyone), desk(everyone)
    one.hold(3)
    other.hold(2)
    one.hold(-1)
    assert (one.in_flight, other.in_flight, everyone.count) == (2, 2, 4)


def test_a_sender_is_one_string_for_all_its_messages() -> None:
    counter = desk()
    first = counter.sender_of(b"106590990371")
    assert counter.senders[b"106590990371"] is first
    assert first == "106590990371"


def test_senders_are_kept_in_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_module, "SENDERS_KEPT", 2)
    counter = desk()
    for number in range(7):
        assert counter.sender_of(b"1065%d" % number) == f"1065{number}"
        assert len(counter.senders) <= 2


def test_any_octets_are_a_sender() -> None:
    assert desk().sender_of(b"\xff\x00") == "\xff\x00"


@pytest.mark.parametrize(
    ("data", "data_coding", "text"),
    [
        ("您好".encode("utf-16-be"), 8, "您好"),
        ("😀".encode("utf-16-be"), 8, "😀"),
        (b"", 8, ""),
        (b"hello @ home", 1, "hello @ home"),
        (b"\x00\x02", 0, "@$"),
        (b"\xe9", 3, "é"),
    ],
)
def test_text_is_read_by_its_coding(data: bytes, data_coding: int, text: str) -> None:
    counter = desk()
    assert counter.read_text(data, data_coding) == text
    assert counter.facts.text_error == ""


@pytest.mark.parametrize(
    ("data", "data_coding"),
    [(b"\xff\x80", 1), (b"\x60\xa8", 0)],
)
def test_what_is_no_text_is_kept_in_hexadecimal_and_told(data: bytes, data_coding: int) -> None:
    counter = desk()
    assert counter.read_text(data, data_coding) == data.hex()
    assert counter.facts.text_error != ""
    counter.read_text("好".encode("utf-16-be"), 8)
    assert counter.facts.text_error == "", "each text has its own fault"


@pytest.mark.parametrize("data", ["您".encode("utf-16-be") + b"\x59", b"\xd8\x3d", b"\x00\x00"])
def test_half_a_character_is_told_and_the_rest_is_kept(data: bytes) -> None:
    counter = desk()
    text = counter.read_text(data, 8)
    assert text
    assert counter.facts.text_error != ""


def test_the_default_alphabet_is_the_account_s() -> None:
    assert desk(default_alphabet="latin1").read_text(b"\xe9", 0) == "é"
    assert desk(default_alphabet="gsm7").read_text(b"\x05", 0) == "é"


@pytest.mark.parametrize(
    ("text", "data_coding", "segments"),
    [
        ("x" * 70, 8, 1),
        ("长" * 70, 8, 1),
        ("长" * 71, 8, 2),
        ("长" * 134, 8, 2),
        ("长" * 135, 8, 3),
        (LONG, 8, 3),
        ("x" * 70, 1, 1),
        ("x" * 71, 1, 2),
    ],
)
def test_segments_are_those_that_are_billed(text: str, data_coding: int, segments: int) -> None:
    octets = len(text) * (2 if data_coding == 8 else 1)
    assert desk().count_segments(text, octets, data_coding) == segments


def test_what_can_not_be_counted_as_text_is_counted_in_octets() -> None:
    counter = desk()
    assert counter.count_segments("长" * 100, 100, 4) == 1
    assert counter.count_segments("长" * 100, 281, 4) == 3
