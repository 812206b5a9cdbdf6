from __future__ import annotations

import pytest

from routing.checks.content import encoding, length, signature_mismatch, signature_missing
from routing.facts import Facts
from routing.rules import VerdictLimits
from tests.support.findings import english
from tests.support.rules import FACTS, NUMBER, rules, shanghai
from tests.support.submissions import in_flight

RULES = rules()


def test_text_that_cannot_be_decoded_is_refused_in_the_decoder_s_words() -> None:
    facts = Facts()
    assert encoding(in_flight(), RULES, facts) is None
    facts.text_error = "octet 0xFF at 3 of 9 is not ascii"
    assert english(encoding(in_flight(), RULES, facts)) == facts.text_error


@pytest.mark.parametrize("size", [0, 69, 70, 71, 134, 135, 201, 202, 250, 251, 500])
def test_text_up_to_the_limit_passes(size: int) -> None:
    assert length(in_flight(text="。" * size), RULES, FACTS) is None


def test_text_above_the_limit_is_refused() -> None:
    detail = length(in_flight(text="。" * 501), RULES, FACTS)
    assert english(detail) == "501 characters with the signature, at most 500"


def test_character_outside_the_basic_plane_counts_twice() -> None:
    assert length(in_flight(text="😀" * 250), RULES, FACTS) is None
    detail = length(in_flight(text="😀" * 251), RULES, FACTS)
    assert english(detail) == "502 characters with the signature, at most 500"


def test_limit_is_configurable() -> None:
    short = rules(limits=VerdictLimits(max_characters=70))
    assert length(in_flight(text="。" * 70), short, FACTS) is None
    assert length(in_flight(text="。" * 71), short, FACTS) is not None


@pytest.mark.parametrize("data_coding", [2, 4])
def test_binary_is_limited_in_octets(data_coding: int) -> None:
    fits, above = "00" * 1340, "00" * 1341
    assert length(in_flight(text=fits, data_coding=data_coding), RULES, FACTS) is None
    detail = length(in_flight(text=above, data_coding=data_coding), RULES, FACTS)
    assert english(detail) == "1341 octets, at most 1340"


@pytest.mark.parametrize(
    ("data_coding", "octets", "room"), [(8, 140, 140), (8, 141, 140), (0, 160, 160), (1, 161, 160)]
)
def test_part_must_fit_one_short_message(data_coding: int, octets: int, room: int) -> None:
    facts = Facts()
    facts.part_octets = octets
    detail = length(in_flight(data_coding=data_coding), RULES, facts)
    if octets <= room:
        assert detail is None
    else:
        assert english(detail) == f"a part has {octets} octets with its header, at most {room} fit"


SUFFIX = rules({"signature": {"position": "suffix"}})
EITHER = rules({"signature": {"position": "either"}})
ASCII = rules({"signature": {"allow_ascii": True}})


@pytest.mark.parametrize(
    ("text", "passed"),
    [
        ("【示例警务】您好", True),
        ("【某某商城】您好", True),
        ("【示例警务】", True),
        ("您好", False),
        ("", False),
        ("您好，预约成功。【示例警务】", False),
        ("“【示例警务】”您好", False),
        ("[示例警务]您好", False),
        ("【示例警务您好", False),
    ],
)
def test_signature_must_stand_at_the_start(text: str, passed: bool) -> None:
    assert (signature_missing(in_flight(text=text), RULES, FACTS) is None) is passed


def test_place_of_the_signature_is_the_contract_s() -> None:
    at_end, at_start = "您好【示例警务】", "【示例警务】您好"
    found = [
        [
            signature_missing(in_flight(text=text), form, FACTS) is None
            for text in (at_end, at_start)
        ]
        for form in (RULES, SUFFIX, EITHER)
    ]
    assert found == [[False, True], [True, False], [True, True]]
    for text in (at_end, at_start):
        assert signature_mismatch(in_flight(text=text), EITHER, FACTS) is None
    assert signature_mismatch(in_flight(text=at_end), SUFFIX, FACTS) is None


def test_square_brackets_count_only_where_allowed() -> None:
    subject = in_flight(text="[示例警务]您好 [1]")
    assert signature_missing(subject, RULES, FACTS) is not None
    assert signature_missing(subject, ASCII, FACTS) is None
    assert signature_mismatch(subject, ASCII, FACTS) is None


def test_missing_signature_is_not_a_mismatch_too() -> None:
    assert signature_mismatch(in_flight(text="您好"), RULES, FACTS) is None


def test_foreign_signature_is_told_the_registered_ones() -> None:
    detail = signature_mismatch(in_flight(text="【某某商城】您的验证码是123456。"), RULES, FACTS)
    assert english(detail) == (
        f"signature 【某某商城】 is not registered; registered for {NUMBER}: 【示例警务】"
    )


def test_ill_formed_name_is_explained() -> None:
    detail = signature_mismatch(in_flight(text="【警】您好"), RULES, FACTS)
    assert detail is not None
    assert "has 1 characters, allowed are 2 to 16" in english(detail)


@pytest.mark.parametrize(
    "text",
    [
        "【示例警务】【示例政务】您好，预约成功。",
        "【示例警务】您好【示例警务】",
        "【示例警务】请看【通知】",
        "【示例警务】您好】",
        "【示例警务】您好【",
    ],
)
def test_second_pair_of_brackets_is_refused(text: str) -> None:
    detail = signature_mismatch(in_flight(text=text), RULES, FACTS)
    assert detail is not None
    assert "beside the signature 【示例警务】: exactly one is allowed" in english(detail)


def test_second_pair_before_a_signature_at_the_end_is_refused() -> None:
    assert signature_mismatch(in_flight(text="【通知】您好【示例警务】"), SUFFIX, FACTS) is not None


def test_full_width_brackets_behind_a_square_signature_are_refused() -> None:
    assert signature_mismatch(in_flight(text="[示例警务]【通知】"), ASCII, FACTS) is not None


def test_signature_must_be_registered_for_the_sender_s_own_number() -> None:
    signatures = [
        {"text": "示例警务", "access_numbers": [NUMBER]},
        {"text": "示例政务", "access_numbers": [NUMBER + "88"]},
    ]
    compiled = rules({"signatures": signatures})
    text = "【示例政务】您好"
    on_base = signature_mismatch(in_flight(text=text, sender=NUMBER + "7"), compiled, FACTS)
    assert on_base is not None
    assert english(on_base).endswith("registered for 106590990371: 【示例警务】")
    on_own = in_flight(text=text, sender=NUMBER + "881")
    assert signature_mismatch(on_own, compiled, FACTS) is None


def test_sender_of_others_is_still_told_a_foreign_signature() -> None:
    known = in_flight(sender="1069000099")
    assert signature_mismatch(known, RULES, FACTS) is None
    foreign = in_flight(sender="1069000099", text="【某某商城】您好")
    detail = signature_mismatch(foreign, RULES, FACTS)
    assert detail is not None
    assert "registered for this account: 【示例警务】" in english(detail)


def test_signature_counts_only_within_its_dates() -> None:
    dated = rules({"signatures": [{"text": "示例警务", "valid_to": "2026-02-28"}]})
    in_time = in_flight(at=shanghai("2026-02-28T23:59:59"))
    too_late = in_flight(at=shanghai("2026-03-01T00:00:00"))
    assert signature_mismatch(in_time, dated, FACTS) is None
    detail = signature_mismatch(too_late, dated, FACTS)
    assert detail is not None
    assert english(detail).endswith(": none")


def test_dated_signature_beside_a_second_pair_is_refused() -> None:
    dated = rules({"signatures": [{"text": "示例警务", "valid_from": "2024-01-01"}]})
    doubled = in_flight(text="【示例警务】【通知】")
    assert signature_mismatch(doubled, dated, FACTS) is not None


def test_a_signature_that_only_looks_like_the_registered_one_is_told_so() -> None:
    found = signature_mismatch(in_flight(text="【示例警務】您好，预约成功。"), rules(), Facts())
    assert found is not None
    assert "only looks like 【示例警务】" in english(found)
    other = signature_mismatch(in_flight(text="【某某商城】您好，预约成功。"), rules(), Facts())
    assert other is not None
    assert "looks like" not in english(other)


def test_a_commercial_text_without_signature_is_row_21_and_another_shows_no_row() -> None:
    found = signature_missing(in_flight(text="全场五折，拒收请回复R"), RULES, FACTS)
    assert found is not None
    assert found.rows == (21,)
    found = signature_missing(in_flight(text="您好"), RULES, FACTS)
    assert found is not None
    assert found.rows == ()
