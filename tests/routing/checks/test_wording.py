from __future__ import annotations

import pytest

from routing.checks.wording import (
    commercial,
    content_unapproved,
    impersonation,
    prohibited,
    time_window,
)
from routing.facts import Facts
from routing.rules import AccountRules
from tests.support.rules import NUMBER, rules, shanghai
from tests.support.submissions import ADVERTISEMENT, AT, TEXT, in_flight

PERMITTED = {"permissions": [{"id": "B-7", "valid_from": "2026-01-01", "valid_to": "2026-12-31"}]}
HOURS = [{"category": "commercial", "opens": "08:00", "closes": "22:00"}]


def test_an_advertisement_needs_the_carriers_permission() -> None:
    message = in_flight(text=ADVERTISEMENT)
    found = commercial(message, rules(), Facts())
    assert found is not None
    assert "permission" in found.en
    assert commercial(message, rules({"ads": PERMITTED}), Facts()) is None


def test_an_advertisement_that_the_user_asked_for_needs_none() -> None:
    compiled = rules()
    compiled.registries.uplinks.record("13300000001", NUMBER, AT - 60.0)
    assert commercial(in_flight(text=ADVERTISEMENT), compiled, Facts()) is None


def test_an_advertisement_needs_consent_and_a_way_to_refuse() -> None:
    unwanted = rules({"ads": PERMITTED, "consents": {}})
    assert commercial(in_flight(text=ADVERTISEMENT), unwanted, Facts()) is not None
    text = ADVERTISEMENT.removesuffix("，拒收请回复R")
    assert commercial(in_flight(text=text), rules({"ads": PERMITTED}), Facts()) is not None


WARNING = "【示例警务】反诈提醒：凡要求转账的均为诈骗，请拨打96110咨询。"


@pytest.mark.parametrize("text", [TEXT, WARNING])
def test_police_texts_are_no_advertisements(text: str) -> None:
    assert commercial(in_flight(text=text), rules(), Facts()) is None


def test_hours_hold_for_their_category_and_for_the_time_of_delivery() -> None:
    compiled = rules({"time_windows": HOURS})
    night, day = shanghai("2026-03-01T23:00:00"), shanghai("2026-03-02T09:00:00")
    assert time_window(in_flight(text=ADVERTISEMENT, at=night), compiled, Facts()) is not None
    assert time_window(in_flight(text=TEXT, at=night), compiled, Facts()) is None
    later = in_flight(text=ADVERTISEMENT, at=night, schedule_at=day)
    assert time_window(later, compiled, Facts()) is None


def test_a_text_without_template_is_refused_where_templates_are_required() -> None:
    assert content_unapproved(in_flight(), rules(), Facts()) is None
    required = rules({"template": {"required": True}})
    assert content_unapproved(in_flight(), required, Facts()) is not None


@pytest.mark.parametrize(
    "text",
    ["【示例警务】测试词AAA", "【示例警务】测试词ＡＡＡ", "【示例警务】测 试·词 a a a"],
)
def test_prohibited_words_are_seen_through_their_disguises(text: str) -> None:
    found = prohibited(in_flight(text=text), rules(), Facts())
    assert found is not None
    assert found.seen in text


def test_the_operators_rules_wait_until_party_a_was_told() -> None:
    told = shanghai("2026-03-01T00:00:00")
    content = {
        "effective_from": "2026-02-01",
        "notified_at": "2026-03-01",
        "rules": [{"id": "own", "category": "vulgar", "words": ["占位词乙"]}],
    }
    compiled = rules({"content": content})
    text = "【示例警务】占位词乙"
    assert prohibited(in_flight(text=text, at=told - 0.001), compiled, Facts()) is None
    assert prohibited(in_flight(text=text, at=told), compiled, Facts()) is not None


def test_a_text_that_passes_for_the_carriers_is_refused_and_a_warning_of_fraud_is_not() -> None:
    text = "【示例警务】受中国电信委托，我们联合为您提供流量优惠。"
    assert impersonation(in_flight(text=text), rules(), Facts()) is not None
    harmless = "【示例警务】您可能正在遭遇电信网络诈骗，请立即停止转账汇款。"
    assert impersonation(in_flight(text=harmless), rules(), Facts()) is None


TEMPLATES = {
    "template": {"required": True},
    "templates": [{"id": "T1", "text": "一二三四五六七八九十", "category": "notice"}],
}


@pytest.mark.parametrize(
    ("body", "rows"), [("一二三四五六七八啊啊", (3,)), ("一二三四五啊啊啊啊啊", (17,))]
)
def test_a_change_of_what_was_approved_names_its_row(body: str, rows: tuple[int, ...]) -> None:
    found = content_unapproved(in_flight(text="【示例警务】" + body), rules(TEMPLATES), Facts())
    assert found is not None
    assert found.rows == rows


HINDERED = "【示例警务】便民提醒服务，退订请携带身份证到窗口办理。"


def test_what_hinders_refusing_is_watched_for_in_any_text() -> None:
    found = commercial(in_flight(text=HINDERED), rules(), Facts())
    assert found is not None
    assert (found.rows, found.watched, found.seen) == ((20,), True, "退订请携带")


def test_an_advertisement_names_the_rows_it_shows() -> None:
    found = commercial(in_flight(text=ADVERTISEMENT), rules(), Facts())
    assert found is not None
    assert (found.rows, found.watched) == ((23,), False)
    silent = ADVERTISEMENT.removesuffix("，拒收请回复R")
    found = commercial(in_flight(text=silent), rules({"ads": PERMITTED}), Facts())
    assert found is not None
    assert found.rows == (20,)
    unwanted = rules({"ads": PERMITTED, "consents": {}})
    found = commercial(in_flight(text=ADVERTISEMENT), unwanted, Facts())
    assert found is not None
    assert found.rows == ()


def own_rule(action: str) -> AccountRules:
    rule = {"id": "own", "category": "obstacle", "words": ["人工审批"], "action": action}
    return rules({"ads": PERMITTED, "content": {"rules": [rule]}})


@pytest.mark.parametrize(("action", "watched"), [("flag", True), ("reject", False)])
def test_own_words_for_an_obstacle_do_what_their_rule_says(action: str, watched: bool) -> None:
    compiled = own_rule(action)
    found = commercial(in_flight(text="【示例警务】退出须经人工审批。"), compiled, Facts())
    assert found is not None
    assert (found.rows, found.watched, found.seen) == ((20,), watched, "人工审批")
    permitted = ADVERTISEMENT + "，人工审批"
    found = commercial(in_flight(text=permitted), compiled, Facts())
    assert found is not None
    assert found.rows == (20,)


def test_own_words_add_to_what_is_wrong_with_an_advertisement() -> None:
    compiled = own_rule("flag")
    silent = ADVERTISEMENT.removesuffix("，拒收请回复R") + "，人工审批"
    at = shanghai("2027-01-01T09:00:00")
    found = commercial(in_flight(text=silent, at=at), compiled, Facts())
    assert found is not None
    assert (found.rows, found.watched) == ((20, 23), False)


@pytest.mark.parametrize(("action", "watched"), [("flag", True), ("reject", False)])
def test_a_brand_of_others_is_watched_for_unless_it_is_refused(action: str, watched: bool) -> None:
    compiled = rules({"content": {"brands": ["占位牌"], "brands_action": action}})
    found = prohibited(in_flight(text="【示例警务】占·位牌防伪查询"), compiled, Facts())
    assert found is not None
    assert (found.rows, found.watched, found.seen) == ((14,), watched, "占·位牌")


def test_a_brand_beside_a_prohibited_word_shows_both_rows() -> None:
    compiled = rules({"content": {"brands": ["占位牌"]}})
    found = prohibited(in_flight(text="【示例警务】占位牌测试词AAA"), compiled, Facts())
    assert found is not None
    assert (found.rows, found.watched, found.seen) == ((13, 14), False, "测试词AAA")


def test_a_word_that_is_only_flagged_is_watched_for() -> None:
    rule = {"id": "own", "category": "vulgar", "words": ["占位词乙"], "action": "review"}
    found = prohibited(
        in_flight(text="【示例警务】占位词乙"), rules({"content": {"rules": [rule]}}), Facts()
    )
    assert found is not None
    assert (found.rows, found.watched) == ((13,), True)
