"""Make compiled rules for tests, of a contract and an account of which any key can be changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from config.account import Account
from config.contract import Contract
from config.numbers import load_number_plan
from config.section import SHANGHAI
from routing.facts import Facts
from routing.numbering import NumberPlan
from routing.rules import AccountRules, Rules, VerdictLimits, compile_rules
from routing.scope import Scope

PLAN = NumberPlan(load_number_plan())
NUMBER = "106590990371"
FACTS = Facts()
"""The facts of an idle gateway; never changed."""


def contract(**changes: Any) -> Contract:
    """Give an industry contract with one number, one signature and a scope of two ranges."""
    fields: dict[str, Any] = {
        "number": "DEMO-1",
        "enterprise_code": "HNGA",
        "party_a": {"name": "示例市公安局"},
        "party_b": {"name": "示例运营商", "type": "carrier"},
        "term": {"from": "2023-12-01", "to": "2026-11-30"},
        "access_numbers": [{"number": NUMBER}],
        "signatures": [{"text": "示例警务"}],
        "scope": {
            "entries": [
                {"from": "13300000000", "to": "13300099999"},
                {"from": "17700000000", "to": "17700099999"},
            ]
        },
        "consents": {"entries": [{"prefix": "1"}]},
    }
    return Contract.model_validate({**fields, **changes})


def account(**changes: Any) -> Account:
    """Give the account `police` with that number and no throughput limit."""
    fields = {"system_id": "police", "password": "secret08", "access_numbers": [NUMBER]}
    return Account.model_validate({**fields, **changes})


def rules(
    of_contract: dict[str, Any] | None = None,
    of_account: dict[str, Any] | None = None,
    **options: Any,
) -> AccountRules:
    """Give the compiled rules of the account with changes to contract and account."""
    return snapshot([account(**(of_account or {}))], of_contract, **options).accounts["police"]


def snapshot(
    accounts: list[Account],
    of_contract: dict[str, Any] | None = None,
    *,
    modes: dict[str, str] | None = None,
    profile: Any = "standard",
    scope: Scope | None = None,
    limits: VerdictLimits | None = None,
    version: int = 1,
) -> Rules:
    """Compile a snapshot."""
    return compile_rules(
        contract(**(of_contract or {})),
        accounts,
        modes or {},
        PLAN,
        profile=profile,
        scope=scope,
        limits=limits,
        version=version,
    )


def shanghai(text: str) -> float:
    """Give the epoch seconds of an ISO time without offset in Asia/Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).timestamp()
