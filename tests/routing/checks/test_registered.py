from __future__ import annotations

from routing.checks.registered import (
    no_consent,
    offnet,
    opted_out,
    port_blocked,
    suspended,
)
from routing.facts import Facts
from routing.registry_events import ListChanged, NumberPorted, OptedOut
from routing.standing_events import PortBlocked, Suspended
from tests.support.rules import NUMBER, rules
from tests.support.submissions import AT, in_flight

USER = "13300000001"
EXTENDED = NUMBER + "01"


def test_a_suspension_stops_submissions_of_its_account() -> None:
    compiled = rules()
    assert suspended(in_flight(), compiled, Facts()) is None
    compiled.registries.standing.apply(Suspended(AT, 1, "police", "7.5", "party_b", "suspicion"))
    found = suspended(in_flight(), compiled, Facts())
    assert found is not None
    assert "7.5" in found.en


def test_a_block_stops_its_access_number_and_extensions_of_it() -> None:
    compiled = rules()
    compiled.registries.standing.apply(
        PortBlocked(AT, 3, "police", "7.3.1", "party_b", "row 5", (NUMBER,), AT, AT + 86400.0)
    )
    for sender in (NUMBER, EXTENDED):
        assert port_blocked(in_flight(sender=sender), compiled, Facts()) is not None
    assert port_blocked(in_flight(sender=NUMBER, at=AT - 1.0), compiled, Facts()) is None


def test_a_number_without_consent_is_refused() -> None:
    compiled = rules({"consents": {}})
    found = no_consent(in_flight(), compiled, Facts())
    assert found is not None
    assert found.zh


def test_asking_for_a_code_is_consent_to_it_for_a_while() -> None:
    compiled = rules({"consents": {}})
    compiled.registries.uplinks.record(USER, NUMBER, AT - 60.0)
    code = "【示例警务】验证码482913，用于登录“示例政务”警务服务，5分钟内有效。"
    assert no_consent(in_flight(text=code), compiled, Facts()) is None
    assert no_consent(in_flight(text=code, at=AT + 600.0), compiled, Facts()) is not None
    notice = "【示例警务】您的居民身份证已制作完成，请到示例派出所领取。"
    assert no_consent(in_flight(text=notice), compiled, Facts()) is not None


def test_who_has_refused_gets_no_further_message() -> None:
    compiled = rules()
    compiled.registries.optouts.apply(OptedOut(AT, USER, NUMBER))
    assert opted_out(in_flight(), compiled, Facts()) is not None
    assert opted_out(in_flight(sender=EXTENDED), compiled, Facts()) is not None
    assert opted_out(in_flight(recipient="13300000002"), compiled, Facts()) is None


def test_a_number_on_the_red_list_gets_no_message() -> None:
    compiled = rules()
    compiled.registries.lists.apply(ListChanged(AT, "red", USER, listed=True, reason="protected"))
    found = opted_out(in_flight(), compiled, Facts())
    assert found is not None
    assert "protected" in found.en


def test_the_carrier_after_porting_decides_who_is_a_subscriber() -> None:
    compiled = rules()
    assert offnet(in_flight(carrier="telecom"), compiled, Facts()) is None
    assert offnet(in_flight(carrier="mobile"), compiled, Facts()) is not None
    compiled.registries.portability.apply(NumberPorted(AT, USER, "unicom"))
    found = offnet(in_flight(carrier="telecom"), compiled, Facts())
    assert found is not None
    assert "ported" in found.en
    compiled.registries.portability.apply(NumberPorted(AT, USER, "telecom"))
    assert offnet(in_flight(carrier="mobile"), compiled, Facts()) is None


def test_a_number_without_carrier_is_another_checks() -> None:
    assert offnet(in_flight(carrier=""), rules(), Facts()) is None
