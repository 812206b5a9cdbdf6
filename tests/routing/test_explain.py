from __future__ import annotations

from typing import Any

import msgspec

from config.contract import Contract
from config.explain import Key, place_of
from config.settings import Settings
from routing.explain import explain, keys_of
from routing.facts import Facts
from routing.limits import TokenBucket
from routing.message import Message
from routing.reasons import FAULT, REASONS
from routing.rules import AccountRules
from routing.verdict import TABLE, Check
from tests.support.rules import rules
from tests.support.submissions import submission


def broken(submission: Message, rules: AccountRules, facts: Facts) -> str | None:
    raise RuntimeError("out of order")


def test_accepted_message_passes_every_check_in_order() -> None:
    found = explain(rules(), submission(recipient="+8613300000001"), Facts())
    assert (found.accepted, found.status, found.reason, found.clause) == (True, 0, "none", "")
    assert found.advice == "Nothing needs to change."
    assert [result.name for result in found.checks] == [check.reason for check in TABLE]
    assert all(result.passed and result.detail == "" for result in found.checks)
    assert (found.submission.recipient, found.submission.carrier) == ("13300000001", "telecom")


def test_refused_message_shows_every_failing_check_and_the_advice_of_the_first() -> None:
    found = explain(rules(), submission(recipient="18600000001", text="您好"), Facts())
    assert (found.accepted, found.status, found.reason) == (False, 0x45, "signature_missing")
    assert found.clause == "3.1.9"
    assert found.advice.startswith("Begin the text with the registered signature")
    failed = {result.name: result for result in found.checks if not result.passed}
    assert list(failed) == ["signature_missing", "scope"]
    assert failed["scope"].clause == "3.1.5"
    assert "18600000001" in failed["scope"].detail


def test_modes_are_shown_and_an_off_check_stops_nothing() -> None:
    modes = {"scope": "off", "signature_missing": "monitor"}
    found = explain(rules(modes=modes), submission(recipient="18600000001", text="您好"), Facts())
    results = {result.name: result for result in found.checks}
    assert found.accepted
    assert (results["scope"].mode, results["scope"].passed) == ("off", True)
    assert (results["signature_missing"].mode, results["signature_missing"].passed) == (
        "monitor",
        False,
    )


def test_every_check_names_the_keys_that_govern_it() -> None:
    found = {result.name: result.keys for result in explain(rules(), submission(), Facts()).checks}
    assert found["length"] == (
        "smpp.limits.max_characters",
        "smpp.limits.max_binary_octets",
        "checks.length",
    )
    assert found["destination_invalid"] == ("checks.destination_invalid",)
    assert found[FAULT] == ("network.magic",)


def test_every_check_has_a_title_in_both_languages_whether_it_failed_or_not() -> None:
    for result in explain(rules(), submission(text="您好"), Facts()).checks:
        row = REASONS[result.name]
        assert (result.title, result.title_zh) == (row.title, row.title_zh)


def test_every_key_that_is_named_exists() -> None:
    for name in REASONS:
        for key in keys_of(name):
            first, *rest = key.split(".")
            model = Contract if first == "contract" else Settings
            path: Key = {"contract": (), "account": ("account", 0)}.get(first, (first,))
            assert place_of(model, (*path, *rest)) is not None, key


def test_without_a_contract_its_checks_are_off() -> None:
    found = explain(rules({"kind": "none"}), submission(sender="POLICE"), Facts())
    results = {result.name: result.mode for result in found.checks}
    assert found.accepted
    assert (results["sender_denied"], results["window"]) == ("off", "enforce")


def test_dry_run_changes_nothing_and_takes_no_token() -> None:
    limited = rules(None, {"throughput": {"rate": 1.0, "burst": 1}})
    facts = Facts(0.0, TokenBucket(1.0, 1.0, 0.0))
    subject = submission(recipient="+8618600000001")
    before: Any = msgspec.to_builtins(subject)
    for _ in range(3):
        assert explain(limited, subject, facts).reason == "scope"
    assert msgspec.to_builtins(subject) == before


def test_message_that_was_refused_before_is_judged_anew() -> None:
    again = submission(accepted=False, status=0x45, reason="scope", error="9A1")
    assert explain(rules(), again, Facts()).accepted


def test_check_that_raises_is_shown_at_its_row() -> None:
    table = (Check("commercial", "message", broken), *TABLE)
    found = explain(rules(), submission(), Facts(), table=table)
    assert (found.accepted, found.reason, found.status) == (False, "internal", 0x08)
    first = found.checks[0]
    assert (first.name, first.passed) == ("commercial", False)
    assert first.detail == "check commercial: RuntimeError: out of order"


def test_what_is_only_watched_for_is_shown_as_monitored() -> None:
    text = "【示例警务】便民提醒服务，退订请携带身份证到窗口办理。"
    found = explain(rules(), submission(text=text), Facts())
    (failed,) = [result for result in found.checks if not result.passed]
    assert found.accepted
    assert (failed.name, failed.mode) == ("commercial", "monitor")
