"""Explain what the checks say to a submission, without sending, charging or using anything up."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from .events import Failure, Submission
from .facts import Facts
from .reasons import INTERNAL, REASONS
from .rules import AccountRules
from .verdict import TABLE, Check, Judge, mode_of


@dataclass(slots=True, frozen=True)
class CheckResult:
    """Say how one check of the table ended; `mode` is enforce, monitor or off.

    A check that is off counts as passed, since it stops nothing. `detail` is empty for a check
    that passed.
    """

    name: str
    passed: bool
    mode: str
    clause: str
    detail: str


@dataclass(slots=True, frozen=True)
class Explanation:
    """Hold the verdict and every check in the order of the table.

    `submission` is the judged copy: recipient, carrier and service as the verdict saw them.
    """

    accepted: bool
    status: int
    reason: str
    clause: str
    advice: str
    checks: tuple[CheckResult, ...]
    submission: Submission


def explain(
    rules: AccountRules,
    submission: Submission,
    facts: Facts,
    *,
    table: tuple[Check, ...] = TABLE,
) -> Explanation:
    """Judge a copy of the submission as a message in one PDU and list every check.

    Neither the submission nor the facts are changed: the throughput limit is asked on a copy.
    """
    judged = msgspec.structs.replace(
        submission, accepted=True, status=0, reason="none", error="", failures=()
    )
    Judge(rules, table).judge(judged, facts.for_dry_run())
    row = REASONS[judged.reason]
    return Explanation(
        accepted=judged.accepted,
        status=judged.status,
        reason=judged.reason,
        clause=row.clause,
        advice=row.advice,
        checks=tuple(_result(check, rules, judged.failures) for check in table),
        submission=judged,
    )


def _result(check: Check, rules: AccountRules, failures: tuple[Failure, ...]) -> CheckResult:
    mode = mode_of(check, rules)
    for failure in failures:
        raised = failure.reason == INTERNAL and failure.detail.startswith(f"check {check.reason}:")
        if failure.reason == check.reason or raised:
            return CheckResult(check.reason, False, mode, check.clause, failure.detail)
    return CheckResult(check.reason, True, mode, check.clause, "")
