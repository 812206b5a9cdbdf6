"""Compile what was set into what decides."""

from __future__ import annotations

from config.loader import load_settings
from config.settings import Limits
from gateway.policy import compile_policy
from routing.rules import VerdictLimits


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
