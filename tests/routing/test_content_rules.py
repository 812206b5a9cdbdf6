from __future__ import annotations

import pytest

from config.content import ContentRules
from config.problems import ConfigError
from config.word_files import SHIPPED, parse_words, read_words
from routing.content_rules import PROHIBITED, TITLES_ZH, ContentFilter, impersonation, prohibited

FILTER = ContentFilter(ContentRules(), read_words(SHIPPED))
TOLD = "2026-01-02T00:00:00+08:00"
TOLD_AT = 1767283200.0


@pytest.mark.parametrize(
    ("signature", "body", "refused"),
    [
        ("【示例警务】", "测试词AAA（占位敏感词）", "prohibited"),
        ("【中国电信】", "尊敬的客户，请到营业厅更换实名卡。", "impersonation"),
        ("【中國电·信】", "您好", "impersonation"),
        ("【示例警务】", "受中国电信委托，我们联合为您提供流量优惠。", "impersonation"),
        ("【示例警务】", "紧急提醒：您可能正在遭遇电信网络诈骗，请立即停止转账汇款，"
         "不要透露验证码。如需帮助请拨打96110或110。", ""),
        ("【示例警务】", "反诈提醒：我们提醒您，谨防冒充中国电信的来电。", ""),
        ("【示例警务】", "请拨打中国电信客服查询。我们祝您平安。", ""),
    ],
)  # fmt: skip
def test_a_sample_is_refused_by_the_check_it_is_for(
    signature: str, body: str, refused: str
) -> None:
    hits = FILTER.judge(signature + body, 0.0, signature)
    found = {"prohibited": prohibited(hits), "impersonation": impersonation(hits)}
    assert [name for name, finding in found.items() if finding] == ([refused] if refused else [])


def _own(**keys: object) -> ContentFilter:
    rule = {"id": "own", "category": "vulgar", "words": ["占位词"], "pattern": "占[0-9]+",
            "except_words": ["占位词典"]}  # fmt: skip
    return ContentFilter(ContentRules.model_validate({"rules": [rule], **keys}))


def test_own_rules_look_for_words_and_patterns() -> None:
    assert [hit.seen for hit in _own().judge("占位词典 占12 占位词", 0.0)] == ["占12", "占位词"]


def test_own_rules_take_effect_once_party_a_was_told() -> None:
    rules = _own(effective_from="2026-01-01T00:00:00+08:00", notified_at=TOLD)
    assert rules.judge("占位词", TOLD_AT - 0.001) == ()
    assert rules.judge("占位词", TOLD_AT)
    assert _own(effective_from=TOLD).judge("占位词", 9e9) == ()


def test_a_bad_line_is_named_with_what_is_allowed() -> None:
    with pytest.raises(ConfigError, match=r"own.txt:2: saw 'rude 词', allowed .*vulgar"):
        parse_words(["vulgar 词", "rude 词"], "own.txt")


def test_every_category_that_is_refused_has_a_chinese_title() -> None:
    assert set(TITLES_ZH) == PROHIBITED
