"""Say why a message got its verdict and its end."""

from __future__ import annotations

from typing import Any

import pytest

from config.network import load_network
from gateway.api.why import why
from routing.liability import CodeTable
from routing.reasons import REASONS
from routing.verdict import TABLE
from tests.support.inprocess import settings_of

CODES = CodeTable(load_network())


def asked(message: dict[str, Any], **settings: Any) -> dict[str, Any]:
    return why(message, settings_of(**settings), CODES)


def rejected(reason: str, detail: str = "") -> dict[str, Any]:
    row = {"name": reason, "passed": False, "mode": "enforce", "detail": detail}
    return {"id": "1", "verdict": {"accepted": False, "reason": reason, "checks": [row]}}


def test_every_check_of_the_table_is_shown_in_its_order() -> None:
    found = asked({"id": "1", "state": "DELIVERED", "liability": "ok"})
    assert [check["name"] for check in found["checks"]] == [check.reason for check in TABLE]
    assert all(check["passed"] for check in found["checks"])


def test_every_check_has_its_titles() -> None:
    for check in asked(rejected("scope"))["checks"]:
        row = REASONS[check["name"]]
        assert (check["title"], check["title_zh"]) == (row.title, row.title_zh)


def test_what_failed_is_named_with_its_clause_and_advice() -> None:
    found = asked(rejected("scope", "13399999999 is in no scope"))
    (failed,) = [check for check in found["checks"] if not check["passed"]]
    assert (failed["name"], failed["detail"]) == ("scope", "13399999999 is in no scope")
    assert failed["advice"] == found["advice"] != ""
    assert found["sentence"].startswith("Rejected, scope (")
    assert "13399999999 is in no scope" in found["sentence"]


def test_what_decided_and_what_would_pass_is_shown_in_both_languages() -> None:
    message = rejected("suspended", "Access number 106590990371 is suspended")
    more = {"detail_zh": "接入号码106590990371被中止", "seen": "suspension 1", "allowed": "later"}
    message["verdict"]["checks"][0] |= more
    found = asked(message)
    (failed,) = [check for check in found["checks"] if not check["passed"]]
    assert failed.items() >= more.items()
    assert all(set(more) <= set(check) for check in found["checks"])


def test_a_rejection_without_a_detail_is_told_by_its_title() -> None:
    assert ": ." not in asked(rejected("scope"))["sentence"]


def test_a_failed_check_that_the_table_does_not_know_is_shown_behind_it() -> None:
    found = asked(rejected("encoding_of_old"))
    assert [check["name"] for check in found["checks"]][-1] == "encoding_of_old"
    assert found["reason"] == "none"


def test_a_check_that_passed_shows_the_mode_that_is_set() -> None:
    modes = {c["name"]: c["mode"] for c in asked({"id": "1"}, checks__scope="monitor")["checks"]}
    assert (modes["scope"], modes["signature_missing"]) == ("monitor", "enforce")


def test_without_a_contract_its_checks_are_off() -> None:
    modes = {c["name"]: c["mode"] for c in asked({"id": "1"}, contract="none")["checks"]}
    assert modes["scope"] == "off"
    assert modes["throughput"] == "enforce"


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        ({"state": "ENROUTE"}, "Accepted; its delivery is not finished."),
        (
            {"state": "DELIVERED", "liability": "ok"},
            "Accepted, then DELIVERED; liability: ok.",
        ),
        (
            {"state": "EXPIRED", "error": "???", "liability": "exempt"},
            "Accepted, then EXPIRED; liability: exempt.",
        ),
    ],
)
def test_the_end_is_told_in_a_sentence(message: dict[str, Any], sentence: str) -> None:
    assert asked(message)["sentence"] == sentence


def test_the_code_of_an_end_is_told_in_both_languages() -> None:
    found = asked({"state": "UNDELIVERABLE", "error": "001", "liability": "exempt"})
    outcome = found["outcome"]
    assert outcome["meaning"]
    assert outcome["meaning_zh"]
    assert f"error 001 ({outcome['meaning']})" in found["sentence"]


@pytest.mark.parametrize("verdict", [None, "accepted", {"checks": "none"}, {"checks": [1]}])
def test_a_message_without_a_readable_verdict_passed_everything(verdict: object) -> None:
    assert all(check["passed"] for check in asked({"verdict": verdict})["checks"])
