"""Explain what the checks say to a submission, without sending, charging or using anything up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import msgspec

from config.checks import CHECK_NAMES

from .events import Failure, Submission
from .facts import Facts
from .reasons import INTERNAL, REASONS
from .rules import AccountRules
from .verdict import TABLE, Check, Judge, mode_of

_GOVERNED: Final[dict[str, tuple[str, ...]]] = {
    "enterprise_code": ("account.enterprise_code", "contract.enterprise_code"),
    "not_in_force": ("contract.term", "contract.renewal", "contract.effective_from"),
    "service_kind": ("contract.service_kinds", "contract.service_types", "account.services"),
    "sender_denied": (
        "account.access_numbers",
        "contract.access_numbers",
        "contract.max_number_digits",
    ),
    "fault": ("network.magic",),
    "throughput": ("account.throughput",),
    "window": ("account.window", "account.window_overflow"),
    "queue_full": (
        "account.max_queued",
        "smpp.limits.max_in_flight",
        "data.spool.max_per_account",
    ),
    "expired_validity": ("smpp.limits.max_validity_s",),
    "schedule": ("smpp.limits.max_schedule_s", "smpp.limits.past_schedule_s"),
    "encoding": ("account.default_alphabet", "account.gb18030"),
    "length": ("smpp.limits.max_characters", "smpp.limits.max_binary_octets"),
    "signature_missing": ("contract.signature.position", "contract.signature.allow_ascii"),
    "signature_mismatch": ("contract.signatures",),
    "prohibited": ("contract.content.rules", "contract.content.files", "contract.content.brands"),
    "impersonation": ("contract.content.carrier_names", "contract.content.carrier_harmless"),
    "commercial": ("contract.ads", "contract.optout.keywords"),
    "time_window": ("contract.time_windows",),
    "content_unapproved": ("contract.template", "contract.templates"),
    "offnet": ("contract.routing.offnet_policy",),
    "scope": ("contract.scope",),
    "no_consent": ("contract.consent", "contract.consents"),
    "opted_out": ("contract.optout",),
    "frequency": ("contract.frequency",),
    "quota": ("contract.quota",),
}
"""The keys by the name of the check; one that is not listed has its mode alone."""


def keys_of(check: str) -> tuple[str, ...]:
    """Name the keys that govern a check, that of its mode last."""
    mode = (f"checks.{check}",) if check in CHECK_NAMES else ()
    return _GOVERNED.get(check, ()) + mode


@dataclass(slots=True, frozen=True)
class CheckResult:
    """Say how one check of the table ended; `mode` is enforce, monitor or off.

    Of a check that only watched for what it found (`Finding.watched`), it is monitor.
    A check that is off counts as passed, since it stops nothing. `detail` is empty for a check
    that passed. `keys` are those of settings and contract that govern it.
    """

    name: str
    passed: bool
    mode: str
    clause: str
    detail: str
    keys: tuple[str, ...]
    detail_zh: str = ""
    seen: str = ""
    """The span of the text or the value that decided."""
    allowed: str = ""
    """The nearest value that would have passed."""
    title: str = ""
    """What a failure of the check is called, whether it failed or not."""
    title_zh: str = ""


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
    keys = keys_of(check.reason)
    row = REASONS[check.reason]
    for failure in failures:
        raised = failure.reason == INTERNAL and failure.detail.startswith(f"check {check.reason}:")
        if failure.reason == check.reason or raised:
            return CheckResult(
                check.reason,
                False,
                mode if raised else failure.mode,
                check.clause,
                failure.detail,
                keys,
                failure.detail_zh or row.title_zh,
                failure.seen,
                failure.allowed,
                row.title,
                row.title_zh,
            )
    return CheckResult(
        check.reason, True, mode, check.clause, "", keys, title=row.title, title_zh=row.title_zh
    )
