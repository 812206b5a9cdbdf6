from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.content import Template, TemplateRules
from config.section import SHANGHAI
from routing.scope import ALWAYS
from routing.template_pattern import TemplatePattern
from routing.templates import (
    ApprovedTemplate,
    TemplateBook,
    TemplateMatch,
    from_contract,
    without_signature,
)
from tests.support.samples import BY_ID
from tests.support.templates import TEMPLATES, body_of

AT = datetime(2026, 3, 18, 9, tzinfo=SHANGHAI).timestamp()
BOOK = TemplateBook(TEMPLATES)
TEN = "一二三四五六七八九十"
CHANGED_T06 = (
    "您于2026年3月2日递交的自行车被盗一案已登记，受案编号SL-000123。"
    "承办民警李某，联系电话0371-0000001，您可用编号了解进展。"
)


def book(*templates: ApprovedTemplate, **rules: float) -> TemplateBook:
    return TemplateBook(templates, TemplateRules.model_validate(rules))


def plain(
    text: str, id_: str = "A", service: str = "ordinary", start: float = ALWAYS[0],
    end: float = ALWAYS[1], category: str = "notice",
) -> ApprovedTemplate:  # fmt: skip
    return ApprovedTemplate(id_, 1, text, category, service, start, end)


def judged(text: str, *templates: ApprovedTemplate, **rules: float) -> TemplateMatch:
    return book(*templates, **rules).judge(text, "ordinary", AT)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.id)
def test_each_sample_is_its_own_template(template: ApprovedTemplate) -> None:
    match = BOOK.judge(body_of(template.id), template.service, AT)
    assert (match.kind, match.template, match.similarity) == ("exact", template, 1.0)
    assert match.breach_row() == 0
    assert BOOK.finding(match, template.service, AT) is None


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.id)
def test_each_sample_is_none_of_the_others(template: ApprovedTemplate) -> None:
    others = TemplateBook(found for found in TEMPLATES if found != template)
    match = others.judge(body_of(template.id), template.service, AT)
    assert match.kind == "major"
    assert match.breach_row() == 17


def test_a_sample_with_a_fifth_of_its_words_changed_is_a_small_change() -> None:
    match = BOOK.judge(CHANGED_T06, "ordinary", AT)
    assert match.kind == "minor"
    assert match.template is not None
    assert match.template.id == "T06"
    assert 0.75 < match.similarity < 0.85
    assert match.breach_row() == 3
    finding = BOOK.finding(match, "ordinary", AT)
    assert finding is not None
    assert finding.en.startswith("the text is a change of approved template T06: similarity 0.8")
    assert finding.zh.startswith("内容与已审批模板T06相比有改动：相似度0.8")
    assert finding.seen in CHANGED_T06


def test_a_case_that_was_filed_is_no_case_that_was_accepted() -> None:
    (t06,) = (template for template in TEMPLATES if template.id == "T06")
    match = judged(body_of("T07"), t06)
    assert (match.kind, match.template, match.breach_row()) == ("major", t06, 17)
    finding = book(t06).finding(match, "ordinary", AT)
    assert finding is not None
    assert "far from approved template T06" in finding.en
    assert "below 0.6 it is a different text" in finding.en


@pytest.mark.parametrize(
    ("changed", "kind", "row"),
    [(0, "exact", 0), (1, "similar", 0), (2, "minor", 3), (4, "minor", 3), (5, "major", 17)],
)
def test_the_limits_themselves_still_count(changed: int, kind: str, row: int) -> None:
    text = TEN[: 10 - changed] + "啊" * changed
    match = judged(text, plain(TEN))
    assert (match.kind, match.similarity) == (kind, 1 - changed / 10)
    assert match.breach_row() == row


def test_the_limits_are_configured() -> None:
    assert judged("一二三四五六七八九啊", plain(TEN), match=0.95).kind == "minor"
    assert judged("一二三四五六七八啊啊", plain(TEN), minor_change=0.85).kind == "major"
    assert judged("一二三四五啊啊啊啊啊", plain(TEN), minor_change=0.5).kind == "minor"


def test_a_similarity_is_never_rounded_up_to_its_limit() -> None:
    template = plain(TEN * 20)
    match = judged(TEN * 18 + "啊" * 21, template)
    finding = book(template).finding(match, "ordinary", AT)
    assert 0.897 < match.similarity < 0.9
    assert finding is not None
    assert "similarity 0.897, wanted is 0.9;" in finding.en


def test_an_unknown_variable_part_is_a_small_change_however_near() -> None:
    template = plain("您的业务已经办理完成，受理编号为{case_no}，请凭编号到窗口领取证件")
    match = judged("您的业务已经办理完成，受理编号为SL-1，请凭编号到窗口领取证件", template)
    assert match.similarity > 0.9
    assert (match.kind, match.unknown, match.breach_row()) == ("minor", True, 3)
    finding = book(template).finding(match, "ordinary", AT)
    assert finding is not None
    assert "'SL-1' where the template has '{case_no}'" in finding.en
    assert (finding.seen, finding.allowed) == ("SL-1", "{case_no}")


def test_a_change_that_makes_it_commercial_is_a_big_one() -> None:
    similar = judged("一二三四五六七八九啊", plain(TEN))
    minor = judged("一二三四五六七八啊啊", plain(TEN))
    assert (similar.breach_row("commercial"), minor.breach_row("commercial")) == (17, 17)
    assert (similar.breach_row("notice"), minor.breach_row("notice")) == (0, 3)
    advertisement = judged("一二三四五六七八九啊", plain(TEN, category="commercial"))
    assert advertisement.breach_row("commercial") == 0
    exact = judged("您好，" + TEN, plain("您好，{text}"))
    assert (exact.breach_row("commercial"), exact.breach_row("notice")) == (17, 0)


@pytest.mark.parametrize("templates", [(), (plain(TEN, service="instant"),)])
def test_without_a_template_of_the_service_it_is_an_unreviewed_business(
    templates: tuple[ApprovedTemplate, ...],
) -> None:
    match = judged("您好", *templates)
    assert (match.kind, match.breach_row()) == ("none", 15)
    finding = book(*templates).finding(match, "ordinary", AT)
    assert finding is not None
    assert finding.en == "no template of the ordinary service is approved"
    assert finding.zh == "该业务（普通行业短信）没有已审批的模板"


def test_a_text_near_to_nothing_says_so() -> None:
    match = judged("啊啊啊", plain(TEN))
    assert match == TemplateMatch("major")
    finding = book(plain(TEN)).finding(match, "ordinary", AT)
    assert finding is not None
    assert finding.en == "the text comes near to no approved template"


def test_a_template_of_the_other_service_is_named() -> None:
    match = BOOK.judge(body_of("T01"), "ordinary", AT)
    assert match.kind == "major"
    finding = BOOK.finding(match, "ordinary", AT)
    assert finding is not None
    assert "template T01, approved for the instant service, not for the ordinary" in finding.en
    assert (finding.seen, finding.allowed) == ("ordinary", "instant")


@pytest.mark.parametrize(
    ("moment", "kind"),
    [(AT - 0.001, "none"), (AT, "exact"), (AT + 9.999, "exact"), (AT + 10, "none")],
)
def test_a_template_counts_from_its_first_moment_to_before_its_last(
    moment: float, kind: str
) -> None:
    dated = book(plain(TEN, start=AT, end=AT + 10))
    assert dated.judge(TEN, "ordinary", moment).kind == kind
    assert dated.judge(TEN + "啊", "ordinary", moment).kind == (
        "similar" if kind == "exact" else kind
    )


def test_a_template_that_is_not_in_force_is_named_with_its_time() -> None:
    dated = book(plain(TEN, start=AT, end=AT + 10), plain("完全不同的内容", "B"))
    early = dated.finding(dated.judge(TEN, "ordinary", AT - 1), "ordinary", AT - 1)
    late = dated.finding(dated.judge(TEN, "ordinary", AT + 10), "ordinary", AT + 10)
    assert early is not None
    assert late is not None
    assert early.en == (
        "the text is that of template A, in force from 2026-03-18 09:00:00+08:00 on"
    )
    assert late.en == "the text is that of template A, in force until 2026-03-18 09:00:10+08:00"
    assert late.allowed == "before 2026-03-18 09:00:10+08:00"


def test_of_two_versions_the_one_in_force_is_the_texts() -> None:
    old = ApprovedTemplate("A", 1, TEN, valid_to=AT)
    new = ApprovedTemplate("A", 2, TEN, valid_from=AT)
    versions = book(old, new)
    assert versions.judge(TEN, "ordinary", AT - 1).template == old
    assert versions.judge(TEN, "ordinary", AT).template == new


def test_between_two_times_in_force_there_is_none() -> None:
    gap = book(plain(TEN, end=AT), plain(TEN, "B", start=AT + 10), plain(TEN, "C", start=AT + 15))
    kinds = [gap.judge("啊啊", "ordinary", AT + step).kind for step in (-1, 0, 9, 10, 20)]
    assert kinds == ["major", "none", "none", "major", "major"]


def test_of_several_that_fit_the_one_with_the_most_fixed_text_counts() -> None:
    wide = plain("您好，您的{text}", "A")
    narrow = plain("您好，您的业务{text}", "B")
    assert judged("您好，您的业务已办结", wide, narrow).template == narrow


def test_values_of_free_text_are_told() -> None:
    match = BOOK.judge(body_of("T07"), "ordinary", AT)
    assert match.free_values == ("财物被盗", "示例派出所")
    assert BOOK.judge(body_of("T01"), "instant", AT).free_values == ()


def test_space_around_a_text_does_not_count() -> None:
    assert judged(f" {TEN} ", plain(TEN)).kind == "exact"


def test_texts_and_templates_are_folded_alike() -> None:
    folded = TemplateBook(
        [plain("ＡＢＣＤ{code}")], fold=lambda text: text.replace("ＡＢＣＤ", "AB")
    )
    assert folded.judge("AB482913", "ordinary", AT).kind == "exact"


def test_a_template_that_cannot_be_compiled_is_named() -> None:
    with pytest.raises(ValueError, match=r"template A: allowed is .*\{coed\} is none"):
        book(plain("您的验证码{coed}"))


@pytest.mark.parametrize(
    ("text", "signature", "rest"),
    [
        ("【示例警务】您好", "【示例警务】", "您好"),
        ("您好【示例警务】", "【示例警务】", "您好"),
        ("您好", "", "您好"),
        ("您好", "【示例警务】", "您好"),
    ],
)
def test_a_signature_is_removed_wherever_it_stands(text: str, signature: str, rest: str) -> None:
    assert without_signature(text, signature) == rest


def test_a_template_of_the_contract_is_in_force_from_its_approval() -> None:
    template = Template.model_validate(
        {
            "id": "T06",
            "text": "您的{text}一案已受理",
            "category": "notice",
            "approved_at": "2026-03-18T09:00:00+08:00",
            "valid_from": "2026-03-01",
            "valid_to": "2026-03-31",
        }
    )
    found = from_contract(template)
    assert (found.id, found.version, found.service) == ("T06", 0, "ordinary")
    assert found.valid_from == AT
    assert found.valid_to == datetime(2026, 4, 1, tzinfo=SHANGHAI).timestamp()
    undated = from_contract(Template(id="T06", text="您的业务"))
    assert (undated.valid_from, undated.valid_to) == ALWAYS


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(TEMPLATES), st.data())
def test_the_index_finds_the_nearest_of_all(
    template: ApprovedTemplate, data: st.DataObject
) -> None:
    text = body_of(template.id)
    first = data.draw(st.integers(0, len(text) - 1))
    last = data.draw(st.integers(first, min(len(text), first + len(text) // 4)))
    changed = text[:first] + data.draw(st.text(alphabet="啊哦的您", max_size=5)) + text[last:]
    of_service = [found for found in TEMPLATES if found.service == template.service]
    best = max(
        TemplatePattern(found.text, 20, str).likeness(changed).similarity for found in of_service
    )
    match = BOOK.judge(changed, template.service, AT)
    if best >= 0.6 and match.kind != "exact":
        assert match.similarity == best


def test_samples_have_the_service_of_their_template() -> None:
    assert {t.id: t.service for t in TEMPLATES} == {s.id: s.service for s in BY_ID.values()}


@pytest.mark.parametrize(
    ("text", "category", "rows"),
    [
        (TEN, "notice", None),
        (TEN[:9] + "啊", "notice", None),
        (TEN[:8] + "啊啊", "notice", (3,)),
        (TEN[:5] + "啊" * 5, "notice", (17,)),
        (TEN[:8] + "啊啊", "commercial", (17,)),
        (TEN[:9] + "啊", "commercial", (17,)),
    ],
)
def test_a_finding_names_its_row(text: str, category: str, rows: tuple[int, ...] | None) -> None:
    found = book(plain(TEN)).finding(judged(text, plain(TEN)), "ordinary", AT, category)
    assert (found.rows if found else None) == rows


def test_a_text_that_fits_is_not_approved_where_what_was_filled_in_makes_it_commercial() -> None:
    template = plain("您好，{text}")
    found = book(template).finding(judged("您好，" + TEN, template), "ordinary", AT, "commercial")
    assert found is not None
    assert "approved for the category notice" in found.en
    assert (found.seen, found.allowed, found.rows) == ("commercial", "notice", (17,))


def test_a_service_without_templates_is_row_15() -> None:
    found = book().finding(judged("您好"), "ordinary", AT)
    assert found is not None
    assert found.rows == (15,)
