from __future__ import annotations

import pytest

from config.commercial_words import CommercialWords, load_commercial_words
from config.content import AdRules
from routing.classification import (
    COMMERCIAL_FROM,
    MOST_WORDS,
    Classification,
    Classifier,
    Evidence,
    weight,
)
from routing.templates import ApprovedTemplate, TemplateBook
from tests.support.samples import SAMPLES, Sample
from tests.support.templates import TEMPLATES, body_of

WORDS = load_commercial_words()
CLASSIFIER = Classifier(WORDS, own_numbers=("0371-0000000",))
BOOK = TemplateBook(TEMPLATES)
N05 = "周年大促，全场五折，点击 http://example.invalid/a 抢购，拒收请回复R"
N07 = "受中国电信委托，我们联合为您提供流量优惠。"

BY_TEXT = {
    "verification": ("T01", "T02", "T29"),
    "notice": ("T03", "T05", "T06", "T07", "T08", "T09", "T10", "T14", "T17", "T18", "T19", "T23",
               "T26", "T27", "T28"),
    "reminder": ("T04", "T15", "T16", "T20", "T30"),
    "public_interest": ("T11", "T13", "T21", "T22"),
    "emergency": ("T12",),
    "internal": ("T24", "T25"),
}  # fmt: skip
CATEGORY_OF = {id_: category for category, ids in BY_TEXT.items() for id_ in ids}


def category(text: str) -> str:
    return CLASSIFIER.classify(text).category


def found(text: str) -> list[tuple[str, str]]:
    return [(evidence.kind, evidence.text) for evidence in CLASSIFIER.evidence(text)]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.id)
def test_the_category_of_each_sample_is_told_by_its_text(sample: Sample) -> None:
    assert category(sample.text) == CATEGORY_OF[sample.id]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.id)
def test_the_category_of_a_template_is_that_of_its_texts(template: ApprovedTemplate) -> None:
    body = body_of(template.id)
    match = BOOK.judge(body, template.service, 0.0)
    assert CLASSIFIER.classify(body, match) == Classification(template.category, "template")


def test_an_advertisement_is_commercial_and_says_why() -> None:
    classification = CLASSIFIER.classify(N05)
    assert classification.commercial
    assert classification.evidence == (
        Evidence("offer", "大促", 2),
        Evidence("offer", "五折", 7),
        Evidence("link", "http://example.invalid/a", 13),
        Evidence("offer", "抢购", 38),
    )


def test_an_offer_together_with_the_carrier_is_commercial() -> None:
    assert CLASSIFIER.classify(N07) == Classification(
        "commercial", "text", (Evidence("offer", "优惠", 18),)
    )


@pytest.mark.parametrize(
    "text",
    [
        "您的验证码是123456，5分钟内有效。",
        "您好，预约成功。",
        "请到营业厅更换实名卡。",
        "测试词AAA（占位敏感词）",
        "退订请携带身份证到窗口办理",
        "如需帮助请拨打96110或110。",
        "罚款200元已缴纳，详见 http://example.invalid/a ，电话0371-0000001",
        "办理身份证请登录example.invalid，咨询电话0371-0000001，工本费20元",
        "创业担保按优惠政策办理",
    ],
)
def test_links_telephones_and_prices_alone_are_no_advertisement(text: str) -> None:
    assert category(text) != "commercial"
    assert found(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "谨防投资理财高收益骗局，凡返利均为诈骗。",
        "反诈提醒：刷单返利、中奖、低息贷款都是诈骗，全场五折也可能是。",
        "【示例警务】开学季防骗提示：收到“班级群收费”“助学金”信息请先向老师当面核实。",
    ],
)
def test_what_is_warned_of_is_not_offered(text: str) -> None:
    assert category(text) == "public_interest" if "骗提" in text or "反诈" in text else "notice"
    assert found(text) == []


def test_a_warning_in_another_sentence_hides_no_offer() -> None:
    assert category("谨防诈骗！周年大促，全场五折。") == "commercial"
    assert category("全场五折。谨防诈骗。") == "commercial"
    assert category("全场五折！谨防诈骗") == "commercial"


@pytest.mark.parametrize(
    ("text", "evidence", "commercial"),
    [
        ("免费", [("hint", "免费")], False),
        ("免费购买会员", [("hint", "免费"), ("hint", "购买"), ("hint", "会员")], False),
        ("免费购买，电话13300000001",
         [("hint", "免费"), ("hint", "购买"), ("phone", "13300000001")], False),
        ("免费购买，仅30元，电话13300000001",
         [("hint", "免费"), ("hint", "购买"), ("price", "30元"), ("phone", "13300000001")], True),
        ("免费购买，登录a.invalid，￥30",
         [("hint", "免费"), ("hint", "购买"), ("link", "a.invalid"), ("price", "￥30")], True),
        ("免费，登录example.invalid，电话0371-0000001",
         [("hint", "免费"), ("link", "example.invalid"), ("phone", "0371-0000001")], False),
        ("免费购买，登录t.cn/a",
         [("hint", "免费"), ("hint", "购买"), ("short_link", "t.cn/a")], True),
        ("打8.5折", [("offer", "8.5折")], True),
        ("满200减30", [("offer", "满200减")], True),
        ("买一送一", [("offer", "买一送")], True),
        ("折叠、满意、买卖、低至", [], False),
    ],
)  # fmt: skip
def test_hints_need_company_and_offers_do_not(
    text: str, evidence: list[tuple[str, str]], commercial: bool
) -> None:
    assert found(text) == evidence
    assert (category(text) == "commercial") is commercial


@pytest.mark.parametrize("number", ["110", "119", "120", "122", "96110", "12110", "12321", "12345"])
def test_service_numbers_are_no_evidence(number: str) -> None:
    assert found(f"优惠，请拨打{number}") == [("offer", "优惠")]


def test_party_as_own_telephone_is_no_evidence() -> None:
    assert found("优惠，请拨打0371-0000000或0371-0000001") == [
        ("offer", "优惠"),
        ("phone", "0371-0000001"),
    ]
    assert found("优惠，请拨打95000") == [("offer", "优惠"), ("phone", "95000")]
    strict = Classifier(WORDS, AdRules(allowed_numbers=()))
    assert len(strict.evidence("优惠，请拨打96110")) == 2


def test_words_of_the_contract_are_offers_too() -> None:
    assert category("示例广告词") == "notice"
    classifier = Classifier(WORDS, AdRules(words=("示例广告词",)))
    assert classifier.classify("示例广告词").commercial


def test_words_are_folded_like_the_texts() -> None:
    classifier = Classifier(CommercialWords(offers=("App特惠",)), fold=str.upper)
    assert classifier.classify("APP特惠").commercial


def test_without_any_words_everything_is_a_notice() -> None:
    classifier = Classifier(CommercialWords())
    assert classifier.classify(N05) == Classification("notice", "default")


def test_weight_counts_the_same_words_once_and_hints_no_more_than_two() -> None:
    hints = [Evidence("hint", text, 0) for text in ("免费", "购买", "会员", "会员")]
    assert weight(hints) == 2
    assert weight([Evidence("offer", "优惠", 0), Evidence("offer", "优惠", 9)]) == COMMERCIAL_FROM


def test_no_more_words_are_looked_at_than_agreed() -> None:
    assert len(CLASSIFIER.evidence("优惠。" * 160)) == MOST_WORDS


@pytest.mark.parametrize("price", ["30元", "3.50元", "￥30", "5万元", "20块钱"])
def test_prices_are_evidence_beside_words(price: str) -> None:
    assert ("price", price) in found(f"优惠，仅{price}")


@pytest.mark.parametrize("text", ["优惠，编号1234567890123元", "优惠，公元2026年"])
def test_long_digits_and_years_are_no_price(text: str) -> None:
    assert found(text) == [("offer", "优惠")]


def test_an_approved_text_is_not_looked_into_again() -> None:
    notice = ApprovedTemplate("A", 1, "全场五折的{text}，优惠")
    match = TemplateBook([notice]).judge("全场五折的课程，优惠", "ordinary", 0.0)
    assert match.kind == "exact"
    assert CLASSIFIER.classify("全场五折的课程，优惠", match).category == "notice"


def test_a_free_text_of_a_template_that_advertises_makes_it_commercial() -> None:
    body = body_of("T07").replace("财物被盗", "限时抢购全场五折")
    match = BOOK.judge(body, "ordinary", 0.0)
    assert match.kind == "exact"
    classification = CLASSIFIER.classify(body, match)
    assert classification.commercial
    assert match.breach_row(classification.category) == 17


def test_a_text_near_a_template_has_its_category_unless_it_advertises() -> None:
    body = body_of("T11")
    near = body.replace("请挂断", "请您挂断")
    assert CLASSIFIER.classify(near, BOOK.judge(near, "ordinary", 0.0)).source == "template"
    sold = body + "全场五折"
    match = BOOK.judge(sold, "ordinary", 0.0)
    assert match.kind == "similar"
    assert CLASSIFIER.classify(sold, match).commercial
    assert match.breach_row("commercial") == 17


def test_a_text_far_from_any_template_is_told_by_itself() -> None:
    match = BOOK.judge("值班通知", "ordinary", 0.0)
    assert match.kind == "major"
    assert CLASSIFIER.classify("值班通知", match) == Classification("internal", "text")


def test_a_service_type_declares_a_category_that_an_offer_outweighs() -> None:
    classifier = Classifier(WORDS, service_types={"AD": "commercial", "OTP": "verification"})
    assert classifier.classify("您好", service_type="AD") == Classification(
        "commercial", "service_type"
    )
    assert classifier.classify("温馨提示", service_type="OTP").category == "verification"
    assert classifier.classify("温馨提示", service_type="").category == "reminder"
    assert classifier.classify(N05, service_type="OTP").category == "commercial"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("482913是您的验证码", "verification"),
        ("验证码：482913", "verification"),
        ("不要透露验证码，请拨打96110", "notice"),
        ("编号48291300112验证码", "notice"),
        ("温馨提示：全体人员到岗签到", "internal"),
        ("防范电信网络诈骗宣传", "public_interest"),
        ("大雾，请立即撤离", "emergency"),
    ],
)
def test_the_first_category_that_is_found_decides(text: str, expected: str) -> None:
    assert category(text) == expected
