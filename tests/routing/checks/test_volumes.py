from __future__ import annotations

from typing import Any

import pytest

from routing.checks.volumes import count, frequency, quota
from routing.explain import explain
from routing.facts import Facts
from routing.registries import Registries
from routing.rules import AccountRules, compile_rules
from routing.verdict import Judge
from tests.support.rules import PLAN, account, contract, rules
from tests.support.submissions import AT, TEXT, in_flight, submission

CODE = "【示例警务】验证码482913，用于登录“示例政务”警务服务，5分钟内有效。"
PICKUP = (
    "【示例警务】您的居民身份证已制作完成，请携带领证凭证到示例派出所户籍窗口领取，"
    "工作日9:00-17:00。"
)
OTHER = "13300000002"


def accepts(compiled: AccountRules, at: float, text: str = CODE, **changes: Any) -> bool:
    """Judge a message by its frequency and count it where it is accepted."""
    message = in_flight(at=at, text=text, **changes)
    if frequency(message, compiled, Facts()) is not None:
        return False
    count(message, compiled)
    return True


def test_a_second_code_is_refused_until_the_minute_has_passed() -> None:
    compiled = rules()
    assert accepts(compiled, AT)
    assert not accepts(compiled, AT)
    assert not accepts(compiled, AT + 59.999)
    assert accepts(compiled, AT, recipient=OTHER)
    assert accepts(compiled, AT + 60.0)


def test_the_finding_says_when_the_next_one_passes() -> None:
    compiled = rules()
    assert accepts(compiled, AT)
    found = frequency(in_flight(at=AT + 1.0, text=CODE), compiled, Facts())
    assert found is not None
    assert found.seen == "13300000001: verification, 1 in 60 s"
    assert found.allowed == "from 2026-02-25 14:14:20+08:00 on"
    assert "60秒" in found.zh


def test_a_text_repeated_beyond_its_limit_is_refused_whatever_its_category() -> None:
    compiled = rules()
    assert accepts(compiled, AT, PICKUP)
    assert accepts(compiled, AT + 1.0, PICKUP)
    assert not accepts(compiled, AT + 2.0, PICKUP)
    assert accepts(compiled, AT + 2.0, PICKUP.replace("示例派出所", "示例分局"))
    assert accepts(compiled, AT + 60.0, PICKUP)


def test_emergencies_are_never_limited() -> None:
    compiled = rules()
    assert all(accepts(compiled, AT, TEXT) for _ in range(100))


def test_each_registered_signature_is_counted_apart() -> None:
    compiled = rules({"signatures": [{"text": "示例警务"}, {"text": "示例政务"}]})
    assert accepts(compiled, AT)
    assert accepts(compiled, AT, CODE.replace("【示例警务】", "【示例政务】"))
    assert not accepts(compiled, AT)


def test_a_quota_counts_segments_or_messages() -> None:
    by_segment = rules({"quota": {"daily": 3}})
    by_message = rules({"quota": {"daily": 3, "unit": "message"}})
    for compiled in (by_segment, by_message):
        count(in_flight(text=TEXT, segment_count=2), compiled)
    long = in_flight(text=TEXT, segment_count=2)
    assert quota(long, by_segment, Facts()) is not None
    assert quota(in_flight(text=TEXT), by_segment, Facts()) is None
    assert quota(long, by_message, Facts()) is None


@pytest.mark.parametrize(("mode", "accepted"), [("enforce", False), ("monitor", True)])
def test_the_mode_decides_what_a_finding_means(mode: str, accepted: bool) -> None:
    judge = Judge(rules(modes={"frequency": mode}))
    judge.count(in_flight(text=CODE))
    second = submission(text=CODE)
    judge.judge(second, Facts())
    assert [failure.reason for failure in second.failures] == ["frequency"]
    assert second.accepted is accepted
    assert second.status == (0 if accepted else 0x58)


def test_a_check_that_is_off_neither_looks_nor_counts() -> None:
    compiled = rules(modes={"frequency": "off"})
    Judge(compiled).count(in_flight(text=CODE))
    assert len(compiled.registries.frequency) == 0


def test_judging_and_explaining_count_nothing() -> None:
    compiled = rules()
    for _ in range(3):
        assert explain(compiled, submission(text=CODE), Facts()).accepted
        one = submission(text=CODE)
        Judge(compiled).judge(one, Facts())
        assert one.accepted


def test_the_simulators_own_recipients_are_counted_for_no_limit() -> None:
    agreed = contract()
    compiled = compile_rules(
        agreed, [account()], {}, PLAN, registries=Registries(agreed, spared={OTHER})
    ).accounts["police"]
    assert accepts(compiled, AT, recipient=OTHER)
    assert accepts(compiled, AT, recipient=OTHER)
    assert accepts(compiled, AT)
    assert not accepts(compiled, AT)
