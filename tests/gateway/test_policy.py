"""Compile what was set into what decides."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from config.loader import load_settings
from config.network import NetworkDataError
from config.problems import ConfigError
from config.settings import Limits, Settings
from gateway.policy import Policy, compile_policy
from routing.events import Submission
from routing.facts import Facts
from routing.rules import VerdictLimits
from routing.subscribers import Subscriber
from tests.support.inprocess import police, settings_of
from tests.support.submissions import AT, MESSAGE_ID, in_flight, submission


def test_the_bounds_of_a_message_are_those_that_were_set() -> None:
    set_to = {
        "max_characters": 70,
        "max_binary_octets": 140,
        "max_validity_s": 60.0,
        "max_schedule_s": 30.0,
        "past_schedule_s": 0.0,
    }
    limits: dict[str, object] = {f"smpp.limits.{key}": value for key, value in set_to.items()}
    policy = compile_policy(load_settings(None, {}, limits))
    assert policy.rules.accounts["police"].limits == VerdictLimits(**set_to)  # type: ignore[arg-type]  # keys and values of the model


def test_the_defaults_of_settings_and_rules_agree() -> None:
    settings, rules = Limits(), VerdictLimits()
    for name in VerdictLimits.__dataclass_fields__:
        assert getattr(settings, name) == getattr(rules, name)


def compiled(**changes: Any) -> Policy:
    return compile_policy(settings_of(**changes))


def test_what_was_set_twice_alike_decides_alike() -> None:
    one, other = compiled(), compiled()
    assert one.contract_sha256 == other.contract_sha256
    message = in_flight()
    for policy in (one, other):
        subscriber = policy.subscribers.of("13300000001")
        assert policy.network.first_due(message, subscriber) == AT


def test_another_seed_gives_other_draws_and_the_same_seed_the_same() -> None:
    def dues(seed: int) -> list[float]:
        network = compiled(network__profile="healthy", network__seed=seed).network
        subscriber = Subscriber("active")
        messages = [in_flight(message_id=MESSAGE_ID + n) for n in range(20)]
        return [network.first_due(message, subscriber) for message in messages]

    assert dues(1) == dues(1)
    assert dues(1) != dues(2)


def test_a_profile_that_does_not_exist_is_named() -> None:
    settings = settings_of()
    network = settings.network.model_copy(update={"profile": "sunny"})
    with pytest.raises((NetworkDataError, KeyError), match="sunny"):
        compile_policy(settings.model_copy(update={"network": network}))


def test_receipts_follow_the_account_and_the_spool() -> None:
    accounts = [
        police(receipt={"multipart": "first", "errors": "digits"}),
        police(system_id="other", access_numbers=["106590990372"]),
    ]
    policy = compiled(contract="none", account=accounts, data__spool__max_age_h=5)
    first, second = policy.receipts["police"], policy.receipts["other"]
    assert (first.multipart, first.digits_only, first.max_age_s) == ("first", True, 18_000.0)
    assert (second.digits_only, second.max_age_s) == (False, 18_000.0)
    assert policy.multipart == {"police": "first", "other": second.multipart}


def test_the_contract_in_force_is_told_by_its_hash() -> None:
    shipped, none = compiled(), compiled(contract="none")
    assert len(shipped.contract_sha256) == 64
    assert shipped.contract_sha256 != none.contract_sha256
    # What is no part of the contract does not change it.
    assert compiled(network__seed=7).contract_sha256 == shipped.contract_sha256


def with_scope_file(path: Path) -> Settings:
    """Give the shipped contract with no scope but that of a file."""
    settings = settings_of()
    scope = settings.contract.scope.model_copy(update={"entries": (), "files": (path,)})
    contract = settings.contract.model_copy(update={"scope": scope})
    return settings.model_copy(update={"contract": contract})


def test_the_numbers_of_a_scope_file_are_in_scope(tmp_path: Path) -> None:
    numbers = tmp_path / "numbers.csv"
    numbers.write_text("13399999999\n", "utf-8")
    policy = compile_policy(with_scope_file(numbers))
    judged = [verdict_on(policy, to) for to in ("13399999999", "13399999998")]
    assert [one.reason for one in judged][1] == "scope"
    assert judged[0].reason != "scope"


def test_a_scope_file_that_can_not_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.csv"):
        compile_policy(with_scope_file(tmp_path / "nowhere.csv"))


def test_each_account_has_its_judge() -> None:
    accounts = [police(), police(system_id="other", access_numbers=["106590990372"])]
    policy = compiled(contract="none", account=accounts)
    assert policy.judges.keys() == policy.rules.accounts.keys() == {"police", "other"}


def verdict_on(policy: Policy, recipient: str) -> Submission:
    judged = submission(recipient=recipient, service="", carrier="", validity_at=0.0)
    rules = policy.rules.accounts["police"]
    policy.judges["police"].judge(judged, Facts(0.0, rules.new_bucket(0.0)))
    return judged


@pytest.mark.parametrize("key", ["scope", "consents", "content"])
def test_the_contracts_hash_is_also_that_of_what_its_files_say(tmp_path: Path, key: str) -> None:
    listed = tmp_path / "listed.txt"
    first, second = ("13300000001\n", "13300000002\n")
    if key == "content":
        first, second = "prohibited_9 测试词BBB\n", "prohibited_9 测试词CCC\n"
    changes: dict[str, Any] = {f"contract__{key}__files": [str(listed)]}
    listed.write_text(first, "utf-8")
    one = compiled(**changes).contract_sha256
    assert compiled(**changes).contract_sha256 == one
    listed.write_text(second, "utf-8")
    assert compiled(**changes).contract_sha256 != one
