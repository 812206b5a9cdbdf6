from __future__ import annotations

from typing import Any

import pytest

from config.contract import OwnedNumber
from config.loader import load_contract
from routing.registries import declared_version
from routing.rules import Owner, compile_rules
from routing.scope import Scope, ScopeEntry, compile_version
from smpp.constants import BindMode
from tests.support.rules import NUMBER, PLAN, account, contract, rules, shanghai, snapshot
from tests.support.submissions import AT


def test_binds_go_by_the_same_standing_as_messages() -> None:
    compiled = rules()
    assert compiled.bind.account == "police"
    assert compiled.bind.standing is compiled.registries.standing
    assert compiled.registries.standing.term is not None


def test_without_a_contract_there_is_no_term() -> None:
    compiled = rules({"kind": "none"})
    assert compiled.registries.standing.term is None
    assert not compiled.checked


def test_enterprise_is_known_when_it_is_the_contract_s_or_not_given() -> None:
    known = [rules(None, {"enterprise_code": code}).enterprise_known for code in ("", "HNGA", "X")]
    assert known == [True, True, False]


@pytest.mark.parametrize(
    ("sender", "found"),
    [
        (NUMBER, True),
        (NUMBER + "01", True),
        (NUMBER + "12345678", True),
        (NUMBER + "123456789", False),
        (NUMBER + "0a", False),
        (NUMBER + "１", False),
        ("10659099037", False),
        ("106590990372", False),
        ("", False),
    ],
)
def test_sender_belongs_to_a_number_by_prefix_up_to_twenty_digits(sender: str, found: bool) -> None:
    port = rules().port_of(sender)
    assert (port is not None) is found
    if port is not None:
        assert port.base == NUMBER


def test_registered_policy_admits_the_registered_extensions_alone() -> None:
    numbers = [{"number": NUMBER, "extension_policy": "registered", "extensions": ["01", "02"]}]
    compiled = rules({"access_numbers": numbers})
    senders = (NUMBER, NUMBER + "01", NUMBER + "02", NUMBER + "03", NUMBER + "011")
    found = [compiled.port_of(sender) is not None for sender in senders]
    assert found == [True, True, True, False, False]


def test_account_may_own_an_extension_of_the_contract_s_number() -> None:
    numbers = [{"number": NUMBER, "extension_policy": "registered", "extensions": ["01", "011"]}]
    compiled = rules({"access_numbers": numbers}, {"access_numbers": [NUMBER + "01"]})
    senders = (NUMBER, NUMBER + "01", NUMBER + "011", NUMBER + "012")
    assert [compiled.port_of(sender) is not None for sender in senders] == [
        False,
        True,
        True,
        False,
    ]


def test_longest_owned_number_is_the_sender_s() -> None:
    compiled = rules(None, {"access_numbers": [NUMBER, NUMBER + "9"]})
    port = compiled.port_of(NUMBER + "95")
    assert port is not None
    assert port.number == NUMBER + "9"


def test_number_that_the_contract_does_not_name_has_a_free_extension() -> None:
    compiled = rules({"access_numbers": []})
    assert compiled.port_of(NUMBER + "7") is not None


def test_signature_without_numbers_is_registered_for_every_number() -> None:
    compiled = rules(None, {"access_numbers": [NUMBER, "106590990372"]})
    assert [port.signatures for port in compiled.ports.values()] == [("【示例警务】",)] * 2


def test_signature_of_an_extended_number_is_that_number_s_alone() -> None:
    signatures = [
        {"text": "示例警务", "access_numbers": [NUMBER]},
        {"text": "示例政务", "access_numbers": [NUMBER + "88"]},
    ]
    compiled = rules({"signatures": signatures})
    found = {}
    for sender in (NUMBER, NUMBER + "88", NUMBER + "881", NUMBER + "7"):
        port = compiled.port_of(sender)
        assert port is not None
        found[sender] = port.signatures
    both = ("【示例警务】", "【示例政务】")
    assert found == {
        NUMBER: both[:1],
        NUMBER + "88": both,
        NUMBER + "881": both,
        NUMBER + "7": both[:1],
    }


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        ({"valid_from": "2026-02-01"}, [False, True, True]),
        ({"valid_to": "2026-02-28"}, [True, True, False]),
        ({"valid_from": "2026-02-01", "valid_to": "2026-02-28"}, [False, True, False]),
    ],
)
def test_dated_signature_is_registered_within_its_dates(
    dates: dict[str, str], expected: list[bool]
) -> None:
    port = rules({"signatures": [{"text": "示例警务", **dates}]}).ports[NUMBER]
    times = ("2026-01-31T23:59:59", "2026-02-28T23:59:59", "2026-03-01T00:00:00")
    assert [bool(port.registered(shanghai(time))) for time in times] == expected


@pytest.mark.parametrize(
    ("throughput", "rate", "burst"),
    [
        ({"rate": 100.0}, 100.0, 100.0),
        ({"rate": 0.5}, 0.5, 1.0),
        ({"rate": 100.0, "burst": 7}, 100.0, 7.0),
    ],
)
def test_bucket_holds_the_burst_or_one_second_s_worth(
    throughput: dict[str, Any], rate: float, burst: float
) -> None:
    bucket = rules(None, {"throughput": throughput}).new_bucket(0.0)
    assert bucket is not None
    assert (bucket.rate, bucket.burst) == (rate, burst)


def test_account_without_a_rate_has_no_bucket() -> None:
    assert rules().new_bucket(0.0) is None


def test_statuses_follow_profile_and_the_account_s_reactions() -> None:
    assert rules().statuses["scope"] == 0x0B
    assert rules(profile="vendor").statuses["scope"] == 0x410
    assert rules().statuses["throughput"] == rules().statuses["window"] == 0x58
    full = rules(
        None, {"throughput": {"reaction": "queue_full"}, "window_overflow": "queue_full"}
    ).statuses
    assert full["throughput"] == full["window"] == 0x14


def test_uplink_belongs_to_the_owner_of_the_longest_prefix() -> None:
    compiled = snapshot(
        [
            account(),
            account(system_id="second", access_numbers=[NUMBER + "5", "106590990372"]),
            account(system_id="third", access_numbers=[NUMBER]),
        ]
    )
    assert compiled.owner_of(NUMBER) == Owner("police", NUMBER, "")
    assert compiled.owner_of(NUMBER + "12") == Owner("police", NUMBER, "12")
    assert compiled.owner_of(NUMBER + "51") == Owner("second", NUMBER + "5", "1")
    assert compiled.owner_of("10659099037") is None
    assert compiled.owner_of("") is None


def test_uplink_to_an_unregistered_extension_still_has_an_owner() -> None:
    numbers = [{"number": NUMBER, "extension_policy": "registered"}]
    compiled = snapshot([account()], {"access_numbers": numbers})
    assert compiled.owner_of(NUMBER + "9") == Owner("police", NUMBER, "9")


def test_scope_of_the_contract_holds_entries_dates_and_numbers_of_files() -> None:
    entries = [
        {"number": "13300000001"},
        {"prefix": "1770000"},
        {"from": "18900000000", "to": "18900000009", "valid_from": "2026-01-01"},
        {"number": "18900000099", "valid_to": "2025-12-31"},
    ]
    declared = contract(scope={"entries": entries}).scope.entries
    scope = Scope([declared_version(declared, [13_300_000_005])])
    before, after = shanghai("2025-12-31T23:59:59"), shanghai("2026-01-01T00:00:00")
    numbers = ("13300000001", "17700009999", "13300000005", "18900000000", "18900000099")
    assert [scope.includes(number, before) for number in numbers] == [True, True, True, False, True]
    assert [scope.includes(number, after) for number in numbers] == [True, True, True, True, False]


def test_given_scope_takes_the_place_of_the_contract_s() -> None:
    scope = Scope([compile_version(4, 0.0, [ScopeEntry.number("18900000001")])])
    assert rules(scope=scope).scope is scope


def test_snapshot_knows_its_version_and_contract() -> None:
    compiled = snapshot([account()], version=7)
    assert (compiled.version, compiled.contract, compiled.profile) == (7, "DEMO-1", "standard")
    assert compiled.accounts["police"].version == 7


def test_bind_policy_holds_the_account_s_limits() -> None:
    policy = rules(None, {"max_binds": 3, "allowed_ips": ["10.0.0.0/8"]}, profile="vendor").bind
    assert policy.max_binds == 3
    assert [str(network) for network in policy.networks] == ["10.0.0.0/8"]
    assert policy.profile == "vendor"


def test_bind_policy_allows_the_account_s_modes_and_versions() -> None:
    policy = rules().bind
    assert (sorted(policy.modes), sorted(policy.versions)) == ([1, 2, 3], [0x33, 0x34, 0x50])
    narrow = rules(None, {"bind_modes": ["receiver"], "interface_versions": ["3.4"]}).bind
    assert (list(narrow.modes), list(narrow.versions)) == ([int(BindMode.RX)], [0x34])


def test_owned_numbers_default_to_free_extensions() -> None:
    assert OwnedNumber(number=NUMBER).extension_policy == "free"


def test_extension_of_a_longer_number_keeps_to_its_own_number() -> None:
    numbers = [{"number": NUMBER, "extension_policy": "registered", "extensions": ["01"]}]
    for listed in ([NUMBER, NUMBER + "01"], [NUMBER + "01", NUMBER]):
        compiled = rules({"access_numbers": numbers}, {"access_numbers": listed})
        assert compiled.ports[NUMBER + "01"].base == NUMBER + "01"


def test_digits_that_fit_no_length_have_no_port() -> None:
    assert rules().port_of("9" * 15) is None
    assert rules(None, {"access_numbers": []}).port_of(NUMBER) is None


def test_shipped_contract_takes_the_demo_account_and_the_magic_recipients() -> None:
    compiled = compile_rules(load_contract("henan"), [account()], {}, PLAN).accounts["police"]
    assert compiled.checked
    assert compiled.registries.standing.not_in_force("police", shanghai("2040-01-01")) is None
    port = compiled.port_of(NUMBER + "01")
    assert port is not None
    assert port.signatures == ("【示例警务】",)
    scoped = ("13300000000", "17700099999", "18900050000", "19900000203", "19900009999")
    assert all(compiled.scope.includes(number, AT) for number in scoped)
    assert not compiled.scope.includes("19900010000", AT)


def test_shipped_contract_none_checks_nothing_of_a_contract() -> None:
    compiled = compile_rules(load_contract("none"), [account()], {}, PLAN).accounts["police"]
    assert not compiled.checked
