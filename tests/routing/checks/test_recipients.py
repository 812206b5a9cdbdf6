from __future__ import annotations

import pytest

from routing.checks.recipients import scope
from routing.scope import Scope, ScopeEntry, compile_version
from tests.support.findings import english
from tests.support.rules import FACTS, rules
from tests.support.submissions import AT, in_flight


@pytest.mark.parametrize(
    ("recipient", "passed"),
    [
        ("13300000000", True),
        ("13300099999", True),
        ("13300100000", False),
        ("17700050000", True),
        ("18600000000", False),
    ],
)
def test_recipient_must_be_declared(recipient: str, passed: bool) -> None:
    detail = scope(in_flight(recipient=recipient), rules(), FACTS)
    if passed:
        assert detail is None
    else:
        assert (
            english(detail)
            == f"recipient {recipient} is outside the declared user scope (version 1)"
        )


def test_scope_in_force_at_the_time_of_submission_counts() -> None:
    versions = [
        compile_version(1, AT, [ScopeEntry.number("13300000001")]),
        compile_version(2, AT + 10.0, [ScopeEntry.number("13300000002")]),
    ]
    compiled = rules(scope=Scope(versions))
    assert scope(in_flight(), compiled, FACTS) is None
    detail = scope(in_flight(at=AT + 10.0), compiled, FACTS)
    assert detail is not None
    assert "(version 2)" in english(detail)
    assert english(scope(in_flight(at=AT - 1.0), compiled, FACTS)) == (
        "recipient 13300000001: no user scope was declared at that time"
    )
