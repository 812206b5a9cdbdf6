from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from config.content import (
    AdPermission,
    ContentRule,
    Frequency,
    OptOutRules,
    Signature,
    SignatureRules,
    Template,
    TemplateRules,
    TimeWindow,
)
from config.section import Section


def test_refusals_are_those_in_use() -> None:
    rules = OptOutRules()
    assert {"T", "TD", "N", "R", "退订", "拒收", "0000", "QX", "STOP"} <= set(rules.keywords)
    assert {"00000", "全部退订"} == set(rules.keywords_all)
    assert {"KT", "恢复", "恢复订阅", "START"} == set(rules.keywords_in)
    assert (rules.scope, rules.grace_s) == ("category", 0)


def test_limits_of_frequency_hold_by_category() -> None:
    limits = {(limit.category, limit.count, limit.period_s) for limit in Frequency().limits}
    assert ("verification", 1, 60) in limits
    assert ("any", 2, 60) in limits
    assert [limit.category for limit in Frequency().limits if limit.same_content] == ["any"]
    assert Frequency().exempt == ("emergency",)


def test_a_signature_stands_first_and_in_full_width_brackets() -> None:
    rules = SignatureRules()
    assert (rules.position, rules.allow_ascii) == ("prefix", False)
    assert (rules.min_length, rules.max_length) == (2, 16)


@pytest.mark.parametrize("text", ["示例警务", "警务110", "DEMO POLICE", "A B 1", "A" * 64])
def test_a_signature_is_one_word_or_several_of_ascii(text: str) -> None:
    assert Signature.model_validate({"text": text}).text == text


def test_a_signature_is_registered_for_a_time() -> None:
    made = Signature.model_validate({"text": "示例警务", "valid_to": "2026-11-30"})
    assert made.valid_to == datetime(2026, 11, 30, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (Signature, {"text": "【示例警务】"}),
        (Signature, {"text": "示例 警务"}),
        (Signature, {"text": "示例 POLICE"}),
        (Signature, {"text": "DEMO  POLICE"}),
        (Signature, {"text": "DEMO "}),
        (Signature, {"text": "A" * 65}),
        (Signature, {"text": ""}),
        (ContentRule, {"id": "a", "category": "prohibited_1", "pattern": "("}),
        (ContentRule, {"id": "a", "category": "prohibited_10"}),
        (ContentRule, {"id": "a b", "category": "prohibited_1"}),
        (TimeWindow, {"category": "notice", "opens": "8:00", "closes": "22:00"}),
        (TimeWindow, {"category": "notice", "opens": "08:00", "closes": "24:01"}),
        (AdPermission, {"id": "P", "valid_from": "2026-01-01"}),
        (OptOutRules, {"keywords": ["TD", "TD"]}),
    ],
)
def test_what_makes_no_sense_is_refused(model: type[Section], values: object) -> None:
    with pytest.raises(ValidationError):
        model.model_validate(values)


def test_a_window_may_last_to_the_end_of_the_day() -> None:
    window = TimeWindow(category="commercial", opens="08:00", closes="24:00")
    assert window.services == ("ordinary", "instant")


def test_a_template_with_an_unknown_variable_is_refused() -> None:
    assert Template(id="T01", text="您的验证码{code}").text == "您的验证码{code}"
    with pytest.raises(ValidationError, match=r"variables of the list .*\{coed\} is none"):
        Template(id="T01", text="您的验证码{coed}")


def test_the_limits_of_similarity_are_in_order() -> None:
    assert TemplateRules(match=0.7, minor_change=0.7).minor_change == 0.7
    with pytest.raises(ValidationError, match=r"`minor_change` at most `match` \(0\.5\)"):
        TemplateRules(match=0.5)
