from __future__ import annotations

import pytest

from routing.signature import (
    SignatureForm,
    leading,
    name_problem,
    signature_of,
    trailing,
    why_missing,
)

PREFIX = SignatureForm()
SUFFIX = SignatureForm(position="suffix")
EITHER = SignatureForm(position="either")
ASCII = SignatureForm(allow_ascii=True)
CHARACTERS = (
    "characters other than Chinese ones, letters and digits, or spaces other than single "
    "ones between words of letters and digits"
)


@pytest.mark.parametrize(
    ("text", "form", "expected"),
    [
        ("【示例警务】您好", PREFIX, "【示例警务】"),
        ("您好【示例警务】", PREFIX, ""),
        ("您好【示例警务】", SUFFIX, "【示例警务】"),
        ("【示例警务】您好", SUFFIX, ""),
        ("您好【示例警务】", EITHER, "【示例警务】"),
        ("【示例警务】您好", EITHER, "【示例警务】"),
        ("【示例政务】您好【示例警务】", EITHER, "【示例政务】"),
        ("【示例警务】", PREFIX, "【示例警务】"),
        ("【】您好", PREFIX, "【】"),
        ("【示例警务 您好", PREFIX, ""),
        ("【示【例】您好", PREFIX, ""),
        (" 【示例警务】您好", PREFIX, ""),
        ("[DEMO] hello", PREFIX, ""),
        ("[DEMO] hello", ASCII, "[DEMO]"),
        ("hello [DEMO]", SignatureForm(position="suffix", allow_ascii=True), "[DEMO]"),
        ("您好【示例警务】\n", SUFFIX, ""),
        ("", EITHER, ""),
    ],
)
def test_signature_is_found_at_its_agreed_place_alone(
    text: str, form: SignatureForm, expected: str
) -> None:
    assert signature_of(text, form) == expected


def test_leading_and_trailing_runs_take_square_brackets_on_request() -> None:
    assert leading("[a]b", ascii_too=False) == ""
    assert leading("[a]b", ascii_too=True) == "[a]"
    assert trailing("b[a]", ascii_too=False) == ""
    assert trailing("b[a]", ascii_too=True) == "[a]"


@pytest.mark.parametrize(
    ("signature", "problem"),
    [
        ("【示例警务】", ""),
        ("【A1】", ""),
        ("【警】", "1 characters, allowed are 2 to 16"),
        ("【】", "0 characters, allowed are 2 to 16"),
        ("【" + "警" * 16 + "】", ""),
        ("【" + "警" * 17 + "】", "17 characters, allowed are 2 to 16"),
        ("【示例-警务】", CHARACTERS),
        ("[DEMO POLICE]", ""),
        ("[DEMO  POLICE]", CHARACTERS),
        ("[DEMO POLICE ]", CHARACTERS),
        ("【示例 警务】", CHARACTERS),
    ],
)
def test_form_of_a_name_is_judged_in_words(signature: str, problem: str) -> None:
    assert name_problem(signature, PREFIX) == problem


@pytest.mark.parametrize(
    ("text", "form", "words"),
    [
        ("您的验证码是123456", PREFIX, "the text has no signature 【…】 at the start"),
        ("您好", SUFFIX, "no signature 【…】 at the end"),
        ("您好", EITHER, "at the start or at the end"),
        ("[DEMO POLICE] Code", PREFIX, "begins with [DEMO POLICE], but a signature has full-width"),
        ("您好【示例警务】", PREFIX, "stands at the end of the text, it must stand at the start"),
        ("【示例警务】您好", SUFFIX, "stands at the start of the text, it must stand at the end"),
        ("您好【示例警务】再见", PREFIX, "stands inside the text, it must stand at the start"),
        ("【示例警务您好", PREFIX, "closing bracket 】 is missing"),
    ],
)
def test_missing_signature_is_explained_by_what_is_there(
    text: str, form: SignatureForm, words: str
) -> None:
    assert words in why_missing(text, form)


def test_registered_name_is_spelt_with_the_allowed_brackets() -> None:
    assert PREFIX.bracketed("示例警务") == ("【示例警务】",)
    assert ASCII.bracketed("示例警务") == ("【示例警务】", "[示例警务]")
