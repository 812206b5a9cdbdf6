from __future__ import annotations

from datetime import datetime

import pytest

from config.commercial_words import load_commercial_words
from config.content import AdPermission, AdRules, OptOutRules
from config.section import SHANGHAI
from routing.classification import Classification, Classifier
from routing.commercial import AdJudgement, CommercialCheck, OptOutWording, Permissions
from tests.support.samples import SAMPLES, Sample

WORDS = load_commercial_words()
CLASSIFIER = Classifier(WORDS)
WORDING = OptOutWording(OptOutRules(), WORDS.obstacles)
AT = datetime(2026, 3, 18, 9, tzinfo=SHANGHAI).timestamp()
NUMBER = "106590990371"
RECIPIENT = "13300000001"
HOUR = 3600.0
N05 = "【示例警务】周年大促，全场五折，点击 http://example.invalid/a 抢购，拒收请回复R"
N07 = "【示例警务】受中国电信委托，我们联合为您提供流量优惠。"
N16 = "退订请携带身份证到窗口办理"
PERMISSION = {
    "id": "B-1",
    "valid_from": "2026-03-18T09:00:00+08:00",
    "valid_to": "2026-03-18T10:00:00+08:00",
    "access_numbers": (NUMBER,),
}


def judged(
    text: str,
    rules: AdRules | None = None,
    *,
    at: float = AT,
    sender: str = NUMBER,
    signature: str = "【示例警务】",
    mo_at: float | None = None,
    consent: bool = True,
    found: Classification | None = None,
) -> AdJudgement:
    def last_mo_at(number: str, port: str) -> float | None:
        assert (number, port) == (RECIPIENT, sender)
        return mo_at

    def has_consent(number: str, moment: float) -> bool:
        assert (number, moment) == (RECIPIENT, at)
        return consent

    return CommercialCheck(rules or AdRules(), OptOutRules(), WORDS).judge(
        text,
        found or CLASSIFIER.classify(text),
        sender=sender,
        recipient=RECIPIENT,
        at=at,
        signature=signature,
        last_mo_at=last_mo_at,
        has_consent=has_consent,
    )


def permitted(**changes: object) -> AdRules:
    return AdRules(permissions=(AdPermission.model_validate({**PERMISSION, **changes}),))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.id)
def test_no_sample_of_the_day_is_commercial(sample: Sample) -> None:
    assert judged(sample.text, consent=False) == AdJudgement()


def test_an_advertisement_without_permission_is_found_and_is_row_23() -> None:
    judgement = judged(N05)
    assert judgement.rows == (23,)
    assert judgement.finding is not None
    assert judgement.finding.en == (
        "the text is commercial (大促, 五折, http://example.invalid/a, …): "
        "no permission of the carrier for 106590990371 at that time"
    )
    assert judgement.finding.zh == (
        "内容为商业性短信息（大促、五折、http://example.invalid/a等）："
        "接入号码106590990371在该时间无运营商许可"
    )
    assert judgement.finding.seen == "大促"


def test_an_offer_without_a_way_to_refuse_is_row_20_as_well() -> None:
    judgement = judged(N07)
    assert judgement.rows == (20, 23)
    assert judgement.finding is not None
    assert judgement.finding.en.endswith("; it doesn't say how to refuse by a reply that is obeyed")


def test_an_advertisement_without_signature_is_row_21() -> None:
    assert judged(N05, signature="").rows == (21, 23)
    unsigned = judged(N05, permitted(), signature="")
    assert (unsigned.finding, unsigned.rows) == (None, (21,))


def test_with_permission_consent_and_a_way_to_refuse_it_is_in_order() -> None:
    assert judged(N05, permitted()) == AdJudgement(permission="B-1")


@pytest.mark.parametrize(
    ("at", "valid"), [(AT - 0.001, ""), (AT, "B-1"), (AT + HOUR - 0.001, "B-1"), (AT + HOUR, "")]
)
def test_a_permission_counts_from_its_first_moment_to_before_its_last(
    at: float, valid: str
) -> None:
    judgement = judged(N05, permitted(), at=at)
    assert judgement.permission == valid
    assert (judgement.finding is None) is bool(valid)


def test_the_nearest_permission_is_named_where_none_is_in_force() -> None:
    finding = judged(N05, permitted(), at=AT + 2 * HOUR).finding
    assert finding is not None
    assert finding.allowed == ("permission B-1, 2026-03-18 09:00+08:00 to 2026-03-18 10:00+08:00")


@pytest.mark.parametrize(
    ("numbers", "sender", "valid"),
    [
        ((), NUMBER, "B-1"),
        ((NUMBER,), NUMBER, "B-1"),
        ((NUMBER,), NUMBER + "01", "B-1"),
        ((NUMBER + "01",), NUMBER, ""),
        ((NUMBER + "01",), NUMBER + "02", ""),
        (("1069",), NUMBER, ""),
    ],
)
def test_a_permission_is_for_its_access_numbers_and_their_extensions(
    numbers: tuple[str, ...], sender: str, valid: str
) -> None:
    permission = AdPermission.model_validate({**PERMISSION, "access_numbers": numbers})
    assert Permissions([permission]).valid(sender, AT) == valid


def test_of_several_permissions_one_in_force_is_enough() -> None:
    past = AdPermission.model_validate({**PERMISSION, "id": "B-0", "valid_to": "2026-03-18T09:00"})
    current = AdPermission.model_validate({**PERMISSION, "access_numbers": ()})
    assert Permissions([past, current]).valid(NUMBER, AT) == "B-1"


@pytest.mark.parametrize(
    ("ago", "triggered"),
    [(0.0, True), (24 * HOUR, True), (24 * HOUR + 0.001, False), (-0.001, False)],
)
def test_what_the_user_asked_for_within_a_day_needs_no_permission_and_no_consent(
    ago: float, triggered: bool
) -> None:
    judgement = judged(N05, mo_at=AT - ago, consent=False)
    assert judgement.triggered is triggered
    assert (judgement.finding is None) is triggered
    assert (23 in judgement.rows) is not triggered


def test_the_time_after_a_users_message_is_configured() -> None:
    assert judged(N05, AdRules(trigger_window_h=1), mo_at=AT - HOUR).triggered
    assert not judged(N05, AdRules(trigger_window_h=1), mo_at=AT - HOUR - 1).triggered
    assert not judged(N05, AdRules(trigger_window_h=0), mo_at=AT).triggered


def test_what_the_user_asked_for_still_says_how_to_refuse() -> None:
    judgement = judged(N07, mo_at=AT)
    assert judgement.rows == (20,)
    assert judgement.finding is not None
    assert judgement.finding.allowed == "拒收请回复T"


@pytest.mark.parametrize(
    ("requires", "permission", "consent", "in_order"),
    [
        ("both", True, True, True),
        ("both", True, False, False),
        ("both", False, True, False),
        ("permission", True, False, True),
        ("permission", False, True, False),
        ("consent", False, True, True),
        ("consent", True, False, False),
    ],
)
def test_permission_consent_or_both_are_wanted(
    requires: str, permission: bool, consent: bool, in_order: bool
) -> None:
    rules = AdRules.model_validate(
        {"requires": requires, "permissions": [PERMISSION] if permission else []}
    )
    judgement = judged(N05, rules, consent=consent)
    assert (judgement.finding is None) is in_order
    assert judgement.rows == ((23,) if requires != "consent" and not permission else ())


def test_a_message_declared_commercial_is_one_without_evidence() -> None:
    judgement = judged("您好", found=Classification("commercial", "service_type"))
    assert judgement.rows == (20, 23)
    assert judgement.finding is not None
    assert judgement.finding.en.startswith("the text is commercial: no permission")
    assert judgement.finding.seen == NUMBER


def test_an_obstacle_to_refusing_is_row_20_in_any_category() -> None:
    assert judged(N16) == AdJudgement(rows=(20,))


def test_an_obstacle_in_an_advertisement_is_found() -> None:
    judgement = judged("全场五折，" + N16, permitted())
    assert judgement.rows == (20,)
    assert judgement.finding is not None
    assert "it makes refusing difficult ('退订请携带')" in judgement.finding.en


@pytest.mark.parametrize(
    "wording",
    ["拒收请回复R", "回T退订", "退订回T", "回TD退订", "退订回复N", "TD", "TD退订", "退订TD",
     "退订请回复TD", "退订请回复“TD”", "回复TD可退订", "拒收回复 R", "退订请发送QX", "回复退订",
     "拒收请回复：R", "退订回0000", "回复STOP退订", "全部退订回00000"],
)  # fmt: skip
def test_the_wordings_in_use_say_how_to_refuse(wording: str) -> None:
    assert WORDING.way(f"全场五折，{wording}")
    assert WORDING.way(f"全场五折，{wording}。")


@pytest.mark.parametrize(
    "wording",
    ["", "退订", "如需退订请联系我们", "退订回复Q", "退订回复TDX", "退订请致电0371-0000000",
     "回复1", "LTD", "您已退订便民提醒类短信", N16],
)  # fmt: skip
def test_what_names_no_reply_that_is_obeyed_does_not(wording: str) -> None:
    assert WORDING.way(f"全场五折，{wording}") == ""


def test_the_replies_are_those_of_the_configuration() -> None:
    wording = OptOutWording(OptOutRules(keywords=("Q",), keywords_all=()))
    assert wording.way("退订回复Q")
    assert not wording.way("退订回复TD")
    assert not wording.way("全场五折TD")
    assert wording.example == "拒收请回复Q"
    assert OptOutWording(OptOutRules(keywords=("退订",), keywords_all=())).way("回复退订")
    assert not OptOutWording(OptOutRules(keywords=(), keywords_all=())).way("回复退订")


def test_wordings_are_folded_like_the_texts() -> None:
    wording = OptOutWording(OptOutRules(), fold=str.lower)
    assert wording.way("退订回复td")
    assert not wording.way("退订回复TD")


@pytest.mark.parametrize(
    ("text", "obstacle"),
    [
        (N16, "退订请携带"),
        ("拒收请下载客户端", "拒收请下载"),
        ("退订需缴纳手续费", "退订需缴纳"),
        ("退订请回复TD", ""),
        ("您已退订。请携带身份证领取证件", ""),
        ("订单请携带身份证领取", ""),
        ("请携带身份证领取证件", ""),
    ],
)
def test_a_condition_for_refusing_is_an_obstacle(text: str, obstacle: str) -> None:
    assert WORDING.obstacle(text) == obstacle
