"""Hold masking to what must not be seen, and to what must stay readable."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.masking import Masker, mask_number, mask_sentence

MASKER = Masker(b"a key of the test")


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("13300000001", "133******01"),
        ("+8613300000001", "+86*********01"),
        ("8613300000001", "861********01"),
        ("106590990371", "106590990371"),
        ("10659099037101", "10659099037101"),
        ("10000", "10000"),
        ("110", "110"),
        ("", ""),
    ],
)
def test_a_number_keeps_three_digits_and_two(number: str, masked: str) -> None:
    assert mask_number(number) == masked


@pytest.mark.parametrize(
    ("sentence", "masked"),
    [
        ("recipient 13300000001 is not in scope", "recipient 133******01 is not in scope"),
        ("(+8613300000001)", "(+86*********01)"),
        ("sender 106590990371 is owned", "sender 106590990371 is owned"),
        ("'a text of some length' is too long", "'…' is too long"),
        ("内容“验证码四八二九一三，五分钟有效”未审批", "内容“…”未审批"),
        ("'+' seen, 'GSM' allowed", "'+' seen, 'GSM' allowed"),
        ("error 602 after 3 attempts", "error 602 after 3 attempts"),
        ("at 2026-03-02T12:00:00", "at 2026-03-02T12:00:00"),
    ],
)
def test_numbers_and_quotations_within_a_sentence_are_masked(sentence: str, masked: str) -> None:
    assert mask_sentence(sentence) == masked


def test_a_text_shows_its_length_and_a_digest() -> None:
    masked = MASKER.mask_text("验证码482913")
    assert masked.startswith("[9 characters, ")
    assert "482913" not in masked
    assert masked == MASKER.mask_text("验证码482913")
    assert masked != MASKER.mask_text("验证码482914")


def test_another_process_has_other_digests() -> None:
    assert Masker().mask_text("482913") != Masker().mask_text("482913")


def test_an_empty_text_stays_empty() -> None:
    assert MASKER.mask_text("") == ""


def test_fields_are_masked_at_any_depth_and_others_stay() -> None:
    masked = MASKER.mask(
        {
            "id": "912837813811019776",
            "items": [{"recipient": "13300000001", "state": "DELIVERED", "segments": 2}],
            "verdict": {"checks": [{"detail": "13300000001 is not in scope"}]},
            "more": {"text": "secret", "pdu": b"\x01\x02", "note": None},
        }
    )
    assert isinstance(masked, dict)
    assert masked["id"] == "912837813811019776"
    assert masked["items"] == [{"recipient": "133******01", "state": "DELIVERED", "segments": 2}]
    assert masked["verdict"] == {"checks": [{"detail": "133******01 is not in scope"}]}
    assert masked["more"]["text"].startswith("[6 characters")
    assert masked["more"]["pdu"].startswith("[4 characters")
    assert masked["more"]["note"] is None


def test_octets_of_other_fields_stay() -> None:
    assert MASKER.mask({"hash": b"\x01"}) == {"hash": b"\x01"}


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.sampled_from(["to", "detail", "text"]))
def test_no_mobile_number_survives_in_a_masked_field(number: str, field: str) -> None:
    assert number not in str(MASKER.mask({field: f"{number}"}))
