from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.template_pattern import Deviation, TemplatePattern
from tests.support.templates import TEMPLATES, body_of

CASE = "您报称的{text}一案已受理，编号{case_no}。"


def pattern(text: str, free_text: int = 20) -> TemplatePattern:
    return TemplatePattern(text, free_text, str)


@pytest.mark.parametrize(
    ("template", "text", "values"),
    [
        ("您好", "您好", ()),
        ("您好", "您好！", None),
        ("您好", "说您好", None),
        ("验证码{code}，有效", "验证码482913，有效", ()),
        ("验证码{code}，有效", "验证码4829139，有效", ()),
        ("验证码{code}，有效", "验证码482，有效", None),
        ("验证码{code}，有效", "验证码，有效", None),
        (CASE, "您报称的财物被盗一案已受理，编号SL-000123。", ("财物被盗",)),
        (CASE, "您报称的一案已受理，编号SL-000123。", None),
        (CASE, "您报称的" + "财" * 20 + "一案已受理，编号SL-000123。", ("财" * 20,)),
        (CASE, "您报称的" + "财" * 21 + "一案已受理，编号SL-000123。", None),
        ("{name}您好，请到{station}", "王先生您好，请到示例派出所", ("王先生", "示例派出所")),
        ("价格(约){number}元。", "价格(约)3.50元。", ()),
    ],
)
def test_a_text_is_the_templates_when_all_of_it_fits(
    template: str, text: str, values: tuple[str, ...] | None
) -> None:
    assert pattern(template).free_values(text) == values


def test_a_free_text_ends_where_the_fixed_text_after_it_begins() -> None:
    assert pattern("请到{place}办理{text}业务").free_values("请到窗口办理换证业务") == (
        "窗口",
        "换证",
    )


def test_a_free_text_is_never_gone_back_into() -> None:
    hard = pattern("，".join(["{text}"] * 12) + "。完毕", 500)
    assert hard.free_values("，" * 400) is None


@pytest.mark.parametrize("link", ["http://a.invalid/q", "a.invalid", "www.a.invalid"])
def test_a_link_is_no_free_text(link: str) -> None:
    assert pattern(CASE).free_values(f"您报称的{link}一案已受理，编号SL-000123。") is None
    assert pattern("请看{url}。").free_values(f"请看{link}。") == ()


@pytest.mark.parametrize(
    ("template", "head", "tail"),
    [
        ("您好", "您好", "您好"),
        ("您好{code}", "您好", ""),
        ("{code}您好", "", "您好"),
        ("{name}您好{code}再见{date}", "", ""),
        (" 您好{code}再见 ", "您好", "再见"),
    ],
)
def test_head_and_tail_are_the_fixed_text_at_the_ends(template: str, head: str, tail: str) -> None:
    found = pattern(template)
    assert (found.head, found.tail) == (head, tail)


@pytest.mark.parametrize("sample", [template.id for template in TEMPLATES])
def test_a_text_that_fits_is_wholly_alike(sample: str) -> None:
    (template,) = (found for found in TEMPLATES if found.id == sample)
    compiled = pattern(template.text)
    assert compiled.free_values(body_of(sample)) is not None
    likeness = compiled.likeness(body_of(sample))
    assert likeness.similarity >= 0.97
    assert compiled.most_alike(body_of(sample)) == 1.0


@pytest.mark.parametrize(
    ("text", "similarity"),
    [
        ("一二三四五六七八九十", 1.0),
        ("一二三四五六七八九", 18 / 19),
        ("一二三四五六七八九十啊", 20 / 21),
        ("一二三四五六七八九啊", 18 / 20),
        ("啊二三四五六七八九十", 18 / 20),
        ("一二三四啊啊啊啊啊啊", 8 / 20),
        ("六七八九十一二三四五", 10 / 20),
        ("完全没有关系", 0.0),
        ("", 0.0),
    ],
)
def test_similarity_is_the_share_of_characters_with_a_partner(text: str, similarity: float) -> None:
    assert pattern("一二三四五六七八九十").likeness(text).similarity == similarity


def test_a_fifth_of_the_characters_changed_is_a_similarity_of_four_fifths() -> None:
    text = "您报称的财物被盗一案已受理"
    assert (
        pattern("一二三四五六七八九十" * 2).likeness(("一二三四五六七八啊啊") * 2).similarity == 0.8
    )
    assert pattern(text).likeness(text).similarity == 1.0


@pytest.mark.parametrize("value", ["财", "财物被盗", "财" * 20])
def test_the_length_of_a_value_makes_no_difference(value: str) -> None:
    likeness = pattern(CASE).likeness(f"您所报称的{value}一案已受理，编号SL-000123。")
    assert likeness.similarity == 26 / 27
    assert likeness.deviations == (Deviation("所", ""),)
    assert not likeness.unknown


def test_what_is_longer_than_a_value_may_be_is_foreign() -> None:
    likeness = pattern(CASE).likeness("您报称的" + "财" * 26 + "一案已受理，编号SL-000123。")
    assert likeness.similarity == 26 / 32


@pytest.mark.parametrize(
    ("text", "deviation"),
    [
        ("您报称的财物被盗一案已受理，编号SL-12。", Deviation("SL-12", "{case_no}")),
        ("您报称的财物被盗一案已受理，编号。", Deviation("", "{case_no}")),
        ("您报称的一案已受理，编号SL-000123。", Deviation("", "{text}")),
        ("您报称的a.invalid一案已受理，编号SL-000123。", Deviation("a.invalid", "{text}")),
    ],
)
def test_a_variable_without_a_value_of_its_form_is_unknown(text: str, deviation: Deviation) -> None:
    likeness = pattern(CASE).likeness(text)
    assert likeness.unknown
    assert likeness.deviations == (deviation,)


def test_words_beside_a_value_are_foreign_but_the_value_is_known() -> None:
    likeness = pattern("您的验证码{code}，请勿告知他人").likeness(
        "您的验证码是482913，请勿告知他人"
    )
    assert (likeness.similarity, likeness.unknown) == (24 / 25, False)


def test_fixed_text_that_folds_away_is_no_template() -> None:
    with pytest.raises(ValueError, match="at least 2 fixed characters"):
        TemplatePattern("您好{code}", 20, lambda text: text[:1])


def test_fixed_text_is_folded_like_the_texts_it_is_compared_with() -> None:
    folded = TemplatePattern("ＡＢＣ{code}", 20, lambda text: text.replace("ＡＢＣ", "ABC"))
    assert folded.free_values("ABC482913") == ()


@given(st.text(alphabet="您好的，0123SL-", max_size=40))
def test_likeness_is_a_share_and_within_its_bound(text: str) -> None:
    compiled = pattern("您好{name}，您的{case_no}好的{date}")
    likeness = compiled.likeness(text)
    assert 0.0 <= likeness.similarity <= compiled.most_alike(text) <= 1.0
    if compiled.free_values(text) is not None:
        assert likeness.similarity > 0.5
